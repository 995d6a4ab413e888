#!/bin/sh
# The README's commands on a machine that has apt, git, make and nothing else: a bare root of a Debian or Ubuntu release, with a clone
# of HEAD in it. Once as root without sudo, once as an ordinary user with sudo. Needs root and mmdebstrap.
#   run.sh [SUITE]        default: this machine's release; MIRROR=URL for a mirror of another one
# The bare root and the packages are kept in ${XDG_CACHE_HOME:-~/.cache}/pxb-fed/fresh. Mounts are made in a namespace that ends with
# the run.
set -eu
cd "$(dirname "$0")/../.."
here=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
suite=${1:-$here}
case $suite in
'' | *[!a-z]*)
	echo 'usage: run.sh [SUITE]' >&2
	exit 2
	;;
esac
[ "$(id -u)" = 0 ] || { echo "fresh: root is needed to make a bare system: sudo make test-fresh SUITE=$suite" >&2; exit 1; }
for program in mmdebstrap unshare flock git; do
	command -v $program >/dev/null 2>&1 || { echo "fresh: $program is missing: apt-get install mmdebstrap util-linux git" >&2; exit 1; }
done

cache=${XDG_CACHE_HOME:-$HOME/.cache}/pxb-fed/fresh
mkdir -p "$cache/$suite-debs/partial"
exec 9>"$cache/lock"
flock 9
rm -rf --one-file-system "$cache"/root.*
machine=$(mktemp -d "$cache/root.XXXXXX")
trap 'rm -rf --one-file-system "$machine"' EXIT
trap 'exit 130' INT
trap 'exit 143' HUP TERM

# How this machine's apt reaches its servers: proxies, timeouts, checks of dates. No paths: those files are not in the root.
apt_settings() {
	apt-config dump | grep -E '^Acquire::(http|https|ftp|Retries|Check|ForceIPv)' | grep -vE '"/|""' || :
}

# The servers of this machine's own release; mmdebstrap knows those of others.
sources() {
	if [ -n "${MIRROR-}" ]; then
		echo "deb $MIRROR $suite main"
	elif [ "$suite" = "$here" ]; then
		# shellcheck disable=SC2016  # apt's own words
		apt-get indextargets --format 'deb $(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' |
			grep -E " $suite(-updates|-security)? (main|universe)\$" | sort -u
	fi
}

base=$cache/$suite-$(date +%Y-%m).tar
if [ ! -s "$base" ]; then
	rm -f "$cache/$suite"-*.tar
	apt_settings >"$machine/settings"
	sources >"$machine/sources"
	# shellcheck disable=SC2016  # mmdebstrap's shell's words
	set -- --variant=apt --mode=root --include=make,git,ca-certificates,passwd --aptopt="$machine/settings" \
		--customize-hook='rm -f "$1/etc/apt/apt.conf.d/99mmdebstrap"' "$suite" "$machine/base.tar"
	[ ! -s "$machine/sources" ] || set -- "$@" "$machine/sources"
	mmdebstrap --quiet "$@" || { echo "fresh: no bare root of $suite could be made" >&2; exit 1; }
	mv "$machine/base.tar" "$base"
fi

# lay FOLDER: a machine as it was installed, with a clone and with this machine's way to apt's servers
lay() {
	mkdir "$1"
	tar -C "$1" -xf "$base"
	cp /etc/resolv.conf /etc/hosts "$1/etc/"
	apt_settings >"$1/etc/apt/apt.conf.d/90this-machine"
	[ ! -e /etc/apt/auth.conf ] || cp -p /etc/apt/auth.conf "$1/etc/apt/"
	[ ! -d /etc/apt/auth.conf.d ] || cp -rp /etc/apt/auth.conf.d "$1/etc/apt/"
	echo 'stranger:x:1000:1000::/home/stranger:/bin/sh' >>"$1/etc/passwd"
	echo 'stranger:*:19000:0:99999:7:::' >>"$1/etc/shadow"
	echo 'stranger:x:1000:' >>"$1/etc/group"
	mkdir -p "$1/home/stranger"
	GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=safe.directory GIT_CONFIG_VALUE_0='*' \
		git clone -q --depth 1 "file://$PWD" "$1/home/stranger/pxb-fed"
	chown -R 1000:1000 "$1/home/stranger"
}

# enter FOLDER WHO: tests/fresh/inside.sh there
enter() {
	# shellcheck disable=SC2016  # the inner shell's words
	unshare --mount --pid --fork --kill-child sh -euc '
		mount -t proc proc "$1/proc"
		mount -t devpts -o newinstance,ptmxmode=0666,mode=620 devpts "$1/dev/pts"
		mount -t tmpfs tmpfs "$1/dev/shm"
		mount --bind "$2" "$1/var/cache/apt/archives"
		exec chroot "$1" env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 \
			${http_proxy:+http_proxy="$http_proxy"} ${https_proxy:+https_proxy="$https_proxy"} ${no_proxy:+no_proxy="$no_proxy"} \
			sh /home/stranger/pxb-fed/tests/fresh/inside.sh "$3"' sh "$1" "$cache/$suite-debs" "$2" 9>&-
}

failed=0
for who in root user; do
	lay "$machine/$who"
	enter "$machine/$who" $who || failed=$((failed + 1))
	rm -rf --one-file-system "${machine:?}/$who"
done
echo "fresh: $suite: $((2 - failed)) passed, $failed failed"
[ $failed = 0 ]
