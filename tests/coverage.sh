#!/bin/sh
# Lines of src that the unit tests, the case tables, the command-line tests and the credentials' score reach.
set -eu
cd "$(dirname "$0")/.."
jobs=$(getconf _NPROCESSORS_ONLN)
make -s -j"$jobs" COVERAGE=1 all unit-bin
find build/coverage -name '*.gcda' -delete
sh tests/unit/run.sh build/coverage/tests/test_* || true
python3 tests/cases/run.py --bin build/coverage/pxb-fed || true
PXB_FED_BIN=$PWD/build/coverage/pxb-fed bats tests/cli >/dev/null || true
python3 tests/credentials/score.py --bin build/coverage/pxb-fed >/dev/null || true
PXB_FED_BIN=$PWD/build/coverage/pxb-fed HELM_PLUGIN_DIR=$PWD build/coverage/pxb-fed policy show >/dev/null
lcov --quiet --capture --directory build/coverage --output-file build/coverage/all.info --rc lcov_branch_coverage=0
lcov --quiet --extract build/coverage/all.info "$PWD/src/*" --output-file build/coverage/src.info
lcov --list build/coverage/src.info | awk -F'|' 'NF > 2 { print $1, $2 }' | sed 's/  */ /g'
lcov --summary build/coverage/src.info 2>&1 | sed -n 's/^ *lines\.*: */coverage: lines of src /p'
