#!/usr/bin/env bats
# policy init, show, check; what a wrong policy says.

load ../lib/helpers

setup() { prepare; }

header='apiVersion: pxb-fed/v1
kind: Policy'

values() {
	cat >values.yaml <<-'YAML'
		pxbackup:
		  enabled: true
		  federated: true
		persistentStorage:
		  enabled: true
		  storageClassName: px-csi-db
		telemetry:
		  enabled: false
	YAML
}

@test "policy init from a stream: the round trip is fine, and the stream passes it" {
	for s in fed-default.helm3 fed-default.helm4 fed-default.template3 fed-telemetry.helm4 fed-oidc.template3 fed-istio-nohost.helm4; do
		split pxb policy init <"$streams/$s.yaml"
		expect 0
		[ ! -s err ]
		cp out p.yaml
		split pxb policy check p.yaml
		expect 0
		prints 'p.yaml: fine'
		split pxb render -p p.yaml <"$streams/$s.yaml"
		expect 0
		cmp "$streams/$s.yaml" out
	done
}

@test "policy init from a stream pins what the stream shows, with its line" {
	pxb policy init <"$streams/fed-default.template3.yaml" >p.yaml
	grep -qE '^namespace: central +# <stdin>:[0-9]+$' p.yaml
	grep -qE '^storageClassName: px-csi-db +# <stdin>:[0-9]+$' p.yaml
	grep -qE '^releaseName: px-central +# <stdin>:[0-9]+$' p.yaml
	# And so another stream does not pass.
	split pxb render -p p.yaml <"$streams/fed-wrongsc.helm3.yaml"
	expect 1
	silent
	says 'gp3'
}

@test "policy init from a values file: the round trip is fine" {
	values
	split pxb policy init --values values.yaml
	expect 0
	cp out p.yaml
	grep -q '^storageClassName: px-csi-db' p.yaml
	split pxb policy check p.yaml
	expect 0
	split pxb render -p p.yaml <"$streams/fed-default.helm4.yaml"
	expect 0
}

@test "policy init from a values file names that file as the origin of each value" {
	values
	# Freed memory is overwritten, so that a value read from there shows.
	MALLOC_PERTURB_=165 split pxb policy init --values values.yaml
	expect 0
	grep -qE '^storageClassName: px-csi-db +# .*values\.yaml:6$' out
	[ "$(grep -cE '^[a-zA-Z ]+:.*# ' out)" = "$(grep -cE '^[a-zA-Z ]+:.*# .*values\.yaml:[0-9]+$' out)" ]
}

@test "policy init from several values files: the last says" {
	values
	printf 'persistentStorage:\n  storageClassName: other\n' >more.yaml
	split pxb policy init --values values.yaml --values=more.yaml
	expect 0
	grep -q '^storageClassName: other' out
	cp out p.yaml
	split pxb policy check p.yaml
	expect 0
}

@test "policy init prints every key of the schema, set or as a comment" {
	split pxb policy init <"$streams/fed-default.helm4.yaml"
	for key in namespace releaseName storageClassName telemetry serviceMesh registry argoCD patch secondOpinion severity exceptions; do
		grep -qE "^#? ?$key:" out
	done
}

@test "policy init: the comments are a policy as well once the marks are taken away" {
	pxb policy init <"$streams/fed-default.helm4.yaml" | sed -E 's/^( *)#([a-zA-Z-])/\1\2/' >p.yaml
	split pxb policy check p.yaml
	expect 0
}

@test "policy init of nothing or of nonsense is exit 3, with the place" {
	split pxb policy init </dev/null
	expect 3
	silent
	printf 'a: b\n\tc: d\n' >in.yaml
	split pxb policy init <in.yaml
	expect 3
	silent
	says '<stdin>:2:'
	printf 'a: [\n' >v.yaml
	split pxb policy init --values v.yaml
	expect 2
	silent
	says 'v.yaml:'
	split pxb policy init --values none.yaml
	expect 2
	says 'none.yaml'
}

