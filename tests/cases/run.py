#!/usr/bin/env python3
"""Table cases, run by the binary itself.

    run.py [--bin BINARY] [-k TEXT] [--verbose] [--print] [--wrap COMMAND] [FILE ...]

Every *.case file beside this program (or FILE) is a list of cases. README.md here describes their form. Each case is run
once; what the JSON report, the exit code and the two output streams say must be what its `--- expect` block says. A
patched stream is rendered again and must come out as it is. The last line is 'N passed, M failed'.

--wrap runs the binary under another program: --wrap 'valgrind -q --error-exitcode=99'.
--print shows the block as it would have to be, for writing new cases: judge it before you keep it.
"""
import argparse
import concurrent.futures
import datetime
import difflib
import glob
import json
import os
import re
import shlex
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
DIRECTIVE = re.compile(r"^--- (base|stream|bytes|replace|drop|append|prepend|transform|policy|lock|values|args|env|command|expect|output|diff)\b *(.*)$")
EXITS = {"compliant": 0, "patched": 0, "refused": 1, "usage": 2, "unreadable": 3, "internal": 4}
STDERR_MAX = 4096


class Bad(Exception):
    """A case file that cannot be understood."""


class Case:
    def __init__(self, path, line, name):
        self.file, self.line, self.name = os.path.basename(path)[:-5], line, name
        self.parts = []

    @property
    def title(self):
        return f"{self.file}:{self.line}: {self.name}"

    def first(self, kind, default=None):
        for k, arg, body in self.parts:
            if k == kind:
                return arg, body
        return default

    def all(self, kind):
        return [(arg, body) for k, arg, body in self.parts if k == kind]


def read_cases(path):
    """A case begins at the first `--- base`, `--- stream` or `--- bytes` after an `--- expect`."""
    cases, case, body = [], None, None
    with open(path, encoding="utf-8", newline="\n") as f:
        lines = f.read().split("\n")
    if lines and lines[-1] == "":
        lines.pop()
    pending = []
    for number, line in enumerate(lines, 1):
        m = DIRECTIVE.match(line)
        if m and m.group(1) in ("base", "stream", "bytes") and (case is None or case.first("expect")):
            # Comments that stood behind the block before belong to this case.
            while body and (body[-1] == "" or body[-1].startswith("# ")):
                pending.insert(0, body.pop())
            comments = [p[2:] for p in pending if p.startswith("# ")]
            pending = []
            case = Case(path, number, comments[-1] if comments else "(no name)")
            cases.append(case)
        elif m and case is None:
            raise Bad(f"{path}:{number}: '{m.group(1)}' before a stream")
        if m:
            body = []
            case.parts.append((m.group(1), m.group(2), body))
        elif case is None:
            pending.append(line)
        else:
            body.append(line)
    for case in cases:
        for kind, arg, body in case.parts:
            if kind in ("expect", "args", "env"):
                while body and (body[-1] == "" or body[-1].startswith("# ")):
                    body.pop()
    last = cases[-1].parts[-1][2] if cases else []
    while last and last[-1] == "":
        last.pop()
    return cases


def text_of(body):
    return "".join(line + "\n" for line in body)


def dated(text):
    """@today@, @yesterday@ and @tomorrow@, in UTC."""
    today = datetime.datetime.now(datetime.timezone.utc).date()
    for word, days in (("today", 0), ("yesterday", -1), ("tomorrow", 1)):
        text = text.replace(f"@{word}@", (today + datetime.timedelta(days)).isoformat())
    return text


def unescape(text):
    """\\xNN, \\r, \\t, \\\\; a backslash at the end of a line takes the line end away."""
    def one(m):
        s = m.group(1)
        if s == "\n":
            return b""
        if s[0] == "x":
            return bytes([int(s[1:], 16)])
        return {"r": b"\r", "t": b"\t", "\\": b"\\", "s": b" "}[s]
    out, at = b"", 0
    for m in re.finditer(r"\\(x[0-9a-fA-F]{2}|[rts\\]|\n)", text):
        out += text[at:m.start()].encode() + one(m)
        at = m.end()
    return out + text[at:].encode()


