#!/usr/bin/env python3
"""Fails every allocation and every system call of a run, one at a time.

Every command runs on small fixtures (commands.py): the gate until no call is left to fail, the others with sampled calls, and the
gate on a full stream too. What must hold: either the run is as if nothing had failed (the failed call did not matter: the last
report, the terminal), with the same output, files and exit code; or it says so, with exit code 4 (or 2 for a policy that cannot be
read, 3 or 5 for a reader or a helper), prints nothing that looks like a result, and leaves each file whole or as it was. Never a
crash, never a part. The same with the program's own allocations under AddressSanitizer, where a leak is a failure too.

    run.py --bin build/pxb-fed [--seed N] [--skip-leaks] [COMMAND ...]
"""
import argparse
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

import commands

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
NEVER = 10 ** 9
# Where a report says how long it took.
TIME = re.compile(rb'\([0-9.]+ m?s\)|"(?:milliseconds|duration|ms)":\s*[0-9.]+|"(?:start|end)TimeUtc":\s*"[^"]*"')


def build_preload(out):
    lib = os.path.join(out, "inject.so")
    subprocess.run(["gcc", "-O1", "-fPIC", "-shared", "-o", lib, os.path.join(HERE, "inject.c"), "-ldl"], check=True)
    return lib


def build_wrapped():
    """The sanitized program with its own allocations behind the injector."""
    subprocess.run(["make", "-s", "SANITIZE=1", "fault-bin"], cwd=ROOT, check=True)
    return os.path.join(ROOT, "build/sanitize/pxb-fed-fault")


class Result:
    def __init__(self, code, out, err, files, seen):
        self.code, self.out, self.err, self.files, self.seen = code, out, err, files, seen


class Runner:
    """One command of one program, in a fresh copy of the fixtures each time."""

    def __init__(self, binary, env, command, tmp):
        self.binary, self.command, self.tmp = binary, command, tmp
        self.env = {k: v for k, v in os.environ.items() if not k.startswith(("PXB_", "HELM_", "ARGOCD_", "XDG_"))}
        self.env.update(env)
        self.model = tempfile.mkdtemp(dir=tmp)
        commands.make_files(self.model, self.plain)
        if command.before:
            self.plain(command.before, "small.yaml", self.model)
        self.old = {name: self.content(self.model, name) for name in command.files}
        self.kept = set(self.names(self.model))
        self.expected = self.run(None, 0)
        if self.expected.code not in (0, 1) or self.expected.code and not self.expected.out:
            sys.exit(f"fault: {command.name} fails without a fault: {self.expected.code} {self.expected.err.decode(errors='replace')}")

    @staticmethod
    def content(folder, name):
        try:
            with open(os.path.join(folder, name), "rb") as f:
                return TIME.sub(b"", f.read())
        except FileNotFoundError:
            return None

    @staticmethod
    def names(folder):
        """The files of a user; where state and Helm's log lie, others come."""
        return [n for n in os.listdir(folder) if n not in ("home", "log", "seen")]

    def plain(self, args, stdin, folder):
        return self.start(args, stdin, folder, {})

    def start(self, args, stdin, folder, more):
        env = {**self.env, "HOME": folder + "/home", "LC_ALL": "C.UTF-8"}
        env.update({k: v.replace("{}", folder) for k, v in self.command.env.items()})
        env.update(more)
        with open(os.path.join(folder, stdin) if stdin else os.devnull, "rb") as f:
            return subprocess.run([self.binary, *args], stdin=f, capture_output=True, env=env, cwd=folder, timeout=120, start_new_session=True)

    def run(self, kind, n):
        with tempfile.TemporaryDirectory(dir=self.tmp) as d:
            folder = os.path.join(d, "x")
            shutil.copytree(self.model, folder)
            log = os.path.join(folder, "seen")
            more = {"PXB_INJECT": kind, "PXB_INJECT_AT": str(n), "PXB_INJECT_LOG": log} if kind else {}
            p = self.start(self.command.args, self.command.stdin, folder, more)
            here = folder.encode()
            try:
                with open(log, encoding="utf-8") as f:
                    seen = int(f.read())
            except (OSError, ValueError):
                seen = -1
            files = {name: self.content(folder, name) for name in self.command.files}
            # A folder that the command makes is no stranger while a file of its own is in it.
            made = {name.split("/")[0] for name, text in files.items() if "/" in name and text is not None}
            strangers = set(self.names(folder)) - self.kept - set(self.command.files) - made
            files.update({name: b"left behind" for name in strangers})
            return Result(p.returncode, TIME.sub(b"", p.stdout).replace(here, b"."), p.stderr, files, seen)

    def verdict(self, kind, n):
        """An empty string when all is well; None when the n-th call was never made."""
        r, want = self.run(kind, n), self.expected
        words = r.err.decode(errors="replace")[-400:]
        if 0 <= r.seen < n:
            return None
        strangers = [name for name, text in r.files.items() if text == b"left behind" and name not in self.command.files]
        if strangers:
            return f"exit {r.code}, left behind: {strangers}"
        if self.command.lossy and self.lost_answers(r, want):
            return "" if words else f"exit {r.code} without a word of what was lost"
        if r.code == want.code:
            if r.out != want.out:
                return f"exit {r.code} with another output ({len(r.out)} bytes for {len(want.out)}): {words}"
            if r.files != want.files:
                return f"exit {r.code} with other files: {words}"
            return ""
        if r.code not in ((3, 4, 5) if kind == "memory" else (2, 3, 4, 5)):
            return f"exit {r.code}: {words}"
        if not r.err.strip() and not self.says_unreadable(r.out):
            return f"exit {r.code} without a word"
        if r.out and not (self.command.prefix and want.out.startswith(r.out)) and not self.says_unreadable(r.out):
            return f"exit {r.code} with {len(r.out)} bytes on standard output: {r.out[-200:]!r}"
        for name in self.command.files:
            text = r.files[name]
            if text not in (self.old[name], want.files[name]) and not self.reports_failure(text):
                return f"exit {r.code} with a part in {name}: {words}"
        return ""

    @staticmethod
    def outcomes(out):
        try:
            return {c["id"]: c["outcome"] for cluster in json.loads(out)["clusters"] for c in cluster["checks"]}
        except (ValueError, KeyError):
            return None

    def lost_answers(self, r, want):
        """A whole report in which some checks are unknown, and none says anything but it says without a fault."""
        told, whole = self.outcomes(r.out), self.outcomes(want.out)
        if told is None or told == whole or r.code not in (want.code, 5) or told.keys() != whole.keys():
            return False
        return all(outcome in (whole[name], "unknown") for name, outcome in told.items())

    @staticmethod
    def reports_failure(text):
        """A report, whole, that says itself that not all could be read."""
        try:
            report = json.loads(text)
        except ValueError:
            return False
        return report["verdict"] == "unreadable" if "verdict" in report else report["runs"][0]["invocations"][0]["exitCode"] not in (0, 1)

    def says_unreadable(self, out):
        """A report that says itself that not all could be read, or the whole result: only what came behind it failed."""
        return b"unreadable" in out or b"the saved answers cannot be read" in out or out == self.expected.out


