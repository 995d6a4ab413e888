#!/bin/sh
# Installs what building and testing need, as root or through sudo; without either it prints the command.
#   deps.sh [--print] [build|test]
set -eu

print=no
[ "${1-}" != --print ] || { print=yes; shift; }
what=${1-build}

packages="gcc make pkg-config libyaml-dev libfyaml-dev libcjson-dev libpcre2-dev libxxhash-dev zlib1g-dev libcurl4-openssl-dev"
[ "$what" = build ] || packages="$packages g++ git curl openssl libcmocka-dev bats shellcheck clang libclang-rt-14-dev clang-format clang-tidy python3 busybox dash lcov valgrind chromium fonts-dejavu-core cmark-gfm"

missing=
for p in $packages; do
	dpkg-query -W -f '${Status}' "$p" 2>/dev/null | grep -q ' installed$' || missing="$missing $p"
done
[ -n "$missing" ] || exit 0

if [ "$print" = yes ]; then
	echo "pxb-fed: these packages are missing; install them with 'make deps', or by hand:" >&2
	echo "  sudo apt-get install$missing" >&2
	exit 1
fi
sudo=
if [ "$(id -u)" != 0 ]; then
	if ! command -v sudo >/dev/null 2>&1 || ! sudo -n true 2>/dev/null && ! [ -t 0 ]; then
		echo "pxb-fed: root is needed to install packages; run:" >&2
		echo "  sudo apt-get install$missing" >&2
		exit 1
	fi
	sudo=sudo
fi
echo "installing:$missing" >&2
export DEBIAN_FRONTEND=noninteractive
$sudo apt-get update -qq
# shellcheck disable=SC2086  # a list of package names
$sudo apt-get install -y -qq --no-install-recommends $missing >/dev/null
