#!/bin/sh
# Renders the fixture chart for every case of renders.tsv.
#
#   render.sh HELM OUTDIR [CASE...]
#
# HELM is a helm binary of major 3 or 4; each gives the flavours that it alone can give:
#   CASE.template3.yaml   Helm 3: what `helm template` prints, hooks included; also what Argo CD sees
#   CASE.helm3.yaml       Helm 3: what it hands to a post-renderer, without hooks
#   CASE.helm4.yaml       Helm 4: what it hands to a post-renderer, hooks included and re-serialised
# Without CASE, all of them. The user's Helm configuration, plugins and cluster are not looked at.

set -eu

usage() {
	echo "usage: render.sh HELM OUTDIR [CASE...]" >&2
	exit 2
}
[ $# -ge 2 ] || usage

here=$(cd "$(dirname "$0")" && pwd)
chart=$here/charts/px-central-like
table=$here/renders.tsv
helm=$(command -v "$1") || { echo "render.sh: no such program: $1" >&2; exit 2; }
mkdir -p "$2"
out=$(cd "$2" && pwd)
shift 2

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM

# An empty environment: HELM_* of an outer helm and a KUBECONFIG would leak into the render.
run_helm() {
	env -i PATH="$PATH" HOME="$tmp" TMPDIR="$tmp" \
		HELM_CACHE_HOME="$tmp/cache" HELM_CONFIG_HOME="$tmp/config" HELM_DATA_HOME="$tmp/data" HELM_PLUGINS="$tmp/plugins" \
		"$helm" "$@"
}

render() {
	run_helm template px-central "$chart" --namespace central \
		--set pxbackup.enabled=true,pxbackup.federated=true \
		--set persistentStorage.enabled=true,persistentStorage.storageClassName=px-csi-db \
		"$@" </dev/null
}

major=$(run_helm version --template '{{.Version}}')
case $major in
v3.*)	major=3 ;;
v4.*)	major=4
	# Helm 4 takes the name of a plugin where Helm 3 takes a program.
	mkdir -p "$tmp/plugins/tee"
	cat >"$tmp/plugins/tee/plugin.yaml" <<-'EOF'
		apiVersion: v1
		type: postrenderer/v1
		name: tee
		version: 0.1.0
		runtime: subprocess
		runtimeConfig:
		  platformCommand:
		  - command: tee
	EOF
	;;
*)	echo "render.sh: $helm is neither Helm 3 nor Helm 4: $major" >&2
	exit 2 ;;
esac

wanted() {
	[ $# -gt 1 ] || return 0
	name=$1
	shift
	for each; do
		[ "$each" != "$name" ] || return 0
	done
	return 1
}

# Values hold no pattern of this folder's files, but images.pullSecrets[0] could be taken for one.
set -f
tab=$(printf '\t')
done_cases=0
while IFS=$tab read -r case options; do
	case $case in '' | '#'*) continue ;; esac
	wanted "$case" "$@" || continue
	done_cases=$((done_cases + 1))
	# $options is split at blanks on purpose.
	# shellcheck disable=SC2086
	if [ "$major" = 3 ]; then
		render $options >"$tmp/all.yaml"
		render $options --post-renderer tee --post-renderer-args "$tmp/seen.yaml" >/dev/null
		mv "$tmp/all.yaml" "$out/$case.template3.yaml"
		mv "$tmp/seen.yaml" "$out/$case.helm3.yaml"
	else
		render $options --post-renderer tee --post-renderer-args "$tmp/seen.yaml" >/dev/null
		mv "$tmp/seen.yaml" "$out/$case.helm4.yaml"
	fi
done <"$table"

if [ "$done_cases" -lt $# ] || [ "$done_cases" -eq 0 ]; then
	echo "render.sh: a case is not in $table: $*" >&2
	exit 2
fi
