#!/usr/bin/env python3
"""Work in proportion to the input: instructions per byte of `check --any` on each shape at 1x and at 8x.

Instructions are counted (callgrind), not seconds, so a loaded machine changes nothing. What the shape takes with a single part
is subtracted. The second reader is a process of its own, and counted too.
"""
import argparse
import os
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

from shapes import SHAPES

LIMIT = 1.3


def instructions(binary, text, folder):
    with tempfile.NamedTemporaryFile(dir=folder, suffix=".yaml") as f:
        f.write(text)
        f.flush()
        p = subprocess.run(["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", binary, "check", "--any", "-"], stdin=open(f.name, "rb"),
                           stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False, env=dict(os.environ, PXB_FED_NO_STATE="1"))
    found = re.findall(rb"Collected : (\d+)", p.stderr)
    if not found or p.returncode not in (0, 1, 3):
        sys.exit(f"growth: exit code {p.returncode}: {p.stderr[-400:].decode(errors='replace')}")
    return sum(map(int, found))


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--bin", required=True)
    ap.add_argument("--scale", type=float, default=1, help="of the sizes in shapes.py; below 1 for a quick look")
    ap.add_argument("shapes", nargs="*")
    a = ap.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        def measure(name):
            shape, n = SHAPES[name]
            one, *texts = [shape(parts).encode() for parts in (1, max(2, int(n * a.scale)), max(2, int(n * a.scale)) * 8)]
            rest = instructions(a.bin, one, folder)
            small, large = ((instructions(a.bin, t, folder) - rest) / (len(t) - len(one)) for t in texts)
            return name, len(texts[1]), small, large

        bad = 0
        names = a.shapes or list(SHAPES)
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            for name, size, small, large in pool.map(measure, names):
                wrong = small <= 0 or large > small * LIMIT
                bad += wrong
                print(f"{'FAIL' if wrong else 'ok  '} {name:16s} {size:8d} bytes: {small:8.1f} and {large:8.1f} instructions a byte, ratio {large / max(small, 0.1):.2f}",
                      flush=True)
    print(f"growth: {len(names)} shapes, {bad} grow faster than their input")
    return 1 if bad else 0


sys.exit(main())