@test "policy show: every value and where it comes from" {
	printf '%s\nnamespace: central\nstorageClassName: px-csi-db\ntelemetry: forbidden\nseverity: {plain-secret: error}\n' "$header" >p.yaml
	split pxb policy show -p p.yaml
	expect 0
	grep -qE '^namespace: central +# p\.yaml:3$' out
	grep -qE '^storageClassName: px-csi-db +# p\.yaml:4$' out
	grep -qE '^telemetry: forbidden +# p\.yaml:5$' out
	grep -qE 'plain-secret: error +# p\.yaml:6$' out
	grep -qE '^patch: chart +# built-in$' out
	cp out shown.yaml
	split pxb policy check shown.yaml
	expect 0
}

@test "policy show: the command line's origin is the option" {
	split pxb policy show --patch never --release-namespace central
	expect 0
	grep -qE '^patch: never +# option --patch$' out
	grep -qE '^namespace: central +# option --release-namespace$' out
}

@test "policy show: the environment's and the folder's policy" {
	printf '%s\nnamespace: one\n' "$header" >one.yaml
	PXB_FED_POLICY=$work/one.yaml split pxb policy show
	expect 0
	grep -qE '^namespace: one +# .*/one\.yaml:3$' out
	printf '%s\nnamespace: two\n' "$header" >pxb-fed.yaml
	PXB_FED_POLICY='' split pxb policy show
	grep -qE '^namespace: two +# (\./)?pxb-fed\.yaml:3$' out
}

@test "policy show of the effective policy is a policy and shows the same again" {
	pxb policy init <"$streams/fed-default.helm4.yaml" >p.yaml
	pxb policy show -p p.yaml >shown.yaml
	split pxb policy show -p shown.yaml
	expect 0
	cmp <(sed 's/ *#.*//' shown.yaml) <(sed 's/ *#.*//' out)
}

@test "options only tighten: --patch and --release-namespace against the policy" {
	printf '%s\nnamespace: central\npatch: never\n' "$header" >p.yaml
	split pxb render -p p.yaml --patch visible <"$mini"
	expect 2
	silent
	says "'--patch'"
	split pxb render -p p.yaml --release-namespace other <"$mini"
	expect 2
	silent
	says 'p.yaml:3'
	split pxb render -p p.yaml --release-namespace central <"$mini"
	expect 0
	split pxb policy show -p p.yaml --patch visible
	expect 2
}

@test "under Argo CD the folder's policy may tighten and not loosen" {
	printf '%s\nnamespace: elsewhere\n' "$header" >pxb-fed.yaml
	ARGOCD_APP_NAME=app split pxb render <"$mini"
	expect 1
	printf '%s\npatch: visible\n' "$header" >pxb-fed.yaml
	ARGOCD_APP_NAME=app split pxb render <"$mini"
	expect 2
	silent
	says 'pxb-fed.yaml:3'
}

@test "policy check tells all files, good and bad, and exit 2" {
	printf '%s\n' "$header" >good.yaml
	printf '%s\nnamespce: x\n' "$header" >bad.yaml
	split pxb policy check good.yaml bad.yaml none.yaml good.yaml
	expect 2
	[ "$(grep -c 'good.yaml: fine' out)" = 2 ]
	says 'bad.yaml:3:1'
	says 'none.yaml'
}

@test "policy without a verb, with a wrong one" {
	split pxb policy
	expect 2
	says 'init, show or check'
	for v in inti:init shwo:show chekc:check; do
		split pxb policy "${v%:*}"
		expect 2
		says "did you mean '${v#*:}'"
	done
}

# row TEXT WORDS: a policy with this below its header is exit 2, names file and line, and says WORDS
row() {
	printf '%s\n%b' "$header" "$1" >p.yaml
	split pxb policy check p.yaml
	cat p.yaml
	expect 2
	says 'p.yaml:'
	says "$2"
	split pxb render -p p.yaml <"$mini"
	expect 2
	silent
	says 'p.yaml:'
}

@test "wrong keys of a policy, with the nearest" {
	row 'namespce: x\n' "'namespace'"
	row 'storageClass: x\n' "'storageClassName'"
	row 'telemtry: allowed\n' "'telemetry'"
	row 'serviceMesh:\n  mod: any\n' "'mode'"
	row 'serviceMesh:\n  hostname: x.example.com\n' "'hostName'"
	row 'registry:\n  hots: x\n' "'host'"
	row 'severity: {plain-secrt: error}\n' "'plain-secret'"
	row 'exceptions:\n- rule: plain-secret\n  objet: ConfigMap/x\n' "'object'"
	row 'argocd: auto\n' "'argoCD'"
}

