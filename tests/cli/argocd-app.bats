# argocd check-app, parameters, plugin.

load ../lib/cli
setup() {
	prepare
	rules=$("$PXB_FED_BIN" argocd parameters | python3 -c 'import json, sys; print([p["string"] for p in json.load(sys.stdin) if p["name"] == "rule-set"][0])')
	app >app.yaml
}

app() {
	cat <<-YAML
		apiVersion: argoproj.io/v1alpha1
		kind: Application
		metadata:
		  name: px-central
		  namespace: argocd
		spec:
		  project: default
		  destination:
		    server: https://kubernetes.default.svc
		    namespace: central
		  source:
		    repoURL: https://charts.example.com
		    chart: px-central
		    targetRevision: 3.0.0
		    plugin:
		      name: pxb-fed
		      parameters:
		      - name: rule-set
		        string: $rules
		      - name: helm-parameters
		        map:
		          pxbackup.enabled: "true"
		          pxbackup.federated: "true"
		          isArgoCD: "true"
		          persistentStorage.storageClassName: px-csi-db
		  syncPolicy:
		    syncOptions:
		    - ServerSideApply=true
		    - RespectIgnoreDifferences=true
		    - CreateNamespace=true
		  ignoreDifferences:
		  - kind: Secret
		    name: pxc-backup-secret
		    jsonPointers: [/data]
	YAML
}

check_app() { pxb argocd check-app -v "$@"; }

@test "what the vendor and the plugin ask for" {
	check_app app.yaml
	exits 0
	prints 'compliant: 1 object'
	lacks warning "$T/out"
	check_app - <app.yaml
	exits 0
	check_app <app.yaml
	exits 0
	check_app -o json app.yaml
	exits 0
	json "$T/out" 'r["verdict"] == "compliant" and r["findings"] == []'
}

