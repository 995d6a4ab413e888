#!/bin/sh
# Puts bin/pxb-fed into the plugin's folder. Helm runs this after `helm plugin install` and `helm plugin update`.
#
# In this order:
#   1. a bin/pxb-fed that runs and is of this version stays, unless it is older than the sources of a git checkout, or of any
#      folder in an update;
#   2. a release, if one is named: PXB_FED_RELEASE_FILE=ARCHIVE.tar.gz or PXB_FED_RELEASE_URL=https://.../ARCHIVE.tar.gz, whose
#      SHA-256 must be PXB_FED_RELEASE_SHA256 or stand in ARCHIVE.tar.gz.sha256 beside it. Without a checksum nothing is
#      installed. With PXB_FED_RELEASE_KEY, a minisign public key, it must stand in SHA256SUMS beside it, whose signature
#      SHA256SUMS.minisig must be of that key. The archive holds `pxb-fed` at its root or in one folder. Releases are for
#      Linux on x86_64;
#   3. else it is built here: `make`.
# PXB_FED_SKIP_INSTALL=1 leaves everything as it is, for those who bring the binary by other means.
# curl and wget follow http_proxy, https_proxy and no_proxy.
#
# The binary appears whole or not at all: everything happens in a folder of an unguessable name beside it, then it is renamed.
set -eu

say() { printf 'pxb-fed: %s\n' "$*"; }
advice=
fail() {
	printf 'pxb-fed: %s\n' "$@" ${advice:+"$advice"} >&2
	exit 1
}

tmp=
child=
clean_up() {
	if [ -n "$child" ]; then
		kill "$child" 2>/dev/null || :
		wait "$child" 2>/dev/null || :
	fi
	[ -z "$tmp" ] || rm -rf -- "$tmp"
}
trap clean_up EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

# A shell handles a signal only between two commands: waiting for the child instead of running it makes that moment now.
interruptible() {
	"$@" 9<&- & # a child that outlives this script must not keep its lock
	child=$!
	if wait "$child"; then status=0; else status=$?; fi
	child=
	return "$status"
}

# ---- which version is there, which is wanted ------------------------------------------------------------------------------

version_line() {
	PXB_FED_NO_STATE=1 "$1" version </dev/null 2>/dev/null | sed -n 1p
}

# The first line of `pxb-fed version` names the version as one of its words.
is_wanted() {
	case " $1 " in
	*" $version "* | *" v$version "*) return 0 ;;
	esac
	return 1
}

# A clone that follows a branch gets new sources under an unchanged version.
sources_are_newer() {
	[ -n "$(find "$dir/src" "$dir/include" "$dir/docs" "$dir/Makefile" -newer "$binary" 2>/dev/null | sed -n 1p)" ]
}

# put_helper ORIGIN: the program that asks clusters, of the same version, or none at all. It goes first: an interruption leaves two
# programs that do not fit, which they say, and never an old one that nobody notices.
put_helper() {
	if [ ! -s "$tmp/pxb-fed-kube" ]; then
		rm -f -- "$dir/bin/pxb-fed-kube" # the commands that need it say how to get it
		return
	fi
	chmod 755 "$tmp/pxb-fed-kube"
	found_helper=$("$tmp/pxb-fed-kube" --version </dev/null 2>/dev/null) || found_helper=
	is_wanted "$found_helper" || fail "pxb-fed-kube from $1 does not run here (it needs libcurl), or is another version: $found_helper"
	mv -f -- "$tmp/pxb-fed-kube" "$dir/bin/pxb-fed-kube"
}

# put FILE: the last step of both ways.
put() {
	[ -s "$1" ] || fail "$2 holds no program"
	chmod 755 "$1"
	found=$(version_line "$1") || found=
	[ -n "$found" ] || fail "the program from $2 does not run on this machine: $("$1" version 2>&1 </dev/null | sed -n 1p)"
	is_wanted "$found" || fail "$2 is another version: '$found' instead of $version"
	[ ! -d "$binary" ] || fail "$binary is a folder"
	put_helper "$2"
	mv -f -- "$1" "$binary"
	say "installed $version in $dir/bin"
}

# ---- a release ------------------------------------------------------------------------------------------------------------

