# What a run leaves behind: reports, the last report, colours, and the block scalar for Helm 4.

load ../lib/cli
setup() { prepare; }

# A manifest with every severity at once.
mixed() {
	sed -e 's/storageClassName: px-csi-db$/storageClassName: px-csi-db/; s/APP_DEBUG: .*/DB_PASSWORD: hunter2hunter2/' "$mini" >mixed.yaml
	printf -- '---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: nons}\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: other, namespace: other}\n' >>mixed.yaml
}

@test "--report json is valid and says what the run came to" {
	pxb render --report json=r.json <"$mini"
	exits 0
	same_as "$mini"
	json r.json 'r["schema"] == 2 and r["verdict"] == "compliant" and r["stream"]["hooks"] == "visible" and r["stream"]["objects"] == 12 and r["edits"] == []'
	classic
	pxb render --report=json=r.json <classic.yaml
	exits 0
	json r.json 'r["verdict"] == "patched" and len(r["edits"]) == 1 and r["edits"][0]["operation"] == "set" and r["edits"][0]["line"] == 10 and r["findings"][0]["patched"]'
	pxb render --patch never --report json=r.json <classic.yaml
	exits 1
	json r.json 'r["verdict"] == "refused" and r["edits"] == [] and not r["findings"][0]["patched"] and r["findings"][0]["fix"] == ["--set pxbackup.federated=true"]'
	printf 'a: [\n' >bad.yaml
	pxb render --report json=r.json <bad.yaml
	exits 3
	json r.json 'r["verdict"] == "unreadable" and r["findings"][0]["line"] == 2'
}

# bats test_tags=long
@test "which installation a report is about: JSON, HTML and Markdown; other objects are none" {
	cp "$streams/fed-default.template3.yaml" a.yaml
	pxb check --report json=r.json --report html=r.html --report markdown=r.md a.yaml
	json r.json 'r["installation"]["release"] == "px-central" and r["installation"]["namespace"] == "central"'
	json r.json 'r["installation"]["chart"] == "px-central" and r["installation"]["chartVersion"] == "3.0.0"'
	json r.json 'r["installation"]["mode"] == "federated" and r["installation"]["storageClassName"] == "px-csi-db" and r["installation"]["claims"] > 3'
	json r.json 'len(r["installation"]["date"]) == 10 and r["installation"]["policy"].endswith(".yaml")'
	grep -q '<dt>Namespace</dt><dd>central</dd>' r.html
	grep -q '<dt>Chart</dt><dd>px-central 3.0.0</dd>' r.html
	lacks '<dt>Bytes' r.html
	grep -q '^Release `px-central`, namespace `central`, chart `px-central 3.0.0`, mode `federated`' r.md
	pxb render <a.yaml
	pxb explain --last -o markdown
	grep -q '^Release `px-central`, namespace `central`' "$T/out"
	pxb check --any --report json=r.json "$mini"
	json r.json '"installation" not in r'
	pxb render --report json=r.json <"$streams/classic.template3.yaml"
	json r.json 'r["verdict"] != "patched" or r["installation"]["mode"] == "federated, repaired"'
}

@test "every finding has the members of the contract" {
	mixed
	pxb render --report json=r.json <mixed.yaml
	exits 1
	json r.json 'all(set(f) >= {"rule", "severity", "patched", "patchable", "excepted", "object", "source", "path", "line", "column", "message", "found", "expected", "fix", "fingerprint"} for f in r["findings"])'
	json r.json 'all(f["fix"] for f in r["findings"] if f["severity"] == "error") and {f["severity"] for f in r["findings"]} == {"error", "warning", "note"}'
	json r.json 'len({f["fingerprint"] for f in r["findings"]}) == len(r["findings"])'
	json r.json '[("error", "warning", "note").index(f["severity"]) for f in r["findings"]] == sorted(("error", "warning", "note").index(f["severity"]) for f in r["findings"])'
	lacks hunter2hunter2 r.json
}

