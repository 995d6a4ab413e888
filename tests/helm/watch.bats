#!/usr/bin/env bats
# install and upgrade that go on into watch, on a real API server of their own.
load helpers
load cluster

setup_file() {
	find_programs
	start_api_server
}
teardown_file() { stop_api_server; }
setup() { prepare; }

# Nobody runs the pods here: their workloads are reported as ready.
report_ready() {
	local kind name
	for kind in deployments statefulsets; do
		for name in $(kubectl -n "$ns" get "$kind" -o 'jsonpath={.items[*].metadata.name}'); do
			kubectl -n "$ns" get "$kind" "$name" -o json | python3 -c '
import json, sys
o = json.load(sys.stdin)
n = o["spec"]["replicas"]
print(json.dumps({"status": {"observedGeneration": o["metadata"]["generation"], "replicas": n, "readyReplicas": n, "updatedReplicas": n,
                             "availableReplicas": n}}))' >status.json
			kubectl -n "$ns" patch "$kind" "$name" --subresource=status --type=merge --patch-file status.json >/dev/null
		done
	done
}

@test "--watch goes on where Helm ends: exit code 5 for what is not ready at the deadline, 0 for what is" {
	external=(--set pxbackup.deployDedicatedMonitoringSystem=false
		--set pxbackup.prometheusEndpoint=http://prometheus.example.com:9090
		--set pxbackup.alertmanagerEndpoint=http://alertmanager.example.com:9093)
	for major in 3 4; do
		with_plugin "$major"
		in_cluster "-$major"
		split fed "$major" install px "$chart" "${good[@]}" "${external[@]}" --watch --watch-timeout 2s
		expect 5
		grep -q '^STATUS: deployed' out
		grep -q "^deadline: release px in namespace $ns" out
		grep -q 'waits:' out

		# The first upgrade makes a new generation: the chart has a variable for installations alone.
		split fed "$major" upgrade px "$chart" "${good[@]}" "${external[@]}"
		expect 0
		report_ready
		split fed "$major" upgrade px "$chart" "${good[@]}" "${external[@]}" --watch --watch-timeout 30s
		expect 0
		grep -q "^ready: release px in namespace $ns" out

		split fed "$major" upgrade px "$chart" "${good[@]}" "${external[@]}" --watch --dry-run
		expect 0
		refute grep -q '^ready:' out
		helm "$major" uninstall px -n "$ns" --no-hooks >/dev/null
	done
}

teardown() { empty_cluster; }

@test "what prometheus-operator is to make is waited for" {
	with_plugin 4
	in_cluster
	split fed 4 install px "$chart" "${good[@]}"
	expect 0
	split fed 4 upgrade px "$chart" "${good[@]}"
	expect 0
	report_ready
	split fed 4 upgrade px "$chart" "${good[@]}" --watch --watch-timeout 2s
	expect 5
	grep -q 'prometheus-px-backup-dashboard-prometheus: it is not there yet' out
	helm 4 uninstall px -n "$ns" --no-hooks >/dev/null
}
