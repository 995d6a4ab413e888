#!/usr/bin/env bats
# render: the gate. What passes, what is repaired, what is refused, and who is told how.

load ../lib/helpers

setup() { prepare; }

good() { echo "$streams/fed-default.template3.yaml"; }
mistyped() { echo "$streams/classic.template3.yaml"; }
refused() { echo "$streams/fed-nosc.helm4.yaml"; }

# --- exit 0: compliant

@test "a compliant stream comes out byte by byte as it came in" {
	for s in "$streams"/fed-default.*.yaml "$streams"/fed-oidc.*.yaml "$streams"/fed-telemetry.*.yaml "$streams"/fed-istio-nohost.*.yaml "$mini"; do
		split pxb render <"$s"
		expect 0
		cmp "$s" out
		says 'pxb-fed: compliant'
	done
}

@test "comments, CRLF and a mark at the start survive" {
	sed 's/$/\r/' "$mini" >crlf.yaml
	{
		printf '\357\273\277'
		cat "$mini"
	} >bom.yaml
	{
		cat "$mini"
		printf -- '---\n# the end\n---\n\n\n'
	} >tail.yaml
	for f in crlf bom tail; do
		split pxb render <$f.yaml
		expect 0
		cmp $f.yaml out
	done
}

@test "-q says nothing of a success and everything of a refusal" {
	split pxb render -q <"$(good)"
	expect 0
	[ ! -s err ]
	split pxb render -q <"$(mistyped)"
	expect 0
	[ ! -s err ]
	split pxb render --quiet <"$(refused)"
	expect 1
	says 'storage-class'
}

# --- exit 0: repaired

@test "a mistyped flag is repaired to what the chart renders for the right one" {
	for kind in helm4 template3; do
		split pxb render <"$streams/classic.$kind.yaml"
		expect 0
		# The place of a new entry in a list of variables is free.
		cmp <(sort "$streams/fed-default.$kind.yaml") <(sort out)
		says '--set pxbackup.federated=true'
	done
}

@test "a repaired stream is compliant: rendering it again changes nothing" {
	printf 'apiVersion: pxb-fed/v1\nkind: Policy\nstorageClassName: px-csi-db\ntelemetry: forbidden\n' >p.yaml
	for s in classic.helm4 classic.template3 fed-wrongsc.helm4 fed-wrongsc.template3 fed-telemetry.helm3 fed-telemetry.helm4; do
		split pxb render -p p.yaml <"$streams/$s.yaml"
		expect 0
		says 'pxb-fed: patched'
		cp out once.yaml
		split pxb render -p p.yaml <once.yaml
		expect 0
		cmp once.yaml out
		says 'pxb-fed: compliant'
	done
}

@test "a small stream is repaired in place: nothing else changes" {
	split pxb render -p "$small_policy" <"$small"
	expect 0
	diff "$small" out >d || :
	[ "$(grep -c '^<' d)" = "$(grep -c '^>' d)" ]
	grep -q '^>   PX_BACKUP_FEDERATED: "true"   # the mistyped value$' d
}

@test "--patch never refuses what could be repaired" {
	split pxb render --patch never <"$(mistyped)"
	expect 1
	silent
	says 'federated-flag'
}

@test "a report of a repair holds its edits" {
	split pxb render --report json=r.json <"$(mistyped)"
	expect 0
	json r.json 'd["verdict"] == "patched" and len(d["edits"]) == 5'
	json r.json 'all({"rule", "object", "path", "operation", "line"} <= set(e) and e["operation"] in ("set", "insert", "delete") for e in d["edits"])'
	json r.json 'any(f["patched"] for f in d["findings"])'
	cmp r.json "$state"
}

# --- exit 1: refused

@test "a refusal is exit 1 with nothing on stdout, for each such stream" {
	for s in classic.helm3 fed-nosc.helm3 fed-nosc.helm4 fed-nosc.template3; do
		split pxb render <"$streams/$s.yaml"
		expect 1
		silent
		says 'pxb-fed: refused'
		says 'fix:'
	done
}

@test "a refused run has no edits and nothing patched" {
	split pxb render --report json=r.json <"$streams/classic.helm3.yaml"
	expect 1
	json r.json 'd["verdict"] == "refused" and d["edits"] == [] and not any(f["patched"] for f in d["findings"])'
}

