#!/usr/bin/env bats
# What is installed already, read from Helm's own objects on a real API server: in both forms that Helm keeps them, with the rights
# that people have, and without asking Helm. Releases that Helm keeps elsewhere are asked of Helm.

load helpers
load cluster

setup_file() {
	find_programs
	start_api_server
}
teardown_file() { stop_api_server; }

setup() {
	prepare
	# A Helm that keeps a list of what it was asked.
	asked=$BATS_TEST_TMPDIR/asked
	listening=$BATS_TEST_TMPDIR/listening
	printf '#!/bin/sh\necho "$@" >>"$ASKED"\nexec "$REAL_HELM" "$@"\n' >"$listening"
	chmod +x "$listening"
}
teardown() {
	unset HELM_DRIVER
	empty_cluster
}

# pxb MAJOR ARGUMENT...: the program itself, under that Helm
pxb() {
	local major=$1 real=$HELM3
	shift
	[ "$major" = 3 ] || real=$HELM4
	: >"$asked"
	clean "$major" ASKED="$asked" REAL_HELM="$real" HELM_BIN="$listening" ${driver:+HELM_DRIVER="$driver"} ${plugin_dir:+HELM_PLUGIN_DIR="$plugin_dir"} \
		"$PXB_FED_BIN" "$@"
}

verbs() { sed -e 's/^plugin .*/plugin/' -e 's/ .*//' "$asked" | sort -u | tr '\n' ' '; }

# installed MAJOR ARGUMENT...: px, by Helm alone
installed() {
	local major=$1
	shift
	cluster+=(${driver:+HELM_DRIVER="$driver"})
	helm "$major" install px "$chart" "${good[@]}" "$@" >/dev/null
}

@test "an upgrade is compared with the release in a Secret or a ConfigMap; Helm renders and does nothing else" {
	for driver in secret configmaps; do
		in_cluster "-$driver"
		installed 3
		split pxb 3 upgrade px "$chart" "${good[@]}" --set persistentStorage.storageClassName=other
		expect 1
		says "the installed release px in namespace $ns, revision 1"
		[ "$(verbs)" = 'upgrade version ' ]
		split pxb 3 upgrade px "$chart" "${good[@]}" --dry-run=server
		expect 0
		[ "$(verbs)" = 'upgrade version ' ]
		helm 3 uninstall px -n "$ns" --no-hooks >/dev/null
	done
}

@test "a release that Helm keeps elsewhere is asked of Helm" {
	driver=memory
	in_cluster
	echo '[]' >none.yaml
	cluster+=(HELM_MEMORY_DRIVER_DATA="$work/none.yaml")
	split pxb 3 upgrade --install px "$chart" "${good[@]}" --dry-run=server
	expect 0
	[ "$(verbs)" = 'list upgrade version ' ]
}

@test "the failed revision is no baseline: the deployed one before it is" {
	in_cluster
	installed 4
	run helm 4 upgrade px "$chart" "${good[@]}" --set persistentStorage.storageClassName=other --no-hooks
	[ "$status" -ne 0 ]
	split pxb 3 upgrade px "$chart" "${good[@]}" --dry-run=server
	expect 0
	says "the installed release px in namespace $ns, revision 1"
}

@test "a release that was never deployed is known by its name and compared with nothing" {
	in_cluster
	run helm 3 install px "$chart" "${good[@]}" --no-hooks --set persistentStorage.mysqlVolumeSize=none
	[ "$status" -ne 0 ]
	split pxb 3 install px "$chart" "${good[@]}"
	expect 1
	says "a release 'px' is already in namespace $ns (failed, chart px-central-3.0.0)"
	lacks_words 'compared with'
}