# bats test_tags=long
@test "each thing that may be wrong: the rule, the words, the place" {
	n=0
	while IFS='|' read -r edit severity rule place words; do
		[ -n "$edit" ] || continue
		n=$((n + 1))
		sed "$edit" app.yaml >edited.yaml
		echo "$edit"
		differ app.yaml edited.yaml
		check_app edited.yaml
		case $severity in error) want=1 ;; *) want=0 ;; esac
		exits "$want"
		prints_wrapped "$severity[$rule]: "
		prints_wrapped "$words"
		if [ "$place" != - ]; then prints_wrapped "--> edited.yaml:$place "; fi
		if [ "$severity" != note ]; then prints_wrapped 'fix: '; fi
	done <<-'ROWS'
		/plugin:/,/px-csi-db/d|error|argocd-app-source|12:5|names no plugin
		s/plugin:/helm: {}\n    plugin:/|error|argocd-app-source|15:11|Argo CD refuses
		s/plugin:/kustomize: {}\n    plugin:/|error|argocd-app-source|15:16|Argo CD refuses
		s/name: pxb-fed/name: other/|error|argocd-app-source|16:13|the plugin is 'other', not pxb-fed
		s/name: pxb-fed/name: pxb-fed-1.0/|error|argocd-app-source|16:13|only if the plugin has this version
		s/name: pxb-fed/name: ""/|error|argocd-app-source|16:13|must be named
		s/targetRevision: .*/targetRevision: 3.*/|error|argocd-app-source|14:21|the chart's version is '3.*'
		s/targetRevision: .*/targetRevision: ">=3.0.0"/|error|argocd-app-source|14:21|the chart's version
		s/targetRevision: .*/targetRevision: "3.0"/|error|argocd-app-source|14:21|the chart's version
		/targetRevision/d|error|argocd-app-source|12:5|not set
		s/chart: px-central/path: charts/;s/targetRevision: .*/targetRevision: main/|note|argocd-app-source|14:21|the revision is 'main', which moves
		s/chart: px-central/path: charts/;s/targetRevision: .*/targetRevision: HEAD/|warning|argocd-app-source|14:21|the revision is 'HEAD', which moves
		s/chart: px-central/path: charts/;/targetRevision/d|warning|argocd-app-source|12:5|not set (HEAD)
		/repoURL/d|error|argocd-app-source|12:5|names no repository
		s/chart: px-central/chart: px-backup/|warning|argocd-app-source|13:12|not px-central
		s/  source:/  sourceHydrator: {}\n  source:/|error|argocd-app-source|11:19|source hydrator
		/  source:/,/px-csi-db/d|error|argocd-app-source|7:3|has no source
		s/kind: Application/kind: AppProject/|error|argocd-app-source|-|no Application
		s/federated: "true"/federated: "false"/|error|argocd-app-values|23:31|pxbackup.federated is false
		s/federated: "true"/federated: "null"/|error|argocd-app-values|23:31|pxbackup.federated is null
		s/federated: "true"/federated: "yes"/|error|argocd-app-values|23:31|not a boolean
		s/federated: "true"/federated: true/|error|argocd-app-values|23:31|quote it
		s/federated:/federted:/|error|argocd-app-values|12:5|pxbackup.federated is not set
		s/helm-parameters/helm-string-parameters/|error|argocd-app-values|23:31|the text "true", not a boolean
		/pxbackup.enabled/d|error|argocd-app-values|12:5|the backup server would be missing
		/isArgoCD/d|error|argocd-app-values|12:5|isArgoCD is not set
		s/isArgoCD: "true"/isArgoCD: "false"/|error|argocd-app-values|24:21|isArgoCD is false
		/px-csi-db/d|error|argocd-app-values|12:5|the cluster default
		s/helm-parameters/helm-parameter/|error|argocd-app-values|20:15|did you mean 'helm-parameters'
		s/name: rule-set/name: policy/|error|argocd-app-values|18:15|the platform team's policy
		s/name: rule-set/name: --post-renderer/|error|argocd-app-values|18:15|no parameter
		s/name: rule-set/name: values-files/|error|argocd-app-values|19:9|it is a 'array'
		s/name: pxb-fed/&\n      env: [{name: PXB_FED_POLICY, value: x}]/|error|argocd-app-values|17:20|the Application sets PXB_FED_POLICY
		s/name: rule-set/name: values/;s/string: .*/string: "a: ["/|error|argocd-app-values|19:17|no YAML mapping
		/namespace: central/d|error|argocd-app-destination|9:5|names no namespace
		/destination:/,/namespace: central/d|error|argocd-app-destination|7:3|names no namespace
		/ServerSideApply/d|error|argocd-app-sync|28:5|ServerSideApply=true is missing
		s/ServerSideApply=true/ServerSideApply=false/|error|argocd-app-sync|28:7|ServerSideApply=true is switched off
		/- CreateNamespace/d|error|argocd-app-sync|28:5|CreateNamespace=true is missing
		/- RespectIgnore/d|error|argocd-app-sync|28:5|RespectIgnoreDifferences=true is missing
		/syncPolicy:/,/CreateNamespace/d|error|argocd-app-sync|7:3|is missing
		s/syncPolicy:/&\n    automated: {}/|error|argocd-app-sync|27:16|syncs by itself
		s/syncPolicy:/&\n    automated: {prune: true}/|error|argocd-app-sync|27:24|without a lock
		s/- CreateNamespace=true/&\n    - Replace=true/|warning|argocd-app-sync|31:7|Replace=true
		s/- CreateNamespace=true/&\n    - Force=true/|warning|argocd-app-sync|31:7|Force=true
		/ignoreDifferences:/,$d|warning|argocd-app-sync|7:3|nothing to respect
		s/isArgoCD: "true"/&\n          telemetry.enabled: "true"/|warning|argocd-app-sync|33:3|telemetry fills in
		s/string: .*/string: 0.0.1-0123456789abcdef/|warning|argocd-app-rule-set|19:17|the rule set is 0.0.1-0123456789abcdef
		/name: rule-set/,+1d|warning|argocd-app-rule-set|16:7|no rule set is named
	ROWS
	[ "$n" -ge 45 ]
}

