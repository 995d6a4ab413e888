#!/usr/bin/env bats
# lock create, show, diff, verify, update; --lock of render and check; Helm and the cluster as sources.

load ../lib/cli

setup() {
	prepare
	good=$streams/fed-default.helm4.yaml
}

teardown() {
	stop_serving
}

locked() {
	pxb lock create -q <"${1:-$good}"
	exits 0
}

# A program NAME that answers with the script on standard input, and keeps its arguments in NAME.args.
fake() {
	{ printf '#!/bin/sh\nprintf "%%s\\n" "$*" >>%s\n' "$T/$1.args"; cat; } >"$T/$1"
	chmod +x "$T/$1"
}

@test "create, and then render and check hold to it" {
	pxb lock create <"$good"
	exits 0
	prints_nothing
	says "recorded in 'pxb-fed.lock': federated, release px-central in namespace central, 6 claims of class px-csi-db"
	grep -qx '  size: 64Gi' pxb-fed.lock
	[ "$(awk 'length > 80 && !/selector:/' pxb-fed.lock)" = "" ]
	pxb render <"$good"
	exits 0
	same_as "$good"
	pxb render <"$streams/fed-wrongsc.helm4.yaml"
	refused 1 'error[storage-locked]'
	pxb check - <"$streams/fed-wrongsc.helm4.yaml"
	exits 1
	prints 'fix: --set persistentStorage.storageClassName=px-csi-db'
}

@test "a lock is made once; its bytes depend on nothing but the state" {
	locked
	cp pxb-fed.lock first
	pxb lock create <"$good"
	refused 2 "'pxb-fed.lock' is there already, and a lock is made once: 'lock update --reason TEXT'"
	cmp pxb-fed.lock first
	for s in helm3 template3; do
		pxb lock create -q -o - <"$streams/fed-default.$s.yaml"
		exits 0
		same_as first
	done
	pxb lock create -q -o - "$good"
	same_as first
	mkdir tree
	csplit -s -f tree/x -b %03d.yaml "$streams/fed-default.template3.yaml" '/^---$/' '{*}'
	pxb lock create -q -o - tree
	exits 0
	same_as first
}

@test "what a lock is not made of" {
	pxb lock create <"$streams/fed-nosc.helm4.yaml"
	exits 0 # adopted as it is
	says 'several classes or none'
	rm pxb-fed.lock
	printf 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n' >in.yaml
	pxb lock create <in.yaml
	refused 3 'not a px-central release'
	: >in.yaml
	pxb lock create <in.yaml
	refused 3 'the stream contains no object'
	printf 'a: [\n' >in.yaml
	pxb lock create <in.yaml
	refused 3 '<stdin>:'
	sed 's/PX_BACKUP_FEDERATED: "true"/PX_BACKUP_FEDERATED: "false"/' "$good" >in.yaml
	pxb lock create <in.yaml
	refused 3 'neither Classic nor Federated'
	pxb lock create no/such.yaml
	refused 3 "cannot open 'no/such.yaml'"
	pxb lock create --max-size 1 "$good"
	exits 0
	[ -e pxb-fed.lock ]
}

@test "a Classic installation is recorded, and said to be one" {
	pxb lock create <"$streams/classic.helm4.yaml"
	exits 0
	says 'this is a Classic installation'
	pxb lock verify <"$streams/classic.helm4.yaml"
	exits 0
	is_silent
	pxb lock verify <"$good"
	refused 1 'error[mode-locked]'
	# Helm 4 shows the hooks, so the gate alone would repair it into Federated mode.
	pxb render --lock none.lock <"$streams/classic.helm4.yaml"
	refused 2 none.lock
	pxb render <"$streams/classic.helm4.yaml"
	refused 1 'passes Federated mode only'
}

@test "no name in a stream can make a lock that says something else" {
	sed 's/name: theme$/name: "x\\n  size: 1Gi"/' "$good" >in.yaml
	pxb lock create -o - <in.yaml
	refused 3
	sed "s/storageClassName: px-csi-db/storageClassName: $(printf 'AK%s' IA)ZZZZZZZZZZZZZZ7Q/" "$good" >in.yaml
	pxb lock create -o - <in.yaml
	refused 3 'looks like a credential'
	keeps_quiet_of ZZZZZZZZZZZZZZ7Q
}

