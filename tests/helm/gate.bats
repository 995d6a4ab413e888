#!/usr/bin/env bats
# The gate as a post-renderer of real Helm 3 and Helm 4: what passes, what is repaired, what is refused with which words, and
# that a refusal leaves nothing behind.

load helpers

setup_file() { find_programs; }
setup() { prepare; }
teardown() { stop_server; }

@test "a compliant render passes, byte by byte" {
	for major in 3 4; do
		with_plugin "$major"
		pass_through "$major"
		helm "$major" template px "$chart" "${federated[@]}" --post-renderer "$passing" >plain.yaml
		split helm "$major" template px "$chart" "${federated[@]}" --post-renderer "$renderer"
		[ "$status" -eq 0 ]
		cmp plain.yaml out
		"$ORACLE" same plain.yaml out
		[ "$(grep -c ^kind: out)" -gt 40 ]
	done
}

@test "Helm 3: the objects are those of a render without any post-renderer" {
	with_plugin 3
	helm 3 template px "$chart" "${federated[@]}" --no-hooks >plain.yaml
	helm 3 template px "$chart" "${federated[@]}" --no-hooks --post-renderer "$renderer" >gated.yaml
	"$ORACLE" same plain.yaml gated.yaml
}

@test "a mistyped value, Helm 4: repaired to what the right value renders" {
	with_plugin 4
	pass_through 4
	helm 4 template px "$chart" "${federated[@]}" --post-renderer tee >right.yaml
	helm 4 template px "$chart" "${mistyped[@]}" --post-renderer tee >wrong.yaml
	run "$ORACLE" diff right.yaml wrong.yaml
	[ "$status" -eq 1 ] # the slip does matter
	split helm 4 template px "$chart" "${mistyped[@]}" --post-renderer "$renderer"
	[ "$status" -eq 0 ]
	"$ORACLE" diff right.yaml out
	refute grep -q 'PX_BACKUP_FEDERATED *: "false"' out
}

@test "a mistyped value, Helm 3: hooks are hidden, so it is refused, with the program's own words" {
	with_plugin 3
	pass_through 3
	helm 3 template px "$chart" "${mistyped[@]}" --post-renderer "$passing" >/dev/null
	code=0
	text=$(clean 3 sh -c '"$0" render <"$1" 2>&1 >/dev/null' "$PXB_FED_BIN" "$work/seen.3") || code=$?
	[ "$code" -eq 1 ]
	grep -q 'error\[federated-flag\]' <<<"$text"
	grep -q 'pxbackup.federated=true' <<<"$text"
	split helm 3 template px "$chart" "${mistyped[@]}" --post-renderer "$renderer"
	[ "$status" -eq 1 ]
	[ ! -s out ]
	same_text "$(untimed <<<"Error: error while running post render on files: error while running command $renderer. error output:
$text
: exit status 1

Use --debug flag to render out invalid YAML")" "$(untimed <err)"
}

@test "a refusal in Helm 4: exit 1, and the program's own words reach the terminal" {
	with_plugin 4
	pass_through 4
	helm 4 template px "$chart" "${unrepairable[@]}" --post-renderer tee >/dev/null
	text=$(clean 4 sh -c '"$0" render --refuse-as=block-scalar <"$1"' "$PXB_FED_BIN" "$work/seen.4")
	[ "$(head -n 1 <<<"$text")" = '|' ]
	grep -q 'error\[storage-ephemeral\]' <<<"$text"
	split helm 4 template px "$chart" "${unrepairable[@]}" --post-renderer "$renderer"
	[ "$status" -eq 1 ]
	[ ! -s out ]
	same_text "$(untimed <<<"Error: error while parsing post rendered output: error parsing YAML: wrong node kind: expected MappingNode but got ScalarNode: node contents:
$text


Use --debug flag to render out invalid YAML")" "$(untimed <err)"
}

@test "a refusal in Helm 3: exit 1, and the program's own words reach the terminal" {
	with_plugin 3
	pass_through 3
	helm 3 template px "$chart" "${unrepairable[@]}" --post-renderer "$passing" >/dev/null
	code=0
	text=$(clean 3 sh -c '"$0" render <"$1" 2>&1 >/dev/null' "$PXB_FED_BIN" "$work/seen.3") || code=$?
	[ "$code" -eq 1 ]
	grep -q 'error\[storage-ephemeral\]' <<<"$text"
	split helm 3 template px "$chart" "${unrepairable[@]}" --post-renderer "$renderer"
	[ "$status" -eq 1 ]
	[ ! -s out ]
	same_text "$(untimed <<<"Error: error while running post render on files: error while running command $renderer. error output:
$text
: exit status 1

Use --debug flag to render out invalid YAML")" "$(untimed <err)"
}

@test "explain --last tells after a refusal in Helm 4 what was found" {
	with_plugin 4
	run helm 4 template px "$chart" "${unrepairable[@]}" --post-renderer "$renderer"
	[ "$status" -eq 1 ]
	run helm 4 pxb-fed explain --last
	[[ $output == *storage-ephemeral* ]]
}

@test "Helm 4 installs without a cluster in a dry run: passed, repaired, refused" {
	with_plugin 4
	# The memory driver wants a file to begin with. It is gone when Helm ends: this proves exit codes and words, and that the
	# command needs no cluster, not what is stored. The tests below do that.
	echo '[]' >releases.yaml
	cluster=(HELM_DRIVER=memory HELM_MEMORY_DRIVER_DATA="$work/releases.yaml")
	split helm 4 install px "$chart" "${federated[@]}" --dry-run=client --post-renderer "$renderer"
	[ "$status" -eq 0 ]
	grep -q '^STATUS: pending-install' out
	split helm 4 install px "$chart" "${mistyped[@]}" --dry-run=client --post-renderer "$renderer"
	[ "$status" -eq 0 ]
	refute grep -q 'PX_BACKUP_FEDERATED *: "false"' out
	split helm 4 install px "$chart" "${unrepairable[@]}" --dry-run=client --post-renderer "$renderer"
	[ "$status" -eq 1 ]
	[ ! -s out ]
	grep -q '^Error: INSTALLATION FAILED: error while parsing post rendered output:' err
	grep -q 'error\[storage-ephemeral\]' err
}