@test "the rule set: what to set, or what to add" {
	sed 's/string: .*/string: 0.0.1-0123456789abcdef/' app.yaml >other.yaml
	check_app other.yaml
	prints_wrapped "fix: Set the parameter rule-set to $rules"
	keeps_quiet_of 'Add the parameter'
	sed '/name: rule-set/,+1d' app.yaml >none.yaml
	check_app none.yaml
	prints_wrapped "fix: Add the parameter {name: rule-set, string: $rules}"
	keeps_quiet_of 'Set the parameter'
}

@test "what is fine as well" {
	while read -r edit; do
		sed "$edit" app.yaml >edited.yaml
		echo "$edit"
		differ app.yaml edited.yaml
		check_app edited.yaml
		exits 0
		prints_wrapped 'compliant: 1 object ('
	done <<-'ROWS'
		s/targetRevision: .*/targetRevision: v3.2.0-fc1+build.59/
		s/chart: px-central/path: charts\/px-central/;s/targetRevision: .*/targetRevision: 0123456789abcdef0123456789abcdef01234567/
		s/chart: px-central/path: charts\/px-central/
		s/syncPolicy:/&\n    automated: {enabled: false}/
		s/syncPolicy:/&\n    automated: null/
		s/name: rule-set/name: release-name\n        string: px-central\n      - name: rule-set/
		s/name: pxc-backup-secret/jqPathExpressions: [.data]/
		s/name: pxb-fed/&\n      env: [{name: TEAM, value: x}]/
		s/ - ServerSideApply=true/ - ServerSideApply=false\n    - ServerSideApply=true/
	ROWS
}

@test "values as YAML, and which way wins" {
	# FEDERATED-TEXT PARAMETER: what the values text and the parameter say, and the exit code
	while read -r text parameter code; do
		sed "s/name: rule-set/name: values\n        string: |\n          pxbackup:\n            federated: $text\n      - name: rule-set/;s/federated: \"true\"/federated: \"$parameter\"/" app.yaml >edited.yaml
		if [ "$parameter" = - ]; then sed -i '/pxbackup.federated/d' edited.yaml; fi
		check_app edited.yaml
		echo "$text $parameter"
		exits "$code"
	done <<-'ROWS'
		true - 0
		false - 1
		"true" - 1
		null - 1
		true false 1
		false true 0
		yes - 0
	ROWS
}

@test "values files are not seen: a note, no error" {
	sed 's/name: rule-set/name: values-files\n        array: [a.yaml]\n      - name: rule-set/;/pxbackup\./d;/isArgoCD/d;/px-csi-db/d' app.yaml >edited.yaml
	sed -i 's/        map:/        map: {}/' edited.yaml
	check_app edited.yaml
	exits 0
	prints_wrapped 'values files are not seen'
}

@test "the policy decides" {
	policy 'namespace: elsewhere'
	check_app app.yaml
	exits 1
	prints_wrapped "the destination's namespace is central; the policy says elsewhere"
	policy 'storageClassName: gp3'
	check_app app.yaml
	exits 1
	prints_wrapped 'persistentStorage.storageClassName is px-csi-db; the policy says gp3'
	policy 'telemetry: required'
	check_app app.yaml
	exits 1
	prints_wrapped 'telemetry.enabled is not true; the policy says telemetry: required'
	policy 'releaseName: other'
	check_app app.yaml
	exits 1
	prints_wrapped 'the release would be called px-central; the policy says releaseName: other'
	policy 'argoCD: false'
	sed '/isArgoCD/d' app.yaml >edited.yaml
	check_app edited.yaml
	exits 0
	policy 'severity: {argocd-app-sync: warning}'
	sed '/ServerSideApply/d' app.yaml >edited.yaml
	check_app edited.yaml
	exits 0
	prints_wrapped 'warning[argocd-app-sync]'
	check_app --fail-on warning edited.yaml
	exits 1
	policy 'exceptions:' '- {rule: argocd-app-sync, object: Application/px-central, reason: agreed, expires: 2099-01-31}'
	check_app edited.yaml
	exits 0
}