@test "stderr: a block for each cause, a summary line last, 80 columns" {
	split pxb render -v <"$(refused)"
	expect 1
	[ "$(grep -c '^error\[' err)" = 1 ]
	[ "$(grep -c '^    line ' err)" = 8 ]
	tail -n 1 err | grep -qE '^pxb-fed: refused: 1 cause \(9 errors\), 1 known chart fault in 72 objects \([0-9.]+ m?s\)$'
	narrow err
}

@test "stderr is never above 4096 bytes without -v" {
	# Every object twice: some hundred errors.
	for f in "$(good)" "$(good)" "$(refused)"; do
		printf -- '---\n'
		cat "$f"
	done >many.yaml
	for f in many.yaml "$(refused)" "$(mistyped)" "$streams/fed-telemetry.helm4.yaml" "$streams/classic.helm3.yaml"; do
		status=0
		pxb render <"$f" >/dev/null 2>err || status=$?
		[ "$(wc -c <err)" -le 4096 ]
	done
	split pxb render <many.yaml
	expect 3
	says 'explain --last'
	split pxb render -v <many.yaml
	expect 3
	[ "$(wc -c <err)" -gt 4096 ]
	split pxb render --refuse-as=block-scalar <many.yaml
	expect 0
	block_scalar out
}

@test "stderr is at most 4096 bytes with huge names and values, too" {
	long=$(head -c 60000 /dev/zero | tr '\0' x)
	printf 'apiVersion: pxb-fed/v1\nkind: Policy\nstorageClassName: other\npatch: never\n' >p.yaml
	printf 's/%s/%s/\n' px-csi-db "$long" 'name: px-backup$' "name: $long" >long.sed
	sed -f long.sed "$mini" >in.yaml
	split pxb render -p p.yaml <in.yaml
	expect 1
	silent
	[ "$(wc -c <err)" -le 4096 ]
	split pxb render -p p.yaml --refuse-as=block-scalar <in.yaml
	expect 0
	block_scalar out
	[ "$(wc -c <err)" -le 4096 ]
}

@test "what a stream says cannot steer the terminal" {
	sed 's/storageClassName: px-csi-db/storageClassName: "a\\e[31m\\u202e\\u0085b"/' "$mini" >in.yaml
	printf 'apiVersion: pxb-fed/v1\nkind: Policy\nstorageClassName: other\npatch: never\n' >p.yaml
	split pxb render -v -p p.yaml <in.yaml
	expect 1
	silent
	refute grep -q "$(printf '\033')" err
	refute grep -q "$(printf '\342\200\256')" err
}

# --- colour

@test "no colour into a file; CLICOLOR_FORCE brings it, NO_COLOR takes it away again" {
	esc=$(printf '\033')
	split pxb render <"$(refused)"
	refute grep -q "$esc" err
	CLICOLOR_FORCE=1 split pxb render <"$(refused)"
	grep -q "$esc" err
	CLICOLOR_FORCE=0 split pxb render <"$(refused)"
	refute grep -q "$esc" err
	NO_COLOR=1 CLICOLOR_FORCE=1 split pxb render <"$(refused)"
	refute grep -q "$esc" err
	NO_COLOR='' CLICOLOR_FORCE=1 split pxb render <"$(refused)"
	grep -q "$esc" err
	CLICOLOR_FORCE=1 split pxb check "$(refused)"
	grep -q "$esc" out
}

@test "colour gets into no report, no state, no JSON and no block scalar" {
	esc=$(printf '\033')
	CLICOLOR_FORCE=1 split pxb render --report json=r.json --report text=r.txt <"$(refused)"
	refute grep -q "$esc" r.json r.txt "$state"
	CLICOLOR_FORCE=1 split pxb check -o json "$(refused)"
	refute grep -q "$esc" out
	CLICOLOR_FORCE=1 split pxb render --refuse-as=block-scalar <"$(refused)"
	refute grep -q "$esc" out
	block_scalar out
	CLICOLOR_FORCE=1 split pxb render <"$(good)"
	cmp "$(good)" out
}

@test "hooks in a pipe are told, once and on standard error; not to Helm, and not of a stream without hooks" {
	split pxb render <"$(good)"
	expect 0
	grep -q '^pxb-fed: note: [0-9]* hooks in the stream: Helm and Argo CD run hooks, to kubectl$' err
	split pxb render --refuse-as=block-scalar <"$(good)"
	refute grep -q 'hooks in the stream' err
	split pxb render -q <"$(good)"
	[ ! -s err ]
	split pxb render <"$streams/fed-default.helm3.yaml"
	refute grep -q 'hooks in the stream' err
}

# --- reports

