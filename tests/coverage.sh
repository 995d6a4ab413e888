#!/bin/sh
# Lines and branches of src that the unit tests, the case tables, the command-line tests, the credentials' score, the checks of
# clusters and the growth rows reach, folder by folder. A folder below the thresholds is a failure, and so is a test that fails.
set -eu
cd "$(dirname "$0")/.."
lines=90
branches=78
# base: the workers of children.c leave by _exit(), which writes no counters, so what only they run counts as not reached.
# FOLDER LINES BRANCHES: lower floors of folders whose further tests are not measured here: those that run real Helms and API servers,
# and for checks, cmd and kubehelper the fleet of the step fleet-live, which has taken them down; or whose tests are still to be
# written. From here on they only rise.
floors='audit 91 73
base 85 78
checks 73 61
cluster 86 67
cmd 75 60
edit 92 77
helm 66 56
kubehelper 71 55
spec 87 75
watch 87 70
yaml 87 78'
jobs=$(getconf _NPROCESSORS_ONLN)
bin=$PWD/build/coverage/pxb-fed

make -s -j"$jobs" COVERAGE=1 all unit-bin
find build/coverage -name '*.gcda' -delete
for t in tests/unit/test_*.c; do
	set -- "$@" "build/coverage/tests/$(basename "$t" .c)"
done
sh tests/unit/run.sh "$@"
python3 tests/cases/run.py --bin "$bin"
# shellcheck disable=SC2011  # names of ours
ls -S tests/cli/*.bats | PXB_FED_BIN=$bin xargs -P "$jobs" -n 1 bats --tap >build/coverage/bats.tap || {
	grep -A 20 '^not ok' build/coverage/bats.tap
	exit 1
}
python3 tests/credentials/score.py --bin "$bin" >/dev/null
# shellcheck disable=SC2016  # the inner shell's words
printf '%s\n' checks/transport\ -kube watch/follow\ -kube checks/run checks/fleet checks/az watch/cases growth/run |
	BIN=$bin xargs -P "$jobs" -L 1 sh -c 'python3 "tests/$1.py" --bin "$BIN${2-}"' sh

lcov --quiet --capture --directory build/coverage --output-file build/coverage/all.info --rc lcov_branch_coverage=1
lcov --quiet --extract build/coverage/all.info "$PWD/src/*" --output-file build/coverage/src.info --rc lcov_branch_coverage=1
awk -F '[:,]' -v root="$PWD/src/" -v lines="$lines" -v branches="$branches" -v floors="$floors" '
	BEGIN {
		n = split(floors, row, "\n")
		for (i = 1; i <= n; i++) {
			split(row[i], part, " ")
			floor_l[part[1]] = part[2]
			floor_b[part[1]] = part[3]
		}
	}
	function share(hit, all) { return all ? 100 * hit / all : 100 }
	/^SF:/ {
		folder = substr($0, 4 + length(root))
		if (!sub(/\/.*/, "", folder)) folder = "."
	}
	/^DA:/ { l[folder]++; hit_l[folder] += $3 > 0 }
	/^BRDA:/ { b[folder]++; hit_b[folder] += $5 != "-" && $5 > 0 }
	END {
		for (f in l) {
			low = share(hit_l[f], l[f]) < (f in floor_l ? floor_l[f] : lines) || share(hit_b[f], b[f]) < (f in floor_b ? floor_b[f] : branches)
			bad += low
			printf "%-12s %6.1f %% of %5d lines  %6.1f %% of %5d branches%s\n", f, share(hit_l[f], l[f]), l[f], share(hit_b[f], b[f]), b[f],
				low ? "  BELOW" : "" | "sort"
			all_l += l[f]; all_hit_l += hit_l[f]; all_b += b[f]; all_hit_b += hit_b[f]
		}
		close("sort")
		printf "coverage: %.1f %% of the lines of src, %.1f %% of its branches; %d folders below their floors (%d and %d %% but for %d folders)\n",
			share(all_hit_l, all_l), share(all_hit_b, all_b), bad, lines, branches, n
		exit bad || !all_l
	}' build/coverage/src.info
