#!/usr/bin/env python3
"""run.py --bin PXB-FED --validator PATH: SARIF logs of many runs against the official schema, their regions against the files."""
import argparse
import json
import os
import subprocess
import sys
import tempfile
import urllib.parse

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
parser = argparse.ArgumentParser()
parser.add_argument("--bin", default=os.path.join(ROOT, "build/pxb-fed"))
parser.add_argument("--validator", required=True, help="tests/tools/build.sh sarif")
args = parser.parse_args()
args.bin = os.path.abspath(args.bin)

POLICIES = {
    "plain": "apiVersion: pxb-fed/v1\nkind: Policy\n",
    "strict": """apiVersion: pxb-fed/v1
kind: Policy
namespace: elsewhere
storageClassName: other
telemetry: forbidden
registry: {host: registry.example.com, pullSecret: x}
serviceMesh: {mode: linkerd}
argoCD: true
exceptions:
- {rule: storage-class, object: PersistentVolumeClaim/pxcentral-mysql-pvc, reason: "by hand, until the move", expires: 2999-12-31}
- {rule: namespace, object: Deployment/px-backup, reason: too late, expires: 2001-01-01}
""",
}
ODD = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: odd}\ndata:\n  \"\u00e4\u20ac\U0001f600\": 1\n  a: 1\n  a: \"\u00e4\"\n"
passed = failed = 0


def verdict(name, wrong):
    global passed, failed
    if wrong:
        failed += 1
        print("FAIL %s: %s" % (name, "; ".join(wrong)[:1500]))
    else:
        passed += 1


def run(folder, arguments, stdin=""):
    env = {"PATH": os.environ["PATH"], "HOME": folder, "XDG_STATE_HOME": folder}
    p = subprocess.run([args.bin, *arguments], input=stdin.encode("utf-8", "surrogateescape"), env=env, cwd=folder, stdout=subprocess.PIPE,
                       stderr=subprocess.PIPE, timeout=120)
    return p.returncode, p.stdout


def validate(path):
    p = subprocess.run([args.validator, path], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=120)
    return p.returncode, p.stdout.decode().strip()


def regions(folder, log, stdin=""):
    """Every region lies in its line, and covers what was found wherever that is a word of the file."""
    wrong, lines = [], {}
    for r in log["runs"][0]["results"]:
        for location in r["locations"]:
            physical = location.get("physicalLocation", {})
            uri, region = physical.get("artifactLocation", {}).get("uri"), physical.get("region")
            if not uri or not region:
                continue
            if uri == "stdin":
                lines[uri] = stdin.split("\n")
            if uri not in lines:
                name = urllib.parse.unquote(uri[7:] if uri.startswith("file://") else uri)
                with open(os.path.join(folder, name), encoding="utf-8-sig", newline="") as f:
                    lines[uri] = f.read().split("\n")
            line = lines[uri][region["startLine"] - 1]
            start, end = region.get("startColumn"), region.get("endColumn")
            if end is None:
                continue
            covered = line[start - 1:end - 1]
            if not (1 <= start <= end <= len(line) + 1) or covered != covered.strip():
                wrong.append("%s %s covers %r" % (r["ruleId"], region, covered))
            found = r["properties"]["found"]
            if found and covered.strip("\"'") != found and covered.strip("\"'") in line and line.rstrip().endswith(": " + found):
                wrong.append("%s found %r and covers %r" % (r["ruleId"], found, covered))
    return wrong


def unplaced(log):
    """Code scanning refuses a log in which one result has no file."""
    return [r["ruleId"] + " has no file" for r in log["runs"][0]["results"]
            if not r["locations"] or not all(p["physicalLocation"]["artifactLocation"]["uri"] for p in r["locations"] + r.get("relatedLocations", []))]


def log_of(folder, name, arguments, stdin="", code=None):
    got, text = run(folder, arguments, stdin)
    path = os.path.join(folder, name + ".sarif")
    with open(path, "wb") as f:
        f.write(text)
    if code is not None and got != code:
        return verdict(name, ["exit code %d, wanted %d" % (got, code)])
    status, said = validate(path)
    wrong = [said or "the validator failed"] if status else []
    log = json.loads(text)
    if log["runs"][0]["invocations"][0]["exitCode"] != got:
        wrong.append("it says another exit code than %d" % got)
    verdict(name, wrong + regions(folder, log, stdin) + unplaced(log))
    return log


