#!/bin/sh
# What can be said about the sources without running them. Every finding is printed; the last line sums up.
# shellcheck disable=SC2046,SC2086,SC2016  # lists of our own paths and options, none with blanks; a script for xargs
set -u
cd "$(dirname "$0")/.." || exit 1
bad=0
checks=0

check() { # NAME COMMAND...
	name=$1
	shift
	checks=$((checks + 1))
	if ! out=$("$@" 2>&1); then
		bad=$((bad + 1))
		printf 'lint: %s\n%s\n' "$name" "$out" | head -n 40
	fi
}

sources=$(find src include tests fuzz bench -name '*.[ch]' | sort)
headers=$(find src include -name '*.h' | sort)
pkgs='yaml-0.1 libfyaml libcjson libpcre2-8 libxxhash zlib libcurl'
cflags="-std=gnu17 -Isrc -Iinclude $(pkg-config --cflags $pkgs)"

formatted() {
	clang-format --dry-run -Werror $sources
}

tidy() {
	find src -name '*.c' -print0 | xargs -0 -P "$(getconf _NPROCESSORS_ONLN)" -n 6 sh tests/tidy.sh "$cflags" >build/tidy.log 2>&1
	rc=$?
	grep -E '(warning|error):' build/tidy.log | sort -u
	return $rc
}