@test "another name of the plugin" {
	sed 's/name: pxb-fed/name: guard/' app.yaml >edited.yaml
	check_app --name guard edited.yaml
	exits 0
	check_app --name guard app.yaml
	exits 1
}

@test "several sources" {
	python3 - app.yaml >edited.yaml <<-'PY'
		import sys
		text = open(sys.argv[1]).read()
		head, rest = text.split('  source:\n')
		source, tail = rest.split('  syncPolicy:\n')
		item = ''.join('  ' + line + '\n' for line in source.splitlines())
		item = '    -' + item[5:]
		print(head + '  sources:\n' + item + '    - {repoURL: https://git.example.com/x, path: more, targetRevision: v1.0.0}\n  syncPolicy:\n' + tail, end='')
	PY
	check_app edited.yaml
	exits 1
	prints_wrapped '2 sources'
	prints_wrapped 'names no plugin'
	sed -i '/git.example.com/d' edited.yaml
	check_app edited.yaml
	exits 0
}

@test "an ApplicationSet: its template, what a generator fills in, what may change it" {
	python3 - app.yaml >set.yaml <<-'PY'
		import sys
		text = open(sys.argv[1]).read()
		spec = text.split('spec:\n', 1)[1]
		print('apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {name: all}\nspec:\n'
		      '  generators: [{clusters: {}}]\n  template:\n    metadata: {name: "px-{{name}}"}\n    spec:\n'
		      + ''.join('    ' + line + '\n' for line in spec.splitlines()), end='')
	PY
	check_app set.yaml
	exits 0
	prints_wrapped 'compliant: 1 object ('
	sed 's/targetRevision: .*/targetRevision: "{{version}}"/;s/namespace: central/namespace: "{{ns}}"/;s/federated: "true"/federated: "{{fed}}"/' set.yaml >filled.yaml
	check_app filled.yaml
	exits 0
	prints_wrapped 'compliant: 1 object ('
	sed 's/federated: "true"/federated: "false"/' set.yaml >wrong.yaml
	check_app wrong.yaml
	exits 1
	prints_wrapped 'pxbackup.federated is false'
	sed 's/^  template:/  templatePatch: "x"\n  template:/' set.yaml >patched.yaml
	check_app patched.yaml
	exits 0
	prints_wrapped 'warning[argocd-app-source]: templatePatch'
}

@test "several documents, a List, other objects beside" {
	{
		cat app.yaml
		echo ---
		sed 's/name: px-central/name: second/;/ServerSideApply/d' app.yaml
		printf -- '---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n'
	} >all.yaml
	check_app all.yaml
	exits 1
	prints_wrapped 'Application argocd/second'
	lacks 'argocd/px-central' "$T/out"
	{
		printf 'apiVersion: v1\nkind: List\nitems:\n'
		sed 's/^/  /;1s/^ /-/' app.yaml
	} >list.yaml
	check_app list.yaml
	exits 0
	prints_wrapped 'compliant: 1 object ('
	check_app app.yaml all.yaml
	exits 1
	mkdir folder
	cp app.yaml folder
	check_app folder
	exits 0
}

@test "secrets in an Application are found" {
	key=AKIA$(printf %s Q3EGRK7B2MXTWP5N | cut -c1-16)
	sed "s/isArgoCD: .*/&\n          a.b: $key/" app.yaml >edited.yaml
	check_app edited.yaml
	exits 1
	prints_wrapped 'cloud-credential'
	keeps_quiet_of "$key"
}

