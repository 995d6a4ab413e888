#!/usr/bin/env python3
"""The round trip of 'spec': answers -> values and policy -> a render of the fixture chart by both Helms -> 'check'.

Every pair of answers occurs in some combination, and every combination of the one-time choices occurs. What 'spec'
wrote must be compliant under the policy that it wrote, without an error or a warning of our own; each answer changed
alone is refused by that policy if the policy has a key for it, and is named by 'values check --against' otherwise.

    roundtrip.py --bin PXB_FED --helm HELM [--helm HELM]
"""
import argparse, itertools, json, os, re, subprocess, sys, tempfile

CHART = "testdata/charts/px-central-like"

# Each answer with the alternatives that are tried. The first of all is the base.
FIELDS = {
    "releaseName": [{}, {"releaseName": "backup1"}],
    "namespace": [{}, {"namespace": "pxb"}],
    "class": [{"storage.className": "px-csi-db"}, {"storage.className": "fast-1"}],
    "encrypt": [{}, {"encryptMongoDB": True}],
    "argo": [{}, {"argoCD": True}],
    "openshift": [{}, {"openshift": True}],
    "service": [{}, {"service.centralUI": "NodePort", "service.backupUI": "ClusterIP"}],
    "sizes": [{}, {"storage.mysql": "200Gi", "storage.prometheus": "100Gi"}],
    "oidc": [{}, {"oidc.enabled": True, "oidc.endpoint": "https://id.example.com", "oidc.clientID": "abc",
                  "oidc.clientSecretFile": "client", "oidc.exceptionExpires": "2999-12-31"}],
    "monitoring": [{}, {"monitoring.external": True, "monitoring.prometheus": "http://p.example.com:9090",
                        "monitoring.alertmanager": "http://a.example.com:9093"},
                   {"monitoring.external": True, "monitoring.prometheus": "https://p.example.com",
                    "monitoring.prometheusSecret": "prom", "monitoring.alertmanager": "https://a.example.com",
                    "monitoring.alertmanagerSecret": "alert", "monitoring.emailTemplate": False}],
    "proxy": [{}, {"proxy.mode": "plain", "proxy.http": "http://proxy.example.com:8080",
                   "proxy.https": "http://proxy.example.com:8080", "proxy.noProxy": "10.0.0.1,.example.com"},
              {"proxy.mode": "secret", "proxy.secretName": "proxy-config"}],
    "telemetry": [{}, {"telemetry.enabled": True}, {"telemetry.enabled": True, "telemetry.metrics": True}],
    "registry": [{}, {"registry.host": "registry.example.com:5000", "registry.repository": "pxb"},
                 {"registry.host": "r.example.com", "registry.repository": "a/b", "registry.pullSecret": "pull"}],
    "ca": [{}, {"caCertsSecret": "corporate-ca"}],
    "mesh": [{}, {"mesh.mode": "linkerd"}, {"mesh.mode": "istio"},
             {"mesh.mode": "istio", "mesh.sharedGateway": True, "mesh.hostName": "pxb.example.com"}],
}
ONCE = ["releaseName", "namespace", "class", "encrypt"]
# Answers that the policy has a key for.
POLICY = {"releaseName", "namespace", "class", "argo", "telemetry", "registry", "mesh"}
# Answers that are no values of the chart.
NO_VALUES = {"releaseName", "namespace"}


def pairs_of(combination):
    return set(itertools.combinations(sorted(combination.items()), 2))


def pairwise():
    """Greedy: each new combination covers as many pairs that are still missing as it can."""
    names = list(FIELDS)
    missing = set()
    for a, b in itertools.combinations(sorted(names), 2):
        for i in range(len(FIELDS[a])):
            for k in range(len(FIELDS[b])):
                missing.add(((a, i), (b, k)))
    chosen = [{n: 0 for n in names}]
    missing -= pairs_of(chosen[0])
    while missing:
        (a, i), (b, k) = min(missing)
        combination = {a: i, b: k}
        for n in names:
            if n in combination:
                continue
            combination[n] = max(range(len(FIELDS[n])), key=lambda v: (
                sum(1 for m, w in combination.items() if tuple(sorted([(n, v), (m, w)])) in missing), -v))
        missing -= pairs_of(combination)
        chosen.append(combination)
    for values in itertools.product(*(range(len(FIELDS[n])) for n in ONCE)):
        combination = {n: 0 for n in names} | dict(zip(ONCE, values))
        if combination not in chosen:
            chosen.append(combination)
    return chosen


