#!/bin/sh
# Runs every harness for some seconds, as many at once as there are cores, on its stored corpus; new inputs go to build/fuzz, crashes to
# build/fuzz/crash-*. Without clang's libFuzzer the corpora are replayed by a gcc build with sanitizers.
#   run.sh [SECONDS [HARNESS ...]]        FUZZ_BUILD=DIR keeps the build elsewhere
set -u
cd "$(dirname "$0")/.." || exit 1

seconds=${1:-60}
[ $# = 0 ] || shift
out=${FUZZ_BUILD:-build/fuzz}
mkdir -p "$out"
export ASAN_OPTIONS=detect_leaks=1:allocator_may_return_null=1 UBSAN_OPTIONS=print_stacktrace=1

names=$*
[ -n "$names" ] || for f in fuzz/fuzz_*.c; do
	f=${f##*/fuzz_}
	names="$names ${f%.c}"
done

probe=$out/probe
printf '#include <stddef.h>\nint LLVMFuzzerTestOneInput(const unsigned char*,size_t);int LLVMFuzzerTestOneInput(const unsigned char*d,size_t n){return d==0&&n;}\n' >"$probe.c"
if clang -fsanitize=fuzzer,address,undefined -o "$probe" "$probe.c" 2>/dev/null; then
	fuzzer=yes
	cc=clang
	san="-fsanitize=address,undefined -fno-sanitize-recover=undefined"
	compile="$san -fsanitize=fuzzer-no-link"
	link="$san -fsanitize=fuzzer"
else
	fuzzer=no
	cc=gcc
	compile="-fsanitize=address,undefined -fno-sanitize-recover=undefined"
	link="$compile fuzz/standalone.c"
	echo "fuzz: no libFuzzer (clang and libclang-rt are missing): replaying the corpora only"
fi

make -s BUILD="$out" CC="$cc" OPT="-O1 -g -fno-omit-frame-pointer" FORTIFY= SAN="$compile" "$out/libpxb-internal.a" || exit 1
libs=$(pkg-config --libs yaml-0.1 libfyaml libcjson libpcre2-8 libxxhash zlib)

export seconds out fuzzer cc link libs

# One harness, in a shell of its own, which has the signals of this one: $out/NAME.rc is its exit code.
# shellcheck disable=SC2016  # the inner shell's words
build='$cc -std=gnu17 -O1 -g -Wall -Wextra -Isrc -Iinclude -Ifuzz -DPXB_VERSION="\"fuzz\"" $link -o "$out/fuzz_$1" "fuzz/fuzz_$1.c" \
	"$out/libpxb-internal.a" $libs -lm -pthread || exit 255'
# One input in the time that a megabyte may take: what grows with the square is found at this length.
# shellcheck disable=SC2016
run='corpus=fuzz/corpus/$1
[ -d "$corpus" ] || corpus=
if [ $fuzzer = yes ]; then
	mkdir -p "$out/corpus/$1"
	"$out/fuzz_$1" -max_total_time="$seconds" -timeout=20 -rss_limit_mb=3000 -max_len=1048576 -len_control=20 -dict=fuzz/yaml.dict \
		-artifact_prefix="$out/crash-$1-" -print_final_stats=1 "$out/corpus/$1" ${corpus:+"$corpus"} >"$out/$1.log" 2>&1
else
	"$out/fuzz_$1" ${corpus:+"$corpus"} >"$out/$1.log" 2>&1
fi
echo $? >"$out/$1.rc"'
jobs=$(getconf _NPROCESSORS_ONLN)
# shellcheck disable=SC2086  # names without blanks
printf '%s\n' $names | xargs -P "$jobs" -I '{}' sh -c "$build" sh '{}' || exit 1
rm -f "$out"/*.rc
# shellcheck disable=SC2086
printf '%s\n' $names | xargs -P "$jobs" -I '{}' sh -c "$run" sh '{}'

failed=0
runs=0
for name in $names; do
	log=$out/$name.log
	# A harness that was ended from outside has left no exit code.
	rc=$(cat "$out/$name.rc" 2>/dev/null) || rc=none
	if [ $fuzzer = yes ]; then
		n=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log" | tail -n 1)
	else
		n=$(sed -n 's/ inputs replayed//p' "$log" | tail -n 1)
	fi
	runs=$((runs + ${n:-0}))
	if [ "$rc" = 0 ]; then
		echo "ok   $name: ${n:-0} inputs"
	else
		failed=$((failed + 1))
		echo "FAIL $name (exit $rc), see $log"
		grep -aE '^(broken|SUMMARY|.*runtime error|==[0-9]+==ERROR|Test unit written)' "$log" | head -n 6
	fi
done
echo "fuzz: $runs inputs, $failed of $(echo "$names" | wc -w) harnesses failed"
[ "$failed" = 0 ]