@test "what cannot be read" {
	check_app none.yaml
	refused 3
	printf 'a: [\n' >bad.yaml
	check_app bad.yaml
	exits 3
	: >empty.yaml
	check_app empty.yaml
	exits 1
	prints_wrapped 'no Application or ApplicationSet'
	pxb check app.yaml
	exits 3 # a release it is not
}

# bats test_tags=long
@test "parameters: the announcement, its defaults from the policy, the rule set" {
	policy 'storageClassName: fast' 'telemetry: forbidden' 'releaseName: px' 'serviceMesh: {mode: istio, sharedGateway: true, hostName: a.example.com}' \
		'registry: {host: "r.example.com:5000", repository: pxb, pullSecret: docreg}'
	pxb argocd parameters
	exits 0
	json "$T/out" '[p["name"] for p in r] == ["chart-path", "release-name", "values-files", "values", "helm-parameters", "helm-string-parameters", "skip-crds", "rule-set"]'
	json "$T/out" 'all(set(p) <= {"name", "title", "tooltip", "required", "itemType", "collectionType", "string", "array", "map"} for p in r)'
	json "$T/out" 'all(p["title"] and p["tooltip"] for p in r) and r[1]["string"] == "px"'
	json "$T/out" 'r[4]["map"] == {"pxbackup.enabled": "true", "pxbackup.federated": "true", "isArgoCD": "true", "persistentStorage.enabled": "true",
		"persistentStorage.storageClassName": "fast", "telemetry.enabled": "false", "istio.enabled": "true", "istio.hostName": "a.example.com",
		"images.registry": "r.example.com:5000", "images.repo": "pxb", "images.pullSecrets[0]": "docreg"}'
	# What is announced is what check-app is content with.
	json "$T/out" 'r[4]["collectionType"] == "map" and r[2]["collectionType"] == "array" and r[7]["required"]'
	pxb argocd parameters more
	refused 2
}

# bats test_tags=long
@test "the rule set: changed by what decides a verdict, and by nothing else" {
	rule_set() {
		pxb argocd parameters
		json "$T/out" True
		python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))[7]["string"])' "$T/out"
	}
	built_in=$(rule_set)
	[[ $built_in =~ ^[0-9.]+-[0-9a-f]{16}$ ]]
	policy '# a comment' 'telemetry: allowed' 'severity: {plain-secret: warning}'
	[ "$(rule_set)" = "$built_in" ]
	printf '%s\n' "$built_in" >seen
	while read -r line; do
		printf 'apiVersion: pxb-fed/v1\nkind: Policy\n%b\n' "$line" >policy.yaml
		rule_set >>seen
	done <<-'ROWS'
		storageClassName: a
		storageClassName: b
		releaseName: a
		telemetry: forbidden
		patch: never
		argoCD: true
		secondOpinion: false
		severity: {plain-secret: error}
		severity: {values: warning}
		credentials: {names: [MY_KEY]}
		credentials: {names: [MY_OTHER_KEY]}
		credentials: {patterns: ['tok_[a-z]{20}']}
		exceptions:\n- {rule: storage-class, object: ConfigMap/a, reason: r, expires: 2099-01-31}
		exceptions:\n- {rule: storage-class, object: ConfigMap/a, reason: r, expires: 2099-02-28}
	ROWS
	[ "$(sort seen | uniq -d)" = "" ]
	[ "$(wc -l <seen)" = 15 ]
	policy 'credentials: {names: [MY_KEY, MY_OTHER]}'
	one=$(rule_set)
	policy 'credentials: {names: [MY_OTHER, MY_KEY]}'
	[ "$(rule_set)" = "$one" ]
	policy 'exceptions:' '- {rule: storage-class, object: ConfigMap/a, reason: r, expires: 2099-01-31}'
	one=$(rule_set)
	policy 'exceptions:' '# why' '- {rule: storage-class, object: ConfigMap/a, reason: another word, expires: 2099-01-31}'
	[ "$(rule_set)" = "$one" ]
}