@test "--report json=FILE and text=FILE, several of them, in one run" {
	split pxb render --report json=a.json --report=text=b.txt --report json=c.json <"$(refused)"
	expect 1
	silent
	cmp a.json c.json
	json a.json 'd["verdict"] == "refused"'
	[ "$(grep -c '^error\[' b.txt)" = 1 ]
	[ "$(stat -c %a a.json)" = 644 ]
	[ "$(ls -A | sort | tr '\n' ' ')" = 'a.json b.txt c.json err out ' ]
}

@test "a report's name may hold blanks and '='" {
	split pxb render --report 'json=a = b.json' <"$(good)"
	expect 0
	json 'a = b.json' 'd["verdict"] == "compliant"'
}

@test "a report in a place that cannot be written is exit 4 and nothing on stdout" {
	mkdir dir
	for r in json=none/r.json text=none/r.txt json=dir json=/proc/none text=/dev/full; do
		split pxb render --report "$r" <"$(good)"
		expect 4
		silent
		split pxb render --report "$r" <"$(refused)"
		expect 4
		silent
	done
}

@test "of several reports one that cannot be written is enough" {
	split pxb render --report json=good.json --report json=none/r.json <"$(good)"
	expect 4
	silent
}

@test "\$PXB_FED_REPORT is one more report, and wrong it is exit 2" {
	PXB_FED_REPORT=json=env.json split pxb render --report text=opt.txt <"$(good)"
	expect 0
	json env.json 'd["verdict"] == "compliant"'
	[ -s opt.txt ]
	PXB_FED_REPORT=json=check.json split pxb check "$(refused)"
	expect 1
	json check.json 'd["verdict"] == "refused"'
	PXB_FED_REPORT=nonsense split pxb render <"$(good)"
	expect 2
	silent
	says 'PXB_FED_REPORT'
	PXB_FED_REPORT='' split pxb render <"$(good)"
	expect 0
}

@test "a report replaces the one before as a whole" {
	head -c 1000000 /dev/zero >r.json
	pxb render --report json=r.json <"$(good)" >/dev/null 2>&1
	json r.json 'd["verdict"] == "compliant"'
}

@test "a report of unreadable input is written as well" {
	printf 'a: [\n' >bad.yaml
	split pxb render --report json=r.json --report text=r.txt <bad.yaml
	expect 3
	silent
	json r.json 'd["verdict"] == "unreadable" and d["findings"][0]["line"] == 2'
	grep -q '^error\[stream\]' r.txt
}

# --- --refuse-as=block-scalar

# scalar WORDS INPUT TEXT: exit 0, one block scalar with TEXT in it, and nothing on stderr
scalar() {
	# shellcheck disable=SC2086
	split pxb render --refuse-as=block-scalar $1 <"$2"
	expect 0
	block_scalar "$work/out"
	prints "$3"
	[ ! -s "$work/err" ]
}

@test "block scalar: refused" {
	scalar '' "$(refused)" 'pxb-fed: refused: 1 cause (9 errors)'
	scalar -v "$(refused)" 'pxb-fed: refused: 1 cause (9 errors)'
	scalar -q "$(refused)" 'pxb-fed: refused: 1 cause (9 errors)'
	scalar '' "$streams/classic.helm3.yaml" '--set pxbackup.federated=true'
}

@test "block scalar: unreadable and empty input" {
	printf 'a: [\n' >bad.yaml
	printf '\377\376' >binary
	scalar '' bad.yaml 'not YAML'
	scalar '' /dev/null 'the stream contains no object'
	scalar '' binary 'UTF-16'
	head -c 2000000 /dev/zero >big
	scalar '--max-size 1' big 'limit of 1 MiB'
}

@test "block scalar: input that fails" {
	scalar '' / 'directory'
}

@test "block scalar: usage errors" {
	for words in --nosuch -Z extra '--patch always' --policy '--max-size 0' '--report json' '--refuse-as=other' '--report=x=y'; do
		scalar "$words" "$(good)" 'pxb-fed: '
	done
	scalar --polcy=x "$(good)" "did you mean '--policy'"
}

@test "block scalar: a usage error before the option itself" {
	for words in --nosuch extra -Z '--patch always'; do
		# shellcheck disable=SC2086
		split pxb render $words --refuse-as=block-scalar <"$(good)"
		expect 0
		block_scalar out
	done
	split pxb render --nosuch --refuse-as block-scalar <"$(good)"
	expect 0
	block_scalar out
}

