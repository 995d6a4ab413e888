#!/usr/bin/env bats
# export vap: which policies come from which policy. What they do is tried on a real API server by tests/cluster/vap.py.

load ../lib/cli

setup() { prepare; }

everything=$root/testdata/policies/everything.yaml

# exported OPTION...: what the export holds, read back by the program itself, is in objects.json
exported() {
	pxb export vap "$@"
	exits 0
	is_silent
	cp "$T/out" export.yaml
	pxb read export.yaml
	exits 0
	is_silent
	cp "$T/out" objects.json
}

# holds EXPRESSION: a Python expression about the objects read: params, policies and bindings by their name without the head
holds() {
	python3 - "$1" <<'PY'
import json, re, sys
objects = [json.loads(line) for line in open('objects.json')]
by = lambda kind: {re.sub(r'^pxb-fed-[a-z]+-', '', o['metadata']['name']): o for o in objects if o['kind'] == kind}
policies, bindings = by('ValidatingAdmissionPolicy'), by('ValidatingAdmissionPolicyBinding')
maps = [o for o in objects if o['kind'] == 'ConfigMap']
params = maps[0]['data']
text = open('export.yaml').read()
if not eval(sys.argv[1]):
    sys.exit('not true: %s\npolicies: %s' % (sys.argv[1], ' '.join(policies)))
PY
}

# bats test_tags=long
@test "export vap: each policy has its binding, all are of one namespace and read one ConfigMap" {
	exported -p "$everything"
	holds 'len(maps) == 1 and len(policies) > 30 and list(policies) == list(bindings)'
	holds 'len(objects) == 1 + len(policies) + len(bindings)'
	holds 'maps[0]["metadata"]["name"] == "pxb-fed-central" and maps[0]["metadata"]["namespace"] == "kube-system"'
	holds 'all(b["spec"]["policyName"] == policies[n]["metadata"]["name"] == b["metadata"]["name"] for n, b in bindings.items())'
	holds 'all(b["spec"]["matchResources"] == {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "central"}}} for b in bindings.values())'
	holds 'all(b["spec"]["paramRef"] == {"name": "pxb-fed-central", "namespace": "kube-system", "parameterNotFoundAction": "Deny"} for b in bindings.values())'
	holds 'all(p["spec"]["paramKind"] == {"apiVersion": "v1", "kind": "ConfigMap"} for p in policies.values())'
	holds 'all(o["metadata"]["labels"]["app.kubernetes.io/managed-by"] == "pxb-fed" and o["metadata"]["labels"]["app.kubernetes.io/instance"] == "central" for o in objects)'
	holds 'all(o["metadata"]["name"].startswith("pxb-fed-central") and len(o["metadata"]["name"]) < 64 for o in objects)'
}

@test "export vap: what is said names the rule, how to fix it, and stays short and on one line" {
	exported -p "$everything"
	holds 'all(v["messageExpression"].startswith("\"pxb-fed[" + p["metadata"]["labels"]["pxb-fed/rule"] + "]: ") for p in policies.values() for v in p["spec"]["validations"])'
	holds 'all("fix: " in v["messageExpression"] and len(v["messageExpression"]) < 600 for p in policies.values() for v in p["spec"]["validations"])'
	holds 'all("explain " + p["metadata"]["labels"]["pxb-fed/rule"] in v["message"] and "\n" not in v["message"] for p in policies.values() for v in p["spec"]["validations"])'
	# Every policy says in a comment what it cannot see.
	holds 'text.count("\n# Cannot see: ") == len(policies)'
}

@test "export vap: deletions, status and other subresources are nobody's business" {
	exported -p "$everything"
	holds 'all(o in ("CREATE", "UPDATE") for p in policies.values() for r in p["spec"]["matchConstraints"]["resourceRules"] for o in r["operations"])'
	holds '[s for p in policies.values() for r in p["spec"]["matchConstraints"]["resourceRules"] for s in r["resources"] if "/" in s and s != "pods/ephemeralcontainers"] == []'
	holds 'policies["storage-class-claims"]["spec"]["matchConstraints"]["resourceRules"][0]["operations"] == ["CREATE"]'
}

