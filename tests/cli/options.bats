# How the program is called: options, help, usage errors, and the ways of Helm.

load ../lib/cli
setup() { prepare; }

@test "options take their value behind = or as the next word" {
	policy 'namespace: other'
	for words in '--policy=policy.yaml' '--policy policy.yaml' '-p policy.yaml' '-ppolicy.yaml'; do
		# The words are split on purpose.
		# shellcheck disable=SC2086
		PXB_FED_POLICY='' pxb render $words <"$mini"
		refused 1 namespace
	done
}

@test "flags can be joined, and a joined option takes the rest" {
	policy 'namespace: central'
	PXB_FED_POLICY='' pxb render -qp policy.yaml <"$mini"
	exits 0
	is_silent
	PXB_FED_POLICY='' pxb render -qppolicy.yaml <"$mini"
	exits 0
	is_silent
}

@test "the last of a repeated option wins, a list keeps all" {
	echo 'istio: {enabled: false}' >a.yaml
	echo 'pxbackup: {federted: true}' >b.yaml
	pxb render --policy /no/such --policy policy.yaml <"$mini"
	exits 0
	pxb render --values a.yaml --values b.yaml <"$mini"
	refused 1 b.yaml
	pxb render --values b.yaml --values a.yaml <"$mini"
	refused 1 b.yaml
}

@test "an unknown option is named, with the nearest" {
	pxb render --polcy x <"$mini"
	refused 2 "'--polcy'"
	says '--policy'
	pxb check --verbos .
	refused 2 "'--verbos'"
	says '--verbose'
	pxb render -x <"$mini"
	refused 2 "'-x'"
	pxb read --max-sise 3
	refused 2 --max-size
	pxb version --outptu=json
	refused 2 --output
}

@test "an option without its value, a flag with one, an empty one" {
	pxb render --policy
	refused 2 "'--policy' needs a value"
	pxb render -p
	refused 2 "'-p' needs a value"
	pxb render --quiet=yes <"$mini"
	refused 2 "'--quiet' takes no value"
	pxb render --policy= <"$mini"
	refused 2
	pxb render --report= <"$mini"
	refused 2 report
}

@test "a choice that is none" {
	pxb render --patch=always <"$mini"
	refused 2 "visible|chart|never"
	pxb check -o yaml "$mini"
	refused 2 "text|json"
	pxb render --fail-on note <"$mini"
	refused 2 --fail-on
	pxb render --refuse-as json <"$mini"
	refused 2 --refuse-as
	pxb render --report pdf=x <"$mini"
	refused 2 pdf
	pxb render --report json <"$mini"
	refused 2
}

@test "arguments where none belong" {
	pxb render file.yaml
	refused 2 file.yaml
	pxb version x
	refused 2 "'x'"
	pxb policy
	refused 2 'init, show or check'
	pxb policy shwo
	refused 2 show
	pxb policy show x
	refused 2 "'x'"
	pxb help nonsense
	refused 2 nonsense
}

@test "an unknown command is named, with the nearest" {
	pxb rendr <"$mini"
	refused 2 "did you mean 'render'"
	pxb nonsense
	refused 2 nonsense
	pxb ''
	refused 2
}

@test "-- ends the options" {
	pxb check -- -o
	refused 3 "'-o'"
	pxb read -- --max-size
	refused 3 --max-size
}

@test "a usage error points to the command's help" {
	pxb check --bogus
	refused 2 "pxb-fed check --help"
	HELM_PLUGIN_NAME=pxb-fed pxb check --bogus
	refused 2 "helm pxb-fed check --help"
}

@test "help of every command: exit 0, at most 80 columns, all of its options" {
	pxb help
	exits 0
	cp "$T/out" commands
	for c in render check read explain policy post-renderer version completion; do
		grep -q "^  $c " commands
		for words in "$c --help" "$c -h" "help $c"; do
			# shellcheck disable=SC2086
			pxb $words
			exits 0
			is_silent
			prints "Usage: pxb-fed $c"
			prints '-h, --help'
			awk 'length($0) > 80 { print "too long: " $0; bad = 1 } /[ \t]$/ { print "blank at the end: " $0; bad = 1 } END { exit bad }' "$T/out"
		done
	done
	# Asked for its own help, help prints the list of commands; 'help help' names its argument.
	pxb help help
	exits 0
	prints 'Usage: pxb-fed help [COMMAND]'
	for words in help --help -h 'help --help' 'help -h'; do
		# shellcheck disable=SC2086
		pxb $words
		exits 0
		cmp "$T/out" commands
		awk 'length($0) > 80 { bad = 1 } END { exit bad }' "$T/out"
	done
}

@test "every command of the help has a page, and no page is missing from it" {
	pxb help
	listed=$(sed -n '/^Commands:/,/^$/s/^  \([a-z-]*\) .*/\1/p' "$T/out")
	[ "$(echo "$listed" | wc -l)" -ge 9 ]
	for c in $listed; do
		pxb "$c" --help
		exits 0
	done
}

@test "help wins over what else is wrong" {
	pxb render --help --bogus
	exits 0
	prints 'Usage: pxb-fed render'
	pxb check /no/such/file --help
	exits 0
	prints 'Usage: pxb-fed check'
}

@test "options alone mean render, as Helm 3 hands them over" {
	policy 'namespace: other'
	PXB_FED_POLICY='' pxb --policy policy.yaml <"$mini"
	refused 1 namespace
	policy
	pxb --patch never <"$mini"
	exits 0
	same_as "$mini"
}

@test "no arguments and a pipe mean render" {
	pxb <"$mini"
	exits 0
	same_as "$mini"
	classic
	pxb <classic.yaml
	exits 0
	same_as "$mini"
	pxb </dev/null
	refused 3
}

