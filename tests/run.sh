#!/bin/sh
# run.sh [quick]: all tests; "quick": those that need neither Go nor a cluster, a browser or a second build, and none that is tagged
# as long. Steps that share nothing run side by side, in lanes. Each step's log is kept in build/test-logs; the summary lines of the
# runners themselves are repeated at the end. Exit code 1 if any step failed.
#   PXB_FED_SKIP="helm fuzz"  leaves steps out, and the summary says so.
#   run.sh lane NAME          the steps of one lane; only run.sh itself calls this
set -u
quick=no
lane=
case "$#-${1-}" in
0-) ;;
1-quick) quick=yes ;;
2-lane) lane=$2 ;;
*)
	echo 'usage: run.sh [quick]' >&2
	exit 2
	;;
esac
cd "$(dirname "$0")/.." || exit 1

logs=build/test-logs
jobs=$(getconf _NPROCESSORS_ONLN)

step() {
	name=$1
	shift
	case " ${PXB_FED_SKIP-} " in
	*" $name "*)
		echo "SKIPPED $name (PXB_FED_SKIP)" | tee -a "$logs/summary"
		return
		;;
	esac
	start=$(date +%s)
	word=ok
	"$@" >"$logs/$name.log" 2>&1 || word=FAILED
	printf '%-7s %-14s %4ds  %s\n' "$word" "$name" "$(($(date +%s) - start))" "$(tail -n 1 "$logs/$name.log" | cut -c1-110)" | tee -a "$logs/summary"
	[ "$word" = ok ] || tail -n 40 "$logs/$name.log" | sed 's/^/    /'
}

# lanes NAME...: side by side. A child of xargs, unlike a job in the background, has the signals of its parent: it ends at ^C, and the
# tests of interruptions see none ignored. A lane that ends before its last step is a failure.
lanes() {
	printf '%s\n' "$@" | xargs -P "$#" -n 1 sh tests/run.sh lane || echo "FAILED  lanes          one of $* ended early" | tee -a "$logs/summary"
}

# run_bats JOBS FILE or DIR ...: so many files at once, the large ones first, each in a bats of its own. Plans and failures of
# their TAP make the summary line; a file that ends early has fewer results than its plan says, and its bats fails. $filter leaves out
# tests by their tags.
run_bats() {
	parallel=$1
	shift
	tap=$(mktemp -d "$logs/tap.XXXXXX") || return 1
	# shellcheck disable=SC2016  # the inner shell's words
	for place; do
		if [ -d "$place" ]; then ls -S "$place"/*.bats; else echo "$place"; fi
	done | xargs -P "$parallel" -I '{}' sh -c 'env --default-signal bats --tap ${3:+--filter-tags "$3"} "$1" >"$2/$(basename "$1").tap" 2>&1' sh '{}' "$tap" "${filter-}"
	rc=$?
	cat "$tap"/*.tap >"$tap/all"
	grep -v '^ok ' "$tap/all"
	printf 'bats: %s passed, %s failed, %s skipped\n' "$(grep '^ok ' "$tap/all" | grep -vc '# skip')" \
		"$(grep -c '^not ok ' "$tap/all")" "$(grep '^ok ' "$tap/all" | grep -c '# skip')"
	rm -r "$tap"
	return $rc
}

# Without Go a user's machine cannot build Helm and the cluster's reader: a clear skip there, a failure in CI.
have_go() {
	if command -v go >/dev/null 2>&1; then
		return 0
	fi
	if [ -n "${CI-}" ]; then
		echo "FAILED  go             no Go toolchain: Helm and the cluster's reader cannot be built" | tee -a "$logs/summary"
	else
		echo "SKIPPED helm, argocd, differential, sets, sarif: no Go toolchain" | tee -a "$logs/summary"
	fi
	return 1
}

differential() {
	oracle=$(sh tests/tools/build.sh oracle) || return 1
	make -s reader || return 1
	find testdata -name '*.yaml' -path '*streams*' >"$logs/files"
	# shellcheck disable=SC2046  # paths of ours, without blanks
	"$oracle" differential --reader build/tests/read-batch --count "${PXB_FED_DOCUMENTS-100000}" $(cat "$logs/files") >"$logs/oracle.out"
	rc=$?
	cat "$logs/oracle.out"
	sed -n 's/^all */differential: /p' "$logs/oracle.out"
	return $rc
}

