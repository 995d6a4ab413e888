#!/usr/bin/env bats
# Options, commands, help, version, completion, explain.

load ../lib/helpers

setup() { prepare; }

commands='render check read explain policy post-renderer version completion help'

# --- wrong options

@test "an unknown option is named, with the nearest, and exit 2" {
	while read -r command option near; do
		split pxb "$command" "$option" </dev/null
		expect 2
		silent
		says "$option"
		says "did you mean '$near'"
		says "see 'pxb-fed $command --help'"
	done <<-'ROWS'
		render --polcy --policy
		render --valeus --values
		render --release-namespce --release-namespace
		render --pathc --patch
		render --reprot --report
		render --fail-om --fail-on
		render --max-sise --max-size
		render --quite --quiet
		render --verbos --verbose
		render --refuse-ass --refuse-as
		check --outptu --output
		check --dif --diff
		check --job --jobs
		check --anny --any
		read --libyaml-onyl --libyaml-only
		explain --lsat --last
		policy --polic --policy
		version --ouput --output
		render --hepl --help
	ROWS
}

@test "an option far from all is named without a suggestion" {
	split pxb render --zzzzzzzzzz=1 </dev/null
	expect 2
	says "unknown option '--zzzzzzzzzz'"
	refute grep -q 'did you mean' "$work/err"
}

@test "an unknown letter is exit 2 in every command" {
	for c in render check read explain policy post-renderer version; do
		split pxb "$c" -Z </dev/null
		expect 2
		silent
		says "'-Z'"
	done
}

@test "a name cannot be shortened or half a name" {
	split pxb render --pol x </dev/null
	expect 2
	split pxb render --policyx x </dev/null
	expect 2
}

@test "a missing value is exit 2 and names the option" {
	for o in --policy --values --release-namespace --patch --report --fail-on --max-size -p; do
		split pxb render "$o" </dev/null
		expect 2
		says "'$o' needs a value"
	done
}

@test "a wrong choice is exit 2 and shows the choices" {
	split pxb render --patch always </dev/null
	expect 2
	says 'visible|chart|never'
	split pxb render --refuse-as=error </dev/null
	expect 2
	says 'exit|block-scalar'
	split pxb render --fail-on note </dev/null
	expect 2
	says 'error|warning'
	split pxb check -o yaml "$mini"
	expect 2
	says "'--output'"
	says 'json'
	split pxb version -o=json
	expect 2
}

@test "a number must be one" {
	for n in 0 -1 x 1x '' 1.5 99999999999999999999999; do
		split pxb render --max-size "$n" <"$mini"
		expect 2
		silent
		split pxb check --jobs="$n" "$mini"
		expect 2
		silent
	done
}

@test "a flag takes no value" {
	split pxb render --quiet=yes <"$mini"
	expect 2
	says "'--quiet' takes no value"
}

@test "an argument where none may be is exit 2 and named" {
	for words in 'render some-file' 'version some-file' 'post-renderer some-file' 'policy show some-file' 'policy init some-file' \
		'explain --last stream'; do
		# shellcheck disable=SC2086
		split pxb $words </dev/null
		expect 2
		silent
	done
}

@test "a wrong report is exit 2: no format, no file, an unknown format, stdout" {
	for r in json json= =x jsn=x yaml=x json=- text=/dev/stdout; do
		split pxb render --report "$r" <"$mini"
		expect 2
		silent
	done
	split pxb render --report=jsn=x <"$mini"
	says "did you mean 'json'"
}

@test "a very long and a binary argument are answered in few words" {
	long=$(head -c 100000 /dev/zero | tr '\0' x)
	for words in "--$long" "--policy=$long" "$long" "$(printf '\033[31m')"; do
		split pxb render "$words" </dev/null
		expect 2
		[ "$(wc -c <"$work/err")" -le 4096 ]
		silent
	done
	split pxb "$long"
	expect 2
	[ "$(wc -c <"$work/err")" -le 4096 ]
}

