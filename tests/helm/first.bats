#!/usr/bin/env bats
# The first installation: a real API server that has none of the kinds which the chart brings in crds/, or half of them.

load helpers
load cluster

setup_file() {
	find_programs
	start_api_server empty
}
teardown_file() { stop_api_server; }
setup() {
	prepare
	no_crds
}
teardown() {
	stop_server
	empty_cluster
}

revisions() { helm "$1" history px -n "$ns" -o json | python3 -c 'import json, sys; print(*[r["status"] for r in json.load(sys.stdin)])'; }

crds() { kubectl get customresourcedefinitions -o name; }

@test "an empty cluster: install, upgrade, another class refused, uninstall, install again" {
	for major in 3 4; do
		no_crds
		with_plugin "$major"
		in_cluster "-$major"
		split fed "$major" install px "$chart" "${good[@]}"
		expect 0
		says "Helm installs the chart's CRDs first"
		grep -q '^STATUS: deployed' out
		crds | grep -q prometheuses.monitoring.coreos.com
		kubectl -n "$ns" get prometheus px-backup-dashboard-prometheus -o name
		kubectl -n "$ns" get configmap pxcentral-ui-configmap -o yaml | grep -q 'PX_BACKUP_FEDERATED: "true"'

		split fed "$major" upgrade px "$chart" "${good[@]}" --set telemetry.enabled=true
		expect 0
		lacks_words 'without the cluster'
		grep -q '^REVISION: 2' out

		split fed "$major" upgrade px "$chart" "${good[@]}" --set persistentStorage.storageClassName=other
		expect 1
		says 'error[storage-locked]'
		[ "$(revisions "$major")" = 'superseded deployed' ]

		helm "$major" uninstall px -n "$ns" >/dev/null
		split fed "$major" install px "$chart" "${good[@]}"
		expect 0
		lacks_words 'without the cluster'
		grep -q '^STATUS: deployed' out
		helm "$major" uninstall px -n "$ns" --no-hooks >/dev/null
	done
}

@test "upgrade --install is an installation where there is no release" {
	for major in 3 4; do
		no_crds
		with_plugin "$major"
		in_cluster "-$major"
		split fed "$major" upgrade --install px "$chart" "${good[@]}"
		expect 0
		says "Helm installs the chart's CRDs first"
		grep -q '^STATUS: deployed' out
		split fed "$major" upgrade --install px "$chart" "${good[@]}"
		expect 0
		grep -q '^REVISION: 2' out
		helm "$major" uninstall px -n "$ns" --no-hooks >/dev/null
	done
}

@test "half of the CRDs: with and without the one that the chart looks up" {
	for major in 3 4; do
		with_plugin "$major"
		for files in 'prometheuses.yaml servicemonitors.yaml' 'alertmanagers.yaml prometheusrules.yaml'; do
			# shellcheck disable=SC2086  # a list
			no_crds $files
			in_cluster "-$major-${files%%.*}"
			split fed "$major" install px "$chart" "${good[@]}"
			expect 0
			grep -q '^STATUS: deployed' out
			helm "$major" uninstall px -n "$ns" --no-hooks >/dev/null
		done
	done
}

@test "a plan on an empty cluster has all objects and brings nothing" {
	for major in 3 4; do
		with_plugin "$major"
		in_cluster "-$major"
		split fed "$major" install --plan px "$chart" "${good[@]}"
		expect 0
		grep -q '64 objects and 8 hooks' out
		[ "$(crds)" = '' ]
		nothing_in "$ns"
	done
}

@test "Classic is refused on an empty cluster as well, and brings no CRD" {
	for major in 3 4; do
		with_plugin "$major"
		in_cluster "-$major"
		split fed "$major" install px "$chart" "${good[@]}" --set pxbackup.federated=false
		expect 1
		says 'error[values]: pxbackup.federated is false by --set'
		[ "$(crds)" = '' ]
		nothing_in "$ns"
	done
}

@test "--skip-crds without the CRDs: refused before Helm runs, with their names" {
	for major in 3 4; do
		with_plugin "$major"
		in_cluster "-$major"
		for files in '' 'prometheuses.yaml'; do
			# shellcheck disable=SC2086  # a list
			no_crds $files
			split fed "$major" install px "$chart" "${good[@]}" --skip-crds
			expect 1
			says '--skip-crds leaves them out'
			says 'servicemonitors.monitoring.coreos.com'
			says "fix: kubectl apply --server-side -f $chart/crds/"
			nothing_in "$ns"
		done
		no_crds alertmanagers.yaml prometheuses.yaml prometheusrules.yaml servicemonitors.yaml
		split fed "$major" install px "$chart" "${good[@]}" --skip-crds
		expect 0
		helm "$major" uninstall px -n "$ns" --no-hooks >/dev/null
	done
}

