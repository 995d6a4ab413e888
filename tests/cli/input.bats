# Bad input: each kind gives its exit code, nothing on standard output, a position, and nothing of a secret.

load ../lib/cli
setup() { prepare; }

# bad TEXT FORMAT: what printf makes of FORMAT is refused with exit 3 and these words
bad() {
	# shellcheck disable=SC2059
	printf -- "$2" >in.yaml
	pxb render <in.yaml
	refused 3 "$1"
}

@test "empty" {
	pxb render </dev/null
	refused 3 stream
	pxb check </dev/null
	exits 3
	pxb check --any /dev/null
	exits 3
	pxb read </dev/null
	exits 0
	prints_nothing
}

@test "blank lines, comments, separators, nulls" {
	bad 'no object' '\n\n'
	bad 'no object' '# a\n---\n# b\n---\n'
	bad 'no object' '--- \n---\t\n'
	bad 'no object' 'null\n---\n~\n...\n'
}

@test "scalars and lists as documents" {
	bad 'line 1, column 1' 'hello\n'
	bad 'line 1, column 1' '- a\n- b\n'
	bad 'line 1, column 1' '"quoted"\n'
	bad 'line 1, column 1' '[]\n'
}

@test "no kind" {
	bad 'kind is missing' 'apiVersion: v1\nmetadata: {name: x}\n'
}

@test "two objects of one name" {
	cat "$mini" "$mini" >in.yaml
	pxb render <in.yaml
	refused 3 'twice'
}

@test "tabs" {
	bad 'line 4, column 1' 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n\tname: x\n'
	bad 'line' 'a:\n  - b\n\t- c\n'
}

@test "what may not stand behind a separator" {
	bad 'line 1, column 4' '---x\n'
	bad 'separator' '--- a: b\n'
	bad 'separator' '--- {a: b}\n'
	bad 'separator' '--- |\n a\n'
	bad 'separator' '---#x\na: b\n'
}

@test "text behind the end of a document" {
	bad 'line' 'apiVersion: v1\n...\nkind: ConfigMap\n'
	bad 'line' '{a: b}\nc: d\n'
	bad 'line' '{a: b} c\n'
}

@test "directives" {
	bad "line 1, column 1" '%%YAML 1.1\n---\na: b\n'
	bad "line 1, column 1" '%%TAG ! tag:example.com,2000:\n---\na: b\n'
	bad "line 2, column 1" 'a: "\n%%b"\n'
}

@test "anchors across documents, missing anchors, an anchor within itself" {
	bad 'anchor' 'a: &x b\n---\nc: *x\n'
	bad 'anchor' 'c: *x\n'
	bad 'anchor' 'c: &x [*x]\n'
}

@test "alias bombs: at once, in little memory" {
	{
		echo 'a0: &a0 [x, x, x, x, x, x, x, x, x, x]'
		for i in 1 2 3 4 5 6 7 8 9; do
			j=$((i - 1))
			echo "a$i: &a$i [*a$j, *a$j, *a$j, *a$j, *a$j, *a$j, *a$j, *a$j, *a$j, *a$j]"
		done
	} >in.yaml
	for command in render 'check -' read; do
		# The address space of AddressSanitizer is far larger than any memory: that build is not limited.
		# shellcheck disable=SC2086
		(
			if ! grep -q __asan_init "$PXB_FED_BIN"; then ulimit -v 2000000; fi
			pxb $command <in.yaml
			exits 3
		)
	done
}

@test "a merge bomb" {
	{
		echo 'm0: &m0 {k: v}'
		for i in $(seq 1 60); do echo "m$i: &m$i {<<: [*m$((i - 1)), *m$((i - 1))]}"; done
		sed 1d "$mini"
	} >in.yaml
	pxb render <in.yaml
	refused 3 'a merge key'
}

# bats test_tags=long
@test "100,000 levels deep" {
	python3 -c 'print("a: " + "[" * 100000)' >in.yaml
	pxb render <in.yaml
	refused 3 'line 1'
	python3 -c 'print("a: " + "{a: " * 100000)' >in.yaml
	pxb render <in.yaml
	refused 3 'line 1'
	python3 -c 'print("- " * 100000 + "x")' >in.yaml
	pxb render <in.yaml
	refused 3 'line 1'
	python3 -c 'print("{\"a\":" * 100000)' >in.yaml
	pxb render <in.yaml
	refused 3
	python3 -c 'print("\n".join(" " * i + "a:" for i in range(2000)))' >in.yaml
	pxb render <in.yaml
	refused 3 'deeper'
}

