#!/usr/bin/env bats
# What becomes of `helm pxb-fed install` when the line to the cluster is bad, and when the user changes his mind.

load helpers
load cluster

setup_file() {
	find_programs
	start_api_server
}
teardown_file() { stop_api_server; }
setup() { prepare; }
teardown() {
	stop_server
	empty_cluster
}

@test "no cluster: install and upgrade end with 5, a plan and a template are made without it" {
	for major in 3 4; do
		with_plugin "$major"
		cluster=(KUBECONFIG="$work/none")
		for verb in install upgrade; do
			split fed "$major" "$verb" px "$chart" "${federated[@]}"
			expect 5
			[ ! -s out ]
			says 'nothing was changed'
			split fed "$major" "$verb" --plan px "$chart" "${federated[@]}"
			expect 0
			says 'no cluster answers: rendered without it'
			grep -q "^plan: $verb px into namespace central" out
		done
		split fed "$major" template px "$chart" "${federated[@]}"
		expect 0
		helm "$major" template px "$chart" "${federated[@]}" >plain.yaml
		cmp plain.yaml out
		split fed "$major" template px "$chart" "${unrepairable[@]}"
		expect 1
		[ ! -s out ]
	done
}

@test "a connection that is lost, one question later each time: exit 5 and nothing half done" {
	for major in 3 4; do
		with_plugin "$major"
		in_cluster "-$major"
		lost=0
		for connections in 0 1 2 3 4 5 6 7 8 9; do
			line_through --connections "$connections"
			split fed "$major" install px "$chart" "${good[@]}" --timeout 20s
			stop_server
			[ "$status" = 5 ] || break
			lost=$((lost + 1))
			says 'nothing was changed'
			[ "$(releases)" = '' ]
			nothing_in "$ns"
		done
		echo "lost $lost times, then $status"
		[ "$lost" -ge 2 ] # our own questions, which share a connection, and the render
		[ "$lost" -le 8 ]
		empty_cluster
	done
}

@test "an upgrade whose connection is lost changes nothing" {
	for major in 3 4; do
		with_plugin "$major"
		in_cluster "-$major"
		helm "$major" install px "$chart" "${good[@]}" >/dev/null
		for connections in 0 1; do # nothing is read, and then: the release is, but Helm cannot render
			line_through --connections "$connections"
			split fed "$major" upgrade px "$chart" "${good[@]}" --set telemetry.enabled=true
			stop_server
			expect 5
		done
		cluster=(KUBECONFIG="$kubeconfig")
		[ "$(helm "$major" history px -n "$ns" -o json | python3 -c 'import json, sys; print([r["status"] for r in json.load(sys.stdin)])')" = "['deployed']" ]
		helm "$major" uninstall px -n "$ns" --no-hooks >/dev/null
	done
}

# One answer is held back longer than any question of Helm's usually takes.
@test "a slow API server is waited for" {
	with_plugin 3
	in_cluster
	line_through --hold "${PXB_FED_SLOW:-30}" --held 1
	split fed 3 install px "$chart" "${good[@]}"
	expect 0
	grep -q '^STATUS: deployed' out
}

@test "--gate-timeout ends the waiting: exit 5, nothing installed" {
	for major in 3 4; do
		with_plugin "$major"
		in_cluster "-$major"
		line_through --hold 600
		split fed "$major" install --gate-timeout 1 px "$chart" "${good[@]}"
		expect 5
		says 'did not answer before the deadline'
		stop_server
		line_through --hold 600 --spared 1 # ours is answered, the render's is not
		split fed "$major" install --gate-timeout 4 px "$chart" "${good[@]}"
		expect 5
		says 'did not end within 4 seconds'
		stop_server
		[ "$(releases)" = '' ]
		nothing_in "$ns"
	done
}

@test "Ctrl-C while the cluster is asked: the children end, nothing is installed" {
	for major in 3 4; do
		with_plugin "$major"
		in_cluster "-$major"
		line_through --hold 600
		if [ "$major" = 3 ]; then program=$HELM3; else program=$HELM4; fi
		# Through the program itself: as its plugin's caller, Helm would be gone first, whatever the plugin does.
		split clean "$major" HELM_BIN="$program" python3 "$root/tests/lib/interrupt.py" 'grep -q "asking the cluster" err' \
			"$copy/bin/pxb-fed" install px "$chart" "${good[@]}"
		expect 130
		stop_server
		[ "$(releases)" = '' ]
		nothing_in "$ns"
	done
}

@test "Ctrl-C while Helm installs: Helm gets it, and its exit code comes back" {
	stop_controllers # so that Helm waits for its first hook's Job
	for major in 3 4; do
		with_plugin "$major"
		in_cluster "-$major"
		if [ "$major" = 3 ]; then program=$HELM3; else program=$HELM4; fi
		split clean "$major" HELM_BIN="$program" python3 "$root/tests/lib/interrupt.py" \
			"$KUBECTL --kubeconfig $kubeconfig -n $ns get job preflight-check -o name" \
			"$copy/bin/pxb-fed" install px "$chart" "${good[@]}"
		expect 6
		cat out err | grep -q 'has been cancelled'
		grep -q 'INSTALLATION FAILED: ' err
	done
	start_controllers
}

@test "a wrong context, a bad token, an authority that nobody trusts: the cause and exit 5, also of a plan" {
	sed 's/token: [0-9a-f]*/token: wrong/' "$kubeconfig" >"$work/token"
	sed 's/certificate-authority: .*}}/tls-server-name: localhost}}/' "$kubeconfig" >"$work/x509"
	for major in 3 4; do
		with_plugin "$major"
		for file in token x509; do
			cluster=(KUBECONFIG="$work/$file")
			for words in 'install --plan px' 'install px' 'template --dry-run=server px'; do
				# shellcheck disable=SC2086
				split fed "$major" $words "$chart" "${federated[@]}"
				expect 5
				[ ! -s out ]
				says 'the cluster could not be asked: '
				says 'nothing was changed'
			done
		done
		says 'certificate'
		cluster=(KUBECONFIG="$kubeconfig")
		split fed "$major" install --plan px "$chart" "${federated[@]}" --kube-context nope
		expect 5
		says 'context "nope" does not exist'
	done
}