@test "show is for people" {
	locked
	pxb lock show
	exits 0
	is_silent
	prints 'mode        federated'
	prints 'class       px-csi-db'
	prints '  StatefulSet/pxc-backup-mongodb             64Gi   px-csi-db, ReadWriteOnce'
	prints '4 StatefulSets, 6 Deployments, 1 Job'
	pxb lock show x
	refused 2 "'show' takes no argument: 'x'"
	pxb lock show --cluster
	refused 2 "'show' reads the lock alone"
}

@test "diff: silent when nothing differs, one line each otherwise" {
	locked
	pxb lock diff <"$streams/fed-default.template3.yaml"
	exits 0
	prints_nothing
	is_silent
	pxb lock diff <"$streams/fed-telemetry.helm4.yaml"
	exits 1
	grep -qxF '+ PersistentVolumeClaim/px-backup-telemetry-storage added' "$T/out"
	pxb lock diff -q <"$streams/fed-wrongsc.helm4.yaml"
	exits 1
	is_silent
	grep -qxF '! StatefulSet/pxc-backup-mongodb pxc-mongodb-data storageClassName px-csi-db -> gp3' "$T/out"
}

@test "verify: silent unless a lock is broken; -v shows notes" {
	locked
	pxb lock verify <"$streams/fed-telemetry.helm3.yaml"
	exits 0
	prints_nothing
	is_silent
	sed 's/storage: 100Gi/storage: 200Gi/' "$good" >grown.yaml
	pxb lock verify grown.yaml
	exits 0
	is_silent
	pxb lock verify -v grown.yaml
	exits 0
	says 'note[storage-locked]: claim pxcentral-mysql-pvc grows from 100Gi'
	pxb lock verify <"$streams/fed-wrongsc.helm3.yaml"
	exits 1
	prints_nothing
	is_short
	pxb explain --last
	exits 0
	prints 'error[storage-locked]'
	pxb lock verify missing.yaml
	refused 3 missing.yaml
}

@test "update: what may change is recorded with its reason, what cannot is not" {
	locked
	sed 's/storage: 100Gi/storage: 200Gi/' "$good" >grown.yaml
	pxb lock update <grown.yaml
	refused 2 'update needs --reason TEXT'
	pxb lock update --reason 'disk was full, OPS-7' <grown.yaml
	exits 0
	says '~ PersistentVolumeClaim/pxcentral-mysql-pvc size 100Gi -> 200Gi'
	says "recorded in 'pxb-fed.lock': 1 change"
	grep -qxF '  reason: "disk was full, OPS-7"' pxb-fed.lock
	grep -qx -- "- date: \"$(date -u +%Y-%m-%d)\"" pxb-fed.lock
	pxb lock show
	prints 'disk was full, OPS-7 (1 change)'
	cp pxb-fed.lock before
	pxb lock update --reason again <grown.yaml
	exits 0
	says 'is already up to date'
	cmp pxb-fed.lock before
	# 200Gi are recorded now: what rendered 100Gi yesterday would shrink it.
	pxb lock verify <"$good"
	refused 1 'no volume shrinks'
	pxb lock update --reason x <"$streams/fed-wrongsc.helm4.yaml"
	refused 1 '! StatefulSet/pxc-backup-mongodb pxc-mongodb-data storageClassName px-csi-db -> gp3'
	says 'a new installation has a lock of its own'
	cmp pxb-fed.lock before
}

@test "update: reasons that are none" {
	locked
	cp pxb-fed.lock before
	for reason in '' '  ' "$(printf 'two\nlines')" "$(printf 'x%.0s' $(seq 501))" "key $(printf 'AK%s' IA)ZZZZZZZZZZZZZZ7Q"; do
		pxb lock update --reason "$reason" <"$streams/fed-telemetry.helm4.yaml"
		refused 2
		keeps_quiet_of ZZZZZZZZZZZZZZ7Q
	done
	cmp pxb-fed.lock before
}

@test "a lock that is wrong is told before the stream is read" {
	locked
	sed 's/^mode:/mod:/' pxb-fed.lock >wrong.lock
	sed 's,pxb-fed/v1,pxb-fed/v2,' pxb-fed.lock >newer.lock
	mkfifo stream
	for command in 'render' 'check -' 'lock verify' 'lock diff' 'lock update --reason r'; do
		exec 9<>stream # nothing ever comes
		# shellcheck disable=SC2086  # words
		pxb $command --lock wrong.lock <stream
		refused 2 "wrong.lock:8:1: unknown key 'mod'; did you mean 'mode'?"
		# shellcheck disable=SC2086
		pxb $command --lock newer.lock <stream
		refused 2 'a newer pxb-fed is needed to read this'
		exec 9>&-
	done
}

