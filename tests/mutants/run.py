#!/usr/bin/env python3
"""Mutants that no test notices.

    make test-mutants [SEED=1] [COUNT=100]
    run.py [--seed N] [--count N] [--jobs N] [--only TEXT] [--quick] [--again] [--sanitized] [--list]

COUNT places of src/rules, src/cmd, src/edit and src/policy are drawn (mutate.py says what a mutant changes), from each folder
in proportion to what it has. All of them are compiled into one program, build/mutants/tree/build/pxb-fed; $PXB_MUTANT is the
number of the one that is on. Then

  1. the tests run once with none on, and which test reaches which place is kept (switch.c);
  2. for each mutant those tests run that reach it, the fastest first, until one fails. A test that hangs fails. What failed
     runs again without the mutant: if it fails there too, its failure says nothing.

Tests are the programs of tests/unit, the files of tests/cases, each test of tests/cli, and the runners; where there
is Go also those that need Helm or a cluster, but for the image of tests/argocd. See suite.py.

Results are appended to build/mutants/results: a run that was stopped goes on where it was. A mutant runs again if its source has
changed, and one that survived also if a test has, or with --again. The summary names each mutant that survived and each that no
test reaches. The exit code is 1 if tests/mutants/explained.txt has no reason for one of them.

A whole run takes 20 minutes on two cores, most of it for the tests that need Helm or a cluster. The order that gives most for the
time: --quick, then --quick --sanitized, which sees that a loop reads one too many, then neither.

A line of explained.txt is the mutant's key, ` # because ` and the reason. The key names a function and the text, never a line.
"""
import argparse
import contextlib
import glob
import json
import os
import random
import shutil
import subprocess
import sys
import threading
import time

import mutate
from suite import HERE, ROOT, SLOW, WORK, all_groups, digest, each, reach, write_if_new

TREE = os.path.join(WORK, "tree")
FOLDERS = ("rules", "cmd", "edit", "policy")
# A negated condition seldom survives: results and comparisons are drawn more often.
WEIGHT = {"condition": 1, "comparison": 3, "result": 3}


# --- the draw and the program ------------------------------------------------------------------------------------------