@test "wrong values of a policy" {
	row 'telemetry: off\n' 'telemetry'
	row 'telemetry: denied\n' 'telemetry'
	row 'patch: always\n' 'patch'
	row 'argoCD: "true"\n' 'argoCD'
	row 'secondOpinion: maybe\n' 'secondOpinion'
	row 'namespace: Not_A_Label\n' 'namespace'
	row 'namespace: [central]\n' 'namespace'
	row 'namespace:\n' 'namespace'
	row 'serviceMesh: {mode: ambient}\n' 'mode'
	row 'serviceMesh: {sharedGateway: true}\n' 'hostName'
	row 'serviceMesh: {hostName: "*"}\n' 'hostName'
	row 'registry: {repository: pxb}\n' 'host'
	row 'severity: {plain-secret: fatal}\n' 'plain-secret'
	row 'exceptions: {}\n' 'exceptions'
}

@test "rules that can never be lowered" {
	for rule in stream ambiguous-yaml cloud-credential cloud-credential-reference federated-flag federated-unsupported unverifiable; do
		row "severity: {$rule: warning}\n" "$rule"
	done
}

@test "wrong exceptions" {
	local head='exceptions:\n- rule: plain-secret\n  object: ConfigMap/x\n  path: data.X\n'
	row "${head}  reason: why\n" 'expires'
	row "${head}  expires: 2999-01-31\n" 'reason'
	row "${head}  reason: why\n  expires: 2999-02-30\n" 'expires'
	row "${head}  reason: why\n  expires: tomorrow\n" 'expires'
	row 'exceptions:\n- rule: plain-secret\n  reason: why\n  expires: 2999-01-31\n' 'object'
}

@test "a policy is read strictly" {
	row 'namespace: a\nnamespace: a\n' 'namespace'
	row '---\napiVersion: pxb-fed/v1\nkind: Policy\n' 'document'
	row 'namespace: &a central\n' 'anchor'
	row 'namespace: !!str central\n' 'tag'
	row '\tnamespace: x\n' ''
	row 'namespace: [\n' ''
	row 'namespace: "x\n' ''
	row 'namespace: \0377\n' ''
}

@test "a policy without its header, of another kind, empty, or no mapping" {
	for text in '' '# nothing\n' 'namespace: central\n' 'apiVersion: pxb-fed/v1\nkind: Polcy\n' 'apiVersion: pxb-fed/v2\nkind: Policy\n' \
		'kind: Policy\n' '[]\n' 'x\n'; do
		printf '%b' "$text" >p.yaml
		split pxb policy check p.yaml
		expect 2
		says 'p.yaml:'
	done
}

@test "a policy in JSON works as well" {
	echo '{"apiVersion": "pxb-fed/v1", "kind": "Policy", "namespace": "central"}' >p.json
	split pxb policy check p.json
	expect 0
	split pxb render -p p.json <"$mini"
	expect 0
}

@test "an endless policy is exit 2" {
	split timeout 10 "$bin" render -p /dev/zero <"$mini"
	expect 2
	silent
}

@test "--values: a wrong file is exit 2 with its line, a contradiction exit 1, agreement exit 0" {
	values
	split pxb render --values values.yaml <"$streams/fed-default.helm4.yaml"
	expect 0
	sed -i 's/px-csi-db/other/' values.yaml
	split pxb render --values values.yaml <"$streams/fed-default.helm4.yaml"
	expect 1
	silent
	says 'values.yaml:6:'
	printf 'pxbackup:\n  federted: true\n' >values.yaml
	split pxb render --values values.yaml <"$streams/fed-default.helm4.yaml"
	expect 1
	silent
	says 'pxbackup.federated'
	printf 'pxbackup: [\n' >values.yaml
	split pxb render --values values.yaml <"$streams/fed-default.helm4.yaml"
	expect 2
	silent
	says 'values.yaml:'
	split pxb render --values none.yaml <"$streams/fed-default.helm4.yaml"
	expect 2
	silent
}
