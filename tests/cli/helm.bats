#!/usr/bin/env bats
# install, upgrade and template around a pretended Helm: the command line, what each Helm is given, exit codes and words. What real
# Helms do with it is for tests/helm.

load ../lib/cli

setup() {
	prepare
	unset KUBECONFIG # nobody's real cluster is asked
	export HELM_BIN=$root/tests/lib/fakehelm.sh FAKE_LOG=$T/log FAKE_MANIFESTS=$mini
	mkdir "$FAKE_LOG" "$T/bin"
	PATH=$T/bin:$PATH
}

# called N: the arguments of the Nth call, one a line
called() { cat "$FAKE_LOG/$1.args"; }

calls() { find "$FAKE_LOG" -name '*.args' | wc -l; }

# The number of the last call.
last() { calls | tr -d ' '; }

# final: what the last call was given of the user's, without the post-renderer's words
final() {
	called "$(last)" | awk '/^--post-renderer(-args)?$/ {getline; next} {print}'
}

same_lines() { diff <(printf '%s\n' "$@") <(final); }

@test "what the user wrote reaches Helm word by word, in its order" {
	words=(px ./chart -n central -f 'my values.yaml' --set 'a=b c' --set-string "q='x\"y'" --new-flag value --other=1 -Z --wait=legacy
		--description '$HOME `id`' --set '' --)
	echo 'pxbackup: {federated: true}' >'my values.yaml'
	pxb install "${words[@]}"
	exits 0
	same_lines install "${words[@]:0:$((${#words[@]} - 1))}"
}

# bats test_tags=long
@test "own options are found wherever they are; a -- before Helm's first word ends them" {
	for words in '-q px ./chart' '-q -- px ./chart' '--patch=never -q px ./chart' '--patch never -q -- px ./chart' \
		'px -q ./chart' 'px ./chart --patch never -q' '--patch=never px ./chart --gate-timeout 5'; do
		# shellcheck disable=SC2086
		pxb install $words --wait
		exits 0
		same_lines install px ./chart --wait
	done
}

@test "a word that is the value of an option of Helm's is no option of ours" {
	pxb install px ./chart --description --plan
	exits 0
	same_lines install px ./chart --description --plan
	for words in '-v 6' '-v=6' '-v6'; do # klog's, inside Helm
		# shellcheck disable=SC2086
		pxb install px ./chart $words
		exits 0
		# shellcheck disable=SC2086
		same_lines install px ./chart $words
	done
	pxb install px ./chart --set a=b -- --plan
	exits 0
	same_lines install px ./chart --set a=b -- --plan
	pxb install px ./chart --set a=b -f - --policy "$PXB_FED_POLICY" --wait -v </dev/null
	exits 0
	same_lines install px ./chart --set a=b -f - --wait
}

@test "help, wherever it stands" {
	for words in --help -h 'px ./chart --help' 'px ./chart -h' '--plan --help'; do
		# shellcheck disable=SC2086
		pxb upgrade $words
		exits 0
		prints 'Usage: pxb-fed upgrade'
	done
	[ "$(calls)" = 0 ]
}

@test "a post-renderer of the user's, and files past every post-renderer" {
	pxb install px ./chart --post-renderer ./mine
	refused 2 'the gate is the post-renderer here'
	pxb template px ./chart --output-dir out
	refused 2 'Helm 3 writes the files of --output-dir past every post-renderer'
}