@test "export vap: the same policy gives the same bytes, in any locale, and no line is odd" {
	exported -p "$everything"
	cp export.yaml first.yaml
	LC_ALL=C.UTF-8 TZ=Asia/Tokyo exported -p "$everything"
	cmp first.yaml export.yaml
	lacks_bytes '\t|[ ]$|[^\x0a\x20-\x7e]' export.yaml
}

@test "export vap: the built-in policy requires the mode, some class, one mesh, no credentials" {
	exported --release-namespace pxb
	holds 'params["storageClass"] == "" and params["serviceMesh"] == "any" and maps[0]["metadata"]["name"] == "pxb-fed-pxb"'
	holds '{p["metadata"]["labels"]["pxb-fed/rule"] for p in policies.values()} == {"federated-flag", "storage-class", "storage-ephemeral", "mesh-mode", "cloud-credential", "cloud-credential-reference", "plain-secret"}'
	holds '"storage-class-checks" not in policies'
}

# bats test_tags=long
@test "export vap: every key of the policy changes what it should, and nothing else" {
	policy 'namespace: central'
	exported
	cp objects.json plain.json
	differs() { # KEYS... / EXPRESSION about added (names of policies), changed (names), params
		local what=${*: -1}
		policy 'namespace: central' "${@:1:$#-1}"
		exported
		python3 - "$what" <<-'PY'
			import json, sys
			def read(path):
			    objects = [json.loads(line) for line in open(path)]
			    return ({o['metadata']['name'][16:]: o for o in objects if o['kind'] == 'ValidatingAdmissionPolicy'}, objects[0]['data'],
			            {o['metadata']['name'][16:]: o for o in objects if o['kind'] == 'ValidatingAdmissionPolicyBinding'})
			(old, before, ob), (new, now, nb) = read('plain.json'), read('objects.json')
			assert set(old) <= set(new), 'policies are gone'
			added = sorted(set(new) - set(old))
			changed = sorted(n for n in old if old[n] != new[n] or ob[n] != nb[n])
			params = {k: v for k, v in now.items() if before.get(k) != v}
			if not eval(sys.argv[1]):
			    sys.exit('not true: %s\nadded: %s\nchanged: %s\nparams: %s' % (sys.argv[1], added, changed, params))
		PY
	}
	differs 'releaseName: px-central' 'argoCD: true' 'patch: never' 'secondOpinion: false' 'not added and not changed and not params'
	differs 'storageClassName: fast' 'added == ["storage-class-checks"] and all(n.startswith("storage-class") for n in changed) and params == {"storageClass": "fast"}'
	differs 'telemetry: forbidden' 'added == ["telemetry-objects", "telemetry-off"] and not changed and not params'
	differs 'telemetry: required' 'added == ["telemetry-on"] and not changed and not params'
	differs 'telemetry: allowed' 'not added and not changed and not params'
	differs 'serviceMesh: {mode: linkerd}' 'not added and not changed and params == {"serviceMesh": "linkerd"}'
	differs 'serviceMesh: {mode: none}' 'not added and not changed and params == {"serviceMesh": "none"}'
	differs 'serviceMesh: {hostName: pxb.example.com}' 'added == ["mesh-hostname"] and params == {"hostName": "pxb.example.com"} and nb["mesh-hostname"]["spec"]["validationActions"] == ["Warn"]'
	differs 'serviceMesh: {hostName: pxb.example.com, sharedGateway: true}' 'nb["mesh-hostname"]["spec"]["validationActions"] == ["Deny"]'
	differs 'registry: {host: "r.example.com:5000"}' 'all(n.startswith("image-") for n in added) and "image-pull-secret-workloads" not in added and params == {"imagePrefix": "r.example.com:5000/"}'
	differs 'registry: {host: r.example.com, repository: a/b, pullSecret: pull}' '"image-pull-secret-workloads" in added and params == {"imagePrefix": "r.example.com/a/b/", "pullSecret": "pull"}'
	differs 'credentials: {names: [MY-Token, my_token, AWS_SECRET_KEY, "odd name"], patterns: ["x{9}"]}' 'not added and not changed and {k: v for k, v in params.items() if k != "nameEndings"} == {"own.mytoken": "3"}'
	differs 'severity: {storage-class: warning}' 'not added and not params and changed and all(n.startswith("storage-class") for n in changed)'
}

