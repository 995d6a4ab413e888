#!/usr/bin/env bats
# `helm pxb-fed install` and its kin around real Helm 3 and Helm 4, on a real API server: what is installed, what is refused with
# which words and exit code, and that a refusal leaves nothing behind.

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

# A slip in a values file, as people make it.
slip() {
	cat >values.yaml <<-'YAML'
		pxbackup:
		  enabled: true
		  federted: true
		persistentStorage:
		  storageClassName: px-csi-db
	YAML
}

@test "install, then upgrade: hooks run, Helm's own words and exit code come through" {
	for major in 3 4; do
		with_plugin "$major"
		in_cluster "-$major"
		split fed "$major" install px "$chart" "${good[@]}"
		expect 0
		grep -q '^STATUS: deployed' out
		says 'compliant: 72 objects'
		[ "$(kubectl -n "$ns" get job pxcentral-post-install-hook -o name)" = job.batch/pxcentral-post-install-hook ]
		[ -n "$(kubectl -n "$ns" get pvc pre-install-data-pvc -o name)" ] # of a hook
		kubectl -n "$ns" get configmap pxcentral-ui-configmap -o yaml | grep -q 'PX_BACKUP_FEDERATED: "true"'

		split fed "$major" upgrade px "$chart" "${good[@]}" --set telemetry.enabled=true
		expect 0
		grep -q '^REVISION: 2' out
		says "compared with the installed release px in namespace $ns, revision 1"
		says "lock create --release px -n $ns"
		helm "$major" uninstall px -n "$ns" --no-hooks >/dev/null
	done
}

@test "a refused installation: findings, the corrected command line, exit 1, and no release" {
	for major in 3 4; do
		with_plugin "$major"
		in_cluster "-$major"
		slip
		split fed "$major" install px "$chart" -n "$ns" -f values.yaml --set 'oidc.centralOIDC.defaultUsername=two words'
		expect 1
		[ ! -s out ]
		says "did you mean 'pxbackup.federated'?"
		says "values.yaml:3:3"
		flat err | sed 's/ \\ / /g' | grep -qF "helm pxb-fed install px $chart"
		flat err | grep -qF -- "--namespace $ns"
		flat err | grep -qF -- "--set pxbackup.federated=true"
		flat err | grep -qF -- "--set 'oidc.centralOIDC.defaultUsername=two words'"
		[ "$(releases)" = '' ]
		nothing_in "$ns"
		# The command that is printed does what it promises.
		sed -n '/^helm pxb-fed install/,/^$/p' err | sed "s|^helm |helm_of |" >command
		helm_of() { helm "$major" "$@"; }
		. ./command >out2 2>err2
		grep -q '^STATUS: deployed' out2
		helm "$major" uninstall px -n "$ns" --no-hooks >/dev/null
	done
}

@test "--fix-values: the mistyped key is set, judged again, told, and installed" {
	for major in 3 4; do
		with_plugin "$major"
		in_cluster "-$major"
		slip
		split fed "$major" install --fix-values px "$chart" -n "$ns" -f values.yaml
		expect 0
		says 'pxbackup.federated: not set -> true'
		grep -q '^STATUS: deployed' out
		kubectl -n "$ns" get configmap pxcentral-ui-configmap -o yaml | grep -q 'PX_BACKUP_FEDERATED: "true"'
		# What Helm remembers is what was meant: the next upgrade does not undo it.
		helm "$major" get values px -n "$ns" | grep -q 'federated: true'
		helm "$major" uninstall px -n "$ns" --no-hooks >/dev/null
	done
}

@test "--fix-values-file: the mistyped key is renamed in the file, and nothing else" {
	for major in 3 4; do
		with_plugin "$major"
		printf '# site\r\npxbackup:\r\n  enabled: true\r\n  federted: true # night\r\npersistentStorage:\r\n  storageClassName: "px-csi-db"\r\n' >site.yaml
		sed 's/federted/federated/' site.yaml >wanted.yaml
		chmod 640 site.yaml
		ln -sf site.yaml link.yaml
		split fed "$major" template --fix-values-file link.yaml px "$chart" -n central -f link.yaml
		expect 0
		says 'pxbackup.federated: not set -> true'
		cmp site.yaml wanted.yaml
		[ "$(stat -c %a site.yaml)" = 640 ]
		[ -L link.yaml ]
		grep -q 'PX_BACKUP_FEDERATED *: "true"' out
		# the file alone is right now
		split fed "$major" template px "$chart" -n central -f site.yaml
		expect 0
	done
}