# On a pretended API server that writes down each request that would change something. Helm's own storage of releases is such a
# request, so "none" means: no release, no object, nothing.
@test "a refused installation writes nothing to the cluster, nor does a refused upgrade; good ones do" {
	for major in 3 4; do
		with_plugin "$major"
		start_cluster
		bare=(--no-hooks --skip-crds --disable-openapi-validation --post-renderer "$renderer")
		split helm "$major" install px "$chart" "${unrepairable[@]}" "${bare[@]}"
		[ "$status" -eq 1 ]
		grep -q 'INSTALLATION FAILED' err
		grep -q 'error\[storage-ephemeral\]' err
		[ ! -s writes ]
		run helm "$major" list --namespace central --short
		[ "$output" = '' ]

		helm "$major" install px "$chart" "${federated[@]}" "${bare[@]}"
		[ "$(grep -c '/secrets' writes)" -ge 2 ] # the release, and its change to "deployed"
		[ "$(helm "$major" list --namespace central --short)" = px ]
		helm "$major" get manifest px --namespace central >installed.yaml
		[ "$(grep -c ^kind: installed.yaml)" -gt 40 ]

		: >writes
		split helm "$major" upgrade px "$chart" "${unrepairable[@]}" "${bare[@]}"
		[ "$status" -eq 1 ]
		grep -q 'UPGRADE FAILED' err
		grep -q 'error\[storage-ephemeral\]' err
		[ ! -s writes ]
		helm "$major" get manifest px --namespace central | cmp - installed.yaml
		run helm "$major" history px --namespace central
		[ "${#lines[@]}" -eq 2 ] # a headline and revision 1

		helm "$major" upgrade px "$chart" "${federated[@]}" "${bare[@]}"
		run helm "$major" history px --namespace central
		[ "${#lines[@]}" -eq 3 ]
		stop_server
		cluster=()
		rm -f port
	done
}

@test "upgrade --install refused: there is no release afterwards" {
	for major in 3 4; do
		with_plugin "$major"
		start_cluster
		split helm "$major" upgrade --install px "$chart" "${unrepairable[@]}" --no-hooks --skip-crds --create-namespace \
			--disable-openapi-validation --post-renderer "$renderer"
		[ "$status" -eq 1 ]
		grep -q 'error\[storage-ephemeral\]' err
		[ ! -s writes ]
		stop_server
		cluster=()
		rm -f port
	done
}

@test "nothing rendered is never an empty success" {
	mkdir -p empty/templates
	printf 'apiVersion: v2\nname: empty\nversion: 1.0.0\n' >empty/Chart.yaml
	cp -R empty other
	printf 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n' >other/templates/a.yaml
	for major in 3 4; do
		with_plugin "$major"
		for what in empty other; do
			split helm "$major" template px "./$what" --post-renderer "$renderer"
			[ "$status" -eq 1 ]
			[ ! -s out ]
			grep -q 'error\[stream\]' err
		done
	done
}

@test "Helm 3 with --output-dir asks a post-renderer about nothing: that must not look like a check" {
	with_plugin 3
	split helm 3 template px "$chart" "${federated[@]}" --output-dir rendered --post-renderer "$renderer"
	[ "$status" -eq 1 ]
	grep -q 'error\[stream\]' err
}

@test "Helm 4 with --output-dir: the files are checked" {
	with_plugin 4
	split helm 4 template px "$chart" "${federated[@]}" --output-dir rendered --post-renderer "$renderer"
	[ "$status" -eq 0 ]
	[ -n "$(find rendered -name '*.yaml')" ]
	split helm 4 template px "$chart" "${unrepairable[@]}" --output-dir refused --post-renderer "$renderer"
	[ "$status" -eq 1 ]
	[ -z "$(find . -path './refused/*.yaml')" ]
}

@test "arguments for the gate pass through --post-renderer-args" {
	for major in 3 4; do
		with_plugin "$major"
		arguments=()
		[ "$major" = 4 ] || arguments=(--post-renderer-args render)
		split helm "$major" template px "$chart" "${federated[@]}" --post-renderer "$renderer" ${arguments[@]+"${arguments[@]}"} \
			--post-renderer-args --report=json="$work/report.json"
		[ "$status" -eq 0 ]
		grep -Eq '"verdict":[[:space:]]*"compliant"' report.json
		rm report.json
		split helm "$major" template px "$chart" "${federated[@]}" --post-renderer "$renderer" ${arguments[@]+"${arguments[@]}"} \
			--post-renderer-args --no-such-option
		[ "$status" -eq 1 ]
		grep -q 'no-such-option' err
	done
}

@test "a pipe instead of a post-renderer: hooks visible in both majors, exit code and words whole" {
	for major in 3 4; do
		with_plugin "$major"
		helm "$major" template px "$chart" "${mistyped[@]}" >rendered.yaml
		split helm "$major" pxb-fed check rendered.yaml
		[ "$status" -eq 1 ]
		cat out err | grep -q 'federated-flag'
		helm "$major" template px "$chart" "${federated[@]}" >rendered.yaml
		split helm "$major" pxb-fed check rendered.yaml
		[ "$status" -eq 0 ]
	done
}
