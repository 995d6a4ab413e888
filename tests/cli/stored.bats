#!/usr/bin/env bats
# What is installed already, read from Helm's own objects by an API server of recorded answers, around a pretended Helm: which
# revision counts, in both forms, damaged ones, what may not be read. Real Helms and a real API server are in tests/helm.

load ../lib/cli

setup() {
	prepare
	export HELM_BIN=$root/tests/lib/fakehelm.sh FAKE_LOG=$T/log FAKE_MANIFESTS=$streams/fed-default.helm3.yaml
	mkdir "$FAKE_LOG"
	api=$T/api
	mkdir -p "$api/api/v1/namespaces/central" "$api/apis/storage.k8s.io/v1"
	echo '{"kind":"Namespace","apiVersion":"v1","metadata":{"name":"central"}}' >"$api/api/v1/namespaces/central.json"
	echo '{"kind":"StorageClassList","metadata":{},"items":[{"metadata":{"name":"px-csi-db"}}]}' >"$api/apis/storage.k8s.io/v1/storageclasses.json"
	echo '{"kind":"PersistentVolumeClaimList","metadata":{},"items":[]}' >"$api/api/v1/namespaces/central/persistentvolumeclaims.json"
	serve
}
teardown() { stop_serving; }

# stored RESOURCE "NUMBER STATUS" ...: revisions of px-central in namespace central, all with the manifest in $manifest
stored() {
	python3 - "$api" "${manifest:-$streams/fed-default.helm3.yaml}" "$@" <<-'PY'
		import base64, gzip, json, os, sys
		api, manifest, resource, revisions = sys.argv[1], open(sys.argv[2]).read(), sys.argv[3], sys.argv[4:]
		items = []
		for number, status in (r.split() for r in revisions):
		    name = "sh.helm.release.v1.px-central.v" + number
		    release = {"name": "px-central", "namespace": "central", "version": int(number), "manifest": manifest,
		               "chart": {"metadata": {"name": "px-central", "version": "3.0.0"}}}
		    data = base64.b64encode(gzip.compress(json.dumps(release).encode()))
		    if resource == "secrets":
		        data = base64.b64encode(data)
		    metadata = {"name": name, "namespace": "central",
		                "labels": {"owner": "helm", "name": "px-central", "status": status, "version": number}}
		    items.append({"metadata": metadata})
		    place = os.path.join(api, "api/v1/namespaces/central", resource)
		    os.makedirs(place, exist_ok=True)
		    with open(os.path.join(place, name + ".json"), "w") as f:
		        json.dump({"kind": "Secret", "apiVersion": "v1", "metadata": metadata, "data": {"release": data.decode()}}, f)
		for at in ("api/v1", "api/v1/namespaces/central"):
		    with open(os.path.join(api, at, resource + ".json"), "w") as f:
		        json.dump({"kind": "PartialObjectMetadataList", "metadata": {}, "items": items or None}, f)
	PY
}

