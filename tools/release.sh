#!/bin/sh
# release.sh OUTPUT: the archive that people install, made of HEAD in a throw-away root of Debian 12, where the compiler, the
# libraries and the paths are always the same: equal commits give equal bytes, whoever builds them, where and when.
#
# The programs are linked statically. libyaml, libfyaml, PCRE2, xxhash, zlib, OpenSSL, nghttp2 and c-ares come from Debian's own
# archives (.a), cJSON and a small libcurl from Debian's source packages: Debian has no static cJSON, and its libcurl.a wants Kerberos,
# LDAP and more. Names are looked up by c-ares, because glibc's resolver needs shared libraries at run time.
#
# Needs root and mmdebstrap. The root with its libraries is kept in ${XDG_CACHE_HOME:-~/.cache}/pxb-fed/release, under a name that
# changes with the list of packages and with release-libs.sh.
set -eu
[ $# -eq 1 ] || { echo 'usage: release.sh OUTPUT.tar.gz' >&2; exit 2; }
case $1 in /*) output=$1 ;; *) output=$PWD/$1 ;; esac
cd "$(dirname "$0")/.."

die() {
	printf 'release: %s\n' "$*" >&2
	exit 1
}
[ "$(uname -sm)" = 'Linux x86_64' ] || die "releases are made on Linux x86_64, not on $(uname -sm); build from source: make"
[ "$(id -u)" = 0 ] || die 'root is needed to make the throw-away root: sudo make release'
for program in mmdebstrap unshare flock git gzip sha256sum; do
	command -v $program >/dev/null 2>&1 || die "$program is missing: apt-get install mmdebstrap util-linux git gzip coreutils"
done
git diff --quiet HEAD -- 2>/dev/null || echo 'release: the working tree has changes; the release is made of HEAD' >&2

suite=bookworm
packages='gcc,libc6-dev,make,pkg-config,dpkg-dev,libyaml-dev,libfyaml-dev,libcjson-dev,libpcre2-dev,libxxhash-dev,zlib1g-dev,libssl-dev,libnghttp2-dev,libc-ares-dev'
sources='curl cjson'

cache=${XDG_CACHE_HOME:-$HOME/.cache}/pxb-fed/release
mkdir -p "$cache"
exec 9>"$cache/lock"
flock 9
rm -rf --one-file-system "$cache"/root.*
root=$(mktemp -d "$cache/root.XXXXXX")
trap 'rm -rf --one-file-system "$root"' EXIT
trap 'exit 130' INT
trap 'exit 143' HUP TERM

# How this machine's apt reaches its servers: proxies, timeouts, checks of dates.
apt_settings() {
	apt-config dump | grep -E '^Acquire::(http|https|ftp|Retries|Check|ForceIPv)' | grep -vE '"/|""' || :
}

# deb, or with $1 deb-src: the servers of this machine if it runs that release, else Debian's.
servers() {
	if [ "$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)" = $suite ]; then
		# shellcheck disable=SC2016  # apt's own words
		apt-get indextargets --format "$1"' $(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' |
			grep -E " $suite(-updates|-security)? main\$" | sort -u
	else
		echo "$1 http://deb.debian.org/debian $suite main"
		echo "$1 http://deb.debian.org/debian-security $suite-security main"
	fi
}

key=$(printf "%s %s %s" "$packages" "$sources" "$(cat tools/release-libs.sh)" | sha256sum | cut -c1-16)
base=$cache/$suite-$(date +%Y-%m)-$key.tar
if [ ! -s "$base" ]; then
	echo "release: making a root of $suite with the libraries; some minutes, once a month" >&2
	rm -f "$cache/$suite"-*.tar
	apt_settings >"$root/settings"
	servers deb >"$root/sources"
	servers deb-src >"$root/sources-src"
	# shellcheck disable=SC2016,SC2086  # mmdebstrap's shell's words; the list of sources
	mmdebstrap --quiet --variant=apt --mode=root --include="ca-certificates,$packages" --aptopt="$root/settings" \
		--customize-hook='rm -f "$1/etc/apt/apt.conf.d/99mmdebstrap"' \
		--customize-hook="cp '$root/sources-src' \"\$1/etc/apt/sources.list.d/src.list\"" \
		--customize-hook="cp '$PWD/tools/release-libs.sh' \"\$1/libs.sh\"" \
		--customize-hook="cp '$root/settings' \"\$1/etc/apt/apt.conf.d/90settings\"" \
		--customize-hook='cp /etc/resolv.conf "$1/etc/resolv.conf"' \
		--customize-hook='cp -R /etc/ssl/certs/. "$1/etc/ssl/certs/"' \
		--customize-hook='chroot "$1" sh /libs.sh '"'$sources'" \
		"$suite" "$root/base.tar" "$root/sources" || die "the root of $suite could not be made"
	mv "$root/base.tar" "$base"
fi

machine=$root/machine
mkdir "$machine"
tar -C "$machine" --numeric-owner -xf "$base"
mkdir "$machine/pxb-fed"
git archive --format=tar HEAD | tar -C "$machine/pxb-fed" --no-same-owner -xf -
epoch=$(git log -1 --format=%ct)
unshare --mount --net chroot "$machine" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C HOME=/ SOURCE_DATE_EPOCH="$epoch" \
	make -s -C /pxb-fed -j"$(getconf _NPROCESSORS_ONLN)" CC=gcc STATIC=/static all man >"$root/log" 2>&1 || {
	tail -n 40 "$root/log" >&2
	die 'the build failed'
}
# What Helm takes as a plugin, flat: Helm 3 wants plugin.yaml at the root of the archive, no folder named twice and no links.
version=$(cat "$machine/pxb-fed/VERSION")
tree=$root/tree
mkdir -p "$tree/bin" "$tree/man"
cp "$machine/pxb-fed/build/static/pxb-fed" "$machine/pxb-fed/build/static/pxb-fed-kube" "$tree/bin/"
(cd "$machine/pxb-fed" && cp plugin.yaml plugin.complete completion.yaml install-binary.sh VERSION LICENSE README.md CHANGELOG.md "$tree/" &&
	cp -R plugins "$tree/plugins" && cp build/static/man/*.1 "$tree/man/")
find "$tree" -type d -exec chmod 755 {} +
find "$tree" -type f -exec chmod 644 {} +
chmod 755 "$tree"/bin/* "$tree/install-binary.sh" "$tree/plugin.complete"
find "$tree/plugins" -name '*.sh' -exec chmod 755 {} +
mkdir -p "$(dirname "$output")"
(cd "$tree" && find . -mindepth 1 -printf '%P\n' | LC_ALL=C sort) >"$root/names"
tar -C "$tree" --format=ustar --no-recursion --owner=0 --group=0 --numeric-owner --mtime="@$epoch" -cf "$root/out.tar" -T "$root/names"
gzip -9 -n <"$root/out.tar" >"$output.tmp"
mv "$output.tmp" "$output"
(cd "$(dirname "$output")" && sha256sum "$(basename "$output")" >"$(basename "$output").sha256.tmp" &&
	mv "$(basename "$output").sha256.tmp" "$(basename "$output").sha256")
echo "release: pxb-fed $version, $(wc -c <"$output") bytes, sha256 $(cut -c1-64 "$output.sha256")"
