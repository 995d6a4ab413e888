#!/usr/bin/env python3
"""Fails every allocation and every system call of a run, one at a time.

A small fixture that the gate repairs is run until no call is left to fail; the full stream with 500 sampled calls. What
must hold: a failure gives exit code 4 (or 2 for a policy that cannot be read, 3 or 5 for the second reader), a message,
and nothing on standard output; where the failed call does not matter (the last report, the terminal), the output is the
whole and right one. Never a crash, never a part. The same with the program's own allocations under AddressSanitizer,
where a leak is a failure too.
"""
import argparse
import os
import random
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))


def build_preload(out):
    lib = os.path.join(out, "inject.so")
    subprocess.run(["gcc", "-O1", "-fPIC", "-shared", "-o", lib, os.path.join(HERE, "inject.c"), "-ldl"], check=True)
    return lib


def build_wrapped():
    """The sanitized program with its own allocations behind the injector."""
    subprocess.run(["make", "-s", "SANITIZE=1", "fault-bin"], cwd=ROOT, check=True)
    return os.path.join(ROOT, "build/sanitize/pxb-fed-fault")


class Runner:
    def __init__(self, command, env, stream, policy, tmp, more=()):
        self.command, self.env, self.tmp = command, env, tmp
        self.stream = open(stream, "rb").read()
        self.args = ["render", "--policy", policy, *more]
        rc, self.expected, err, _ = self.run(None, 0)
        if rc != 0 or not self.expected:
            sys.exit(f"fault: the fixture itself fails with {rc}: {err.decode(errors='replace')}")

    def run(self, kind, n):
        with tempfile.TemporaryDirectory(dir=self.tmp) as d:
            env = dict(self.env, HOME=d, XDG_STATE_HOME=d, PXB_INJECT_LOG=os.path.join(d, "seen"))
            if kind:
                env.update(PXB_INJECT=kind, PXB_INJECT_AT=str(n))
            report = os.path.join(d, "report.json")
            p = subprocess.run(self.command + self.args + ["--report", "json=" + report], input=self.stream,
                               capture_output=True, env=env, timeout=120, start_new_session=True)
            try:
                seen = int(open(os.path.join(d, "seen")).read())
            except (OSError, ValueError):
                seen = -1
            return p.returncode, p.stdout, p.stderr, seen

    def judge(self, kind, n):
        """An empty string when all is well; None when the n-th call was never made."""
        rc, out, err, seen = self.run(kind, n)
        if 0 <= seen < n:
            return None
        allowed = (0, 4) if kind == "memory" else (0, 2, 3, 4, 5)
        if rc not in allowed:
            return f"exit {rc}: {err.decode(errors='replace')[-400:]}"
        if rc == 0 and out != self.expected:
            return f"exit 0 with {len(out)} of {len(self.expected)} bytes"
        if rc != 0 and out:
            return f"exit {rc} with {len(out)} bytes on standard output"
        if rc != 0 and not err.strip():
            return f"exit {rc} without a word"
        return ""


def every(runner, kind, label, bad):
    """All calls, in order, two at a time, until one is not reached."""
    n, done = 1, False
    with ThreadPoolExecutor(2) as pool:
        while not done:
            for i, verdict in zip(range(n, n + 64), pool.map(lambda k: runner.judge(kind, k), range(n, n + 64))):
                if verdict is None:
                    done = True
                elif verdict:
                    bad.append(f"{label}: {kind} call {i}: {verdict}")
            n += 64
            if n > 200000:
                bad.append(f"{label}: no end of {kind} calls")
                done = True
    return n - 64


def sampled(runner, kind, label, count, bad):
    total = runner.run(kind, 10 ** 9)[3]
    picks = sorted(random.sample(range(1, total + 1), min(count, total)))
    with ThreadPoolExecutor(2) as pool:
        for i, verdict in zip(picks, pool.map(lambda k: runner.judge(kind, k), picks)):
            if verdict:
                bad.append(f"{label}: {kind} call {i} of {total}: {verdict}")
    return len(picks)


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--bin", required=True)
    ap.add_argument("--seed", type=int, default=random.randrange(1 << 32))
    ap.add_argument("--skip-leaks", action="store_true")
    a = ap.parse_args()
    random.seed(a.seed)
    print(f"fault: seed {a.seed}")
    bad, runs = [], 0
    small, policy = os.path.join(HERE, "stream.yaml"), os.path.join(HERE, "policy.yaml")
    full = os.path.join(ROOT, "testdata/streams/classic.helm4.yaml")
    with tempfile.TemporaryDirectory() as tmp:
        env = dict(os.environ, LD_PRELOAD=build_preload(tmp))
        lock = ["--lock", os.path.join(HERE, "pxb-fed.lock")]
        one = Runner([os.path.abspath(a.bin)], env, small, policy, tmp, lock)
        big = Runner([os.path.abspath(a.bin)], env, full, os.path.join(HERE, "full-policy.yaml"), tmp)
        runs += every(one, "memory", "fixture", bad) + every(one, "system", "fixture", bad)
        runs += sampled(big, "memory", "full stream", 400, bad) + sampled(big, "system", "full stream", 100, bad)
        if not a.skip_leaks:
            env = dict(os.environ, ASAN_OPTIONS="detect_leaks=1:exitcode=99", UBSAN_OPTIONS="print_stacktrace=1")
            leak = Runner([build_wrapped()], env, small, policy, tmp, lock)
            runs += every(leak, "memory", "leaks", bad)
    for b in bad[:40]:
        print("FAIL", b)
    print(f"fault: {runs} runs, {len(bad)} failed")
    return 1 if bad else 0


sys.exit(main())
