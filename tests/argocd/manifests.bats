# What 'argocd plugin' prints, given to a real API server.

load helpers

setup_file() {
	find_programs
	need KUBECTL kubectl
	need ETCD etcd
	need KUBE_APISERVER kube-apiserver
	export CLUSTER=$BATS_FILE_TMPDIR/cluster
	KUBECONFIG=$(sh "$root/tests/lib/cluster.sh" start "$CLUSTER")
	export KUBECONFIG
}
teardown_file() {
	if [ -n "${CLUSTER:-}" ]; then sh "$root/tests/lib/cluster.sh" stop "$CLUSTER"; fi
}

# A namespace of its own for each test, with Argo CD's repo-server in it: the parts of it that the plugin leans on.
setup() {
	prepare
	ns=argocd-$BATS_TEST_NUMBER
	"$KUBECTL" create namespace "$ns" >/dev/null
	cat >stock.yaml <<-YAML
		apiVersion: apps/v1
		kind: Deployment
		metadata:
		  name: argocd-repo-server
		  namespace: $ns
		  labels: {app.kubernetes.io/name: argocd-repo-server, app.kubernetes.io/part-of: argocd}
		spec:
		  selector: {matchLabels: {app.kubernetes.io/name: argocd-repo-server}}
		  template:
		    metadata:
		      labels: {app.kubernetes.io/name: argocd-repo-server}
		    spec:
		      automountServiceAccountToken: false
		      initContainers:
		      - name: copyutil
		        image: argocd:v3.5.7
		        command: [/bin/cp, /usr/local/bin/argocd, /var/run/argocd/argocd]
		        volumeMounts: [{name: var-files, mountPath: /var/run/argocd}]
		      containers:
		      - name: argocd-repo-server
		        image: argocd:v3.5.7
		        volumeMounts: [{name: plugins, mountPath: /home/argocd/cmp-server/plugins}, {name: tmp, mountPath: /tmp}]
		      volumes: [{name: var-files, emptyDir: {}}, {name: plugins, emptyDir: {}}, {name: tmp, emptyDir: {}}]
	YAML
	"$PXB_FED_BIN" argocd plugin --argocd-namespace "$ns" --policy policy.yaml >plugin.yaml
}

deployment() { "$KUBECTL" -n "$ns" get deployment argocd-repo-server -o json; }

# holds EXPRESSION: about the pod's spec p and the Deployment d
holds() {
	deployment | python3 -c 'import json, sys
d = json.load(sys.stdin); p = d["spec"]["template"]["spec"]
sys.exit(0 if eval(sys.argv[1]) else "not true: %s\n%s" % (sys.argv[1], json.dumps(p, indent=1)))' "$1"
}

apply() { "$KUBECTL" apply --server-side --field-manager=pxb-fed --validate=strict "$@"; }

@test "every printed manifest passes a server-side dry run, strictly" {
	"$KUBECTL" apply --server-side --field-manager=argocd -f stock.yaml
	apply --dry-run=server -f plugin.yaml >out 2>err
	[ "$(wc -l <out)" = 3 ]
	[ ! -s err ]
	"$KUBECTL" apply --dry-run=server --validate=strict -f plugin.yaml
	# A misspelt key would be told.
	sed 's/runAsNonRoot/runAsNonRot/' plugin.yaml >wrong.yaml
	refute apply --dry-run=server -f wrong.yaml 2>/dev/null
}

