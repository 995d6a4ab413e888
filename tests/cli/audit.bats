# A version of the chart against the tables. The findings themselves are in tests/audit, with the real Helm.

load ../lib/cli
load ../lib/reports

# As much of Helm as is asked for; SAYS and FAILS are for one render.
setup() {
	prepare
	mkdir chart
	cat >helm <<'END'
#!/bin/sh
echo "$*" >>"${0%/*}/calls"
case "$1 $2" in
'show chart') printf 'name: %s\nversion: 3.9.0\n' "${CHART_NAME-px-central}" ;;
'show values') printf 'pxbackup:\n  federated: false\n  novel: 1\n' ;;
*)
	if [ -n "${FAILS-}" ]; then
		printf 'walk.go: noise\nError: execution error at (px-central/templates/a.yaml:3:4): %s\nmore\n' "$FAILS" >&2
		exit 1
	fi
	cat "$MANIFESTS"
	;;
esac
END
	chmod +x helm
	export HELM_BIN=$PWD/helm MANIFESTS=$mini
}

one=(--variant install --value pxbackup.federated)

@test "an unknown key is an error, and exit code 1" {
	pxb audit "${one[@]}" ./chart
	exits 1
	prints 'error[key-new]: key pxbackup.novel is new'
	prints 'chart/values.yaml:3:3'
	prints 'pxb-fed: refused'
}

@test "more reports than are written is a fault of usage" {
	words=()
	for i in $(seq 17); do words+=(--report "json=$i.json"); done
	pxb audit "${words[@]}" ./chart
	refused 2 'more than 16 reports'
	no_file 1.json
}

@test "each form of a report" {
	for form in json sarif junit html github markdown; do
		pxb audit "${one[@]}" -o "$form" ./chart
		exits 1
		prints key-new
	done
	pxb audit "${one[@]}" --report json=r.json --report junit=r.xml ./chart
	exits 1
	json r.json 'r["verdict"] == "refused" and r["exitCode"] == 1 and "place-gone" not in r["rules"] and "key-new" in r["rules"]'
	junit r.xml 't["key-new"] == ["failure"] and t["place-gone"] == ["skipped"] and t["claim-new"] == []'
}

@test "a render that fails is a finding with Helm's own words, and exit code 3" {
	FAILS='no such mode' pxb audit "${one[@]}" -o json ./chart
	exits 3
	json "$T/out" '[f for f in r["findings"] if f["rule"] == "render-failed"][0]["message"].endswith("Helm failed: execution error at (px-central/templates/a.yaml:3:4): no such mode")'
	json "$T/out" '[f for f in r["findings"] if f["rule"] == "render-failed"][0]["line"] == 3'
	json "$T/out" 'sum(f["rule"] == "render-failed" for f in r["findings"]) == 1'
}

@test "words and names that are no UTF-8" {
	mv chart "$(printf 'ch\377art')"
	FAILS=$(printf 'no \303 mode \001 %0500d' 1) pxb audit "${one[@]}" -o json "$(printf './ch\377art')"
	exits 3
	json "$T/out" 'any("no \ufffd mode" in f["message"] for f in r["findings"])'
}

@test "what is no chart, no Helm, no variant and no value" {
	CHART_NAME=other pxb audit "${one[@]}" ./chart
	exits 2
	says "'./chart' is not the chart px-central"
	pxb audit --helm ./none "${one[@]}" ./chart
	exits 5
	says "cannot start './none'"
	pxb audit --variant instal ./chart
	exits 2
	says "no variant 'instal'; did you mean 'install'?"
	pxb audit --value pxbackup.version ./chart
	exits 2
	says "no rule is about the value 'pxbackup.version'"
	pxb audit
	exits 2
	pxb audit one two
	exits 2
}

@test "what Helm prints and nobody can read" {
	printf 'a: [\n' >broken.yaml
	MANIFESTS=$PWD/broken.yaml pxb audit "${one[@]}" ./chart
	exits 3
	says 'what Helm rendered cannot be read'
}

@test "two Helms, and what one of them alone shows" {
	sed 's/novel: 1/novel: 1\\n  other: 2/' helm >helm2
	chmod +x helm2
	pxb audit "${one[@]}" --helm ./helm --helm ./helm2 -o json ./chart
	exits 1
	json "$T/out" '[f["message"] for f in r["findings"] if f["rule"] == "key-new"] == ["key pxbackup.novel is new", "key pxbackup.other is new (with ./helm2 only)"]'
}

