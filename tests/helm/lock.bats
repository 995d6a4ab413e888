#!/usr/bin/env bats
# The lock with real Helm 3 and Helm 4 and a real API server: what is recorded of a release and of the cluster, and that
# what the rules refuse is what the API server refuses.

load helpers

setup_file() {
	root=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
	chart=$root/testdata/charts/px-central-like
	PXB_FED_BIN=${PXB_FED_BIN:-$root/build/pxb-fed}
	need HELM3 helm3
	need HELM4 helm4
	need KUBECTL kubectl
	need ETCD etcd
	need KUBE_APISERVER kube-apiserver
	export root chart PXB_FED_BIN HELM3 HELM4 KUBECTL ETCD KUBE_APISERVER
	KUBECONFIG=$(sh "$root/tests/lib/cluster.sh" start "$BATS_FILE_TMPDIR/cluster")
	export KUBECONFIG
	crds | "$KUBECTL" apply -f - >/dev/null
	for plural in prometheuses alertmanagers servicemonitors prometheusrules; do
		"$KUBECTL" wait --for=condition=Established "crd/$plural.monitoring.coreos.com" --timeout=30s >/dev/null
	done
}

teardown_file() { sh "$root/tests/lib/cluster.sh" stop "$BATS_FILE_TMPDIR/cluster"; }

# The monitoring operator's kinds, as far as the API server must know them.
crds() {
	for names in 'prometheuses Prometheus' 'alertmanagers Alertmanager' 'servicemonitors ServiceMonitor' \
		'prometheusrules PrometheusRule'; do
		cat <<-YAML
			---
			apiVersion: apiextensions.k8s.io/v1
			kind: CustomResourceDefinition
			metadata: {name: ${names% *}.monitoring.coreos.com}
			spec:
			  group: monitoring.coreos.com
			  scope: Namespaced
			  names: {plural: ${names% *}, kind: ${names#* }}
			  versions:
			  - name: v1
			    served: true
			    storage: true
			    schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
		YAML
	done
}

setup() {
	prepare
	cluster=(KUBECONFIG="$KUBECONFIG" KUBECTL="$KUBECTL")
	"$KUBECTL" create namespace central >/dev/null 2>&1 || :
}

# Namespaces never go without controllers: the release does, and what it leaves.
teardown() {
	"$HELM3" uninstall px -n central --no-hooks >/dev/null 2>&1 || :
	"$KUBECTL" -n central delete all,pvc,configmap,secret,serviceaccount,role,rolebinding --all --wait=false >/dev/null 2>&1 || :
}

# The chart without its CRDs, which are there already. The hooks' Jobs would never end without a kubelet.
install_px() { helm "$1" install px "$chart" "${federated[@]}" --no-hooks --skip-crds >/dev/null; }

pxb() {
	local name=HELM$1
	clean "$1" env HELM_BIN="${!name}" "$PXB_FED_BIN" "${@:2}"
}

@test "one lock, whether it is taken from the render, the release or the cluster, in both majors" {
	for major in 3 4; do
		install_px "$major"
		helm "$major" template px "$chart" "${federated[@]}" >rendered.yaml
		pxb "$major" lock create -q -o rendered.lock rendered.yaml
		pxb "$major" lock create -q -o release.lock --release px --release-namespace central
		pxb "$major" lock create -q -o cluster.lock --cluster --release-namespace central
		cmp rendered.lock release.lock
		cmp rendered.lock cluster.lock
		pxb "$major" lock verify --lock rendered.lock --release px
		pxb "$major" lock verify --lock rendered.lock --cluster
		helm "$major" uninstall px -n central --no-hooks >/dev/null
		split pxb "$major" lock verify --lock rendered.lock --release px
		[ "$status" -eq 5 ]
		grep -q "there is no release 'px' in namespace 'central'" err
		rm ./*.lock
	done
}

# refused_by_both VALUE RULE TEXT...: Helm without the gate gets the API server's own refusal, with it the rule's
refused_by_both() {
	local value=$1 rule=$2 text
	shift 2
	for major in 3 4; do
		helm "$major" template px "$chart" "${federated[@]}" --set "$value" >changed.yaml
		split pxb "$major" lock verify changed.yaml
		[ "$status" -eq 1 ]
		grep -q "error\[$rule\]" err
		split helm "$major" upgrade px "$chart" "${federated[@]}" --set "$value" --no-hooks --skip-crds
		[ "$status" -eq 1 ]
		for text in "$@"; do
			cat err
			grep -qF "$text" err
		done
	done
}

@test "another StorageClass: refused before, where the API server refuses half way" {
	install_px 3
	pxb 3 lock create -q --release px --release-namespace central
	refused_by_both persistentStorage.storageClassName=other storage-locked \
		'spec is immutable after creation except resources.requests' \
		"updates to statefulset spec for fields other than"
	# The gate with the lock would not have let it begin.
	split pxb 3 check changed.yaml
	[ "$status" -eq 1 ]
	grep -q 'error\[storage-locked\]' out
}

@test "another selector: the API server's own words" {
	install_px 3
	pxb 3 lock create -q --release px --release-namespace central
	cp -R "$chart" changed
	grep -rl 'app: px-backup' changed/templates | xargs sed -i 's/app: px-backup$/app: px-backup2/'
	chart=changed
	refused_by_both pxbackup.enabled=true selector-locked 'field is immutable'
}

@test "a claim that was grown by hand, and one that is gone" {
	install_px 4
	pxb 4 lock create -q --cluster --release-namespace central
	size=$("$KUBECTL" -n central get pvc pxcentral-mysql-pvc -o 'jsonpath={.spec.resources.requests.storage}')
	sed -i "/pxcentral-mysql-pvc/,/size:/s/size: .*/size: 1Gi/" pxb-fed.lock
	# As if it had been 1Gi: the cluster has more now, which is recorded and then holds.
	pxb 4 lock verify --cluster
	pxb 4 lock update -q --reason 'grown by hand' --cluster
	grep -qF "PersistentVolumeClaim/pxcentral-mysql-pvc size 1Gi -> $size" pxb-fed.lock
	"$KUBECTL" -n central delete pvc pxcentral-mysql-pvc --wait=false >/dev/null
	split pxb 4 lock verify --cluster
	[ "$status" -eq 1 ]
	grep -q 'claim pxcentral-mysql-pvc is in pxb-fed.lock and not' err
}

@test "a token reaches the cluster without a kubeconfig" {
	install_px 3
	pxb 3 lock create -q --cluster --release-namespace central
	token=$(sed -n 's/.*token: \([0-9a-f]*\).*/\1/p' "$KUBECONFIG")
	server=$(sed -n 's/.*server: "\([^"]*\)".*/\1/p' "$KUBECONFIG")
	cluster=(KUBECTL="$KUBECTL" HELM_KUBETOKEN="$token" HELM_KUBEAPISERVER="$server" HELM_KUBECAFILE="$BATS_FILE_TMPDIR/cluster/ca.crt")
	pxb 3 lock verify --cluster
	cluster=(KUBECTL="$KUBECTL" HELM_KUBETOKEN="x$token" HELM_KUBEAPISERVER="$server" HELM_KUBECAFILE="$BATS_FILE_TMPDIR/cluster/ca.crt")
	split pxb 3 lock verify --cluster
	[ "$status" -eq 5 ]
	grep -q Unauthorized err
}