@test "export vap: severities become actions, and only what denies fails closed" {
	policy 'namespace: central' 'severity: {storage-class: warning, mesh-mode: note, plain-secret: error}'
	exported
	holds 'bindings["storage-class-claims"]["spec"]["validationActions"] == ["Warn"] and policies["storage-class-claims"]["spec"]["failurePolicy"] == "Ignore"'
	holds 'bindings["mesh-marks-workloads"]["spec"]["validationActions"] == ["Audit"] and policies["mesh-marks-workloads"]["spec"]["failurePolicy"] == "Ignore"'
	holds 'bindings["plain-secret"]["spec"]["validationActions"] == ["Deny"] and policies["plain-secret"]["spec"]["failurePolicy"] == "Fail"'
	exported --audit
	holds 'all(b["spec"]["validationActions"] == ["Warn", "Audit"] for b in bindings.values())'
	holds 'all(p["spec"]["failurePolicy"] == "Ignore" for p in policies.values())'
}

@test "export vap: an exception holds for its place until its day, and the file says so" {
	policy 'namespace: central' 'exceptions:' \
		'- {rule: plain-secret, object: ConfigMap/a, path: data.KEY, reason: x, expires: 9999-12-31}' \
		'- {rule: plain-secret, object: ConfigMap/b, reason: x, expires: 2020-01-01}' \
		'- {rule: plain-secret, object: Deployment/c, reason: x, expires: 9999-12-31}' \
		'- {rule: storage-class, object: StatefulSet/d, path: "spec.volumeClaimTemplates[0].spec.storageClassName", reason: x, expires: 9999-12-31}' \
		'- {rule: cloud-credential, object: Secret/e, path: metadata.annotations.x, reason: x, expires: 9999-12-31}'
	exported
	holds '"ConfigMap/a KEY" in policies["plain-secret"]["spec"]["variables"][-1]["expression"]'
	holds 'text.count("Excepted until 9999-12-31: ConfigMap/a data.KEY") == 1 and "ConfigMap/b" not in text and "Deployment/c" not in text'
	holds '"StatefulSet/d" in [c["expression"] for c in policies["storage-class-templates"]["spec"]["matchConditions"] if c["name"] == "no-exception"][0]'
	# An exception of a place that no policy looks at opens nothing.
	holds '"Secret/e" not in text'
}

@test "export vap: odd texts in an exception stay one line of a comment and one literal" {
	policy 'namespace: central' 'exceptions:' \
		'- {rule: cloud-credential, object: Secret/e, path: "data[\"a\u2028b #\u00e9\"]", reason: x, expires: 9999-12-31}'
	exported
	# A letter is shown, a line end that is no line feed is not.
	lacks_bytes '[\x00-\x09\x0b-\x1f\x7f]|\xe2\x80\xa8' export.yaml
	grep -qF "$(printf 'b #\303\251')" export.yaml
	holds '"Secret/e a\\u2028b #\\u00e9" in policies["credential-names-secrets"]["spec"]["variables"][-1]["expression"]'
}

@test "export vap: names of credentials come from the table of the gate, each once" {
	exported --release-namespace pxb
	sed -n 's/^NAME("\([^"]*\)", *[A-Z0-9]*, *\(ID\|SECRET\|DOC\), *0).*/\1/p' "$root/src/credentials/names.def" |
		tr -d '_.-' | tr '[:upper:]' '[:lower:]' | sort -u >wanted
	sed -n 's/^  name\.\([a-z0-9]*\): .*/\1/p' export.yaml | sort >found
	[ "$(wc -l <wanted)" -gt 80 ]
	diff wanted found
}