@test "another version: what it has not is named, and what the tables know is a note" {
	sed "s/^'show values'.*/'show values') echo 'pxbackup: {enabled: false}' ;;/; s/3.9.0/3.8.0/" helm >helm2
	cat >both <<'END'
#!/bin/sh
case "$*" in *' ./old') exec "${0%/*}/helm2" "$@" ;; esac
exec "${0%/*}/helm" "$@"
END
	chmod +x helm2 both
	mkdir old
	pxb audit "${one[@]}" --helm "$PWD/both" --against ./old -o json ./chart
	exits 1
	json "$T/out" '[(f["message"], f["severity"]) for f in r["findings"] if f["rule"] == "key-new"] == [("key pxbackup.novel is new (not in 3.8.0)", "error"), ("key pxbackup.federated is new (not in 3.8.0)", "note")]'
}

@test "rows, and nothing else" {
	pxb audit "${one[@]}" --rows ./chart
	exits 1
	prints 'CHART_KEY("pxbackup.novel", ONE)'
	prints 'VALUE_TYPE("pxbackup.novel", NUMBER)'
	lacks refused "$T/out"
}

@test "no render asks for a cluster, and a variant is rendered once for each setting" {
	pxb audit "${one[@]}" ./chart
	sed -n '/^template/p' calls >renders
	run grep -c -- '--namespace=central' renders
	[ "$output" = "$(grep -c . renders)" ]
	run sort -u renders
	[ "$(echo "$output" | grep -c .)" = "$(($(grep -c . renders) - 1))" ] # the plain one is there twice, to see what is random
}

# bats test_tags=long
@test "what a value changes, in all variants, and what is gone then" {
	sed '/name: PX_BACKUP_FEDERATED/{n;s/true/false/}' "$mini" >classic.yaml
	sed -i 's/^\tcat "$MANIFESTS"/\tcase "$*" in *federated=true*) cat "$MANIFESTS" ;; *) cat "$CLASSIC" ;; esac/' helm
	export CLASSIC=$PWD/classic.yaml
	pxb audit -o json ./chart
	exits 1
	json "$T/out" 'not [f for f in r["findings"] if "pxbackup.federated does not change env" in f["message"] and "Deployment px-backup," in f["message"]]'
	json "$T/out" '[f["object"]["kind"] for f in r["findings"] if f["message"] == "istio.enabled does not change env SERVICE_MESH of Deployment px-backup, container px-backup"] == ["Deployment"]'
	json "$T/out" '{"place-gone", "value-dead", "key-new", "claim-gone", "switch-gone", "rbac-shrunk"} <= {f["rule"] for f in r["findings"]}'
	pxb audit --rows ./chart
	exits 1
	prints '/* src/chart/places.def */'
	prints '/* remove: PLACE(ISTIO, "SERVICE_MESH", "Deployment", "px-backup", "px-backup", ENV, NULL, NULL) */'
}

@test "NOTES.txt of a folder and of an archive" {
	mkdir -p chart/templates
	printf 'Fine.\nYou must wait.\n{{ printf "\\033[31mWARNING: %%s\\033[0m" }}\n{{- /* must */}}\n' >chart/templates/NOTES.txt
	tar czf chart.tgz chart
	for chart in ./chart ./chart.tgz; do
		pxb audit "${one[@]}" -o json "$chart"
		exits 1
		json "$T/out" '[f["message"] for f in r["findings"] if f["rule"] == "notes-demand"] == ["NOTES.txt: WARNING: %s", "NOTES.txt: You must wait."]'
	done
	head -c 40 chart.tgz >half.tgz
	pxb audit "${one[@]}" ./half.tgz
	exits 1
	printf 'no archive' >text.tgz
	pxb audit "${one[@]}" ./text.tgz
	exits 1
}

@test "roles, bindings, hooks and Secrets that nobody has looked at" {
	cat "$mini" - >more.yaml <<'END'
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: more}
rules:
- {apiGroups: ["", apps], resources: [secrets], resourceNames: [a, b], verbs: [get, "*"]}
- {nonResourceURLs: [/metrics], verbs: [get]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: more}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: more}
subjects: [{kind: ServiceAccount, name: default, namespace: central}]
---
apiVersion: v1
kind: Secret
metadata: {name: more, namespace: central, annotations: {helm.sh/hook: post-install}}
END
	MANIFESTS=$PWD/more.yaml pxb audit "${one[@]}" --rows ./chart
	exits 1
	prints 'KNOWN_RIGHT("ClusterRole", "more", "apps", "secrets=a,b", "* get")'
	prints 'KNOWN_RIGHT("ClusterRole", "more", "", "/metrics", "get")'
	prints 'KNOWN_BINDING("ClusterRoleBinding", "more", "ClusterRole", "more", "ServiceAccount/default")'
	prints 'KNOWN_HOOK("Secret", "more", "post-install")'
	prints 'KNOWN_SECRET("more")'
}
