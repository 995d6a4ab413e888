# check, read, explain, policy, version, completion.

load ../lib/cli
setup() { prepare; }

@test "check: a file, standard input, the same thing" {
	pxb check "$mini"
	exits 0
	prints compliant
	pxb check - <"$mini"
	exits 0
	prints compliant
	pxb check <"$mini"
	exits 0
	prints compliant
}

@test "check changes nothing and repairs nothing" {
	classic
	cp classic.yaml before
	pxb check classic.yaml
	exits 1
	prints 'pxbackup.federated=true'
	cmp classic.yaml before
}

@test "check -o json" {
	classic
	pxb check -o json classic.yaml
	exits 1
	json "$T/out" 'r["verdict"] == "refused" and r["findings"][0]["rule"] == "federated-flag" and not r["findings"][0]["patched"]'
	pxb check --output=json "$mini"
	exits 0
	json "$T/out" 'r["verdict"] == "compliant" and r["findings"] == []'
	printf 'a: [\n' >bad.yaml
	pxb check -o json bad.yaml
	exits 3
	json "$T/out" 'r["verdict"] == "unreadable"'
}

@test "check --diff shows what render would change, and nothing secret" {
	classic
	sed -i 's/APP_DEBUG: .*/DB_PASSWORD: hunter2hunter2/; s/ # the mode$//' classic.yaml
	pxb check --diff classic.yaml
	exits 1
	prints '+'
	prints 'PX_BACKUP_FEDERATED : "true"'
	keeps_quiet_of hunter2hunter2
	pxb check --diff "$mini"
	exits 0
}

@test "check: a folder is the union of its manifests" {
	mkdir -p tree/b tree/.git
	csplit -sz -f tree/part -b '%02d.yaml' "$mini" '/^---$/' '{*}'
	[ "$(ls tree/part* | wc -l)" -ge 12 ]
	mv tree/part03.yaml tree/b/x.yml
	echo 'not: [yaml' >tree/.git/config.yaml
	echo 'not: [yaml' >tree/notes.txt
	pxb check tree
	exits 0
	prints '12 objects'
	rm tree/part05.yaml
	pxb check tree
	exits 1
	prints component-missing
}

@test "check: a JSON file in a folder" {
	mkdir tree
	cp "$mini" tree/a.yaml
	echo '{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "j", "namespace": "other"}}' >tree/b.json
	pxb check tree
	exits 1
	prints tree/b.json
}

@test "check: an empty folder is an error" {
	mkdir empty
	pxb check empty
	refused 3 empty
	pxb check --any empty
	refused 3 empty
}

# bats test_tags=long
@test "check: findings come in the order of the inputs" {
	for n in c a b; do sed "s/APP_DEBUG: .*/${n}_PASSWORD: hunter2hunter2/" "$mini" >$n.yaml; done
	pxb check -o json c.yaml a.yaml b.yaml -j 3
	exits 0
	json "$T/out" '[f["input"] for f in r["findings"]] == ["c.yaml", "a.yaml", "b.yaml"]'
	for i in 1 2 3 4 5; do
		pxb check -o json --jobs=2 b.yaml a.yaml c.yaml a.yaml
		json "$T/out" '[f["input"] for f in r["findings"]] == ["b.yaml", "a.yaml", "c.yaml", "a.yaml"]'
	done
}

@test "check: each file is a stream of its own" {
	sed '/^# Source: .*mongodb/,$d' "$mini" >a.yaml
	{ echo ---; sed -n '/^# Source: .*mongodb/,$p' "$mini"; } >b.yaml
	pxb check a.yaml b.yaml
	exits 1
	prints component-missing
}

@test "check --any: any manifests, each file alone" {
	printf 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {DB_PASSWORD: hunter2hunter2}\n' >a.yaml
	cp a.yaml b.yaml
	pxb check a.yaml
	exits 3
	pxb check --any a.yaml b.yaml
	exits 0
	prints plain-secret
	keeps_quiet_of hunter2hunter2
	pxb check --any --fail-on warning a.yaml
	exits 1
	cat a.yaml >c.yaml
	echo --- >>c.yaml
	cat a.yaml >>c.yaml
	pxb check --any c.yaml
	exits 3
	prints twice
}