@test "--fix-values-file: what cannot be done leaves the file as it was" {
	with_plugin 3
	printf 'pxbackup: &a\n  enabled: true\nother: *a\npersistentStorage:\n  storageClassName: px-csi-db\n' >site.yaml
	cp site.yaml kept.yaml
	split fed 3 template --fix-values-file site.yaml px "$chart" -n central -f site.yaml
	expect 2
	says '--fix-values-file changes nothing: site.yaml:1:11: pxbackup.federated cannot be set here: an anchor'
	cmp site.yaml kept.yaml
	printf 'persistentStorage:\n  storageClassName: px-csi-db\n' >site.yaml
	cp site.yaml kept.yaml
	split fed 3 template --fix-values-file site.yaml px "$chart" -n central -f site.yaml --set pxbackup.federated=false,pxbackup.enabled=true
	expect 2
	says "wins over 'site.yaml'"
	cmp site.yaml kept.yaml
	split fed 3 template --fix-values-file site.yaml px "$chart" -n central
	expect 2
	says 'add -f site.yaml'
	split fed 3 template --fix-values-file site.yaml --fix-values px "$chart" -n central -f site.yaml
	expect 2
	says 'exclude each other'
	split fed 3 template --fix-values-file site.yaml --plan px "$chart" -n central -f site.yaml
	expect 2
	says '--plan changes nothing'
	split fed 3 template --fix-values-file /dev/null px "$chart" -n central -f /dev/null
	expect 2
	says 'only a regular file'
}

@test "--fix-values does not help where only a person can choose" {
	for major in 3 4; do
		with_plugin "$major"
		in_cluster "-$major"
		split fed "$major" install --fix-values px "$chart" -n "$ns" --set pxbackup.enabled=true,pxbackup.federated=true
		expect 1
		says '--fix-values sets nothing: only you know the value of persistentStorage.storageClassName'
		nothing_in "$ns"
	done
}

@test "--plan prints what would be installed and does nothing" {
	for major in 3 4; do
		with_plugin "$major"
		in_cluster "-$major"
		split fed "$major" install --plan px "$chart" "${good[@]}"
		expect 0
		grep -q "^plan: install px into namespace $ns" out
		grep -Eq '^    Deployment +6  ' out
		grep -q '64 objects and 8 hooks' out
		grep -q 'PersistentVolumeClaim pxcentral-mysql-pvc: class px-csi-db, size 100Gi' out
		grep -q 'Job pre-install-check: pre-install' out
		nothing_in "$ns"
		split fed "$major" install --plan px "$chart" "${good[@]}" --set pxbackup.federated=false
		expect 1
		grep -q 'nothing of this would be installed' out
		nothing_in "$ns"
	done
}

@test "Classic over Federated is refused, with the vendor's reason" {
	for major in 3 4; do
		with_plugin "$major"
		in_cluster "-$major"
		helm "$major" install px "$chart" "${good[@]}" >/dev/null # without the gate
		split fed "$major" upgrade px "$chart" "${good[@]}" --set pxbackup.federated=false
		expect 1
		says 'error[values]: pxbackup.federated is false by --set'
		[ "$(helm "$major" history px -n "$ns" -o json | python3 -c 'import json, sys; print(len(json.load(sys.stdin)))')" = 1 ]
		helm "$major" uninstall px -n "$ns" --no-hooks >/dev/null
	done
}

@test "Federated over Classic is refused: a conversion in place is not possible" {
	for major in 3 4; do
		with_plugin "$major"
		in_cluster "-$major"
		helm "$major" install px "$chart" "${good[@]}" --set pxbackup.federated=false >/dev/null
		split fed "$major" upgrade px "$chart" "${good[@]}"
		expect 1
		says 'error[mode-locked]'
		split fed "$major" upgrade --fix-values px "$chart" "${good[@]}"
		expect 1
		helm "$major" uninstall px -n "$ns" --no-hooks >/dev/null
	done
}

