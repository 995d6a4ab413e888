#!/bin/sh
# Finds pxb-fed and runs it with the arguments given (see plugin.yaml); with --install, sees to it that there is one to find.
#
# This folder may be a link into a checkout, a copy of its own, or part of an installed clone, so the binary is looked for
#   1. in this folder's bin/,
#   2. in the bin/ of the checkout or clone that this folder is a part of,
#   3. in the plugin "pxb-fed" next to this one,
#   4. in PATH.
# If there is none, or it does not start, the installation must fail and the user must learn why: Helm 4 drops stderr, so the
# reason goes to stdout as a lone block scalar, which Helm 4 refuses and shows.
set -u

here=${HELM_PLUGIN_DIR:-$(dirname -- "$0")}
# -P: if this folder is a link, the checkout is what lies above its target.
checkout=$(CDPATH='' cd -P -- "$here/../.." 2>/dev/null && pwd -P) || checkout=
[ -f "$checkout/install-binary.sh" ] || checkout=

find_binary() {
	for binary in "$here/bin/pxb-fed" ${checkout:+"$checkout/bin/pxb-fed"}; do
		[ ! -f "$binary" ] || [ ! -x "$binary" ] || return 0
	done
	for binary in "$(dirname -- "$here")"/*/bin/pxb-fed; do
		if [ -f "$binary" ] && [ -x "$binary" ] && grep -q '^name: pxb-fed$' "${binary%/bin/pxb-fed}/plugin.yaml" 2>/dev/null; then
			return 0
		fi
	done
	binary=$(command -v pxb-fed) || return 1
}

# Text of others must not break the block scalar: no control characters, nothing that YAML or Helm would rewrite.
plain() {
	printf '%s' "$1" | LC_ALL=C tr -c ' -~' '?' | sed 's/ *$//'
}

# refuse LINE...: says why, in the manner that the caller asked for, and ends.
refuse() {
	if [ "$manner" = block-scalar ]; then
		printf '|\n'
		printf '  %s\n' "$@"
		exit 0
	fi
	printf '%s\n' "$@" >&2
	exit 4
}

missing='pxb-fed: refused: the program pxb-fed is not installed, so nothing was checked'
fix='  fix: helm plugin install the plugin pxb-fed too, or put pxb-fed into PATH'

if [ "${1-}" = --install ]; then
	if [ -n "$checkout" ]; then
		HELM_PLUGIN_DIR=$checkout exec sh "$checkout/install-binary.sh"
	fi
	if find_binary; then
		echo "pxb-fed: the post-renderer will run $binary"
		exit 0
	fi
	printf '%s\n' "$missing" "$fix" >&2
	exit 1
fi

manner=
for argument; do
	[ "$argument" != --refuse-as=block-scalar ] || manner=block-scalar
done
find_binary || refuse "$missing" "$fix"

# Not exec: a binary that the system cannot start (another architecture, a missing library) would end without a word.
"$binary" "$@"
status=$?
case $status in
126 | 127)
	reason=$("$binary" version 2>&1 </dev/null | sed -n 1p)
	refuse 'pxb-fed: refused: the program pxb-fed does not start, so nothing was checked' \
		"  program: $(plain "$binary")" "  reason: $(plain "$reason")" \
		'  fix: helm plugin update pxb-fed, or build it again on this machine'
	;;
esac
exit "$status"
