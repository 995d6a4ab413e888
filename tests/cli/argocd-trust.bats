# An Application and its repository choose values, never what is demanded of them: each way that somebody might try.

load ../lib/cli
load ../lib/argocd
setup() {
	prepare
	argo
}

generate() { pxb argocd generate "$@"; }

# sidecar LINE...: the platform team's policy; repository LINE...: the file that an application brings along
sidecar() { printf '%s\n' 'apiVersion: pxb-fed/v1' 'kind: Policy' "$@" >"$T/policy.yaml"; }
repository() { printf '%s\n' 'apiVersion: pxb-fed/v1' 'kind: Policy' "$@" >pxb-fed.yaml; }

# stopped TEXT: exit 2 before Helm is asked
stopped() {
	refused 2 "$1"
	not_asked
}

# --- the repository's policy file --------------------------------------------------------------------------------------

@test "every key of a policy: the repository may not loosen it" {
	while IFS='|' read -r ours theirs; do
		[ -n "$ours" ] || continue
		printf 'apiVersion: pxb-fed/v1\nkind: Policy\n%b\n' "$ours" >"$T/policy.yaml"
		printf 'apiVersion: pxb-fed/v1\nkind: Policy\n%b\n' "$theirs" >pxb-fed.yaml
		generate
		echo "$ours | $theirs"
		stopped 'pxb-fed.yaml:3:'
	done <<-'ROWS'
		namespace: central|namespace: other
		releaseName: px-central|releaseName: other
		storageClassName: px-csi-db|storageClassName: gp3
		telemetry: forbidden|telemetry: allowed
		telemetry: forbidden|telemetry: required
		telemetry: required|telemetry: allowed
		serviceMesh: {mode: istio}|serviceMesh: {mode: any}
		serviceMesh: {mode: none}|serviceMesh: {mode: linkerd}
		serviceMesh: {sharedGateway: true, hostName: a.example.com}|serviceMesh: {sharedGateway: false}
		serviceMesh: {hostName: a.example.com}|serviceMesh: {hostName: b.example.com}
		registry: {host: r.example.com}|registry: {host: evil.example.com}
		registry: {host: r.example.com, repository: pxb}|registry: {repository: other}
		registry: {host: r.example.com, pullSecret: a}|registry: {pullSecret: b}
		argoCD: true|argoCD: false
		argoCD: true|argoCD: auto
		patch: chart|patch: visible
		patch: never|patch: chart
		patch: never|patch: visible
		secondOpinion: true|secondOpinion: false
		severity: {plain-secret: error}|severity: {plain-secret: warning}
		severity: {plain-secret: warning}|severity: {plain-secret: note}
		severity: {}|severity: {storage-class: note}
		severity: {}|severity: {federated-flag: warning}
		exceptions: []|exceptions:\n- {rule: storage-class, object: PersistentVolumeClaim/a, reason: because, expires: 2099-01-01}
	ROWS
}

@test "the repository may tighten, and its demands count" {
	repository 'storageClassName: gp3' 'patch: never'
	generate
	refused 1 'error[storage-class]'
}

@test "the repository's file counts as the application's even where Argo CD does not tell its name" {
	repository 'exceptions:' '- {rule: storage-class, object: PersistentVolumeClaim/a, reason: r, expires: 2099-01-01}'
	parameters '[{"name":"release-name","string":"px-central"}]'
	unset ARGOCD_APP_NAME
	generate
	stopped pxb-fed.yaml
}

@test "a policy by a relative path would be the repository's" {
	repository 'severity: {storage-class: note}'
	generate --policy pxb-fed.yaml
	stopped 'absolute path'
	PXB_FED_POLICY=pxb-fed.yaml generate
	stopped 'absolute path'
	PXB_FED_POLICY=./pxb-fed.yaml pxb argocd parameters
	refused 2 'absolute path'
}

@test "a policy that is not there is not replaced by another" {
	PXB_FED_POLICY=$T/none.yaml generate
	stopped none.yaml
	generate -p "$T/none.yaml"
	stopped none.yaml
}

@test "a link as the repository's file shows nothing of where it leads" {
	printf 'topsecret-line-1\ntopsecret: 2\n' >"$T/outside"
	for f in pxb-fed.yaml pxb-fed.lock; do
		ln -s "$T/outside" "$f"
		generate
		stopped 'leads out of the repository'
		keeps_quiet_of topsecret
		rm "$f"
	done
}

@test "what the repository announces for itself changes no announcement" {
	pxb argocd parameters
	cp "$T/out" before
	repository 'storageClassName: gp3' 'patch: never'
	pxb argocd parameters
	cmp before "$T/out"
}

@test "locks: the repository's adds to the lock of the platform team, and neither by a relative path" {
	pxb lock create --output "$T/platform.lock" "$T/rendered.yaml"
	exits 0
	[ -s "$T/platform.lock" ]
	generate --lock "$T/platform.lock"
	exits 0
	sed 's/px-csi-db/gp3/g' "$T/platform.lock" >pxb-fed.lock
	generate --lock "$T/platform.lock"
	refused 1 storage-locked
	generate
	refused 1 storage-locked
	rm -f "$T/argv"
	generate --lock pxb-fed.lock
	stopped 'absolute path'
}

