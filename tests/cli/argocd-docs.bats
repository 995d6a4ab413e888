# The examples of docs/argocd.md are run as they stand there.

load ../lib/cli

setup() {
	prepare
	mkdir bin deploy
	sed 's/hook-weight": "5"/hook-weight": "6"/' "$mini" >rendered.yaml
	# What the examples call beside the program: each says what it was given, and gives the render.
	for name in helm flux; do
		printf '#!/bin/sh\necho "%s $*" >>calls\ncase $1 in push) ;; *) cat rendered.yaml ;; esac\n' $name >bin/$name
		chmod 755 bin/$name
	done
	ln -s "$PXB_FED_BIN" bin/pxb-fed
	export PATH=$PWD/bin:$PATH
}

# example NAME: the block behind its mark, without its indentation
example() {
	awk -v mark="<!-- tested: $1 -->" '$0 == mark { on = 1; next } on && /^    / { print substr($0, 5); some = 1; next } on && some { exit }' "$root/docs/argocd.md" >example
	echo "no example $1"
	[ -s example ]
}

# A render that lacks the databases: whole documents are gone, and nothing else.
without_statefulsets() {
	python3 - <<-'PY'
	text = open("rendered.yaml").read().split("---\n")
	open("rendered.yaml", "w").write("---\n".join(d for d in text if "\nkind: StatefulSet\n" not in d))
	PY
}

run_example() {
	example "$1"
	status=0
	bash -e -o pipefail example >"$T/out" 2>"$T/err" || status=$?
}

@test "every marked example is tested" {
	grep -o 'tested: [a-z-]*' "$root/docs/argocd.md" | sed 's/tested: //' | sort >marks
	printf '%s\n' application ci flux-artifact flux-check lovely | cmp - marks
}

@test "the Application passes its check, but for its rule set" {
	example application
	pxb argocd check-app example
	exits 0
	[ "$(grep -cE '^(error|warning|note)' "$T/out")" = 1 ]
	prints 'warning[argocd-app-rule-set]'
}

@test "CI" {
	run_example ci
	exits 0
	cmp rendered.yaml checked.yaml
	[ -s report.xml ]
	grep -qx 'helm template px-central . --namespace central -f values.yaml' calls
	without_statefulsets
	run_example ci
	exits 1
	[ ! -s checked.yaml ]
}

@test "Flux: what it builds, checked" {
	run_example flux-check
	exits 0
	prints compliant
	sed -i 's/PX_BACKUP_FEDERATED : "true"/PX_BACKUP_FEDERATED : "false"/' rendered.yaml
	run_example flux-check
	exits 1
	prints 'error[federated-flag]'
}

@test "Flux: what it shall apply, pushed only if it passed" {
	run_example flux-artifact
	exits 0
	cmp rendered.yaml deploy/px-central.yaml
	grep -q '^flux push artifact' calls
	rm calls
	without_statefulsets
	run_example flux-artifact
	exits 1
	[ ! -s deploy/px-central.yaml ]
	lacks 'flux push' calls
}

@test "argocd-lovely-plugin: each program of the list by bash -c, manifests on its standard input" {
	example lovely
	sed -i "s,/etc/pxb-fed,$PWD," example
	LOVELY_PLUGINS=
	. ./example
	export ARGOCD_APP_NAME=px-central
	status=0
	bash -c "$LOVELY_PLUGINS" <rendered.yaml >"$T/out" 2>"$T/err" || status=$?
	exits 0
	same_as rendered.yaml
	is_silent
	printf 'apiVersion: pxb-fed/v1\nkind: Policy\nstorageClassName: gp3\npatch: never\n' >pxb-fed.yaml
	status=0
	bash -c "$LOVELY_PLUGINS" <rendered.yaml >"$T/out" 2>"$T/err" || status=$?
	exits 1
	prints_nothing
	says 'error[storage-class]'
}

@test "the flags and names that the page tells are those of the program" {
	for flag in --form --image --argocd-namespace --name --timeout --policy --lock; do
		pxb argocd --help
		prints " $flag"
	done
	for p in chart-path release-name values-files values helm-parameters helm-string-parameters skip-crds rule-set; do
		grep -q "^| \`$p\` |" "$root/docs/argocd.md"
	done
}