def streams(folder):
    for policy in POLICIES:
        for stream in sorted(os.listdir(os.path.join(ROOT, "testdata/streams"))):
            path = os.path.join(ROOT, "testdata/streams", stream)
            log_of(folder, policy + "-" + stream, ["check", "-p", policy, "-o", "sarif", path])


def inputs(folder):
    mini = os.path.join(ROOT, "tests/cases/base/mini.yaml")
    with open(mini, encoding="utf-8") as f:
        text = f.read()
    for name in "a b%#?.yaml", "\u00e4:b.yaml":
        with open(os.path.join(folder, name), "w", encoding="utf-8") as f:
            f.write(text.replace('PX_BACKUP_FEDERATED : "true"', 'PX_BACKUP_FEDERATED : "false"'))
        log = log_of(folder, "name of a file", ["check", "-p", "plain", "-o", "sarif", "./" + name], code=1)
        verdict("the name is found again", [] if log["runs"][0]["artifacts"][0]["location"]["uri"] == urllib.parse.quote(name) else ["no"])
    log_of(folder, "standard input", ["check", "-p", "strict", "-o", "sarif", "-"], text, 1)
    log_of(folder, "several", ["check", "-p", "strict", "-o", "sarif", "a b%#?.yaml", mini, "-"], text, 1)
    log_of(folder, "compliant", ["check", "-p", "plain", "-o", "sarif", mini], code=0)
    log_of(folder, "unreadable", ["check", "-p", "plain", "-o", "sarif", "-"], "a: [\n", 3)
    log_of(folder, "nothing", ["check", "-p", "plain", "-o", "sarif", "-"], "", 3)
    for mark in "", "\ufeff":
        for end in "\n", "\r\n":
            with open(os.path.join(folder, "odd.yaml"), "w", encoding="utf-8", newline="") as f:
                f.write(mark + ODD.replace("\n", end))
            log_of(folder, "odd characters", ["check", "--any", "-p", "plain", "-o", "sarif", "odd.yaml"])
    with open(os.path.join(folder, "large.yaml"), "w", encoding="utf-8") as f:
        f.write("# filler\n" * 200000)
    log_of(folder, "one not read", ["check", "-p", "plain", "--max-size", "1", "-o", "sarif", mini, "large.yaml"], code=3)


def hand_made(folder):
    os.makedirs(os.path.join(folder, "pxb-fed"), exist_ok=True)
    for name in "hostile", "many":
        with open(os.path.join(folder, "pxb-fed/last.json"), "wb") as f:
            subprocess.run([sys.executable, os.path.join(ROOT, "tests/lib/made_report.py"), name], stdout=f, check=True)
        path = os.path.join(folder, name + ".sarif")
        with open(path, "wb") as f:
            f.write(run(folder, ["explain", "--last", "-o", "sarif"])[1])
        status, said = validate(path)
        verdict(name, [said] if status else [])


def the_validator_complains(folder):
    """Of a wrong log, in each way that the tests above rely on."""
    with open(os.path.join(folder, "standard input.sarif"), encoding="utf-8") as f:
        text = f.read()
    for what, change in (("an unknown member", lambda r: r.update(other=1)), ("a wrong level", lambda r: r["results"][0].update(level="bad")),
                         ("a line 0", lambda r: r["results"][0]["locations"][0]["physicalLocation"]["region"].update(startLine=0)),
                         ("another rule's index", lambda r: r["results"][0].update(ruleIndex=20)),
                         ("an artifact that is not there", lambda r: r["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"].update(index=7))):
        log = json.loads(text)
        change(log["runs"][0])
        path = os.path.join(folder, "wrong.sarif")
        with open(path, "w", encoding="utf-8") as f:
            json.dump(log, f)
        verdict(what, [] if validate(path)[0] == 1 else ["the validator takes it"])


with tempfile.TemporaryDirectory(prefix="pxb-fed-sarif-") as work:
    for policy, content in POLICIES.items():
        with open(os.path.join(work, policy), "w", encoding="utf-8") as f:
            f.write(content)
    streams(work)
    inputs(work)
    hand_made(work)
    the_validator_complains(work)
print("sarif: %d passed, %d failed" % (passed, failed))
sys.exit(failed > 0)