@test "a fingerprint stays while lines move" {
	mixed
	pxb render --report json=a.json <mixed.yaml
	{ printf '# one more line\n# and one\n'; cat mixed.yaml; } >moved.yaml
	pxb render --report json=b.json <moved.yaml
	python3 - <<-'PY'
		import json
		a, b = (json.load(open(n))["findings"] for n in ("a.json", "b.json"))
		assert [f["fingerprint"] for f in a] == [f["fingerprint"] for f in b]
		assert [f["line"] + 2 for f in a] == [f["line"] for f in b]
	PY
}

@test "several reports at once, text among them" {
	mixed
	pxb render --report json=a.json --report text=a.txt --report json=b.json <mixed.yaml
	exits 1
	cmp a.json b.json
	grep -q 'error\[namespace\]' a.txt
}

@test "PXB_FED_REPORT writes one as well" {
	PXB_FED_REPORT=json=env.json pxb render --report json=opt.json <"$mini"
	exits 0
	json env.json 'r["verdict"] == "compliant"'
	json opt.json 'r["verdict"] == "compliant"'
	PXB_FED_REPORT=nonsense pxb render <"$mini"
	refused 2 PXB_FED_REPORT
}

@test "a report replaces the old one as a whole and leaves nothing beside it" {
	mkdir d
	echo old >d/r.json
	chmod 600 d/r.json
	ln d/r.json hardlink
	pxb render --report json=d/r.json <"$mini"
	exits 0
	[ "$(cat hardlink)" = old ]
	[ "$(ls -A d)" = r.json ]
	json d/r.json 'r["verdict"] == "compliant"'
}

@test "a report through a link goes where the link points, and the link stays" {
	echo old >target.json
	ln -s target.json link.json
	pxb render --report json=link.json <"$mini"
	exits 0
	[ -L link.json ]
	json target.json 'r["verdict"] == "compliant"'
}

@test "a report to a descriptor by its name: the name stays what it is" {
	# What /dev/stderr is on most machines; never tried with the real one, which a wrong program would replace.
	ln -s /proc/self/fd/2 errors
	pxb render --report json=errors -q <"$mini"
	[ -L errors ]
	exits 0
	same_as "$mini"
	json "$T/err" 'r["verdict"] == "compliant"'
}

@test "a report to /dev/null and to a pipe" {
	pxb render --report json=/dev/null <"$mini"
	exits 0
	[ -c /dev/null ]
	mkfifo pipe
	cat pipe >got.json &
	pxb render --report json=pipe <"$mini"
	wait
	exits 0
	json got.json 'r["verdict"] == "compliant"'
}

@test "two equal runs give equal reports" {
	mixed
	pxb render --report json=a.json <mixed.yaml
	pxb render --report json=b.json <mixed.yaml
	cmp a.json b.json
}

@test "the last run is kept for 'explain --last', for its owner only" {
	classic
	pxb render --patch never <classic.yaml
	exits 1
	last=$HOME/.local/state/pxb-fed/last.json
	[ "$(stat -c %a "$last")" = 600 ]
	json "$last" 'r["verdict"] == "refused"'
	pxb explain --last
	exits 0
	prints federated-flag
	prints 'pxbackup.federated=true'
	pxb explain --last federated-flag
	refused 2 --last
}

@test "XDG_STATE_HOME is where it goes" {
	export XDG_STATE_HOME=$T/state
	pxb render <"$mini"
	[ -f "$T/state/pxb-fed/last.json" ]
	[ ! -e "$HOME/.local" ]
	XDG_STATE_HOME=relative pxb render <"$mini"
	[ ! -e relative ]
	[ -f "$HOME/.local/state/pxb-fed/last.json" ]
}

@test "PXB_FED_NO_STATE keeps nothing" {
	PXB_FED_NO_STATE=1 pxb render <"$mini"
	exits 0
	[ ! -e "$HOME/.local" ]
}

