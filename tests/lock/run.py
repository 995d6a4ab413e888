#!/usr/bin/env python3
"""Tests of pxb-fed.lock: properties over many streams, and the file among other programs.

    run.py --bin build/pxb-fed [--seed N] [--all]    --all tries every change on every stream
"""
import argparse
import glob
import os
import random
import shutil
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import files  # noqa: E402
import properties  # noqa: E402
from bench import Bench  # noqa: E402

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def load(path):
    with open(path, "rb") as f:
        return f.read()


def streams_below(folder):
    """Federated streams with storage, by name."""
    found = {}
    for path in sorted(glob.glob(os.path.join(folder, "*.yaml"))):
        name = os.path.basename(path)[:-len(".yaml")]
        if name.startswith("fed-") and not any(w in name for w in ("nobackup", "nostorage", "setstring", "nosc")):
            found[name] = load(path)
    return found


def main():
    args = argparse.ArgumentParser()
    args.add_argument("--bin", default="build/pxb-fed")
    args.add_argument("--seed", type=int, default=1)
    args.add_argument("--all", action="store_true")
    a = args.parse_args()
    rng = random.Random(a.seed)
    b = Bench(a.bin)
    streams = streams_below(os.path.join(ROOT, "testdata/streams"))
    try:
        # Every change once on one stream (telemetry has the most claims), samples on all.
        whole = [n for n in streams if n.startswith("fed-telemetry")][:1] or list(streams)[:1]
        for name, stream in streams.items():
            properties.check_stream(b, name, stream, rng, None if a.all or name in whole else 3)
        properties.check_renders(b, {n: s for n, s in streams.items() if n.split(".")[0] == "fed-default"})
        properties.check_damage(b, properties.create(b, streams[whole[0]]), rng, 150)
        files.check(b, streams[whole[0]])
    finally:
        shutil.rmtree(b.folder)
    print("seed %d" % a.seed)
    print("lock: %d passed, %d failed" % (b.passed, len(b.failures)))
    return 1 if b.failures else 0


if __name__ == "__main__":
    sys.exit(main())