@test "applied: the sidecar is there, all else stays, and a second time changes nothing" {
	"$KUBECTL" apply --server-side --field-manager=argocd -f stock.yaml
	apply -f plugin.yaml
	holds '[c["name"] for c in p["containers"]] == ["argocd-repo-server", "pxb-fed"]'
	holds 'p["initContainers"][0]["name"] == "copyutil" and len(p["volumes"]) == 6'
	holds '[c for c in p["containers"] if c["name"] == "argocd-repo-server"][0]["image"] == "argocd:v3.5.7"'
	holds 'not ({m["name"] for c in p["containers"] for m in c["volumeMounts"]} - {v["name"] for v in p["volumes"]})'
	before=$(deployment | python3 -c 'import json, sys; print(json.load(sys.stdin)["metadata"]["generation"])')
	apply -f plugin.yaml
	holds "d['metadata']['generation'] == $before"
	# Argo CD's own upgrade leaves the sidecar where it is.
	sed -i 's/v3.5.7/v3.5.8/' stock.yaml
	"$KUBECTL" apply --server-side --field-manager=argocd -f stock.yaml
	holds '[c["name"] for c in p["containers"]] == ["argocd-repo-server", "pxb-fed"] and p["containers"][0]["image"] == "argocd:v3.5.8"'
	# Another policy starts the pods again.
	printf 'storageClassName: fast\n' >>policy.yaml
	"$PXB_FED_BIN" argocd plugin --argocd-namespace "$ns" --policy policy.yaml >plugin.yaml
	apply -f plugin.yaml
	holds "d['metadata']['generation'] == $before + 2"
	"$KUBECTL" -n "$ns" get configmap pxb-fed-policy -o json | python3 -c 'import json, sys; sys.exit(json.load(sys.stdin)["data"]["policy.yaml"] != open("policy.yaml").read())'
}

@test "applied client-side by mistake: refused, and the repo-server is as it was" {
	"$KUBECTL" apply -f stock.yaml
	deployment >before
	refute "$KUBECTL" apply -f plugin.yaml
	holds 'len(p["containers"]) == 1'
	cmp before <(deployment)
	"$KUBECTL" -n "$ns" delete deployment argocd-repo-server --wait=false
	refute "$KUBECTL" apply -f plugin.yaml
}

@test "as a patch, for Kustomize and kubectl patch" {
	"$KUBECTL" apply --server-side --field-manager=argocd -f stock.yaml
	"$PXB_FED_BIN" read plugin.yaml | tail -n 1 >part.json
	"$KUBECTL" -n "$ns" patch deployment argocd-repo-server --patch-file part.json
	holds 'sorted(c["name"] for c in p["containers"]) == ["argocd-repo-server", "pxb-fed"]'
}

@test "the values for Argo CD's chart make the same sidecar" {
	"$PXB_FED_BIN" argocd plugin --form helm-values --argocd-namespace "$ns" --policy policy.yaml | "$PXB_FED_BIN" read - >values.json
	"$KUBECTL" create --dry-run=client -o json -f stock.yaml >stock.json
	python3 - stock.json values.json >rendered.json <<-'PY'
		import json, sys
		d, v = [json.load(open(f)) for f in sys.argv[1:]]
		pod = d['spec']['template']['spec']
		pod['containers'] += v['repoServer']['extraContainers']
		pod['volumes'] += v['repoServer']['volumes']
		d['spec']['template']['metadata']['annotations'] = v['repoServer']['podAnnotations']
		print(json.dumps(d))
		for o in v['extraObjects']:
		    print(json.dumps(o))
	PY
	apply --dry-run=server -f rendered.json >out 2>err
	[ "$(wc -l <out)" = 2 ]
	[ ! -s err ]
	apply -f rendered.json
	deployment >chart.json
	"$KUBECTL" delete -f rendered.json --wait=false >/dev/null
	"$KUBECTL" apply --server-side --field-manager=argocd -f stock.yaml
	apply -f plugin.yaml
	deployment >manifests.json
	python3 - chart.json manifests.json <<-'PY'
		import json, sys
		a, b = [[c for c in json.load(open(f))['spec']['template']['spec']['containers'] if c['name'] == 'pxb-fed'][0] for f in sys.argv[1:]]
		for c in a, b:
		    for m in c['volumeMounts']:
		        if m['mountPath'].endswith('/plugin.yaml'):
		            m.update(name='', subPath='')
		assert a == b, (a, b)
	PY
}
