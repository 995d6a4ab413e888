#!/bin/sh
# rootfs.sh DIR PXB_FED HELM: the root file system of the plugin's sidecar: two programs, the shared libraries that they
# name, and the folders that Argo CD mounts into. No shell, no package manager.
# DIR must not be there; the same programs give the same tree.
set -eu

[ $# -eq 3 ] || { echo 'usage: rootfs.sh DIR PXB_FED HELM' >&2; exit 2; }
root=$1
[ ! -e "$root" ] || { echo "rootfs.sh: '$root' is there already" >&2; exit 2; }

mkdir -p "$root/usr/local/bin" "$root/etc/pxb-fed" "$root/tmp" "$root/var/run/argocd" \
	"$root/home/argocd/cmp-server/config" "$root/home/argocd/cmp-server/plugins"
install -m 755 "$2" "$root/usr/local/bin/pxb-fed"
install -m 755 "$3" "$root/usr/local/bin/helm"

# "libyaml-0.so.2 => /lib/.../libyaml-0.so.2 (0x...)" and "/lib64/ld-linux-x86-64.so.2 (0x...)"; a static program has none.
for program in "$2" "$3"; do
	libraries=$(ldd "$program" 2>/dev/null) || continue
	case $libraries in *'not found'*) echo "rootfs.sh: a library of '$program' is missing:" "$libraries" >&2; exit 1 ;; esac
	echo "$libraries" | sed -n 's/^.*=> \(\/[^ ]*\) (.*/\1/p; s/^[[:blank:]]*\(\/[^ ]*\) (.*/\1/p' | while read -r library; do
		mkdir -p "$root$(dirname "$library")"
		install -m 755 "$library" "$root$library"
	done
done

# User 999 is Argo CD's own.
echo 'argocd:x:999:999::/tmp:/nonexistent' >"$root/etc/passwd"
echo 'argocd:x:999:' >"$root/etc/group"
chmod 1777 "$root/tmp"
chmod 777 "$root/home/argocd/cmp-server/plugins"
find "$root" -exec touch -h -d @0 {} +
