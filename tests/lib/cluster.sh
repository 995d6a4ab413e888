#!/bin/sh
# cluster.sh start DIR | stop DIR: a real API server for a test: etcd and kube-apiserver on the loopback, on free ports, with
# their state, logs and pids in DIR. `start` prints the path of the administrator's kubeconfig when the server is ready.
#
# There are no nodes, no scheduler and no controllers: Jobs never complete, claims are never bound, a deleted namespace stays
# Terminating, nothing may --wait. The admission plugins ServiceAccount and StorageObjectInUseProtection are off, because the
# controllers that serve them are not there.
#   KUBE_APISERVER, ETCD   the programs; by default tests/tools/build.sh builds them. Exit 77: there is no Go compiler.
#   APISERVER_FLAGS        more options for the API server
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd -P)
[ $# -eq 2 ] || { echo 'usage: cluster.sh start DIR | stop DIR' >&2; exit 2; }
dir=$2

# Each by the pid it had when it was started, gently first; what is gone already is fine.
stop() {
	for name in apiserver etcd; do
		[ -f "$dir/$name.pid" ] || continue
		pid=$(cat "$dir/$name.pid")
		rm -f "$dir/$name.pid"
		kill "$pid" 2>/dev/null || continue
		for _ in $(seq 50); do
			kill -0 "$pid" 2>/dev/null || continue 2
			sleep 0.1
		done
		kill -9 "$pid" 2>/dev/null || :
	done
}

free_ports() {
	python3 -c '
import socket
sockets = [socket.socket() for _ in range(3)]
for s in sockets:
    s.bind(("127.0.0.1", 0))
print(*[s.getsockname()[1] for s in sockets])'
}

# An authority, a certificate for 127.0.0.1 signed by it, a key for service accounts, a token for the administrator.
keys() {
	openssl genrsa -out "$dir/sa.key" 2048
	openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=test-ca -keyout "$dir/ca.key" -out "$dir/ca.crt"
	openssl req -newkey rsa:2048 -nodes -subj /CN=kube-apiserver -keyout "$dir/api.key" -out "$dir/api.csr"
	printf 'subjectAltName=IP:127.0.0.1,DNS:localhost\nextendedKeyUsage=serverAuth\n' >"$dir/api.ext"
	openssl x509 -req -in "$dir/api.csr" -CA "$dir/ca.crt" -CAkey "$dir/ca.key" -CAcreateserial -days 2 -extfile "$dir/api.ext" \
		-out "$dir/api.crt"
	token=$(openssl rand -hex 16)
	printf '%s,admin,admin,"system:masters"\n' "$token" >"$dir/tokens.csv"
}

kubeconfig() {
	cat >"$dir/kubeconfig" <<-YAML
		apiVersion: v1
		kind: Config
		current-context: test
		clusters: [{name: test, cluster: {server: "https://127.0.0.1:$port", certificate-authority: $dir/ca.crt}}]
		users: [{name: admin, user: {token: $token}}]
		contexts: [{name: test, context: {cluster: test, user: admin}}]
	YAML
}

is_ready() {
	[ "$(curl -s --max-time 5 --cacert "$dir/ca.crt" -H "Authorization: Bearer $token" "https://127.0.0.1:$port/readyz")" = ok ]
}

die() {
	echo "cluster.sh: $1" >&2
	tail -n 5 "$dir/etcd.log" "$dir/apiserver.log" >&2 || :
	stop
	exit 1
}

start() {
	etcd=${ETCD:-$(sh "$here/../tools/build.sh" etcd)}
	apiserver=${KUBE_APISERVER:-$(sh "$here/../tools/build.sh" kube-apiserver)}
	umask 077
	mkdir -p "$dir"
	dir=$(cd "$dir" && pwd)
	[ ! -e "$dir/apiserver.pid" ] || { echo "cluster.sh: one runs in $dir already" >&2; exit 1; }
	keys 2>"$dir/openssl.log"
	# shellcheck disable=SC2046  # three numbers
	set -- $(free_ports)
	port=$1
	"$etcd" --name test --data-dir "$dir/etcd" --unsafe-no-fsync --log-level warn \
		--listen-client-urls "http://127.0.0.1:$2" --advertise-client-urls "http://127.0.0.1:$2" \
		--listen-peer-urls "http://127.0.0.1:$3" --initial-advertise-peer-urls "http://127.0.0.1:$3" \
		--initial-cluster "test=http://127.0.0.1:$3" </dev/null >"$dir/etcd.log" 2>&1 3>&- &
	echo $! >"$dir/etcd.pid"
	# shellcheck disable=SC2086  # a list of options
	"$apiserver" --etcd-servers "http://127.0.0.1:$2" --bind-address 127.0.0.1 --advertise-address 127.0.0.1 --secure-port "$port" \
		--endpoint-reconciler-type none --service-cluster-ip-range 10.0.0.0/16 \
		--tls-cert-file "$dir/api.crt" --tls-private-key-file "$dir/api.key" --cert-dir "$dir" \
		--service-account-issuer https://kubernetes.default.svc --service-account-key-file "$dir/sa.key" \
		--service-account-signing-key-file "$dir/sa.key" --token-auth-file "$dir/tokens.csv" --authorization-mode RBAC \
		--allow-privileged --disable-admission-plugins ServiceAccount,StorageObjectInUseProtection ${APISERVER_FLAGS:-} \
		</dev/null >"$dir/apiserver.log" 2>&1 3>&- &
	echo $! >"$dir/apiserver.pid"
	kubeconfig
	for _ in $(seq 600); do
		if is_ready; then
			echo "$dir/kubeconfig"
			return 0
		fi
		kill -0 "$(cat "$dir/apiserver.pid")" 2>/dev/null || die 'the API server ended'
		sleep 0.1
	done
	die 'the API server was not ready after a minute'
}

case $1 in
start) start ;;
stop) stop ;;
*)
	echo 'usage: cluster.sh start DIR | stop DIR' >&2
	exit 2
	;;
esac