# --- names and variables -----------------------------------------------------------------------------------------------

@test "variables that an Application gives: their prefix keeps them from being the sidecar's" {
	for name in PXB_FED_POLICY PXB_FED_TIMEOUT PXB_FED_REPORT PXB_FED_NO_STATE; do
		status=0
		env "ARGOCD_ENV_$name=/dev/null" "$PXB_FED_BIN" argocd generate >"$T/out" 2>"$T/err" || status=$?
		stopped "$name"
	done
	sidecar 'storageClassName: gp3' 'patch: never'
	for setting in ARGOCD_ENV_HELM_BIN=/bin/true ARGOCD_ENV_HELM_PLUGINS=/x ARGOCD_ENV_PATH=/x PARAM_PXB_FED_POLICY=/dev/null PARAM_POLICY=/dev/null \
		PARAM_HELM_BIN=/bin/true ARGOCD_ENV_X='a
PXB_FED_POLICY=/dev/null'; do
		status=0
		env "$setting" "$PXB_FED_BIN" argocd generate >"$T/out" 2>"$T/err" || status=$?
		echo "$setting"
		refused 1 'error[storage-class]'
	done
}

@test "parameters named like options, keys and variables" {
	for name in policy --policy -p patch severity exceptions lock --post-renderer post-renderer PXB_FED_POLICY pxb_fed_timeout timeout report \
		namespace storageClassName serviceMesh.mode argoCD secondOpinion 'values ' Values ''; do
		parameters "[{\"name\":\"$name\",\"string\":\"x\"}]"
		generate
		echo "$name"
		stopped parameter
	done
	parameters '[{"name":"policy","string":"x"}]'
	generate
	says "the platform team's policy"
	parameters '[{"name":"helm-parameter","map":{}}]'
	generate
	says "did you mean 'helm-parameters'?"
}

@test "a list of parameters that is none" {
	while read -r text; do
		parameters "$text"
		generate
		echo "$text"
		stopped ''
	done <<-'ROWS'
		{}
		"x"
		[
		[]] 
		[], "other": []
		[]} {"parameters": []
		- name: values
		[{"name":"values","string":"a: 1"},{"name":"values","string":"a: 2"}]
		[{"name":"values","array":["a: 1"]}]
		[{"name":"values","string":1}]
		[{"name":"values-files","string":"a"}]
		[{"name":"values-files","array":[1]}]
		[{"name":"values-files","array":[["a"]]}]
		[{"name":"helm-parameters","map":{"a":true}}]
		[{"name":"helm-parameters","map":{"a":{"b":"c"}}}]
		[{"name":"helm-parameters","map":["a"]}]
		[{"name":"skip-crds","string":"yes"}]
		[{"string":"x"}]
		[{"name":["values"],"string":"x"}]
		["values"]
		[{"name":"helm-parameters","map":{"a":"x\u0000y"}}]
	ROWS
}

@test "no choice of an Application becomes an option of Helm" {
	parameters '[{"name":"helm-parameters","map":{"--post-renderer":"/bin/sh","a\n--post-renderer":"x","b":"--post-renderer=/bin/sh"}},
		{"name":"helm-string-parameters","map":{"-f":"/etc/passwd"}},{"name":"values","string":"--post-renderer: x\n"}]'
	generate
	exits 0
	grep -qxF -e '--set=--post-renderer=/bin/sh' "$T/argv"
	grep -qxF -e '--set=b=--post-renderer=/bin/sh' "$T/argv"
	grep -qxF -e '--set-string=-f=/etc/passwd' "$T/argv"
	# Each option of ours and nothing else, but for the line end that stands inside of one.
	sed -n 's/^\(--[a-z-]*\).*/\1/p' "$T/argv" | sort -u >options
	printf '%s\n' --api-versions --include-crds --kube-version --name-template --namespace --post-renderer --set --set-string --values |
		cmp - options
	[ "$(tr '\n' ' ' <"$T/argv" | grep -o -- '--set=a --post-renderer=x' | wc -l)" = 1 ]
	for name in --help -h 'a b' ../x 'a
b' '$(id)' A; do
		parameters "[{\"name\":\"release-name\",\"string\":\"$(printf %s "$name" | sed ':a;N;$!ba;s/\n/\\n/')\"}]"
		rm -f "$T/argv"
		generate
		echo "$name"
		stopped 'is not a valid name for a Helm release'
	done
}

@test "what Argo CD tells about the cluster is checked as well" {
	KUBE_VERSION='1.34 --post-renderer x' generate
	stopped KUBE_VERSION
	KUBE_VERSION=--help generate
	stopped KUBE_VERSION
	KUBE_API_VERSIONS='v1,"a' generate
	stopped KUBE_API_VERSIONS
	ARGOCD_APP_NAMESPACE='a --x' generate
	stopped 'not a valid namespace'
	KUBE_API_VERSIONS=',v1,, apps/v1,' KUBE_VERSION= generate
	exits 0
	given --api-versions=v1 --api-versions=apps/v1
}

