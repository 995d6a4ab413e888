#!/usr/bin/env bats
# Files, pipes and descriptors: what the shell and the system may do to the program, and the exit code of each.

load ../lib/helpers

setup() { prepare; }

good() { echo "$streams/fed-default.template3.yaml"; }
mistyped() { echo "$streams/classic.template3.yaml"; }

# --- closed descriptors

@test "closed stdout: render of a compliant stream is exit 4" {
	status=0
	pxb render <"$(good)" >&- 2>"$work/err" || status=$?
	expect 4
	says 'standard output'
}

@test "closed stdout: render with a repair is exit 4" {
	status=0
	pxb render <"$(mistyped)" >&- 2>"$work/err" || status=$?
	expect 4
	says 'standard output'
}

@test "closed stdout: read is exit 4" {
	status=0
	pxb read "$(good)" >&- 2>"$work/err" || status=$?
	expect 4
}

@test "closed stdout: check is exit 4, with one input and with several" {
	status=0
	pxb check "$(good)" >&- 2>"$work/err" || status=$?
	expect 4
	status=0
	pxb check "$(good)" "$(mistyped)" >&- 2>"$work/err" || status=$?
	expect 4
}

@test "closed stdout: what only prints is exit 4" {
	for words in version help completion 'explain stream' explain 'policy show' 'policy check'; do
		status=0
		# shellcheck disable=SC2086
		pxb $words >&- 2>"$work/err" || status=$?
		echo "$words"
		expect 4
	done
}

@test "closed stdin: what reads it is exit 4, at once" {
	for words in render '' 'check -' check read 'policy init'; do
		# shellcheck disable=SC2086
		split timeout 5 "$bin" $words <&-
		echo "$words"
		expect 4
		if [ "${words%% *}" != check ]; then silent; fi
	done
}

@test "closed stdin does not hinder a check of files" {
	split timeout 5 "$bin" check "$(good)" <&-
	expect 0
	prints 'compliant'
}

@test "closed stdin with --refuse-as=block-scalar is one block scalar" {
	split timeout 5 "$bin" render --refuse-as=block-scalar <&-
	expect 0
	block_scalar "$work/out"
}

@test "closed stderr: a compliant stream comes out whole" {
	status=0
	pxb render <"$(good)" >"$work/out" 2>&- || status=$?
	[ "$status" = 0 ]
	cmp "$(good)" "$work/out"
}

@test "closed stderr: a repaired stream holds nothing but the stream" {
	pxb render <"$(mistyped)" >"$work/want" 2>/dev/null
	status=0
	pxb render <"$(mistyped)" >"$work/out" 2>&- || status=$?
	[ "$status" = 0 ]
	cmp "$work/want" "$work/out"
}

@test "closed stderr: a refusal is still exit 1 with nothing on stdout" {
	status=0
	pxb render <"$streams/fed-nosc.helm4.yaml" >"$work/out" 2>&- || status=$?
	[ "$status" = 1 ]
	silent
}

@test "closed stderr: reports and state hold only what they should" {
	status=0
	pxb render --report json=r.json <"$(mistyped)" >"$work/out" 2>&- || status=$?
	[ "$status" = 0 ]
	json r.json 'd["verdict"] == "patched"'
	json "$state" 'd["verdict"] == "patched"'
}

@test "all three closed: an error, no hang" {
	status=0
	timeout 5 "$bin" render <&- >&- 2>&- || status=$?
	[ "$status" = 4 ]
}

# --- full disk

@test "/dev/full: every command that prints is exit 4 and says why" {
	for words in render 'check -' 'check -o json -' read version 'version -o json' help 'help render' 'render --help' \
		'explain stream' explain completion 'policy show' 'policy init' 'policy check'; do
		status=0
		# shellcheck disable=SC2086
		pxb $words <"$(good)" >/dev/full 2>"$work/err" || status=$?
		echo "$words"
		expect 4
		says 'No space left on device'
	done
}

@test "/dev/full: a report that could not be printed outranks an input that could not be read" {
	status=0
	pxb check /proc/self/mem "$(good)" >/dev/full 2>"$work/err" || status=$?
	expect 4
}

@test "/dev/full: a repaired stream is exit 4" {
	status=0
	pxb render <"$(mistyped)" >/dev/full 2>"$work/err" || status=$?
	expect 4
}

@test "/dev/full: --refuse-as=block-scalar cannot turn a lost stream into a success" {
	status=0
	pxb render --refuse-as=block-scalar <"$(good)" >/dev/full 2>"$work/err" || status=$?
	expect 4
}

