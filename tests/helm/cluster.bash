# Shared by the tests of install and upgrade: one real API server a file, with the kinds that the chart brings (not with
# `start_api_server empty`) and with someone to complete its Jobs. Load it behind helpers.bash.
#
#   KUBE_APISERVER, ETCD, KUBECTL   programs; by default tests/tools/build.sh builds them

start_api_server() {
	need KUBE_APISERVER kube-apiserver
	need ETCD etcd
	need KUBECTL kubectl
	export KUBE_APISERVER ETCD KUBECTL
	api=$BATS_FILE_TMPDIR/api
	kubeconfig=$(sh "$root/tests/lib/cluster.sh" start "$api")
	export api kubeconfig
	[ "${1-}" = empty ] || kubectl create -f "$chart/crds" >/dev/null
	start_controllers
}

stop_api_server() {
	stop_controllers
	sh "$root/tests/lib/cluster.sh" stop "$api"
}

start_controllers() {
	python3 "$root/tests/lib/controllers.py" "$api" >"$api/controllers.log" 2>&1 3>&- &
	echo $! >"$api/controllers.pid"
}

stop_controllers() {
	kill "$(cat "$api/controllers.pid")" 2>/dev/null || :
}

kubectl() { timeout 60 "$KUBECTL" --kubeconfig "$kubeconfig" "$@"; }

# no_crds [FILE...]: a cluster without any of the chart's kinds, or with those of the files alone
no_crds() {
	local file
	kubectl delete customresourcedefinitions --all --timeout=60s >/dev/null
	for file; do kubectl create -f "$chart/crds/$file" >/dev/null; done
}

# in_cluster: a namespace of the test's own, $ns; Helm and kubectl find the server
in_cluster() {
	ns=t$BATS_TEST_NUMBER${1-}
	kubectl create namespace "$ns" >/dev/null
	hook_path=$(dirname "$KUBECTL"):$PATH
	cluster=(KUBECONFIG="$kubeconfig")
	good=(--namespace "$ns" --set pxbackup.enabled=true,pxbackup.federated=true
		--set persistentStorage.storageClassName=px-csi-db)
}

# Cluster roles have fixed names: the next test needs them.
empty_cluster() {
	local name space
	cluster=(KUBECONFIG="$kubeconfig")
	helm 3 list --all-namespaces --all --output json | python3 -c '
import json, sys
for r in json.load(sys.stdin):
    print(r["name"], r["namespace"])' | while read -r name space; do
		helm 3 uninstall "$name" --namespace "$space" --no-hooks --wait=false >/dev/null || :
	done
}

# fed MAJOR ARGUMENT...: helm pxb-fed
fed() {
	local major=$1
	shift
	helm "$major" pxb-fed "$@"
}

releases() { helm 3 list --all-namespaces --all --short; }

# nothing_in NAMESPACE: no release, and nothing else that Helm would have made there
nothing_in() {
	[ -z "$(kubectl --namespace "$1" get secrets,configmaps,services,persistentvolumeclaims,jobs,deployments,statefulsets --output name |
		grep -v '^configmap/kube-root-ca.crt$')" ]
}

# line_through ARGUMENT...: $cluster leads over a bad line; see proxy.py
line_through() {
	line=$BATS_TEST_TMPDIR/line$((${lines_made:-0} + 1))
	lines_made=$((${lines_made:-0} + 1))
	mkdir "$line"
	python3 "$root/tests/lib/proxy.py" "$kubeconfig" "$line" "$@" 3>&- &
	server=$!
	python3 "$root/tests/lib/await.py" file "$server" "$line/kubeconfig"
	cluster=(KUBECONFIG="$line/kubeconfig")
}

# expect CODE: the status of the last split
expect() {
	[ "$status" = "$1" ] || {
		echo "exit code $status, not $1; stderr was:"
		head -c 3000 "$work/err"
		return 1
	}
}

flat() { tr -s ' \n' ' ' <"$1"; }

# says TEXT: stderr of the last split holds it, however it was wrapped
says() {
	flat "$work/err" | grep -qF -e "$1" || {
		echo "stderr does not say '$1':"
		head -c 3000 "$work/err"
		return 1
	}
}

# lacks_words TEXT: stderr of the last split does not hold it
lacks_words() {
	if flat "$work/err" | grep -qF -e "$1"; then
		echo "stderr says '$1':"
		head -c 3000 "$work/err"
		return 1
	fi
}
