# Exit codes 0 to 5, and the descriptors that a caller may hand over in a bad state.

load ../lib/cli
setup() { prepare; }

@test "0: a compliant stream comes out as it is" {
	pxb render <"$mini"
	exits 0
	same_as "$mini"
	says compliant
}

@test "0: a repaired stream, one line changed" {
	classic
	pxb render <classic.yaml
	exits 0
	same_as "$mini"
	says 'pxbackup.federated=true'
}

@test "1: violations, nothing on standard output" {
	classic
	pxb render --patch never <classic.yaml
	refused 1 'pxbackup.federated=true'
}

@test "1: a warning with --fail-on warning" {
	sed 's/APP_DEBUG: .*/DB_PASSWORD: hunter2hunter2/' "$mini" >in.yaml
	pxb render <in.yaml
	exits 0
	same_as in.yaml
	pxb render --fail-on warning <in.yaml
	refused 1 plain-secret
	keeps_quiet_of hunter2hunter2
}

@test "2: the policy is wrong, and standard input is not even read" {
	policy 'storageClas: x'
	# A pipe that nobody writes to: whoever reads it would wait.
	mkfifo pipe
	exec 7<>pipe
	pxb render <&7
	exec 7>&-
	refused 2 storageClassName
}

@test "2: the values file is wrong" {
	echo '- a' >values.yaml
	pxb render --values values.yaml <"$mini"
	refused 2 values.yaml:1:1
}

@test "2: a usage error comes before the policy" {
	policy 'storageClas: x'
	pxb render --no-such-option <"$mini"
	refused 2 --no-such-option
}

@test "3: input that cannot be read" {
	printf 'a: [\n' >in.yaml
	pxb render <in.yaml
	refused 3
	pxb check in.yaml
	exits 3
	pxb read in.yaml
	refused 3 in.yaml:2:1
}

@test "3: a file that is not there" {
	pxb check nowhere.yaml
	refused 3 nowhere.yaml
	pxb read nowhere.yaml
	refused 3 nowhere.yaml
}

@test "3: a file among others that is not there" {
	pxb check "$mini" nowhere.yaml
	exits 3
	says nowhere.yaml
}

@test "4: a full disk" {
	[ -c /dev/full ] || skip "no /dev/full"
	local code=0
	"$PXB_FED_BIN" render <"$mini" >/dev/full 2>err || code=$?
	[ "$code" -eq 4 ]
	grep -q 'cannot write' err
	for words in 'check -' 'read' 'policy show' 'version' 'explain' 'completion' 'help' 'explain stream'; do
		code=0
		# The words are split on purpose.
		# shellcheck disable=SC2086
		timeout 20 "$PXB_FED_BIN" $words <"$mini" >/dev/full 2>err || code=$?
		echo "$words: exit $code"
		[ "$code" -eq 4 ]
	done
}

@test "4: a full disk for the report, nothing on standard output" {
	[ -c /dev/full ] || skip "no /dev/full"
	pxb render --report json=/dev/full <"$mini"
	refused 4 /dev/full
}

@test "4: a report into a folder that is not there, nothing on standard output" {
	pxb render --report json=no/such/folder/r.json <"$mini"
	refused 4 no/such/folder
}

@test "4: closed standard output is an error and not a success" {
	local code=0
	timeout 20 "$PXB_FED_BIN" render <"$mini" >&- 2>err || code=$?
	echo "exit $code"
	cat err
	[ "$code" -eq 4 ]
}

@test "4: closed standard output, every command" {
	local code words
	for words in 'check -' 'read' 'policy show' 'version' 'explain' 'completion' 'help'; do
		code=0
		# shellcheck disable=SC2086
		timeout 20 "$PXB_FED_BIN" $words <"$mini" >&- 2>err || code=$?
		echo "$words: exit $code"
		cat err
		[ "$code" -eq 4 ]
	done
}

@test "closed standard error changes nothing else" {
	local code=0
	timeout 20 "$PXB_FED_BIN" render <"$mini" >out 2>&- || code=$?
	[ "$code" -eq 0 ]
	cmp out "$mini"
	classic
	code=0
	timeout 20 "$PXB_FED_BIN" render --patch never <classic.yaml >out 2>&- || code=$?
	[ "$code" -eq 1 ]
	[ ! -s out ]
	code=0
	timeout 20 "$PXB_FED_BIN" render <"$mini" >&- 2>&- || code=$?
	[ "$code" -eq 4 ]
}

@test "closed standard input is an error at once, never a wait" {
	local code words
	for words in render 'check -' check 'policy init' ''; do
		code=0
		# shellcheck disable=SC2086
		timeout -k 1 5 "$PXB_FED_BIN" $words <&- >out 2>err || code=$?
		echo "'$words': exit $code"
		cat err
		[ "$code" -eq 4 ]
		# The report of a check belongs on standard output, a stream does not.
		case $words in check*) ;; *) [ ! -s out ] ;; esac
	done
}

@test "standard input is a folder" {
	pxb render <"$T"
	refused 4 '<stdin>'
}

@test "SIGPIPE: the reader goes away, the program fails by its exit code" {
	pxb_pipe() { timeout 20 "$PXB_FED_BIN" render 2>err; echo "code $?" >&3; }
	# Large enough that no pipe's buffer takes it.
	cp "$streams/fed-default.helm4.yaml" big.yaml
	{ printf -- '---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: big, namespace: central}\ndata:\n  a: |\n'; yes '    text of no meaning' | head -n 100000; } >>big.yaml
	{ pxb_pipe <big.yaml 3>code | head -c 10 >/dev/null; } || :
	cat code err
	grep -qx 'code 4' code
}

@test "SIGPIPE on a report pipe is no crash" {
	# A report larger than what a pipe holds, so that the rest of it meets the reader's end.
	{
		cat "$mini"
		for i in $(seq 1000); do printf -- '---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: c%d, namespace: other%d}\n' "$i" "$i"; done
	} >in.yaml
	mkfifo pipe
	head -c 1 pipe >/dev/null &
	pxb render --report json=pipe <in.yaml
	wait
	refused 4 pipe
}

@test "5: a helper program that fails" {
	HELM_BIN=false pxb post-renderer
	refused 5
	HELM_BIN=/no/such/helm pxb post-renderer
	refused 5 /no/such/helm
}

@test "5: a helper that says nothing of use" {
	printf '#!/bin/sh\necho "version 9"\n' >helm
	chmod +x helm
	HELM_BIN=$PWD/helm pxb post-renderer
	refused 5
}

@test "what is worse wins: 4 over 3 over 1" {
	classic
	printf 'a: [\n' >bad.yaml
	pxb check --patch never classic.yaml
	exits 1
	pxb check classic.yaml bad.yaml
	exits 3
	pxb check --report json=/no/such/r.json classic.yaml bad.yaml
	exits 4
}