@test "/dev/full: a refusal that --refuse-as=block-scalar could not print is no success" {
	status=0
	pxb render --refuse-as=block-scalar <"$streams/fed-nosc.helm4.yaml" >/dev/full 2>"$work/err" || status=$?
	expect 4
}

@test "stderr on /dev/full changes no verdict" {
	status=0
	pxb render <"$(good)" >"$work/out" 2>/dev/full || status=$?
	[ "$status" = 0 ]
	cmp "$(good)" "$work/out"
	status=0
	pxb render <"$streams/fed-nosc.helm4.yaml" >"$work/out" 2>/dev/full || status=$?
	[ "$status" = 1 ]
	silent
}

@test "a report on /dev/full is exit 4 and nothing on stdout" {
	split pxb render --report json=/dev/full <"$(good)"
	expect 4
	silent
}

# --- pipes

@test "a reader that closes the pipe early: exit 4, no death by SIGPIPE" {
	# More than a pipe holds, so that the write must fail.
	run bash -c '"$1" render <"$2" 2>"$3" | true; echo "${PIPESTATUS[0]}"' _ "$bin" "$(good)" "$work/err"
	[ "$output" = 4 ]
	says 'Broken pipe'
}

@test "a reader that takes ten bytes and goes: exit 4" {
	run bash -c '"$1" render <"$2" 2>"$3" | head -c 10 >/dev/null; echo "${PIPESTATUS[0]}"' _ "$bin" "$(good)" "$work/err"
	[ "$output" = 4 ]
}

@test "SIGPIPE is not fatal to check and read either" {
	for words in 'read' 'check -v -o json'; do
		# shellcheck disable=SC2086
		split python3 "$root/tests/lib/broken_pipe.py" "$bin" $words "$(good)"
		expect 4
		says 'Broken pipe'
	done
}

@test "a closed stderr pipe does not kill a refusal" {
	run bash -c '{ "$1" render <"$2" 2>&3 >/dev/null; echo $? >rc; } 3>&1 | true; cat rc' _ "$bin" "$streams/fed-nosc.helm4.yaml"
	[ "$output" = 1 ]
}

@test "input in single bytes and in pieces is read whole" {
	dd if="$small" bs=1 2>/dev/null | pxb render -p "$small_policy" >"$work/a" 2>/dev/null
	pxb render -p "$small_policy" <"$small" >"$work/b" 2>/dev/null
	cmp "$work/a" "$work/b"
	{
		head -c 3000 "$(good)"
		tail -c +3001 "$(good)"
	} | pxb render >"$work/out" 2>/dev/null
	cmp "$(good)" "$work/out"
}

@test "a directory as standard input is exit 4, not an empty stream" {
	split pxb render </
	expect 4
	silent
	says 'directory'
}

# --- limits and odd input

@test "--max-size 1: 2 MiB of input is exit 3, in a file and in a pipe" {
	head -c 2097152 /dev/zero | tr '\0' ' ' >big.yaml
	split pxb render --max-size 1 <big.yaml
	expect 3
	silent
	says 'limit of 1 MiB'
	split bash -c 'cat big.yaml | "$1" render --max-size=1' _ "$bin"
	expect 3
	silent
	for words in 'check --max-size 1 big.yaml' 'check --max-size 1 - ' 'read --max-size 1 big.yaml' 'read --max-size=1'; do
		# shellcheck disable=SC2086
		split pxb $words <big.yaml
		expect 3
		says 'limit of 1 MiB'
	done
}

@test "--max-size above what offsets can count is refused, not cut" {
	: >empty.yaml
	for words in 'check --max-size 4096 empty.yaml' 'read --max-size=5000 empty.yaml' 'render --max-size 5000'; do
		# shellcheck disable=SC2086  # words
		split pxb $words <empty.yaml
		expect 2
		says "'--max-size' takes at most 4095 MiB"
	done
	split pxb read --max-size 4095 empty.yaml
	expect 0
}

@test "a named pipe without a writer in a file's place: exit 2, no waiting" {
	cp "$streams/fed-default.template3.yaml" in.yaml
	for name in pxb-fed.yaml pxb-fed.lock; do
		mkfifo "$name"
		split env -u PXB_FED_POLICY timeout 60 "$bin" render <in.yaml
		expect 2
		says 'is a named pipe'
		rm "$name"
	done
	mkfifo pipe
	split timeout 60 "$bin" render --policy pipe <in.yaml
	expect 2
	mkdir -p state/pxb-fed
	mkfifo state/pxb-fed/last.json
	split env XDG_STATE_HOME="$PWD/state" timeout 60 "$bin" explain --last
	expect 2
	split env XDG_STATE_HOME="$PWD/state" timeout 60 "$bin" render <in.yaml
	expect 0
	[ -f state/pxb-fed/last.json ]
}

