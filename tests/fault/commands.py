"""The commands that tests/fault runs with a failing call: their files, arguments, environment, and what they leave behind."""
import json
import os
import shutil
import stat
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.append(os.path.join(ROOT, "tests/checks"))
import stub  # noqa: E402  pylint: disable=wrong-import-position,wrong-import-order
import good  # noqa: E402  pylint: disable=wrong-import-position
MINI = os.path.join(ROOT, "tests/cases/base/mini.yaml")

BUILTIN = "apiVersion: pxb-fed/v1\nkind: Policy\n"
APP = """apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: px-central, namespace: argocd}
spec:
  destination: {namespace: central, server: https://kubernetes.default.svc}
  source:
    repoURL: https://git.example.com/x
    path: app
    targetRevision: v1.0.0
    plugin:
      name: pxb-fed
      parameters:
      - name: helm-parameters
        map: {isArgoCD: "true", pxbackup.federated: "false"}
"""
SERVER = stub.Server()
ANSWERS = "apiVersion: pxb-fed/v1\nkind: Answers\nstorage: {className: px-csi-db}\nmesh: {mode: istio}\nencryptMongoDB: true\n"
VALUES = "pxbackup: {enabled: true, federted: true}\npersistentStorage: {enabled: true, storageClassName: px-csi-db}\nratio: 1.5\n"


class Command:
    """`args` in a folder of files; `files` are those that it writes, `prefix` says that a part of the output may be out already;
    `lossy`: a part of the answers may be lost, which leaves checks unknown."""

    def __init__(self, name, args, stdin=None, files=(), prefix=False, before=(), env=None, every=False, lossy=False):
        self.name, self.args, self.stdin, self.files, self.prefix = name, args, stdin, files, prefix
        self.before, self.env, self.every, self.lossy = before, env or {}, every, lossy


# As much of Helm as 'audit' asks for.
RENDERING = """#!/bin/sh
case "$1 $2" in
'show chart') printf 'name: px-central\\nversion: 3.0.0\\n' ;;
'show values') printf 'pxbackup:\\n  federated: false\\n' ;;
*) cat "${0%/*}/small.yaml" ;;
esac
"""

HELM = {"HELM_BIN": "{}/fakehelm.sh", "FAKE_LOG": "{}/log", "FAKE_MANIFESTS": "{}/good.yaml", "PATH": "{}/bin:" + os.environ["PATH"]}
ARGO = {"HELM_BIN": "{}/bin/helm", "ARGOCD_APP_NAME": "px-central", "ARGOCD_APP_NAMESPACE": "central", "ARGOCD_APP_SOURCE_PATH": "app",
        "KUBE_VERSION": "1.34.0", "KUBE_API_VERSIONS": "v1,apps/v1", "PXB_FED_POLICY": "{}/policy.yaml",
        "ARGOCD_APP_PARAMETERS": "[]"}
POLICY = ["--policy", "policy.yaml"]
SMALL = ["--policy", "small-policy.yaml"]

COMMANDS = [
    Command("render", ["render", *SMALL, "--lock", "small.lock", "--report", "json=report.json"], "small.yaml", ["report.json"], every=True),
    Command("read", ["read", "floats.yaml"], prefix=True),
    Command("check", ["check", *SMALL, "--lock", "small.lock", "--values", "values.yaml", "-v", "small.yaml"]),
    Command("check json", ["check", *POLICY, "--any", "-o", "json", "floats.yaml", "small.yaml"]),
    Command("check diff", ["check", *SMALL, "--lock", "small.lock", "--diff", "--report", "sarif=r.sarif", "small.yaml"], files=["r.sarif"]),
    Command("check folder", ["check", "--any", "."], prefix=True),
    Command("lock create", ["lock", "create", "-o", "new.lock", "good.yaml"], files=["new.lock"]),
    Command("lock update", ["lock", "update", "--lock", "good.lock", "--reason", "a test", "other.yaml"], files=["good.lock"]),
    Command("lock diff", ["lock", "diff", "--lock", "good.lock", "other.yaml"]),
    Command("policy show", ["policy", "show", *SMALL]),
    Command("policy init", ["policy", "init"], "good.yaml"),
    Command("export", ["export", "vap", *SMALL, "--lock", "good.lock"]),
    Command("explain", ["explain", "--last"], before=["render", *SMALL, "--patch", "never"]),
    Command("argocd generate", ["argocd", "generate"], env=ARGO),
    Command("argocd check-app", ["argocd", "check-app", *POLICY, "-o", "json", "app.yaml"]),
    Command("argocd parameters", ["argocd", "parameters"], env=ARGO),
    Command("argocd plugin", ["argocd", "plugin", *POLICY]),
    Command("values check", ["values", "check", *POLICY, "--against", "good-values.yaml", "values.yaml"]),
    Command("spec", ["spec", "--answers", "answers.yaml", "-d", "out"],
            files=["out/pxb-fed.yaml", "out/INSTALL.md", "out/values-px-central-3.0.0.yaml"]),
    Command("spec images", ["spec", "images", "--sync", "small.yaml"]),
    Command("audit", ["audit", "--jobs", "1", "--variant", "install", "--value", "pxbackup.federated", "./chart"],
            env={"HELM_BIN": "{}/rendering.sh"}),
    Command("verify", ["verify", "--from", "saved/verify", "-o", "json"], prefix=True),
    Command("preflight", ["preflight", "--from", "saved/preflight", *POLICY, "-n", "central", "good.yaml"], prefix=True),
    Command("preflight dry run", ["preflight", *POLICY, "--kubeconfig", "kubeconfig", "-n", "central", "--dry-run", "-o", "json", "small.yaml"],
            prefix=True, lossy=True),
    Command("verify sarif", ["verify", "--from", "saved/verify", "-o", "sarif"], prefix=True),
    Command("verify matrix", ["verify", "--from", "saved/fleet", "--since", "before.json"], prefix=True),
    Command("verify html", ["verify", "--from", "saved/fleet", "-o", "html"], prefix=True),
    Command("watch", ["watch", "--from", "record.jsonl"], prefix=True),
    Command("watch json", ["watch", "--from", "record.jsonl", "-o", "json"], prefix=True),
    Command("full stream", ["render", "--policy", "full-policy.yaml"], "full.yaml"),
    Command("install", ["install", *POLICY, "px-central", "./chart", "-n", "central", "-f", "good-values.yaml"], env=HELM),
]


