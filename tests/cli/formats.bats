# The forms of a report, each read by a reader of its own: as -o of check and explain, as --report of every gate command.

load ../lib/cli
load ../lib/reports
setup() { prepare; }

formats='text json sarif junit html github markdown'
made=$root/tests/lib/made_report.py

# A policy that finds errors in the smallest stream, one of them excepted.
strict() {
	policy 'storageClassName: other' 'telemetry: forbidden' 'exceptions:' \
		'- {rule: storage-class, object: PersistentVolumeClaim/pxcentral-mysql-pvc, reason: "kept <b>by</b> hand | 2", expires: 2999-12-31}'
}

# bats test_tags=long
@test "-o of check: every form, every outcome, the exit code stays" {
	classic
	printf 'a: [\n' >bad.yaml
	for f in $formats; do
		pxb check -o "$f" "$mini"
		exits 0
		report "$f" "$T/out"
		pxb check -o "$f" classic.yaml
		exits 1
		report "$f" "$T/out"
		pxb check -o "$f" bad.yaml
		exits 3
		report "$f" "$T/out"
		pxb check -o "$f" - <"$mini"
		exits 0
		report "$f" "$T/out"
	done
}

# bats test_tags=long
@test "--report of render: every form at once, of every verdict" {
	classic
	printf 'a: [\n' >bad.yaml
	reports=
	for f in $formats; do reports="$reports --report $f=r.$f"; done
	for run in "0 $mini" '0 classic.yaml' '1 classic.yaml --patch never' '3 bad.yaml'; do
		# shellcheck disable=SC2086  # words without blanks
		set -- $run
		code=$1 in=$2
		shift 2
		rm -f r.*
		# shellcheck disable=SC2086
		pxb render "$@" $reports <"$in"
		exits "$code"
		for f in $formats; do report "$f" "r.$f"; done
	done
	junit r.junit '"failure" in t["stream"] and t["federated-flag"] == ["skipped"]'
}

@test "PXB_FED_REPORT takes every form" {
	for f in $formats; do
		PXB_FED_REPORT=$f=r.$f pxb render <"$mini"
		exits 0
		report "$f" "r.$f"
	done
}

@test "-o FORM and --report FORM=FILE are the same bytes, and so is a second run" {
	classic
	for f in json sarif junit html github markdown; do
		pxb check -o "$f" --report "$f=a" classic.yaml
		same_as a
		pxb check -o "$f" classic.yaml
		same_as a
	done
}

@test "explain --last -o FORM is what --report FORM wrote" {
	strict
	classic
	for in in "$mini" classic.yaml; do
		for f in json sarif junit html github markdown; do
			pxb render -v --report "$f=r" <"$in"
			pxb explain --last -o "$f"
			exits 0
			same_as r
		done
	done
	pxb explain -o sarif federated-flag
	refused 2 --last
	pxb explain --last -o pdf
	refused 2 'sarif'
}

@test "explain --last of a report made by an earlier version" {
	pxb render <"$mini"
	python3 - "$HOME/.local/state/pxb-fed/last.json" <<-'PY'
		import json, sys
		r = json.load(open(sys.argv[1]))
		for key in "rules", "failOn", "unread", "exitCode":
		    del r[key]
		for f in r["findings"]:
		    del f["endColumn"]
		json.dump(r, open(sys.argv[1], "w"))
	PY
	for f in $formats; do
		pxb explain --last -o "$f"
		exits 0
		report "$f" "$T/out"
	done
}