@test "an argument's control characters do not reach the terminal" {
	for words in "$(printf 'x\033[31m')" "$(printf -- '--x\033[31m')" "$(printf -- '-\033')"; do
		split pxb render "$words" </dev/null
		expect 2
		refute grep -q "$(printf '\033')" "$work/err"
	done
	split pxb "$(printf 'x\033[31m')" </dev/null
	expect 2
	refute grep -q "$(printf '\033')" "$work/err"
}

# --- right options

@test "--x=y, --x y, -px and -p x are the same" {
	printf 'apiVersion: pxb-fed/v1\nkind: Policy\nnamespace: elsewhere\n' >p.yaml
	split pxb render <"$mini"
	expect 0
	for words in '--policy=p.yaml' '--policy p.yaml' '-pp.yaml' '-p p.yaml' '-qpp.yaml' '-vp p.yaml'; do
		# shellcheck disable=SC2086
		split pxb render $words <"$mini"
		expect 1
		says 'elsewhere'
	done
}

@test "the last of an option that is defined twice counts; '--' ends the options" {
	printf 'apiVersion: pxb-fed/v1\nkind: Policy\nnamespace: elsewhere\n' >p.yaml
	split pxb render -p "$work/none.yaml" -p p.yaml <"$mini"
	expect 1
	cp "$mini" ./-v.yaml
	split pxb check -- -v.yaml
	expect 0
	split pxb check -v.yaml
	expect 2
}

@test "-- before a file that looks like an option, and a lone - is standard input" {
	split pxb check - <"$mini"
	expect 0
	split pxb read - <"$small"
	expect 0
	[ "$(wc -l <"$work/out")" = 3 ]
}

# --- commands

@test "an unknown command is exit 2, with the nearest" {
	while read -r wrong near; do
		split pxb "$wrong" </dev/null
		expect 2
		silent
		says "'$wrong'"
		says "did you mean '$near'"
	done <<-'ROWS'
		rendr render
		chek check
		raed read
		explian explain
		polcy policy
		versoin version
		post-rendrer post-renderer
		complation completion
		hlep help
	ROWS
	split pxb wholly-unknown </dev/null
	expect 2
	refute grep -q 'did you mean' "$work/err"
	split pxb '' </dev/null
	expect 2
}

@test "no arguments and a pipe: render" {
	split bash -c 'cat "$2" | "$1"' _ "$bin" "$mini"
	expect 0
	cmp "$mini" "$work/out"
	split pxb <"$streams/fed-nosc.helm4.yaml"
	expect 1
	silent
}

@test "options alone: render" {
	split pxb -q <"$mini"
	expect 0
	cmp "$mini" "$work/out"
	split pxb --policy "$work/none.yaml" <"$mini"
	expect 2
	split pxb --patch=never -v <"$small"
	expect 1
	silent
	split pxb --refuse-as=block-scalar </dev/null
	expect 0
	block_scalar "$work/out"
}

@test "HELM_PLUGIN_NAME without arguments: help, even with a pipe" {
	for in in /dev/null "$mini"; do
		HELM_PLUGIN_NAME=pxb-fed split pxb <"$in"
		expect 0
		prints 'Usage: helm pxb-fed COMMAND'
	done
	HELM_PLUGIN_NAME=pxb-fed split bash -c 'cat "$2" | "$1"' _ "$bin" "$mini"
	expect 0
	prints 'Usage: helm pxb-fed COMMAND'
}

@test "HELM_NAMESPACE and HELM_DEBUG decide no verdict" {
	HELM_NAMESPACE=elsewhere HELM_DEBUG=true split pxb render <"$mini"
	expect 0
	cmp "$mini" "$work/out"
}

# --- help

@test "help, --help and -h print the same, on stdout, in 80 columns" {
	split pxb help </dev/null
	expect 0
	cp out want
	[ ! -s err ]
	narrow want
	for o in --help -h; do
		split pxb "$o" </dev/null
		expect 0
		cmp want out
	done
	for c in $commands; do grep -q "^  $c " want; done
}

