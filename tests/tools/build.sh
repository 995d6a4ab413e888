#!/bin/sh
# build.sh NAME: builds one of the programs that the tests need and prints the path of its binary. Cold, on two cores: Helm
# 75 s each, etcd 1 min, kube-apiserver 5 min, kubectl 1 min more, argocd-cmp-server 4 min.
#
# The binaries live in ${XDG_CACHE_HOME:-$HOME/.cache}/pxb-fed/tools, one folder for every state of the sources, so that a
# second call costs nothing, two checkouts share them, and a changed go.mod is never served by an old binary.
# Exit: 0 built (or there already), 77 no Go compiler (a test then skips itself), 2 wrong usage, else the compiler's own failure.
set -eu

usage='usage: build.sh helm3|helm4|oracle|etcd|kube-apiserver|kubectl|typecheck|argocd-cmp-server|cmpclient|sarif'
[ $# -eq 1 ] || { echo "$usage" >&2; exit 2; }

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd -P)
name=$1
folder=$name program=$name flags='-s -w'
kubernetes=v1.34.4
case $name in
helm3)
	program=helm package=helm.sh/helm/v3/cmd/helm
	# A plain build calls itself "v3.21" and, worse, tells charts that they are rendered for Kubernetes 1.20.
	flags="-s -w -X helm.sh/helm/v3/internal/version.version=v3.21.4"
	flags="$flags -X helm.sh/helm/v3/pkg/chartutil.k8sVersionMajor=1 -X helm.sh/helm/v3/pkg/chartutil.k8sVersionMinor=34"
	;;
helm4)
	program=helm package=helm.sh/helm/v4/cmd/helm
	flags="-s -w -X helm.sh/helm/v4/internal/version.version=v4.3.1"
	;;
oracle | sarif | typecheck)
	package=.
	;;
etcd)
	package=go.etcd.io/etcd/server/v3
	;;
kube-apiserver | kubectl)
	folder=kubernetes package=k8s.io/kubernetes/cmd/$name
	# Without a version of its own the server takes itself for v0.0.0 and refuses to start.
	for p in k8s.io/component-base/version k8s.io/client-go/pkg/version; do
		flags="$flags -X $p.gitVersion=$kubernetes -X $p.gitMajor=1 -X $p.gitMinor=34 -X $p.gitTreeState=clean"
		flags="$flags -X $p.gitCommit=0000000000000000000000000000000000000000 -X $p.buildDate=1970-01-01T00:00:00Z"
	done
	;;
argocd-cmp-server | cmpclient)
	folder=argocd package=./cmd/$name
	;;
*)
	echo "$usage" >&2
	exit 2
	;;
esac

if [ -z "${XDG_CACHE_HOME:-}" ] && [ -z "${HOME:-}" ]; then
	echo 'build.sh: neither XDG_CACHE_HOME nor HOME is set: no place for the binary' >&2
	exit 2
fi

# cksum is in every POSIX system; it tells two states of our own sources apart and guards against nothing else.
sum=$(cat -- "$here/build.sh" "$here/$folder"/go.* "$here/$folder"/*.go "$here/$folder"/cmd/*/*.go 2>/dev/null | cksum)
dir=${XDG_CACHE_HOME:-$HOME/.cache}/pxb-fed/tools/$name-$(echo "$sum" | tr ' ' '-')
binary=$dir/$program

if [ -x "$binary" ]; then
	echo "$binary"
	exit 0
fi

if ! command -v go >/dev/null 2>&1; then
	echo "build.sh: $name needs a Go compiler (1.26 or newer) and there is no 'go' in PATH" >&2
	exit 77
fi

mkdir -p -- "$dir"
temporary=$(mktemp "$dir/.build.XXXXXX")
source=$here/$folder copy=
trap 'rm -rf -- "$temporary" "$copy"' EXIT
trap 'exit 130' INT
trap 'exit 143' HUP TERM

echo "build.sh: building $name, some minutes the first time" >&2
if [ "$name" = sarif ]; then
	# The schema is a constant of the library that nobody else can name: it becomes a file of the program.
	library=github.com/owenrumney/go-sarif/v3
	copy=$(mktemp -d "$dir/.source.XXXXXX")
	cp -- "$source"/* "$copy"
	source=$copy
	(cd -- "$source" && go mod download "$library") >&2
	from=$(cd -- "$source" && go list -mod=readonly -m -f '{{.Dir}}' "$library")
	sed 's/^package sarif$/package main/' "$from/pkg/report/v210/sarif/schema.go" >"$source/schema.go"
fi
# -buildvcs=false: the sources lie inside another project's checkout, whose state says nothing about these programs.
(cd -- "$source" && CGO_ENABLED=0 go build -mod=readonly -buildvcs=false -ldflags "$flags" -o "$temporary" "$package") >&2
chmod 755 "$temporary"
mv -f -- "$temporary" "$binary"
echo "$binary"