@test "json: every member is in the schema, and every one that it requires is there" {
	strict
	classic
	printf 'a: [\n' >bad.yaml
	pxb render --report json=patched.json <classic.yaml
	for in in "$mini" classic.yaml bad.yaml; do
		pxb check -o json "$in"
		cp "$T/out" "$(basename "$in").json"
	done
	policy
	pxb render --report json=patched.json <classic.yaml
	exits 0
	python3 - "$root/docs/report.schema.json" ./*.json <<-'PY'
		import json, sys
		schema = json.load(open(sys.argv[1]))
		def walk(s, d, at):
		    if "$ref" in s:
		        s = schema["$defs"][s["$ref"].rsplit("/", 1)[1]]
		    if "enum" in s:
		        assert d in s["enum"], (at, d)
		    if isinstance(d, dict):
		        assert set(d) <= set(s["properties"]), (at, set(d) - set(s["properties"]))
		        assert set(s.get("required", ())) <= set(d), (at, set(s["required"]) - set(d))
		        for k in d:
		            walk(s["properties"][k], d[k], at + "/" + k)
		    elif isinstance(d, list):
		        assert "array" in s["type"], at
		        for x in d:
		            walk(s["items"], x, at + "/*")
		for name in sys.argv[2:]:
		    walk(schema, json.load(open(name)), name)
	PY
}

@test "no form goes to standard output beside what the command prints" {
	for f in $formats; do
		for to in - /dev/stdout /dev/fd/1; do
			pxb render --report "$f=$to" <"$mini"
			refused 2 stdout
			pxb check --report "$f=$to" "$mini"
			refused 2 stdout
		done
	done
	ln -s /proc/self/fd/2 errors
	pxb render -q --report junit=errors <"$mini"
	exits 0
	same_as "$mini"
	report junit "$T/err"
}

@test "-q silences the text of a compliant run, never a form that was asked for" {
	pxb check -q "$mini"
	exits 0
	prints_nothing
	for f in json sarif junit html github markdown; do
		pxb check -q -o "$f" "$mini"
		exits 0
		report "$f" "$T/out"
	done
}

@test "--diff stands before the text and spoils no other form" {
	classic
	pxb check --diff classic.yaml
	prints '@@'
	for f in json sarif junit html github markdown; do
		pxb check --diff -o "$f" classic.yaml
		exits 1
		report "$f" "$T/out"
		keeps_quiet_of '@@'
	done
}

# bats test_tags=long
@test "an input that cannot be read is in every form" {
	{ cat "$mini"; yes '# filler' | head -c 2097152; } >big.yaml
	for f in $formats; do
		pxb check --max-size 1 -o "$f" "$mini" big.yaml
		exits 3
		report "$f" "$T/out"
		says big.yaml
		case $f in text) prints '1 input not read' ;; *) prints big.yaml ;; esac
	done
	pxb check --max-size 1 -o json "$mini" big.yaml
	json "$T/out" 'r["verdict"] == "unreadable" and len(r["unread"]) == 1 and r["exitCode"] == 3'
	pxb check --max-size 1 -o junit "$mini" big.yaml
	junit "$T/out" '"error" in t["unread input 1"] and t["federated-flag"] == []'
	pxb check --max-size 1 -o sarif "$mini" big.yaml
	json "$T/out" 'r["runs"][0]["invocations"][0]["executionSuccessful"] is False'
}

@test "several inputs: every form names each" {
	classic
	cp classic.yaml 'second one.yaml'
	for f in $formats; do
		pxb check -o "$f" classic.yaml 'second one.yaml'
		exits 1
		case $f in sarif) prints second%20one.yaml ;; *) prints 'second one.yaml' ;; esac
		prints classic.yaml
	done
}

@test "junit: one case for each rule, always the same ones" {
	rules=$("$PXB_FED_BIN" explain | sed -n 's/^\([a-z][a-z-]*\) (.*/\1/p')
	pxb check -o junit "$mini"
	junit "$T/out" 'all(x in ([], ["skipped"]) for x in t.values()) and t["federated-flag"] == t["telemetry"] == [] and t["image-registry"] == t["values"] == ["skipped"] and len(t) == '"$(echo "$rules" | grep -c .)"
	# A rule that has nothing to hold the release against is not kept: it was not asked.
	policy 'registry: {host: docker.io}'
	printf 'pxbackup: {federated: true}\n' >values.yaml
	pxb check --values values.yaml -o junit "$mini"
	junit "$T/out" 't["values"] != ["skipped"] and t["image-registry"] != ["skipped"]'
	strict
	classic
	pxb check -o junit classic.yaml
	junit "$T/out" 't["federated-flag"] == ["failure"] and t["storage-class"] == ["failure", "system-out"] and t["stream"] == []'
	pxb check --any -o junit classic.yaml
	junit "$T/out" 't["federated-flag"] == ["skipped"] and t["stream"] == []'
}

@test "junit: a rule whose findings are all excepted is skipped" {
	policy 'exceptions:' '- {rule: plain-secret, object: ConfigMap/pxcentral-ui-configmap, reason: "kept", expires: 2999-12-31}'
	sed 's/^  APP_DEBUG: .*/&\n  EXTERNAL_OIDC_CLIENT_SECRET: "hunter2hunter2"/' "$mini" >in.yaml
	pxb check -o junit in.yaml
	exits 0
	prints 'excepted until 2999-12-31: kept'
	junit "$T/out" 't["plain-secret"] == ["skipped", "system-out"]'
}

@test "junit: with --fail-on warning a warning is a failure" {
	printf 'a: 1\nkind: ConfigMap\napiVersion: v1\nmetadata: {name: x}\ndata: {k: "1", k: "1"}\n' >in.yaml
	pxb check --any -o junit in.yaml
	exits 0
	junit "$T/out" 't["duplicate-key"] == ["system-out"]'
	pxb check --any --fail-on warning -o junit in.yaml
	exits 1
	junit "$T/out" 't["duplicate-key"] == ["failure"]'
	pxb check --any --fail-on warning -o json in.yaml
	json "$T/out" 'r["failOn"] == "warning"'
}

