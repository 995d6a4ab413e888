#!/bin/sh
# Installs the packages that building or testing needs, as root or through sudo; without either it prints the command.
#   deps.sh [--print] [build|quick|test|ci]    quick: for the tests without Go, cluster and browser; ci: what .ci/run needs
set -eu

print=no
[ "${1-}" != --print ] || { print=yes; shift; }
what=${1-build}

# clang's run-time library is named after its version, which differs between releases.
clang_runtime() {
	depends=$(dpkg-query -W -f '${Depends}' clang 2>/dev/null) || depends=$(apt-cache depends clang 2>/dev/null) || depends=
	printf 'libclang-rt-%s-dev' "$(echo "$depends" | sed -n 's/.*clang-\([0-9][0-9]*\).*/\1/p' | head -n 1)"
}

packages() {
	echo gcc libc6-dev make pkg-config libyaml-dev libfyaml-dev libcjson-dev libpcre2-dev libxxhash-dev zlib1g-dev libcurl4-openssl-dev
	[ "$what" != build ] || return 0
	echo g++ git curl openssl libcmocka-dev bats python3 busybox dash procps cmark-gfm python3-yaml
	[ "$what" != quick ] || return 0
	echo shellcheck clang "$(clang_runtime)" clang-format clang-tidy lcov valgrind chromium fonts-dejavu-core zsh fish
	[ "$what" != ci ] || echo mmdebstrap gnupg minisign binutils
}

missing() {
	for p in $(packages); do
		dpkg-query -W -f '${Status}' "$p" 2>/dev/null | grep -q ' installed$' || printf ' %s' "$p"
	done
}

case $what in
build | quick | test | ci) ;;
*)
	echo 'usage: deps.sh [--print] [build|quick|test|ci]' >&2
	exit 2
	;;
esac
needed=$(missing)
[ -n "$needed" ] || exit 0

if ! command -v apt-get >/dev/null 2>&1; then
	echo "pxb-fed: no apt-get here; install what these Debian packages contain:$needed" >&2
	exit 1
fi
sudo=
[ "$(id -u)" = 0 ] || sudo='sudo '
command="${sudo}apt-get update && ${sudo}apt-get install -y --no-install-recommends$needed"
if [ $print = yes ]; then
	printf '%s\n' "pxb-fed: packages are missing; 'make deps' installs them, or:" "  $command" >&2
	exit 1
fi
# sudo asks for a password only where somebody can type it.
if [ -n "$sudo" ] && ! { command -v sudo >/dev/null 2>&1 && { sudo -n true 2>/dev/null || [ -t 0 ]; }; }; then
	printf '%s\n' "pxb-fed: root is needed to install packages; run:" "  $command" >&2
	exit 1
fi

# Errors are shown, progress is not.
# shellcheck disable=SC2086  # sudo and a blank, or nothing
apt() {
	${sudo}env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Acquire::Retries=2 -o Acquire::http::Timeout=30 "$@" >/dev/null
}
echo "installing:$needed" >&2
apt update || echo "pxb-fed: the package lists could not be updated; trying with those that are here" >&2
needed=$(missing)
# shellcheck disable=SC2086  # a list of package names
if ! apt install -y --no-install-recommends $needed; then
	echo "pxb-fed: could not be installed:$(missing)" >&2
	exit 1
fi
