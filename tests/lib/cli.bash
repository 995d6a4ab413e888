# Shared by tests/cli: the program under test, a home of its own, and words to say what must hold.
#
#   PXB_FED_BIN   the program; by default build/pxb-fed of this checkout

root=$(cd "${BASH_SOURCE[0]%/*}/../.." && pwd)
PXB_FED_BIN=${PXB_FED_BIN:-$root/build/pxb-fed}
case $PXB_FED_BIN in /*) ;; *) PXB_FED_BIN=$PWD/$PXB_FED_BIN ;; esac
# shellcheck disable=SC2034  # for the tests
mini=$root/tests/cases/base/mini.yaml
# shellcheck disable=SC2034
mini_nohooks=$root/tests/cases/base/mini-nohooks.yaml
# shellcheck disable=SC2034
streams=$root/testdata/streams

# An empty environment of its own for each test; nothing of the machine's policy or state is looked at.
prepare() {
	[ -x "$PXB_FED_BIN" ] || { echo "no $PXB_FED_BIN: build it first, or set PXB_FED_BIN" >&2; return 1; }
	local name
	for name in $(compgen -e); do
		case $name in PXB_FED_BIN) ;; PXB_FED_* | HELM_* | ARGOCD_* | XDG_* | CLICOLOR* | NO_COLOR | TERM) unset "$name" ;; esac
	done
	T=$BATS_TEST_TMPDIR
	export HOME=$T/home LC_ALL=C
	mkdir -p "$HOME" "$T/work"
	cd "$T/work" || return 1
	printf 'apiVersion: pxb-fed/v1\nkind: Policy\n' >policy.yaml
	# Found before the machine's own.
	export PXB_FED_POLICY=$T/work/policy.yaml
}

# pxb ARGUMENT...: runs the program; what it prints is in $T/out and $T/err. Never longer than half a minute.
pxb() {
	status=0
	timeout -k 2 30 "$PXB_FED_BIN" "$@" >"$T/out" 2>"$T/err" || status=$?
}

explain() {
	echo "$1"
	echo "exit $status; standard error:"
	head -c 2000 "$T/err" || :
	echo "standard output begins:"
	head -c 600 "$T/out" || :
	return 1
}

exits() { [ "$status" -eq "$1" ] || explain "exit $status, wanted $1"; }
prints_nothing() { [ ! -s "$T/out" ] || explain "something on standard output"; }
says() { grep -qF -e "$1" "$T/err" || explain "standard error does not say: $1"; }
prints() { grep -qF -e "$1" "$T/out" || explain "standard output does not say: $1"; }
# prints_wrapped TEXT: the same, however the output was wrapped
prints_wrapped() { tr -s ' \n' ' ' <"$T/out" | grep -qF -e "$1" || explain "standard output does not say: $1"; }
keeps_quiet_of() { ! grep -qF -e "$1" "$T/err" "$T/out" || explain "prints: $1"; }
is_short() { [ "$(wc -c <"$T/err")" -le 4096 ] || explain "standard error has more than 4096 bytes"; }
is_silent() { [ ! -s "$T/err" ] || explain "something on standard error"; }
lacks() { ! grep -q -e "$1" "$2" || { echo "$2 holds $1"; return 1; }; }
lacks_bytes() { ! grep -qaP -e "$1" "$2" || { echo "$2 holds $1"; return 1; }; }
no_file() { [ ! -e "$1" ] || { echo "$1 is there"; return 1; }; }
differ() { ! cmp -s "$1" "$2" || { echo "$1 and $2 are the same"; return 1; }; }
# bash does not stop at a failing "! command".
refute() {
	if "$@"; then return 1; fi
}
same_as() { cmp "$T/out" "$1" || explain "the output is not the input"; }

# refused CODE TEXT: the exit code, nothing on standard output, and the words
refused() {
	exits "$1" && prints_nothing && is_short && { [ $# -lt 2 ] || says "$2"; }
}

# rejected: refused or unreadable, whichever it is, with nothing on standard output
rejected() {
	case $status in 1 | 3) ;; *) explain "exit $status, wanted 1 or 3" || return 1 ;; esac
	prints_nothing && is_short
}

policy() { printf '%s\n' 'apiVersion: pxb-fed/v1' 'kind: Policy' "$@" >policy.yaml; }

# classic [FILE]: a stream whose flag is wrong and can be repaired
classic() { sed 's/PX_BACKUP_FEDERATED : "true"/PX_BACKUP_FEDERATED : "false"/' "${1:-$mini}" >classic.yaml; }

# A JSON file holds what the expression over `r` says.
json() { python3 -c 'import json, sys; r = json.load(open(sys.argv[1])); sys.exit(not eval(sys.argv[2]))' "$1" "$2" || { cat "$1"; return 1; }; }

# serve: the API server of $api, and a kubeconfig for it
serve() {
	api=$T/api
	mkdir -p "$api"
	mkfifo "$T/url"
	python3 "$root/tests/lib/api.py" "$api" >"$T/url" 3>&- &
	api_pid=$!
	read -r url <"$T/url"
	export KUBECONFIG=$T/kubeconfig
	cat >"$KUBECONFIG" <<-YAML
		apiVersion: v1
		kind: Config
		current-context: mine
		clusters: [{name: one, cluster: {server: "$url"}}]
		contexts:
		- {name: mine, context: {cluster: one, namespace: central}}
		- {name: other, context: {cluster: one, namespace: elsewhere}}
	YAML
	chmod 600 "$KUBECONFIG"
}

# stop_serving: for teardown, whether a server runs or not
stop_serving() { if [ -n "${api_pid-}" ]; then kill "$api_pid"; fi; }