@test "another class is refused before the API server does" {
	for major in 3 4; do
		with_plugin "$major"
		in_cluster "-$major"
		fed "$major" install px "$chart" "${good[@]}" >/dev/null 2>&1
		split fed "$major" upgrade px "$chart" "${good[@]}" --set persistentStorage.storageClassName=other
		expect 1
		says 'error[storage-locked]'
		flat err | grep -qF -- '--set persistentStorage.storageClassName=px-csi-db'
		# What would have happened: Helm alone runs into the API server, half-way through.
		split helm "$major" upgrade px "$chart" "${good[@]}" --set persistentStorage.storageClassName=other
		expect 1
		says 'spec is immutable after creation'
		[ "$(helm "$major" list -n "$ns" --failed --short)" = px ]
		# A failed revision is no baseline: the one that was deployed still is.
		split fed "$major" upgrade --plan px "$chart" "${good[@]}"
		expect 0
		says "revision 1"
		helm "$major" uninstall px -n "$ns" --no-hooks >/dev/null
	done
}

@test "another release name in the namespace, the same name in another namespace: refused" {
	for major in 3 4; do
		with_plugin "$major"
		in_cluster "-$major"
		helm "$major" install px "$chart" "${good[@]}" >/dev/null
		split fed "$major" install other "$chart" "${good[@]}"
		expect 1
		says 'error[namespace-locked]'
		says 'the release is called px'
		kubectl create namespace "$ns-b" >/dev/null
		split fed "$major" install px "$chart" "${good[@]}" -n "$ns-b"
		expect 1
		says 'error[namespace-locked]'
		nothing_in "$ns-b"
		helm "$major" uninstall px -n "$ns" --no-hooks >/dev/null
	done
}

@test "two releases in one cluster: each is held against its own" {
	for major in 3 4; do
		with_plugin "$major"
		in_cluster "-$major"
		first=("${good[@]}") one=$ns
		in_cluster "-$major-b"
		split fed "$major" install px "$chart" "${first[@]}"
		expect 0
		# Cluster roles have fixed names in the chart: the second takes them over.
		split fed "$major" install px-two "$chart" "${good[@]}" --set persistentStorage.storageClassName=fast --take-ownership
		expect 0
		split fed "$major" upgrade --plan px "$chart" "${first[@]}"
		expect 0
		split fed "$major" upgrade --plan px-two "$chart" "${good[@]}" --set persistentStorage.storageClassName=fast
		expect 0
		split fed "$major" upgrade --plan px-two "$chart" "${good[@]}"
		expect 1
		says 'error[storage-locked]'
		helm "$major" uninstall px -n "$one" --no-hooks >/dev/null
		helm "$major" uninstall px-two -n "$ns" --no-hooks >/dev/null
	done
}

@test "claims that an earlier installation left behind hold the next one to their class" {
	for major in 3 4; do
		with_plugin "$major"
		in_cluster "-$major"
		kubectl -n "$ns" create -f - >/dev/null <<-YAML
			apiVersion: v1
			kind: PersistentVolumeClaim
			metadata: {name: pxc-mongodb-data-pxc-backup-mongodb-0}
			spec: {accessModes: [ReadWriteOnce], storageClassName: old-class, resources: {requests: {storage: 64Gi}}}
		YAML
		split fed "$major" install --plan px "$chart" "${good[@]}"
		expect 1
		says 'error[storage-locked]'
		says 'the claims in the cluster'
		split fed "$major" install --plan px "$chart" "${good[@]}" --set persistentStorage.storageClassName=old-class
		expect 0
	done
}

@test "a namespace that is being deleted: refused before Helm runs" {
	for major in 3 4; do
		with_plugin "$major"
		in_cluster "-$major"
		kubectl delete namespace "$ns" --wait=false >/dev/null # nobody here finalizes it
		split fed "$major" install px "$chart" "${good[@]}"
		expect 1
		says "the namespace '$ns' is being deleted"
		[ "$(releases)" = '' ]
	done
}

@test "a second render that differs from the first: nothing is installed, and the objects are named" {
	cp -R "$chart" ./odd
	printf 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: drawn\n  namespace: {{ .Release.Namespace }}\ndata:\n  lot: {{ randAlphaNum 12 | quote }}\n' \
		>odd/templates/drawn.yaml
	printf 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ printf "n-%%s" (randAlpha 8 | lower) }}\n  namespace: {{ .Release.Namespace }}\n' \
		>odd/templates/name.yaml
	for major in 3 4; do
		with_plugin "$major"
		in_cluster "-$major"
		split fed "$major" install px ./odd "${good[@]}"
		expect 1
		says 'INSTALLATION FAILED'
		says 'the chart must render the same each time'
		says "ConfigMap $ns/drawn (changed)"
		says '(new)'
		says '(missing)'
		[ "$(releases)" = '' ]
		nothing_in "$ns"
	done
}

