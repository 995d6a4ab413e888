#!/usr/bin/env python3
"""The mutants of sample.c are those of sample.expected; with none on the program is as it was; each is a program that runs."""
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
# Those that change nothing of what sample.c prints.
SAME = {"v[i] > 2 -> v[i] >= 2"}


def run(words, **more):
    return subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False, **more)


def made(words):
    p = run([sys.executable, "tests/mutants/mutate.py", *words, "tests/mutants/sample.c"])
    if p.returncode:
        sys.exit(p.stderr)
    return p.stdout


def output(program, **env):
    p = run([program], env=dict(os.environ, **env))
    return p.returncode, p.stdout


def main():
    bad = []
    found = made([])
    with open(os.path.join(HERE, "sample.expected"), encoding="utf-8") as f:
        if f.read() != found:
            bad.append(f"other mutants than in sample.expected:\n{found}")
    with tempfile.TemporaryDirectory() as tmp:
        os.symlink(HERE, os.path.join(tmp, "mutants"))
        source, plain, program = (os.path.join(tmp, name) for name in ("all.c", "plain", "all"))
        with open(source, "w", encoding="utf-8") as f:
            f.write(made(["--all"]))
        gcc = ["gcc", "-std=gnu17", "-I" + tmp, "-o"]
        for words in ([plain, "tests/mutants/sample.c"], [program, source, "tests/mutants/switch.c"]):
            p = run(gcc + words)
            if p.returncode:
                sys.exit(p.stderr)
        want = output(plain)
        reached = os.path.join(tmp, "reached")
        with open(reached, "wb") as f:
            f.truncate(4096)
        if output(program, PXB_MUTANT_REACHED=reached, BATS_TEST_NUMBER="") != want:
            bad.append(f"with no mutant on: {output(program)}, not {want}")
        with open(reached, "rb") as f:
            places = f.read(4096)
        for number, line in enumerate(found.splitlines(), 1):
            what = line.partition(": ")[2]
            if not places[number]:
                same = True
                if output(program, PXB_MUTANT=str(number)) != want:
                    bad.append(f"{what}: not reached, and yet a difference")
            else:
                same = what in SAME
                if (output(program, PXB_MUTANT=str(number)) == want) != same:
                    bad.append(f"{what}: {'a' if same else 'no'} difference")
        passed = len(found.splitlines())
    print("\n".join(bad))
    print(f"mutants: {passed} of the sample, {len(bad)} failures")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