sha256_of() {
	if command -v sha256sum >/dev/null 2>&1; then
		sha256sum <"$1"
	elif command -v shasum >/dev/null 2>&1; then
		shasum -a 256 <"$1"
	else
		openssl dgst -sha256 -r <"$1"
	fi | sed 's/[^0-9A-Fa-f].*//'
}

lower() { tr 'ABCDEF' 'abcdef'; }

# checksum_in FILE NAME: what a file in the manner of sha256sum says about NAME. The only line may lack the name.
checksum_in() {
	sed 's/\r$//' "$1" | awk -v name="$2" '
		NF == 0 { next }
		{ lines++; sum = $1; sub(/^[^ \t]+[ \t]+\*?/, ""); file = $0; sub(/.*\//, "", file)
		  if (file == name || file == sum) { found = sum; n++ } }
		END { if (n == 1) print found }'
}

# fetch URL FILE: several tries, because a proxy or a mirror that has a bad second should not fail a roll-out.
fetch() {
	case $1 in
	https:*) protocols='=https' ;; # and no redirection out of it
	*) protocols='=http,https' ;;
	esac
	try=1
	while :; do
		verdict=again
		if command -v curl >/dev/null 2>&1; then
			if interruptible curl --fail --silent --show-error --location --proto "$protocols" --connect-timeout 20 \
				--speed-time 60 --speed-limit 1 --output "$2" --write-out '%{http_code}' "$1" >"$tmp/code"; then
				return 0
			fi
			# What the server denies today it denies in four seconds, too; 408, 429 and 5xx are its bad moments.
			case $(cat "$tmp/code") in
			408 | 429) ;;
			4??) verdict=never ;;
			esac
		elif command -v wget >/dev/null 2>&1; then
			# Only GNU's knows --version. Busybox's has had builds that crash when they are given a timeout.
			if wget --version >/dev/null 2>&1; then
				interruptible wget -q -T 60 -t 1 -O "$2" "$1" && return 0
			else
				interruptible wget -q -O "$2" "$1" && return 0
			fi
		else
			fail 'PXB_FED_RELEASE_URL needs curl or wget, and neither is here'
		fi
		rm -f -- "$2"
		if [ "$verdict" = never ] || [ "$try" -ge 4 ]; then
			return 1
		fi
		interruptible sleep "$try" || :
		try=$((try + 1))
	done
}

# signed_checksum SUMS NAME: what a list of checksums says about NAME, if its signature is of the key that the user trusts.
signed_checksum() {
	command -v minisign >/dev/null 2>&1 || fail 'PXB_FED_RELEASE_KEY is set and minisign is missing: install it, or unset the key'
	minisign -V -q -P "$PXB_FED_RELEASE_KEY" -m "$1" -x "$1.minisig" >"$tmp/log" 2>&1 ||
		fail "the signature of SHA256SUMS is not of the key PXB_FED_RELEASE_KEY: not installed"
	checksum_in "$1" "$2"
}

# A URL may carry a password before the @ or a token behind the ?: neither belongs into a log.
public_url() {
	printf '%s\n' "$1" | sed -e 's|?.*||' -e 's|//[^/]*@|//|'
}

# check_signed NAME: the checksum in the signed list is the one that counts; one that was given must be the same.
check_signed() {
	signed=$(signed_checksum "$tmp/SHA256SUMS" "$1")
	[ -n "$signed" ] || fail "SHA256SUMS names no $1: not installed"
	[ -z "$wanted" ] || [ "$(printf '%s' "$wanted" | lower)" = "$(printf '%s' "$signed" | lower)" ] ||
		fail "PXB_FED_RELEASE_SHA256 is not the checksum that SHA256SUMS names for $1: not installed"
	wanted=$signed
}

