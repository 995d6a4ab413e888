# argocd generate behind Argo CD's own plugin server: what a user of Argo CD gets, and what she sees when she gets nothing.

load helpers

setup_file() {
	find_programs
	need HELM3 helm3
	need HELM4 helm4
	need ORACLE oracle
	need CMP_SERVER argocd-cmp-server
	need CMP_CLIENT cmpclient
}
setup() {
	prepare
	repository
	application
}
teardown() { stop_server; }

# What Helm and the gate make of the same values by hand.
by_hand() {
	"$1" template px-central "$chart" --namespace central --kube-version 1.34.0 --include-crds --api-versions v1 --api-versions apps/v1 \
		--api-versions batch/v1 --api-versions apps/v1/Deployment --set pxbackup.enabled=true,pxbackup.federated="${2:-true}" \
		--set persistentStorage.enabled=true,persistentStorage.storageClassName=px-csi-db,isArgoCD="${3:-true}" |
		ARGOCD_APP_NAME=px-central PXB_FED_NO_STATE=1 "$PXB_FED_BIN" render -q --policy "$T/policy.yaml"
}

@test "plugin.yaml holds nothing that Argo CD does not know" {
	plugin_yaml >plugin.yaml
	"$CMP_CLIENT" plugin plugin.yaml
	sed 's/^  generate:/  generat: {}\n&/' plugin.yaml >wrong.yaml
	refute "$CMP_CLIENT" plugin wrong.yaml 2>/dev/null
	"$PXB_FED_BIN" argocd plugin --form helm-values --name guard | "$PXB_FED_BIN" read - |
		python3 -c 'import json, sys; print(json.dumps({"apiVersion": "argoproj.io/v1alpha1", "kind": "ConfigManagementPlugin", "metadata": {"name": "guard"}, "spec": json.load(sys.stdin)["configs"]["cmp"]["plugins"]["guard"]}))' >values.yaml
	"$CMP_CLIENT" plugin values.yaml
}

@test "a compliant chart: the objects of helm template and the gate, with both Helms" {
	for helm in "$HELM3" "$HELM4"; do
		HELM=$helm start_server
		generate
		succeeds
		by_hand "$helm" >hand.yaml
		"$ORACLE" same hand.yaml out
		[ "$(grep -c -- '^---$' out)" -gt 60 ]
		stop_server
	done
}

@test "a render for Helm comes out as the one for Argo CD" {
	application '/isArgoCD/d'
	start_server
	generate
	succeeds
	by_hand "$HELM4" true true >hand.yaml
	"$ORACLE" diff hand.yaml out
}

@test "the check of the Application agrees" {
	"$PXB_FED_BIN" argocd check-app --policy policy.yaml app.yaml
}