@test "descriptors that do not block are waited for" {
	cp "$streams/fed-default.template3.yaml" in.yaml
	split python3 - "$bin" <<'EOF'
import fcntl, os, subprocess, sys, threading
text = open("in.yaml", "rb").read()
stdin, feed = os.pipe()
take, stdout = os.pipe()
for end in stdin, stdout:
    fcntl.fcntl(end, fcntl.F_SETFL, os.O_NONBLOCK)
p = subprocess.Popen([sys.argv[1], "render"], stdin=stdin, stdout=stdout, stderr=subprocess.DEVNULL)
os.close(stdin)
os.close(stdout)
def write():
    with os.fdopen(feed, "wb") as f:
        for i in range(0, len(text), 5000):
            f.write(text[i:i + 5000])
            f.flush()
t = threading.Thread(target=write)
t.start()
with os.fdopen(take, "rb") as f:
    got = f.read()
t.join()
print(p.wait(), got == text)
EOF
	expect 0
	prints '0 True'
}

@test "--max-size 1: exactly 1 MiB is read, one byte more is not" {
	{
		cat "$mini"
		head -c 1048576 /dev/zero | tr '\0' '#'
	} >big.yaml
	{ head -c 1048575 big.yaml; echo; } >fits.yaml
	head -c 1048577 big.yaml >over.yaml
	split pxb render --max-size 1 <fits.yaml
	expect 0
	cmp fits.yaml "$work/out"
	split pxb render --max-size 1 <over.yaml
	expect 3
	silent
}

@test "300 MB in a pipe is exit 3" {
	split bash -c 'head -c 300000000 /dev/zero | tr "\0" "#" 2>/dev/null | "$1" render' _ "$bin"
	expect 3
	silent
	says 'limit of 256 MiB'
}

# bats test_tags=long
@test "300 MB in a sparse file is exit 3" {
	truncate -s 300000000 big.yaml
	split pxb render <big.yaml
	expect 3
	silent
	split pxb check big.yaml
	expect 3
}

@test "an endless input ends at the limit" {
	split bash -c 'yes "a: b" 2>/dev/null | "$1" render --max-size 3' _ "$bin"
	expect 3
	silent
}

@test "binary input is exit 3 for render, check and read" {
	head -c 20000 "$bin" >binary
	for words in 'render' 'check -' 'check --any -' read; do
		# shellcheck disable=SC2086
		split pxb $words <binary
		expect 3
		[ "$(wc -c <"$work/err")" -le 4096 ]
		refute grep -q "$(printf '\177')" "$work/err"
	done
}

@test "empty input is exit 3 for render and check, and no document for read" {
	split pxb render </dev/null
	expect 3
	silent
	split pxb check - </dev/null
	expect 3
	split pxb read </dev/null
	expect 0
	silent
}

# --- homes and states

@test "a home that is a file: no error" {
	touch home
	unset XDG_STATE_HOME
	HOME=$work/home split pxb render <"$(good)"
	expect 0
	cmp "$(good)" "$work/out"
	refute grep -qi 'state\|home' "$work/err"
}

@test "a state directory that cannot be made: no error" {
	XDG_STATE_HOME=/dev/null split pxb render <"$(good)"
	expect 0
	cmp "$(good)" "$work/out"
	XDG_STATE_HOME=/proc/none split pxb render <"$streams/fed-nosc.helm4.yaml"
	expect 1
	silent
}

@test "neither HOME nor XDG_STATE_HOME: no error" {
	unset HOME XDG_STATE_HOME
	split pxb render <"$(good)"
	expect 0
	cmp "$(good)" "$work/out"
}

@test "a relative XDG_STATE_HOME does not count" {
	XDG_STATE_HOME=relative split pxb render <"$(good)"
	expect 0
	[ ! -e relative ]
	[ -e "$HOME/.local/state/pxb-fed/last.json" ]
}

# --- a policy that cannot be read

@test "a missing policy file is exit 2 in every command that takes one, before stdin is read" {
	for words in render 'check -' 'policy show'; do
		# shellcheck disable=SC2086
		split pxb $words --policy "$work/none.yaml" <"$(good)"
		expect 2
		silent
		says "$work/none.yaml"
	done
	split pxb policy check "$work/none.yaml"
	expect 2
	PXB_FED_POLICY=$work/none.yaml split pxb render <"$(good)"
	expect 2
	silent
	says "$work/none.yaml"
}

