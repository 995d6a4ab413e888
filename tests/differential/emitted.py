#!/usr/bin/env python3
"""Random documents as other programs write them: PyYAML, ruamel.yaml, js-yaml and Go's yaml, in many of their styles.

Whatever the cluster reads in them, and another reader (PyYAML) reads alike, both of our readers must read alike too: no
refusal, no other meaning. An emitter that is not installed is named as missing, never counted.
"""
import argparse
import io
import json
import random
import shutil
import struct
import subprocess
import sys
import threading

import yaml

WORDS = ["", "a", "on", "y", "No", "null", "~", "0x1F", "1e3", ".5", "12:30", "-", "- a", "? b", "a: b", "a #c", "#c", "'", "''", '"', "\\",
         "'''' x", "it''s ''''q", "\\\\", "x\\", "\\\n", "\n", "a\n", "\na", "a\n\nb", " lead", "trail ", "a\n b\n", "tab\there", "\t", "@x",
         "`", "{", "[a]", "a, b", "!tag", "&a", "*a", "|", ">", "---", "...", "--- x", "é", "日本", "\u00a0", "\u2003", "😀", "C:\\dir\\", "\\ ", " \\",
         "x " * 40, "word\\ " * 30, "'' " * 40, "\\n" * 30, "a" * 100, "{{ x }}", "if x == '''' then", "#!/bin/sh\nset -e\n", "key=value\\\nmore",
         "<<", "=", "2024-01-01", "0o17", "012", "1_000", "true", "0.0", "1e400", "\x7f"]


def text(r):
    kind = r.randrange(6)
    if kind < 2:
        return r.choice(WORDS)
    if kind == 2:
        return "".join(r.choice(WORDS) for _ in range(r.randrange(1, 6)))
    if kind == 3:
        return " ".join(r.choice(WORDS) for _ in range(r.randrange(1, 30)))
    alphabet = "ab'\"\\ \n:#-" if kind == 4 else "abcdefghij'\\ "
    return "".join(r.choice(alphabet) for _ in range(r.randrange(120)))


def value(r, depth):
    kind = r.randrange(10)
    if depth and kind < 2:
        return [value(r, depth - 1) for _ in range(r.randrange(4))]
    if depth and kind < 4:
        return {key(r): value(r, depth - 1) for _ in range(r.randrange(4))}
    if kind == 4:
        return r.choice([True, False, None, 0, -1, 12345678901, 1.5, -0.25])
    return text(r)


def key(r):
    # libfyaml 0.7.12 refuses a key that begins with ':' below a plain value of two lines; our refusal of that is in the documentation.
    return r.choice(["a", "b-c", "d.e/f", "on", "1", "it's", "x: y"]) if r.randrange(4) else text(r)[:60].lstrip(":")


def document(r):
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}, "data": {key(r): value(r, 3) for _ in range(r.randrange(1, 6))}}


# --- emitters: (documents, generator) -> texts

def pyyaml(docs, r):
    for d in docs:
        style = {"width": r.choice([20, 80, 160, 1 << 20]), "default_flow_style": r.choice([None, False, True]), "allow_unicode": r.random() < 0.5,
                 "default_style": r.choice([None, None, None, "'", '"', "|", ">"]), "indent": r.choice([2, 4])}
        yield yaml.dump(d, Dumper=r.choice([yaml.SafeDumper, getattr(yaml, "CSafeDumper", yaml.SafeDumper)]), sort_keys=False, **style)


def ruamel_yaml(docs, r):
    from ruamel.yaml import YAML  # pylint: disable=import-outside-toplevel
    for d in docs:
        y = YAML(typ=r.choice(["rt", "safe"]), pure=True)
        y.width = r.choice([20, 80, 160])
        y.default_flow_style = r.choice([None, False, True])
        y.default_style = r.choice([None, None, "'", '"', "|", ">"])
        out = io.StringIO()
        y.dump(d, out)
        yield out.getvalue()


JS = """
const yaml = require('js-yaml'), lines = require('fs').readFileSync(0, 'utf8').split('\\n').filter(l => l);
for (const l of lines) {
  const [d, o] = JSON.parse(l);
  process.stdout.write(JSON.stringify(yaml.dump(d, o)) + '\\n');
}
"""


def js_yaml(docs, r):
    asked = "".join(json.dumps([d, {"lineWidth": r.choice([20, 80, -1]), "flowLevel": r.choice([-1, -1, 0, 2]), "noCompatMode": r.random() < 0.5,
                                    "quotingType": r.choice(["'", '"']), "forceQuotes": r.random() < 0.3, "indent": r.choice([2, 4])}]) + "\n"
                    for d in docs)
    p = subprocess.run(["node", "-e", JS], input=asked.encode(), stdout=subprocess.PIPE, check=True)
    yield from (json.loads(line) for line in p.stdout.splitlines())