def draw(seed, count):
    """Each place has a random number of its own: a change of a source hardly changes the draw."""
    found = {}
    for folder in FOLDERS:
        found[folder] = []
        for path in sorted(glob.glob(os.path.join(ROOT, "src", folder, "*.c"))):
            with open(path, encoding="utf-8") as f:
                found[folder] += mutate.places(os.path.relpath(path, ROOT), f.read())
    total = sum(map(len, found.values()))
    chosen, before = [], 0
    for places in found.values():
        places.sort(key=lambda p: -random.Random(f"{seed} {p.key}").random() ** (1 / WEIGHT[p.kind]))
        chosen += places[:(before + len(places)) * count // total - before * count // total]
        before += len(places)
    chosen = mutate.without_overlaps_of_files(chosen)
    for number, place in enumerate(chosen, 1):
        place.number = number
    print(f"mutants: {len(chosen)} drawn of {total} places, seed {seed}")
    return chosen


def source_of(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as f:
        return f.read()


def compiles(path, chosen):
    words = ["gcc", "-std=gnu17", "-w", "-fsyntax-only", "-Isrc", "-Iinclude", "-Ibuild/gen", f"-I{os.path.dirname(path)}", f"-I{WORK}/include",
             "@build/packages.cflags", '-DPXB_VERSION="0"', "-x", "c", "-"]
    text = mutate.mutated_source(path, source_of(path), chosen)
    return subprocess.run(words, input=text.encode(), cwd=ROOT, stderr=subprocess.DEVNULL, check=False).returncode == 0


def drop_broken(chosen):
    """Without those that do not compile."""
    os.makedirs(os.path.join(WORK, "include", "mutants"), exist_ok=True)
    shutil.copy(os.path.join(HERE, "switch.h"), os.path.join(WORK, "include", "mutants"))
    kept = []
    for path in sorted({p.path for p in chosen}):
        here = [p for p in chosen if p.path == path]
        if not compiles(path, here):
            for p in [p for p in here if not compiles(path, [p])]:
                print(f"does not compile: {p.key}")
                here.remove(p)
        kept += here
    print(f"mutants: {len(chosen) - len(kept)} do not compile")
    return sorted(kept, key=lambda p: p.number)


def build(chosen, sanitized):
    """A tree of its own, in which only what has changed is compiled again."""
    os.makedirs(TREE, exist_ok=True)
    for name in os.listdir(ROOT):
        link = os.path.join(TREE, name)
        if name not in ("src", "build", ".git") and not os.path.lexists(link):
            os.symlink(os.path.join(ROOT, name), link)
    wanted = {os.path.join("src", "mutants", name): os.path.join(HERE, name) for name in ("switch.c", "switch.h")}
    for folder, _, names in os.walk(os.path.join(ROOT, "src")):
        for name in names:
            path = os.path.join(folder, name)
            wanted[os.path.relpath(path, ROOT)] = path
    for path, origin in wanted.items():
        with open(origin, encoding="utf-8") as f:
            text = f.read()
        here = [p for p in chosen if p.path == path]
        write_if_new(os.path.join(TREE, path), mutate.mutated_source(path, text, here) if here else text)
    for folder, _, names in os.walk(os.path.join(TREE, "src")):
        for name in names:
            if os.path.relpath(os.path.join(folder, name), TREE) not in wanted:
                os.remove(os.path.join(folder, name))
    jobs = f"-j{os.cpu_count()}"
    folder = "build/sanitize" if sanitized else "build"
    how = ["SANITIZE=1"] if sanitized else ["OPT=-O1 -g1"]
    subprocess.run(["make", "-s", jobs, *how, "WARN=-w", f"{folder}/pxb-fed", f"{folder}/pxb-fed-kube", "unit-bin"], cwd=TREE, check=True)
    return os.path.join(TREE, folder)


# --- mutants -----------------------------------------------------------------------------------------------------------


def kill(place, groups, tests):
    """(how it ended, which test, how)."""
    plan = []
    for g in groups:
        mine = [t for t in tests[g.name] if t["ok"] and place.number in t["reaches"]]
        if mine:
            # A test that reaches few places is about this one.
            plan.append((g.slow, sum(t["ms"] for t in mine) * min(len(t["reaches"]) for t in mine), g, mine))
    if not plan:
        return "not reached", "", ""
    unsure = []
    for slow, _, g, mine in sorted(plan, key=lambda x: x[:2]):
        while mine:
            with SLOW if slow else contextlib.nullcontext():
                failed = g.run(mine, place.number)
            if not failed:
                break
            name, how = failed
            which = [t for t in mine if t["name"] == name] or mine[:1]
            if not g.run(which, 0):
                return "killed", f"{g.name} {name}".strip(), how
            unsure.append(f"{g.name} {name}")
            mine = [t for t in mine if t not in which]
    return "survived", "", f"fails now and then: {unsure}" if unsure else ""


def read_results():
    found = {}
    path = os.path.join(WORK, "results")
    if os.path.exists(path):
        with open(path, encoding="utf-8") as f:
            for line in f:
                r = json.loads(line)
                found[r["key"]] = r
    return found


def explained():
    found = {}
    path = os.path.join(HERE, "explained.txt")
    with open(path, encoding="utf-8") as f:
        for line in f:
            key, mark, reason = line.rstrip("\n").partition(" # because ")
            if mark and reason:
                found[key] = reason
    return found


def run(chosen, args):
    plain = all_groups(build(chosen, False), args.quick)
    tests = reach(plain, args.jobs)
    groups = plain
    if args.sanitized:
        os.environ["ASAN_OPTIONS"] = "detect_leaks=1:abort_on_error=0:exitcode=99"
        groups = all_groups(build(chosen, True), args.quick)
    old, reasons = read_results(), explained()
    suite = digest(*(os.path.join(ROOT, "tests", x) for x in ("unit", "cases", "cli", "lib", "checks", "watch", "helm", "argocd", "audit", "spec", "lock")), os.path.join(ROOT, "testdata"))
    marks = {p.path: digest(os.path.join(ROOT, p.path)) for p in chosen}

    def is_settled(p):
        r = old.get(p.key)
        if not r or r["source"] != marks[p.path]:
            return False
        # What survived the quick tests may fall to the slow ones, unless it changes nothing.
        whole = args.quick or not r.get("quick") or p.key in reasons
        return r["end"] == "killed" or (r["suite"] == suite and whole and not args.again and not args.sanitized)

    left = [p for p in chosen if not is_settled(p) and args.only in p.key]
    # Those that only slow tests reach come last.
    fast = {n for g in groups if not g.slow for t in tests[g.name] for n in t["reaches"]}
    left.sort(key=lambda p: p.number not in fast)
    lock = threading.Lock()
    with open(os.path.join(WORK, "results"), "a", encoding="utf-8") as out:

        def one(p):
            start = time.monotonic()
            end, test, how = kill(p, groups, tests)
            with lock:
                r = {"key": p.key, "end": end, "test": test, "how": how, "source": marks[p.path], "suite": suite, "quick": args.quick}
                print(json.dumps(r), file=out, flush=True)
                print(f"{end} {p.number} {p.path}:{p.line} {p.was} -> {p.becomes} [{test} {how}] {time.monotonic() - start:.1f} s", flush=True)

        for _ in each(args.jobs, one, left):
            pass


def summary(chosen):
    results, reasons = read_results(), explained()
    ends = {end: [p for p in chosen if results.get(p.key, {}).get("end") == end] for end in ("killed", "survived", "not reached")}
    settled = sum(map(len, ends.values()))
    unexplained = 0
    for end in ("survived", "not reached"):
        for p in ends[end]:
            reason = reasons.get(p.key)
            unexplained += reason is None
            print(f"{end}: {p.path}:{p.line} {p.function}\n    {p.was}\n -> {p.becomes}\n    {reason or 'not explained; its key is'}")
            if not reason:
                print(f"    {p.key}")
    print(f"mutants: {len(chosen)} run, {len(ends['killed'])} killed, {len(ends['survived'])} survived, "
          f"{len(ends['not reached'])} not reached, {unexplained} unexplained" + (f", {len(chosen) - settled} left" if settled < len(chosen) else ""))
    return 1 if unexplained or settled < len(chosen) else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--only", default="", help="only mutants whose key has this text")
    parser.add_argument("--quick", action="store_true", help="without the tests that need Helm or a cluster")
    parser.add_argument("--again", action="store_true", help="survivors again")
    parser.add_argument("--sanitized", action="store_true", help="survivors again, with ASan and UBSan: they see a read beyond the end")
    parser.add_argument("--list", action="store_true", help="the draw and its results, without running anything")
    args = parser.parse_args()
    chosen = draw(args.seed, args.count)
    if args.list:
        for p in chosen:
            print(f"{p.number} {p.path}:{p.line} {p.function}: {p.was} -> {p.becomes}")
        return summary(chosen)
    chosen = drop_broken(chosen)
    run(chosen, args)
    return summary(chosen)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit("mutants: stopped; the same call continues here")
