#!/bin/sh
# Makes the README's pictures from what the program prints: a refusal in a terminal and the HTML report. Needs chromium.
#   pictures.sh PXB_FED
set -eu
bin=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
cd "$(dirname "$0")/.."
command -v chromium >/dev/null 2>&1 || { echo 'pictures: chromium is missing' >&2; exit 1; }
export PXB_FED_NO_STATE=1 LC_ALL=C.UTF-8

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 130' INT TERM
mkdir -p docs/pictures

# picture NAME WIDTH HEIGHT: docs/pictures/NAME.png of NAME.html
picture() {
	HOME=$tmp chromium --headless --no-sandbox --disable-gpu --hide-scrollbars --user-data-dir="$tmp/profile" --window-size="$2,$3" \
		--screenshot="$tmp/$1.png" "file://$tmp/$1.html" >"$tmp/log" 2>&1 </dev/null || { cat "$tmp/log" >&2; exit 1; }
	[ "$(wc -c <"$tmp/$1.png")" -le 150000 ] || { echo "pictures: $1.png has more than 150 kB" >&2; exit 1; }
	mv "$tmp/$1.png" "docs/pictures/$1.png"
	echo "docs/pictures/$1.png"
}

stream=testdata/streams/classic.helm3.yaml
rc=0
CLICOLOR_FORCE=1 "$bin" render <"$stream" >"$tmp/out" 2>"$tmp/err" || rc=$?
[ $rc = 1 ] || { echo "pictures: render exits with $rc" >&2; exit 1; }
esc=$(printf '\033')
{
	echo '<!doctype html><meta charset="utf-8"><style>'
	echo 'body { margin: 0; padding: 16px 20px; background: #1d2021; color: #d9d4c5; font: 14px/20px "DejaVu Sans Mono", monospace }'
	echo 'pre { margin: 0; font: inherit } b { color: #ffffff } b.c1_31 { color: #ff6b5e } b.c1_33 { color: #f2c14e }'
	echo '</style><pre>'
	echo '# rendered by Helm 3 with --set pxbackup.federated=false'
	echo '$ pxb-fed render &lt;px-central.yaml'
	sed -e 's/&/\&amp;/g' -e 's/</\&lt;/g' -e "s/${esc}\[0m/<\/b>/g" -e "s/${esc}\[\([0-9]*\)m/<b class=\"c\1\">/g" \
		-e "s/${esc}\[\([0-9]*\);\([0-9]*\)m/<b class=\"c\1_\2\">/g" "$tmp/err"
	echo '</pre>'
} >"$tmp/refusal.html"
picture refusal 760 "$(($(wc -l <"$tmp/err") * 20 + 72))"

"$bin" check -q --report html="$tmp/report.html" "$stream" >"$tmp/out" 2>&1 || rc=$?
[ $rc = 1 ] || { echo "pictures: check exits with $rc" >&2; exit 1; }
picture report 1000 760