@test "block scalar: a bad policy, a missing one, a bad values file" {
	printf 'apiVersion: pxb-fed/v1\nkind: Policy\nnamespce: x\n' >bad.yaml
	scalar '-p bad.yaml' "$(good)" "did you mean 'namespace'"
	scalar '-p none.yaml' "$(good)" 'none.yaml'
	printf 'a: [\n' >v.yaml
	scalar '--values v.yaml' "$(good)" 'v.yaml:'
	PXB_FED_POLICY=none.yaml scalar '' "$(good)" 'none.yaml'
	PXB_FED_REPORT=none scalar '' "$(good)" 'PXB_FED_REPORT'
}

@test "block scalar: a report that cannot be written" {
	scalar '--report json=none/r.json' "$(good)" 'none/r.json'
	scalar '--report json=/dev/full' "$(refused)" 'No space left'
}

@test "block scalar: a terminal as standard input" {
	split python3 - "$bin" <<-'PY'
		import os, pty, subprocess, sys
		master, slave = pty.openpty()
		r = subprocess.run([sys.argv[1], 'render', '--refuse-as=block-scalar'], stdin=slave, timeout=20)
		sys.exit(r.returncode)
	PY
	expect 0
	block_scalar out
}

@test "block scalar: a success is the stream and nothing else" {
	split pxb render --refuse-as=block-scalar <"$(good)"
	expect 0
	cmp "$(good)" out
	split pxb render --refuse-as=block-scalar <"$streams/classic.helm4.yaml"
	expect 0
	cmp <(sort "$streams/fed-default.helm4.yaml") <(sort out)
}

@test "block scalar: --refuse-as=exit is the default" {
	split pxb render --refuse-as=exit <"$(refused)"
	expect 1
	silent
	says 'refused: 1 cause (9 errors)'
}

@test "block scalar: odd characters of a stream and of an option do not break it" {
	printf 'apiVersion: pxb-fed/v1\nkind: Policy\nstorageClassName: other\npatch: never\n' >p.yaml
	sed 's/storageClassName: px-csi-db/storageClassName: "a\\tb \\U0001F600\\u200b\\u2028\\e "/' "$mini" >in.yaml
	split pxb render -v -p p.yaml --refuse-as=block-scalar <in.yaml
	expect 0
	block_scalar out
	split pxb render --refuse-as=block-scalar "--$(printf 'x\n\t\033 \360\237\230\200 ')" <"$mini"
	expect 0
	block_scalar out
	split pxb render --refuse-as=block-scalar -p "$(printf ' \n\n x\377 ')" <"$mini"
	expect 0
	block_scalar out
}

# --- a terminal

@test "a terminal as standard input is exit 2 with the way to call it" {
	for words in 'render' 'check'; do
		split python3 - "$bin" "$words" <<-'PY'
			import pty, subprocess, sys
			master, slave = pty.openpty()
			sys.exit(subprocess.run(sys.argv[1:], stdin=slave, timeout=20).returncode)
		PY
		expect 2
		silent
	done
}

@test "a terminal and no arguments: help" {
	split python3 - "$bin" <<-'PY'
		import pty, subprocess, sys
		master, slave = pty.openpty()
		sys.exit(subprocess.run(sys.argv[1:], stdin=slave, timeout=20).returncode)
	PY
	expect 0
	prints 'Usage: pxb-fed COMMAND'
}

@test "a repair is told to the terminal, a compliant run is not, -q says nothing" {
	cat >terminal.py <<-'PY'
		import os, pty, sys
		pid, master = pty.fork()
		if pid == 0:
		    os.set_inheritable(os.dup(2), True)  # the terminal stays open until the program ends
		    os.dup2(os.open(sys.argv[1], os.O_RDONLY), 0)
		    os.dup2(os.open('tty.out', os.O_WRONLY | os.O_CREAT | os.O_TRUNC), 1)
		    os.dup2(os.open('/dev/null', os.O_WRONLY), 2)
		    os.execv(sys.argv[2], sys.argv[2:])
		text = b''
		while True:
		    try:
		        part = os.read(master, 4096)
		    except OSError:
		        break
		    if not part:
		        break
		    text += part
		sys.stdout.buffer.write(text)
		sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
	PY
	split python3 terminal.py "$(mistyped)" "$bin" render
	expect 0
	prints '--set pxbackup.federated=true'
	[ "$(wc -l <out)" -le 4 ]
	cmp <(sort "$(good)") <(sort tty.out)
	split python3 terminal.py "$(mistyped)" "$bin" render -q
	expect 0
	silent
	split python3 terminal.py "$(good)" "$bin" render
	expect 0
	silent
}