@test "lock create --release and spec images --release read the same object, without Helm" {
	for driver in secrets configmap; do
		in_cluster "-$driver"
		installed 3
		pxb 3 lock create -q -o - --release px --release-namespace "$ns" >of-cluster.yaml
		[ "$(verbs)" = '' ]
		grep -q '^mode: federated' of-cluster.yaml
		pxb 3 spec images --release px --release-namespace "$ns" >images 2>/dev/null
		[ "$(verbs)" = '' ]
		clean 3 "${cluster[@]}" HELM_DRIVER="$driver" "$HELM3" get manifest px -n "$ns" >manifest.yaml
		pxb 3 lock create -q -o - manifest.yaml >of-manifest.yaml
		cmp of-manifest.yaml of-cluster.yaml
		pxb 3 spec images manifest.yaml 2>/dev/null | cmp - images
		helm 3 uninstall px -n "$ns" --no-hooks >/dev/null
	done
}

@test "a release that is not there is named, with the namespace" {
	in_cluster
	split pxb 3 lock create -o - --release nope --release-namespace "$ns"
	expect 5
	says "there is no release 'nope' in namespace '$ns'"
}

# Helm's flags for impersonation are honoured: eve may read everything but Secrets, and those of one namespace.
eve() {
	kubectl create clusterrole but-secrets --verb=get,list --resource='configmaps,persistentvolumeclaims,namespaces,services,storageclasses.storage.k8s.io,prometheuses.monitoring.coreos.com,alertmanagers.monitoring.coreos.com,customresourcedefinitions.apiextensions.k8s.io' --dry-run=client -o yaml | kubectl apply -f - >/dev/null
	kubectl create clusterrolebinding eve --clusterrole=but-secrets --user=eve --dry-run=client -o yaml | kubectl apply -f - >/dev/null
}

@test "who may list the releases of one namespace gets that one, with a note; who may list none is told" {
	in_cluster
	installed 3
	eve
	split pxb 3 upgrade px "$chart" "${good[@]}" --plan --kube-as-user eve
	says 'the releases may not be listed: what is installed was not checked'
	lacks_words 'compared with'
	kubectl -n "$ns" create role secrets --verb=get,list --resource=secrets >/dev/null
	kubectl -n "$ns" create rolebinding eve --role=secrets --user=eve >/dev/null
	split pxb 3 upgrade px "$chart" "${good[@]}" --plan --kube-as-user eve
	says 'releases in other namespaces may not be listed: only this namespace was looked at'
	says "compared with the installed release px in namespace $ns, revision 1"
}

@test "a chart in an archive is read where it lies; one with a packed dependency is asked of Helm" {
	in_cluster
	helm 3 package "$chart" -d . >/dev/null
	split pxb 3 install px px-central-*.tgz "${good[@]}" --dry-run=server
	expect 0
	[ "$(verbs)" = 'install version ' ]
	mkdir -p umbrella/charts
	mv px-central-*.tgz umbrella/charts/
	printf 'apiVersion: v2\nname: umbrella\nversion: 1.0.0\ndependencies:\n- {name: px-central, version: 3.0.0}\n' >umbrella/Chart.yaml
	split pxb 3 install px umbrella --namespace "$ns" --dry-run=server --set px-central.pxbackup.enabled=true,px-central.pxbackup.federated=true \
		--set px-central.persistentStorage.storageClassName=px-csi-db
	expect 0
	[ "$(verbs)" = 'install show version ' ]
}

@test "cluster roles of another release, or of nobody: refused before Helm runs; --take-ownership is for Helm" {
	in_cluster
	installed 3
	other=$ns
	in_cluster -second
	split pxb 3 install second "$chart" "${good[@]}"
	expect 1
	says "belongs to release 'px' in namespace '$other', and Helm does not take it over; nothing was changed"
	says 'uninstall that release first'
	nothing_in "$ns"
	split pxb 3 upgrade px "$chart" "${good[@]}" --namespace "$other" --dry-run=server
	expect 0
	helm 3 uninstall px -n "$other" --no-hooks >/dev/null
	kubectl create clusterrole px-backup-cluster-role --verb=get --resource=pods >/dev/null
	split pxb 4 install second "$chart" "${good[@]}" --plan
	expect 1
	says "ClusterRole 'px-backup-cluster-role' is there already and belongs to no release"
	split pxb 3 install second "$chart" "${good[@]}" --plan --take-ownership
	expect 0
	kubectl delete clusterrole px-backup-cluster-role >/dev/null
}