install_release() {
	command -v sha256sum >/dev/null 2>&1 || command -v shasum >/dev/null 2>&1 || command -v openssl >/dev/null 2>&1 ||
		fail 'no program to compute a SHA-256: sha256sum, shasum or openssl'
	[ "$(uname -s) $(uname -m)" = 'Linux x86_64' ] ||
		fail "releases are for Linux on x86_64, and this is $(uname -s) on $(uname -m): build from source in a checkout, without PXB_FED_RELEASE_FILE and PXB_FED_RELEASE_URL"
	wanted=${PXB_FED_RELEASE_SHA256:-}
	if [ -n "${PXB_FED_RELEASE_FILE:-}" ]; then
		origin=$PXB_FED_RELEASE_FILE
		case $origin in
		/*) archive=$origin ;;
		*) archive=./$origin ;; # a name may begin with a dash, or hold a colon, which tar takes for a host
		esac
		[ -f "$archive" ] || fail "PXB_FED_RELEASE_FILE: no such file: $origin"
		if [ -n "${PXB_FED_RELEASE_KEY:-}" ]; then
			for file in SHA256SUMS SHA256SUMS.minisig; do
				cp -- "${archive%/*}/$file" "$tmp/$file" 2>/dev/null || fail "PXB_FED_RELEASE_KEY is set and $file is not beside $origin"
			done
			check_signed "${archive##*/}"
		fi
		if [ -z "$wanted" ]; then
			[ -f "$archive.sha256" ] ||
				fail "no checksum for $origin: set PXB_FED_RELEASE_SHA256 or put $origin.sha256 beside it"
			wanted=$(checksum_in "$archive.sha256" "${archive##*/}")
		fi
	else
		url=$PXB_FED_RELEASE_URL
		case $url in
		http://* | https://*) ;;
		*) fail 'PXB_FED_RELEASE_URL: only http:// and https:// are possible' ;;
		esac
		address=${url%%\?*}
		query=${url#"$address"}
		origin=$(public_url "$url")
		archive=$tmp/release.tar.gz
		say "fetching $origin"
		fetch "$url" "$archive" || fail "cannot fetch $origin"
		if [ -n "${PXB_FED_RELEASE_KEY:-}" ]; then
			for file in SHA256SUMS SHA256SUMS.minisig; do
				fetch "${address%/*}/$file$query" "$tmp/$file" ||
					fail "PXB_FED_RELEASE_KEY is set and $file cannot be fetched from beside $origin"
			done
			check_signed "${address##*/}"
		fi
		if [ -z "$wanted" ]; then
			fetch "$address.sha256$query" "$tmp/release.sha256" ||
				fail "no checksum for $origin: set PXB_FED_RELEASE_SHA256 or serve $origin.sha256"
			wanted=$(checksum_in "$tmp/release.sha256" "${address##*/}")
		fi
	fi
	wanted=$(printf '%s' "$wanted" | lower)
	case $wanted in
	*[!0-9a-f]* | '') fail "the checksum for $origin is no SHA-256" ;;
	esac
	[ ${#wanted} -eq 64 ] || fail "the checksum for $origin is no SHA-256"
	actual=$(sha256_of "$archive" | lower)
	[ "$actual" = "$wanted" ] || fail "$origin has the SHA-256 $actual instead of $wanted: not installed"

	names=$(tar -tzf "$archive") || fail "$origin is no .tar.gz, or is damaged"
	entry=
	while IFS= read -r name; do
		case ${name#./} in
		-* | /* | */*/*) ;;
		pxb-fed | */pxb-fed)
			[ -z "$entry" ] || fail "$origin holds more than one pxb-fed"
			entry=$name
			;;
		esac
	done <<-NAMES
		$names
	NAMES
	[ -n "$entry" ] || fail "$origin holds no pxb-fed, neither at its root nor in one folder"
	# To stdout: whatever else the archive holds, it writes nothing.
	tar -xzOf "$archive" "$entry" >"$tmp/pxb-fed" || fail "$origin is damaged"
	if printf '%s\n' "$names" | grep -qxF -- "$entry-kube"; then
		tar -xzOf "$archive" "$entry-kube" >"$tmp/pxb-fed-kube" || fail "$origin is damaged"
	fi
	put "$tmp/pxb-fed" "$origin"
}

# ---- from source ----------------------------------------------------------------------------------------------------------

build() {
	[ -f "$dir/Makefile" ] || [ "$(uname -s) $(uname -m)" = 'Linux x86_64' ] ||
		fail "releases are for Linux on x86_64, and this is $(uname -s) on $(uname -m): build from source in a checkout"
	[ -f "$dir/Makefile" ] ||
		fail "$dir holds no sources to build from" 'name a release: PXB_FED_RELEASE_FILE or PXB_FED_RELEASE_URL'
	command -v make >/dev/null 2>&1 ||
		fail "make is missing, and so may be the compiler" 'install them, or name a release: PXB_FED_RELEASE_FILE or PXB_FED_RELEASE_URL'
	say "building $version in $dir"
	# A make that runs this script must not lend its options and job slots to ours.
	unset MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES || :
	interruptible make -s -j "$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 1)" -C "$dir" >"$tmp/log" 2>&1 || {
		tail -n 30 "$tmp/log" >&2
		fail "the build failed; 'make deps' in $dir installs what it needs" \
			'or name a release: PXB_FED_RELEASE_FILE or PXB_FED_RELEASE_URL'
	}
	[ -f "$dir/build/pxb-fed" ] || fail "the build left no $dir/build/pxb-fed"
	cp -- "$dir/build/pxb-fed" "$tmp/pxb-fed"
	[ ! -f "$dir/build/pxb-fed-kube" ] || cp -- "$dir/build/pxb-fed-kube" "$tmp/pxb-fed-kube"
	put "$tmp/pxb-fed" 'the build'
}

# ---------------------------------------------------------------------------------------------------------------------------

case ${PXB_FED_SKIP_INSTALL:-} in
1 | true | yes)
	say 'PXB_FED_SKIP_INSTALL is set: nothing installed'
	exit 0
	;;