@test "an upgrade without the CRDs: refused before Helm runs, with the command that applies them" {
	for major in 3 4; do
		no_crds
		with_plugin "$major"
		in_cluster "-$major"
		fed "$major" install px "$chart" "${good[@]}" >/dev/null 2>&1
		kubectl delete customresourcedefinition servicemonitors.monitoring.coreos.com >/dev/null
		for verb in upgrade 'upgrade --install'; do
			# shellcheck disable=SC2086  # two words
			split fed "$major" $verb px "$chart" "${good[@]}"
			expect 1
			says 'Helm does not install CRDs during an upgrade: servicemonitors.monitoring.coreos.com'
			says "fix: kubectl apply --server-side -f $chart/crds/"
		done
		no_crds
		split fed "$major" upgrade px "$chart" "${good[@]}"
		expect 1
		says 'Helm does not install CRDs during an upgrade'
		[ "$(revisions "$major")" = deployed ]
		# What the message says does help.
		kubectl apply --server-side -f "$chart/crds" >/dev/null
		split fed "$major" upgrade px "$chart" "${good[@]}"
		expect 0
		helm "$major" uninstall px -n "$ns" --no-hooks >/dev/null
	done
}

@test "template asks the cluster with --dry-run=server or --validate, and renders without the CRDs" {
	for major in 3 4; do
		no_crds
		with_plugin "$major"
		in_cluster "-$major"
		helm "$major" template px "$chart" "${good[@]}" >plain.yaml
		for word in --dry-run=server --validate; do
			split fed "$major" template px "$chart" "${good[@]}" "$word"
			expect 0
			says 'the cluster does not have all CRDs of the chart'
			cmp plain.yaml out
		done
		split fed "$major" template px "$chart" "${good[@]}"
		expect 0
		lacks_words 'no cluster answers'
		cmp plain.yaml out
		[ "$(crds)" = '' ]
	done
}

@test "template without these options asks no cluster: not even one that does not answer" {
	for major in 3 4; do
		with_plugin "$major"
		in_cluster "-$major"
		cluster=(KUBECONFIG="$work/bad")
		sed 's|server: "[^"]*"|server: "https://127.0.0.1:1"|' "$kubeconfig" >bad
		split fed "$major" template px "$chart" "${good[@]}"
		expect 0
		split fed "$major" template px "$chart" "${good[@]}" --dry-run=server
		expect 5
		says 'the cluster could not be asked'
		[ ! -s out ]
	done
}

@test "a chart that looks at its own kinds among the cluster's renders for the check as it will for the installation" {
	cp -R "$chart" ./asks
	printf '{{ if .Capabilities.APIVersions.Has "monitoring.coreos.com/v1/ServiceMonitor" }}\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: has-monitors\n  namespace: {{ .Release.Namespace }}\ndata: {version: {{ .Capabilities.KubeVersion.Version | quote }} }\n{{ end }}' \
		>asks/templates/asks.yaml
	for major in 3 4; do
		no_crds
		with_plugin "$major"
		in_cluster "-$major"
		split fed "$major" install px ./asks "${good[@]}"
		expect 0
		kubectl -n "$ns" get configmap has-monitors -o yaml | grep -q 'version: v1.34'
		helm "$major" uninstall px -n "$ns" --no-hooks >/dev/null
	done
}

@test "CRDs that somebody else applied server-side: Helm 4 stops, and the last lines say what to add" {
	kubectl apply --server-side -f "$chart/crds" >/dev/null
	for major in 3 4; do
		with_plugin "$major"
		in_cluster "-$major"
		split fed "$major" install px "$chart" "${good[@]}"
		if [ "$major" = 4 ]; then
			expect 6
			says 'conflict occurred while applying object'
			says 'failed in Helm (exit code 1)'
			says 'add --skip-crds'
			says '--force-conflicts'
			split fed "$major" install px "$chart" "${good[@]}" --skip-crds
		fi
		expect 0
		helm "$major" uninstall px -n "$ns" --no-hooks >/dev/null
	done
}

