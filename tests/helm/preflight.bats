#!/usr/bin/env bats
# `helm pxb-fed install --preflight` on a real API server: a cluster that is not ready stops it before Helm runs.

load helpers
load cluster

setup_file() {
	find_programs
	start_api_server
	kubectl create -f - >/dev/null <<-YAML
		apiVersion: storage.k8s.io/v1
		kind: StorageClass
		metadata: {name: px-csi-db}
		provisioner: pxd.portworx.com
		allowVolumeExpansion: true
	YAML
	for name in one two three; do node "$name"; done
}

# A node as a kubelet reports it.
node() {
	kubectl create -f - >/dev/null <<<"{apiVersion: v1, kind: Node, metadata: {name: $1}}"
	kubectl patch node "$1" --subresource=status --type=merge -p '{"status": {"allocatable": {"cpu": "8", "memory": "32Gi"},
		"nodeInfo": {"kubeletVersion": "v1.34.4"}, "conditions": [{"type": "Ready", "status": "True"}]}}' >/dev/null
}
teardown_file() { stop_api_server; }
setup() { prepare; }
teardown() { empty_cluster; }

quota() {
	kubectl -n "$ns" delete resourcequota storage --ignore-not-found >/dev/null
	kubectl -n "$ns" create quota storage --hard="requests.storage=$1" >/dev/null
}

credentials() {
	"$PXB_FED_BIN" spec secret -n "$ns" | kubectl create -f - >/dev/null
}

@test "what is not ready stops the installation; the render's own size decides" {
	for major in 3 4; do
		with_plugin "$major"
		in_cluster "-$major"
		credentials
		quota 440Gi
		split fed "$major" install px "$chart" "${good[@]}" --preflight
		expect 1
		says '441 GiB'
		says 'the backup cluster is not ready: nothing was installed'
		[ -z "$(helm "$major" list -n "$ns" --all --short)" ]

		split fed "$major" install px "$chart" "${good[@]}" --set persistentStorage.mysqlVolumeSize=99Gi --preflight
		expect 0
		grep -q '^STATUS: deployed' out

		split fed "$major" upgrade px "$chart" "${good[@]}" --set persistentStorage.mysqlVolumeSize=99Gi --preflight
		expect 0
		grep -q '^REVISION: 2' out
		helm "$major" uninstall px -n "$ns" --no-hooks >/dev/null
	done
}

@test "without --preflight nothing but Helm decides" {
	with_plugin 3
	in_cluster
	quota 440Gi
	split fed 3 install px "$chart" "${good[@]}"
	expect 0
	lacks_words quota
}

@test "who may not read a part is told so, and goes on" {
	with_plugin 3
	in_cluster
	credentials
	quota 441Gi
	kubectl create -f - >/dev/null <<-YAML
		apiVersion: rbac.authorization.k8s.io/v1
		kind: ClusterRole
		metadata: {name: all-but-nodes}
		rules:
		- {nonResourceURLs: ["*"], verbs: ["*"]}
		- apiGroups: [""]
		  resources: [namespaces, configmaps, secrets, services, serviceaccounts, persistentvolumeclaims, persistentvolumes, pods, events,
		    resourcequotas, limitranges]
		  verbs: ["*"]
		- apiGroups: [apps, batch, rbac.authorization.k8s.io, apiextensions.k8s.io, monitoring.coreos.com, storage.k8s.io, policy,
		    admissionregistration.k8s.io, networking.k8s.io, autoscaling]
		  resources: ["*"]
		  verbs: ["*"]
	YAML
	kubectl create clusterrolebinding all-but-nodes --clusterrole=all-but-nodes --user=limited >/dev/null
	split fed 3 install px "$chart" "${good[@]}" --preflight --kube-as-user limited
	expect 0
	says 'grant the right to list nodes'
	grep -q '^STATUS: deployed' out
}

@test "with template there is nothing to check" {
	with_plugin 3
	split fed 3 template px "$chart" --preflight
	expect 2
	says "'template' installs nothing"
}
