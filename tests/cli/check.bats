#!/usr/bin/env bats
# check and read: files, trees, pipes, several inputs, formats, reports.

load ../lib/helpers

setup() { prepare; }

good() { echo "$streams/fed-default.template3.yaml"; }
mistyped() { echo "$streams/classic.template3.yaml"; }
refused() { echo "$streams/fed-nosc.helm4.yaml"; }

# tree FILE DIR: one file for each document, as 'helm template --output-dir' would write them, in folders
tree() {
	mkdir -p "$2/a" "$2/b"
	awk -v dir="$2" '/^---/ {n++} {f = sprintf("%s/%s/%03d.yaml", dir, n % 2 ? "a" : "b", n); print >f; close_later[f]}' "$1"
}

# --- verdicts

@test "check of a compliant file is exit 0 and says so on stdout" {
	for s in "$streams"/fed-default.*.yaml; do
		split pxb check "$s"
		expect 0
		prints 'compliant'
		[ ! -s err ]
	done
}

@test "check of what render would repair is exit 1: check changes nothing" {
	cp "$(mistyped)" in.yaml
	split pxb check in.yaml
	expect 1
	prints "'check' changes nothing; 'render' repairs this"
	cmp "$(mistyped)" in.yaml
}

@test "check of what cannot be repaired is exit 1, of what cannot be read exit 3" {
	split pxb check "$(refused)"
	expect 1
	printf 'a: [\n' >bad.yaml
	split pxb check bad.yaml
	expect 3
	prints 'bad.yaml:'
	: >empty.yaml
	split pxb check empty.yaml
	expect 3
}

@test "check - and check without files read standard input" {
	split pxb check - <"$(good)"
	expect 0
	split pxb check <"$(mistyped)"
	expect 1
	prints 'federated-flag'
}

@test "a missing file is exit 3 and named, wherever it stands" {
	for words in "none.yaml" "$(good) none.yaml" "none.yaml $(good)"; do
		# shellcheck disable=SC2086
		split pxb check $words
		expect 3
		says 'none.yaml'
	done
	split pxb read none.yaml
	expect 3
	silent
	split pxb check -o json none.yaml
	expect 3
}

@test "an unreadable file and a link to nowhere are exit 3" {
	ln -s nowhere link.yaml
	split pxb check link.yaml
	expect 3
	[ "$(id -u)" != 0 ] || skip 'root reads everything'
	cp "$(good)" closed.yaml
	chmod 0 closed.yaml
	split pxb check closed.yaml
	expect 3
	says 'Permission denied'
}

@test "a file that cannot be read outranks what the others came to" {
	printf 'a: [\n' >bad.yaml
	split pxb check "$(good)" bad.yaml "$(refused)"
	expect 3
	split pxb check "$(good)" "$(refused)"
	expect 1
	split pxb check "$(good)" "$streams/fed-default.helm3.yaml"
	expect 0
}

@test "--fail-on warning makes warnings count, in check and in render" {
	split pxb check "$streams/fed-oidc.helm4.yaml"
	expect 0
	split pxb check --fail-on warning "$streams/fed-oidc.helm4.yaml"
	expect 1
	split pxb render --fail-on=warning <"$streams/fed-oidc.helm4.yaml"
	expect 1
	silent
	split pxb check --fail-on warning "$(good)"
	expect 0
}

@test "-q says nothing of a compliant file, and all of a refused one" {
	split pxb check -q "$(good)"
	expect 0
	silent
	[ ! -s err ]
	split pxb check -q "$(refused)"
	expect 1
	prints 'storage-class'
}

@test "-v adds the notes, and -q shortens no refusal" {
	split pxb check "$(good)"
	expect 0
	cp out plain
	split pxb check -v "$(good)"
	expect 0
	grep -q '^note' out
	refute grep -q '^note' plain
	split pxb check "$(refused)"
	expect 1
	sed 's/ ([0-9]* ms)$//' out >plain
	split pxb check -q "$(refused)"
	expect 1
	sed 's/ ([0-9]* ms)$//' out >quiet
	cmp plain quiet
}

# --- directories