def record():
    """A namespace with one workload whose image is not there, as 'watch --save' keeps it."""
    lists = {r: [] for r in ("pods", "deployments", "replicasets", "statefulsets", "jobs", "persistentvolumeclaims", "events",
                             "configmaps", "secrets", "namespaces", "storageclasses", "prometheuses", "alertmanagers")}
    lists["namespaces"] = [{"metadata": {"name": "central"}}]
    lists["statefulsets"] = [{"metadata": {"name": "pxcentral-mysql", "generation": 1}, "spec": {"replicas": 1}, "status": {}}]
    lists["pods"] = [{"metadata": {"name": "pxcentral-mysql-0",
                                   "ownerReferences": [{"kind": "StatefulSet", "name": "pxcentral-mysql"}]},
                      "status": {"phase": "Pending", "containerStatuses": [
                          {"name": "mysql", "image": "mysql:8", "state": {"waiting": {"reason": "InvalidImageName",
                                                                                     "message": "password=x"}}}]}}]
    lines = [{"watch": 1, "time": 1795687313, "namespace": "central", "release": "px-central"}]
    lines += [{"at": 0, "resource": r, "change": "list", "kind": "ok", "body": {"items": items}} for r, items in lists.items()]
    return "".join(json.dumps(line) + "\n" for line in lines)


def write(folder, name, text, mode=0o644):
    path = os.path.join(folder, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
    os.chmod(path, mode)


def make_files(folder, run):
    """Everything that a command may want, in one folder. `run` runs the program there."""
    for source, name in (("stream.yaml", "small.yaml"), ("policy.yaml", "small-policy.yaml"), ("pxb-fed.lock", "small.lock"),
                         ("floats.yaml", "floats.yaml")):
        shutil.copy(os.path.join(HERE, source), os.path.join(folder, name))
    with open(MINI, encoding="utf-8") as f:
        mini = f.read()
    write(folder, "good.yaml", mini)
    write(folder, "other.yaml", mini.replace("storage: 64Gi", "storage: 128Gi"))
    write(folder, "argo.yaml", mini.replace('hook-weight": "5"', 'hook-weight": "6"'))
    write(folder, "policy.yaml", BUILTIN)
    shutil.copy(os.path.join(HERE, "full-policy.yaml"), folder)
    shutil.copy(os.path.join(ROOT, "testdata/streams/classic.helm4.yaml"), os.path.join(folder, "full.yaml"))
    write(folder, "values.yaml", VALUES)
    write(folder, "record.jsonl", record())
    for command, base in (("verify", good.VERIFY), ("preflight", good.PREFLIGHT), ("fleet/a", good.VERIFY), ("fleet/b", good.VERIFY)):
        write(folder, f"saved/{command}/cluster.json", '{"schema": 1, "cluster": "shoot-1", "version": "0"}')
        for name, answer in good.answers(base).items():
            write(folder, f"saved/{command}/{name}.json", json.dumps(answer))
    write(folder, "before.json", '{"schema": 1, "command": "verify", "clusters": [{"name": "gone", "class": "pass", "checks": []}]}')
    write(folder, "answers.yaml", ANSWERS)
    write(folder, "kubeconfig", SERVER.kubeconfig())
    write(folder, "good-values.yaml", VALUES.replace("federted", "federated").replace("ratio: 1.5\n", ""))
    write(folder, "app.yaml", APP)
    write(folder, "chart/Chart.yaml", "apiVersion: v2\nname: px-central\nversion: 3.0.0\n")
    write(folder, "Chart.yaml", "apiVersion: v2\nname: px-central\nversion: 3.0.0\n")
    write(folder, "templates/none.yaml", "")
    os.makedirs(os.path.join(folder, "log"))
    os.makedirs(os.path.join(folder, "home"))
    shutil.copy(os.path.join(ROOT, "tests/lib/fakehelm.sh"), folder)
    write(folder, "rendering.sh", RENDERING, 0o755)
    os.chmod(os.path.join(folder, "fakehelm.sh"), stat.S_IRWXU)
    write(folder, "bin/helm", '#!/bin/sh\ncat >/dev/null\ncat argo.yaml\n', 0o755)
    run(["lock", "create", "-q", "-o", "good.lock", "good.yaml"], None, folder)