@test "sarif: exceptions are suppressions, fingerprints stay while lines move" {
	strict
	pxb check -o sarif "$mini"
	cp "$T/out" a.sarif
	json a.sarif 'all("suppressions" in x for x in r["runs"][0]["results"]) and [x["suppressions"][0]["justification"] for x in r["runs"][0]["results"] if x["suppressions"]] == ["kept <b>by</b> hand | 2 (until 2999-12-31)"]'
	{ printf '# one more line\n'; cat "$mini"; } >moved.yaml
	pxb check -o sarif moved.yaml
	cp "$T/out" b.sarif
	python3 - <<-'PY'
		import json
		a, b = (json.load(open(n))["runs"][0]["results"] for n in ("a.sarif", "b.sarif"))
		key = lambda x: sorted(x["partialFingerprints"].items())
		line = lambda x: x["locations"][0]["physicalLocation"]["region"]["startLine"]
		assert a and [key(x) for x in a] == [key(x) for x in b] and [line(x) + 1 for x in a] == [line(x) for x in b]
	PY
}

@test "columns count characters, a byte order mark is none" {
	printf '\357\273\277apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\ndata:\n  "\303\244\342\202\254\360\237\230\200": 1\n  a: 1\n  a: 2\n' >in.yaml
	printf '\357\273\277{ "\303\244\342\202\254": 1, "\303\244\342\202\254": 1 }\n' >first.yaml
	pxb check --any -o json in.yaml first.yaml
	json "$T/out" '[(f["line"], f["column"], f["endColumn"]) for f in r["findings"] if f["rule"] == "duplicate-key" and f["input"] == "in.yaml"] in ([(7, 3, 4)], [(6, 3, 4)], [(7, 6, 7)], [(6, 6, 7)])'
	printf '\357\273\277a: [\n' >bom.yaml
	printf 'a: [\n' >plain.yaml
	pxb check -o json bom.yaml
	cp "$T/out" bom.json
	pxb check -o json plain.yaml
	python3 - "$T/out" bom.json <<-'PY'
		import json, sys
		a, b = ([(f["line"], f["column"]) for f in json.load(open(n))["findings"]] for n in sys.argv[1:])
		assert a == b and a, (a, b)
	PY
}

@test "github: commands, and nothing that a text could make one" {
	strict
	classic
	pxb check -o github classic.yaml
	exits 1
	grep -q '^::error file=classic.yaml,line=10,col=25,endLine=10,endColumn=31,title=federated-flag::PX_BACKUP_FEDERATED is "false"' "$T/out"
	refute grep -vE '^(::(error|warning|notice) [^:]*::|pxb-fed: refused: )' "$T/out"
	pxb check -o github - <classic.yaml
	grep -q '^::error title=federated-flag::' "$T/out"
	# What excepts is no annotation.
	keeps_quiet_of 'kept <b>'
}

@test "github: one annotation for each cause" {
	policy 'registry: {host: registry.example.com, pullSecret: x}' 'storageClassName: other'
	pxb check -o json "$streams/fed-default.helm4.yaml"
	causes=$(python3 -c 'import json, sys; print(sum(c["severity"] == "error" for c in json.load(open(sys.argv[1]))["causes"]))' "$T/out")
	[ "$causes" -gt 1 ]
	pxb check -o github "$streams/fed-default.helm4.yaml"
	[ "$(grep -c '^::error ' "$T/out")" -eq "$causes" ]
	grep -q '%0Aalso: .*%0A      and [0-9]* more places%0Afix: ' "$T/out"
}

@test "markdown: what GitHub makes of it" {
	strict
	classic
	pxb check -o markdown classic.yaml
	rendered "$T/out" '"<h3>pxb-fed: refused</h3>" in h and "<code class=\"language-sh\">--set pxbackup.federated=true" in h and "federated-flag: " in h'
	rendered "$T/out" '"<b>by</b>" not in h and "kept &lt;b&gt;by&lt;/b&gt; hand" in h'
	rendered "$T/out" 'h.count("<details") == h.count("</details>") > 1'
}

