#!/bin/sh
# The demonstration behind `make demo`: the fixture chart three times through the gate. Rendered by Helm if there is one,
# else taken from the stored renders.
#   demo.sh PXB_FED
set -u
bin=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
cd "$(dirname "$0")/.." || exit 1
export PXB_FED_NO_STATE=1

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 130' INT TERM

chart=testdata/charts/px-central-like
common="--namespace central --set pxbackup.enabled=true --set persistentStorage.storageClassName=px-csi-db"

# render NAME ARGUMENTS...: the whole render, hooks included
render() {
	name=$1
	shift
	if command -v helm >/dev/null 2>&1; then
		# shellcheck disable=SC2086  # options without blanks
		HOME=$tmp helm template px-central "$chart" $common "$@" >"$tmp/$name.yaml" 2>"$tmp/helm.err" && return
		sed 's/^/    helm: /' "$tmp/helm.err"
	fi
	cp "testdata/streams/$name.template3.yaml" "$tmp/$name.yaml"
}

gate() {
	name=$1
	shift
	echo "\$ helm template px-central $chart ... | pxb-fed render"
	"$bin" render "$@" <"$tmp/$name.yaml" 2>&1 >"$tmp/out.yaml"
	rc=$?
	echo "exit code $rc"
}

rule() {
	printf '\n== %s\n\n' "$1"
}

if command -v helm >/dev/null 2>&1; then
	echo "Rendering $chart with $(helm version --short 2>/dev/null)."
else
	echo "No helm in PATH: taking the stored renders of $chart."
fi

rule "1. Right values: the stream comes out byte for byte as it went in"
render fed-default --set pxbackup.federated=true
gate fed-default
cmp "$tmp/fed-default.yaml" "$tmp/out.yaml" && echo "identical: $(wc -c <"$tmp/out.yaml") bytes"

rule "2. A mistyped value (pxbackup.federted=true): Classic mode, repaired"
render classic --set pxbackup.federted=true
gate classic
diff "$tmp/classic.yaml" "$tmp/out.yaml"

rule "3. No StorageClass: nothing to repair exactly, so the installation stops"
render fed-nosc --set pxbackup.federated=true --set persistentStorage.storageClassName=
gate fed-nosc
echo "bytes on standard output: $(wc -c <"$tmp/out.yaml")"