@test "every command: --help, -h and help COMMAND agree, in 80 columns" {
	for c in $commands; do
		split pxb help "$c"
		expect 0
		cp out want
		narrow want
		[ ! -s err ]
		if [ "$c" != help ]; then grep -q "^Usage: pxb-fed $c" want; fi
		head -n 1 want | grep -qE '^([A-Z]|helm ).*\.$' # first what the user gets
		for o in --help -h; do
			split pxb "$c" "$o" </dev/null
			expect 0
			if [ "$c" != help ]; then cmp want out; fi
		done
	done
}

@test "every command's help as a Helm plugin says helm, in 80 columns" {
	for c in $commands; do
		HELM_PLUGIN_NAME=pxb-fed split pxb help "$c"
		expect 0
		narrow "$work/out"
		prints 'Usage: helm pxb-fed'
	done
}

@test "help comes before everything else: no policy is read, no input either" {
	PXB_FED_POLICY=$work/none.yaml split pxb render --help </dev/null
	expect 0
	split pxb check --policy none --help
	expect 0
	split pxb policy --help
	expect 0
}

@test "help of an unknown command is exit 2 with the nearest" {
	split pxb help rendr
	expect 2
	silent
	says "did you mean 'render'"
}

@test "the help names every option that the completion knows" {
	for c in render check read explain policy version; do
		pxb help "$c" >want
		pxb completion | awk -v c="$c" '/^- name:/ {on = $3 == c} /^  [a-z]/ {flags = /flags/} on && flags && /^  - ../ {print $2}' |
			while read -r o; do
				echo "$c --$o"
				if [ ${#o} != 1 ]; then grep -q -e "--$o" want; fi
			done
	done
}

# --- version

@test "version: text" {
	split pxb version
	expect 0
	grep -qx "pxb-fed $(cat "$root/VERSION")" out
	prints 'libyaml'
	cp out want
	split pxb --version
	expect 0
	cmp want out
}

@test "version: JSON, however the option is written" {
	for o in '-o json' -ojson --output=json '--output json'; do
		# shellcheck disable=SC2086
		split pxb version $o
		expect 0
		json out 'd["version"] == open("'"$root"'/VERSION").read().strip() and {"libyaml", "libfyaml", "cJSON"} <= set(d["libraries"])'
	done
}

# --- completion

@test "completion prints completion.yaml" {
	split pxb completion
	expect 0
	cmp "$root/completion.yaml" out
}

@test "completion of a command's name, a rule, a choice" {
	split pxb completion ''
	expect 0
	for c in $commands; do grep -q "^$c" out; done
	split pxb completion re
	grep -q ^render out
	refute grep -q ^check out
	split pxb completion explain federated-
	grep -qx federated-flag out
	refute grep -q ^stream out
	split pxb completion check -o ''
	[ "$(tr '\n' ' ' <out)" = 'text json sarif junit html github markdown :4 ' ]
	split pxb completion explain --last --output j
	[ "$(tr '\n' ' ' <out)" = 'json junit :4 ' ]
	split pxb completion render -q --report ma
	[ "$(tr '\n' ' ' <out)" = 'markdown= :6 ' ]
	split pxb completion render --report markdown=
	[ ! -s out ]
	split pxb completion render --patch ''
	[ "$(tr '\n' ' ' <out)" = 'visible chart never :4 ' ]
	split pxb completion render --policy ''
	[ ! -s out ]
	split pxb completion render -v ''
	[ ! -s out ]
	split pxb completion nosuch -o ''
	[ ! -s out ]
	split pxb completion render --nosuch x
	expect 0
	[ ! -s err ]
}

# --- explain

rules() { sed -nE 's/^RULE\([A-Z_]+, *"([a-z-]+)".*/\1/p' "$root/src/policy/rules.def"; }

@test "explain tells every rule, in the words of its page" {
	[ "$(rules | wc -l)" -ge 20 ]
	for rule in $(rules); do
		split pxb explain "$rule"
		expect 0
		grep -q "$rule" out
		cmp "$root/docs/rules/$rule.md" out
	done
}

@test "explain without arguments lists every rule with its severity" {
	split pxb explain
	expect 0
	narrow out
	for rule in $(rules); do grep -qE "^$rule \((error|warning|note)(; a policy may lower it)?\)$" out; done
	[ "$(grep -c '^    [A-Z]' out)" -ge "$(rules | wc -w)" ]
}

@test "explain of several rules prints all of them; of a wrong one none" {
	split pxb explain stream telemetry
	expect 0
	cat "$root/docs/rules/stream.md" "$root/docs/rules/telemetry.md" | cmp - out
	split pxb explain stream telemtry
	expect 2
	silent
	says "did you mean 'telemetry'"
	split pxb explain zzzzzzzzzzzzzzz
	expect 2
	silent
}

# --- explain --last

@test "explain --last shows a refused run as it was, without the limit of 4 kB" {
	split pxb render <"$streams/fed-nosc.helm4.yaml"
	expect 1
	split pxb explain --last
	expect 0
	grep -q '^last run, 20..-..-.. ..:..:.. UTC:$' out
	prints 'pxb-fed: refused: 1 cause (9 errors)'
	[ "$(grep -c '^error\[' out)" = 1 ]
	[ "$(grep -c '^    line ' out)" = 8 ]
	narrow out
}

@test "explain --last follows the last run, repaired or not" {
	pxb render <"$streams/classic.helm4.yaml" >/dev/null 2>&1
	split pxb explain --last
	expect 0
	prints '--set pxbackup.federated=true'
	pxb render <"$streams/fed-default.helm4.yaml" >/dev/null 2>&1
	split pxb explain --last
	prints 'compliant: 72 objects'
	pxb render </dev/null >/dev/null 2>&1 || :
	split pxb explain --last
	prints 'the stream contains no object'
}

@test "the state file: mode 0600, JSON, alone in its folder" {
	umask 000
	pxb render <"$small" >/dev/null 2>&1 || :
	[ "$(stat -c %a "$state")" = 600 ]
	[ "$(ls -A "$(dirname "$state")")" = last.json ]
	[ "$(stat -c %a "$(dirname "$state")")" = 700 ]
	json "$state" 'd["verdict"] == "refused" and d["schema"] == 2 and d["edits"] == []'
}

@test "PXB_FED_NO_STATE=1 writes none" {
	PXB_FED_NO_STATE=1 split pxb render <"$streams/fed-nosc.helm4.yaml"
	expect 1
	[ ! -e "$state" ]
	[ ! -e "$HOME/.local" ]
	split pxb explain --last
	expect 2
	silent
	says "$state"
}

@test "the state follows no link and replaces it instead" {
	mkdir -p "$(dirname "$state")"
	echo mine >victim
	ln -s "$work/victim" "$state"
	pxb render <"$mini" >/dev/null 2>&1
	[ "$(cat victim)" = mine ]
	[ ! -L "$state" ]
}

@test "a damaged state is exit 2 and says what to do, a directory in its place too" {
	mkdir -p "$(dirname "$state")"
	for text in '' '{' '[]' '{"schema": 2}' '{"schema": 1}' 'x'; do
		printf '%s' "$text" >"$state"
		split pxb explain --last
		expect 2
		silent
	done
	rm "$state"
	mkdir "$state"
	split pxb explain --last
	expect 2
	rmdir "$state"
	mkfifo "$state"
	split timeout 5 "$bin" explain --last
	expect 2
}

@test "no secret is kept in the state or a report" {
	planted_secret
	sed "11i\\  AWS_SECRET_ACCESS_KEY: \"$secret\"" "$mini" >in.yaml
	split pxb render -v --report json=r.json --report text=r.txt <in.yaml
	expect 1
	silent
	says 'cloud-credential'
	no_secret err r.json r.txt "$state"
	split pxb explain --last
	no_secret out err
}