def find_base(name):
    for folder in (os.path.join(HERE, "base"), os.path.join(ROOT, "testdata", "streams")):
        path = os.path.join(folder, name + ".yaml")
        if os.path.exists(path):
            with open(path, "rb") as f:
                return f.read()
    raise Bad(f"no fixture '{name}'")


def documents(data):
    """Cut before every separator line; each part keeps its own separator."""
    return re.split(rb"(?m)^(?=---[ \t]*(?:#.*)?\r?$)", data)


def drop(data, what):
    """Removes whole documents: Kind/name, or `hooks`."""
    kept, gone = [], 0
    for doc in documents(data):
        if what == "hooks":
            hit = re.search(rb'(?m)^ +"?helm\.sh/hook"?:', doc) is not None
        else:
            kind, name = what.split("/", 1)
            hit = re.search(rb"(?m)^kind: %s$" % re.escape(kind.encode()), doc) and \
                re.search(rb"(?m)^  name: %s$" % re.escape(name.encode()), doc)
        if hit:
            gone += 1
        else:
            kept.append(doc)
    if not gone:
        raise Bad(f"nothing to drop: {what}")
    return b"".join(kept)


def transform(data, how):
    if how == "crlf":
        return data.replace(b"\n", b"\r\n")
    if how == "chomp":
        return data[:-1] if data.endswith(b"\n") else data
    if how == "bom":
        return b"\xef\xbb\xbf" + data
    if how == "twice":
        return data + data
    if how.startswith("umbrella "):
        charts = "".join("/charts/" + name for name in how.split()[1:])
        return data.replace(b"# Source: px-central/", b"# Source: umbrella%s/" % charts.encode())
    raise Bad(f"no transformation '{how}'")


def build_stream(case):
    """The parts are applied in the order in which they stand."""
    data = b""
    for kind, arg, body in case.parts:
        if kind == "base":
            data += find_base(arg)
        elif kind == "stream":
            data += text_of(body).encode()
        elif kind == "bytes":
            data += unescape(text_of(body))
        elif kind == "append":
            data += text_of(body).encode()
        elif kind == "prepend":
            data = text_of(body).encode() + data
        elif kind == "drop":
            data = drop(data, arg)
        elif kind == "transform":
            data = transform(data, arg)
        elif kind == "replace":
            if ">>>" not in body:
                raise Bad("a replacement needs a line '>>>'")
            cut = body.index(">>>")
            old, new = text_of(body[:cut]).encode(), text_of(body[cut + 1:]).encode()
            want = int(arg[1:]) if arg else 1
            if data.count(old) != want:
                raise Bad(f"replacement matches {data.count(old)} times, not {want}: {body[0]!r}")
            data = data.replace(old, new)
    return data


def object_text(o):
    return f"{o['kind']}/{o['namespace']}/{o['name']}" if o else "-"


def place_text(f):
    return f"{f['line']}:{f['column']}" if f["line"] else "-"


def head_of(f):
    words = [f["severity"], f["rule"], object_text(f["object"]), f["path"] or "-", place_text(f)]
    if f["patched"]:
        words.append("patched")
    if f["excepted"]:
        words.append("excepted")
    return " ".join(words)


class Expected:
    """One finding of an expect block. A `*` in place of line:column matches any."""

    def __init__(self, line):
        self.head, self.details = line.strip(), []

    def matches(self, head):
        if self.head == head:
            return True
        mine, other = self.head.split(" "), head.split(" ")
        return len(mine) == len(other) and all(a == b or a == "*" for a, b in zip(mine, other))

    def check(self, f):
        bad = []
        for word, text in self.details:
            if word == "fix" and text not in f["fix"]:
                bad.append(f"{self.head}: no fix {text!r} among {f['fix']}")
            elif word == "says" and text not in f["message"]:
                bad.append(f"{self.head}: message {f['message']!r} does not say {text!r}")
            elif word in ("found", "expected") and text != f[word]:
                bad.append(f"{self.head}: {word} {f[word]!r}, wanted {text!r}")
            elif word == "because" and text not in (f["notPatched"] or ""):
                bad.append(f"{self.head}: not patched because of {f['notPatched']!r}, wanted {text!r}")
        return bad