# base -> yaml -> kube -> chart -> userfile -> values -> policy -> lock -> rules, credentials -> edit -> report -> helm -> argocd, export -> cmd, and never the other way.
folder_order() {
	awk '
	BEGIN {
		n = split("base yaml kube chart userfile values policy lock credentials rules edit report cluster kubehelper checks watch helm argocd export spec audit cmd", order)
		for (i = 1; i <= n; i++) rank[order[i]] = i
		rank["credentials"] = rank["rules"]
	}
	match($0, /^#include "[a-z_]+\//) {
		split(FILENAME, part, "/")
		to = $0
		sub(/^#include "/, "", to)
		sub(/\/.*/, "", to)
		if ((part[2] in rank) && (to in rank) && rank[to] > rank[part[2]]) {
			print FILENAME ": " $0 " goes against the order of the folders"
			bad = 1
		}
	}
	END { exit bad }' $(find src -mindepth 2 -name '*.[ch]')
}

# libyaml only in src/yaml, libfyaml in one file, cJSON in reports, PCRE2 where credentials and patterns are.
libraries() {
	! grep -n '#include <yaml.h>' $(find src -name '*.[ch]' ! -path 'src/yaml/*') &&
		! grep -n '#include <libfyaml.h>' $(find src -name '*.[ch]' ! -name second_reader.c) &&
		! grep -n '#include <cJSON' $(find src -name '*.[ch]' ! -path 'src/report/*') &&
		! grep -n '#include <curl/' $(find src -name '*.[ch]' ! -path 'src/kubehelper/*')
}

headers_alone() {
	rc=0
	for h in $headers; do
			printf '#include "%s"\n' "${h#src/}" | sed 's,"include/,",' |
			${CC:-gcc} $cflags -Wall -Wextra -Werror -x c -fsyntax-only - || { echo "$h does not compile alone"; rc=1; }
	done
	echo '#include "pxbfed.h"' | g++ -Iinclude -Wall -Wextra -Werror -x c++ -fsyntax-only - || { echo "pxbfed.h is no C++"; rc=1; }
	return $rc
}

# A banned function must not compile.
banned() {
	for f in 'strcpy(a, b)' 'sprintf(a, b)' 'atoi(b)' 'strtok(a, b)' 'system(b)'; do
			if printf '#include "base/setup.h"\nvoid t(char *a, const char *b); void t(char *a, const char *b) { %s; }\n' "$f" |
			${CC:-gcc} $cflags -Werror -x c -fsyntax-only - 2>/dev/null; then
			echo "$f compiles"
			return 1
		fi
	done
}

shell() {
	# shellcheck disable=SC2046
	shellcheck -s sh install-binary.sh $(git ls-files '*.sh' .ci/run)
}

# Every long option of --help is in the man page, and the other way round.
man_page() {
	for c in $(build/pxb-fed help | sed -n '/^Commands:/,/^$/s/^  \([a-z-]*\) .*/\1/p'); do
		build/pxb-fed "$c" --help
	done | grep -oE -- '--[a-z][a-z-]+' | grep -vxE -- '--(post-renderer|output-dir|x)' | sort -u >build/options.help
	sed 's/\\-/-/g' docs/pxb-fed.1 | grep -oE -- '--[a-z][a-z-]+' | grep -vxE -- '--(post-renderer|output-dir|x)' | sort -u >build/options.man
	diff build/options.help build/options.man
}

completion() {
	build/pxb-fed completion | diff - completion.yaml
}

help_width() {
	for c in $(build/pxb-fed help | sed -n '/^Commands:/,/^$/s/^  \([a-z-]*\) .*/\1/p') help; do
		build/pxb-fed help $c | awk -v c="$c" 'length > 80 { print c ": " $0; bad = 1 } END { exit bad }' || return 1
	done
}

# docs/report.md has a part on every form of a report, and the man page its sentence.
report_forms() {
	sed -n 's/^REPORT_FORMAT(\([a-z]*\), *"\(.*\)")$/\1 \2/p' src/report/formats.def | while read -r name help; do
		grep -qi "^## .*\b$name\b" docs/report.md || { echo "docs/report.md has no part on $name"; exit 1; }
		grep -A 1 "^\.B $name\$" docs/pxb-fed.1 | tail -n 1 | grep -qiF "$help." || { echo "the man page does not say: $name: $help"; exit 1; }
		grep -qF "| \`$name\` | $help |" docs/report.md || { echo "docs/report.md does not say: $name: $help"; exit 1; }
	done
}

rule_pages() {
	sed -n 's/^RULE([A-Z_]*, *"\([a-z-]*\)".*/\1/p' src/policy/rules.def | while read -r id; do
		[ -s "docs/rules/$id.md" ] || { echo "docs/rules/$id.md is missing"; exit 1; }
	done
}

check_pages() {
	sed -nE 's/^CHECK\([A-Z_]+, "([a-z-]+)".*/\1/p' src/checks/checks.def | while read -r id; do
		[ -s "docs/checks/$id.md" ] || { echo "docs/checks/$id.md is missing"; exit 1; }
		for heading in Why 'What is read' 'What it cannot see' 'How to fix'; do
			grep -qx "## $heading" "docs/checks/$id.md" || { echo "docs/checks/$id.md says nothing of '$heading'"; exit 1; }
		done
		grep -q "^expect $id " tests/checks/*.case || grep -qF "'$id'" tests/checks/live.py || { echo "no case expects anything of $id"; exit 1; }
	done
}

# No string that looks like a credential, no path of the machine it was written on.
clean_text() {
	! git grep -nIE '(AKIA|ASIA)[A-Z2-7]{16}|AccountKey=[A-Za-z0-9+/]{80}|-----BEGIN [A-Z ]*PRIVATE KEY-----.{20}' -- . &&
		! git grep -nIE '/(root|home/[a-z]+)/' -- . ':!tests/lint.sh' ':!tests/fresh' ':!testdata' ':!*.sum' | grep -v '/home/argocd/cmp-server/'
}

# What the chart's objects, env entries and values are called stands in the tables of src/chart alone, and a proof that
# the check sees a name in a comparison, in a sentence and as a part of one, and neither a comment nor a longer name.
chart_names() {
	printf '%s\n' 'bool a = slice_is(name, "px-backup");' 'say("set istio.enabled=true");' 'x = "a: PX_BACKUP_FEDERATED.";' \
		'/* "px-backup" */ y = "px-backup-2";' >build/planted.c
	: >build/planted.txt
	python3 tests/lib/chart_literals.py src/chart build/planted.txt build/planted.c >build/planted.out
	if [ "$(cut -d: -f2 build/planted.out | tr '\n' ' ')" != '1 2 3 ' ]; then
		echo 'tests/lib/chart_literals.py does not see planted names'
		return 1
	fi
	python3 tests/lib/chart_literals.py src/chart tests/lib/chart_literals.txt \
		$(find src \( -name '*.[ch]' -o -name '*.def' \) ! -path 'src/chart/*' | sort)
}

# One assertion a line, and a proof that the check sees the four ways to join them.
one_assertion() {
	# shellcheck disable=SC2016  # text of a test
	printf '%s\n' '@test "a" {' 'exits 0 && says x' 'exits 0 || exits 1' '! grep x y' '[ -s x ] || { echo x; return 1; }' '}' >build/joined.bats
	if python3 tests/lib/one_assertion.py build/joined.bats >build/joined.out || [ "$(wc -l <build/joined.out)" != 4 ]; then
		echo 'tests/lib/one_assertion.py does not see joined assertions'
		return 1
	fi
	python3 tests/lib/one_assertion.py $(git ls-files '*.bats')
}

# The tests run in a clone with nothing beside it.
nothing_beside() {
	! git grep -nE '\.\./share[d]' -- .
}

long_files() {
	wc -l $(find src -name '*.[ch]') | awk '$2 != "total" && $1 > 450 { print $2 " has " $1 " lines"; bad = 1 } END { exit bad }'
}

make -s DEVELOPER=1 all || exit 1
# A function that reports errors says that its result counts, and a proof that the check sees one that does not.
must_check() {
	printf 'int open_it(const char *path,\n\t    struct err *err);\n' >build/dropped.h
	if [ -z "$(python3 tests/lib/must_check.py build/dropped.h)" ]; then
		echo 'tests/lib/must_check.py does not see a result that may be dropped'
		return 1
	fi
	python3 tests/lib/must_check.py src/*/*.h
}

check 'clang-format' formatted
check 'errors are looked at' must_check
check 'order of the folders' folder_order
check 'libraries where they belong' libraries
check 'headers compile alone' headers_alone
check 'banned functions' banned
check 'shellcheck' shell
check 'man page and --help' man_page
check 'completion.yaml' completion
check 'help in 80 columns' help_width
check 'a page for every rule' rule_pages
check 'a page and a case for every check' check_pages
check 'every form of a report in the docs' report_forms
check 'nothing secret or local in the text' clean_text
check 'no file beside the checkout' nothing_beside
check 'files that a reader can hold' long_files
check 'names of the chart in its tables' chart_names
check 'one assertion a line' one_assertion
check 'clang-tidy' tidy
echo "lint: $((checks - bad)) checks passed, $bad failed"
[ "$bad" = 0 ]
