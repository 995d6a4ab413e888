#!/bin/sh
# Runs cmocka programs one after another; ends with one line for all of them. No program, or one without a test, is a failure.
set -u
passed=0
failed=0
log=$(mktemp)
trap 'rm -f "$log"' EXIT
for t in "$@"; do
	# Whoever started this may ignore a signal (nohup does), and would hand that down.
	env --default-signal "$t" >"$log" 2>&1
	rc=$?
	p=$(sed -n 's/^\[  PASSED  \] \([0-9]*\) test.*/\1/p' "$log" | tail -n 1)
	f=$(sed -n 's/^\[  FAILED  \] .*: \([0-9]*\) test.*/\1/p' "$log" | tail -n 1)
	passed=$((passed + ${p:-0}))
	if [ "$rc" != 0 ] || [ "${p:-0}" = 0 ]; then
		failed=$((failed + ${f:-1}))
		echo "FAIL ${t##*/} (exit $rc)"
		grep -vE '^\[ (RUN|      OK) ' "$log" | head -n 40
	fi
done
echo "unit: $passed passed, $failed failed in $# programs"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