def read_expect(arg, body):
    words = arg.split()
    if not words or words[0] not in EXITS:
        raise Bad(f"expect: no verdict '{arg}'")
    code = EXITS[words[0]]
    if len(words) == 3 and words[1] == "exit":
        code = int(words[2])
    findings, lines = [], []
    for line in map(dated, body):
        if not line.strip() or line.startswith("# "):
            continue
        word, _, text = line.strip().partition(" ")
        if not line.startswith(" "):
            if word in ("error", "warning", "note"):
                findings.append(Expected(line))
            else:
                lines.append((word, text))
        elif word in ("fix", "says", "found", "expected", "because"):
            if not findings:
                raise Bad(f"'{word}' before a finding")
            findings[-1].details.append((word, text))
        else:
            lines.append((word, text))
    for word, _ in lines:
        if word not in ("silent", "stderr", "only", "fixed"):
            raise Bad(f"expect: unknown word '{word}'")
    return words[0], code, findings, lines


def changed_lines(before, after):
    """The difference as `-` and `+` lines; carriage returns and a missing line end are spelt out."""
    def shown(line):
        text = line.decode("utf-8", "backslashreplace")
        end = text.endswith("\n")
        return text.rstrip("\n").replace("\r", "\\r") + ("" if end else "\\")
    a, b = before.splitlines(keepends=True), after.splitlines(keepends=True)
    # bytes.splitlines also cuts at lone \r; streams that hold one are refused anyway.
    out = []
    for tag, i1, i2, j1, j2 in difflib.SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        if tag != "equal":
            out += ["-" + shown(x) for x in a[i1:i2]] + ["+" + shown(x) for x in b[j1:j2]]
    return out


class Run:
    def __init__(self, args, case, tmp):
        self.args, self.case, self.tmp = args, case, tmp
        self.env = {k: v for k, v in os.environ.items() if not k.startswith(("PXB_FED_", "HELM_", "ARGOCD_", "XDG_", "CLICOLOR"))}
        self.env.update(PXB_FED_NO_STATE="1", HOME=tmp, LC_ALL="C")
        for arg, body in case.all("env"):
            self.env.update(line.partition("=")[::2] for line in body)

    def command(self, report):
        arg, _ = self.case.first("command", ("render", None))
        words = shlex.split(self.args.wrap) + [self.args.bin] + shlex.split(arg)
        if self.case.first("policy"):
            arg, body = self.case.first("policy")
            # `--- policy whole` is the file as it stands
            head = "" if arg == "whole" else "apiVersion: pxb-fed/v1\nkind: Policy\n"
            text = head + dated(text_of(body))
        else:
            text = "apiVersion: pxb-fed/v1\nkind: Policy\n"
        with open(os.path.join(self.tmp, "policy.yaml"), "w", encoding="utf-8") as f:
            f.write(text)
        words += ["--policy", "policy.yaml"]
        for i, (arg, body) in enumerate(self.case.all("values")):
            name = arg or ("values.yaml" if i == 0 else f"values{i + 1}.yaml")
            with open(os.path.join(self.tmp, name), "w", encoding="utf-8") as f:
                f.write(text_of(body))
            words += ["--values", name]
        if self.case.first("lock"):
            arg, body = self.case.first("lock")
            head = "" if arg == "whole" else "apiVersion: pxb-fed/v1\nkind: Lock\n"
            with open(os.path.join(self.tmp, "pxb-fed.lock"), "w", encoding="utf-8") as f:
                f.write(head + text_of(body))
        if report:
            words += ["--report", "json=report.json"]
        for arg, body in self.case.all("args"):
            words += shlex.split(arg + " " + " ".join(body))
        return words

    def run(self, data, report=True, further=()):
        return subprocess.run(self.command(report) + list(further), input=data, capture_output=True, env=self.env, cwd=self.tmp, timeout=120, check=False)


