#!/usr/bin/env bats
# What people see, whole: the text reports of everyday mistakes, each against tests/screens/NAME.txt. To write them anew
# after a change, and to read them: SCREENS=write bats tests/cli/screens.bats

load ../lib/cli

setup() { prepare; }

# screen NAME: the output without its duration is the stored one
screen() {
	sed -E 's/ \([0-9]+ ms\)$//' "$T/out" >"$T/screen"
	if [ "${SCREENS:-}" = write ]; then cp "$T/screen" "$root/tests/screens/$1.txt"; fi
	diff -u "$root/tests/screens/$1.txt" "$T/screen"
	awk 'length > 80 && !/--set/ && !/^pxb-fed: / { print "too wide: " $0; bad = 1 } END { exit bad }' "$T/screen"
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

@test "a cause with errors and warnings in several files: each file once" {
	sed 's/^  PX_BACKUP_FEDERATED : "true"$/  PX_BACKUP_FEDERATED : "false"\n&\n  EXTRA: "a"\n  EXTRA: "b"/' "$streams/fed-default.template3.yaml" >one.yaml
	cp one.yaml two.yaml
	pxb check one.yaml two.yaml
	exits 1
	[ "$(grep -A 2 ' places in several files:$' "$T/out" | tr -s ' \n' ' ')" = ' 4 places in several files: one.yaml: 2 places two.yaml: 2 places ' ]
}

@test "the faults of the vendor's chart are known under an alias too, and are the last block" {
	sed -e 's|^# Source: px-central/|# Source: platform/charts/backup/|' -e 's|helm.sh/chart: "*px-central-|helm.sh/chart: "backup-|' \
		"$streams/fed-telemetry.template3.yaml" >alias.yaml
	pxb check alias.yaml
	exits 0
	[ "$(sed -E 's/ \([0-9]+ ms\)$//' "$T/out")" = "$(cat "$root/tests/screens/telemetry.txt")" ]
	printf 'apiVersion: pxb-fed/v1\nkind: Policy\nexceptions:\n- {rule: plain-secret, object: ConfigMap/none, reason: agreed, expires: 2099-01-01}\n' >policy.yaml
	pxb check -v --policy policy.yaml alias.yaml
	grep -q '^note\[exception-expired\]' "$T/out"
	grep -E '^[a-z]+\[' "$T/out" | tail -n 1 | grep -qF 'note[duplicate-key]: key '
}

# bats test_tags=long
@test "the width of the terminal: 60 to 160 columns, and 80 where there is none" {
	cp "$streams/fed-nosc.template3.yaml" rendered.yaml
	seen=
	for pair in 40:60 72:72 120:120 400:160; do
		NO_COLOR=1 python3 "$root/tests/lib/terminal.py" "${pair%:*}" - "$PXB_FED_BIN" check rendered.yaml >"shown.${pair%:*}"
		widest=$(grep -v -e --set "shown.${pair%:*}" | python3 -c 'import sys; print(max(len(l.rstrip("\n")) for l in sys.stdin))')
		echo "${pair%:*} $widest"
		[ "$widest" -le "${pair#*:}" ]
		[ "$widest" -ge "${seen:-51}" ] # never narrower than on a narrower terminal
		seen=$widest
	done
	[ "$seen" -gt 100 ]
}

@test "the last line: wrapped on a narrow terminal, one line in a pipe; a terminal without colours gets none" {
	cp "$streams/fed-telemetry.template3.yaml" rendered.yaml
	other=("$PXB_FED_BIN" check --release-namespace other rendered.yaml)
	python3 "$root/tests/lib/terminal.py" 60 dumb "${other[@]}" >dumb
	lacks "$(printf '\033')" dumb
	tail -n 2 dumb | head -n 1 | grep -qE '^pxb-fed: refused: 1 cause \([0-9]+ errors\), 14 known chart$'
	tail -n 1 dumb | grep -qE '^    faults in 88 objects \([0-9]+ ms\)$'
	python3 "$root/tests/lib/terminal.py" 60 xterm "${other[@]}" >colours
	grep -q "$(printf '\033')" colours
	pxb check --release-namespace other rendered.yaml
	tail -n 1 "$T/out" | grep -qE '^pxb-fed: refused: 1 cause \([0-9]+ errors\), 14 known chart faults in 88 objects \([0-9]+ ms\)$'
}

@test "two findings at one place: the second adds its words, or nothing" {
	cp "$streams/fed-default.template3.yaml" whole.yaml
	pxb lock create -o pxb-fed.lock whole.yaml
	python3 - whole.yaml >less.yaml <<-'PY'
		import re, sys
		parts = re.split(r"(?m)^---$", open(sys.argv[1]).read())
		print("---".join(p for p in parts if not re.search(r"(?m)^kind: StatefulSet\n(?:.*\n)*?  name: pxcentral-keycloak", p)), end="")
	PY
	pxb check --lock pxb-fed.lock less.yaml
	exits 1
	[ "$(grep -c '^error\[' "$T/out")" = 1 ]
	grep -q '^  also: StatefulSet pxcentral-keycloak-postgresql' "$T/out"
	lacks ' more place' "$T/out"
	grep -q '^  fix: --set oidc.centralOIDC.enabled=true$' "$T/out"
	tail -n 1 "$T/out" | grep -q 'refused: 1 cause (4 errors)'
}

@test "the line of a values file behind a cause: no class, a login server that is switched off, a proxy, a login secret" {
	python3 - "$streams/fed-oidc.template3.yaml" >rendered.yaml <<-'PY'
		import re, sys
		parts = re.split(r"(?m)^---$", open(sys.argv[1]).read())
		text = "---".join(p for p in parts if not re.search(r"(?m)^kind: StatefulSet\n(?:.*\n)*?  name: pxcentral-keycloak", p))
		secret = "hunter2" * 3
		text = re.sub(r'(?m)^(  EXTERNAL_OIDC_CLIENT_SECRET: ).*', lambda m: m.group(1) + '"' + secret + '"', text)
		print(re.sub(r"(?m)^( *)storageClassName: .*\n", "", text), end="")
		open("values.yaml", "w").write("""persistentStorage:
		  enabled: true
		  storageClassName:
		oidc:
		  centralOIDC: {enabled: false}
		  externalOIDC:
		    enabled: true
		    clientSecret: %s
		""" % secret)
	PY
	pxb check --values values.yaml rendered.yaml
	exits 1
	lacks hunter "$T/out"
	screen stated-values
}

@test "values alone: one block for storage and class, one for both addresses of a proxy, and what was checked is counted" {
	python3 - >values.yaml <<-'PY'
		address = "http://user:" + "hunter2" * 2 + "@proxy.example.com:3128"
		print("pxbackup: {enabled: true, federated: true}\npersistentStorage:\n  enabled: false\nproxy:\n  http: %s\n  https: %s" % (address, address))
	PY
	pxb values check values.yaml
	exits 1
	lacks hunter "$T/out"
	screen values-alone
}

# bats test_tags=long
@test "no banned word in messages, help and docs" {
	python3 - "$root" <<-'PY'
		import glob, os, re, sys
		root, bad = sys.argv[1], []
		rows = [line.rstrip("\n").split("\t") for line in open(os.path.join(root, "tests/banned-words.txt")) if line.strip() and line[0] != "#"]
		assert len(rows) > 5 and all(len(row) == 3 for row in rows)
		bad += ["'%s' does not match '%s'" % (row[0], row[2]) for row in rows if not re.search(row[0], row[2], re.I)]
		places = ["src/**/*.c", "src/**/*.def", "src/**/*.h", "docs/**/*.md", "docs/*.1", "*.md"]
		files = sorted({f for p in places for f in glob.glob(os.path.join(root, p), recursive=True)})
		assert len(files) > 100
		for name in files:
		    for number, line in enumerate(open(name, encoding="utf-8"), 1):
		        bad += ["%s:%d: '%s': %s" % (os.path.relpath(name, root), number, m.group(0), instead)
		                for pattern, instead, _ in rows for m in re.finditer(pattern, line, re.I)]
		print("\n".join(bad))
		sys.exit(bool(bad))
	PY
}