@test "export vap: without a namespace, or with a wrong one, exit 2 and the way out" {
	pxb export vap
	refused 2 "set 'namespace' in the policy, or give --release-namespace NS"
	for ns in kube-system kube-public kube-node-lease; do
		pxb export vap --release-namespace "$ns"
		refused 2 "'$ns' belongs to the cluster itself"
	done
	pxb export vap --release-namespace pxb --params-namespace pxb
	refused 2 "the parameters must not be in 'pxb'"
	pxb export vap --release-namespace pxb --params-namespace 'Not_A_Label'
	refused 2 '--params-namespace must be a DNS label'
	pxb export vap --release-namespace other -p "$everything"
	refused 2 "'--release-namespace' says 'other'"
	exported --release-namespace pxb --params-namespace platform
	holds 'maps[0]["metadata"]["namespace"] == "platform" and all(b["spec"]["paramRef"]["namespace"] == "platform" for b in bindings.values())'
}

@test "export: what it takes and what it does not" {
	pxb export
	refused 2 'needs what to export: vap'
	pxb export vpa
	refused 2 "no 'vpa'; did you mean 'vap'?"
	pxb export rego
	refused 2 "no 'rego': only vap can be exported"
	pxb export vap more
	refused 2 "'vap' takes no argument: 'more'"
	pxb export vap -o json --release-namespace pxb
	refused 2 '--output is for --table'
	pxb export vap --audt
	refused 2 "did you mean '--audit'?"
	pxb export vap -p missing.yaml
	refused 2 'missing.yaml'
	pxb export --help
	exits 0
	prints '--params-namespace'
}

@test "export vap --lock: the installation's choices, where the policy leaves them open" {
	pxb lock create --output made.lock "$streams/fed-default.template3.yaml"
	exits 0
	exported --lock made.lock
	holds 'maps[0]["metadata"]["name"] == "pxb-fed-central" and params["storageClass"] == "px-csi-db" and params["encryption"] == "off"'
	holds '"encryption" in policies and "storage-class-checks" in policies'
	# The one that lies here is taken as well.
	cp made.lock pxb-fed.lock
	exported
	holds 'params["storageClass"] == "px-csi-db"'
	policy 'storageClassName: other'
	pxb export vap
	refused 2 "the policy's storageClassName is 'other', but pxb-fed.lock was made with 'px-csi-db'"
	policy
	pxb export vap --release-namespace elsewhere
	refused 2 "the policy's namespace is 'elsewhere', but pxb-fed.lock was made with 'central'"
	sed 's/^mode: federated/mode: classic/' made.lock >pxb-fed.lock
	pxb export vap
	refused 2 'pxb-fed.lock is of an installation in classic mode'
	pxb export vap --lock missing.lock
	refused 2 'missing.lock'
}

@test "export vap --table: every rule in 80 columns, and what the policy leaves out is off" {
	pxb export vap --table
	exits 0
	is_silent
	run awk 'length > 80' "$T/out"
	[ -z "$output" ]
	pxb explain
	sed -n 's/^\([a-z][a-z-]*\) (\(error\|warning\|note\).*/\1/p' "$T/out" >rules
	[ "$(wc -l <rules)" -gt 20 ]
	pxb export vap --table -o json
	cp "$T/out" table.json
	python3 - <<-'PY'
		import json
		table = json.load(open('table.json'))
		rules = open('rules').read().split()
		assert [t['rule'] for t in table] == rules, (rules, [t['rule'] for t in table])
		state = {t['rule']: (t['cluster'], t['action']) for t in table}
		assert state['telemetry'] == state['image-registry'] == state['mesh-hostname'] == ('off', ''), state
		assert state['cloud-credential'] == ('partly', 'Deny') and state['plain-secret'] == ('partly', 'Warn'), state
		assert state['stream'] == ('no', '') and all(t['unseen'] for t in table)
	PY
	pxb export vap --table --audit
	prints 'Warn, Audit'
}

@test "docs/admission.md shows the table that the program prints" {
	pxb export vap --table -o markdown -p "$everything"
	exits 0
	sed -n '/^<!-- pxb-fed export vap --table/,$ { /^|/p }' "$root/docs/admission.md" >documented
	diff documented "$T/out"
}
