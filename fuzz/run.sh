#!/bin/sh
# Runs every harness for some seconds, one after another, on its stored corpus; new inputs go to build/fuzz, crashes to
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

failed=0
runs=0
for name in $names; do
	bin=$out/fuzz_$name
	corpus=fuzz/corpus/$name
	# shellcheck disable=SC2086  # lists of options
	$cc -std=gnu17 -O1 -g -Wall -Wextra -Isrc -Iinclude -Ifuzz -DPXB_VERSION='"fuzz"' $link -o "$bin" "fuzz/fuzz_$name.c" "$out/libpxb-internal.a" $libs -lm -pthread || exit 1
	[ -d "$corpus" ] || corpus=
	log=$out/$name.log
	if [ $fuzzer = yes ]; then
		mkdir -p "$out/corpus/$name"
		dict=fuzz/yaml.dict
		# One input in the time that a megabyte may take: what grows with the square is found at this length.
		"$bin" -max_total_time="$seconds" -timeout=20 -rss_limit_mb=3000 -max_len=1048576 -len_control=20 -dict="$dict" \
			-artifact_prefix="$out/crash-$name-" -print_final_stats=1 "$out/corpus/$name" ${corpus:+"$corpus"} >"$log" 2>&1
		rc=$?
		n=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log" | tail -n 1)
	else
		"$bin" ${corpus:+"$corpus"} >"$log" 2>&1
		rc=$?
		n=$(sed -n 's/ inputs replayed//p' "$log" | tail -n 1)
	fi
	runs=$((runs + ${n:-0}))
	if [ $rc = 0 ]; then
		echo "ok   $name: ${n:-0} inputs"
	else
		failed=$((failed + 1))
		echo "FAIL $name (exit $rc), see $log"
		grep -aE '^(broken|SUMMARY|.*runtime error|==[0-9]+==ERROR|Test unit written)' "$log" | head -n 6
	fi
done
echo "fuzz: $runs inputs, $failed of $(echo "$names" | wc -w) harnesses failed"
[ "$failed" = 0 ]