@test "exit 2 does not wait for standard input" {
	mkfifo pipe
	# Opened for reading and writing: it never ends.
	split timeout 10 "$bin" render --policy "$work/none.yaml" <>pipe
	expect 2
	split timeout 10 "$bin" render --no-such-option <>pipe
	expect 2
}

@test "a directory, a link to nowhere and a file without permission are no policy: exit 2" {
	mkdir dir
	ln -s nowhere link
	for file in dir link; do
		split pxb render -p "$file" <"$(good)"
		expect 2
		silent
		says "$file"
	done
}

@test "an unreadable policy is exit 2" {
	[ "$(id -u)" != 0 ] || skip 'root reads everything'
	printf 'apiVersion: pxb-fed/v1\nkind: Policy\n' >p.yaml
	chmod 0 p.yaml
	split pxb render -p p.yaml <"$(good)"
	expect 2
	silent
	says 'Permission denied'
}

@test "an empty \$PXB_FED_POLICY counts as not set; ./pxb-fed.yaml is then the policy" {
	printf 'apiVersion: pxb-fed/v1\nkind: Policy\nnamespace: elsewhere\n' >pxb-fed.yaml
	PXB_FED_POLICY='' split pxb render <"$(good)"
	expect 1
	silent
	printf 'nonsense: true\n' >pxb-fed.yaml
	PXB_FED_POLICY='' split pxb render <"$(good)"
	expect 2
	silent
	says 'pxb-fed.yaml:1'
}

# --- helpers

@test "exit 5: HELM_BIN names no program" {
	HELM_BIN=$work/none split pxb post-renderer
	expect 5
	silent
	says "$work/none"
}

@test "exit 5: HELM_BIN fails, or is no Helm, or says too much" {
	HELM_BIN=/bin/false split pxb post-renderer
	expect 5
	silent
	HELM_BIN=/bin/echo split pxb post-renderer
	expect 5
	silent
	printf '#!/bin/sh\nexec yes v3.21.4\n' >endless
	chmod 755 endless
	HELM_BIN=$work/endless split pxb post-renderer
	expect 5
	silent
}

@test "post-renderer: Helm 3 gets the path of this program, Helm 4 the name of the plugin" {
	printf '#!/bin/sh\necho v3.21.4+g0000000\n' >helm
	chmod 755 helm
	HELM_BIN=$work/helm split pxb post-renderer
	expect 0
	[ "$(cat "$work/out")" = "$(realpath "$bin")" ]
	cat >helm <<-'SH'
		#!/bin/sh
		case $1 in
		version) echo v4.3.1 ;;
		plugin) printf 'NAME\tVERSION\npxb-fed-post-renderer\t0.1.0\n' ;;
		esac
	SH
	HELM_BIN=$work/helm split pxb post-renderer
	expect 0
	[ "$(cat "$work/out")" = pxb-fed-post-renderer ]
}

@test "post-renderer: Helm 4 without the plugin and without a plugin directory is exit 2, with the command to call" {
	printf '#!/bin/sh\n[ "$1" != version ] || echo v4.3.1\n' >helm
	chmod 755 helm
	mkdir -p alone/bin
	cp "$bin" alone/bin/pxb-fed
	HELM_BIN=$work/helm split alone/bin/pxb-fed post-renderer
	expect 2
	says 'helm pxb-fed post-renderer'
}

@test "post-renderer: Helm 4 without the plugin takes it from the folder that the program lies in" {
	printf '#!/bin/sh\n[ "$1" != version ] || echo v4.3.1\n[ "$2" != install ] || echo "$3" >%s/installed\n' "$work" >helm
	chmod 755 helm
	mkdir -p folder/bin folder/plugins/pxb-fed-post-renderer
	cp "$bin" folder/bin/pxb-fed
	HELM_BIN=$work/helm split folder/bin/pxb-fed post-renderer
	expect 0
	[ "$(cat "$work/out")" = pxb-fed-post-renderer ]
	[ "$(cat installed)" = "$(realpath folder)/plugins/pxb-fed-post-renderer" ]
}

@test "post-renderer: a plugin directory without the plugin is exit 5" {
	printf '#!/bin/sh\n[ "$1" != version ] || echo v4.3.1\n' >helm
	chmod 755 helm
	HELM_BIN=$work/helm HELM_PLUGIN_DIR=$work/none split pxb post-renderer
	expect 5
	says "$work/none"
}