verbs() { for f in "$FAKE_LOG"/*.args; do head -n 1 "$f"; done | sort -u | tr '\n' ' '; }

# bats test_tags=long
@test "an upgrade is held against the newest deployed revision, in both forms, and Helm is not asked for it" {
	for driver in secrets configmaps; do
		rm -rf "$api/api/v1/secrets.json" "$api/api/v1/namespaces/central/"{secrets,configmaps}* "$api/api/v1/configmaps.json"
		stored "$driver" '9 superseded' '10 deployed' '11 failed'
		FAKE_MANIFESTS=$streams/fed-wrongsc.helm3.yaml HELM_DRIVER=$driver pxb upgrade px-central ./chart -n central
		refused 1 'the installed release px-central in namespace central, revision 10'
		HELM_DRIVER=$driver pxb upgrade px-central ./chart -n central
		exits 0
		says 'revision 10'
	done
	[ "$(verbs)" = 'show upgrade version ' ]
}

@test "what the lock and the installed release agree on is said once" {
	stored secrets '1 deployed'
	pxb lock create -q -o pxb-fed.lock "$FAKE_MANIFESTS"
	exits 0
	FAKE_MANIFESTS=$streams/fed-wrongsc.helm3.yaml pxb upgrade --lock pxb-fed.lock px-central ./chart -n central
	exits 1
	mv "$T/err" both
	rm pxb-fed.lock
	FAKE_MANIFESTS=$streams/fed-wrongsc.helm3.yaml pxb upgrade px-central ./chart -n central
	exits 1
	grep -o 'refused: .* objects' both | cmp - <(grep -o 'refused: .* objects' "$T/err")
	[ "$(grep -c 'error\[storage-locked\]' both)" = 1 ]
	says 'the installed release px-central in namespace central, revision 1 and gp3'
}

# bats test_tags=long
@test "a name that is in use, a release that was never deployed, and one that was uninstalled" {
	stored secrets '1 failed'
	pxb install px-central ./chart -n central
	refused 1 "a release 'px-central' is already in namespace central (failed, chart px-central-3.0.0)"
	stored secrets '1 uninstalled'
	pxb install px-central ./chart -n central
	exits 0
	stored secrets
	pxb install px-central ./chart -n central
	exits 0
}

@test "another release of px-central in the namespace" {
	stored secrets '1 deployed'
	sed 's/instance: "px-central"/instance: "another"/' "$FAKE_MANIFESTS" >another.yaml
	FAKE_MANIFESTS=$PWD/another.yaml pxb install another ./chart -n central
	refused 1 'error[namespace-locked]'
}

# bats test_tags=long
@test "lock create --release and spec images --release read the same object" {
	stored secrets '1 superseded' '2 deployed'
	pxb lock create -q -o - --release px-central --release-namespace central
	exits 0
	cp "$T/out" of-cluster
	pxb lock create -q -o - "$streams/fed-default.helm3.yaml"
	same_as of-cluster
	pxb spec images --release px-central --release-namespace central
	exits 0
	grep -q '/px-backup:3.0.0$' "$T/out"
	pxb lock create -q -o - --release nope
	refused 5 "there is no release 'nope' in namespace 'central'"
	stored secrets '1 failed'
	pxb lock create -q -o - --release px-central
	refused 3 'was ever deployed'
	[ ! -e "$FAKE_LOG/1.args" ]
}

@test "an object that is none of Helm's, or cannot be read: exit 5, and nothing was changed" {
	stored secrets '1 deployed'
	echo '{"kind":"Secret","metadata":{},"data":{"release":"e30="}}' >"$api/api/v1/namespaces/central/secrets/sh.helm.release.v1.px-central.v1.json"
	pxb upgrade px-central ./chart -n central
	refused 5 "not in Helm's form"
	rm "$api/api/v1/namespaces/central/secrets/sh.helm.release.v1.px-central.v1.json"
	pxb upgrade px-central ./chart -n central
	refused 5 'sh.helm.release.v1.px-central.v1'
}

# bats test_tags=long
@test "lists that may not be read: of all namespaces, of this one" {
	stored secrets '1 deployed'
	rm "$api/api/v1/secrets.json"
	echo '{"kind":"Status","status":"Failure","reason":"Forbidden","message":"no","code":403}' >"$api/api/v1/secrets.403"
	pxb upgrade px-central ./chart -n central
	exits 0
	says 'releases in other namespaces may not be listed'
	rm "$api/api/v1/namespaces/central/secrets.json"
	cp "$api/api/v1/secrets.403" "$api/api/v1/namespaces/central/secrets.403"
	pxb upgrade px-central ./chart -n central
	exits 0
	says 'the releases may not be listed'
}

# chart: a folder with a kind of its own
chart() {
	mkdir -p chart/crds
	printf 'apiVersion: v2\nname: px-central\nversion: 3.0.0\n' >chart/Chart.yaml
	printf 'pxbackup: {enabled: false}\n' >chart/values.yaml
	cat >chart/crds/a.yaml <<-'YAML'
		apiVersion: apiextensions.k8s.io/v1
		kind: CustomResourceDefinition
		metadata: {name: prometheuses.monitoring.coreos.com}
		spec:
		  group: monitoring.coreos.com
		  names: {kind: Prometheus}
		  versions: [{name: v1, served: true}]
	YAML
}

@test "a chart that is here is read here, and the cluster is asked for its kinds alone" {
	chart
	stored secrets
	mkdir -p "$api/apis/monitoring.coreos.com"
	echo '{"kind":"APIResourceList","resources":[{"name":"prometheuses","kind":"Prometheus"}]}' >"$api/apis/monitoring.coreos.com/v1.json"
	pxb install px-central ./chart -n central
	exits 0
	[ "$(verbs)" = 'install version ' ]
}

# bats test_tags=long
@test "cluster roles of another release, and of nobody" {
	stored secrets
	roles=$api/apis/rbac.authorization.k8s.io/v1/clusterroles
	mkdir -p "$roles"
	chart
	mkdir -p "$api/apis/monitoring.coreos.com"
	echo '{"kind":"APIResourceList","resources":[{"name":"prometheuses","kind":"Prometheus"}]}' >"$api/apis/monitoring.coreos.com/v1.json"
	role=$(awk '/^kind: ClusterRole$/ { on = 1 } on && /^  name: / { print $2; exit }' "$FAKE_MANIFESTS")
	echo '{"kind":"ClusterRole","metadata":{"name":"x","annotations":{"meta.helm.sh/release-name":"other","meta.helm.sh/release-namespace":"there"}}}' >"$roles/$role.json"
	pxb install px-central ./chart -n central
	refused 1 "belongs to release 'other' in namespace 'there'"
	echo '{"kind":"ClusterRole","metadata":{"name":"x"}}' >"$roles/$role.json"
	pxb install px-central ./chart -n central
	refused 1 'belongs to no release'
	pxb install px-central ./chart -n central --take-ownership
	exits 0
	pxb upgrade --install px-central ./chart -n central
	refused 1 'belongs to no release'
}