@test "plugin: both forms are read back as what they should be" {
	policy 'storageClassName: fast' '# a "comment"' 'severity:' '  plain-secret: error'
	pxb argocd plugin --policy policy.yaml --image registry.example.com/pxb-fed:1.2.3 --timeout 50
	exits 0
	"$PXB_FED_BIN" read "$T/out" >objects
	[ "$(wc -l <objects)" = 3 ]
	python3 - objects policy.yaml <<-'PY'
		import json, sys
		plugin, policy, deployment = [json.loads(line) for line in open(sys.argv[1])]
		assert policy['data']['policy.yaml'] == open(sys.argv[2]).read(), policy
		assert policy['metadata'] == {'name': 'pxb-fed-policy', 'namespace': 'argocd', 'labels': {'app.kubernetes.io/part-of': 'argocd'}}
		assert list(plugin['data']) == ['plugin.yaml'] and 'discover' not in plugin['data']['plugin.yaml']
		pod = deployment['spec']['template']['spec']
		assert set(deployment['spec']) == {'template'}, 'a part of a Deployment'
		c, = pod['containers']
		assert c['image'] == 'registry.example.com/pxb-fed:1.2.3' and c['command'] == ['/var/run/argocd/argocd-cmp-server']
		assert c['securityContext'] == {'runAsNonRoot': True, 'runAsUser': 999, 'readOnlyRootFilesystem': True, 'allowPrivilegeEscalation': False,
		                                'capabilities': {'drop': ['ALL']}, 'seccompProfile': {'type': 'RuntimeDefault'}}
		assert c['resources']['requests']
		assert {'name': 'PXB_FED_TIMEOUT', 'value': '50'} in c['env']
		volumes = {v['name'] for v in pod['volumes']}
		mounts = {m['name']: m for m in c['volumeMounts']}
		assert set(mounts) - volumes == {'var-files', 'plugins'}, 'only what Argo CD has is not made here'
		assert mounts['pxb-fed-plugin']['subPath'] == 'plugin.yaml' and mounts['pxb-fed-policy']['mountPath'] == '/etc/pxb-fed'
		assert [v for v in pod['volumes'] if 'emptyDir' in v] and mounts['pxb-fed-tmp']['mountPath'] == '/tmp'
	PY
	pxb argocd plugin --form helm-values --policy policy.yaml --name guard --argocd-namespace cd
	exits 0
	"$PXB_FED_BIN" read - <"$T/out" >values
	python3 - values policy.yaml <<-'PY'
		import json, sys
		v = json.load(open(sys.argv[1]))
		assert set(v) == {'configs', 'repoServer', 'extraObjects'} and v['configs']['cmp']['create'] is True
		assert list(v['configs']['cmp']['plugins']) == ['guard'] and set(v['configs']['cmp']['plugins']['guard']) == {'generate', 'parameters'}
		assert v['extraObjects'][0]['data']['policy.yaml'] == open(sys.argv[2]).read()
		assert v['extraObjects'][0]['metadata']['namespace'] == 'cd'
		c, = v['repoServer']['extraContainers']
		assert c['name'] == 'guard' and [m for m in c['volumeMounts'] if m.get('subPath') == 'guard.yaml']
		assert {x['name'] for x in v['repoServer']['volumes']} == {'argocd-cmp-cm', 'guard-policy', 'guard-tmp'}
	PY
}