esac

dir=${HELM_PLUGIN_DIR:-$(dirname -- "$0")}
dir=$(CDPATH='' cd -- "$dir" && pwd) || fail "no such folder: $dir"
binary=$dir/bin/pxb-fed
[ -f "$dir/VERSION" ] || fail "$dir is no folder of pxb-fed: no VERSION in it"
IFS= read -r version <"$dir/VERSION" || [ -n "${version:-}" ] || fail "$dir/VERSION is empty"

# Two folders with plugins of one name, and Helm loads no plugin at all. An installation by another way leaves the old folder.
case $dir in
*/plugins/*) neighbours=${dir%/*} ;;
*) neighbours= ;;
esac
for other in ${neighbours:+"$neighbours"/*/plugin.yaml}; do
	[ -f "$other" ] || continue
	other=${other%/plugin.yaml}
	[ "$other" != "$dir" ] || continue
	grep -qx 'name: *"\{0,1\}pxb-fed"\{0,1\}' "$other/plugin.yaml" || continue
	fail "pxb-fed is installed already, in $other: remove one of the two folders, this one is $dir"
done

# Two at once would each remove what the other has made. The lock ends with this script, however that ends.
exec 9<"$dir"
if command -v flock >/dev/null 2>&1 && ! flock -n 9; then
	fail "another installation into $dir is running: try again when it has ended"
fi

if [ -f "$binary" ] && [ -x "$binary" ]; then
	found=$(version_line "$binary") || found=
	if is_wanted "$found"; then
		# In a checkout `git pull` and `helm plugin install` bring what an update would: Helm updates no local folder.
		if [ "${1-}" != update ] && [ ! -e "$dir/.git" ] || [ -n "${PXB_FED_RELEASE_FILE:-}${PXB_FED_RELEASE_URL:-}" ] ||
			! sources_are_newer; then
			say "$binary is version $version already"
			exit 0
		fi
		say "the sources are newer than $binary"
	fi
fi

# Helm registers a plugin before its hook runs, and keeps it when the hook fails.
if [ -n "${HELM_PLUGIN_DIR:-}" ] && [ "${1-}" != update ] && [ ! -e "$binary" ]; then
	advice="Helm keeps the plugin's folder all the same: 'helm plugin uninstall pxb-fed' before the next try"
fi
mkdir -p -- "$dir/bin" 2>/dev/null || fail "cannot write to $dir"
tmp=$(mktemp -d "$dir/bin/.install.XXXXXX" 2>/dev/null) || fail "cannot write to $dir/bin"

if [ -n "${PXB_FED_RELEASE_FILE:-}" ] && [ -n "${PXB_FED_RELEASE_URL:-}" ]; then
	fail 'set PXB_FED_RELEASE_FILE or PXB_FED_RELEASE_URL, not both'
elif [ -n "${PXB_FED_RELEASE_FILE:-}${PXB_FED_RELEASE_URL:-}" ]; then
	install_release
else
	build
fi