@test "a directory is one stream: the union of its files" {
	tree "$(good)" dir
	split pxb check dir
	expect 0
	prints 'compliant: 72 objects'
	tree "$(refused)" other
	split pxb check other
	expect 1
	prints 'in 72 objects'
}

@test "a part of a directory is no whole installation" {
	tree "$(good)" dir
	rm "$(grep -l 'kind: StatefulSet' -r dir | sort | head -n 1)"
	split pxb check dir
	expect 1
	prints 'component-missing'
}

@test "one object in two files of a directory is found" {
	tree "$(good)" dir
	cp dir/a/001.yaml dir/copy.yml
	split pxb check dir
	expect 3
	prints 'appears twice'
	prints 'dir/copy.yml'
}

@test "a finding in a directory names its file and the line in it" {
	tree "$(mistyped)" dir
	file=$(grep -l '^  PX_BACKUP_FEDERATED *: "false"' -r dir)
	line=$(grep -n '^  PX_BACKUP_FEDERATED *: "false"' "$file" | cut -d: -f1)
	split pxb check -o json dir
	expect 1
	json out "any(f['input'] == '$file' and f['line'] == $line and f['path'] == 'data.PX_BACKUP_FEDERATED' for f in d['findings'])"
}

@test "only *.yaml, *.yml and *.json of a directory count, and what begins with a dot does not" {
	tree "$(good)" dir
	echo 'not: [yaml' >dir/README.md
	mkdir dir/.hidden
	echo 'not: [yaml' >dir/.hidden/x.yaml
	split pxb check dir
	expect 0
	echo 'not: [yaml' >dir/x.json
	split pxb check dir
	expect 3
}

@test "a directory without manifests is exit 3" {
	mkdir dir
	split pxb check dir
	expect 3
	says "'dir'"
	split pxb check --any dir
	expect 3
}

# --- --any

@test "--any: any manifest alone is fine, and every file of a directory stands alone" {
	printf 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: x\n' >one.yaml
	split pxb check one.yaml
	expect 3
	split pxb check --any one.yaml
	expect 0
	mkdir dir
	cp one.yaml dir/a.yaml
	cp one.yaml dir/b.yaml
	split pxb check --any dir
	expect 0
	split pxb check --any - <one.yaml
	expect 0
}

@test "--any still finds what is wrong in a single object" {
	planted_secret
	printf 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: x\ndata:\n  AWS_SECRET_ACCESS_KEY: "%s"\n' "$secret" >one.yaml
	split pxb check --any one.yaml
	expect 1
	prints 'cloud-credential'
	no_secret out err
	printf 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: x\ndata:\n  a: b\n  a: c\n' >two.yaml
	split pxb check --any -o json two.yaml
	expect 0
	json out 'd["findings"][0]["rule"] == "duplicate-key" and d["findings"][0]["line"] == 6'
}

# --- --diff

@test "--diff shows what render would change, line by line" {
	split pxb check --diff "$(mistyped)"
	expect 1
	grep -qx -e '-  PX_BACKUP_FEDERATED *: "false"' out
	grep -qx -e '+  PX_BACKUP_FEDERATED *: "true"' out
	[ "$(grep -c '^@@' out)" = 5 ]
}

@test "--diff of a compliant and of an unrepairable file shows no change" {
	split pxb check --diff "$(good)"
	expect 0
	refute grep -q '^@@\|^+++' out
	split pxb check --diff "$(refused)"
	expect 1
	refute grep -q '^@@\|^+++' out
}

@test "--diff shows no secret in the lines of a repair" {
	planted_secret
	sed "s/^  PX_BACKUP_FEDERATED : .*/  PX_BACKUP_FEDERATED: \"false\"\n  AWS_SECRET_ACCESS_KEY: \"$secret\"/" "$mini" >in.yaml
	split pxb check --diff -v in.yaml
	expect 1
	no_secret out err
}

# --- JSON


