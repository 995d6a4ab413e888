#!/usr/bin/env bats
# Bad input: each kind is refused with the right exit code, names the place, leaves stdout empty, and shows no secret.
#
# Every stream here begins with 12 lines, one ConfigMap that holds a planted secret; what is bad begins in line 13.

load ../lib/helpers

setup() {
	prepare
	planted_secret
}

head_() {
	sed -n 1,10p "$mini"
	printf '  AWS_SECRET_ACCESS_KEY: "%s"\n  END: "1"\n' "$secret"
}
tail_() { sed -n '12,$p' "$mini"; }

# stream FORMAT: the good stream with this in the middle (\0 and the like as in printf)
stream() {
	head_
	printf '%b' "$1"
	tail_
}

object='apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: x\n  namespace: central\n'

# bad CODE MESSAGE [POSITION]: what standard input holds is refused so, whatever the way it is handed over
bad() { SECRET=$secret python3 "$root/tests/lib/bad_stream.py" "$bin" "$state" "$@"; }

@test "the fixture: compliant by itself, refused for the secret alone with exit 1" {
	split pxb render <"$mini"
	expect 0
	stream '' | bad 1 'cloud-credential' 'input line 11'
}

# --- nothing in it

@test "an empty stream" {
	: | bad 3 'the stream contains no object'
}

@test "only blanks, only line feeds, only separators" {
	for text in ' ' '\n\n\n' '---\n' '---\n---\n\n---\n' '   \n--- \n'; do
		printf '%b' "$text" | bad 3 'the stream contains no object'
	done
}

@test "only comments" {
	printf '# Source: px-central/templates/x.yaml\n---\n# nothing\n' | bad 3 'the stream contains no object'
}

@test "only null documents" {
	printf -- '---\nnull\n---\n~\n' | bad 3 'the stream contains no object'
}

# --- documents that are no objects

@test "a scalar as the stream" {
	printf 'hello\n' | bad 3 'a scalar, not an object' 'input line 1, column 1'
}

@test "a list as the stream" {
	printf -- '- a\n- b\n' | bad 3 'a list, not an object' 'input line 1, column 1'
}

@test "a scalar, a number, a boolean, a string as a document among others" {
	for text in hello 42 true '"apiVersion"' '|\n  text'; do
		stream "---\n$text\n" | bad 3 'a scalar, not an object' 'input line 14, column 1'
	done
}

@test "a list as a document among others" {
	stream '---\n- a\n- b\n' | bad 3 'a list, not an object' 'input line 14, column 1'
	stream '---\n[]\n' | bad 3 'a list, not an object' 'input line 14, column 1'
}

@test "an empty mapping" {
	stream '---\n{}\n' | bad 3 'error[stream]' 'input line 14'
}

@test "no kind, an empty kind, a kind that is no string" {
	stream '---\napiVersion: v1\nmetadata:\n  name: x\n' | bad 3 'kind' 'input line 14'
	stream '---\napiVersion: v1\nkind: ""\nmetadata:\n  name: x\n' | bad 3 'kind' 'input line 1'
	stream '---\napiVersion: v1\nkind: 5\nmetadata:\n  name: x\n' | bad 3 'kind' 'input line 1'
	stream '---\napiVersion: v1\nkind: [ConfigMap]\nmetadata:\n  name: x\n' | bad 3 'kind' 'input line 1'
}

@test "no apiVersion" {
	stream '---\nkind: ConfigMap\nmetadata:\n  name: x\n' | bad 3 'apiVersion' 'input line 14'
	stream '---\napiVersion: 1\nkind: ConfigMap\nmetadata:\n  name: x\n' | bad 3 'apiVersion' 'input line 1'
}

@test "no name, no metadata, metadata that is no mapping" {
	stream '---\napiVersion: v1\nkind: ConfigMap\nmetadata: {}\n' | bad 3 'name' 'input line 1'
	stream '---\napiVersion: v1\nkind: ConfigMap\n' | bad 3 'name' 'input line 1'
	stream '---\napiVersion: v1\nkind: ConfigMap\nmetadata: x\n' | bad 3 'metadata' 'input line 1'
	stream '---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: 5\n' | bad 3 'name' 'input line 1'
}

@test "two objects with one name" {
	stream "---\n$object---\n$object" | bad 3 'ConfigMap central/x appears twice' 'input line 21, column 7'
}

@test "two objects with one name: the kind's group decides, not its version" {
	stream '---\napiVersion: batch/v1\nkind: CronJob\nmetadata: {name: x, namespace: central}\n---\napiVersion: batch/v1beta1\nkind: CronJob\nmetadata: {name: x, namespace: central}\n' |
		bad 3 'appears twice' 'input line 19, column 7'
}

# --- separators, directives, tabs

@test "a tab in the indentation" {
	stream "---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n\tname: $secret\n" | bad 3 'not YAML' 'input line 17'
}

@test "---#x is no separator" {
	stream "---#$secret\n$object" | bad 3 "text after the document separator" 'input line 13, column'
}

