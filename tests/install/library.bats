#!/usr/bin/env bats
# libpxbfed.a as `make install` leaves it: its names, its pkg-config file, and the example, as C and as C++.

setup_file() {
	root=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
	prefix=$BATS_FILE_TMPDIR/prefix
	make -s -C "$root" install PREFIX="$prefix" >/dev/null
	export root prefix PKG_CONFIG_PATH="$prefix/lib/pkgconfig"
}

setup() {
	cd "$BATS_TEST_TMPDIR"
	streams=$root/testdata/streams
}

# example COMPILER FLAG...: builds docs/examples/gate.c against the installed library
example() {
	# shellcheck disable=SC2046
	"$@" -Wall -Werror -o gate "$root/docs/examples/gate.c" $(pkg-config --cflags --libs pxbfed)
}

gate() {
	status=0
	./gate "$@" >out 2>err || status=$?
}

@test "no global name but pxbfed_*, and every function of the header" {
	nm -g --defined-only "$prefix/lib/libpxbfed.a" | awk 'NF == 3 { print $3 }' | sort >names
	grep -o '\bpxbfed_[a-z_]*(' "$prefix/include/pxbfed.h" | tr -d '(' | sort -u | diff - names
}

@test "nothing of the commands is in it" {
	nm "$prefix/lib/libpxbfed.a" >all
	grep -q ' t gate_run$' all
	[ "$(grep -c ' cmd_' all)" -eq 0 ]
}

@test "the pkg-config file names version and prefix" {
	[ "$(pkg-config --modversion pxbfed)" = "$(cat "$root/VERSION")" ]
	[ "$(pkg-config --variable=prefix pxbfed)" = "$prefix" ]
	pkg-config --libs pxbfed | grep -q -- '-lyaml'
}

@test "the example in C and in C++: verdicts, output and errors" {
	for compiler in 'cc -std=c99' 'c++ -x c++ -std=c++20'; do
		# shellcheck disable=SC2086
		example $compiler
		gate <"$streams/fed-default.helm4.yaml"
		[ "$status" -eq 0 ]
		cmp out "$streams/fed-default.helm4.yaml"
		grep -q '"verdict":.*"compliant"' err
		gate <"$streams/classic.helm4.yaml"
		[ "$status" -eq 0 ]
		grep -q 'PX_BACKUP_FEDERATED: *"true"' out
		gate <"$streams/classic.helm3.yaml"
		[ "$status" -eq 1 ]
		[ ! -s out ]
		printf 'apiVersion: pxb-fed/v1\nkind: Policy\ntelemetri: required\n' >policy.yaml
		gate policy.yaml <"$streams/fed-default.helm4.yaml"
		[ "$status" -eq 2 ]
		grep -q "policy.yaml:3:1: .*did you mean 'telemetry'" err
		gate <"$root/Makefile"
		[ "$status" -eq 3 ]
	done
}
