#!/usr/bin/env bats
# What people see, whole: the text reports of five everyday mistakes, each against tests/screens/NAME.txt. To write them anew
# after a change, and to read them: SCREENS=write bats tests/cli/screens.bats

load ../lib/cli

setup() { prepare; }

# screen NAME: the output without its duration is the stored one
screen() {
	sed -E 's/ \([0-9]+ ms\)$//' "$T/out" >"$T/screen"
	if [ "${SCREENS:-}" = write ]; then cp "$T/screen" "$root/tests/screens/$1.txt"; fi
	diff -u "$root/tests/screens/$1.txt" "$T/screen"
	awk 'length > 80 && !/--set/ { print "too wide: " $0; bad = 1 } END { exit bad }' "$T/screen"
}

@test "a mistyped key of the values file" {
	printf 'pxbackup:\n  enabled: true\n  federted: true\npersistentStorage: {enabled: true, storageClassName: px-csi-db}\n' >values.yaml
	cp "$streams/classic.template3.yaml" rendered.yaml
	pxb check --values values.yaml rendered.yaml
	exits 1
	screen mistyped-key
}

@test "telemetry, with the labels that the chart defines twice" {
	cp "$streams/fed-telemetry.template3.yaml" rendered.yaml
	pxb check rendered.yaml
	exits 0
	screen telemetry
}

@test "a proxy with a password" {
	python3 - "$streams/fed-default.template3.yaml" >rendered.yaml <<-'PY'
		import re, sys
		text = open(sys.argv[1]).read()
		address = "http://user:" + "hunter2" * 2 + "@proxy.example.com:3128"
		entry = lambda pad, name: "%s- name: %s\n%s  value: %s\n" % (pad, name, pad, address)
		print(re.sub(r"(?m)^( +)env:\n(?=\1 *- )", lambda m: m.group(0) + "".join(entry(re.match(r" *", text[m.end():]).group(0), n)
		      for n in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy")), text), end="")
	PY
	pxb check rendered.yaml
	exits 0
	screen proxy
}

@test "another namespace than the release's" {
	cp "$streams/fed-default.template3.yaml" rendered.yaml
	pxb check --release-namespace other rendered.yaml
	exits 1
	screen namespace
}

@test "no StorageClass" {
	cp "$streams/fed-nosc.template3.yaml" rendered.yaml
	pxb check rendered.yaml
	exits 1
	screen storage-class
}

@test "one cause in several files" {
	cp "$streams/classic.template3.yaml" one.yaml
	cp "$streams/classic.template3.yaml" two.yaml
	pxb check one.yaml two.yaml
	exits 1
	screen several-files
}
