#!/usr/bin/env python3
"""Mutants that no test notices.

    make test-mutants [SEED=1] [COUNT=100]
    run.py [--seed N] [--count N] [--jobs N] [--only TEXT] [--again] [--sanitized] [--list]

COUNT places of src/rules, src/cmd, src/edit and src/policy are drawn (mutate.py says what a mutant changes), from each folder
in proportion to what it has. All of them are compiled into one program, build/mutants/tree/build/pxb-fed; $PXB_MUTANT is the
number of the one that is on. Then

  1. the tests run once with none on, and which test reaches which place is kept (switch.c);
  2. for each mutant those tests run that reach it, the fastest first, until one fails. A test that hangs fails. What failed
     runs again without the mutant: if it fails there too, its failure says nothing.

Tests are the programs of tests/unit, the files of tests/cases, each test of tests/cli, and the runners of RUNNERS; where there
is Go also those that need Helm or a cluster, but for the image of tests/argocd.

Results are appended to build/mutants/results: a run that was stopped goes on where it was. A mutant runs again if its source has
changed, and one that survived also if a test has, or with --again. The summary names each mutant that survived and each that no
test reaches. The exit code is 1 if one survived that tests/mutants/explained.txt has no reason for.

A line of explained.txt is the mutant's key, ` # because ` and the reason. The key names a function and the text, never a line.
"""
import argparse
import concurrent.futures
import contextlib
import glob
import hashlib
import json
import os
import random
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

import mutate

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
WORK = os.path.join(ROOT, "build", "mutants")
TREE = os.path.join(WORK, "tree")
FOLDERS = ("rules", "cmd", "edit", "policy")
# A negated condition seldom survives: results and comparisons are drawn more often.
WEIGHT = {"condition": 1, "comparison": 3, "result": 3}
PROGRAM, KUBE = "pxb-fed", "pxb-fed-kube"
RUNNERS = [
    ("checks/run.py", PROGRAM), ("checks/fleet.py", PROGRAM), ("watch/cases.py", PROGRAM), ("watch/follow.py", KUBE),
    ("checks/transport.py", KUBE), ("checks/az.py", PROGRAM), ("lock/run.py", PROGRAM), ("credentials/score.py", PROGRAM),
]
# Those that need programs of tests/tools, after all others and one at a time.
SLOW_RUNNERS = ["checks/fleet_live.py", "checks/live.py", "watch/stories.py", "spec/roundtrip.py --helm $HELM3 --helm $HELM4",
                "audit/mutations.py --helm $HELM3"]
SLOW_BATS = ["tests/helm/*.bats", "tests/argocd/manifests.bats", "tests/argocd/server.bats"]
TOOLS = {"HELM3": "helm3", "HELM4": "helm4", "ORACLE": "oracle", "KUBECTL": "kubectl", "ETCD": "etcd", "KUBE_APISERVER": "kube-apiserver",
         "CMP_SERVER": "argocd-cmp-server", "CMP_CLIENT": "cmpclient"}
MUTANTS_MAX, TESTS_MAX = 4096, 512  # as in switch.h
TAP = re.compile(r"(ok|not ok) (\d+) (.*?)(?: # skip.*)?(?: in (\d+)ms)?(?: # skip.*)?$")


def digest(*paths):
    h = hashlib.sha256()
    for path in paths:
        files = [path] if os.path.isfile(path) else sorted(
            os.path.join(d, f) for d, _, names in os.walk(path) if "__pycache__" not in d for f in names)
        for file in files:
            with open(file, "rb") as f:
                h.update(hashlib.sha256(f.read()).digest())
    return h.hexdigest()[:16]


def write_if_new(path, text):
    old = None
    if os.path.exists(path):
        with open(path, encoding="utf-8") as f:
            old = f.read()
    if old != text:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)


# --- the draw and the program ------------------------------------------------------------------------------------------


def draw(seed, count):
    """A larger draw has the smaller one in it, and a change of a source hardly changes the draw."""
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


# --- tests -------------------------------------------------------------------------------------------------------------


def limits():
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if "ASAN_OPTIONS" not in os.environ:
        resource.setrlimit(resource.RLIMIT_DATA, (4 << 30, 4 << 30))


def end_session(leader):
    """Whatever a test left running, servers too: all processes of its session."""
    for sign in (signal.SIGTERM, signal.SIGKILL):
        pids = session_of(leader)
        for pid in pids:
            try:
                os.kill(pid, sign)
            except ProcessLookupError:
                pass
        deadline = time.monotonic() + 3
        while pids and sign == signal.SIGTERM and session_of(leader) and time.monotonic() < deadline:
            time.sleep(0.02)


