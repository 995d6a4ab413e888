#!/usr/bin/env python3
"""Both ways to give libyaml a document (src/yaml/feed.c) read every text alike: the documents as JSON, or the first problem with its
place and words. The texts are the streams of testdata, the corpus of the fuzzing harnesses, the texts in the cases, cuts and mixtures
of these, and documents around the size of libyaml's own buffer.

  feeds.py --reader build/tests/read-batch --plain build/tests/read-batch-plain [--count 20000] [--seed 1]
"""
import argparse
import glob
import os
import random
import subprocess
import sys

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
BUFFER = 3 * 16384  # of decoded characters, in libyaml 0.2.5
FRAGMENTS = [b"a", b": ", b":", b"\n", b"- ", b"-", b"? ", b"[", b"]", b"{", b"}", b",", b"&a ", b"*a", b"!", b"!!str ", b"!<x>", b"|\n", b">-\n",
             b"|2+\n", b"'", b"\"", b"\\", b"\\x4", b"\\u00e", b"#", b" #c\n", b"%", b"%YAML 1.1\n", b"---", b"---\n", b"...", b"...\n", b"\t",
             b"  ", b"\r\n", b"\r", b"\xc3\xa9", b"\xf0\x9f\x98\x80", b"\xc2\x85", b"\xe2\x80\xa8", b"\xef\xbb\xbf", b"<<", b"~", b"0", b"\\\n", b"%4", b"!a%4"]


class Reader:
    def __init__(self, argv):
        self.process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def ask(self, text):
        self.process.stdin.write(len(text).to_bytes(4, "big") + text)
        self.process.stdin.flush()
        size = self.process.stdout.read(4)
        if len(size) < 4:
            sys.exit(f"FAILED: {self.process.args[0]} ended over {text[:200]!r}")
        return self.process.stdout.read(int.from_bytes(size, "big"))

    def close(self):
        self.process.stdin.close()
        return self.process.wait()


def files():
    for pattern in ("testdata/streams/*.yaml", "fuzz/corpus/**/*", "tests/cases/*.case"):
        for path in sorted(glob.glob(os.path.join(ROOT, pattern), recursive=True)):
            if os.path.isfile(path):
                with open(path, "rb") as f:
                    yield f.read()


def around_the_buffer():
    for ends in (b"", b"\n", b": ", b"'", b"\"\\", b"|", b"\xc3\xa9", b"#", b"- ", b"\\x"):
        for size in range(BUFFER - 70, BUFFER + 6):
            for filler in (b"x", b"\xe2\x82\xac"):
                start = b"a: \"" if b"\\" in ends else b"a: "
                yield (start + filler * (size // len(filler)))[:size // len(filler) * len(filler)] + ends
    for size in (0, 1, 2, 3):
        for f in FRAGMENTS:
            yield f * size


def mixtures(rng, seeds, count):
    documents = [d for s in seeds for d in s.split(b"\n---\n") if 0 < len(d) < 20000]
    for i in range(count):
        if i % 2:
            yield b"".join(rng.choice(FRAGMENTS) for _ in range(rng.randrange(1, 30)))
            continue
        d = rng.choice(documents)
        at = rng.randrange(len(d) + 1)
        yield d[:at] + rng.choice(FRAGMENTS) + d[at + rng.randrange(3):] if i % 4 else d[:at]


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--reader", required=True)
    p.add_argument("--plain", required=True)
    p.add_argument("--count", type=int, default=20000)
    p.add_argument("--seed", type=int, default=1)
    a = p.parse_args()
    seeds = list(files())
    readers = [Reader([a.reader]), Reader([a.plain])]
    seen = accepted = differ = 0
    for texts in (seeds, around_the_buffer(), mixtures(random.Random(a.seed), seeds, a.count)):
        for text in texts:
            usual, plain = (r.ask(text) for r in readers)
            seen += 1
            accepted += usual[:1] == b"A"
            if usual != plain:
                differ += 1
                if differ <= 5:
                    print(f"FAILED: {text[:300]!r}\n  usual: {usual[:300]!r}\n  plain: {plain[:300]!r}")
    codes = [r.close() for r in readers]
    print(f"feeds: {seen} texts, {accepted} of them read, {differ} read differently")
    return 1 if differ or not accepted or any(codes) else 0


if __name__ == "__main__":
    sys.exit(main())