def tried(runner, kind, picks):
    """The failures among the picked calls, two at a time, and how many were made."""
    bad, made = [], 0
    with ThreadPoolExecutor(2) as pool:
        for n, verdict in zip(picks, pool.map(lambda k: runner.verdict(kind, k), picks)):
            made += verdict is not None
            if verdict:
                bad.append(f"{runner.command.name}: {kind} call {n}: {verdict}")
    return bad, made


def sampled(runner, kind, count):
    """All calls, or so many of them; always the first ones, where a run sets out, and the last ones, where its results come."""
    total = runner.run(kind, NEVER).seen
    calls = range(1, total + 1)
    if count is None or count >= total:
        return calls
    ends = set(range(1, count // 6)) | set(range(total - count // 3, total + 1))
    return sorted(ends | set(random.sample(calls, count - len(ends))))


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--bin", required=True)
    ap.add_argument("--seed", type=int, default=random.randrange(1 << 32))
    ap.add_argument("--each", type=int, default=48, help="calls of a kind and a command that fail, one in each run")
    ap.add_argument("--skip-leaks", action="store_true")
    ap.add_argument("--all", action="store_true", help="print every failure")
    ap.add_argument("names", nargs="*")
    a = ap.parse_args()
    random.seed(a.seed)
    print(f"fault: seed {a.seed}")
    bad, runs = [], 0
    chosen = [c for c in commands.COMMANDS if not a.names or c.name in a.names]
    with tempfile.TemporaryDirectory() as tmp:
        preload = {"LD_PRELOAD": build_preload(tmp)}
        for c in chosen:
            runner = Runner(os.path.abspath(a.bin), preload, c, tmp)
            for kind in ("memory", "system"):
                picks = sampled(runner, kind, None if c.every else a.each)
                wrong, made = tried(runner, kind, picks)
                print(f"{c.name}: {made} of {max(picks, default=0)} {kind} calls, {len(wrong)} wrong")
                if not made:
                    wrong.append(f"{c.name}: no {kind} call failed")
                bad += wrong
                runs += made
        if not a.skip_leaks:
            wrapped = build_wrapped()
            for c in chosen:
                runner = Runner(wrapped, {"ASAN_OPTIONS": "detect_leaks=1:exitcode=99", "UBSAN_OPTIONS": "print_stacktrace=1"}, c, tmp)
                wrong, made = tried(runner, "memory", sampled(runner, "memory", a.each // 3))
                bad += ["leaks: " + w for w in wrong]
                runs += made
    for b in bad if a.all else bad[:40]:
        print("FAIL", b)
    print(f"fault: {runs} runs of {len(chosen)} commands, {len(bad)} failed")
    return 1 if bad or not runs else 0


sys.exit(main())
