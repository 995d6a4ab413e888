#!/usr/bin/env python3
"""Twice the input is at most about twice the work, and what is refused for its size is not read to its end.

    run.py --bin build/coverage/pxb-fed [ROW ...]

The work of a run is the number of basic blocks that it enters (count.c), the same on every machine. A row of the table makes an
input of some size, which is checked once as it is and once at double the size.
"""
import argparse
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
MINI = open(os.path.join(HERE, "../cases/base/mini.yaml"), encoding="utf-8").read()
# n log n and the growth of tables fit below it, n * n does not: it would be 4.
MOST = 2.4

CONFIGMAP = "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: c%d, namespace: central}\n"


def objects(n):
    return MINI + "".join(CONFIGMAP.replace("central", "other") % i + 'data: {PX_BACKUP_FEDERATED: "false"}\n' for i in range(n))


def equal_keys(n):
    return MINI + CONFIGMAP % 0 + "data:\n" + "  a: b\n" * n


def different_keys(n):
    return MINI + CONFIGMAP % 0 + "data:\n" + "".join(f"  k{i}: b\n" for i in range(n))


def losing_flags(n):
    return MINI + "".join(CONFIGMAP % i + 'data: {PX_BACKUP_FEDERATED: "false", PX_BACKUP_FEDERATED: "true"}\n' for i in range(n))


def addresses(n):
    service = "---\napiVersion: v1\nkind: Service\nmetadata: {name: px-backup, namespace: central}\n"
    return MINI + service + CONFIGMAP % 0 + 'data:\n  a: "' + "px-backup.other.svc " * n + '"\n'


def one_line(n):
    """Findings that all lie in one line, in one document."""
    env = ", ".join('{name: PX_BACKUP_FEDERATED, value: "false"}' for _ in range(n))
    return MINI + ("---\n{apiVersion: apps/v1, kind: Deployment, metadata: {name: d, namespace: central}, spec: {template: {spec: "
                   "{containers: [{name: c, image: i, env: [%s]}]}}}}\n" % env)


def aliases(n):
    return MINI + CONFIGMAP % 0 + "data: {a: &a x}\nmore: [" + ", ".join("*a" for _ in range(n)) + "]\n"


def merges(n):
    """As many mappings, of as many keys each, merged into one."""
    side = int(n ** 0.5)
    kept = "".join("  m%d: &m%d {%s}\n" % (i, i, ", ".join(f"k{i}x{j}: v" for j in range(side))) for i in range(side))
    return MINI + CONFIGMAP % 0 + "more:\n" + kept + "  all: {<<: [" + ", ".join(f"*m{i}" for i in range(side)) + "]}\n"


def comments(n):
    return "# nothing to see here\n" * n + MINI


def one_long_text(n):
    return MINI + CONFIGMAP % 0 + "data:\n  a: |\n" + "    a line of a certificate or a script\n" * n


def nested(n):
    """Deep, but no deeper than is read."""
    return MINI + "".join(CONFIGMAP % i + "more: " + "[" * 60 + "]" * 60 + "\n" for i in range(n))


def secrets(n):
    """Texts with the names of credentials and no credential."""
    return MINI + CONFIGMAP % 0 + "data:\n" + "".join(f"  AWS_SECRET_ACCESS_KEY_{i}: see the vault\n" for i in range(n))


# name, exit code, the input's maker, a size, and further arguments
ROWS = [
    ("objects", 1, objects, 1000, []),
    ("equal keys", 3, equal_keys, 10000, []),
    ("different keys", 0, different_keys, 10000, []),
    ("losing flags", 1, losing_flags, 1000, []),
    ("addresses", 1, addresses, 20000, []),
    ("findings in one line", 1, one_line, 1000, []),
    ("aliases", 0, aliases, 400, []),
    ("merges", 0, merges, 900, []),
    ("comments", 0, comments, 20000, []),
    ("one long text", 0, one_long_text, 10000, []),
    ("nested", 0, nested, 200, []),
    ("names of credentials", 0, secrets, 1000, []),
]


def work(binary, text, arguments, code):
    with tempfile.TemporaryDirectory() as home:
        log, policy = os.path.join(home, "work"), os.path.join(home, "policy.yaml")
        with open(policy, "w", encoding="utf-8") as f:
            f.write("apiVersion: pxb-fed/v1\nkind: Policy\n")
        env = {"PATH": os.environ["PATH"], "HOME": home, "PXB_WORK": log, "LC_ALL": "C"}
        p = subprocess.run([binary, "render", "--patch", "never", "--policy", policy, *arguments], input=text.encode(), capture_output=True, env=env, timeout=600)
        if p.returncode != code:
            raise RuntimeError(f"exit {p.returncode}, wanted {code}: {p.stderr.decode(errors='replace')[:600]}")
        with open(log, encoding="utf-8") as f:
            return int(f.read())


def grows(binary, maker, n, arguments, code):
    none = work(binary, maker(1), arguments, code) if code == 0 else 0
    one = work(binary, maker(n), arguments, code) - none
    two = work(binary, maker(2 * n), arguments, code) - none
    return one, two, two / one


def taken_of(command, size):
    """How many bytes of an endless input a command takes before it ends, and its exit code."""
    p = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    taken, block = 0, b"#" * 65536
    try:
        while taken < size:
            taken += os.write(p.stdin.fileno(), block)
    except BrokenPipeError:
        pass
    p.stdin.close()
    return taken, p.wait()


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--bin", required=True)
    ap.add_argument("rows", nargs="*")
    a = ap.parse_args()
    binary, failed, ran = os.path.abspath(a.bin), 0, 0
    for name, code, maker, n, arguments in ROWS:
        if a.rows and name not in a.rows:
            continue
        ran += 1
        try:
            one, two, factor = grows(binary, maker, n, arguments, code)
            bad = factor > MOST
            print(f"{'FAIL' if bad else 'ok  '} {name}: {n}: {one} blocks, {2 * n}: {two}, {factor:.2f} times")
        except RuntimeError as e:
            bad = True
            print(f"FAIL {name}: {e}")
        failed += bad
    if not a.rows:
        # The limit, the byte that is too many, and what a pipe holds.
        for limit in (1, 256):
            most = limit * 1024 * 1024 + 1 + 2 * 1024 * 1024
            taken, code = taken_of([binary, "render", "--max-size", str(limit)], 2 * most)
            bad = code != 3 or taken > most
            print(f"{'FAIL' if bad else 'ok  '} an endless input, --max-size {limit}: exit {code} after {taken} bytes")
            failed += bad
            ran += 1
    print(f"growth: {ran - failed} passed, {failed} failed")
    return 1 if failed or not ran else 0


sys.exit(main())