# Documents as other programs write them.
emitted() {
	oracle=$(sh tests/tools/build.sh oracle) || return 1
	make -s reader || return 1
	python3 tests/differential/emitted.py --reader build/tests/read-batch --oracle "$oracle" --count "${PXB_FED_EMITTED-10000}"
}

# Checked bytes handed to libyaml as its decoded buffer, against the plain way that other versions of libyaml are fed.
feeds() {
	make -s plain || return 1
	python3 tests/cases/run.py --bin build/pxb-fed-plain || return 1
	python3 tests/differential/feeds.py --reader build/tests/read-batch --plain build/tests/read-batch-plain
}

# Helm's --set options, as both Helms read them.
sets() {
	helm3=$(sh tests/tools/build.sh helm3) || return 1
	helm4=$(sh tests/tools/build.sh helm4) || return 1
	make -s setter || return 1
	python3 tests/differential/sets.py --helm "$helm3" --helm "$helm4" --count "${PXB_FED_SETS-1600}"
}

# On a real API server too; one file after another, each has its own.
# verify and preflight on a real API server.
live() {
	for pair in KUBECTL=kubectl ETCD=etcd KUBE_APISERVER=kube-apiserver; do
		path=$(sh tests/tools/build.sh "${pair#*=}") || return 1
		export "${pair%%=*}=$path"
	done
	python3 tests/checks/live.py --bin build/pxb-fed
}

# Installations on a real API server, written by a driver.
watch() {
	for pair in ETCD=etcd KUBE_APISERVER=kube-apiserver; do
		path=$(sh tests/tools/build.sh "${pair#*=}") || return 1
		export "${pair%%=*}=$path"
	done
	python3 tests/watch/stories.py --bin build/pxb-fed
}

helm_tests() {
	for pair in HELM3=helm3 HELM4=helm4 ORACLE=oracle KUBECTL=kubectl ETCD=etcd KUBE_APISERVER=kube-apiserver; do
		path=$(sh tests/tools/build.sh "${pair#*=}") || return 1
		export "${pair%%=*}=$path"
	done
	run_bats 1 tests/helm
}

# What 'spec' writes, rendered by both Helms.
spec_round_trip() {
	helm3=$(sh tests/tools/build.sh helm3) || return 1
	helm4=$(sh tests/tools/build.sh helm4) || return 1
	python3 tests/spec/roundtrip.py --bin build/pxb-fed --helm "$helm3" --helm "$helm4"
}

# The tables of src/chart against what the chart renders.
audit() {
	helm3=$(sh tests/tools/build.sh helm3) || return 1
	helm4=$(sh tests/tools/build.sh helm4) || return 1
	build/pxb-fed audit --fail-on warning --helm "$helm3" testdata/charts/px-central-like || return 1
	build/pxb-fed audit --fail-on warning --helm "$helm4" --value pxbackup.federated --value telemetry.enabled \
		--value persistentStorage.storageClassName testdata/charts/px-central-like || return 1
	python3 tests/audit/mutations.py --bin build/pxb-fed --helm "$helm3"
}

html() {
	python3 tests/html/run.py --bin build/pxb-fed
}

sarif() {
	validator=$(sh tests/tools/build.sh sarif) || return 1
	python3 tests/sarif/run.py --bin build/pxb-fed --validator "$validator"
}

argocd_tests() {
	for pair in HELM3=helm3 HELM4=helm4 ORACLE=oracle CMP_SERVER=argocd-cmp-server CMP_CLIENT=cmpclient KUBECTL=kubectl ETCD=etcd \
		KUBE_APISERVER=kube-apiserver; do
		path=$(sh tests/tools/build.sh "${pair#*=}") || return 1
		export "${pair%%=*}=$path"
	done
	run_bats 1 tests/argocd >"$logs/argocd.out"
	rc=$?
	sed 's/^bats:/argocd:/' "$logs/argocd.out"
	return $rc
}

# The exported admission policies on an API server of their own.
admission() {
	KUBECTL=$(sh tests/tools/build.sh kubectl) || return 1
	TYPECHECK=$(sh tests/tools/build.sh typecheck) || return 1
	KUBE_APISERVER=$(sh tests/tools/build.sh kube-apiserver) || return 1
	ETCD=$(sh tests/tools/build.sh etcd) || return 1
	export KUBECTL TYPECHECK KUBE_APISERVER ETCD
	env -u KUBECONFIG python3 tests/cluster/vap.py --bin build/pxb-fed
}

