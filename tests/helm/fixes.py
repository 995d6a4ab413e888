"""fixes.py PXB_FED HELM CHART: what a finding says to do is done, and the chart is rendered again: the finding must be gone.

Each row is a mistake in the values, or a demand of the policy that the values do not meet. The fixes are the ones that people see: one
a cause, from the JSON report; where that is a sentence, the command behind it. Blanks (NAME) come from the row. Everything is tried with the chart itself and with the chart as a dependency under another name.
"""
import json
import os
import re
import shlex
import subprocess
import sys
import tempfile

PXB_FED, HELM, CHART = sys.argv[1], sys.argv[2], os.path.abspath(sys.argv[3])
GOOD = ["pxbackup.enabled=true", "pxbackup.federated=true", "persistentStorage.enabled=true", "persistentStorage.storageClassName=px-csi-db"]
ADDRESS = "http://user:" + "hunter2" * 2 + "@proxy.example.com:3128"
SECRET = "hunter2" * 3
OIDC = ["oidc.externalOIDC.enabled=true", "oidc.externalOIDC.clientID=px",
        "oidc.externalOIDC.endpoint=https://login.example.com", "oidc.externalOIDC.clientSecret=" + SECRET]
# name, values, policy, what replaces NAME in a fix, rules of which something must be found; nothing may be left
ROWS = [
    ("the mode", ["pxbackup.federated=false"], "", "", {"federated-flag"}),
    ("no class", ["persistentStorage.storageClassName="], "", "px-csi-db", {"storage-class"}),
    ("another class than the policy's", [], "storageClassName: gold\n", "", {"storage-class"}),
    ("no storage", ["persistentStorage.enabled=false"], "", "", {"storage-ephemeral"}),
    ("no storage and no class, hooks too", ["persistentStorage.enabled=false", "persistentStorage.storageClassName="], "", "px-csi-db",
     {"storage-ephemeral"}),
    ("no backup server", ["pxbackup.enabled=false"], "", "", {"component-missing"}),
    ("telemetry", ["telemetry.enabled=true"], "telemetry: forbidden\n", "", {"telemetry"}),
    ("no mesh", [], "serviceMesh: {mode: istio}\n", "", {"mesh-mode"}),
    ("a mesh without a host", ["istio.enabled=true"], "serviceMesh: {mode: istio, sharedGateway: true, hostName: px.example.com}\n", "", {"mesh-hostname"}),
    ("a mesh", ["istio.enabled=true"], "serviceMesh: {mode: none}\n", "", {"mesh-mode"}),
    ("for Argo CD", ["isArgoCD=true"], "argoCD: false\n", "", {"argocd-mode"}),
    ("not for Argo CD", [], "argoCD: true\n", "", {"argocd-mode"}),
    ("the vendor's registry", [], "registry: {host: registry.example.com, repository: pxb}\n", "", {"image-registry"}),
    ("no pull secret", ["images.registry=registry.example.com", "images.repo=pxb"],
     "registry: {host: registry.example.com, repository: pxb, pullSecret: pull}\n", "", {"image-registry"}),
    ("a proxy with a password", ["proxy.http=" + ADDRESS, "proxy.https=" + ADDRESS], "", "px-proxy", {"plain-secret"}),
    ("a login secret", OIDC, "", "", {"plain-secret"}),
]


def fail(words):
    print(words)
    raise SystemExit(1)


def render(chart, key, sets):
    words = [HELM, "template", "px", chart, "--namespace", "central"]
    for s in sets:
        words += ["--set", key + s]
    r = subprocess.run(words, capture_output=True, text=True, check=False)
    return r.stdout if r.returncode == 0 else fail("Helm: " + r.stderr[:2000])


def findings(stream, policy):
    r = subprocess.run([PXB_FED, "check", "--policy", policy, "-o", "json", "-"], input=stream, capture_output=True, text=True, check=False)
    if not r.stdout:
        fail(r.stderr)
    report = json.loads(r.stdout)
    return [dict(f, cause=c["fix"]) for c in report["causes"] for f in [report["findings"][c["finding"]]] if f["severity"] != "note"]


def options(found, blank):
    """The values of the fix of each cause."""
    sets = []
    for f in found:
        for fix in [f["cause"], *f["fix"]]:
            if not fix.startswith("--set"):
                continue
            words = shlex.split(fix)
            if any(w not in ("--set", "--set-string") for w in words[::2]):
                fail("a fix that no shell takes apart: " + fix)
            sets += [re.sub(r"=NAME$", "=" + blank, w) for w in words[1::2]]
            break
    return list(dict.fromkeys(sets))


def exception(found):
    """What a fix that is a sentence asks for: the place in the policy, with a reason and an expiry."""
    rows = ""
    for f in found:
        if re.search(r"\bexcept [^ ]+ of ConfigMap/[^ ]+ in the policy", f["cause"]):
            place = {"rule": f["rule"], "object": f"{f['object']['kind']}/{f['object']['name']}", "path": f["path"], "reason": "tried", "expires": "2099-01-01"}
            rows += "- " + json.dumps(place) + "\n"
    return rows and "exceptions:\n" + rows


def write_policy(path, text):
    with open(path, "w", encoding="utf-8") as f:
        f.write("apiVersion: pxb-fed/v1\nkind: Policy\n" + text)


def main():
    tried = 0
    with tempfile.TemporaryDirectory() as work:
        umbrella = os.path.join(work, "umbrella")
        os.makedirs(os.path.join(umbrella, "charts"))
        with open(os.path.join(umbrella, "Chart.yaml"), "w", encoding="utf-8") as f:
            f.write("apiVersion: v2\nname: platform\nversion: 1.0.0\ndependencies:\n- {name: px-central, version: 3.0.0, alias: backup}\n")
        os.symlink(CHART, os.path.join(umbrella, "charts", "px-central"))
        policy = os.path.join(work, "policy.yaml")
        for chart, key in ((CHART, ""), (umbrella, "backup.")):
            for name, values, demand, blank, rules in ROWS:
                write_policy(policy, demand)
                before = [f for f in findings(render(chart, key, GOOD + values), policy) if f["rule"] in rules]
                where = f"{name}, {'as a dependency' if key else 'the chart itself'}"
                if {f["rule"] for f in before} != rules:
                    fail(f"{where}: found {[f['rule'] for f in before]}")
                if len(before) != 1:
                    fail(f"{where}: {len(before)} causes for one mistake")
                fixes, excepted = options(before, blank), exception(before)
                if not (fixes or excepted) or any(not s.startswith(key) for s in fixes):
                    fail(f"{where}: the fixes are {fixes}")
                done = [s[len(key):] for s in fixes]
                write_policy(policy, demand + excepted)
                after = [f for f in findings(render(chart, key, GOOD + values + done), policy) if not f["excepted"]]
                if after:
                    fail(f"{where}: after {fixes} there is still {after[0]['rule']}: {after[0]['message']}")
                tried += 1
    print(f"{tried} passed, 0 failed")


main()
