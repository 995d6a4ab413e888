#!/bin/sh
# fakehelm.sh: as much of Helm 3 as install, upgrade and template of pxb-fed ask for. It renders what it is given.
#   FAKE_LOG        a folder: each call's arguments, one a line, in the files 1, 2, ...; the standard input beside them as 1.in
#   FAKE_MANIFESTS  the file that it hands to a post-renderer; FAKE_SECOND: what it hands over the second time instead
#   FAKE_HOOKS      JSON, what it tells about hooks; FAKE_HOOK_FILE: as it prints them for people; FAKE_VALUES: what `show values` prints
#   FAKE_EXIT       the exit code of the real run; FAKE_SAYS: its words
#   FAKE_PRINTS     what the real run prints beside it
#   FAKE_VERSION    what it calls itself
#   FAKE_NAMESPACE  what the kubeconfig says (central)
#   FAKE_CLUSTER=no  no cluster answers; FAKE_NO_CHART: the chart's repository does not
set -u

n=$(($(find "$FAKE_LOG" -name '*.args' | wc -l) + 1))
printf '%s\n' "$@" >"$FAKE_LOG/$n.args"
cat >"$FAKE_LOG/$n.in"
ls /proc/self/fd >"$FAKE_LOG/$n.fds"
for word; do # what only a descriptor leads to
	case $word in
	/dev/fd/* | --values=/dev/fd/*) cat "${word#--values=}" ;;
	--set-file=*=/dev/fd/*) cat "${word##*=}" ;;
	esac
done >"$FAKE_LOG/$n.files" 2>&1
verb=$1

no_cluster() {
	echo 'Error: Kubernetes cluster unreachable: Get "https://127.0.0.1:1/version": connect: connection refused' >&2
	exit 1
}

no_chart() {
	echo 'Error: looks like "https://charts.invalid" is not a valid chart repository: dial tcp: lookup charts.invalid: no such host' >&2
	exit 1
}

# The words behind --post-renderer-args, as an argument vector, on the stream in $1.
render() {
	stream=$1
	shift
	renderer=
	left=$#
	while [ "$left" -gt 0 ]; do
		word=$1
		shift
		left=$((left - 1))
		case $word in
		--post-renderer) renderer=$1 ;;
		--post-renderer-args) set -- "$@" "$1" ;;
		*) continue ;;
		esac
		shift
		left=$((left - 1))
	done
	"$renderer" "$@" <"$stream" >"$FAKE_LOG/$n.out" 2>"$FAKE_LOG/$n.err" || {
		echo "Error: INSTALLATION FAILED: error while running post render on files: error while running command. error output:" >&2
		cat "$FAKE_LOG/$n.err" >&2
		exit 1
	}
}

case $verb in
version) echo "${FAKE_VERSION-v3.99.0+gfake}" ;;
env) echo "${FAKE_NAMESPACE-central}" ;;
list) [ "${FAKE_CLUSTER-}" != no ] || no_cluster && echo '[]' ;;
show)
	[ -z "${FAKE_NO_CHART-}" ] || no_chart
	case $2 in
	values) cat "${FAKE_VALUES:-/dev/null}" ;;
	*) : ;;
	esac
	;;
install | upgrade | template)
	[ -z "${FAKE_NO_CHART-}" ] || no_chart
	case " $* " in
	*' --hand-on '*)
		render "$FAKE_MANIFESTS" "$@"
		printed=$(cat "$FAKE_LOG/$n.out")
		case " $* " in
		*' json '*) printf '{"manifest": "", "hooks": %s}\n' "${FAKE_HOOKS-[]}" ;;
		' template '*)
			printf '%s\n' "$printed"
			cat "${FAKE_HOOK_FILE:-/dev/null}"
			;;
		*)
			printf 'NAME: px\nHOOKS:\n'
			cat "${FAKE_HOOK_FILE:-/dev/null}"
			echo 'MANIFEST:'
			cat "$FAKE_LOG/$n.out"
			echo
			;;
		esac
		printf '%s' "${FAKE_PRINTS-}"
		exit "${FAKE_EXIT-0}"
		;;
	*' --capture=/proc/'*)
		case " $* " in *' --dry-run=server '*) [ "${FAKE_CLUSTER-}" != no ] || no_cluster ;; esac
		render "$FAKE_MANIFESTS" "$@"
		[ "$verb" = template ] || printf '{"hooks":%s}\n' "${FAKE_HOOKS-[]}"
		;;
	*' --post-renderer '*)
		render "${FAKE_SECOND:-$FAKE_MANIFESTS}" "$@"
		cat "$FAKE_LOG/$n.out"
		printf '%s' "${FAKE_PRINTS-}"
		echo "${FAKE_SAYS-installed}" >&2
		exit "${FAKE_EXIT-0}"
		;;
	*) # template, for itself
		cat "$FAKE_MANIFESTS"
		printf '%s' "${FAKE_PRINTS-}"
		echo "${FAKE_SAYS-printed}" >&2
		exit "${FAKE_EXIT-0}"
		;;
	esac
	;;
*)
	echo "fakehelm.sh: $verb?" >&2
	exit 99
	;;
esac
