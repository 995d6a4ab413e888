# What the command-line tests share. The program under test is $PXB_FED_BIN, or build/pxb-fed of this checkout.

root=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
bin=${PXB_FED_BIN:-build/pxb-fed}
[ "${bin#/}" != "$bin" ] || bin=$root/$bin
streams=$root/testdata/streams
mini=$root/tests/cases/base/mini.yaml # 12 objects, compliant, hooks visible; its first 11 lines are one ConfigMap
small=$root/tests/fault/stream.yaml   # three objects, Classic by mistake
small_policy=$root/tests/fault/policy.yaml
export LC_ALL=C.UTF-8

# A folder, a home and a policy of the test's own: neither the machine's nor a user's files decide a test.
prepare() {
	work=$BATS_TEST_TMPDIR/work
	mkdir -p "$work" "$BATS_TEST_TMPDIR/home"
	cd "$work" || return 1
	printf 'apiVersion: pxb-fed/v1\nkind: Policy\n' >"$BATS_TEST_TMPDIR/policy.yaml"
	export HOME=$BATS_TEST_TMPDIR/home XDG_STATE_HOME=$BATS_TEST_TMPDIR/state PXB_FED_POLICY=$BATS_TEST_TMPDIR/policy.yaml
	state=$XDG_STATE_HOME/pxb-fed/last.json
	unset PXB_FED_NO_STATE PXB_FED_REPORT NO_COLOR CLICOLOR_FORCE ARGOCD_APP_NAME
	unset HELM_PLUGIN_NAME HELM_PLUGIN_DIR HELM_BIN HELM_NAMESPACE HELM_DEBUG
}

# A deadline for all, so that a program that waits for ever is a failure (124) and not a hanging run.
pxb() { timeout -k 5 60 "$bin" "$@"; }

# split COMMAND...: like bats' run, but keeps stdout and stderr apart, in the files out and err, byte by byte
split() {
	status=0
	"$@" >"$work/out" 2>"$work/err" || status=$?
}

# expect CODE: the status of the last split
expect() {
	[ "$status" = "$1" ] || {
		echo "exit code $status, not $1; stderr was:"
		head -c 2000 "$work/err"
		return 1
	}
}

# bash does not stop at a failing "! command".
refute() {
	if "$@"; then return 1; fi
}

silent() { # nothing on stdout
	[ ! -s "$work/out" ] || {
		echo "stdout is not empty:"
		head -c 1000 "$work/out"
		return 1
	}
}

# rejected: refused or unreadable, whichever it is, with a message and nothing on stdout
rejected() {
	case $status in
	1 | 3) ;;
	*)
		echo "exit code $status, not 1 or 3; stderr was:"
		head -c 2000 "$work/err"
		return 1
		;;
	esac
	silent || return 1
	[ -s "$work/err" ] || { echo 'stderr is empty'; return 1; }
}

# flat FILE: a text as one line, however it was wrapped
flat() { tr -s ' \n' ' ' <"$1"; }

# says TEXT: stderr of the last split holds it, however it was wrapped
says() {
	flat "$work/err" | grep -qF -e "$1" || {
		echo "stderr does not say '$1':"
		head -c 2000 "$work/err"
		return 1
	}
}

# prints TEXT: stdout of the last split holds it
prints() {
	flat "$work/out" | grep -qF -e "$1" || {
		echo "stdout does not say '$1':"
		head -c 2000 "$work/out"
		return 1
	}
}

# A crash, a sanitizer's report or a confession of our own, as far as an exit code and a text can show them.
healthy() {
	[ "$status" -le 5 ] || {
		echo "exit code $status"
		return 1
	}
	refute grep -n -e 'Sanitizer' -e 'runtime error' -e 'internal error' "$work/err"
}

narrow() { # no line above 80 columns
	refute grep -nE '^.{81,}' "$1"
}

# block_scalar FILE: exactly one literal block scalar, as Helm 4 keeps it: two blanks of indentation, no tabs, no trailing
# blanks, no text outside.
block_scalar() {
	awk 'NR == 1 && $0 != "|" {bad = "does not begin with |"}
		NR == 2 && !/^  [^ ]/ {bad = "the first line is not indented by two blanks"}
		NR > 1 && /^./ && !/^  / {bad = "text outside of the scalar"}
		/[ \t]$/ {bad = "a blank at the end of a line"}
		{last = $0}
		END {if (NR < 2 || last == "") bad = "empty, or a blank line at the end"
			if (bad) {print bad; exit 1}}' "$1" || return 1
	[ -z "$(tail -c 1 "$1")" ] || { echo 'no line feed at the end'; return 1; }
	iconv -f UTF-8 -t UTF-8 "$1" >/dev/null || return 1
	# Control characters, and what lies beyond the Basic Multilingual Plane.
	refute grep -nP '[\x{1}-\x{8}\x{9}\x{b}-\x{1f}\x{7f}-\x{9f}]|[\x{10000}-\x{10ffff}]' "$1"
}

# json FILE [EXPRESSION]: it is JSON, and the Python expression about it (as d) holds
json() {
	python3 - "$1" "${2:-True}" <<'PY'
import json, sys
d = json.load(open(sys.argv[1], encoding='utf-8'))
if not eval(sys.argv[2]):
    sys.exit('not true: ' + sys.argv[2] + '\n' + json.dumps(d)[:1500])
PY
}

# A value in the shape of a secret key, made here so that no file holds it.
planted_secret() {
	[ -n "${secret:-}" ] || secret=$(printf 'planted %s' "$BATS_TEST_NAME" | openssl dgst -sha256 -binary 2>/dev/null | base64 | tr -d '=+/\n' | cut -c1-40)
	[ ${#secret} -ge 32 ] || secret=$(printf 'planted %s' "$BATS_TEST_NAME" | sha256sum | cut -c1-40)
}

# no_secret FILE...: not even eight characters of it in a row
no_secret() {
	local i
	for ((i = 0; i + 8 <= ${#secret}; i++)); do echo "${secret:i:8}"; done >"$BATS_TEST_TMPDIR/parts"
	if grep -qF -f "$BATS_TEST_TMPDIR/parts" "$@"; then
		echo "a part of the secret is shown: $*"
		return 1
	fi
}