@test "-o json: every key of the contract, in every verdict" {
	while read -r file verdict code; do
		split pxb check -o json "$streams/$file"
		expect "$code"
		json out "(({'schema', 'tool', 'verdict', 'stream', 'findings', 'edits'} <= set(d))
			and (d['schema'] == 2 and d['tool']['name'] == 'pxb-fed' and d['tool']['version'])
			and (d['verdict'] == '$verdict')
			and ({'flavour', 'hooks', 'bytes', 'documents', 'objects'} <= set(d['stream']))
			and (d['stream']['bytes'] == $(wc -c <"$streams/$file"))
			and (all({'rule', 'severity', 'patched', 'patchable', 'excepted', 'object', 'source', 'path', 'line', 'column', 'message', 'found', 'expected', 'fix', 'fingerprint'} <= set(f) for f in d['findings']))
			and (all(f['object'] is None or {'apiVersion', 'kind', 'namespace', 'name'} <= set(f['object']) for f in d['findings']))
			and (all(f['fix'] for f in d['findings'] if f['severity'] == 'error'))
			and (d['edits'] == [] and not any(f['patched'] for f in d['findings'])))"
		[ ! -s err ]
	done <<-'ROWS'
		fed-default.helm3.yaml compliant 0
		fed-default.helm4.yaml compliant 0
		fed-telemetry.template3.yaml compliant 0
		classic.helm3.yaml refused 1
		classic.helm4.yaml refused 1
		fed-nosc.template3.yaml refused 1
	ROWS
}

@test "-o json: flavour and hooks of each kind of stream" {
	for row in helm3:hidden helm4:visible template3:visible; do
		split pxb check -o json "$streams/fed-default.${row%:*}.yaml"
		flavour=${row%:*}
		json out "d['stream']['flavour'] == '${flavour/template3/template}' and d['stream']['hooks'] == '${row#*:}'"
	done
}

@test "-o json of an unreadable stream is JSON with the verdict unreadable" {
	printf 'a: [\n' >bad.yaml
	for in in bad.yaml /dev/null; do
		split pxb check -o json - <"$in"
		expect 3
		json out 'd["verdict"] == "unreadable" and d["findings"] and d["findings"][0]["rule"] == "stream"'
	done
}

@test "-o json: severities stand in order, lines and columns are numbers from 1" {
	split pxb check -o json "$(mistyped)" "$streams/fed-telemetry.helm4.yaml"
	json out '[f["severity"] for f in d["findings"]] == sorted((f["severity"] for f in d["findings"]), key=["error", "warning", "note"].index)'
	json out 'all(f["line"] >= 1 and f["column"] >= 1 for f in d["findings"])'
}

@test "-o json: equal runs give equal bytes, and fingerprints differ from place to place" {
	pxb check -o json "$(mistyped)" >a || :
	pxb check -o json "$(mistyped)" >b || :
	cmp a b
	json a 'len({f["fingerprint"] for f in d["findings"]}) == len(d["findings"])'
}

@test "-o text is the default" {
	pxb check "$(refused)" | sed 's/([0-9.]* m\?s)//' >a || :
	pxb check -o text "$(refused)" | sed 's/([0-9.]* m\?s)//' >b || :
	cmp a b
}

# --- several inputs

@test "several inputs: their order is that of the command line, with one thread and with two" {
	inputs=("$(mistyped)" "$(refused)" "$(good)" "$streams/fed-telemetry.helm4.yaml" "$streams/classic.helm3.yaml")
	for j in 1 2 7; do
		split pxb check -o json -j"$j" "${inputs[@]}"
		expect 1
		cp out "json.$j"
		split pxb check -j "$j" "${inputs[@]}"
		expect 1
		sed 's/([0-9.]* m\?s)//' out >"text.$j"
	done
	cmp json.1 json.2
	cmp json.1 json.7
	cmp text.1 text.2
	cmp text.1 text.7
	json json.1 "[f['input'] for f in d['findings'] if f['severity'] == 'error'] == sorted((f['input'] for f in d['findings'] if f['severity'] == 'error'), key=['$(mistyped)', '$(refused)', '$streams/classic.helm3.yaml'].index)"
}

@test "several inputs: the numbers are the sums" {
	split pxb check -o json "$(good)" "$streams/fed-default.helm3.yaml" "$mini"
	expect 0
	json out "d['stream']['objects'] == 72 + 64 + 12"
	json out "d['stream']['bytes'] == $(cat "$(good)" "$streams/fed-default.helm3.yaml" "$mini" | wc -c)"
}