@test "check --any over a tree" {
	mkdir -p tree/sub
	for i in 1 2 3 4 5 6 7 8 9; do
		printf 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n' >tree/sub/$i.yaml
	done
	printf 'apiVersion: v1\nkind: [\n' >tree/bad.yaml
	pxb check --any tree
	exits 3
	prints tree/bad.yaml
	rm tree/bad.yaml
	pxb check --any -q tree
	exits 0
	prints_nothing
}

@test "check --report" {
	pxb check --report json=r.json --report text=r.txt "$mini"
	exits 0
	json r.json 'r["verdict"] == "compliant"'
	grep -q compliant r.txt
}

@test "check keeps no state: it is no run of the gate" {
	classic
	pxb render <"$mini"
	pxb check --patch never classic.yaml
	exits 1
	pxb explain --last
	prints compliant
}

@test "read: documents as the cluster reads them" {
	printf 'a: yes\nb: 0777\nc: 1_000\nd: ~\ne: "1"\n---\n# nothing\n---\nnull\n---\n{m: 12345678901234567890}\n' >in.yaml
	pxb read in.yaml
	exits 0
	printf '%s\n' '{"a":true,"b":511,"c":1000,"d":null,"e":"1"}' '{"m":12345678901234567890}' >want
	tr -d ' ' <"$T/out" | cmp - want
}

@test "read: several files, in their order, all or nothing" {
	echo 'a: 1' >a.yaml
	echo 'b: 2' >b.yaml
	echo 'c: [' >c.yaml
	pxb read b.yaml a.yaml
	exits 0
	[ "$(tr -d ' \n' <"$T/out")" = '{"b":2}{"a":1}' ]
	pxb read a.yaml c.yaml
	refused 3 c.yaml:2:1
	pxb read - <a.yaml
	exits 0
}

@test "read: what is no mapping" {
	echo hello >in.yaml
	pxb read in.yaml
	refused 3 in.yaml:1:1
	printf 'a: .nan\n' >in.yaml
	pxb read in.yaml
	refused 3 in.yaml:1:4
	printf '1: a\n"1": b\n' >in.yaml
	pxb read in.yaml
	refused 3 random
}

@test "explain: every rule has a page of at most 80 columns" {
	pxb explain
	exits 0
	rules=$(sed -n 's/^\([a-z-]*\) (.*/\1/p' "$T/out")
	[ "$(echo "$rules" | wc -l)" -ge 21 ]
	for rule in $rules; do
		pxb explain "$rule"
		exits 0
		prints "# $rule"
		prints '## Why'
		prints '## How to fix'
		awk 'length($0) > 80 { print "too long: " $0; bad = 1 } END { exit bad }' "$T/out"
		[ -f "$root/docs/rules/$rule.md" ]
	done
}

@test "explain: several at once, and unknown ones" {
	pxb explain stream namespace
	exits 0
	prints '# stream'
	prints '# namespace'
	pxb explain federated-flg
	refused 2 "did you mean 'federated-flag'"
	pxb explain nonsense-of-no-kind
	refused 2 nonsense-of-no-kind
}

@test "policy init: from nothing, and it is a policy" {
	pxb policy init </dev/null || :
	pxb policy init --values "$T/none.yaml" </dev/null
	refused 2 none.yaml
}

@test "policy init: from values files" {
	cat >v.yaml <<-'X'
		pxbackup: {enabled: true, federated: true}
		persistentStorage: {enabled: true, storageClassName: px-csi-db}
		istio: {enabled: true, hostName: pxb.example.com}
		images: {registry: "registry.example.com:5000", repo: pxb, pullSecrets: [docregistry-secret]}
	X
	pxb policy init --values v.yaml
	exits 0
	cp "$T/out" made.yaml
	pxb policy check made.yaml
	exits 0
	pxb policy show -p made.yaml
	exits 0
	prints 'storageClassName: px-csi-db'
	prints 'mode: istio'
	prints 'registry.example.com:5000'
}