@test "the lock of another installation" {
	locked
	sed -e 's/namespace: central/namespace: other/' -e 's,\(app.kubernetes.io/instance: "*\)px-central,\1other,' "$good" >other.yaml
	pxb check - <other.yaml
	exits 2
	says 'is the lock of another installation'
	for command in 'render' 'lock verify' 'lock diff' 'lock update --reason r'; do
		# shellcheck disable=SC2086  # words
		pxb $command <other.yaml
		refused 2 'is the lock of another installation: release px-central in namespace central, and this is other in other'
	done
	pxb render --refuse-as=block-scalar <other.yaml
	exits 0
	prints 'is the lock of another installation'
}

@test "check --any judges single objects, and no lock" {
	echo damaged >pxb-fed.lock
	pxb check --any "$streams/fed-oidc.helm4.yaml"
	exits 0
	pxb check --any --lock pxb-fed.lock "$good"
	refused 2 '--any checks single objects and takes no --lock'
	pxb check "$good"
	refused 2 'pxb-fed.lock:1:1'
}

@test "-v says which lock is in force" {
	locked
	pxb render -v <"$good"
	exits 0
	says 'compared with pxb-fed.lock'
	pxb render <"$good"
	lacks 'held against' "$T/err"
}

@test "slips of the command line" {
	pxb lock
	refused 2 'needs create, show, diff, verify or update'
	pxb lock vreify
	refused 2 "no 'vreify'; did you mean 'verify'?"
	pxb lock verify <"$good"
	refused 2 "there is no 'pxb-fed.lock'; 'lock create' makes one"
	locked
	pxb lock verify --reason x <"$good"
	refused 2 "--reason is for 'lock update'"
	pxb lock show -o x
	refused 2 "--output is for 'lock create'"
	pxb lock create --lock x <"$good"
	refused 2 "'lock create' writes to --output FILE"
	pxb lock diff --release a --cluster
	refused 2 '--release and --cluster are two sources'
	pxb lock diff --release a x.yaml
	refused 2 "--release and the file 'x.yaml' are two sources"
	python3 -c 'import pty, subprocess, sys; sys.exit(subprocess.run(sys.argv[1:], stdin=pty.openpty()[1]).returncode)' \
		"$PXB_FED_BIN" lock create >"$T/out" 2>"$T/err" || status=$?
	refused 2 'needs a source'
	pxb lock diff --release -a
	refused 2
	pxb lock --help
	exits 0
	prints 'Usage: pxb-fed lock create|show|diff|verify|update [OPTIONS] [FILE ...]'
}

@test "from an installed release" {
	fake helm <<-SH
		case \$2 in
		metadata) echo '{"name":"px-central","chart":"px-central","version":"3.0.0","namespace":"central","revision":3,"status":"deployed"}' ;;
		manifest) cat "$streams/fed-default.helm3.yaml"; echo ;;
		esac
	SH
	HELM_BIN=$T/helm HELM_NAMESPACE=central pxb lock create --release px-central
	exits 0
	cat "$T/helm.args"
	diff - "$T/helm.args" <<-ARGS
		get metadata px-central --output json --namespace central
		get manifest px-central --namespace central
	ARGS
	pxb lock verify <"$good"
	exits 0
	# The lock knows the namespace; Helm's own is not asked.
	: >"$T/helm.args"
	HELM_BIN=$T/helm HELM_NAMESPACE=default pxb lock verify --release px-central
	exits 0
	grep -q -- '--namespace central' "$T/helm.args"
	lacks default "$T/helm.args"
	HELM_BIN=$T/helm pxb lock verify --release px-central --release-namespace elsewhere
	grep -q -- '--namespace elsewhere' "$T/helm.args"
	# What it is called in messages.
	fake helm <<-SH
		case \$2 in
		metadata) echo '{"name":"px-central","revision":3}' ;;
		manifest) cat "$streams/fed-wrongsc.helm3.yaml" ;;
		esac
	SH
	HELM_BIN=$T/helm pxb lock diff --release px-central
	exits 1
	says 'against the installed release px-central, revision 3'
	pxb lock diff --release '-x'
	refused 2 'is not a release name'
}

