#!/usr/bin/env bats
# The completion scripts, each in its own shell: what a user who types LINE and a tab is offered.

setup() {
	root=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
	cd "$BATS_TEST_TMPDIR"
	mkdir bin
	ln -s "${PXB_FED_BIN:-$root/build/pxb-fed}" bin/pxb-fed
	export PATH=$PWD/bin:$PATH HOME=$PWD PXB_FED_NO_STATE=1
	touch afile.yaml
}

# Each prints one candidate a line, then "files" where the shell offers files, and "noblank" where none follows the word.
in_bash() {
	bash --norc -c '
		compopt() { case $2 in default) echo files ;; nospace) echo noblank ;; esac; }
		source <(pxb-fed completion bash)
		COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
		_pxb_fed
		printf "%s\n" "${COMPREPLY[@]}"' bash "$@"
}

in_zsh() {
	zsh -f -c '
		compdef() { [[ $2 = pxb-fed ]] || echo wrong program; }
		_files() { echo files; }
		_describe() { [[ -z $3 ]] || echo noblank; for c in "${candidates[@]}"; do echo "${${c//\\:/=}%%:*}"; done; }
		source <(pxb-fed completion zsh)
		words=("$@") CURRENT=$#
		_pxb-fed' zsh "$@"
}

in_fish() {
	fish --no-config -c 'pxb-fed completion fish | source; complete -C "$argv[1]"' "$*" | cut -f 1
}

# offers SHELL EXPECTED WORD ...: EXPECTED, words between blanks, must be among what is offered
offers() {
	local shell=$1 expected=$2 word
	shift 2
	"in_$shell" "$@" >offered
	echo "$shell, $*:"
	cat offered
	for word in $expected; do grep -qx -- "$word" offered; done
}

refute_offered() {
	if grep -qx -- "$1" offered; then return 1; fi
}

rows() {
	command -v "$1" || skip "no $1"
	offers "$1" 'render read' pxb-fed re
	refute_offered check
	refute_offered afile.yaml
	offers "$1" '--report --release-namespace' pxb-fed check --re
	refute_offered --policy
	offers "$1" 'federated-flag federated-unsupported' pxb-fed explain federated-
	offers "$1" 'json junit' pxb-fed check -o j
	refute_offered text
	offers "$1" 'create diff' pxb-fed lock ''
}

@test "bash" {
	rows bash
	offers bash files pxb-fed check a
	offers bash noblank pxb-fed render --report mark
	offers bash json pxb-fed check --output = j
	offers bash 'json text' pxb-fed check --output =
}

@test "zsh" {
	rows zsh
	offers zsh files pxb-fed check a
	offers zsh noblank pxb-fed render --report mark
}

@test "fish" {
	rows fish
	offers fish afile.yaml pxb-fed check a
}

@test "the scripts are scripts of their shells" {
	for shell in bash zsh fish; do
		pxb-fed completion "$shell" >script
		[ -s script ]
		command -v "$shell" || continue
		"$shell" -n script
	done
}

@test "a word that is a shell's name is no script to Helm" {
	HELM_PLUGIN_DIR=$PWD run "$root/plugin.complete" bash
	[ "$status" -eq 0 ]
	[ -z "$output" ]
	HELM_PLUGIN_DIR=$PWD run "$root/plugin.complete" check --output j
	[ "$status" -eq 0 ]
	[ "${lines[0]}" = json ]
}