class Batch:
    """A reader that speaks the oracle's protocol of frames."""

    def __init__(self, command):
        self.command = command

    def ask(self, texts):
        p = subprocess.Popen(self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

        def feed():
            for t in texts:
                p.stdin.write(struct.pack(">I", len(t)) + t)
            p.stdin.close()
        writer = threading.Thread(target=feed)
        writer.start()
        for _ in texts:
            n = struct.unpack(">I", p.stdout.read(4))[0]
            yield p.stdout.read(n)
        writer.join()
        if p.wait() != 0:
            sys.exit(f"{self.command[0]}: exit code {p.returncode}")


def go_yaml(oracle):
    def emit(docs, _r):
        for answer in Batch([oracle, "emit"]).ask([json.dumps(d).encode() for d in docs]):
            yield answer.decode()
    return emit


# --- what PyYAML makes of it, in the cluster's terms

def other_reading(t):
    """As JSON, or None when it has no such form (dates, keys of other types)."""
    try:
        return json.dumps(yaml.load(t, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)), sort_keys=True)
    except (yaml.YAMLError, TypeError, ValueError):
        return None


def judge(t, cluster, ours):
    """A word: same, refused, different, readers-differ, both-refuse, accepted."""
    if cluster[:1] != b"A":
        return "both-refuse" if ours[:1] != b"A" else "accepted"
    if ours[:1] != b"A":
        theirs = json.dumps(json.loads(cluster[1:]), sort_keys=True) if cluster[1:].count(b"\n") <= 1 and cluster[1:] else None
        return "refused" if theirs is not None and other_reading(t) == theirs else "readers-differ"
    return "same" if [json.loads(x) for x in cluster[1:].splitlines()] == [json.loads(x) for x in ours[1:].splitlines()] else "different"


def run(name, emit, a, cluster, reader):
    r = random.Random(f"{a.seed} {name}")
    texts, tally = [], {}
    docs = [document(r) for _ in range(a.count)]
    texts = [t.encode("utf-8", "replace") for t in emit(docs, r)]
    shown = 0
    for t, c, o in zip(texts, cluster.ask(texts), reader.ask(texts)):
        word = judge(t.decode(), c, o)
        tally[word] = tally.get(word, 0) + 1
        if word in ("refused", "different", "accepted") and shown < a.samples:
            shown += 1
            print(f"--- {name}: {word}: {o[:200].decode(errors='replace')}\n{t.decode()}")
    print(f"{name}: " + ", ".join(f"{n} {w}" for w, n in sorted(tally.items())))
    return len(texts), sum(tally.get(w, 0) for w in ("refused", "different", "accepted")), tally.get("same", 0)


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--reader", required=True, help="read-batch")
    ap.add_argument("--oracle", required=True)
    ap.add_argument("--count", type=int, default=10000, help="documents of each emitter")
    ap.add_argument("--seed", type=int, default=random.randrange(1 << 32))
    ap.add_argument("--samples", type=int, default=3)
    ap.add_argument("--only")
    a = ap.parse_args()
    print(f"emitted: seed {a.seed}")
    emitters, missing = {"PyYAML": pyyaml, "Go": go_yaml(a.oracle)}, []
    try:
        import ruamel.yaml  # noqa: F401 pylint: disable=import-outside-toplevel,unused-import
        emitters["ruamel.yaml"] = ruamel_yaml
    except ImportError:
        missing.append("ruamel.yaml")
    if shutil.which("node") and subprocess.run(["node", "-e", "require('js-yaml')"], stderr=subprocess.DEVNULL, check=False).returncode == 0:
        emitters["js-yaml"] = js_yaml
    else:
        missing.append("js-yaml")
    cluster, reader = Batch([a.oracle, "batch"]), Batch([a.reader, "-2"])
    total = bad = same = 0
    for name, emit in emitters.items():
        if not a.only or a.only == name:
            n, wrong, right = run(name, emit, a, cluster, reader)
            total, bad, same = total + n, bad + wrong, same + right
    print(f"emitted: {total} documents of {', '.join(sorted(emitters))}" + (f" (not installed: {', '.join(missing)})" if missing else "") +
          f", {same} read alike, {bad} failed")
    return 1 if bad or same * 2 < total else 0


sys.exit(main())