@test "no arguments as Helm's plugin mean help, pipe or not" {
	export HELM_PLUGIN_NAME=pxb-fed HELM_PLUGIN_DIR=$T HELM_NAMESPACE=default
	pxb <"$mini"
	exits 0
	prints 'Usage: helm pxb-fed COMMAND'
	awk 'length($0) > 80 { bad = 1 } END { exit bad }' "$T/out"
	pxb render --help
	prints 'Usage: helm pxb-fed render'
}

@test "no arguments and a terminal mean help" {
	command -v script >/dev/null || skip "no script(1) for a terminal"
	script -qec "'$PXB_FED_BIN'" /dev/null </dev/null >out
	grep -q 'Usage: pxb-fed COMMAND' out
}

@test "HELM_NAMESPACE is the namespace of the call and not of the release" {
	HELM_NAMESPACE=default pxb render <"$mini"
	exits 0
	same_as "$mini"
	HELM_NAMESPACE=default HELM_DEBUG=true pxb check "$mini"
	exits 0
}

@test "the policy that is taken: option, environment, here, built in" {
	printf 'apiVersion: pxb-fed/v1\nkind: Policy\nnamespace: one\n' >one.yaml
	printf 'apiVersion: pxb-fed/v1\nkind: Policy\nnamespace: two\n' >two.yaml
	printf 'apiVersion: pxb-fed/v1\nkind: Policy\nnamespace: three\n' >pxb-fed.yaml
	PXB_FED_POLICY=two.yaml pxb render -p one.yaml <"$mini"
	refused 1 '--namespace one'
	PXB_FED_POLICY=two.yaml pxb render <"$mini"
	refused 1 '--namespace two'
	PXB_FED_POLICY='' pxb render <"$mini"
	refused 1 '--namespace three'
	[ ! -e /etc/pxb-fed/policy.yaml ] || skip "this machine has a policy"
	rm pxb-fed.yaml
	PXB_FED_POLICY='' pxb render <"$mini"
	exits 0
}

@test "under Argo CD the repository's file may only tighten" {
	printf 'apiVersion: pxb-fed/v1\nkind: Policy\npatch: never\nnamespace: central\n' >platform.yaml
	printf 'apiVersion: pxb-fed/v1\nkind: Policy\npatch: visible\n' >pxb-fed.yaml
	ARGOCD_APP_NAME=a pxb render -p platform.yaml <"$mini"
	refused 2 pxb-fed.yaml:3:8
	printf 'apiVersion: pxb-fed/v1\nkind: Policy\nseverity: {plain-secret: note}\n' >pxb-fed.yaml
	ARGOCD_APP_NAME=a pxb render -p platform.yaml <"$mini"
	refused 2 pxb-fed.yaml:3
	printf 'apiVersion: pxb-fed/v1\nkind: Policy\nexceptions:\n- {rule: namespace, object: Job/x, reason: because, expires: 2999-01-01}\n' >pxb-fed.yaml
	ARGOCD_APP_NAME=a pxb render -p platform.yaml <"$mini"
	refused 2 pxb-fed.yaml:3
	printf 'apiVersion: pxb-fed/v1\nkind: Policy\nstorageClassName: gp3\nargoCD: false\n' >pxb-fed.yaml
	ARGOCD_APP_NAME=a pxb render -p platform.yaml <"$mini"
	refused 1 storage-class
}

@test "a policy that cannot be read" {
	mkdir folder.yaml
	pxb render -p folder.yaml <"$mini"
	refused 2 'is a directory'
	pxb render -p nowhere.yaml <"$mini"
	refused 2 nowhere.yaml
	PXB_FED_POLICY=nowhere.yaml pxb render <"$mini"
	refused 2 nowhere.yaml
	ln -s nowhere.yaml pxb-fed.yaml
	PXB_FED_POLICY='' pxb render <"$mini"
	refused 2 pxb-fed.yaml
	: >empty.yaml
	pxb render -p empty.yaml <"$mini"
	refused 2 empty
	printf '\xff' >bytes.yaml
	pxb render -p bytes.yaml <"$mini"
	refused 2 bytes.yaml:1:1
	head -c 100000000 /dev/zero >big.yaml
	pxb render -p big.yaml <"$mini"
	refused 2 big.yaml
}

@test "a policy that may not be read" {
	[ "$(id -u)" -ne 0 ] || skip "root may read everything"
	chmod 0 policy.yaml
	pxb render <"$mini"
	refused 2 policy.yaml
}

@test "errors in a policy tell file, line and column" {
	policy 'namespace: central' 'storageClas: x'
	pxb render <"$mini"
	refused 2 policy.yaml:4:1
	says "did you mean 'storageClassName'"
	policy 'telemetry: of'
	pxb render <"$mini"
	refused 2 policy.yaml:3:12
	policy 'severity: {cloud-credential: note}'
	pxb render <"$mini"
	refused 2 cloud-credential
	policy 'telemetry: allowed' 'telemetry: forbidden'
	pxb render <"$mini"
	refused 2 policy.yaml:4:1
	printf 'kind: Policy\n' >policy.yaml
	pxb render <"$mini"
	refused 2 apiVersion
	printf 'apiVersion: pxb-fed/v2\nkind: Policy\n' >policy.yaml
	pxb render <"$mini"
	refused 2 pxb-fed/v1
	policy 'namespace: &a central' 'releaseName: *a'
	pxb render <"$mini"
	refused 2 anchor
	policy 'serviceMesh: {mode: istio' 
	pxb render <"$mini"
	refused 2 policy.yaml
	policy '---' 'namespace: central'
	pxb render <"$mini"
	refused 2 'second document'
}