@test "a revision that failed is not what is installed" {
	fake helm <<-SH
		case \$1-\$2-\$4\$5 in
		get-metadata---output*) echo '{"name":"px-central","revision":3,"status":"failed"}' ;;
		history-*) echo '[{"revision":1,"status":"superseded"},{"revision":2,"status":"deployed"},{"revision":3,"status":"failed"}]' ;;
		get-metadata---revision2) echo '{"name":"px-central","revision":2,"status":"deployed"}' ;;
		get-manifest---revision2) cat "$streams/fed-default.helm3.yaml" ;;
		*) exit 99 ;;
		esac
	SH
	HELM_BIN=$T/helm pxb lock create --release px-central
	exits 0
	pxb lock verify <"$good"
	exits 0
	fake helm <<-'SH'
		case $1 in
		get) echo '{"name":"x","revision":1,"status":"failed"}' ;;
		*) echo '[{"revision":1,"status":"failed"}]' ;;
		esac
	SH
	HELM_BIN=$T/helm pxb lock diff --release x
	refused 3 'was ever deployed'
}

@test "a Helm that fails, says nonsense or is not there" {
	fake helm <<-'SH'
		echo 'warning: first' >&2
		echo 'Error: release: not found' >&2
		exit 1
	SH
	HELM_BIN=$T/helm pxb lock create --release x
	refused 5 "get metadata x' failed: Error: release: not found"
	fake helm <<<'echo nonsense'
	HELM_BIN=$T/helm pxb lock create --release x
	refused 5 'what is not a JSON object'
	HELM_BIN=$T/nowhere pxb lock create --release x
	refused 5 'cannot start'
	[ ! -e pxb-fed.lock ]
}

# A cluster with the objects of a stream: $T/api has its answers, $api/requests what it was asked.
answers() {
	api=$T/api
	mkdir "$api"
	"$PXB_FED_BIN" read "$good" >objects
	python3 - "$api" <<-'PY'
		import json, os, sys
		plurals = {"StatefulSet": "statefulsets", "Deployment": "deployments", "Job": "jobs",
		           "PersistentVolumeClaim": "persistentvolumeclaims", "Prometheus": "prometheuses", "Alertmanager": "alertmanagers"}
		lists = {f"{'apis' if '/' in v else 'api'}/{v}/namespaces/central/{p}": [] for v, p in (
		    ("apps/v1", "statefulsets"), ("apps/v1", "deployments"), ("batch/v1", "jobs"), ("v1", "persistentvolumeclaims"))}
		def put(path, what):
		    os.makedirs(os.path.join(sys.argv[1], os.path.dirname(path)), exist_ok=True)
		    json.dump(what, open(os.path.join(sys.argv[1], path + ".json"), "w"))
		for o in map(json.loads, open("objects")):
		    o["metadata"].setdefault("annotations", {})
		    o["metadata"]["annotations"] = {**(o["metadata"]["annotations"] or {}), "meta.helm.sh/release-name": "px-central"}
		    group = "apis" if "/" in o["apiVersion"] else "api"
		    if o["kind"] in plurals:
		        path = f"{group}/{o['apiVersion']}/namespaces/central/{plurals[o['kind']]}"
		        # A list of the API server's says the kind once; one of a custom resource says it of every item.
		        lists.setdefault(path, []).append(o if "monitoring" in path else {k: v for k, v in o.items() if k not in ("kind", "apiVersion")})
		    if o["metadata"]["name"] == "pxcentral-ui-configmap":
		        put("api/v1/namespaces/central/configmaps/pxcentral-ui-configmap", o)
		for path, items in lists.items():
		    put(path, {"kind": "List", "apiVersion": "v1", "metadata": {}, "items": items})
	PY
	serve
}

# empty_lists NS: what an API server answers where nothing is
empty_lists() {
	local list
	for list in apis/apps/v1/namespaces/$1/statefulsets apis/apps/v1/namespaces/$1/deployments \
		apis/batch/v1/namespaces/$1/jobs api/v1/namespaces/$1/persistentvolumeclaims; do
		mkdir -p "$T/api/$(dirname "$list")"
		echo '{"kind": "List", "items": []}' >"$T/api/$list.json"
	done
}

asked() { sort "$T/api/requests"; }