@test "a home that cannot be written is no error" {
	: >"$T/nohome"
	HOME=$T/nohome pxb render <"$mini"
	exits 0
	same_as "$mini"
	HOME=/proc/nowhere pxb render <"$mini"
	exits 0
	same_as "$mini"
	HOME='' pxb render <"$mini"
	exits 0
	env -u HOME "$PXB_FED_BIN" render <"$mini" >out 2>err
	cmp out "$mini"
	if [ "$(id -u)" -ne 0 ]; then
		mkdir "$T/readonly"
		chmod 500 "$T/readonly"
		HOME=$T/readonly pxb render <"$mini"
		exits 0
		same_as "$mini"
	fi
}

@test "no run yet, and a damaged report" {
	pxb explain --last
	refused 2 'no report'
	mkdir -p "$HOME/.local/state/pxb-fed"
	for text in '' '{' '[]' '{"schema": 2}' '{"schema": 1}' 'null' '{"schema": 2, "findings": [{"rule": 1}]}'; do
		printf '%s' "$text" >"$HOME/.local/state/pxb-fed/last.json"
		pxb explain --last
		refused 2
	done
	mkfifo fifo
	rm "$HOME/.local/state/pxb-fed/last.json"
	mv fifo "$HOME/.local/state/pxb-fed/last.json"
	pxb explain --last
	refused 2
}

@test "a report of an earlier build is named as one" {
	mkdir -p "$HOME/.local/state/pxb-fed"
	printf '{"schema": 1}' >"$HOME/.local/state/pxb-fed/last.json"
	pxb explain --last
	refused 2 'written by an earlier build'
}

@test "a run that ends early leaves no older report behind for its own" {
	pxb render <"$mini"
	exits 0
	# Too large, an unreadable policy, a full disk: none of these is 'compliant'.
	{ cat "$mini"; yes '# filler' | head -c 2097152; } >big.yaml
	pxb render --max-size 1 <big.yaml
	exits 3
	pxb explain --last
	lacks compliant "$T/out"
}

@test "state that cannot be replaced does not show the run before" {
	pxb render <"$mini"
	classic
	pxb render --patch never <classic.yaml
	pxb explain --last
	exits 0
	prints refused
}

@test "colour: off in files, on by force, off by NO_COLOR" {
	classic
	esc=$(printf '\033')
	pxb render --patch never <classic.yaml
	lacks "$esc" "$T/err"
	CLICOLOR_FORCE=1 pxb render --patch never <classic.yaml
	grep -q "$esc" "$T/err"
	CLICOLOR_FORCE=0 pxb render --patch never <classic.yaml
	lacks "$esc" "$T/err"
	CLICOLOR_FORCE=1 NO_COLOR=1 pxb render --patch never <classic.yaml
	lacks "$esc" "$T/err"
	CLICOLOR_FORCE=1 NO_COLOR='' pxb render --patch never <classic.yaml
	grep -q "$esc" "$T/err"
	CLICOLOR_FORCE=1 pxb check --patch never classic.yaml
	grep -q "$esc" "$T/out"
	CLICOLOR_FORCE=1 pxb check -o json classic.yaml
	lacks "$esc" "$T/out"
	CLICOLOR_FORCE=1 pxb render --refuse-as=block-scalar --patch never <classic.yaml
	lacks "$esc" "$T/out"
	CLICOLOR_FORCE=1 pxb render --report text=r.txt <classic.yaml
	lacks "$esc" r.txt
}

@test "quiet: nothing unless refused" {
	pxb render -q <"$mini"
	exits 0
	is_silent
	classic
	pxb render -q <classic.yaml
	exits 0
	is_silent
	same_as "$mini"
	pxb render -q --patch never <classic.yaml
	refused 1 federated-flag
}