@test "NUL, invalid UTF-8, UTF-16, control characters" {
	bad 'line 2, column 3' 'a: b\nc:\0 d\n'
	bad 'line 2, column 4' 'a: b\nc: \xff\n'
	bad 'line 1, column 4' 'a: \xc3(\n'
	bad 'line 1, column 1' '\xff\xfea\0:\0 \0b\0'
	bad 'line 1, column 1' '\xfe\xff\0a\0:\0 \0b'
	bad 'line 1, column 4' 'a: \x1b[31m\n'
}

@test "a byte order mark in the middle" {
	bad 'byte order mark' 'a: b\n---\n\xef\xbb\xbfc: d\n'
	bad 'byte order mark' '\xef\xbb\xbf\xef\xbb\xbfa: b\n'
}

@test "a byte order mark at the start is no harm" {
	{ printf '\xef\xbb\xbf'; cat "$mini"; } >in.yaml
	pxb render <in.yaml
	exits 0
	same_as in.yaml
}

@test "CRLF is no harm, CR alone is refused" {
	sed 's/$/\r/' "$mini" >in.yaml
	pxb render <in.yaml
	exits 0
	same_as in.yaml
	tr '\n' '\r' <"$mini" >in.yaml
	pxb render <in.yaml
	refused 3 'carriage return'
}

@test "line ends that only some readers see" {
	bad 'NEL' 'a: b # \xc2\x85c: d\n'
	bad 'LS' 'a: b\xe2\x80\xa8\n'
	bad 'PS' 'a: |\n  b\xe2\x80\xa9\n'
}

@test "binary input" {
	head -c 100000 "$PXB_FED_BIN" >in.bin
	for command in render 'check -' read; do
		# shellcheck disable=SC2086
		pxb $command <in.bin
		exits 3
	done
	head -c 100000 /dev/urandom >in.bin
	pxb render <in.bin
	refused 3
	gzip -c "$mini" >in.bin
	pxb render <in.bin
	refused 3
}

@test "larger than --max-size" {
	{ cat "$mini"; yes '# nothing to see here' | head -n 100000; } >in.yaml
	pxb render --max-size 1 <in.yaml
	refused 3 '1 MiB'
	pxb render --max-size=3 <in.yaml
	exits 0
	same_as in.yaml
	pxb check --max-size 1 in.yaml
	exits 3
	pxb read --max-size 1 in.yaml
	refused 3 in.yaml
}

@test "300 MB in a pipe" {
	pxb render < <(head -c 314572800 /dev/zero)
	refused 3
}

# bats test_tags=long
@test "300 MB in a sparse file" {
	truncate -s 300M in.yaml
	pxb check in.yaml
	exits 3
	pxb render <in.yaml
	refused 3
}

@test "a number for --max-size is a number" {
	for n in 0 -1 x 1x '' 99999999999999999999; do
		pxb render "--max-size=$n" <"$mini"
		refused 2 --max-size
	done
}

@test "a stream of another chart" {
	bad 'not a px-central release' 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n'
}

@test "a Classic-only chart" {
	# Without a trace of the flag, and with the variables of the containers still there.
	sed '/PX_BACKUP_FEDERATED/d' "$mini_nohooks" >in.yaml
	pxb render <in.yaml
	refused 1 federated-unsupported
	grep -v 'PX_BACKUP_FEDERATED :' "$mini_nohooks" >in.yaml
	pxb render <in.yaml
	refused 1 federated-unsupported
}

@test "nothing of a secret on standard error, whatever is wrong around it" {
	secret=hunter2hunter2
	for text in "password: \"$secret\n" "password: $secret: x\n" "password: [$secret\n" "%$secret\na: b\n" "--- $secret\n" "$secret\n" \
		"a: *$secret\n" "a: !$secret x\n" "? $secret\n: [\n" "a: &$secret {\n" "$secret: {$secret: ]\n" "a: |$secret\n" "\t$secret\n" \
		"{\"a\": \"$secret\" \"b\"}\n" "a: \"\\\\q$secret\"\n"; do
		printf '%b' "${text//%/%}" >in.yaml
		for command in render 'check -' 'check --any -' read; do
			# shellcheck disable=SC2086
			pxb $command <in.yaml
			keeps_quiet_of "$secret"
		done
	done
	[ "$status" -eq 3 ]
}

@test "terminal escapes of a manifest do not reach the terminal" {
	sed '/APP_DEBUG/a\  "PX_BACKUP_FEDERATED": "\\e[31m\\u009b31m\\u202e"' "$mini" >in.yaml
	sed -i 's/^  name: pxcentral-mysql-pvc/  name: "a\\e[2Jb\\nc"/; s/^  namespace: central # //' in.yaml
	pxb render <in.yaml
	refused 1 federated-flag
	lacks_bytes '\x1b|\xc2\x9b|\xe2\x80\xae' "$T/err"
}

