#!/bin/sh
# Runs in the bare system that run.sh has made.
#   inside.sh root|user
set -u
cd /home/stranger/pxb-fed || exit 1
log=/tmp/log
# Root owns what root clones.
[ "$1" != root ] || chown -R 0:0 .

fail() {
	echo "FAILED  $who: $*"
	tail -n 60 "$log" | sed 's/^/    /'
	exit 1
}
ok() { echo "ok      $who: $* ($(($(date +%s) - start)) s)"; }

# attempt COMMAND...: its output is in the log, its exit code in $rc
attempt() {
	start=$(date +%s)
	"$@" >"$log" 2>&1 </dev/null
	rc=$?
}
says() { grep -qF -e "$1" "$log" || fail "'$1' is not in the output"; }
as_stranger='setpriv --reuid 1000 --regid 1000 --clear-groups env HOME=/home/stranger'
nothing_built() { [ -z "$(find build -name '*.o' -o -name 'pxb-fed*' 2>/dev/null)" ] || fail 'something is half built'; }

# both COMMAND...: the two commands of the README
both() {
	attempt timeout 600 "$@" make -j8 demo
	[ $rc = 0 ] || fail "make -j8 demo: exit code $rc"
	says 'compiling '
	says ' 100%'
	says 'identical: '
	says 'pxb-fed: patched: '
	says 'pxb-fed: refused: '
	ok make -j8 demo
	attempt timeout 900 "$@" make -j2 test-quick
	[ $rc = 0 ] || fail "make test-quick: exit code $rc"
	says ' 0 failed, 0 skipped'
	sed -n '/^--- summary/,$s/^/        /p' "$log"
	ok make -j2 test-quick
}

who=$1
if [ "$who" = user ]; then
	attempt sh -c 'apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends sudo'
	[ $rc = 0 ] || fail 'sudo cannot be installed'
	echo 'stranger ALL=(ALL) NOPASSWD: ALL' >/etc/sudoers.d/stranger
	# shellcheck disable=SC2086  # several words
	both $as_stranger
	apt-get -qq autoclean >/dev/null 2>&1
	exit 0
fi

attempt make -j3
[ $rc != 0 ] || fail 'make passes without packages'
says '  apt-get update && apt-get install -y --no-install-recommends gcc '
nothing_built
ok 'make without the packages'

chown -R 1000:1000 .
# shellcheck disable=SC2086
attempt $as_stranger make demo
[ $rc != 0 ] || fail 'make demo passes without root and sudo'
says '  sudo apt-get update && sudo apt-get install -y --no-install-recommends gcc '
nothing_built
chown -R 0:0 .
ok 'make demo without root and sudo'

# Neither a network nor packages that were fetched before.
mkdir -p /tmp/none/partial
echo 'Dir::Cache::archives "/tmp/none";' >/etc/apt/apt.conf.d/91none
attempt unshare --net make demo
rm /etc/apt/apt.conf.d/91none
[ $rc != 0 ] || fail 'make demo passes without a network'
says 'pxb-fed: could not be installed: gcc '
nothing_built
ok 'make demo without a network'

both env

# A disk that fills up while the compiler writes; with room again the same call goes on.
mkdir /tmp/full
busybox mount -t tmpfs -o size=2m tmpfs /tmp/full
attempt make -s -j2 BUILD=/tmp/full OPT=-O0 FORTIFY= gate
[ $rc != 0 ] || fail 'make passes on a full disk'
[ ! -e /tmp/full/pxb-fed ] || fail 'a full disk leaves a program'
busybox mount -o remount,size=200m /tmp/full
attempt make -s -j2 BUILD=/tmp/full OPT=-O0 FORTIFY= gate
[ $rc = 0 ] || fail 'make does not go on after a full disk'
attempt /tmp/full/pxb-fed version
[ $rc = 0 ] || fail 'the program made after a full disk does not run'
ok 'a disk that fills up'