@test "many inputs: 200 files with --any, stable with one thread and with many" {
	mkdir dir
	for i in $(seq 200); do
		printf 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: x%s\ndata:\n  a: b\n  a: c\n' "$i" >"dir/$i.yaml"
	done
	for j in 1 8; do
		split pxb check --any -j "$j" -o json dir
		expect 0
		cp out "$j.json"
	done
	cmp 1.json 8.json
	json 1.json 'd["stream"]["objects"] == 200 and [f["input"] for f in d["findings"]] == sorted(f["input"] for f in d["findings"]) and len(d["findings"]) == 200'
}

@test "standard input among files, once" {
	split pxb check "$(good)" - <"$(mistyped)"
	expect 1
	prints 'input line'
	split pxb check "$(good)" - <"$(good)"
	expect 0
	prints '144 objects'
}

# --- reports

@test "--report of check: JSON is what -o json prints, text what -o text does" {
	split pxb check -o json --report json=r.json --report text=r.txt "$(mistyped)"
	expect 1
	cmp out r.json
	grep -q '^error\[federated-flag\]' r.txt
	refute grep -q "$(printf '\033')" r.txt
}

@test "--report of check into an unwritable place is exit 4 and nothing on stdout" {
	for r in json=none/r.json text=/dev/full json=/proc/r.json; do
		split pxb check --report "$r" "$(good)"
		expect 4
		silent
	done
}

# --- read

@test "read: one JSON object a line" {
	split pxb read "$(good)"
	expect 0
	[ "$(wc -l <out)" = 72 ]
	python3 -c 'import json, sys; assert all({"apiVersion", "kind", "metadata"} <= set(json.loads(l)) for l in sys.stdin)' <out
}

@test "read: several files one after the other; a wrong one prints nothing at all" {
	split pxb read "$small" "$mini" - <"$small"
	expect 0
	[ "$(wc -l <out)" = 18 ]
	printf 'a: [\n' >bad.yaml
	split pxb read "$small" bad.yaml
	expect 3
	silent
	says 'bad.yaml:'
}

@test "read: with and without the second opinion the same" {
	pxb read "$mini" >a
	pxb read --libyaml-only "$mini" >b
	cmp a b
}

@test "read: numbers keep every digit, and types are the cluster's" {
	printf 'num: 12345678901234567890\nf: 1.10\nb: yes\ns: "yes"\nn: n\no: 0o17\nz: ~\nx: 0x10\n' >in.yaml
	split pxb read in.yaml
	expect 0
	grep -q '"num":12345678901234567890' out
	json out 'd["b"] is True and d["false"] is False and d["s"] == "yes" and d["z"] is None and d["x"] == 16'
}

# --- what is no manifest

foreign_tree() {
	mkdir -p dir/templates dir/vendor/deep
	printf 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n' >dir/a.yaml
	printf 'resources: [a.yaml]\n' >dir/kustomization.yaml
	printf 'apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Component\n' >dir/component.yaml
	printf 'apiVersion: v2\nname: x\nversion: 1.0.0\n' >dir/Chart.yaml
	printf 'image: {tag: 1}\nitems: 3\n' >dir/values.yaml
	printf 'services: {db: {image: x}}\n' >dir/docker-compose.yml
	printf '{{- if .Values.x }}\nkind: Secret\napiVersion: v1\n{{- end }}\n' >dir/templates/x.yaml
	printf '{{ include "x" . }}\n' >dir/templates/y.yaml
	printf '{%% raw %%}\nkind: Secret\napiVersion: v1\n{%% endraw %%}\n' >dir/templates/z.yaml
	printf '{ // a comment\n"a": 1 }\n' >dir/tsconfig.json
	: >dir/empty.yaml
}

@test "--any: files without an object are skipped with one note that names them" {
	foreign_tree
	split pxb check --any -o json dir
	expect 0
	json out "len(d['findings']) == 1 and d['findings'][0]['severity'] == 'note'"
	json out "'10 files without a Kubernetes object are skipped: dir/Chart.yaml, dir/component.yaml' in d['findings'][0]['message']"
	json out "d['verdict'] == 'compliant' and d['stream']['objects'] == 1"
}

