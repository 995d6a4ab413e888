# argocd generate: Helm's command line, what comes out, what is said when nothing does.

load ../lib/cli
load ../lib/argocd
setup() {
	prepare
	argo
}

generate() { pxb argocd generate "$@"; }

@test "a compliant render comes out byte by byte, the verdict on standard error" {
	generate
	exits 0
	same_as "$T/rendered.yaml"
	first_line 'pxb-fed: compliant: 12 objects'
}

@test "the flags of Argo CD's own rendering" {
	generate
	exits 0
	printf '%s\n' template . --name-template=px-central --namespace=central --kube-version=1.34.0 --api-versions=v1 \
		--api-versions=apps/v1 --api-versions=batch/v1/Job --include-crds | cmp - "$T/argv"
	[ ! -s "$T/stdin" ]
}

@test "values in the order in which they win" {
	mkdir ../env
	echo 'a: 1' >values.yaml
	echo 'a: 2' >../env/prod.yaml
	parameters '[{"name":"values-files","array":["values.yaml","../env/prod.yaml"]},{"name":"values","string":"a: 3\nb: \"4\"\n"},
		{"name":"helm-parameters","map":{"a":"5","list":"{x,y}","text":"x,y\\,z"}},
		{"name":"helm-string-parameters","map":{"s":"6"}},{"name":"skip-crds","string":"true"},
		{"name":"release-name","string":"other"},{"name":"rule-set","string":"0.1.0-0"}]'
	generate
	printf '%s\n' template . --name-template=other --namespace=central --kube-version=1.34.0 --values=./values.yaml \
		--values=./../env/prod.yaml --values=- --set=a=5 '--set=list={x,y}' '--set=text=x\,y\,z' --set-string=s=6 \
		--api-versions=v1 --api-versions=apps/v1 --api-versions=batch/v1/Job | cmp - "$T/argv"
	printf 'a: 3\nb: "4"\n' | cmp - "$T/stdin"
}

@test "no parameters: null, an empty list, an empty variable" {
	for p in null '[]' ''; do
		parameters "$p"
		generate
		exits 0
	done
}

@test "a render for Helm is repaired into one for Argo CD, and said to be" {
	cp "$mini" "$T/rendered.yaml"
	generate
	exits 0
	first_line 'pxb-fed: patched:'
	says isArgoCD=true
	says helm-parameters
	[ -s "$T/out" ]
	lacks 'hook-weight": "5"' "$T/out"
}

@test "a refusal: nothing on standard output, the verdict first, no time in it" {
	sed -i 's/name: px-backup$/name: px-backup2/' "$T/rendered.yaml"
	generate
	refused 1
	first_line 'pxb-fed: refused: '
	cp "$T/err" first
	generate
	cmp first "$T/err"
	lacks ' ms)' "$T/err"
	lacks 'explain --last' "$T/err"
	[ ! -e "$HOME/.local/state" ]
}

@test "nothing rendered, only comments, only separators: refused, never empty with 0" {
	for text in '' '# nothing\n' '---\n---\n' '---\n# Source: a/b.yaml\n---\nnull\n' '\n\n'; do
		printf -- "$text" >"$T/rendered.yaml"
		generate
		refused 3
		first_line 'pxb-fed: unreadable'
	done
}

@test "what is no px-central, and what cannot be read" {
	printf 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n' >"$T/rendered.yaml"
	generate
	refused 3 'not a px-central release'
	printf 'a: [\n' >"$T/rendered.yaml"
	generate
	refused 3
}

# --- Helm that fails ---------------------------------------------------------------------------------------------------

@test "Helm fails: the first line says so, its own words follow" {
	helm_does 'echo "coalesce.go:237: warning: skipped value" >&2; echo "Error: execution error at (px-central/templates/a.yaml:3:4): no" >&2; exit 7'
	generate
	refused 5 'execution error at (px-central/templates/a.yaml:3:4)'
	first_line 'pxb-fed: Helm could not render the chart (exit code 7)'
	lacks coalesce "$T/err"
}

