# The sidecar's image without an image: its root file system as the Containerfile makes it, run in a chroot as user 999.

load helpers

setup_file() {
	find_programs
	need HELM4 helm4
	need CMP_SERVER argocd-cmp-server
	need CMP_CLIENT cmpclient
	need ORACLE oracle
}

setup() {
	prepare
	repository
	application
	if [ "$(id -u)" != 0 ]; then
		echo 'needs root'
		[ -z "${CI-}" ]
		skip 'needs root'
	fi
	sh "$root/tools/rootfs.sh" "$T/rootfs" "$PXB_FED_BIN" "$HELM4"
	# What a container's runtime adds.
	mkdir -p "$T/rootfs/dev"
	mknod -m 666 "$T/rootfs/dev/null" c 1 3
	cp "$T/policy.yaml" "$T/rootfs/etc/pxb-fed/policy.yaml"
	chmod -R a+rX "$T"
}
teardown() { stop_server; }

# inside COMMAND...: as the sidecar's user, with nothing of this environment
inside() { env -i PATH=/usr/local/bin HELM_BIN=/usr/local/bin/helm "${more[@]}" "$(command -v chroot)" --userspec=999:999 "$T/rootfs" "$@"; }

@test "the Containerfile makes this root file system, from scratch, for user 999" {
	grep -qx 'FROM scratch' "$root/Containerfile"
	grep -qx 'USER 999:999' "$root/Containerfile"
	grep -q 'sh tools/rootfs.sh /rootfs build/pxb-fed /helm$' "$root/Containerfile"
	grep -qx 'COPY --from=build /rootfs /' "$root/Containerfile"
	grep -q "pxb-fed:$(cat "$root/VERSION")" "$root/Containerfile"
}

@test "both programs run in it; there is no shell and nothing else" {
	more=()
	inside /usr/local/bin/pxb-fed version | grep -q "$(cat "$root/VERSION")"
	inside /usr/local/bin/helm version --short | grep -q '^v4'
	refute inside /bin/sh -c true 2>/dev/null
	(cd rootfs && find . -type f) | sed 's,^\./,,' | grep -vE '^(etc/(passwd|group|pxb-fed/policy\.yaml)|usr/local/bin/(pxb-fed|helm)|(usr/)?lib(64)?/.*\.so[.0-9]*)$' >others || :
	cat others
	[ ! -s others ]
}

@test "the same programs, the same tree" {
	sh "$root/tools/rootfs.sh" "$T/again" "$PXB_FED_BIN" "$HELM4"
	rm -r rootfs/dev rootfs/etc/pxb-fed/policy.yaml
	touch -d @0 rootfs rootfs/etc/pxb-fed
	[ "$(tar -C rootfs --sort=name -cf - . | cksum)" = "$(tar -C again --sort=name -cf - . | cksum)" ]
	refute sh "$root/tools/rootfs.sh" "$T/again" "$PXB_FED_BIN" "$HELM4" 2>/dev/null
}

@test "argocd generate in it, where only /tmp can be written to" {
	cp -r repo rootfs/tmp/repo
	more=(ARGOCD_APP_NAME=px-central ARGOCD_APP_NAMESPACE=central KUBE_VERSION=1.34.0
		'ARGOCD_APP_PARAMETERS=[{"name":"helm-parameters","map":{"isArgoCD":"true","persistentStorage.enabled":"true","persistentStorage.storageClassName":"px-csi-db","pxbackup.enabled":"true","pxbackup.federated":"true"}}]')
	python=$(python3 -c 'import sys; print(sys.executable)')
	# A chroot begins at its root; the application's folder is another one.
	code=0
	env -i PATH=/usr/local/bin HELM_BIN=/usr/local/bin/helm "${more[@]}" "$python" -c 'import os, sys
os.chroot(sys.argv[1]); os.chdir("/tmp/repo/charts/px-central"); os.setgroups([]); os.setgid(999); os.setuid(999)
os.execv("/usr/local/bin/pxb-fed", ["pxb-fed", "argocd", "generate"])' "$T/rootfs" >out 2>err || code=$?
	cat err
	[ "$code" = 0 ]
	grep -q '^pxb-fed: compliant' err
	"$HELM4" template px-central "$chart" --namespace central --kube-version 1.34.0 --include-crds --set pxbackup.enabled=true,pxbackup.federated=true \
		--set persistentStorage.enabled=true,persistentStorage.storageClassName=px-csi-db,isArgoCD=true >plain.yaml
	"$ORACLE" same plain.yaml out
	# Helm left nothing behind.
	[ "$(find rootfs/tmp -user 999 | wc -l)" = 0 ]
	[ "$(find rootfs -user 999 | wc -l)" = 0 ]
}

@test "Argo CD's plugin server in it, as in the sidecar" {
	install -m 755 "$CMP_SERVER" rootfs/var/run/argocd/argocd-cmp-server
	"$PXB_FED_BIN" argocd plugin | "$PXB_FED_BIN" read - | head -n 1 |
		python3 -c 'import json, sys; print(json.load(sys.stdin)["data"]["plugin.yaml"], end="")' >rootfs/home/argocd/cmp-server/config/plugin.yaml
	env -i PATH=/usr/local/bin HELM_BIN=/usr/local/bin/helm PXB_FED_POLICY=/etc/pxb-fed/policy.yaml "$(command -v chroot)" --userspec=999:999 "$T/rootfs" \
		/var/run/argocd/argocd-cmp-server --loglevel warn >server.log 2>&1 </dev/null 3>&- &
	server=$!
	socket=$T/rootfs/home/argocd/cmp-server/plugins/pxb-fed.sock
	serves "$server" "$socket" server.log
	generate
	succeeds
	[ "$(grep -c -- '^---$' out)" -gt 60 ]
	"$CMP_CLIENT" parameters "$socket" repo app.yaml | grep -q rule-set
	application '/storageClassName/d'
	generate
	fails_with 'pxb-fed: refused'
}
