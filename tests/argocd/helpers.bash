# Shared by the tests of this folder: Argo CD's own plugin server with pxb-fed as its plugin, and applications to render.
#
#   HELM3, HELM4, ORACLE, CMP_SERVER, CMP_CLIENT   programs; by default tests/tools/build.sh builds them
#   PXB_FED_BIN                                    the program under test; by default build/pxb-fed

# need VARIABLE NAME: sets the variable to the path of a program of tests/tools, unless the caller has set it
need() {
	[ -z "${!1:-}" ] || return 0
	local path code=0
	path=$("$root/tests/tools/build.sh" "$2") || code=$?
	[ "$code" -ne 77 ] || skip "no Go compiler to build $2"
	[ "$code" -eq 0 ] || return "$code"
	printf -v "$1" %s "$path"
	export "${1?}"
}

find_programs() {
	local name
	for name in $(compgen -e); do
		case $name in PXB_FED_BIN) ;; PXB_FED_* | HELM_* | ARGOCD_* | KUBE*_VERSION*) unset "$name" ;; esac
	done
	root=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
	chart=$root/testdata/charts/px-central-like
	PXB_FED_BIN=${PXB_FED_BIN:-$root/build/pxb-fed}
	[ -x "$PXB_FED_BIN" ] || { echo "no $PXB_FED_BIN: build it first, or set PXB_FED_BIN" >&2; return 1; }
	PXB_FED_BIN=$(cd "$(dirname "$PXB_FED_BIN")" && pwd)/$(basename "$PXB_FED_BIN")
	export root chart PXB_FED_BIN LC_ALL=C.UTF-8
}

# A folder of the test's own, with a policy of the platform team's, a repository and an Application in it.
prepare() {
	T=$BATS_TEST_TMPDIR
	export HOME=$T/home
	mkdir -p "$HOME" "$T/sockets" "$T/work" "$T/config" "$T/repo"
	cd "$T" || return 1
	printf 'apiVersion: pxb-fed/v1\nkind: Policy\n' >"$T/policy.yaml"
	rules=$("$PXB_FED_BIN" argocd parameters -p "$T/policy.yaml" | python3 -c 'import json, sys; print(json.load(sys.stdin)[7]["string"])')
	server=
}

# plugin_yaml: what the printed ConfigMap holds, with the program under test in its place
plugin_yaml() {
	"$PXB_FED_BIN" argocd plugin | "$PXB_FED_BIN" read - | head -n 1 |
		PROGRAM=$PXB_FED_BIN python3 -c 'import json, os, sys; print(json.load(sys.stdin)["data"]["plugin.yaml"].replace("/usr/local/bin/pxb-fed", os.environ["PROGRAM"]), end="")'
}

# start_server [NAME=VALUE...]: the plugin server, with that in the sidecar's environment
start_server() {
	[ -e "$T/config/plugin.yaml" ] || plugin_yaml >"$T/config/plugin.yaml"
	env ARGOCD_PLUGINSOCKFILEPATH="$T/sockets" ARGOCD_CMP_WORKDIR="$T/work" PXB_FED_POLICY="$T/policy.yaml" HELM_BIN="${HELM:-$HELM4}" "$@" \
		"$CMP_SERVER" --config-dir-path "$T/config" --loglevel warn >"$T/server.log" 2>&1 </dev/null 3>&- &
	server=$!
	socket=$T/sockets/pxb-fed.sock
	serves "$server" "$socket" "$T/server.log"
}

# serves PID SOCKET LOG: the server takes connections: its socket file is there earlier than that
serves() {
	python3 "$root/tests/lib/await.py" accept "$1" "$2" && return 0
	echo "the plugin server did not start:"
	cat "$3"
	return 1
}

# One SIGTERM only takes the socket away.
stop_server() {
	[ -z "${server:-}" ] || { kill -9 "$server" && wait "$server"; } 2>/dev/null || :
	server=
}

# application [SED SCRIPT]: an Application in the file app.yaml, with the values that the vendor's page wants
application() {
	cat >"$T/app.yaml" <<-YAML
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
		    repoURL: https://git.example.com/px
		    path: charts/px-central
		    targetRevision: v3.0.0
		    plugin:
		      name: pxb-fed
		      env: []
		      parameters:
		      - name: rule-set
		        string: $rules
		      - name: helm-parameters
		        map:
		          pxbackup.enabled: "true"
		          pxbackup.federated: "true"
		          isArgoCD: "true"
		          persistentStorage.enabled: "true"
		          persistentStorage.storageClassName: px-csi-db
		  syncPolicy:
		    syncOptions: [ServerSideApply=true, RespectIgnoreDifferences=true, CreateNamespace=true]
		  ignoreDifferences:
		  - {kind: Secret, name: pxc-backup-secret, jsonPointers: [/data]}
	YAML
	[ $# -eq 0 ] || sed -i "$1" "$T/app.yaml"
}

repository() {
	mkdir -p "$T/repo/charts"
	cp -r "$chart" "$T/repo/charts/px-central"
}

# generate: what Argo CD would get; out and err in $T, the exit code of the client in status
generate() {
	status=0
	"$CMP_CLIENT" generate "$@" "$socket" "$T/repo" "$T/app.yaml" >"$T/out" 2>"$T/err" || status=$?
}

explain() {
	echo "$1"
	echo "client's exit $status; its standard error:"
	head -c 3000 "$T/err"
	return 1
}

succeeds() { [ "$status" -eq 0 ] || explain 'not rendered'; }
fails_with() {
	[ "$status" -eq 1 ] || explain 'not refused'
	[ ! -s "$T/out" ] || explain 'something was rendered'
	tr -s ' \n' ' ' <"$T/err" | grep -qF -e "$1" || explain "it does not say: $1"
}

refute() {
	if "$@"; then return 1; fi
}