# bats test_tags=long
@test "hostile texts: every form stays what it is" {
	mkdir -p "$HOME/.local/state/pxb-fed"
	python3 "$made" hostile >"$HOME/.local/state/pxb-fed/last.json"
	for f in $formats; do
		pxb explain --last -o "$f"
		exits 0
		report "$f" "$T/out"
		cp "$T/out" "r.$f"
	done
	# Commands of the log: ours, and only at the beginning of a line.
	refute grep -nvE '^(::(error|warning|notice) |pxb-fed: )' r.github
	refute grep -n "$(printf '\r')" r.github r.junit r.html r.markdown r.text
	# No link, picture or mention, and no markup but ours.
	rendered r.markdown '{t.lower() for t in re.findall(r"<(/?[A-Za-z0-9]+)", h)} <= set("h3 /h3 p /p ul /ul li /li pre /pre code /code table /table thead /thead tbody /tbody tr /tr th /th td /td details /details summary /summary b /b strong /strong".split())'
	rendered r.markdown 'not re.search(r"[@#]\w", html.unescape(re.sub(r"(?s)<code.*?</code>", "", h)))'
	refute grep -qP '[\x{1}-\x{8}\x{b}\x{c}\x{e}-\x{1f}\x{7f}]' r.junit
	junit r.junit '"failure" in t["namespace"]'
}

# bats test_tags=long
@test "ten thousand findings: every form has an end" {
	mkdir -p "$HOME/.local/state/pxb-fed"
	python3 "$made" many >"$HOME/.local/state/pxb-fed/last.json"
	for f in $formats; do
		pxb explain --last -o "$f"
		exits 0
		report "$f" "$T/out"
		cp "$T/out" "r.$f"
	done
	json r.json 'len(r["findings"]) == 10000'
	json r.sarif 'len(r["runs"][0]["results"]) == 10000'
	[ "$(wc -c <r.markdown)" -le 65536 ]
	grep -q 'of 10000 causes are shown here' r.markdown
	[ "$(grep -c '^::' r.github)" -le 32 ]
	[ "$(wc -l <r.github)" -ge 10000 ]
	[ "$(wc -c <r.html)" -le 4194304 ]
	grep -q 'The first 2000 of 10000' r.html
	[ "$(wc -c <r.junit)" -le 4194304 ]
}

# Credentials in many places and wrappings, made here so that no file holds them; the parts are six bytes of each in a row.
@test "no six bytes of a credential are in any form" {
	PYTHONPATH=$root/tests/credentials python3 - "$mini" <<-'PY'
		import base64, random, sys
		from makers import ALNUM, B64, Maker, UPPER
		m = Maker(random.Random(7))
		key, token, word = m.run(B64, 40), m.run(ALNUM, 40), m.run(ALNUM, 24)
		account = m.run(B64, 86) + "=="
		def b64(s): return base64.b64encode(s.encode()).decode()
		text = open(sys.argv[1]).read()
		text += "".join([
		    "---\napiVersion: v1\nkind: Secret\nmetadata: {name: cloud, namespace: central}\ndata:\n  aws_secret_access_key: %s\n  inner: %s\n" % (b64(key), b64("AWS_SECRET_ACCESS_KEY=" + key)),
		    "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: plain, namespace: elsewhere}\ndata:\n  AWS_SECRET_ACCESS_KEY: \"%s\"\n" % key,
		    "  conf: |\n    [default]\n    aws_secret_access_key = %s\n    AccountKey=%s\n" % (key, account),
		    "  PROXY: http://user:%s@proxy.example.com\n  PX_BACKUP_FEDERATED: %s\n  %s: x\n" % (word, token, token),
		    "---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: other\n  namespace: %s\n  annotations: {note: \"secret_access_key: %s\"}\n" % (token.lower(), key),
		    "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: server, namespace: central}\nspec:\n  template:\n    spec:\n      containers:\n      - name: c\n        image: \"registry.example.com/c:1\"\n        args: [\"--secret-access-key=%s\"]\n        env:\n        - {name: AZURE_STORAGE_KEY, value: \"%s\"}\n        - {name: DB_PASSWORD, value: \"%s\"}\n" % (key, account, word)])
		open("in.yaml", "w").write(text)
		parts = set()
		for secret in key, account, b64(key), word:
		    parts |= {secret[i:i + 6] for i in range(len(secret) - 5)}
		open("parts", "w").write("\n".join(sorted(parts)) + "\n")
	PY
	policy 'registry: {host: other.example.com, pullSecret: x}'
	reports=
	for f in $formats; do reports="$reports --report $f=r.$f"; done
	# shellcheck disable=SC2086
	pxb check -v $reports in.yaml
	exits 1
	grep -q '"cloud-credential"' r.json
	for f in $formats; do
		refute grep -F -o -f parts "r.$f"
	done
	# shellcheck disable=SC2086
	pxb render -v $reports <in.yaml
	exits 1
	refute grep -F -l -f parts r.* "$T/err" "$T/out" "$HOME/.local/state/pxb-fed/last.json"
	for f in $formats; do
		pxb explain --last -o "$f"
		refute grep -F -q -f parts "$T/out"
	done
}