# sanitized FOLDER [COMPILER]: unit tests, cases and command-line tests under ASan and UBSan. gcc and clang see different things.
sanitized() {
	folder=build/$1
	make -s -j"$jobs" SANITIZE=1 ${2:+CC="$2"} all unit-bin || return 1
	export ASAN_OPTIONS=detect_leaks=1:abort_on_error=0:exitcode=99 UBSAN_OPTIONS=print_stacktrace=1
	sh tests/unit/run.sh "$folder"/tests/test_* || return 1
	python3 tests/cases/run.py --bin "$folder/pxb-fed" || return 1
	PXB_FED_BIN=$PWD/$folder/pxb-fed run_bats "$jobs" tests/cli
}

case $lane in
'') ;;
programs)
	step unit sh tests/unit/run.sh build/tests/test_*
	;;
tables)
	step cases python3 tests/cases/run.py --bin build/pxb-fed
	step mutants python3 tests/mutants/test.py
	step checks python3 tests/checks/run.py --bin build/pxb-fed
	step fleet python3 tests/checks/fleet.py --bin build/pxb-fed
	step judge python3 tests/watch/cases.py --bin build/pxb-fed
	step follow python3 tests/watch/follow.py --bin build/pxb-fed-kube
	step transport python3 tests/checks/transport.py --bin build/pxb-fed-kube
	step az python3 tests/checks/az.py --bin build/pxb-fed
	;;
# What starts Helm and API servers, and often waits. All of it in one lane: two servers that start at once could find the same free port.
clusters)
	if have_go; then
		step differential differential
		step emitted emitted
		step sets sets
		step sarif sarif
		step spec spec_round_trip
		step audit audit
		step fleet-live python3 tests/checks/fleet_live.py --bin build/pxb-fed
		step live live
		step watch watch
		step helm helm_tests
		step argocd argocd_tests
		step admission admission
	fi
	;;
# What computes. The steps fault and sanitized share a build.
builds)
	step feeds feeds
	step growth-each python3 tests/growth/each.py --bin build/pxb-fed --scale 0.1
	step lock python3 tests/lock/run.py --bin build/pxb-fed
	step credentials python3 tests/credentials/score.py --bin build/pxb-fed
	step html html
	step fault python3 tests/fault/run.py --bin build/pxb-fed
	step sanitized sanitized sanitize
	step sanitized-clang sanitized sanitize-clang clang
	step lint sh tests/lint.sh
	[ -z "${CI-}" ] || step release python3 tests/release/run.py
	[ -z "${CI-}" ] || step fresh sh tests/fresh/run.sh bookworm
	step coverage sh tests/coverage.sh
	;;
*)
	echo "run.sh: no lane $lane" >&2
	exit 1
	;;
esac
[ -z "$lane" ] || exit 0

mkdir -p "$logs"
: >"$logs/summary"
packages="test"
[ -z "${CI-}" ] || packages=ci
[ $quick = no ] || packages=quick
sh tests/deps.sh $packages || exit 1
# A python3 that is a script of a version manager takes five times as long to start; hundreds are started.
python=$(python3 -c 'import sys; print(sys.executable)') || exit 1
[ "$(command -v python3)" = "$python" ] || export PATH="${python%/*}:$PATH"
# All that more than one lane uses: no two of them build the same file.
# shellcheck disable=SC2046  # several words or none
step build make -s -j"$jobs" DEVELOPER=1 all unit-bin $([ $quick = yes ] || echo reader setter plain)
lanes programs tables
filter=
[ $quick = no ] || filter='!long'
step cli run_bats "$jobs" tests/install tests/cli
filter=
if [ $quick = no ]; then
	lanes clusters builds
	# By itself: it has seconds for each harness, and a busy machine would mean fewer inputs.
	step fuzz sh fuzz/run.sh "${PXB_FED_FUZZ_SECONDS-20}"
fi

echo
echo "--- summary (logs in $logs)"
cat "$logs/summary"
failed=$(grep -c '^FAILED ' "$logs/summary")
echo "steps: $(grep -c '^ok ' "$logs/summary") passed, $failed failed, $(grep -c '^SKIPPED ' "$logs/summary") skipped"
[ "$failed" = 0 ]