@test "default is a namespace only for those who say so" {
	for major in 3 4; do
		no_crds
		with_plugin "$major"
		in_cluster "-$major"
		words=(px "$chart" --set pxbackup.enabled=true,pxbackup.federated=true --set persistentStorage.storageClassName=px-csi-db)
		split fed "$major" install "${words[@]}"
		expect 1
		says "Helm would install into 'default'"
		[ "$(crds)" = '' ]
		for named in '-n default' '--namespace=default'; do
			# shellcheck disable=SC2086  # two words
			split fed "$major" install --plan "${words[@]}" $named
			expect 0
		done
		cluster+=(HELM_NAMESPACE=default)
		split fed "$major" install --plan "${words[@]}"
		expect 0
	done
}

@test "a chart that has px-central as a dependency, under an alias: fixes and the installed release" {
	mkdir -p umbrella/charts
	cp -R "$chart" umbrella/charts/px-central
	printf 'apiVersion: v2\nname: umbrella\nversion: 1.0.0\ndependencies:\n- {name: px-central, alias: backup, version: 3.0.0, repository: "https://charts.invalid"}\n' \
		>umbrella/Chart.yaml
	words=(px ./umbrella --set backup.pxbackup.enabled=true --set backup.persistentStorage.storageClassName=px-csi-db)
	for major in 3 4; do
		no_crds
		with_plugin "$major"
		in_cluster "-$major"
		split fed "$major" install --patch never "${words[@]}" -n "$ns"
		expect 1
		says '--set backup.pxbackup.federated=true'
		split fed "$major" install --fix-values "${words[@]}" -n "$ns"
		expect 0
		helm "$major" get values px -n "$ns" | grep -q 'federated: true'
		split fed "$major" upgrade "${words[@]}" -n "$ns" --set backup.pxbackup.federated=false
		expect 1
		says 'backup.pxbackup.federated is false by --set'
		split fed "$major" upgrade "${words[@]}" -n "$ns" --set backup.pxbackup.federated=true,backup.persistentStorage.storageClassName=other
		expect 1
		says 'error[storage-locked]'
		says '--set backup.persistentStorage.storageClassName=px-csi-db'
		helm "$major" uninstall px -n "$ns" --no-hooks >/dev/null
	done
}

@test "a name that is in use: refused before Helm runs, in whatever state the release is" {
	for major in 3 4; do
		no_crds
		with_plugin "$major"
		in_cluster "-$major"
		helm "$major" create other >/dev/null
		helm "$major" install px ./other -n "$ns" --set image.repository=/invalid >/dev/null 2>&1 || :
		split fed "$major" install px "$chart" "${good[@]}"
		expect 1
		says "a release 'px' is already in namespace $ns"
		says 'upgrade px'
		helm "$major" uninstall px -n "$ns" --no-hooks >/dev/null
		rm -r other
	done
}

@test "a namespace that is not there, and a StorageClass that the cluster does not have: refused before Helm runs" {
	for major in 3 4; do
		no_crds
		with_plugin "$major"
		in_cluster "-$major"
		split fed "$major" install px "$chart" "${good[@]}" -n nowhere
		expect 1
		says "there is no namespace 'nowhere'"
		says '--create-namespace'
		kubectl create -f - >/dev/null <<-YAML
			apiVersion: storage.k8s.io/v1
			kind: StorageClass
			metadata: {name: standard-$major}
			provisioner: example.com/none
		YAML
		split fed "$major" install px "$chart" "${good[@]}"
		expect 1
		says "the cluster has no StorageClass 'px-csi-db'"
		says "standard-$major"
		nothing_in "$ns"
		split fed "$major" install px "$chart" "${good[@]}" --set "persistentStorage.storageClassName=standard-$major"
		expect 0
		helm "$major" uninstall px -n "$ns" --no-hooks >/dev/null
		kubectl delete storageclass "standard-$major" >/dev/null
	done
}

@test "a chart that asks for its own kinds where the lookup does not fail: stopped once, and the next run has them" {
	cp -R "$chart" ./asks
	printf '{{ if .Capabilities.APIVersions.Has "monitoring.coreos.com/v1/ServiceMonitor" }}\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: has-monitors\n  namespace: {{ .Release.Namespace }}\n{{ end }}' \
		>asks/templates/asks.yaml
	for major in 3 4; do
		no_crds prometheuses.yaml
		with_plugin "$major"
		in_cluster "-$major"
		split fed "$major" install px ./asks "${good[@]}"
		expect 1
		says "ConfigMap $ns/has-monitors (new)"
		says "the chart's CRDs are in the cluster now; run the command again"
		nothing_in "$ns"
		split fed "$major" install px ./asks "${good[@]}"
		expect 0
		helm "$major" uninstall px -n "$ns" --no-hooks >/dev/null
	done
}