def compare_findings(findings, expected, verdict):
    """Unlisted errors and warnings are wrong; notes only if a note is listed."""
    wants_notes = any(e.head.startswith("note ") for e in expected)
    have = [f for f in findings if wants_notes or f["severity"] != "note"]
    left, bad = list(expected), []
    rest = []
    for f in have:
        head = head_of(f)
        hit = next((e for e in left if e.matches(head)), None)
        if hit is None:
            rest.append(f)
            continue
        left.remove(hit)
        bad += hit.check(f)
    if left or rest:
        want = [e.head for e in expected]
        got = [next((e.head for e in expected if e.matches(head_of(f))), head_of(f)) for f in have]
        bad += [d for d in difflib.unified_diff(want, got, "expected", "found", lineterm="", n=100)]
        bad += [f"    {f['rule']} says: {f['message']}" for f in rest]
    for f in findings:
        if f["severity"] == "error" and not f["fix"]:
            bad.append(f"{head_of(f)}: an error without advice")
        if verdict != "patched" and f["patched"]:
            bad.append(f"{head_of(f)}: patched in a run that is not")
    return bad


def block_of(verdict, code, findings):
    out = [f"--- expect {verdict}" + (f" exit {code}" if EXITS.get(verdict) != code else "")]
    for f in findings:
        if f["severity"] == "note":
            continue
        out.append(head_of(f))
        out += [f"  fix {m}" for m in f["fix"]]
        out.append(f"  says {f['message']}")
    return "\n".join(out)


def check_output(case, data, p, verdict):
    bad = []
    for arg, body in case.all("output"):
        want = data if arg == "identical" else unescape(text_of(body)) if arg == "bytes" else text_of(body).encode()
        if p.stdout != want:
            bad += ["the output differs:"] + changed_lines(want, p.stdout)
    for _, body in case.all("diff"):
        got, want = changed_lines(data, p.stdout), list(body)
        while want and (want[-1] == "" or want[-1].startswith("# ")):
            want.pop()
        if got != want:
            bad += ["the changed lines differ:"] + list(difflib.unified_diff(want, got, "expected", "found", lineterm="", n=100))
    if verdict == "patched" and not case.all("output") and not case.all("diff"):
        bad.append("a patched case states its --- output or --- diff")
    return bad


def check_fixed(run, data, report, verdict):
    """The options that the errors name, added to the command line as `--fix-values` adds them to Helm's."""
    further = []
    for f in report["findings"]:
        for fix in f["fix"] if f["severity"] == "error" else []:
            words = shlex.split(fix)
            if fix.startswith("--set") and words not in further:
                further.append(words)
    p = run.run(data, report=False, further=[w for words in further for w in words])
    if p.returncode == EXITS[verdict]:
        return []
    return [f"fixed with {further}: exit {p.returncode}, wanted {EXITS[verdict]}: {p.stderr.decode('utf-8', 'replace')[-600:]}"]