@test "--any: an object without a name is looked at all the same" {
	printf 'apiVersion: kind.x-k8s.io/v1alpha4\nkind: Cluster\n' >one.yaml
	split pxb check --any one.yaml
	expect 0
	printf 'apiVersion: v1\nkind: ConfigMap\ndata:\n  GITHUB_CLIENT_SECRET: %s\n' "$(head -c 20 /dev/zero | tr '\0' q)7x" >one.yaml
	split pxb check --any -o json one.yaml
	json out "[f['rule'] for f in d['findings']] == ['plain-secret']"
}

@test "--any: a manifest that is broken is no file of another tool" {
	foreign_tree
	printf 'apiVersion: v1\nkind: Secret\n\tdata: x\n' >dir/b.yaml
	split pxb check --any dir
	expect 3
	grep -qF 'dir/b.yaml:3:1' out
}

@test "--any: inputs without any object are never compliant" {
	foreign_tree
	rm dir/a.yaml
	for words in dir dir/kustomization.yaml dir/empty.yaml /dev/null; do
		split pxb check --any $words
		expect 3
		grep -qF 'no input contains a Kubernetes object' out
		split pxb check --any -o json $words
		json out '[f["severity"] for f in d["findings"]] == ["error"]'
	done
	printf '# only a comment\n' >c.yaml
	split pxb check --any - <c.yaml
	expect 3
}

@test "--exclude and --gitignore leave out files and folders" {
	foreign_tree
	cp dir/a.yaml dir/vendor/deep/b.yaml
	split pxb check --any -o json --exclude '*.json' --exclude templates/ --exclude /values.yaml --exclude 'vendor/**' dir
	expect 0
	json out "d['stream']['objects'] == 1 and d['findings'][0]['message'].startswith('5 files')"
	printf '# comment\n*.yaml\n!a.yaml\n!vendor\n' >dir/.gitignore
	printf '/deep\n' >dir/vendor/.gitignore
	split pxb check --any -o json dir
	json out "d['stream']['objects'] == 2"
	split pxb check --any -o json --gitignore dir
	expect 0
	json out "d['stream']['objects'] == 1 and '2 files' in d['findings'][0]['message']"
}

@test "--exclude: a pattern longer than any name matches none" {
	foreign_tree
	name=$(printf 'a%.0s' $(seq 250)).yaml
	mv dir/a.yaml "dir/$name"
	split pxb check --any -o json --exclude "$name" dir
	json out "d['stream']['objects'] == 0"
	split pxb check --any -o json --exclude "${name}x" dir
	json out "d['stream']['objects'] == 1"
}

@test "a chart, a values file and an Application: the command that is meant" {
	foreign_tree
	split pxb check dir
	expect 2
	grep -qF "helm template NAME dir | pxb-fed check -" err
	printf 'pxbackup: {federated: true}\n' >v.yaml
	split pxb check v.yaml
	expect 3
	grep -qF -- '--values' out
	printf 'apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: a, namespace: b}\nspec: {}\n' >app.yaml
	split pxb check app.yaml
	expect 3
	grep -qF "argocd check-app" out
	split pxb check --any app.yaml
	expect 0
	grep -qF "argocd check-app" out
}

# --- the last line end

@test "a missing last line end: accepted with a note by check, read and lock, refused by render unless it is expected" {
	printf '%s' "$(cat "$(good)")" >cut.yaml
	split pxb check -o json cut.yaml
	expect 0
	json out "any(f['severity'] == 'note' and 'line end' in f['message'] for f in d['findings'])"
	split pxb read cut.yaml
	expect 0
	grep -qF 'the last line has no line end' err
	split pxb lock create cut.yaml
	expect 0
	grep -qF 'the last line has no line end' err
	split pxb render <cut.yaml
	expect 3
	[ ! -s out ]
	split pxb render --no-final-newline <cut.yaml
	expect 0
	cmp out cut.yaml
}