@test "many findings do not fill the screen" {
	python3 - "$mini" >in.yaml <<-'PY'
		import sys
		print(open(sys.argv[1]).read(), end="")
		for i in range(5000):
		    print(f"---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: c{i}, namespace: other}}\ndata: {{PX_BACKUP_FEDERATED: \"false\"}}")
	PY
	pxb render --patch never --policy "$PXB_FED_POLICY" <in.yaml
	exits 1
	prints_nothing
	is_short
}

@test "more equal keys than anybody writes" {
	python3 - "$mini" >in.yaml <<-'PY'
		import sys
		print(open(sys.argv[1]).read(), end="")
		print("---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: c, namespace: central}\ndata:")
		for i in range(30000):
		    print("  a: b")
	PY
	pxb render <in.yaml
	refused 3 ambiguous-yaml
}

@test "many losing flags" {
	python3 - "$mini" >in.yaml <<-'PY'
		import sys
		print(open(sys.argv[1]).read(), end="")
		for i in range(2000):
		    print(f"---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: c{i}, namespace: central}}\ndata: {{PX_BACKUP_FEDERATED: \"false\", PX_BACKUP_FEDERATED: \"true\"}}")
	PY
	pxb render <in.yaml
	refused 1 duplicate-key
}

@test "many addresses in one text" {
	python3 - "$mini" >in.yaml <<-'PY'
		import sys
		print(open(sys.argv[1]).read(), end="")
		print("---\napiVersion: v1\nkind: Service\nmetadata: {name: px-backup, namespace: central}")
		print("---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: c, namespace: central}\ndata:\n  a: \"" + "px-backup.other.svc " * 100000 + "\"")
	PY
	pxb render <in.yaml
	refused 1 namespace
}

@test "long keys, names and values do not flood the screen" {
	python3 - "$mini" >in.yaml <<-'PY'
		import sys
		print(open(sys.argv[1]).read(), end="")
		print("---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: " + "n" * 50000 + ", namespace: other}\ndata:\n  ? " + "k" * 50000 + "\n  : a\n  PX_BACKUP_FEDERATED: " + "v" * 50000)
	PY
	pxb render <in.yaml
	exits 1
	prints_nothing
	is_short
}

@test "cut anywhere: three documents" {
	sed -n '1,/^# Source: .*mongodb/p' "$mini" | sed '$d' | sed '$d' >three.yaml
	[ "$(grep -c '^---' three.yaml)" -eq 3 ]
	size=$(wc -c <three.yaml)
	python3 "$root/tests/lib/cuts.py" "$PXB_FED_BIN" three.yaml 0 "$((size + 1))" "$((size / 200))"
}

@test "cut anywhere: a whole release is refused unless only its last line end is gone" {
	size=$(wc -c <"$mini_nohooks")
	# Whole documents behind the last component may be missing, or the last one may have lost keys: nobody can tell.
	first_free=$(grep -b 'kind: Alertmanager' "$mini_nohooks" | cut -d: -f1)
	python3 "$root/tests/lib/cuts.py" "$PXB_FED_BIN" "$mini_nohooks" "$((size / 121))" "$size" "$((size / 121))" \
		--accept "$((first_free - 129))" -- --policy "$PXB_FED_POLICY"
}

# bats test_tags=long
@test "every byte of a small stream cut and dropped: never a crash" {
	head -n 14 "$mini" >small.yaml
	python3 - "$PXB_FED_BIN" small.yaml <<-'PY'
		import subprocess, sys
		data = open(sys.argv[2], "rb").read()
		for i in range(0, len(data), 3):
		    p = subprocess.run([sys.argv[1], "render"], input=data[:i] + data[i + 1:], capture_output=True, timeout=30)
		    assert p.returncode in (1, 3) and not p.stdout, (i, p.returncode, p.stderr)
	PY
}

# as_list: the mini release as one List, as a program that knows nothing of Helm writes it
as_list() {
	pxb read "$mini"
	python3 -c 'import json, sys; print(json.dumps({"apiVersion": "v1", "kind": "List", "items": [json.loads(l) for l in sys.stdin]}))' <"$T/out" >list.json
}

@test "one List of everything: the annotation of a check Job says what the chart meant" {
	as_list
	pxb render <list.json
	exits 0
	same_as list.json
	sed 's/"helm.sh\/hook": *"pre-install/"helm.sh\/hook": "post-delete/g' list.json >other.json
	differ list.json other.json
	pxb render <other.json
	refused 1 'does not run at pre-install'
}