@test "---x is no separator" {
	stream "---x$secret\n$object" | bad 3 "text after the document separator" 'input line 13, column'
}

@test "text after a separator: a mapping, a scalar, a tag" {
	for text in '{a: b}' 'text' '!!map' '|' '&a' '"x"'; do
		stream "--- $text\n$object" | bad 3 '' 'input line 13'
	done
}

@test "'...' and what follows it" {
	stream "...\n$object" | bad 3 'not YAML' 'input line 14, column 1'
	stream "---\n$object...\n$object" | bad 3 '' 'input line'
	stream "---\n$object... # end\n%YAML 1.1\n---\n$object" | bad 3 '' 'input line'
}

@test "directives, at the start and in the middle" {
	{
		printf '%%YAML 1.1\n'
		stream ''
	} | bad 3 '%' 'input line 1, column 1'
	stream "---\n%%YAML 1.2\n---\n$object" | bad 3 '%' 'input line 14, column 1'
	stream "---\n%%TAG ! tag:example.com,2000:\n---\n$object" | bad 3 '%' 'input line 14, column 1'
	stream "---\n%%FOO $secret\n---\n$object" | bad 3 '%' 'input line 14, column 1'
}

@test "half a mapping, an open bracket, an open quote" {
	stream "---\n${object}data: {a: $secret\n" | bad 3 'not YAML' 'input line'
	stream "---\n${object}data: [a, $secret\n" | bad 3 'not YAML' 'input line'
	stream "---\n${object}data: \"a $secret\n" | bad 3 'not YAML' 'input line'
	stream "---\n${object}  - $secret: [\n" | bad 3 'not YAML' 'input line'
}

# --- anchors and depth

@test "anchors across documents" {
	stream "---\napiVersion: v1\nkind: ConfigMap\nmetadata: &a\n  name: x\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: *a\n" |
		bad 3 'alias' 'input line 21, column 11'
}

@test "an anchor that contains itself" {
	stream "---\n${object}data: &a\n  x: *a\n" | bad 3 'contains itself' 'input line 20'
}

bomb() {
	python3 - "$1" "$2" <<-'PY'
		import sys
		wide, deep = int(sys.argv[1]), int(sys.argv[2])
		print('---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\na0: &a0 [' + ','.join(['x'] * wide) + ']')
		for i in range(1, deep):
		    print(f'a{i}: &a{i} [' + ','.join([f'*a{i - 1}'] * wide) + ']')
	PY
}

# bats test_tags=long
@test "alias bombs: wide, deep, and of mappings" {
	for row in '10 10' '2 60' '100 5' '9 30'; do
		# shellcheck disable=SC2086
		{
			head_
			bomb $row
			tail_
		} | bad 3 'alias' 'input line'
	done
	python3 - <<-'PY' | bad 3 '' 'input line'
		print('apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\na0: &a0 {k: x}')
		for i in range(1, 40):
		    print(f'a{i}: &a{i} {{<<: *a{i - 1}, l: *a{i - 1}, r: *a{i - 1}}}')
	PY
}

# bats test_tags=long
@test "100,000-deep nesting: brackets, braces, blocks, JSON, closed or not" {
	limit='nested deeper than the limit'
	python3 -c 'print("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\nd: " + "[" * 100000 + "]" * 100000)' | bad 3 "$limit" 'input line 4, column'
	python3 -c 'print("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\nd: " + "[" * 100000)' | bad 3 "$limit" 'input line 4, column'
	python3 -c 'print("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\nd: " + "{a: " * 100000 + "}" * 100000)' | bad 3 "$limit" 'input line 4, column'
	python3 -c 'print("{\"a\":" * 100000 + "1" + "}" * 100000)' | bad 3 "$limit" 'input line 1, column'
	python3 -c 'print("- " * 100000)' | bad 3 "$limit" 'input line 1, column'
	python3 -c 'print("\n".join(" " * i + "a:" for i in range(2000)))' | bad 3 "$limit" 'input line 257, column 257'
}

# --- bytes

@test "NUL, and other control characters" {
	stream "---\n# a\0000$secret\n$object" | bad 3 'a NUL byte' 'input line 14, column 4'
	for c in 1 7 10 33 177; do
		stream "---\n# a\\0$c\n$object" | bad 3 'a control character' 'input line 14, column 4'
	done
}

@test "invalid UTF-8: a lone byte, an overlong form, a surrogate, beyond Unicode, cut off" {
	for c in '\0377' '\0200' '\0300\0257' '\0340\0200\0257' '\0355\0240\0200' '\0364\0220\0200\0200' '\0303' '\0342\0202'; do
		stream "---\n# $secret a$c\n$object" | bad 3 'UTF-' 'input line 14, column'
	done
}

@test "UTF-16 and UTF-32, with a mark and without" {
	for c in UTF-16 UTF-16BE UTF-16LE UTF-32 UTF-32LE; do
		stream '' | iconv -f UTF-8 -t "$c" | bad 3 'error[stream]' 'input line 1, column'
	done
	stream '' | iconv -f UTF-8 -t UTF-16 | bad 3 'UTF-16' 'input line 1, column 1'
}