def run_case(args, case):
    bad = []
    try:
        data = build_stream(case)
        if not case.first("expect"):
            raise Bad("no --- expect")
        verdict, code, expected, lines = read_expect(*case.first("expect"))
        with tempfile.TemporaryDirectory() as tmp:
            r = Run(args, case, tmp)
            p = r.run(data)
            report, raw = None, ""
            path = os.path.join(tmp, "report.json")
            if os.path.exists(path):
                with open(path, encoding="utf-8") as f:
                    raw = f.read()
                report = json.loads(raw)
            err = p.stderr.decode("utf-8", "replace")
            rendering = case.first("command", ("render", None))[0] == "render"
            if p.returncode != code:
                bad.append(f"exit {p.returncode}, wanted {code}; stderr: {err[-600:]}")
            if verdict in ("usage", "internal"):
                if report:
                    bad.append("a report was written all the same")
            elif not report:
                bad.append(f"no report; stderr: {err[-600:]}")
            else:
                if report["verdict"] != verdict:
                    bad.append(f"verdict {report['verdict']}, wanted {verdict}")
                bad += compare_findings(report["findings"], expected, verdict)
                if verdict != "patched" and report["edits"]:
                    bad.append("edits in a run that changed nothing")
            if rendering:
                if p.returncode != 0 and p.stdout:
                    bad.append(f"{len(p.stdout)} bytes on standard output though refused")
                if p.returncode == 0 and verdict == "compliant" and p.stdout != data:
                    bad.append("a compliant stream was changed")
                if verdict == "patched" and p.returncode == 0:
                    again = r.run(p.stdout, report=False)
                    if again.returncode != 0 or again.stdout != p.stdout:
                        bad.append(f"rendering the output again gives exit {again.returncode} and other bytes")
                if p.returncode == 0:
                    bad += check_output(case, data, p, verdict)
            if len(p.stderr) > STDERR_MAX and "-v" not in " ".join(r.command(False)).split():
                bad.append(f"stderr has {len(p.stderr)} bytes")
            out = "" if p.returncode == 0 and rendering else p.stdout.decode("utf-8", "replace")
            for word, text in lines:
                if word == "silent" and text in err + raw + out:
                    bad.append(f"prints {text!r}")
                if word == "fixed" and report:
                    bad += check_fixed(r, data, report, text)
                if word == "stderr" and text not in err:
                    bad.append(f"stderr does not say {text!r}: {err[-600:]}")
            if args.print:
                shown = block_of(report["verdict"], p.returncode, report["findings"]) if report else f"exit {p.returncode}: {err}"
                diff = "\n--- diff\n" + "\n".join(changed_lines(data, p.stdout)) if rendering and p.returncode == 0 and p.stdout != data else ""
                return case, bad, shown + diff
    except (Bad, ValueError, subprocess.TimeoutExpired, KeyError) as e:
        bad.append(f"{type(e).__name__}: {e}")
    return case, bad, None


def main():
    ap = argparse.ArgumentParser(description="table cases of the gate")
    ap.add_argument("--bin", default=os.path.join(ROOT, "build", "pxb-fed"))
    ap.add_argument("-k", default="", metavar="TEXT", help="only cases whose 'file:line: name' holds TEXT")
    ap.add_argument("--verbose", action="store_true")
    ap.add_argument("--print", action="store_true")
    ap.add_argument("--wrap", default="", metavar="COMMAND")
    ap.add_argument("--jobs", type=int, default=2)
    ap.add_argument("files", nargs="*")
    args = ap.parse_args()
    args.bin = os.path.abspath(args.bin)
    if not os.access(args.bin, os.X_OK):
        sys.exit(f"no program {args.bin}: build it first, or give --bin")
    cases = []
    for path in args.files or sorted(glob.glob(os.path.join(HERE, "*.case"))):
        try:
            cases += read_cases(path)
        except (Bad, OSError) as e:
            sys.exit(f"run.py: {e}")
    cases = [c for c in cases if args.k in c.title]
    passed = failed = 0
    # The work is done by the binary: threads wait for it, no more of them than asked for.
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        for case, bad, shown in pool.map(lambda c: run_case(args, c), cases):
            passed, failed = (passed + 1, failed) if not bad else (passed, failed + 1)
            if bad or args.verbose or args.print:
                print(f"{'FAIL' if bad else 'ok  '} {case.title}")
            for line in bad:
                print("     " + line.replace("\n", "\n     "))
            if shown:
                print(shown)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
