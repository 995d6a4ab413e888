#!/usr/bin/env python3
"""Recall and precision of the credential rules on manifests made at random, and proof that nothing of a secret is printed.

    score.py --bin build/pxb-fed [--seed N] [--rounds N] [-v]

Exit 1 when anything is missed, wrongly reported, or leaks. No real credential is involved.
"""
import argparse
import base64
import collections
import json
import os
import random
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import cases
import outside
import wraps
from makers import Maker

RULES = {"cloud-credential", "cloud-credential-reference", "registry-credential"}
PER_FILE = 400


def text_of(made):
    if isinstance(made, tuple):
        return comment_text(made)
    return yaml_of(made)


def yaml_of(o):
    """Block style at the top, so that comments and lines have places; strings as JSON writes them."""
    out = []
    for k, v in o.items():
        out.append("%s: %s\n" % (k, json.dumps(v)))
    return "".join(out)


def comment_text(made):
    _, o, lines = made
    return yaml_of(o) + "".join("# %s\n" % line for line in lines)


def build(seed, rounds):
    rng = random.Random(seed)
    docs, number = [], 0
    for _ in range(rounds):
        for case in cases.all_cases(Maker(rng)):
            for wrap in wraps.ALL:
                name = "c%d" % number
                made = wrap(case, name)
                if made is None:
                    continue
                number += 1
                docs.append((name, case, wraps.NAMES[wrap], text_of(made)))
    return docs


def run(binary, files, home, *options):
    env = {"PATH": os.environ["PATH"], "XDG_STATE_HOME": home, "HOME": home}
    env.update((k, v) for k, v in os.environ.items() if k.startswith("PXB_MUTANT"))
    return subprocess.run([binary, "check", "--any", *options, *files], capture_output=True, text=True, env=env, timeout=600)


def grams(text, n=6):
    return {text[i:i + n] for i in range(len(text) - n + 1)}


def secret_grams(docs):
    out = {}
    for name, case, wrap, _ in docs:
        for s in case.secrets:
            for g in grams(s):
                out[g] = (name, case, wrap)
            for pad in ("", "x", "xx"):
                coded = base64.b64encode((pad + s).encode()).decode()[4:-4]
                for g in grams(coded, 8):
                    out[g] = (name, case, wrap)
    return out


def leaks(text, secrets):
    found = []
    for n in (6, 8):
        for g in grams(text, n) & secrets.keys():
            found.append((g, secrets[g]))
    return found


def judge(docs, results):
    table = collections.OrderedDict()
    wrong = []
    for name, case, wrap, _ in docs:
        row = table.setdefault(case.provider, [0, 0, 0, 0])
        worst = max(results.get(name, []), default=0)
        if case.expected == "error":
            row[0] += 1
            row[1] += worst == 3
            if worst != 3:
                wrong.append(("missed", name, case, wrap))
        else:
            row[2] += 1
            row[3] += worst >= 2
            if worst >= 2:
                wrong.append(("false", name, case, wrap))
            elif case.expected == "note" and worst == 0 and wrap in ("env", "configmap", "string_data"):
                wrong.append(("no note", name, case, wrap))
    return table, wrong


def show(title, table):
    print(title)
    print("  %-16s %9s %7s %9s %7s %10s" % ("provider", "positives", "recall", "negatives", "false", "precision"))
    sums = [0, 0, 0, 0]
    for provider, row in sorted(table.items()) + [("all", sums)]:
        if provider != "all":
            sums = [a + b for a, b in zip(sums, row)]
        else:
            row = sums
        pos, hit, neg, false = row
        print("  %-16s %9d %6.2f%% %9d %7d %9.2f%%" % (provider, pos, 100.0 * hit / pos if pos else 100, neg, false, 100.0 * hit / (hit + false) if hit + false else 100))


SEVERITY = {"note": 1, "warning": 2, "error": 3}


def findings_of(text):
    results = collections.defaultdict(list)
    report = json.loads(text)
    for one in report if isinstance(report, list) else [report]:
        for f in one["findings"]:
            if f["rule"] in RULES and f.get("object"):
                results[f["object"]["name"]].append(SEVERITY[f["severity"]])
    return results


def write(docs, folder):
    files = []
    for i in range(0, len(docs), PER_FILE):
        path = os.path.join(folder, "f%04d.yaml" % i)
        with open(path, "w", encoding="utf-8") as f:
            for _, _, _, text in docs[i:i + PER_FILE]:
                f.write("---\n" + text)
        files.append(path)
    return files


def examine(binary, docs, title, verbose):
    with tempfile.TemporaryDirectory() as folder:
        files = write(docs, folder)
        results, printed = collections.defaultdict(list), []
        for path in files:
            p = run(binary, [path], folder, "-o", "json")
            if p.returncode not in (0, 1):
                sys.exit("check ended with %d: %s" % (p.returncode, p.stderr[:500]))
            for k, v in findings_of(p.stdout).items():
                results[k] += v
            printed += [p.stdout, p.stderr]
        for options in (("-v",), ("--report", "json=" + os.path.join(folder, "report.json"))):
            p = run(binary, files[:3], folder, *options)
            printed += [p.stdout, p.stderr]
        for base, _, names in os.walk(folder):
            for n in names:
                if n.endswith(".json"):
                    printed.append(open(os.path.join(base, n), encoding="utf-8").read())
        # Broken streams: the messages of the readers must not quote what they choke on.
        broken = os.path.join(folder, "broken.yaml")
        for cut in (7, 13, 29):
            with open(broken, "w", encoding="utf-8") as f:
                for _, _, _, text in docs[:200]:
                    f.write("---\n" + text[:-cut] + "\n  : [\n")
            p = run(binary, [broken], folder)
            printed += [p.stdout, p.stderr]
    table, wrong = judge(docs, results)
    show(title, table)
    leaked = leaks(re.sub(r'"fingerprint":\s*"[0-9a-f]+"', "", "\n".join(printed)), secret_grams(docs))
    for kind, name, case, wrap in wrong[:60 if verbose else 15]:
        print("  %s: %s, %s, in %s" % (kind, case.provider, case.what, wrap))
    for _, (name, case, wrap) in leaked[:15]:
        print("  leaked: a part of %s, %s, in %s" % (case.provider, case.what, wrap))
    print("  %d manifests, %d wrong, %d leaks" % (len(docs), len(wrong), len(leaked)))
    return wrong, leaked


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", default="build/pxb-fed")
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("-v", action="store_true")
    opt = parser.parse_args()
    seed = opt.seed if opt.seed is not None else random.SystemRandom().randrange(1 << 32)
    print("seed %d" % seed)
    wrong, leaked = examine(opt.bin, build(seed, opt.rounds), "generated", opt.v)
    out_wrong, out_leaked = examine(opt.bin, outside.build(seed), "hand-written", opt.v)
    sys.exit(1 if wrong or leaked or out_wrong or out_leaked else 0)


main()