@test "Helm's words: no control characters, no more than fits" {
	helm_does 'printf "Error: a\033[31mred\r\tb\n" >&2; i=0; while [ $i -lt 3000 ]; do printf "line %s %0300d\n" $i 0 >&2; i=$((i + 1)); done; exit 1'
	generate
	refused 5
	lacks_bytes '[\x01-\x09\x0b-\x1f\x7f]' "$T/err"
	says 'Error: a'
}

@test "Helm's words: what stands under a secret's name is masked, plain and as base64" {
	secret=Plain-$(printf %s Words | rev)-42
	encoded=$(printf %s "$secret" | base64)
	cat >more.yaml <<-YAML
		oidc:
		  clientSecret: File$secret
		lines:
		  password: |
		    First$secret
		    second part of it
	YAML
	parameters "[{\"name\":\"values\",\"string\":\"db: {password: $secret}\\n\"},{\"name\":\"values-files\",\"array\":[\"more.yaml\"]},
		{\"name\":\"helm-parameters\",\"map\":{\"a.token\":\"Set$secret\",\"open\":\"shown-all-right\"}}]"
	helm_does "echo 'Error: $secret File$secret Set$secret First$secret $encoded shown-all-right' >&2; echo 'second part of it' >&2; exit 1"
	generate
	refused 5 shown-all-right
	keeps_quiet_of "$secret"
	keeps_quiet_of "$encoded"
	keeps_quiet_of 'second part of it'
}

@test "Helm's words: a credential is not shown, whatever its name" {
	key=AKIA$(printf %s Q3EGRK7B2MXTWP5N | cut -c1-16)
	helm_does "echo 'Error: b is fine' >&2; echo 'see x: $key of it' >&2; exit 1"
	generate
	refused 5 'b is fine'
	keeps_quiet_of "$key"
	helm_does "printf -- 'Error: the key is -----BEGIN RSA %s KEY-----\nMIIEow%s\nMIIEow%s\n-----END RSA %s KEY-----\n' PRIVATE IBAAKCAQEA7 IBAAKCAQEA8 PRIVATE >&2; exit 1"
	generate
	refused 5
	keeps_quiet_of IBAAKCAQEA7
	keeps_quiet_of IBAAKCAQEA8
}

@test "what Helm says on success is not passed on" {
	helm_does 'echo "WARNING: a value" >&2; cat "$T/rendered.yaml"'
	generate
	exits 0
	same_as "$T/rendered.yaml"
	lacks WARNING "$T/err"
}

@test "dependencies that are not there: nothing is fetched, and how to fix it" {
	helm_does 'echo "Error: An error occurred while checking for chart dependencies: found in Chart.yaml, but missing in charts/ directory: common" >&2; exit 1'
	generate
	refused 5 'helm dependency build'
}

@test "no Helm" {
	HELM_BIN=$T/bin/none generate
	refused 5 "cannot start"
	rm "$T/bin/helm"
	# In a PATH without it; without a deadline of the test's, which is no program of that PATH either.
	status=0
	HELM_BIN='' PATH=$T/bin "$PXB_FED_BIN" argocd generate >"$T/out" 2>"$T/err" || status=$?
	refused 5 "cannot start 'helm'"
}

@test "more than the limit" {
	helm_does 'head -c 3000000 /dev/zero | tr "\0" "#"'
	generate --max-size 1
	refused 5 'printed more than'
}

# --- the deadline ------------------------------------------------------------------------------------------------------

# gone FILE: the process whose id the file holds ends
gone() {
	python3 "$root/tests/lib/await.py" end "$(cat "$1")"
}

# bats test_tags=long
@test "the deadline ends Helm, what it started, and who holds its output" {
	export PXB_FED_TIMEOUT=1
	helm_does 'trap "" TERM; (trap "" TERM; echo "$$" >"$T/ignored"; exec sleep 300) & echo $! >"$T/child"; echo $$ >"$T/pid"; cat "$T/rendered.yaml"; wait'
	generate
	refused 5 'Helm did not end within 1 second'
	first_line 'Helm did not end within'
	gone "$T/pid"
	gone "$T/child"
}

@test "Helm has ended, a grandchild keeps its output open" {
	export PXB_FED_TIMEOUT=1
	helm_does '(exec sleep 300) & echo $! >"$T/child"; cat "$T/rendered.yaml"; exit 0'
	generate
	refused 5 'did not end within'
	gone "$T/child"
}

@test "Helm and its children end with the plugin, however that ends" {
	for signal in TERM INT HUP KILL; do
		rm -f "$T/started"
		mkfifo "$T/started"
		helm_does 'echo $$ >"$T/pid"; echo >"$T/started"; exec sleep 300'
		# A shell's background job is deaf to Ctrl-C unless it is told otherwise.
		env --default-signal "$PXB_FED_BIN" argocd generate >"$T/out" 2>"$T/err" &
		plugin=$!
		read -r -t 30 <>"$T/started"
		kill -s "$signal" "$plugin"
		status=0
		wait "$plugin" || status=$?
		exits $((128 + $(kill -l "$signal")))
		gone "$T/pid"
		prints_nothing
	done
}

@test "a deadline that is none" {
	for t in 0 -1 x 5s 99999 ' 5' 1.5; do
		PXB_FED_TIMEOUT=$t generate
		refused 2 PXB_FED_TIMEOUT
	done
	PXB_FED_TIMEOUT='' generate
	exits 0
}

# --- the release -------------------------------------------------------------------------------------------------------

@test "the release: an application in any namespace, a name that is none, no namespace" {
	ARGOCD_APP_NAME=argocd-apps_px-central generate
	exits 0
	given --name-template=px-central
	ARGOCD_APP_NAME=Not.A.Name generate
	refused 2 "parameter 'release-name'"
	ARGOCD_APP_NAME=$(printf 'a%.0s' $(seq 54)) generate
	refused 2 "parameter 'release-name'"
	ARGOCD_APP_NAME='' generate
	refused 2 ARGOCD_APP_NAME
	ARGOCD_APP_NAMESPACE='' generate
	refused 2 spec.destination.namespace
}

@test "the destination's namespace is demanded of every object" {
	ARGOCD_APP_NAMESPACE=elsewhere generate
	refused 1 'error[namespace]'
}

@test "no chart in the folder, another folder, an archive" {
	mkdir -p ../charts/one
	mv Chart.yaml ../charts/one
	generate
	refused 2 "parameter 'chart-path'"
	parameters '[{"name":"chart-path","string":"../charts/one"}]'
	generate
	exits 0
	given ./../charts/one
	tar -czf px-central-3.0.0.tgz -C ../charts one
	parameters '[{"name":"chart-path","string":"px-central-3.0.0.tgz"}]'
	generate
	exits 0
	given ./px-central-3.0.0.tgz
	echo x >file
	parameters '[{"name":"chart-path","string":"file"}]'
	generate
	refused 2 'neither a folder nor a .tgz'
	parameters '[{"name":"chart-path","string":"../charts"}]'
	generate
	refused 2 'no Chart.yaml'
}

@test "the same twice: the same bytes, the same words" {
	cp "$mini" "$T/rendered.yaml"
	generate
	cp "$T/out" one
	cp "$T/err" two
	generate
	cmp one "$T/out"
	cmp two "$T/err"
}

@test "reports of the sidecar" {
	generate --report json="$T/report.json"
	exits 0
	json "$T/report.json" 'r["verdict"] == "compliant"'
}

@test "a wrong call" {
	generate chart
	refused 2 "takes no file"
	pxb argocd
	refused 2 'generate, parameters, plugin or check-app'
	pxb argocd generat
	refused 2 "did you mean 'generate'"
	for v in generate parameters plugin check-app; do
		pxb argocd $v --help
		exits 0
		prints 'pxb-fed argocd'
		pxb argocd $v --nonsense
		refused 2
	done
}
