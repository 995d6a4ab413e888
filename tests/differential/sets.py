#!/usr/bin/env python3
"""Helm's --set options: what pxb-fed makes of them against what Helm does.

    sets.py --helm HELM [--helm HELM ...] [--setter BINARY] [--count N] [--seed N]

Generates options of every kind, regular ones and broken ones, over values files, and lets both readers merge them. Helm
shows its result through a chart that prints its own values. An option that pxb-fed takes joins the others of its run, so
that one call of Helm judges many; one that pxb-fed refuses is shown to Helm behind those that were taken, and Helm must
refuse it too. The last line is 'sets: N passed, M failed'.
"""
import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
KINDS = ["--set-json", "--set", "--set-string", "--set-file", "--set-literal"]
PER_RUN = 40

KEYS = ["a", "b", "c", "d", "istio", "enabled", "a-b", "a_b", "a/b", "", " ", "é", "\\.", "x\\,y", "\\=", "\\[0\\]", "k\\", "{", "}", "1"]
WORDS = ["true", "TRUE", "True", "false", "FALSE", "fal\u017fe", "null", "NULL", "~", "yes", "0", "00", "01", "-0", "+0", "+1", "-1",
         "-01", "+-1", "1", "42", "1.5", "1e3", "0x10", "1_000", "9223372036854775807", "9223372036854775808",
         "-9223372036854775808", "-9223372036854775809", "", " ", " 1", "text", "a b", "a=b", "=", "\\,", "a\\,b", "\\\\", "\\{a",
         "a\\", "{", "}", "{}", "{a}", "{a,b}", "{1,true,null,}", "{a\\,b,c}", "{{a}", "{a}x", "{a", "{a},", "[1]", "é", "\u2028",
         "\x01", "\t", "'x'", '"x"', "\ufeff", "\udcff", "\udcc3(", "#c", "a: b", "- a", "*x", "&x", "!t", "%", "@", "|"]
JSON = ["1", "-1", "1.5", "1e2", "true", "false", "null", '"x"', '"\\u00e9"', "[]", "{}", "[1,2]", '{"x":1}', '{"x":{"y":[1,{"z":null}]}}',
        "", " ", "  1  ", " [1] ", "01", "1.", "-", "tru", "truex", '"x', "[1", "{", "[1}", '{"x"}', "{x:1}", "1 2", '"a","b"', "1,",
        '{"a":1,"a":2}', "\t1\n", "\u00a01", '{"x":1}}', "1e400", '["é"]', '"a=b"']
OBJECTS = ['{"a":1}', '{"a":{"b":1}}', ' {"c":{"d":[1]}} ', "{}", '{"a":null}', '{"istio":{"enabled":false}}', '{"a":1', '{"a":1}x', "{a:1}"]
FILES = ["", "a: 1\n", "a: {b: 1}\n", "a: [1, {b: 2}, [3]]\n", "istio:\n", "istio: {enabled: true, b: null}\n", "a: null\nb: {c: {d: 1}}\n",
         "c: text\nd: [[1, 2], [3]]\n", '"a.b": 1\n"": {a: 1}\n']
CHARACTERS = "ab=.,[]{}\\01 -\"n"


def key(r):
    parts = [r.choice(KEYS[:8] if r.random() < 0.8 else KEYS) for _ in range(r.choice([1, 1, 1, 2, 2, 3]))]
    text = parts[0]
    for part in parts[1:]:
        text += "." + part
    for _ in range(r.choice([0, 0, 0, 0, 1, 1, 2])):
        text += "[" + r.choice(["0", "0", "1", "2", "3", "10", "00", "+1", "-1", "x", "", "65536", "65537"][:r.choice([3, 5, 13])]) + "]"
        if r.random() < 0.4:
            text += "." + r.choice(KEYS[:6])
    return text


def option(r, path):
    """One option and its text; Helm reads a file for --set-file, and the path stands for its content on our side."""
    kind = r.choice(KINDS + ["--set", "--set"])
    if r.random() < 0.12:
        return kind if kind != "--set-file" else "--set", "".join(r.choice(CHARACTERS) for _ in range(r.randrange(1, 14)))
    if kind == "--set-json":
        if r.random() < 0.2:
            return kind, r.choice(OBJECTS)
        pairs = [key(r) + "=" + r.choice(JSON) for _ in range(r.choice([1, 1, 2]))]
        return kind, r.choice([",", ", ", " "]).join(pairs)
    if kind == "--set-file":
        return kind, key(r) + "=" + path
    if kind == "--set-literal":
        return kind, key(r) + "=" + r.choice(WORDS)
    pairs = [key(r) + "=" + r.choice(WORDS) for _ in range(r.choice([1, 1, 1, 2, 3]))]
    if r.random() < 0.05:
        pairs[-1] = pairs[-1].split("=")[0]
    if r.random() < 0.03:
        pairs = [".".join(["a"] * r.choice([30, 31, 32])) + "=1"]
    return kind, ",".join(pairs)


def same(a, b):
    """Numbers are compared as doubles: values files and JSON reach a chart so."""
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(same(a[k], b[k]) for k in a)
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, bool) or isinstance(b, bool) or a is None or b is None or isinstance(a, str) or isinstance(b, str):
        return type(a) is type(b) and a == b
    return float(a) == float(b)