def session_of(leader):
    pids = []
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open(f"/proc/{name}/stat", encoding="utf-8", errors="replace") as f:
                    fields = f.read().rpartition(")")[2].split()
            except OSError:
                continue
            if int(fields[3]) == leader and fields[0] != "Z":
                pids.append(int(name))
    return pids


class Late(Exception):
    """A deadline passed."""


RUNNING, STOPPED = set(), threading.Event()


def each(jobs, work, items):
    """Results in the order of the items. Ctrl-C ends the tests that run."""
    pool = concurrent.futures.ThreadPoolExecutor(jobs)
    try:
        yield from pool.map(work, items)
    except BaseException:
        STOPPED.set()
        pool.shutdown(wait=False, cancel_futures=True)
        for leader in list(RUNNING):
            end_session(leader)
        raise
    finally:
        pool.shutdown()


def lines_of(built, words, mutant, seconds, reached=None):
    """Lines of the output of a test, at last its exit code. Whoever stops reading ends the test."""
    env = {k: v for k, v in os.environ.items() if not k.startswith(("PXB_", "HELM_", "BATS_", "MAKE", "MFLAGS"))}
    env["PXB_FED_BIN"] = os.path.join(built, PROGRAM)
    if mutant:
        env["PXB_MUTANT"] = str(mutant)
    if reached:
        env["PXB_MUTANT_REACHED"] = reached
    with tempfile.TemporaryDirectory(prefix="mutant.", ignore_cleanup_errors=True) as tmp:
        env["TMPDIR"] = tmp
        child = subprocess.Popen(words, cwd=ROOT, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                 start_new_session=True, preexec_fn=limits)
        late = []
        RUNNING.add(child.pid)
        timer = threading.Timer(seconds, lambda: (late.append(1), end_session(child.pid)))
        timer.start()
        try:
            for line in child.stdout:
                yield line.decode("utf-8", "replace").rstrip("\n")
            code = child.wait()
            if STOPPED.is_set():
                raise KeyboardInterrupt
            if late:
                raise Late
            yield code
        finally:
            timer.cancel()
            RUNNING.discard(child.pid)
            end_session(child.pid)
            child.stdout.close()
            child.wait()


class Program:
    """A test that is one program: it fails or it does not."""

    def __init__(self, name, built, words, path, slow=False):
        self.name, self.built, self.words, self.path, self.slow = name, built, words, path, slow

    def measure(self, reached):
        start = time.monotonic()
        *lines, code = lines_of(self.built, self.words, 0, 900, reached)
        return [{"name": "", "number": 0, "ms": int(1000 * (time.monotonic() - start)), "ok": code == 0, "why": lines[-1:]}]

    def run(self, tests, mutant):
        """The name of the test that fails, and how, or None."""
        try:
            *lines, code = lines_of(self.built, self.words, mutant, 20 + 10 * tests[0]["ms"] / 1000)
        except Late:
            return "", "hangs"
        said = next((x for x in lines if x.startswith("FAIL") or "FAILED" in x), "")
        return None if code == 0 else ("", f"exit {code} {said}"[:120])


class Bats:
    """A file of bats: any of its tests, until one fails."""

    def __init__(self, built, path, slow=False):
        self.name, self.built, self.path, self.slow = os.path.relpath(path, ROOT), built, path, slow

    def words(self, *more):
        return ["env", "--default-signal", "bats", "--tap", "--timing", *more, self.path]

    def measure(self, reached):
        found = []
        for line in lines_of(self.built, self.words(), 0, 1800, reached):
            m = TAP.match(line) if isinstance(line, str) else None
            if m:
                found.append({"name": m[3], "number": int(m[2]), "ms": int(m[4] or 1), "ok": m[1] == "ok", "why": []})
        return found

    def run(self, tests, mutant):
        pattern = "^(" + "|".join(re.sub(r"([.^$*+?()\[\]{}|\\])", r"\\\1", t["name"]) for t in tests) + ")$"
        seconds = 60 + 5 * sum(t["ms"] for t in tests) / 1000
        try:
            for line in lines_of(self.built, self.words("--filter", pattern), mutant, seconds):
                if isinstance(line, str) and line.startswith("not ok ") and not STOPPED.is_set():
                    return TAP.match(line)[3], "fails"
                if isinstance(line, int) and line:
                    return tests[0]["name"], f"bats: exit {line}"
        except Late:
            return tests[0]["name"], "hangs"
        return None


