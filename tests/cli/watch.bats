#!/usr/bin/env bats
# watch without a cluster: its options, and records.
load ../lib/cli

setup() { prepare; }

# record [LINE...]: a namespace where the API server is away, then the lines
record() {
	local resource items
	echo '{"watch":1,"time":1795687313,"namespace":"central","release":"px-central"}'
	for resource in pods deployments replicasets statefulsets jobs persistentvolumeclaims events configmaps secrets namespaces \
		storageclasses prometheuses alertmanagers; do
		case $resource in
		namespaces) items='{"metadata":{"name":"central"}}' ;;
		*) items= ;;
		esac
		echo "{\"at\":0,\"resource\":\"$resource\",\"change\":\"list\",\"kind\":\"ok\",\"body\":{\"items\":[$items]}}"
	done
	if [ $# != 0 ]; then printf '%s\n' "$@"; fi
}

@test "a namespace must be named, and names must be names" {
	pxb watch
	refused 2 "name the namespace of Portworx Backup"
	pxb watch -n 'a/b'
	refused 2 "'a/b' is not a namespace name"
	pxb watch -n central '../x'
	refused 2 "'../x' is not a release name"
	pxb watch -n central one two
	refused 2 "watch takes one release, not 'two' too"
}

@test "a timeout is a duration" {
	for bad in 0 -1 5x m 1.5h '' 99999999h; do
		pxb watch -n central --timeout "$bad"
		refused 2 "is not a duration"
	done
	for long in 169h 9999999h 604801; do
		pxb watch -n central --timeout "$long"
		refused 2 "'$long' is too long: a watch takes at most 7 days"
	done
	pxb install --watch-timeout 5m px chart
	refused 2 "--watch-timeout goes with --watch"
	pxb template --watch px chart
	refused 2 "'template' installs nothing that could be watched"
}

@test "without a kubeconfig it says so and ends" {
	export KUBECONFIG=$T/none
	pxb watch -n central --timeout 5s
	exits 5
	says "no kubeconfig was found"
}

@test "a record is shown as lines of what changed, and the end" {
	record >r
	pxb watch --from r
	exits 5
	is_silent
	prints '00:00  waiting for release px-central: it is not there yet'
	prints_wrapped 'deadline: release px-central in namespace central'
	lacks_bytes '\x1b' "$T/out"
	pxb watch --from - <r
	exits 5
	pxb watch --from r -o json
	exits 5
	tail -n 1 "$T/out" >"$T/out.last"
	json "$T/out.last" 'r["event"] == "deadline" and r["cause"]["subject"] == "release px-central"'
}

@test "what is no record is refused with its line" {
	echo 'x' >r
	pxb watch --from r
	refused 3
	for empty in '' '\n' '\n \n'; do
		printf "$empty" >r
		pxb watch --from r
		refused 3 "'r' line 1: this is not a record of 'watch --save'"
	done
	echo '{"watch":2}' >r
	pxb watch --from r
	refused 3 "'r' line 1: this is not a record of 'watch --save'"
	record '{"at":1,"resource":"nodes","change":"list","kind":"ok","body":{"items":[]}}' >r
	pxb watch --from r
	exits 3
	says "'r' line 15: this is not a change"
	record '[1]' >r
	pxb watch --from r
	exits 3
	says "'r' line 15: this is not a JSON object"
	pxb watch --from r --save s
	refused 2 "--from shows a record"
	pxb watch --from none
	refused 3
}

@test "names in a record do not reach the terminal as they are" {
	record | sed '1s/"central"/"a\\u001b[2J"/' >r
	pxb watch --from r
	refused 3 "this is not a record"
}

@test "a dumb terminal and a pipe get no escapes, NO_COLOR no colours" {
	record >r
	pxb watch --from r
	lacks_bytes '\x1b' "$T/out"
	CLICOLOR_FORCE=1 pxb watch --from r
	exits 5
	NO_COLOR=1 CLICOLOR_FORCE=1 pxb watch --from r
	lacks_bytes '\x1b' "$T/out"
}

@test "Ctrl-C says where it stands, also of a cluster that never answered" {
	[ -x "$PXB_FED_BIN-kube" ] || skip "pxb-fed-kube is not built"
	printf '%s' '{"apiVersion":"v1","kind":"Config","current-context":"c","clusters":[{"name":"k","cluster":{"server":"http://127.0.0.1:1"}}],' \
		'"users":[{"name":"u","user":{}}],"contexts":[{"name":"c","context":{"cluster":"k","user":"u"}}]}' >kubeconfig
	chmod 600 kubeconfig
	status=0
	python3 "$root/tests/lib/interrupt.py" "grep -q waiting '$T/out'" "$PXB_FED_BIN" watch -n central --kubeconfig kubeconfig \
		>"$T/out" 2>"$T/err" || status=$?
	exits 130
	is_silent
	prints 'waiting for the API server: the connection was refused'
	prints 'interrupted: release px-central in namespace central'
	keeps_quiet_of 'databases'
}