@test "the first render: Helm's own command as a dry run, without what is printed or waited for" {
	pxb upgrade px ./chart -n central --wait --atomic -o yaml --timeout 5m --reuse-values --set a=b
	exits 0
	first=$(grep -l -- '--capture=' "$FAKE_LOG"/*.args)
	grep -qx upgrade "$first"
	grep -qx -- --dry-run=server "$first"
	grep -qx -- --output=json "$first"
	grep -qx -- --reuse-values "$first"
	for word in --wait --atomic -o --timeout; do refute grep -qx -- "$word" "$first"; done
	same_lines upgrade px ./chart -n central --wait --atomic -o yaml --timeout 5m --reuse-values --set a=b
}

@test "Helm's words and exit code come through, and the last line says that it failed in Helm" {
	for code in 42 2 130; do
		FAKE_EXIT=$code FAKE_SAYS='words of Helm' pxb install px ./chart
		exits "$code"
		says 'words of Helm'
		[ "$(tail -n 1 "$T/err")" = "pxb-fed: failed in Helm (exit code $code)" ]
	done
	FAKE_EXIT=1 pxb install px ./chart # 1 is what a refusal has
	exits 6
	[ "$(tail -n 1 "$T/err")" = 'pxb-fed: failed in Helm (exit code 1)' ]
}

@test "an ignored SIGCHLD changes no exit code" {
	status=0
	FAKE_EXIT=42 python3 -c '
import os, signal, sys
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
os.execv(sys.argv[1], sys.argv[1:])' "$PXB_FED_BIN" install px ./chart >"$T/out" 2>"$T/err" || status=$?
	exits 42
}

@test "template: what a Helm that fails printed does not reach standard output" {
	FAKE_PRINTS=$'# as printed\n' pxb template px ./chart
	exits 0
	prints '# as printed'
	FAKE_EXIT=3 FAKE_PRINTS=$'# as printed\n' pxb template px ./chart
	exits 3
	[ ! -s "$T/out" ]
	says 'failed in Helm'
}

@test "a chart repository that cannot be reached is no lost cluster" {
	FAKE_NO_CHART=1 pxb install px px-central --repo https://charts.invalid
	exits 6
	says 'lookup charts.invalid: no such host'
	says 'failed in Helm (exit code 1); nothing was changed'
	keeps_quiet_of 'the cluster could not be asked'
}

# twice: Helm renders for the check, then for the installation
given_to_both() {
	first=$(grep -l -- '--capture=' "$FAKE_LOG"/*.args)
	cmp "$1" "${first%.args}.files"
	cmp "$1" "$FAKE_LOG/$(last).files"
}

# bats test_tags=long
@test "values that can be read only once are read once and handed to each Helm by descriptor" {
	echo 'pxbackup: {federated: true, enabled: true}' >v
	for words in '-f' '--values'; do
		rm -f "$FAKE_LOG"/*
		pxb install px ./chart "$words" <(cat v) --wait
		exits 0
		given_to_both v
		final | grep -qx '/dev/fd/[0-9]*' # as it was written
	done
	rm -f "$FAKE_LOG"/*
	pxb install px ./chart --set-file a=<(cat v)
	exits 0
	final | grep -qx 'a=/dev/fd/[0-9]*'
	mkfifo pipe
	for words in '-f pipe' '--values=pipe' '--set-file=a=pipe'; do
		rm -f "$FAKE_LOG"/*
		cat v >pipe &
		# shellcheck disable=SC2086
		pxb install px ./chart $words
		exits 0
		given_to_both v
	done
	rm -f "$FAKE_LOG"/*
	status=0
	"$PXB_FED_BIN" install px ./chart --values=/dev/fd/7 7<v 8<v >"$T/out" 2>"$T/err" || status=$?
	exits 0
	given_to_both v
	# Nothing else is inherited: the first three, the values, and the one with which ls reads the folder.
	printf '%s\n' 0 1 2 3 7 | cmp - "$FAKE_LOG/$(last).fds"
	for n in 1 2; do refute grep -qx 7 "$FAKE_LOG/$n.fds"; done
}

@test "a finding in such values names what was written, and the corrected command too" {
	mkfifo pipe
	classic "$mini_nohooks"
	echo 'pxbackup: {federated: false}' >v
	cat v >pipe &
	FAKE_MANIFESTS=$PWD/classic.yaml pxb install px ./chart -n central -f pipe
	refused 1 'pipe:1:'
	says 'pxb-fed install px ./chart -n central -f pipe --set'
}

@test "a policy and a lock that can be read only once reach both gates" {
	policy 'namespace: central'
	pxb install -p <(cat policy.yaml) px ./chart -n central
	exits 0
	PXB_FED_POLICY='' pxb install -p <(echo 'namespace: [') px ./chart -n central
	exits 2
	mkfifo pipe
	cat policy.yaml >pipe &
	PXB_FED_POLICY=pipe pxb install px ./chart -n central
	exits 0
}

@test "another render than was judged is refused, and the objects are named" {
	sed 's/APP_ENV: "production"/APP_ENV: "staging"/' "$mini" >other.yaml
	FAKE_SECOND=$PWD/other.yaml pxb install px ./chart
	exits 1
	says 'Helm rendered 1 object this time that was not checked: ConfigMap central/pxcentral-ui-configmap (changed)'
	keeps_quiet_of staging
	FAKE_SECOND=/dev/null pxb install px ./chart
	exits 1
}

@test "hooks of Helm 3 are judged, and a value that reaches them is not patched half" {
	sed 's/PX_BACKUP_FEDERATED : "true"/PX_BACKUP_FEDERATED : "false"/' "$mini_nohooks" >classic.yaml
	hook='apiVersion: batch/v1\nkind: Job\nmetadata: {name: pre-install-check, namespace: central, annotations: {helm.sh/hook: pre-install}}\nspec: {template: {spec: {containers: [{name: c, env: [{name: PX_BACKUP_FEDERATED, value: \"false\"}]}]}}}\n'
	export FAKE_MANIFESTS=$PWD/classic.yaml FAKE_HOOKS="[{\"path\":\"t.yaml\",\"manifest\":\"$hook\"}]"
	pxb install px ./chart -n central
	refused 1 'Helm 3 runs hooks'
	says 'Job central/pre-install-check'
	says "pxb-fed install px ./chart -n central --set pxbackup.federated=true"
	refute grep -q -- '--checked=' "$FAKE_LOG"/*.args # Helm was not run
}

@test "secrets of the command line are not printed" {
	classic "$mini_nohooks"
	FAKE_MANIFESTS=$PWD/classic.yaml pxb install px ./chart --set 'db.password=hunter-two,x=y' --password hunter-two --set-string \
		'proxy.http=http://u:hunter-two@h' --kube-token hunter-two --set-json 'a={"clientSecret":"hunter-two"}'
	exits 1
	says '--password ...'
	says "db.password=...,x=..."
	says "put your own values in the place of '...'"
	keeps_quiet_of hunter-two
}

@test "values of keys that only their owner knows, and of names in the policy, are not printed" {
	classic "$mini_nohooks"
	export FAKE_MANIFESTS=$PWD/classic.yaml
	pxb install px ./chart -n central --set custom.pin=4711 --set-string 'a.b=4711,images.repo=pxb' --set-json 'c={"d":4711}' \
		--set-literal e=4711 --set service.pxCentralUIServiceType=NodePort --set custom.on=true
	exits 1
	says '--set custom.pin=...'
	says 'a.b=...,images.repo=pxb'
	says '--set service.pxCentralUIServiceType=NodePort'
	says '--set custom.on=true'
	keeps_quiet_of 4711
	policy 'credentials: {names: [pxCentralUIServiceType]}'
	PXB_FED_POLICY='' pxb install -p policy.yaml px ./chart -n central --set service.pxCentralUIServiceType=4711
	exits 1
	says '--set service.pxCentralUIServiceType=...'
	keeps_quiet_of 4711
}

@test "values from standard input are read once and given to each Helm" {
	echo 'pxbackup: {federated: true, enabled: true}' >v
	status=0
	"$PXB_FED_BIN" install px ./chart -f - <v >"$T/out" 2>"$T/err" || status=$?
	exits 0
	cmp v "$FAKE_LOG/$(last).in"
	first=$(grep -l -- '--capture=' "$FAKE_LOG"/*.args)
	cmp v "${first%.args}.in"
}

@test "a key that the chart does not know" {
	echo 'pxbackup: {federated: false, enabled: false}' >defaults.yaml
	echo 'pxbackup: {enabeld: true}' >v.yaml
	FAKE_VALUES=$PWD/defaults.yaml pxb install px ./chart -f v.yaml
	says "pxbackup.enabeld"
	says 'v.yaml:1:12'
	FAKE_VALUES=$PWD/defaults.yaml pxb install px ./chart -f https://u:hunter-two@example.com/v.yaml
	says "a values file of 'https://'"
	keeps_quiet_of hunter-two
}

@test "--fix-values-file: what cannot be is said before Helm is asked" {
	echo 'pxbackup: {federated: false}' >v.yaml
	: >other.yaml
	while IFS='|' read -r words said; do
		# shellcheck disable=SC2086
		pxb install px ./chart -f v.yaml $words
		refused 2 "$said"
		[ "$(calls)" -eq 0 ]
	done <<-'ROWS'
		--fix-values-file v.yaml --fix-values|exclude each other
		--fix-values-file v.yaml --plan|--plan changes nothing
		--fix-values-file none.yaml|No such file
		--fix-values-file .|only a regular file
		--fix-values-file other.yaml|add -f other.yaml
	ROWS
}

@test "--fix-values-file: a file or an option that wins over the file is named" {
	classic
	export FAKE_MANIFESTS=$PWD/classic.yaml
	echo 'pxbackup: {federated: false}' >v.yaml
	cp v.yaml w.yaml
	pxb install px ./chart -n central -f v.yaml -f w.yaml --fix-values-file v.yaml
	refused 2 "'w.yaml' sets pxbackup.federated too and wins over 'v.yaml'"
	cmp v.yaml w.yaml
	pxb install px ./chart -n central -f v.yaml -f w.yaml --fix-values-file w.yaml
	says '--fix-values-file changes w.yaml'
	grep -qF 'federated: true' w.yaml
}

@test "no cluster: install ends with 5, --plan and template go on" {
	export FAKE_CLUSTER=no
	pxb install px ./chart
	refused 5 'nothing was changed'
	pxb install --plan px ./chart
	exits 0
	prints 'plan: install px'
	pxb template px ./chart
	exits 0
	same_as "$mini"
	pxb install px ./chart --dry-run=client # Helm's own affair
	exits 0
}

# bats test_tags=long
@test "--plan with Helm's -o json: one JSON object, also of a refused plan" {
	pxb install --plan px ./chart -n central -o json
	exits 0
	json "$T/out" 'r["schema"] == 1 and r["command"] == "install" and r["release"] == "px" and r["namespace"] == "central"'
	json "$T/out" 'r["verdict"] == "compliant" and "changes" not in r and r["patches"] == []'
	json "$T/out" 'all(set(o) >= {"apiVersion", "kind", "name"} for o in r["objects"] + r["hooks"]) and r["objects"]'
	FAKE_MANIFESTS=$streams/fed-default.helm3.yaml pxb install --plan px-central ./chart -n central -o json
	json "$T/out" 'r["claims"] and all(c["storageClassName"] == "px-csi-db" and c["size"] for c in r["claims"])'
	classic
	FAKE_MANIFESTS=$PWD/classic.yaml pxb install --plan px ./chart -n central --output=json --patch never
	exits 1
	json "$T/out" 'r["verdict"] == "refused" and r["objects"]'
}

@test "Helm is not there, or no Helm" {
	HELM_BIN=$T/none pxb install px ./chart
	refused 5 'cannot start'
	HELM_BIN=/bin/true pxb install px ./chart
	refused 5 'did not print a version'
}

@test "the namespace: Helm's flag, its variable, or what it says itself" {
	pxb install --plan px ./chart -n central
	prints 'into namespace central'
	HELM_NAMESPACE=central pxb install --plan px ./chart
	prints 'into namespace central'
	FAKE_NAMESPACE=elsewhere pxb install --plan px ./chart
	prints 'into namespace elsewhere'
	pxb install px ./chart -n other # the stream's objects are in central
	refused 1 'error[namespace]'
}

@test "--generate-name: one name for all renders" {
	pxb install -g ./some-chart -n central
	exits 0
	name=$(final | grep '^some-chart-[0-9]*$')
	grep -qx "$name" "$(grep -l -- '--capture=' "$FAKE_LOG"/*.args)"
	refute grep -qx -- -g "$FAKE_LOG/$(last).args"
}

@test "--plan changes nothing and tells in 80 columns; -q says nothing else" {
	pxb install --plan px ./chart -n central
	exits 0
	prints '10 objects and 2 hooks'
	refute grep -q -- '--checked=' "$FAKE_LOG"/*.args
	lacks '.\{81\}' "$T/out"
	pxb install -q --plan px ./chart -n central
	exits 0
	is_silent
}

@test "the policy and its like are handed to the second gate" {
	policy 'namespace: central'
	PXB_FED_POLICY='' pxb install -p policy.yaml --patch never --fail-on warning --max-size 9 px ./chart -n central
	for word in "--policy=$PWD/policy.yaml" --patch=never --fail-on=warning --max-size=9; do
		grep -qx -- "$word" "$FAKE_LOG/$(last).args"
	done
}

@test "reports are written by the run that saw everything, once" {
	PXB_FED_REPORT=json=$PWD/env.json pxb install --report json="$PWD/own.json" px ./chart -n central
	exits 0
	json own.json 'r["verdict"] == "compliant" and r["stream"]["objects"] == 12'
	json env.json 'r["verdict"] == "compliant" and r["stream"]["objects"] == 12'
}

@test "--no-hooks is passed on with a warning" {
	pxb install px ./chart -n central --no-hooks
	exits 0
	says '--no-hooks leaves out the checks'
	same_lines install px ./chart -n central --no-hooks
}

@test "render: what --capture and --checked take" {
	pxb render --capture "$T/file" <"$mini"
	exits 4
	: >"$T/file"
	pxb render --capture "$T/file" <"$mini"
	refused 2 'a file without a name'
	pxb render --checked "$T/none" <"$mini"
	refused 4 'the list of checked objects'
	echo x >"$T/list"
	pxb render --checked "$T/list" <"$mini"
	refused 2 'not a list of checked objects'
}

@test "the one-time choices in one line before Helm runs" {
	pxb install px ./chart -n central
	exits 0
	says 'install release px in namespace central: px-central, federated mode, 6 claims of class px-csi-db'
	pxb install px ./chart -n central -q
	exits 0
	lacks 'in namespace central' "$T/err"
	pxb template px ./chart -n central
	lacks 'in namespace central' "$T/err"
}

@test "Helm 4 installs what was repaired, and the choices say that it was" {
	cat >"$T/bin/helm4" <<-END
		#!/bin/sh
		case "\$1 \$2" in
		version*) echo v4.3.1 ;;
		'plugin list') printf 'NAME\tVERSION\npxb-fed-post-renderer\t0.1.0\n' ;;
		*) exec "$root/tests/lib/fakehelm.sh" "\$@" ;;
		esac
	END
	printf '#!/bin/sh\nexec "%s" render "$@"\n' "$PXB_FED_BIN" >"$T/bin/pxb-fed-post-renderer"
	chmod +x "$T/bin"/*
	export HELM_BIN=$T/bin/helm4
	FAKE_MANIFESTS=$streams/classic.helm4.yaml pxb install px-central ./chart -n central
	exits 0
	says 'px-central 3.0.0, federated mode (repaired), 6 claims of class px-csi-db'
	FAKE_MANIFESTS=$streams/fed-default.helm4.yaml pxb install px-central ./chart -n central
	exits 0
	says 'px-central 3.0.0, federated mode, 6 claims of class px-csi-db'
}

@test "--preflight without a cluster: what was not done" {
	pxb install px ./chart -n central --preflight
	exits 5
	says 'the backup cluster could not be checked: nothing was installed'
	pxb upgrade px ./chart -n central --preflight
	exits 5
	says 'the backup cluster could not be checked: nothing was upgraded'
}

@test "--watch follows what Helm has done, and no failure of Helm's" {
	pxb install px ./chart -n central --watch
	exits 5
	says 'Helm has done its work, but it cannot be watched'
	FAKE_EXIT=1 pxb install px ./chart -n central --watch
	exits 6
	says 'failed in Helm (exit code 1)'
	lacks 'cannot be watched' "$T/err"
}

@test "a namespace that nobody named and that is 'default'" {
	export FAKE_NAMESPACE=default
	for words in 'install px ./chart' 'install --plan px ./chart' 'upgrade --install px ./chart'; do
		# shellcheck disable=SC2086
		pxb $words
		refused 1 'no namespace is given'
		says '  fix: add -n '
	done
	refute grep -q -- '--capture=' "$FAKE_LOG"/*.args
	for words in 'install px ./chart -n default' 'template px ./chart' 'upgrade px ./chart' 'install --release-namespace default px ./chart'; do
		# shellcheck disable=SC2086
		pxb $words
		refute grep -q 'no namespace is given' "$T/err"
	done
	HELM_NAMESPACE=default pxb install px ./chart
	refute grep -q 'no namespace is given' "$T/err"
}

@test "placeholders of the vendor's page are refused by name" {
	for words in '--version <pxb-version>' '--set persistentStorage.storageClassName=<storage-class-name>,a=b' '-n <namespace>' \
		'--set-string a=b,persistentStorage.storageClassName=<storage_class>'; do
		# shellcheck disable=SC2086
		pxb install px ./chart $words
		refused 2 "a placeholder of the vendor's page"
	done
	pxb install '<release-name>' ./chart
	refused 2 "'<release-name>'"
	[ "$(calls)" = 0 ]
	for words in '--set a=<' '--set a=x<y>' '--set a=<1>' '--description x<y>'; do
		# shellcheck disable=SC2086
		pxb template px ./chart $words
		exits 0
	done
}

@test "a refused plan ends with the verdict and the corrected command; the inventory comes with -v" {
	classic "$mini_nohooks"
	export FAKE_MANIFESTS=$PWD/classic.yaml
	pxb install --plan px ./chart -n central
	exits 1
	[ "$(wc -l <"$T/out")" = 2 ]
	prints 'nothing of this would be installed'
	says 'pxb-fed: corrected command'
	pxb install --plan -v px ./chart -n central
	exits 1
	prints 'claims (their StorageClass'
}

@test "commands of Helm's are Helm's" {
	for name in uninstall rollback status; do
		pxb "$name" px
		refused 2 "'$name' is Helm's own: helm $name"
	done
}

# The command that a refusal prints, in one line.
corrected() { sed -n '/^pxb-fed install/,/^$/p' "$T/err" | tr -d '\\\n' | tr -s ' '; }

@test "a corrected value takes the place of the wrong one, and of a slip that is nearly its key" {
	classic "$mini_nohooks"
	export FAKE_MANIFESTS=$PWD/classic.yaml
	echo 'pxbackup: {federated: false, enabled: false}' >defaults.yaml
	for words in '--set pxbackup.federated=false' '--set pxbackup.federted=true'; do
		# shellcheck disable=SC2086
		FAKE_VALUES=$PWD/defaults.yaml pxb install px ./chart -n central $words --set pxbackup.enabled=true
		exits 1
		[ "$(corrected)" = 'pxb-fed install px ./chart -n central --set pxbackup.enabled=true --set pxbackup.federated=true' ]
	done
	FAKE_VALUES=$PWD/defaults.yaml pxb install px ./chart -n central --set 'pxbackup.federated=false,pxbackup.enabled=true'
	[ "$(corrected)" = 'pxb-fed install px ./chart -n central --set pxbackup.enabled=true --set pxbackup.federated=true' ]
}

@test "several fixes at once: the corrected command has no mistyped key and no placeholder, or is not printed" {
	classic "$mini_nohooks"
	export FAKE_MANIFESTS=$PWD/classic.yaml FAKE_VALUES=$PWD/defaults.yaml
	printf '%s\n' 'pxbackup: {federated: false, enabled: false}' 'images: {pullSecrets: []}' \
		'persistentStorage: {enabled: false, storageClassName: ""}' >defaults.yaml
	pxb install px ./chart -n central --set px-central.pxbackup.federated=true --set pxbackup.enabeld=true,pxbackup.enabled=true \
		--set persistantStorage.enabled=true
	exits 1
	[ "$(corrected)" = 'pxb-fed install px ./chart -n central --set pxbackup.enabled=true --set pxbackup.federated=true --set persistentStorage.enabled=true' ]
	pxb install px ./chart -n central --set 'images.pullSecret[0]=x' --set pxbackup.federted=true
	exits 1
	says "pxb-fed: no corrected command: '--set images.pullSecret' must be changed by hand"
	[ "$(corrected)" = '' ]
	sed -i 's/storageClassName: .*/volumeMode: Filesystem/' classic.yaml
	pxb install px ./chart -n central --set pxbackup.federted=true
	exits 1
	says 'pxb-fed: no corrected command: only you know the value of persistentStorage.storageClassName'
	[ "$(corrected)" = '' ]
	[ "$(grep -c '=NAME' "$T/err")" = 1 ] # in its block
}

@test "the corrected namespace takes the place of the wrong one" {
	policy 'namespace: central'
	sed 's/namespace: central/namespace: other/' "$mini_nohooks" >other.yaml
	FAKE_MANIFESTS=$PWD/other.yaml PXB_FED_POLICY='' pxb install -p policy.yaml px ./chart -n other
	exits 1
	[ "$(corrected)" = 'pxb-fed install -p policy.yaml px ./chart --namespace central' ]
}

@test "a plan without the cluster: where none is named, or on request" {
	export FAKE_CLUSTER=no
	echo 'kind: Config' >config
	export KUBECONFIG=$PWD/config
	pxb install --plan px ./chart -n central
	refused 5 'the cluster could not be asked'
	pxb install --plan px ./chart -n central --dry-run=client
	exits 0
	says 'no cluster answers'
	prints 'plan: install px into namespace central'
	KUBECONFIG=$PWD/none pxb install --plan px ./chart -n central
	exits 0
	for words in '--kube-context nope' '--kube-token x' '--kubeconfig none'; do
		# shellcheck disable=SC2086
		KUBECONFIG='' pxb install --plan px ./chart -n central $words
		refused 5 'the cluster could not be asked'
	done
}