@test "standard error never has more than 4096 bytes, unless -v" {
	policy 'namespace: elsewhere' 'storageClassName: other' 'registry: {host: registry.example.com, pullSecret: x}' 'telemetry: forbidden' \
		'serviceMesh: {mode: linkerd}' 'argoCD: true' 'releaseName: other' 'patch: never'
	for f in "$streams"/*.yaml; do
		pxb render <"$f"
		refused 1
		says 'explain --last'
	done
	pxb render -v <"$streams/fed-telemetry.helm4.yaml"
	[ "$(wc -c <"$T/err")" -gt 4096 ]
}

# Reads the block scalar with a reader of our own: the text must be all that the stream holds.
is_block_scalar() {
	exits 0
	is_silent
	python3 - "$T/out" <<-'PY'
		import sys
		raw = open(sys.argv[1], "rb").read().decode("utf-8")
		assert raw.startswith("|\n") and raw.endswith("\n"), raw[:40]
		lines = raw[2:].split("\n")[:-1]
		assert lines and lines[0].startswith("  ") and lines[0][2] not in " \t", lines[:1]
		assert lines[-1].strip(), "a blank line at the end"
		for line in lines:
		    assert line == "" or line.startswith("  "), repr(line)
		    assert line == line.rstrip(), repr(line)
		    assert "\t" not in line and "\r" not in line, repr(line)
		    assert all(c >= " " and ord(c) < 0x10000 and c != "\x7f" and not 0x80 <= ord(c) < 0xa0 for c in line), repr(line)
	PY
	# The cluster's reader sees one text and no object.
	cp "$T/out" block.yaml
	code=0
	"$PXB_FED_BIN" read block.yaml 2>err || code=$?
	[ "$code" -eq 3 ]
	grep -q 'not a mapping' err
}

@test "block scalar: a refusal" {
	classic
	pxb render --refuse-as=block-scalar --patch never <classic.yaml
	is_block_scalar
	prints 'pxbackup.federated=true'
	prints 'refused'
}

@test "block scalar: every outcome that is not 0" {
	pxb render --refuse-as=block-scalar </dev/null
	is_block_scalar
	prints stream
	printf 'a: [\n' >bad.yaml
	pxb render --refuse-as=block-scalar <bad.yaml
	is_block_scalar
	prints 'line 2'
	pxb render --refuse-as=block-scalar -p nowhere.yaml <"$mini"
	is_block_scalar
	prints nowhere.yaml
	policy 'storageClas: x'
	pxb render --refuse-as=block-scalar <"$mini"
	is_block_scalar
	prints storageClassName
	policy
	pxb render --refuse-as=block-scalar --values nowhere.yaml <"$mini"
	is_block_scalar
	prints nowhere.yaml
	pxb render --refuse-as=block-scalar --bogus <"$mini"
	is_block_scalar
	prints --bogus
	pxb render --refuse-as=block-scalar file.yaml <"$mini"
	is_block_scalar
	prints file.yaml
	pxb render --refuse-as=block-scalar --report json=/no/such/r.json <"$mini"
	is_block_scalar
	prints /no/such
	pxb render --refuse-as=block-scalar --report bogus=x <"$mini"
	is_block_scalar
	prints bogus
	yes '# filler' | head -c 2097152 >big.yaml
	pxb render --refuse-as=block-scalar --max-size 1 <big.yaml
	is_block_scalar
	prints '1 MiB'
	pxb render --refuse-as=block-scalar <"$T"
	is_block_scalar
}

@test "block scalar: whatever the order of the options" {
	pxb render --bogus --refuse-as=block-scalar <"$mini"
	is_block_scalar
	prints --bogus
	pxb render --max-size x --refuse-as block-scalar <"$mini"
	is_block_scalar
	prints --max-size
}

@test "block scalar: names with tabs, escapes and characters beyond the plane" {
	sed 's/^  name: pxcentral-mysql-pvc/  name: "a\\tb\\U0001F600 \\u0085c\\nd "/; s/^  namespace: central/&/' "$mini" >in.yaml
	policy 'namespace: "other"'
	pxb render --refuse-as=block-scalar <in.yaml
	is_block_scalar
}

@test "block scalar: no such thing for a stream that passes" {
	pxb render --refuse-as=block-scalar <"$mini"
	exits 0
	same_as "$mini"
	classic
	pxb render --refuse-as=block-scalar <classic.yaml
	exits 0
	same_as "$mini"
}

# --- one place decides what is shown

# random LENGTH: letters and digits that chance made, put together here
random() { python3 -c 'import random, string, sys; r = random.Random(7); print("".join(r.choice(string.ascii_letters + string.digits) for _ in range(int(sys.argv[1]))))' "$1"; }

# hidden_in_every_form TEXT ARGUMENT...: no form of a report, no state file shows the text
hidden_in_every_form() {
	local secret=$1 form
	shift
	for form in text json sarif junit html markdown github; do
		pxb check -v -o "$form" "$@"
		lacks "$secret" "$T/out"
		lacks "$secret" "$T/err"
	done
	pxb render -v <"${!#}"
	lacks "$secret" "$T/err"
	if [ -e "$HOME/.local/state/pxb-fed/last.json" ]; then lacks "$secret" "$HOME/.local/state/pxb-fed/last.json"; fi
	pxb explain --last
	lacks "$secret" "$T/out"
}

@test "names, kinds, namespaces, files and keys that are credentials are shown in no form" {
	secret=$(random 40)
	printf 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: %s, namespace: central}\ndata: {A_PASSWORD: hunter2hunter2}\n' "$secret" >a.yaml
	printf 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: %s}\ndata: {A_PASSWORD: hunter2hunter2}\n' "$secret" >b.yaml
	printf 'apiVersion: v1\nkind: %s\nmetadata: {name: a}\ndata: {A: "http://u:hunter2hunter2@h"}\n' "$secret" >c.yaml
	printf '# Source: x/templates/%s.yaml\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {A_PASSWORD: hunter2hunter2}\n' "$secret" >d.yaml
	printf 'apiVersion: v1\nkind: Secret\nmetadata: {name: a}\nstringData:\n  "%s": a\n  "%s": b\n' "$secret" "$secret" >e.yaml
	for file in a.yaml b.yaml c.yaml d.yaml e.yaml; do
		pxb check --any -o json "$file"
		json "$T/out" 'len(r["findings"]) > 0'
		hidden_in_every_form "$secret" --any "$file"
	done
}

@test "a value that one rule calls secret is shown by no other" {
	secret=tok$(random 24)
	sed "s|storageClassName: px-csi-db|storageClassName: MINIO_ROOT_PASSWORD=$secret|" "$mini" >in.yaml
	differ in.yaml "$mini"
	hidden_in_every_form "$secret" in.yaml
	sed "s|image: .*|image: $secret@registry.example.com/px/backup:1|" "$mini" >in.yaml
	differ in.yaml "$mini"
	policy 'registry: {host: mirror.example.com}'
	hidden_in_every_form "$secret" -p policy.yaml in.yaml
}

@test "a key of a values file that looks like a credential is shown nowhere, and the words about it are" {
	secret=tok$(random 24)
	printf 'pxbackup:\n  federated: true\n  %s: true\n' "$secret" >values.yaml
	hidden_in_every_form "$secret" --values values.yaml "$mini"
	pxb check --values values.yaml "$mini"
	prints_wrapped "the chart knows no key '***'; it is ignored"
	prints_wrapped 'fix: Remove *** from values.yaml.'
}

@test "ordinary names are shown" {
	printf 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: px-backup-dashboard-prometheus-rules2, namespace: backupInfoMetricsBackfill24Hours}\ndata: {A_PASSWORD: hunter2hunter2}\n' >a.yaml
	pxb check --any a.yaml
	prints px-backup-dashboard-prometheus-rules2
	prints backupInfoMetricsBackfill24Hours
}