# --- paths -------------------------------------------------------------------------------------------------------------

@test "values files: nothing but files of the repository" {
	echo 'password: outside' >"$T/outside.yaml"
	echo 'a: 1' >a.yaml
	mkdir folder
	ln -s "$T/outside.yaml" link.yaml
	ln -s /etc etc
	ln -s nowhere broken.yaml
	ln -s a.yaml inside.yaml
	for path in /etc/passwd "$T/outside.yaml" ../../outside.yaml a.yaml/../../../outside.yaml link.yaml etc/passwd broken.yaml folder . .. '' - \
		/dev/stdin /proc/self/environ https://example.com/values.yaml file:///etc/passwd 'a.yaml,/etc/passwd' 'a.yaml\",\"/etc/passwd' \
		'a.yaml\n/etc/passwd' '*.yaml' '~/a.yaml' 'a.yaml\u0000.x' '--post-renderer=x' 'a\\.yaml'; do
		parameters "[{\"name\":\"values-files\",\"array\":[\"a.yaml\",\"$path\"]}]"
		generate
		echo "$path"
		stopped values-files
		keeps_quiet_of 'password: outside'
	done
	rm etc link.yaml broken.yaml # which the chart may not hold either
	parameters '[{"name":"values-files","array":["inside.yaml","./a.yaml","../app/a.yaml"]}]'
	generate
	exits 0
	given --values=./inside.yaml --values=././a.yaml --values=./../app/a.yaml
}

@test "the chart: nothing but the repository's, and no link in it leads out" {
	mkdir -p "$T/chart"
	cp Chart.yaml "$T/chart"
	ln -s "$T/chart" chart
	for path in /etc "$T/chart" ../../chart chart - https://example.com/x.tgz oci://example.com/x 'a\",b' repo/px-central --help '\u0000'; do
		parameters "[{\"name\":\"chart-path\",\"string\":\"$path\"}]"
		generate
		echo "$path"
		stopped chart-path
	done
	rm chart
	unset ARGOCD_APP_PARAMETERS
	ln -s ../Chart.yaml templates/inside.yaml
	generate
	exits 0
	rm -f "$T/argv"
	ln -s /etc/passwd templates/outside.yaml
	generate
	stopped 'leads out of the repository'
}

@test "a source path that is not the folder's end widens nothing" {
	for path in / . .. repo/app ../app app/.. "$T/repo/app" app2 pp 'x'; do
		echo 'a: 1' >../sibling.yaml
		parameters '[{"name":"values-files","array":["../sibling.yaml"]}]'
		ARGOCD_APP_SOURCE_PATH=$path generate
		echo "$path"
		case $path in
		repo/app) exits 0 ;; # the root is then one above
		*) stopped 'leads out of the repository' ;;
		esac
		rm -f "$T/argv"
	done
	for path in app ./app app/ /app; do
		ARGOCD_APP_SOURCE_PATH=$path generate
		echo "$path"
		exits 0
	done
}

# --- Helm --------------------------------------------------------------------------------------------------------------

@test "Helm sees nothing of Argo CD's variables, and no home, plugins or repositories" {
	HELM_PLUGINS=$T/repo/app HELM_NAMESPACE=x HELM_KUBECONTEXT=x KUBECONFIG=$T/x HELM_DEBUG=1 PARAM_A=b ARGOCD_ENV_A=b XDG_CONFIG_HOME=$T generate
	exits 0
	lacks '^ARGOCD_' "$T/env"
	lacks '^PARAM_' "$T/env"
	lacks '^KUBE' "$T/env"
	lacks '^HELM_NAMESPACE' "$T/env"
	lacks '^HELM_KUBE' "$T/env"
	lacks '^HELM_DEBUG' "$T/env"
	lacks '^XDG_' "$T/env"
	for v in HOME HELM_PLUGINS HELM_CACHE_HOME HELM_CONFIG_HOME HELM_DATA_HOME; do
		grep -qx "$v=/nonexistent" "$T/env"
	done
}

@test "the repository's own helm is never run" {
	printf '#!/bin/sh\ntouch "%s/evil"\ncat "%s/rendered.yaml"\n' "$T" "$T" >helm
	chmod 755 helm
	for path in . :/usr/bin:/bin /usr/bin:/bin: /usr/bin::/bin app; do
		status=0
		HELM_BIN='' PATH=$path "$PXB_FED_BIN" argocd generate >"$T/out" 2>"$T/err" || status=$?
		echo "$path"
		stopped PATH
	done
	for bin in ./helm app/helm ../app/helm; do
		HELM_BIN=$bin generate
		stopped HELM_BIN
	done
	[ ! -e "$T/evil" ]
}

@test "a file that Argo CD reads from the repository is not read again" {
	printf 'plugin:\n  name: other\n  parameters: [{name: policy, string: x}]\n' >.argocd-source.yaml
	cp .argocd-source.yaml .argocd-source-px-central.yaml
	generate
	exits 0
	same_as "$T/rendered.yaml"
}
