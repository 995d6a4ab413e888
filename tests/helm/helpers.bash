# Shared by the tests of this folder: real Helm 3 and Helm 4, each with homes of its own, and pxb-fed installed from a copy of
# the checkout.
#
#   HELM3, HELM4, ORACLE   programs; by default tests/tools/build.sh builds them
#   PXB_FED_BIN            the program under test; by default build/pxb-fed

# need VARIABLE NAME: sets the variable to the path of a program of tests/tools, unless the caller has set it
need() {
	[ -z "${!1:-}" ] || return 0
	local path code=0
	path=$("$root/tests/tools/build.sh" "$2") || code=$?
	[ "$code" -ne 77 ] || skip "no Go compiler to build $2" # the builder's way to say so
	[ "$code" -eq 0 ] || return "$code"
	printf -v "$1" %s "$path"
}

find_programs() {
	root=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
	chart=$root/testdata/charts/px-central-like
	PXB_FED_BIN=${PXB_FED_BIN:-$root/build/pxb-fed}
	if [ ! -x "$PXB_FED_BIN" ]; then
		echo "no $PXB_FED_BIN: build it first, or set PXB_FED_BIN" >&2
		return 1
	fi
	PXB_FED_BIN=$(cd "$(dirname "$PXB_FED_BIN")" && pwd)/$(basename "$PXB_FED_BIN")
	need HELM3 helm3
	need HELM4 helm4
	need ORACLE oracle
	version=$(cat "$root/VERSION")
	export root chart PXB_FED_BIN HELM3 HELM4 ORACLE version
}

# The values that make the chart a Federated installation, as the vendor's page wants it.
federated=(--namespace central --set pxbackup.enabled=true,pxbackup.federated=true
	--set persistentStorage.enabled=true,persistentStorage.storageClassName=px-csi-db)
# The slip that the gate is for: a key that no chart knows, so that Classic mode is what gets installed.
mistyped=(--namespace central --set pxbackup.enabled=true,pxbackup.federted=true
	--set persistentStorage.enabled=true,persistentStorage.storageClassName=px-csi-db)
# What no gate can repair: databases that forget everything.
unrepairable=("${federated[@]}" --set persistentStorage.enabled=false)

prepare() {
	home="$BATS_TEST_TMPDIR/home of"
	work="$BATS_TEST_TMPDIR/work"
	mkdir -p "$work" "$home 3" "$home 4"
	cd "$work" || return 1
	# A policy of its own, so that neither the machine's nor a folder's decides a test. Everything in it has its default.
	printf 'apiVersion: pxb-fed/v1\nkind: Policy\n' >"$BATS_TEST_TMPDIR/policy.yaml"
	server=
	cluster=()
}

stop_server() {
	[ -z "${server:-}" ] || { kill "$server" && wait "$server"; } 2>/dev/null || :
}

# clean MAJOR COMMAND...: in an environment that holds nothing but this test's, and the switch of tests/mutants
clean() {
	local major=$1
	shift
	env -i PATH="${hook_path:-$PATH}" HOME="$home $major" TMPDIR="$BATS_TEST_TMPDIR" LC_ALL=C.UTF-8 \
		XDG_STATE_HOME="$home $major/state" XDG_CACHE_HOME="$home $major/xdg" \
		HELM_CACHE_HOME="$home $major/cache" HELM_CONFIG_HOME="$home $major/config" HELM_DATA_HOME="$home $major/data" \
		PXB_FED_POLICY="$BATS_TEST_TMPDIR/policy.yaml" ${PXB_MUTANT+"PXB_MUTANT=$PXB_MUTANT"} \
		${PXB_MUTANT_REACHED+"PXB_MUTANT_REACHED=$PXB_MUTANT_REACHED" "BATS_TEST_NUMBER=${BATS_TEST_NUMBER-}"} ${cluster[@]+"${cluster[@]}"} "$@" </dev/null
}

helm() {
	local major=$1
	shift
	if [ "$major" = 3 ]; then
		clean 3 "$HELM3" "$@"
	else
		clean 4 "$HELM4" "$@"
	fi
}

plugins() { echo "$home $1/data/plugins"; }

# checkout: a copy of what a clone holds for Helm, with the program under test in bin/ as install-binary.sh would leave it
checkout() {
	copy="$BATS_TEST_TMPDIR/check out"
	mkdir -p "$copy/bin"
	cp -R "$root/plugin.yaml" "$root/completion.yaml" "$root/plugin.complete" "$root/plugins" "$root/install-binary.sh" "$root/VERSION" "$copy/"
	cp "$PXB_FED_BIN" "$copy/bin/pxb-fed"
	[ ! -x "${PXB_FED_BIN%/*}/pxb-fed-kube" ] || cp "${PXB_FED_BIN%/*}/pxb-fed-kube" "$copy/bin/pxb-fed-kube"
}

# with_plugin MAJOR: installs the plugin from the copy; $renderer is what --post-renderer takes
with_plugin() {
	[ -d "${copy:-/nonexistent}" ] || checkout
	helm "$1" plugin install "$copy" >/dev/null
	renderer=$(helm "$1" pxb-fed post-renderer)
}

# pass_through MAJOR: a post-renderer that changes nothing and keeps what it was given in $work/seen.MAJOR. Helm 4 writes a
# stream anew before and behind any post-renderer, so only a run with another post-renderer is a fair comparison.
pass_through() {
	if [ "$1" = 3 ]; then
		printf '#!/bin/sh\nexec tee "%s"\n' "$work/seen.3" >"$work/tee.sh"
		chmod 755 "$work/tee.sh"
		passing=$work/tee.sh
	else
		mkdir -p "$(plugins 4)/tee"
		cat >"$(plugins 4)/tee/plugin.yaml" <<-YAML
			apiVersion: v1
			type: postrenderer/v1
			name: tee
			version: 0.1.0
			runtime: subprocess
			runtimeConfig:
			  platformCommand:
			  - command: tee
			    args: ["$work/seen.4"]
		YAML
		passing=tee
	fi
}

# start_cluster: a pretended API server; what is done to it stands in $work/writes
start_cluster() {
	command -v python3 >/dev/null || skip 'no python3 to pretend a cluster'
	: >"$work/writes"
	python3 "$root/tests/helm/fakekube.py" "$work/writes" "$work/port" >"$work/server.log" 2>&1 3>&- &
	server=$!
	python3 "$root/tests/lib/await.py" file "$server" "$work/port"
	cluster=(HELM_KUBEAPISERVER="http://127.0.0.1:$(cat "$work/port")")
}

# The one thing in a report that is not the same every time.
untimed() { sed -E 's/\([0-9.]+ m?s\)/(TIME)/'; }

# Fails and shows both if two texts differ.
same_text() {
	diff -u <(echo "$1") <(echo "$2")
}

# bash does not stop at a failing "! command".
refute() {
	if "$@"; then return 1; fi
}

# split COMMAND...: like bats' run, but keeps stdout and stderr apart, in files, byte by byte
split() {
	status=0
	"$@" >"$work/out" 2>"$work/err" || status=$?
}