def find_tools():
    """The programs of tests/tools go into the environment. Without Go there are none."""
    for variable, name in TOOLS.items():
        p = subprocess.run(["sh", "tests/tools/build.sh", name], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False)
        if p.returncode == 77:
            print("mutants: no Go, and so without the tests that need Helm or a cluster")
            return False
        p.check_returncode()
        os.environ[variable] = p.stdout.strip()
    return True


def all_groups(built):
    groups = []
    for path in sorted(glob.glob(os.path.join(ROOT, "tests/unit/test_*.c"))):
        name = os.path.basename(path)[:-2]
        groups.append(Program(f"unit {name}", built, ["env", "--default-signal", os.path.join(built, "tests", name)], path))
    for path in sorted(glob.glob(os.path.join(ROOT, "tests/cases/*.case"))):
        groups.append(Program(os.path.relpath(path, ROOT), built, ["python3", "tests/cases/run.py", "--bin", os.path.join(built, PROGRAM), path], path))
    slow = SLOW_RUNNERS if find_tools() else []
    for words, program in RUNNERS + [(words, PROGRAM) for words in slow]:
        name, *more = os.path.expandvars(words).split()
        path = os.path.join(ROOT, "tests", name)
        groups.append(Program(f"tests/{name}", built, ["python3", path, "--bin", os.path.join(built, program), *more], os.path.dirname(path), words in slow))
    groups += [Bats(built, p) for p in sorted(glob.glob(os.path.join(ROOT, "tests/cli/*.bats")))]
    return groups + [Bats(built, p, True) for pattern in (SLOW_BATS if slow else []) for p in sorted(glob.glob(os.path.join(ROOT, pattern)))]


# --- which test reaches what -------------------------------------------------------------------------------------------


SLOW = threading.Lock()


def measure(group):
    with tempfile.NamedTemporaryFile(prefix="reached.") as file, SLOW if group.slow else contextlib.nullcontext():
        file.truncate(MUTANTS_MAX * TESTS_MAX)
        tests = group.measure(file.name)
        for t in tests:
            t["reaches"] = []
            for test in {0, t["number"] % TESTS_MAX}:
                file.seek(MUTANTS_MAX * test)
                t["reaches"] += [n for n, byte in enumerate(file.read(MUTANTS_MAX)) if byte]
    return tests


def reach(groups, jobs):
    """{group: its tests}. What was measured with the same program and the same test is not measured again."""
    path = os.path.join(WORK, "reach.json")
    known = {}
    if os.path.exists(path):
        with open(path, encoding="utf-8") as f:
            known = json.load(f)
    program = digest(*(os.path.join(groups[0].built, name) for name in (PROGRAM, KUBE)))
    marks = {g.name: f"{program} {digest(g.path)}" for g in groups}
    tests = {g.name: known[g.name]["tests"] for g in groups if known.get(g.name, {}).get("mark") == marks[g.name]}
    left = [g for g in groups if g.name not in tests]
    for g, found in zip(left, each(jobs, measure, left)):
        tests[g.name] = found
        known[g.name] = {"mark": marks[g.name], "tests": found}
        for t in found:
            if not t["ok"]:
                print(f"fails without a mutant, and is left out: {g.name} {t['name']} {t['why']}", flush=True)
        write_if_new(path, json.dumps(known))
    return tests


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
    plain = all_groups(build(chosen, False))
    tests = reach(plain, args.jobs)
    groups = plain
    if args.sanitized:
        os.environ["ASAN_OPTIONS"] = "detect_leaks=1:abort_on_error=0:exitcode=99"
        groups = all_groups(build(chosen, True))
    old = read_results()
    suite = digest(*(os.path.join(ROOT, "tests", x) for x in ("unit", "cases", "cli", "lib", "checks", "watch", "helm", "argocd", "audit", "spec", "lock")), os.path.join(ROOT, "testdata"))
    marks = {p.path: digest(os.path.join(ROOT, p.path)) for p in chosen}

    def is_settled(p):
        r = old.get(p.key)
        if not r or r["source"] != marks[p.path]:
            return False
        return r["end"] == "killed" or (r["suite"] == suite and not args.again and not args.sanitized)

    left = [p for p in chosen if not is_settled(p) and args.only in p.key]
    lock = threading.Lock()
    with open(os.path.join(WORK, "results"), "a", encoding="utf-8") as out:

        def one(p):
            start = time.monotonic()
            end, test, how = kill(p, groups, tests)
            with lock:
                r = {"key": p.key, "end": end, "test": test, "how": how, "source": marks[p.path], "suite": suite}
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
