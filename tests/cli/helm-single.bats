#!/usr/bin/env bats
# Where Helm changes nothing it is started once, and what it prints waits for the verdict. A pretended Helm 3, as in helm.bats.

load ../lib/cli

setup() {
	prepare
	unset KUBECONFIG
	export HELM_BIN=$root/tests/lib/fakehelm.sh FAKE_LOG=$T/log FAKE_MANIFESTS=$mini_nohooks FAKE_SAYS=
	mkdir "$FAKE_LOG" "$T/bin" chart
	printf 'apiVersion: v2\nname: px-central\nversion: 3.0.0\n' >chart/Chart.yaml
	PATH=$T/bin:$PATH
}

# rendered N: so many Helms rendered
rendered() {
	grep -lxE 'template|install|upgrade' "$FAKE_LOG"/*.args 2>/dev/null | wc -l | grep -qx "$1"
}

# A hook that switches Federated mode off, as Helm prints it.
wrong_hook() {
	cat <<'END'
---
# Source: px-central/templates/t.yaml
apiVersion: batch/v1
kind: Job
metadata: {name: pre-install-check, namespace: central, annotations: {helm.sh/hook: pre-install}}
spec: {template: {spec: {containers: [{name: c, env: [{name: PX_BACKUP_FEDERATED, value: "false"}]}]}}}
END
}

@test "template of a chart that lies here: one render, without a post-renderer, printed byte by byte" {
	cat "$mini_nohooks" >all.yaml
	pxb template px ./chart -n central
	exits 0
	same_as all.yaml
	rendered 1
	refute grep -rq -- --post-renderer "$FAKE_LOG"
}

@test "template of a chart that lies here: what is refused is not printed" {
	cp "$mini_nohooks" all.yaml
	wrong_hook >>all.yaml
	FAKE_MANIFESTS=$PWD/all.yaml pxb template px ./chart -n central
	refused 1 'Job central/pre-install-check'
	rendered 1
}

@test "template of a chart that lies here: what can be repaired is printed as repaired" {
	classic "$mini"
	mkdir -p "$T/plugins/pxb-fed-post-renderer"
	cp "$root/plugins/pxb-fed-post-renderer/plugin.yaml" "$T/plugins/pxb-fed-post-renderer/"
	export FAKE_VERSION=v4.1.0 HELM_PLUGINS=$T/plugins # Helm 3 keeps hooks out of reach
	FAKE_MANIFESTS=$PWD/classic.yaml pxb template px ./chart -n central
	exits 0
	rendered 1
	refute grep -rq plugin "$FAKE_LOG" # the post-renderer is found without asking
	prints 'PX_BACKUP_FEDERATED : "true"'
	cp "$T/out" first.yaml
	pxb render <classic.yaml
	exits 0
	same_as first.yaml
}

@test "template of a chart from elsewhere: one render with the gate in it, and what Helm prints of it" {
	rm -r chart
	pxb template px oci://registry.invalid/px-central -n central
	exits 0
	rendered 1
	printf '%s\n' "$(cat "$mini_nohooks")" >all.yaml
	same_as all.yaml
	wrong_hook >hook.yaml
	FAKE_HOOK_FILE=$PWD/hook.yaml FAKE_HOOKS="[]" pxb template px oci://registry.invalid/px-central -n central
	refused 1 'Job central/pre-install-check'
}

@test "a dry run: one render, and its output in each of Helm's forms" {
	for words in '' '-o table' '-o json'; do
		rm -f "$FAKE_LOG"/*
		# shellcheck disable=SC2086
		pxb install px ./chart -n central --dry-run $words
		exits 0
		[ -s "$T/out" ]
		rendered 1
	done
	rm -f "$FAKE_LOG"/*
	pxb upgrade px ./chart -n central --install --dry-run=server
	exits 0
	rendered 1
}

@test "a dry run: hooks are judged, in each of Helm's forms" {
	wrong_hook >hook.yaml
	hook=$(wrong_hook | sed -n '3,$p' | sed 's/"/\\"/g' | sed ':a;N;$!ba;s/\n/\\n/g')
	export FAKE_HOOK_FILE=$PWD/hook.yaml FAKE_HOOKS="[{\"path\":\"t.yaml\",\"manifest\":\"$hook\"}]"
	for words in '' '-o json'; do
		# shellcheck disable=SC2086
		pxb install px ./chart -n central --dry-run $words
		refused 1 'Job central/pre-install-check'
	done
}

@test "a dry run whose hooks cannot be told from the rest is rendered as an installation is" {
	wrong_hook >hook.yaml
	echo 'MANIFEST:' >>hook.yaml
	cat "$mini_nohooks" >>hook.yaml
	echo >>hook.yaml
	FAKE_HOOK_FILE=$PWD/hook.yaml pxb install px ./chart -n central --dry-run
	exits 0
	rendered 3
	grep -q -- --checked= "$FAKE_LOG/$(find "$FAKE_LOG" -name '*.args' | wc -l | tr -d ' ').args"
}

@test "what is no dry run is never run before it was judged" {
	classic "$mini_nohooks"
	for words in --dry-run=none --dry-run=false --dry-run=what '--dry-run --dry-run=false' '--new-flag --dry-run'; do
		rm -f "$FAKE_LOG"/*
		# shellcheck disable=SC2086
		FAKE_MANIFESTS=$PWD/classic.yaml pxb install px ./chart -n central --patch=never $words
		exits 1
		refute grep -rq -- --hand-on "$FAKE_LOG"
		refute grep -rq -- --checked= "$FAKE_LOG"
	done
}

@test "a part of the output, and files in its place, are judged as a whole first" {
	for words in '-s templates/a.yaml' '--output-dir out' --debug; do
		rm -f "$FAKE_LOG"/*
		# shellcheck disable=SC2086
		pxb template px ./chart -n central $words
		refute grep -rq -- --hand-on "$FAKE_LOG"
	done
}

@test "--hand-on is for our own use" {
	pxb render --hand-on <"$mini_nohooks"
	refused 2 '--hand-on goes with --capture'
}
