# Shared by the tests of 'argocd': an application's folder, what Argo CD tells about it, and a Helm that does as told.

# argo: a repository with an application in its folder app, and the environment that Argo CD gives its plugin.
argo() {
	mkdir -p "$T/repo/app/templates" "$T/bin"
	cd "$T/repo/app" || return 1
	printf 'apiVersion: v2\nname: px-central\nversion: 3.0.0\n' >Chart.yaml
	export ARGOCD_APP_NAME=px-central ARGOCD_APP_NAMESPACE=central ARGOCD_APP_SOURCE_PATH=app
	export KUBE_VERSION=1.34.0 KUBE_API_VERSIONS=v1,apps/v1,batch/v1/Job
	export HELM_BIN=$T/bin/helm
	printf 'apiVersion: pxb-fed/v1\nkind: Policy\n' >"$T/policy.yaml"
	export PXB_FED_POLICY=$T/policy.yaml
	sed 's/hook-weight": "5"/hook-weight": "6"/' "$mini" >"$T/rendered.yaml"
	helm_does 'cat "$T/rendered.yaml"'
}

# helm_does SCRIPT: what the Helm of the sidecar does; it keeps its arguments, environment and input.
helm_does() {
	cat >"$T/bin/helm" <<-SH
		#!/bin/sh
		T='$T'
		printf '%s\n' "\$@" >"\$T/argv"
		env >"\$T/env"
		cat >"\$T/stdin"
		$1
	SH
	chmod 755 "$T/bin/helm"
}

# parameters JSON: what the Application chose
parameters() { export ARGOCD_APP_PARAMETERS=$1; }

# given ARGUMENT...: Helm got exactly these, in any place
given() {
	local a
	for a in "$@"; do
		grep -qxF -e "$a" "$T/argv" || { echo "Helm was not given $a"; cat "$T/argv"; return 1; }
	done
}

first_line() { head -n 1 "$T/err" | grep -qF -e "$1" || explain "the first line of standard error does not say: $1"; }

not_asked() { [ ! -e "$T/argv" ] || { echo "Helm was asked:"; cat "$T/argv"; return 1; }; }