@test "what the chart itself draws by lot is no difference" {
	for major in 3 4; do
		with_plugin "$major"
		in_cluster "-$major"
		a=$(helm "$major" template px "$chart" "${good[@]}" --set caCertsSecretName=ca | grep -A1 HELM_CHECKSUM)
		b=$(helm "$major" template px "$chart" "${good[@]}" --set caCertsSecretName=ca | grep -A1 HELM_CHECKSUM)
		[ "$a" != "$b" ]
		split fed "$major" install px "$chart" "${good[@]}" --set caCertsSecretName=ca
		expect 0
		helm "$major" uninstall px -n "$ns" --no-hooks >/dev/null
	done
}

@test "an exit code and words of Helm's own pass through, unknown flags too" {
	for major in 3 4; do
		with_plugin "$major"
		in_cluster "-$major"
		split fed "$major" install px ./no-such-chart "${good[@]}"
		expect 6
		grep -q 'Error: INSTALLATION FAILED: ' err
		says 'failed in Helm (exit code 1); nothing was changed'
		split fed "$major" install px "$chart" "${good[@]}" --no-such-flag
		expect 6
		grep -q 'Error: unknown flag: --no-such-flag' err
		split fed "$major" upgrade px "$chart" "${good[@]}"
		expect 6
		grep -q 'has no deployed releases' err
		split fed "$major" install px "$chart" "${good[@]}" --dry-run=server
		expect 0
		nothing_in "$ns"
		split fed "$major" upgrade --fix-values -- --install px "$chart" "${good[@]}" --description 'with blanks, "quotes" and $HOME'
		expect 0
		helm "$major" get metadata px -n "$ns" -o json >/dev/null
		helm "$major" history px -n "$ns" | grep -qF 'with blanks, "quotes" and $HOME'
		helm "$major" uninstall px -n "$ns" --no-hooks >/dev/null
	done
}

@test "values from standard input reach every render" {
	for major in 3 4; do
		with_plugin "$major"
		in_cluster "-$major"
		slip
		sed -i s/federted/federated/ values.yaml
		status=0
		if [ "$major" = 3 ]; then program=$HELM3; else program=$HELM4; fi
		clean "$major" sh -c 'exec "$0" "$@" <values.yaml' "$program" pxb-fed install px "$chart" -n "$ns" -f - >out 2>err || status=$?
		expect 0
		kubectl -n "$ns" get configmap pxcentral-ui-configmap -o yaml | grep -q 'PX_BACKUP_FEDERATED: "true"'
		helm "$major" uninstall px -n "$ns" --no-hooks >/dev/null
	done
}

@test "a value that the chart's templates cannot use: its key is named behind Helm's own words" {
	for major in 3 4; do
		with_plugin "$major"
		in_cluster "-$major"
		split fed "$major" template px "$chart" "${good[@]}" --set 'istio.enabled="true"'
		expect 6
		says '--set istio.enabled: the quotes are part of the value'
		says 'failed in Helm (exit code 1); nothing was changed'
		[ ! -s out ]
		split fed "$major" template px "$chart" "${good[@]}" --set proxy.httpProxy=http://proxy:3128
		says '--set proxy.httpProxy: this is a mapping in the chart'
	done
}

@test "the plan of an upgrade lists what it adds, changes and takes away" {
	cp -R "$chart" ./next
	printf 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: added\n  namespace: {{ .Release.Namespace }}\n' >next/templates/added.yaml
	for major in 3 4; do
		with_plugin "$major"
		in_cluster "-$major"
		fed "$major" install px ./next "${good[@]}" >/dev/null 2>&1
		split fed "$major" upgrade --plan px ./next "${good[@]}"
		expect 0
		grep -q '^  changes from revision 1' out
		# The chart gives this Job another env in an upgrade.
		sed -n '/changes from/,/objects and/p' out >changes
		grep -qx "    ~ Job $ns/pxcentral-post-install-hook" changes
		refute grep -q 'pre-upgrade' changes # a hook
		split fed "$major" upgrade --plan px "$chart" "${good[@]}" --set service.pxCentralUIServiceType=NodePort --set telemetry.enabled=true
		expect 0
		grep -qx "    - ConfigMap $ns/added" out
		grep -qx "    ~ Service $ns/px-central-ui" out
		grep -q "^    + Deployment $ns/" out
		helm "$major" uninstall px -n "$ns" --no-hooks >/dev/null
	done
}