@test "policy init: from a stream, and the stream complies with it" {
	for f in "$mini" "$streams/fed-default.helm4.yaml" "$streams/fed-telemetry.helm3.yaml" "$streams/fed-istio-nohost.template3.yaml"; do
		pxb policy init <"$f"
		exits 0
		cp "$T/out" made.yaml
		pxb policy check made.yaml
		exits 0
		pxb render -p made.yaml <"$f"
		exits 0
		same_as "$f"
	done
}

@test "policy init: the origins it names are where the values stand" {
	pxb policy init <"$mini"
	exits 0
	grep -oE '^ *[a-zA-Z]+: .*# <stdin>:[0-9]+' "$T/out" | while IFS= read -r line; do
		value=$(echo "$line" | sed -E 's/^ *[a-zA-Z]+: *([^ ]*) .*/\1/')
		number=${line##*:}
		case $value in forbidden | none) continue ;; esac
		echo "$line: line $number is $(sed -n "${number}p" "$mini")"
		sed -n "${number}p" "$mini" | grep -qF "$value"
	done
}

@test "policy init: a stream that cannot be read, or holds nothing" {
	printf 'a: [\n' >bad.yaml
	pxb policy init <bad.yaml
	refused 3 2:1
	printf '# nothing\n' >bad.yaml
	pxb policy init <bad.yaml
	refused 3
}

@test "policy show: every value with its origin, and it is a policy again" {
	policy 'namespace: central' 'severity: {plain-secret: error}'
	pxb policy show --patch never --release-namespace central
	exits 0
	prints 'policy.yaml:3'
	prints --patch
	prints built-in
	cp "$T/out" shown.yaml
	pxb policy check shown.yaml
	exits 0
	PXB_FED_POLICY='' pxb policy show -p nowhere.yaml
	refused 2 nowhere.yaml
}

@test "policy check: every file, with its place" {
	policy 'namespace: central'
	printf 'apiVersion: pxb-fed/v1\nkind: Policy\nx: y\n' >bad.yaml
	pxb policy check policy.yaml
	exits 0
	prints policy.yaml
	pxb policy check bad.yaml policy.yaml nowhere.yaml
	exits 2
	says bad.yaml:3:1
	says nowhere.yaml
	prints policy.yaml
	pxb policy check
	exits 0
}

@test "policy check: all faults of a file, in its order" {
	cat >bad.yaml <<-'YAML'
		apiVersion: pxb-fed/v1
		kind: Policy
		telemetri: x
		serviceMesh: {mode: foo, hostNam: x}
		severity: {no-such-rule: note, namespace: off}
		exceptions:
		- {rule: namespace}
		- nothing
		credentials: {names: [ab], patterns: ['(']}
		storageClassName: px-csi-db
	YAML
	pxb policy check bad.yaml
	exits 2
	prints_nothing
	[ "$(grep -c '^pxb-fed: bad.yaml:' "$T/err")" -eq 9 ]
	[ "$(sed -n 's/^pxb-fed: bad.yaml:\([0-9]*\):.*/\1/p' "$T/err" | tr '\n' ' ')" = '3 4 4 5 5 7 8 9 9 ' ]
	says "bad.yaml:3:1: unknown key 'telemetri'; did you mean 'telemetry'?"
	pxb check -p bad.yaml "$good"
	refused 2 'bad.yaml:3:1'
	[ "$(grep -c 'bad.yaml:' "$T/err")" -eq 1 ]
}

@test "policy init -o: a new file, and never over one that is there" {
	pxb policy init -o made.yaml <"$mini"
	exits 0
	prints_nothing
	pxb policy init <"$mini"
	cmp "$T/out" made.yaml
	echo mine >made.yaml
	pxb policy init -o made.yaml <"$mini"
	exits 2
	[ "$(cat made.yaml)" = mine ]
	pxb policy show -o x
	refused 2 "--output goes with 'init'"
}

@test "argocd: what people type for check-app" {
	for word in app check; do
		pxb argocd "$word" x.yaml
		refused 2 "did you mean 'check-app'?"
	done
}

