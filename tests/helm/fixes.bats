#!/usr/bin/env bats
# What the reports say to do is done, with both Helms: nothing is found any more.

load helpers

setup_file() { find_programs; }
setup() { prepare; }

@test "every fix, applied and rendered again: the chart itself, and as a dependency under an alias" {
	for major in 3 4; do
		program=$HELM3
		[ "$major" = 3 ] || program=$HELM4
		clean "$major" python3 "$root/tests/helm/fixes.py" "$PXB_FED_BIN" "$program" "$chart" >out
		cat out
		grep -q '^32 passed, 0 failed$' out
	done
}