@test "a byte order mark in the middle: before a separator, before a key, in a comment" {
	stream "\0357\0273\0277---\n$object" | bad 3 'byte order mark' 'input line 13, column 1'
	stream "---\n\0357\0273\0277$object" | bad 3 'byte order mark' 'input line 14, column 1'
	stream "---\n# \0357\0273\0277\n$object" | bad 3 'byte order mark' 'input line 14, column 3'
}

@test "CRLF is read as the cluster reads it, and counted as one line" {
	sed 's/$/\r/' "$mini" >crlf.yaml
	split pxb render <crlf.yaml
	expect 0
	cmp crlf.yaml out
	stream '---\n- a\n' | sed 's/$/\r/' | bad 3 'a list, not an object' 'input line 14, column 1'
	stream '' | sed 's/$/\r/' | bad 1 'cloud-credential' 'input line 11'
}

@test "CR only" {
	stream '' | tr '\n' '\r' | bad 3 'carriage return' 'input line 1, column 4'
	stream "---\n${object}data:\n  a: b\rc: $secret\n" | bad 3 'carriage return' 'input line 20'
}

@test "NEL, LS, PS outside quotes" {
	for c in '\0302\0205' '\0342\0200\0250' '\0342\0200\0251'; do
		stream "---\n${object}data:\n  a: b${c}c\n" | bad 3 'some readers end the line here' 'input line 20, column'
	done
}

@test "binary" {
	head -c 10000 "$bin" | bad 3 'control character' 'input line 1, column 1'
	gzip -c "$mini" | bad 3 '' 'input line 1, column'
}

# bats test_tags=long
@test "300 MB" {
	split bash -c 'head -c 300000000 /dev/zero | tr "\0" "x" 2>/dev/null | "$1" render' _ "$bin"
	expect 3
	silent
	says 'larger than the limit of 256 MiB'
}

@test "one line of 5 MB" {
	{
		head_
		printf -- '---\n%b  annotations: {a: [' "$object"
		head -c 5000000 /dev/zero | tr '\0' x
		printf '\n'
		tail_
	} | bad 3 'not YAML' 'input line'
}

# --- JSON

@test "JSON that is none: a trailing comma, a comment, single quotes, two values in a line, cut off" {
	for text in '{"apiVersion": "v1",}' '{"apiVersion": "v1" // x\n}' "{'apiVersion': 'v1'" '{"a": 1} {"b": 2} {' '{"apiVersion": "v1"' '{"a": 01}' '{"a": "\\x"}'; do
		printf '%b\n' "$text" | bad 3 '' 'input line'
	done
}

@test "YAML that two readers understand differently" {
	stream "---\n${object}? [a]\n: b\n" | bad 3 '' 'input line 19'
	stream "---\n${object}~: b\n" | bad 3 '' 'input line 19'
	stream "---\n${object}a: &k b\n*k : c\n" | bad 3 '' 'input line 20'
}

# --- other charts

@test "a stream of another chart" {
	printf -- '---\n# Source: other/templates/x.yaml\n%b' "$object" | bad 3 'not a px-central release' 'input line'
}

@test "a Classic-only chart: it does not know the mode" {
	grep -v '^  PX_BACKUP_FEDERATED' "$mini" >classic.yaml
	bad 1 'this chart does not know Federated mode' 'input line 9' <classic.yaml
	prints '3.0.0'
}

# --- cut anywhere

@test "a stream cut anywhere is never a success, unless the cut leaves the whole" {
	size=$(wc -c <"$small")
	# With the policy of this fixture three documents are a whole installation, and the value is repaired.
	split pxb render -p "$small_policy" <"$small"
	expect 0
	pxb read out >documents
	# All that is missing may be blank, or what the repair puts there anyhow.
	python3 "$root/tests/lib/cuts.py" "$bin" "$small" 0 "$size" "$((size / 100))" --documents documents -- -q -p "$small_policy"
}

@test "a compliant stream cut in its last document, at each byte, is refused or the whole" {
	size=$(wc -c <"$mini")
	pxb read "$mini" >documents
	python3 "$root/tests/lib/cuts.py" "$bin" "$mini" "$((size - 59))" "$size" 1 --documents documents -- -q
}

@test "a full stream cut within a line at fifty places is never a success" {
	file=$streams/fed-default.template3.yaml
	size=$(wc -c <"$file")
	python3 "$root/tests/lib/cuts.py" "$bin" "$file" "$((size / 50))" "$size" "$((size / 50))" --within -- -q
}

@test "a stream without its beginning is never a success" {
	file=$streams/fed-default.template3.yaml
	size=$(wc -c <"$file")
	python3 "$root/tests/lib/cuts.py" "$bin" "$file" "$((size / 20))" "$size" "$((size / 20))" --tail -- -q
}