@test "version" {
	pxb version
	exits 0
	prints "pxb-fed $(cat "$root/VERSION")"
	pxb --version
	exits 0
	prints "pxb-fed $(cat "$root/VERSION")"
	pxb version -o json
	exits 0
	json "$T/out" 'r["version"] == open("'"$root"'/VERSION").read().strip() and {"libyaml", "libfyaml", "cJSON"} <= set(r["libraries"])'
	pxb version --output=yaml
	refused 2 --output
}

@test "completion: Helm's file names every command and option" {
	pxb completion
	exits 0
	pxb read - <"$T/out"
	exits 0
	pxb completion
	for word in render check read explain policy version completion; do prints "- name: $word"; done
	"$PXB_FED_BIN" help render | sed -n 's/^ .*--\([a-z-]*\).*/\1/p' | while IFS= read -r o; do
		echo "no $o"
		grep -qx "  - $o" "$T/out"
	done
}

@test "completion: candidates for a word" {
	pxb completion re
	exits 0
	prints render
	prints read
	lacks '^check' "$T/out"
	pxb completion explain storage
	exits 0
	prints storage-class
	prints storage-ephemeral
	lacks '^role-identity' "$T/out"
	pxb completion explain role-id
	exits 0
	prints role-identity
	lacks '^storage-class' "$T/out"
}

@test "post-renderer: Helm 3 gets a path, Helm 4 a name" {
	printf '#!/bin/sh\ncase "$1" in version) echo v3.21.4+g1 ;; esac\n' >helm3
	chmod +x helm3
	HELM_BIN=$PWD/helm3 pxb post-renderer
	exits 0
	[ "$(cat "$T/out")" = "$(readlink -f "$PXB_FED_BIN")" ]
	printf '#!/bin/sh\ncase "$1 $2" in version*) echo v4.3.1 ;; "plugin list") printf "NAME\\tVERSION\\npxb-fed-post-renderer\\t0.1.0\\n" ;; *) exit 1 ;; esac\n' >helm4
	chmod +x helm4
	HELM_BIN=$PWD/helm4 pxb post-renderer
	exits 0
	[ "$(cat "$T/out")" = pxb-fed-post-renderer ]
}

@test "render: the report of the last run is written behind the stream, which does not wait for it" {
	python3 "$root/tests/lib/stream_before_state.py" "$HOME/.local/state/pxb-fed/last.json" \
		"$streams/fed-default.template3.yaml" "$PXB_FED_BIN" render >seen
	[ "$(cat seen)" = 'not yet there' ]
}

@test "render: a stream that could not be handed on leaves no report of an earlier run" {
	pxb render <"$mini"
	exits 0
	status=0
	"$PXB_FED_BIN" render <"$mini" >/dev/full 2>"$T/err" || status=$?
	[ "$status" = 4 ]
	[ ! -e "$HOME/.local/state/pxb-fed/last.json" ]
}

@test "several runs at once do not disturb each other's state" {
	for i in 1 2 3 4 5 6 7 8; do "$PXB_FED_BIN" render <"$mini" >"out$i" 2>/dev/null & done
	wait
	for i in 1 2 3 4 5 6 7 8; do cmp "out$i" "$mini"; done
	json "$HOME/.local/state/pxb-fed/last.json" 'r["verdict"] == "compliant"'
	[ "$(ls -A "$HOME/.local/state/pxb-fed")" = last.json ]
}

@test "verify --kubeconfigs: each file is a cluster, by its name without the ending" {
	mkdir clusters
	for name in a.yaml b.kubeconfig c; do
		printf '%s\n' 'apiVersion: v1' 'kind: Config' 'current-context: x' 'contexts: [{name: x, context: {cluster: x}}]' \
			'clusters: [{name: x, cluster: {server: "http://127.0.0.1:1"}}]' >"clusters/$name"
	done
	chmod 600 clusters/*
	pxb verify --kubeconfigs clusters -o json
	exits 5
	json "$T/out" 'sorted(c["name"] for c in r["clusters"]) == ["a", "b", "c"]'
	pxb verify --kubeconfigs none
	refused 2 "cannot read folder 'none'"
}