@test "from the cluster: the same lock as from its stream" {
	answers
	locked
	pxb lock create -q --cluster --release-namespace central -o live.lock
	exits 0
	cmp live.lock pxb-fed.lock
	diff - <(asked) <<-PATHS
		/api/v1/namespaces/central/configmaps/pxcentral-ui-configmap
		/api/v1/namespaces/central/persistentvolumeclaims
		/apis/apps/v1/namespaces/central/deployments
		/apis/apps/v1/namespaces/central/statefulsets
		/apis/batch/v1/namespaces/central/jobs
		/apis/monitoring.coreos.com/v1/namespaces/central/alertmanagers
		/apis/monitoring.coreos.com/v1/namespaces/central/prometheuses
	PATHS
	pxb lock verify --cluster
	exits 0
	is_silent
}

@test "the namespace that nobody names is the kubeconfig's" {
	answers
	pxb lock create -q --cluster -o live.lock
	exits 0
	grep -q '/namespaces/central/jobs' "$T/api/requests"
	empty_lists elsewhere
	HELM_KUBECONTEXT=other pxb lock create -q --cluster -o other.lock
	refused 3 'the cluster has nothing of px-central in namespace elsewhere'
}

@test "the connection that Helm was given is the one that is asked" {
	answers
	locked
	sed "s|$url|http://127.0.0.1:1|" "$KUBECONFIG" >away.yaml
	export KUBECONFIG=$PWD/away.yaml HELM_KUBECONTEXT=mine HELM_KUBEAPISERVER=$url
	export HELM_KUBEASUSER=me HELM_KUBEASGROUPS=a,b HELM_KUBETOKEN="top$RANDOM-secret"
	pxb lock verify --cluster
	exits 0
	[ "$(grep -c "Authorization=Bearer $HELM_KUBETOKEN Impersonate-User=me Impersonate-Group=a Impersonate-Group=b" "$T/api/requests")" -eq 7 ]
	keeps_quiet_of "$HELM_KUBETOKEN"
	HELM_KUBECAFILE=$T/no-ca pxb lock verify --cluster
	refused 5 "$T/no-ca"
	HELM_KUBEINSECURE_SKIP_TLS_VERIFY=true pxb lock verify --cluster
	exits 0
	says 'warning: TLS certificates are not verified'
	HELM_KUBECONTEXT=nobody pxb lock verify --cluster
	refused 5 "context 'nobody' is not in the kubeconfig"
}

@test "a cluster that does not answer, or has nothing" {
	locked
	HELM_KUBEAPISERVER=http://127.0.0.1:1 pxb lock verify --cluster
	refused 5 'the connection was refused'
	KUBECONFIG=$T/nowhere pxb lock verify --cluster
	refused 5 'the cluster cannot be asked'
	serve
	pxb lock verify --cluster
	refused 5 "statefulsets': the object does not exist"
	empty_lists central
	pxb lock verify --cluster
	refused 3 'the cluster has nothing of px-central in namespace central'
	echo '<html>Sign in</html>' >"$api/apis/apps/v1/namespaces/central/deployments.json"
	pxb lock verify --cluster
	refused 5 'the answer is not from a Kubernetes API server'
	echo '{"kind": "Status", "message": "jobs.batch is forbidden"}' >"$api/apis/apps/v1/namespaces/central/deployments.403"
	pxb lock verify --cluster
	refused 5 'the credentials lack the right to read it'
}

@test "what is gone from the cluster" {
	answers
	locked
	sed -i 's/"pxcentral-mysql-pvc"/"another-pvc"/' "$T/api/api/v1/namespaces/central/persistentvolumeclaims.json"
	pxb lock verify --cluster
	refused 1 'claim pxcentral-mysql-pvc is in pxb-fed.lock and not in'
	says 'the cluster: its data is gone'
}

@test "the sha256 of the chart's archive is recorded where it is at hand, and a folder has none" {
	echo archive >chart.tgz
	pxb lock create --chart chart.tgz "$streams/fed-default.template3.yaml"
	exits 0
	grep -q "sha256: \"\?$(sha256sum chart.tgz | cut -c1-64)" pxb-fed.lock
	pxb lock show
	exits 0
	mkdir folder
	pxb lock create --chart folder -o other.lock "$streams/fed-default.template3.yaml"
	refused 2 'is not an archive'
	no_file other.lock
	pxb lock create --chart gone.tgz -o other.lock "$streams/fed-default.template3.yaml"
	refused 2 'cannot read the chart'
}