def answers_of(combination):
    flat = {}
    for name, i in combination.items():
        flat.update(FIELDS[name][i])
    return flat


def answers_text(flat):
    tree = {"apiVersion": "pxb-fed/v1", "kind": "Answers"}
    for key, value in flat.items():
        at = tree
        *sections, last = key.split(".")
        for s in sections:
            at = at.setdefault(s, {})
        at[last] = value
    return json.dumps(tree)


def has_key(field, base, i):
    """Whether the base's policy says something else: without a private registry it says nothing of images, and it
    has no key for telemetry's metrics."""
    if field == "registry":
        return base > 0
    if field == "telemetry":
        return (base > 0) != (i > 0)
    return field in POLICY


class Trip:
    def __init__(self, args, folder):
        self.bin, self.helms, self.folder = os.path.abspath(args.bin), args.helm, folder
        self.passed = self.failed = 0
        with open(os.path.join(folder, "client"), "w") as f:
            f.write("not-a-" + "secret\n")

    def say(self, ok, text, detail=""):
        if ok:
            self.passed += 1
            return True
        self.failed += 1
        print("FAILED", text, detail[:1500], sep="\n  ")
        return False

    def run(self, argv, **more):
        return subprocess.run(argv, capture_output=True, text=True, timeout=120, cwd=self.folder, **more)

    def spec(self, flat, name):
        r = self.run([self.bin, "spec", "--answers", "-", "-d", name], input=answers_text(flat))
        return self.say(r.returncode == 0, f"spec of {flat}", r.stderr)

    def values_of(self, name):
        found = [os.path.join(name, f) for f in sorted(os.listdir(os.path.join(self.folder, name)))
                 if f.startswith("values-") and f.endswith(".yaml")]
        return found

    def render(self, helm, flat, name):
        argv = [helm, "template", flat.get("releaseName", "px-central"), os.path.abspath(CHART), "--namespace",
                flat.get("namespace", "central"), "--api-versions", "networking.istio.io/v1/VirtualService"]
        for f in self.values_of(name):
            argv += ["-f", f]
        r = self.run(argv)
        self.say(r.returncode == 0, f"render of {flat}", r.stderr)
        return r.stdout

    def check(self, stream, name, flat):
        argv = [self.bin, "check", "-o", "json", "-p", os.path.join(name, "pxb-fed.yaml"), "--release-namespace",
                flat.get("namespace", "central")]
        for f in self.values_of(name):
            argv += ["--values", f]
        return self.run(argv + ["-"], input=stream)

    def good(self, combination, number):
        flat, name = answers_of(combination), f"good{number}"
        if not self.spec(flat, name):
            return
        r = self.run([self.bin, "values", "check", "-p", f"{name}/pxb-fed.yaml", *self.values_of(name)])
        self.say(r.returncode == 0, f"values check of {flat}", r.stdout + r.stderr)
        for helm in self.helms:
            r = self.check(self.render(helm, flat, name), name, flat)
            report = json.loads(r.stdout)
            bad = [f["rule"] + ": " + f["message"] for f in report["findings"]
                   if f["severity"] in ("error", "warning") and not f.get("excepted")]
            # The vendor's telemetry templates define a label twice; no answer can change that.
            if flat.get("telemetry.enabled"):
                bad = [b for b in bad if not b.startswith("duplicate-key: ")]
            self.say(r.returncode == 0 and not bad, f"check of {flat}", "\n  ".join(bad) + r.stderr)

    def changed(self, base, number):
        """Each answer changed alone, against what was written for the base."""
        name, flat = f"base{number}", answers_of(base)
        if not self.spec(flat, name):
            return
        for field, alternatives in FIELDS.items():
            for i in range(len(alternatives)):
                if i == base[field]:
                    continue
                other = answers_of(base | {field: i})
                there = f"{name}-{field}{i}"
                if not self.spec(other, there):
                    continue
                if has_key(field, base[field], i):
                    stream = self.render(self.helms[0], other, there)
                    r = self.run([self.bin, "check", "-q", "-p", f"{name}/pxb-fed.yaml", "-"], input=stream)
                    self.say(r.returncode == 1, f"{field} {i} against the policy of {flat}", r.stdout)
                if field in NO_VALUES:
                    continue
                argv = [self.bin, "values", "check", *self.values_of(there)]
                for f in self.values_of(name):
                    argv += ["--against", f]
                r = self.run(argv)
                self.say(r.returncode == 1, f"{field} {i} against the values of {flat}", r.stdout + r.stderr)


    def images(self):
        """The names after the move are those that the chart renders with the registry's values, whatever the values."""
        base = {"storage.className": "px-csi-db", "telemetry.enabled": True}
        moved = base | {"registry.host": "r.example.com:5000", "registry.repository": "team/pxb"}
        if not self.spec(base, "images-base") or not self.spec(moved, "images-moved"):
            return
        for helm in self.helms:
            here = self.render(helm, base, "images-base")
            there = self.render(helm, moved, "images-moved")
            want = self.run([self.bin, "spec", "images", "-"], input=there).stdout
            have = self.run([self.bin, "spec", "images", "--registry", "r.example.com:5000", "--repository", "team/pxb",
                             "-"], input=here).stdout
            self.say(sorted(want.split()) == sorted(have.split()) and len(want.split()) > 10, "images after the move",
                     want + have)

    def wrong_values(self):
        """Each key of the chart with a value of another type, misspelt, and at another place."""
        types = re.findall(r'^VALUE_TYPE\("([^"]+)",\s*([A-Z_]+)\)', open("src/chart/value_types.def").read(), re.M)
        self.say(len(types) > 100, "the table of value types is read")
        wrong = {"SWITCH": "yes please", "NUMBER": "1x", "SIZE": "big", "NAME": "Not A Name", "SERVICE": "Public",
                 "TEXT": 26.5, "TEXT_OR_NUMBER": True, "LIST": "one", "MAP": "x", "URL": "no url", "HOSTS": "a, b", "HOST": "a:1",
                 "REGISTRY": "https://r", "REPOSITORY": "/x", "PULL_POLICY": "Sometimes", "ENVIRONMENT": "prod"}
        good = {"pxbackup": {"enabled": True, "federated": True}, "persistentStorage": {"storageClassName": "a"}}
        for key, kind in types:
            self.values_say(good, key, wrong[kind], key, f"{key} of another type")
            *parents, last = key.split(".")
            if len(last) > 4:
                self.values_say(good, ".".join(parents + [last[:2] + last[3:]]), "x", key, f"{key} misspelt")
            # Where several sections have such a key nobody can say which one was meant: then it is named as it is.
            unique = sum(k.endswith("." + last) for k, _ in types) == 1
            if len(parents) == 1 and len(last) > 4:
                self.values_say(good, last, "x", key if unique else last, f"{key} misplaced")

    def values_say(self, good, key, value, want, text):
        tree = json.loads(json.dumps(good))
        at = tree
        *parents, last = key.split(".")
        for p in parents:
            at = at.setdefault(p, {})
        at[last] = value
        path = os.path.join(self.folder, "wrong.yaml")
        with open(path, "w") as f:
            json.dump(tree, f)
        r = self.run([self.bin, "values", "check", "-o", "json", "wrong.yaml"])
        found = [f for f in json.loads(r.stdout)["findings"] if want in json.dumps(f)]
        self.say(bool(found), text, r.stdout)


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--bin", required=True)
    p.add_argument("--helm", action="append", required=True)
    args = p.parse_args()
    combinations = pairwise()
    with tempfile.TemporaryDirectory() as folder:
        for name in [n for n in os.environ if n.startswith(("PXB_FED_", "HELM_"))]:
            del os.environ[name]
        os.environ["HOME"] = folder
        trip = Trip(args, folder)
        for number, combination in enumerate(combinations):
            trip.good(combination, number)
        trip.images()
        trip.wrong_values()
        trip.changed(combinations[0], 0)
        trip.changed({n: len(v) - 1 for n, v in FIELDS.items()}, 1)
    print(f"spec: {len(combinations)} combinations, {len(args.helm)} Helms")
    print(f"{trip.passed} passed, {trip.failed} failed")
    return trip.failed != 0 or trip.passed == 0


if __name__ == "__main__":
    sys.exit(main())