@test "a refused chart: exactly what a user of Argo CD sees" {
	application 's/storageClassName: px-csi-db/storageClassName: gp3/'
	printf 'storageClassName: px-csi-db\npatch: never\n' >>policy.yaml
	start_server
	generate
	fails_with 'error[values]: persistentStorage.storageClassName is gp3 by --set'
	cat >wanted <<-TEXT
		Failed to load target state: failed to generate manifest for source 1 of 1: rpc error: code = Unknown desc = CMP processing failed for application "px-central": error generating manifests in cmp: rpc error: code = Unknown desc = error generating manifests: \`$PXB_FED_BIN argocd generate\` failed exit status 1: pxb-fed: refused: 1 cause (10 errors), 1 known chart fault in 75 objects
	TEXT
	head -n 1 err | cmp wanted -
	[ "$(wc -c <err)" -le 4600 ] # 4 kB of ours behind Argo CD's words
	# The same words as on the command line.
	(cd repo/charts/px-central && env HELM_BIN="$HELM4" PXB_FED_POLICY="$T/policy.yaml" ARGOCD_APP_NAME=px-central ARGOCD_APP_NAMESPACE=central \
		ARGOCD_APP_PARAMETERS='[{"name":"helm-parameters","map":{"isArgoCD":"true","persistentStorage.enabled":"true","persistentStorage.storageClassName":"gp3","pxbackup.enabled":"true","pxbackup.federated":"true"}}]' \
		"$PXB_FED_BIN" argocd generate 2>&1 >/dev/null) >ours || :
	tail -n +2 err | cmp - <(tail -n +2 ours)
}

@test "Classic mode by a slip is repaired, by an explicit false refused" {
	application 's/pxbackup.federated: "true"/pxbackup.x: "true"/'
	start_server
	generate
	succeeds
	by_hand "$HELM4" >hand.yaml
	"$ORACLE" diff hand.yaml out
	application 's/pxbackup.federated: "true"/pxbackup.federted: "true"/'
	generate
	fails_with "did you mean 'pxbackup.federated'"
	application 's/pxbackup.federated: "true"/pxbackup.federated: "false"/'
	generate
	fails_with 'Classic mode'
}

@test "a chart that renders nothing, or only comments: an error, never an empty success" {
	rm -r repo/charts/px-central/templates repo/charts/px-central/crds
	start_server
	generate
	fails_with 'pxb-fed: unreadable'
	mkdir repo/charts/px-central/templates
	echo '# {{ .Values.x }}' >repo/charts/px-central/templates/a.yaml
	generate
	fails_with 'pxb-fed: unreadable'
}

@test "values that Helm cannot read, a chart that fails, dependencies that are missing" {
	start_server
	application 's/- name: rule-set/- name: values\n        string: "a: ["\n      &/'
	generate
	fails_with "parameter 'values'"
	application
	echo '{{ fail "this chart says no" }}' >repo/charts/px-central/templates/zz.yaml
	generate
	fails_with 'Helm could not render the chart (exit code 1)'
	fails_with 'this chart says no'
	rm repo/charts/px-central/templates/zz.yaml
	printf 'dependencies:\n- {name: common, version: 1.0.0, repository: "https://charts.example.com"}\n' >>repo/charts/px-central/Chart.yaml
	generate
	fails_with 'helm dependency build'
}

@test "a chart that prints a secret of its values when it fails" {
	secret=Plain-$(printf %s Words | rev)-42
	echo '{{ fail (printf "password is %s" .Values.db.password) }}' >repo/charts/px-central/templates/zz.yaml
	echo "db: {password: $secret}" >repo/charts/px-central/extra.yaml
	application 's/- name: rule-set/- name: values-files\n        array: [extra.yaml]\n      &/'
	start_server
	generate
	fails_with 'password is ***'
	refute grep -qF "$secret" err
}

@test "the deadline: before Argo CD's own, in our words, and nothing stays behind" {
	printf '#!/bin/sh\ntrap "" TERM\nsleep 300 &\necho $! >%s/child\nwait\n' "$T" >slow
	chmod 755 slow
	HELM=$T/slow start_server PXB_FED_TIMEOUT=1
	generate
	fails_with 'failed exit status 5: pxb-fed: Helm did not end within 1 second'
	python3 "$root/tests/lib/await.py" end "$(cat child)"
}

@test "parameters: announced as Argo CD reads them" {
	printf 'storageClassName: fast\n' >>policy.yaml
	start_server
	"$CMP_CLIENT" parameters "$socket" repo app.yaml >announced
	python3 - announced <<-'PY'
		import json, sys
		p = {x['name']: x for x in json.load(open(sys.argv[1]))}
		assert list(p) == ['chart-path', 'release-name', 'values-files', 'values', 'helm-parameters', 'helm-string-parameters', 'skip-crds', 'rule-set']
		assert p['helm-parameters']['map']['persistentStorage.storageClassName'] == 'fast'
		assert p['helm-parameters']['collectionType'] == 'map' and p['values-files']['collectionType'] == 'array'
		assert p['rule-set']['required'] and p['rule-set']['string'] and all(x['title'] and x['tooltip'] for x in p.values())
	PY
	# Nothing of the repository decides what is announced.
	printf 'apiVersion: pxb-fed/v1\nkind: Policy\npatch: never\n' >repo/charts/px-central/pxb-fed.yaml
	"$CMP_CLIENT" parameters "$socket" repo app.yaml | cmp announced -
}

@test "values: files of the repository, YAML, parameters; the chart in another folder, and as an archive" {
	mkdir -p repo/apps/prod
	printf 'pxbackup: {enabled: true, federated: true}\nisArgoCD: true\npersistentStorage: {enabled: true, storageClassName: wrong}\n' >repo/apps/prod/values.yaml
	application 's,path: charts/px-central,path: apps/prod,;/pxbackup\./d;/isArgoCD/d;/enabled:/d'
	sed -i 's,- name: rule-set,- name: chart-path\n        string: ../../charts/px-central\n      - name: values-files\n        array: [values.yaml]\n      &,' app.yaml
	start_server
	generate
	succeeds
	by_hand "$HELM4" >hand.yaml
	"$ORACLE" same hand.yaml out
	"$HELM4" package "$chart" -d repo/apps/prod >/dev/null
	archive=$(basename repo/apps/prod/*.tgz)
	sed -i "s,../../charts/px-central,$archive," app.yaml
	rm -r repo/charts
	generate
	succeeds
	"$ORACLE" same hand.yaml out
}

@test "a chart of a Helm repository: the tree is the chart itself" {
	rm -r repo
	cp -r "$chart" repo
	application 's,    path: charts/px-central,    chart: px-central,;s/v3.0.0/3.0.0/'
	start_server
	generate
	succeeds
	by_hand "$HELM4" >hand.yaml
	"$ORACLE" same hand.yaml out
}

@test "each way to weaken the policy, through Argo CD" {
	printf 'storageClassName: fast\npatch: never\n' >>policy.yaml
	start_server
	generate
	fails_with 'persistentStorage.storageClassName is px-csi-db by --set'
	while IFS='|' read -r edit words; do
		[ -n "$edit" ] || continue
		application "$edit"
		generate
		echo "$edit"
		fails_with "$words"
	done <<-'ROWS'
		s/env: \[\]/env: [{name: PXB_FED_POLICY, value: \/dev\/null}]/|the Application sets 'PXB_FED_POLICY'
		s/env: \[\]/env: [{name: PXB_FED_TIMEOUT, value: "1"}]/|the Application sets 'PXB_FED_TIMEOUT'
		s/env: \[\]/env: [{name: HELM_BIN, value: \/bin\/true}]/|persistentStorage.storageClassName is px-csi-db by --set
		s/env: \[\]/env: [{name: "X=1\\nPXB_FED_POLICY", value: \/dev\/null}]/|persistentStorage.storageClassName is px-csi-db by --set
		s/name: rule-set/name: policy/|the platform team's policy
		s/name: rule-set/name: --policy/|no parameter '--policy'
		s/name: rule-set/name: "PXB_FED_POLICY"/|no parameter
		s/name: rule-set/name: --post-renderer/|no parameter
		s/- name: rule-set/- name: values-files\n        array: [\/etc\/passwd]\n      &/|an absolute path
		s/- name: rule-set/- name: values-files\n        array: [..\/..\/..\/..\/..\/..\/etc\/passwd]\n      &/|values-files
		s/- name: rule-set/- name: values-files\n        array: ["values.yaml,\/etc\/passwd"]\n      &/|contains a comma
		s/- name: rule-set/- name: release-name\n        string: --help\n      &/|is not a valid name for a Helm release
		s/isArgoCD: "true"/&\n          "--post-renderer": \/bin\/true/|persistentStorage.storageClassName is px-csi-db by --set
	ROWS
	application
	printf 'apiVersion: pxb-fed/v1\nkind: Policy\npatch: visible\n' >repo/charts/px-central/pxb-fed.yaml
	generate
	fails_with 'may only tighten'
	printf 'apiVersion: pxb-fed/v1\nkind: Policy\nexceptions:\n- {rule: storage-class, object: PersistentVolumeClaim/pxcentral-mysql-pvc, reason: r, expires: 2099-01-01}\n' >repo/charts/px-central/pxb-fed.yaml
	generate
	fails_with 'exceptions'
	rm repo/charts/px-central/pxb-fed.yaml
	printf 'plugin:\n  name: pxb-fed\n  parameters: []\n' >repo/charts/px-central/.argocd-source.yaml
	generate
	fails_with 'persistentStorage.storageClassName is px-csi-db by --set'
}

@test "fifty applications at once: each complete, all the same" {
	start_server
	by_hand "$HELM4" >hand.yaml
	generate -n 50
	succeeds
	"$ORACLE" same hand.yaml out
}

@test "a repository of 10,000 files" {
	python3 - repo <<-'PY'
		import os, sys
		for d in range(100):
		    folder = '%s/other/%03d' % (sys.argv[1], d)
		    os.makedirs(folder)
		    for f in range(100):
		        with open('%s/%03d.yaml' % (folder, f), 'w') as out:
		            out.write('a: %d\n' % f)
	PY
	start_server
	generate
	succeeds
	by_hand "$HELM4" >hand.yaml
	"$ORACLE" same hand.yaml out
}

@test "links that lead out of the repository" {
	ln -s /etc/passwd repo/charts/px-central/templates/passwd.yaml
	start_server
	generate
	[ "$status" -eq 1 ]
	[ ! -s out ]
	refute grep -q 'root:' err
}

@test "real Helm takes no choice of an Application for an option, and runs nothing of the repository" {
	mkdir -p repo/charts/px-central/plugins/evil
	printf 'name: evil\nversion: 0.1.0\nusage: x\ndescription: x\ncommand: touch %s/evil\n' "$T" >repo/charts/px-central/plugins/evil/plugin.yaml
	for helm in "$HELM3" "$HELM4"; do
		application 's/isArgoCD: "true"/&\n          "--post-renderer": evil\n          "-f": \/etc\/passwd/'
		HELM=$helm start_server HELM_PLUGINS="$T/repo/charts/px-central/plugins"
		generate
		[ ! -e evil ]
		refute grep -q 'root:' out err
		stop_server
	done
}