# bats test_tags=long
@test "plugin: odd policies come through unchanged, or are refused" {
	for text in '# \xc3\xa4\n' '\n\n' '  \n' '# a\r\n' '# trailing   \n' '#\ta\n'; do
		printf "%bapiVersion: pxb-fed/v1\nkind: Policy\n" "$text" >odd.yaml
		pxb argocd plugin -p odd.yaml
		exits 0
		echo "$text"
		"$PXB_FED_BIN" read "$T/out" | python3 -c 'import json, sys; o = [json.loads(l) for l in sys.stdin]
assert o[1]["data"]["policy.yaml"] == open(sys.argv[1], newline="").read(), o[1]' odd.yaml
	done
	policy '# {{ .Values.x }}'
	pxb argocd plugin --form helm-values
	refused 2 '{{'
	pxb argocd plugin -p none.yaml
	refused 2 none.yaml
	printf 'kind: Policy\n' >bad.yaml
	pxb argocd plugin -p bad.yaml
	refused 2 apiVersion
}

@test "plugin: a wrong call" {
	for a in --name=A.b --name= --argocd-namespace=x/y '--image=a b' --image= --image='{{x}}' --timeout=0 --timeout=99999 --form=yaml more; do
		pxb argocd plugin "$a"
		echo "$a"
		refused 2
	done
}

@test "Applications that are not px-central's are passed over with one note" {
	mkdir apps
	cp app.yaml apps/px.yaml
	cat >apps/others.yaml <<-'YAML'
		apiVersion: argoproj.io/v1alpha1
		kind: Application
		metadata: {name: ingress, namespace: argocd}
		spec: {source: {repoURL: https://charts.example.com/portworx-team/all, chart: ingress-nginx, targetRevision: 4.*}}
		---
		apiVersion: argoproj.io/v1alpha1
		kind: ApplicationSet
		metadata: {name: sites, namespace: argocd}
		spec: {template: {spec: {source: {repoURL: https://git.example.com/sites.git, path: sites/a}}}}
	YAML
	check_app -o json apps
	exits 0
	json "$T/out" '[(f["severity"], f["message"][:14]) for f in r["findings"]] == [("note", "2 Applications")]'
	check_app apps/others.yaml
	exits 1
	prints 'none of the 2 Applications'
}

@test "a misspelt chart, a Git path or a value of the product is still ours" {
	for edit in 's/chart: px-central/chart: px-centrall/' 's,chart: px-central,path: charts/all,;s/name: pxb-fed$/name: other/'; do
		sed "$edit" app.yaml >edited.yaml
		differ app.yaml edited.yaml
		sed 's/chart: px-central/chart: nginx/;/plugin:/,/px-csi-db/d;s/name: px-central/name: nginx/' app.yaml >two.yaml
		printf -- '---\n' >>two.yaml
		cat edited.yaml >>two.yaml
		check_app -o json two.yaml
		json "$T/out" 'any(f["severity"] != "note" and f["rule"] == "argocd-app-source" for f in r["findings"])'
	done
}

@test "a source that only lends its files is not judged as one that renders" {
	python3 - app.yaml <<-'PY' >refs.yaml
		import sys, yaml
		a = yaml.safe_load(open(sys.argv[1]))
		a["spec"]["sources"] = [{"repoURL": "https://git.example.com/values.git", "targetRevision": "main", "ref": "values"}, a["spec"].pop("source")]
		print(yaml.safe_dump(a))
	PY
	check_app -o json refs.yaml
	exits 0
	json "$T/out" 'r["findings"] == []'
}

@test "px-central below another chart: its keys are asked for under its name" {
	sed 's/\(pxbackup\|isArgoCD\|persistentStorage\)/platform.px-central.\1/' app.yaml >edited.yaml
	differ app.yaml edited.yaml
	check_app -o json edited.yaml
	exits 0
	json "$T/out" 'r["findings"] == []'
	sed 's/platform.px-central.isArgoCD: "true"/platform.px-central.isArgoCD: "false"/' edited.yaml >wrong.yaml
	differ edited.yaml wrong.yaml
	check_app -o json wrong.yaml
	exits 1
	json "$T/out" 'any("Set platform.px-central.isArgoCD" in x for f in r["findings"] for x in f["fix"])'
}