class Setter:
    def __init__(self, binary):
        self.child = subprocess.Popen([binary], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def ask(self, file, options):
        words = (["-f", file] if file is not None else []) + [w for o in options for w in o]
        data = b"".join(w.encode("utf-8", "surrogateescape") + b"\0" for w in words or ["-f", ""])
        self.child.stdin.write(data + b"\0")
        self.child.stdin.flush()
        line = self.child.stdout.readline().decode("utf-8", "surrogateescape")
        return (True, json.loads(line[1:])) if line[:1] == "A" else (False, line[1:].strip())


class Helm:
    def __init__(self, binary, folder):
        self.binary, self.folder = binary, folder
        self.major = int(self.run(["version", "--template", "{{.Version}}"]).stdout.strip().lstrip("v").split(".")[0])

    def run(self, words):
        env = dict(os.environ, HOME=self.folder, HELM_NO_PLUGINS="1")
        return subprocess.run([self.binary] + [w.encode("utf-8", "surrogateescape") for w in words], capture_output=True,
                              env=env, cwd=self.folder, stdin=subprocess.DEVNULL, encoding="utf-8", errors="surrogateescape")

    def ask(self, file, options, r):
        words = ["template", "x", os.path.join(self.folder, "chart")]
        if file is not None:
            with open(os.path.join(self.folder, "values.yaml"), "w", encoding="utf-8") as f:
                f.write(file)
            words += ["-f", "values.yaml"]
        # Whatever order the kinds stand in, Helm applies them in its own.
        by_kind = [[o for o in options if o[0] == k] for k in KINDS]
        r.shuffle(by_kind)
        for o in (o for group in by_kind for o in group):
            words += [f"{o[0]}={o[1]}"]
        p = self.run(words)
        if p.returncode:
            return False, p.stderr.strip()
        text = next(line for line in p.stdout.splitlines() if line.startswith("values: "))[len("values: "):]
        return True, json.loads(json.loads(text))


def tiny_chart(folder):
    os.makedirs(os.path.join(folder, "chart", "templates"))
    with open(os.path.join(folder, "chart", "Chart.yaml"), "w", encoding="utf-8") as f:
        f.write("apiVersion: v2\nname: tiny\nversion: 0.1.0\n")
    with open(os.path.join(folder, "chart", "templates", "values.yaml"), "w", encoding="utf-8") as f:
        f.write("values: {{ toJson (toJson .Values) }}\n")


def known_difference(helm, kind, text, why):
    """Where the two majors differ, one of them does too."""
    if helm.major == 3 and kind == "--set-json" and text.strip().startswith("{"):
        return True  # a whole object is Helm 4's
    if helm.major == 4 and "must end with ']'" in why:
        return True  # Helm 4 takes an index without an end for the end of the text
    return "65536 or less" in why  # Helm notices only when it sets the item


class Comparison:
    def __init__(self, setter, r, folder):
        self.setter, self.r, self.folder = setter, r, folder
        self.passed, self.failed, self.taken, self.refused = 0, 0, 0, 0

    def judge(self, ok, *what):
        self.passed += ok
        self.failed += not ok
        if not ok and self.failed <= 20:
            print("DIFFERENT", *[repr(w) for w in what], sep="\n    ")

    def differ(self, helm, file, options):
        """The first option that makes the difference."""
        for n in range(1, len(options) + 1):
            ours, theirs = self.setter.ask(file, options[:n]), helm.ask(file, options[:n], self.r)
            if ours[0] != theirs[0] or not same(ours[1], theirs[1]):
                return file, options[:n - 1], options[n - 1], ours[1], theirs[1]
        return file, options

    def run(self, helm):
        file = self.r.choice(FILES + [None])
        path = os.path.join(self.folder, "content")
        with open(path, "w", encoding="utf-8") as f:
            f.write(path)
        wanted = sorted((option(self.r, path) for _ in range(PER_RUN)), key=lambda o: KINDS.index(o[0]))
        taken = []
        for o in wanted:
            ok, why = self.setter.ask(file, taken + [o])
            if known_difference(helm, *o, why if not ok else ""):
                continue
            if ok:
                taken.append(o)
                self.taken += 1
            elif self.r.random() < 0.25:
                self.refused += 1
                theirs = helm.ask(file, taken + [o], self.r)
                self.judge(not theirs[0], helm.binary, file, taken, o, why, theirs[1])
        ours, theirs = self.setter.ask(file, taken), helm.ask(file, taken, self.r)
        ok = theirs[0] and same(ours[1], theirs[1])
        self.judge(ok, *(() if ok else self.differ(helm, file, taken)))


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--helm", action="append", required=True)
    p.add_argument("--setter", default=os.path.join(ROOT, "build", "tests", "set-batch"))
    p.add_argument("--count", type=int, default=4000, help="options for each Helm")
    p.add_argument("--seed", type=int, default=1)
    args = p.parse_args()
    folder = tempfile.mkdtemp(prefix="sets.")
    passed = failed = 0
    try:
        tiny_chart(folder)
        for binary in args.helm:
            c = Comparison(Setter(args.setter), random.Random(args.seed), folder)
            helm = Helm(binary, folder)
            for _ in range(max(1, args.count // PER_RUN)):
                c.run(helm)
            print(f"Helm {helm.major}: {c.taken} options taken by both, {c.refused} refused by both" if not c.failed
                  else f"Helm {helm.major}: {c.failed} differences in {c.passed + c.failed} comparisons")
            passed, failed = passed + c.passed, failed + c.failed
    finally:
        shutil.rmtree(folder)
    print(f"sets: {passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
