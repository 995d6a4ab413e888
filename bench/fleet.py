#!/usr/bin/env python3
"""A thousand clusters from one machine: time and memory of `verify` over a stub fleet, and what it finds.

    fleet.py [--bin PXB-FED] [--clusters N] [--kubectl KUBECTL]

Memory is the largest sum of the resident sizes of pxb-fed and its helper, sampled while they run; the stub's is not counted.
"""
import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(ROOT, 'tests', 'checks'))
import fleet_stub  # noqa: E402

PLANTED = 37


def resident(pid):
    try:
        with open(f'/proc/{pid}/smaps_rollup', encoding='ascii') as f:
            return sum(int(line.split()[1]) for line in f if line.startswith('Pss:'))
    except OSError:
        pass
    try:
        with open(f'/proc/{pid}/status', encoding='ascii') as f:
            return sum(int(line.split()[1]) for line in f if line.startswith('VmRSS:'))
    except OSError:
        return 0


def children(pid):
    try:
        with open(f'/proc/{pid}/task/{pid}/children', encoding='ascii') as f:
            return [int(p) for p in f.read().split()]
    except OSError:
        return []


def run(argv):
    """(seconds, CPU seconds, MiB, exit code, standard output)"""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.monotonic()
    peak = [0]
    process = subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    done = threading.Event()

    def watch():
        while not done.wait(0.05):
            peak[0] = max(peak[0], sum(resident(p) for p in [process.pid, *children(process.pid)]))

    watcher = threading.Thread(target=watch)
    watcher.start()
    out = process.stdout.read()
    process.wait()
    done.set()
    watcher.join()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return time.monotonic() - start, cpu, peak[0] / 1024, process.returncode, out


def survey(binary, clusters, hang=0, seconds=30):
    planted = [(i * 131 + 7) % clusters for i in range(PLANTED)]
    hanging = [i for i in range(3, clusters, max(1, clusters // hang))][:hang] if hang else []
    hanging = [i for i in hanging if i not in planted]
    with tempfile.TemporaryDirectory() as directory:
        stub = fleet_stub.Stub(directory, clusters, planted, hanging)
        took, cpu, memory, code, out = run([binary, 'verify', '--kubeconfig', stub.file('kubeconfig'), '--all-contexts', '-o', 'jsonl',
                                            '--timeout', str(seconds)])
        stub.close()
        rows = [json.loads(line) for line in out.splitlines()]
    found = {r['name'] for r in rows if r.get('class') == 'fail'}
    lost = {r['name'] for r in rows if r.get('class') == 'unreachable'}
    right = found == {fleet_stub.name(i) for i in planted} and lost == {fleet_stub.name(i) for i in hanging}
    print(f'{clusters} clusters, {len(hanging)} hanging: {took:.1f} s, {cpu:.1f} s of CPU, {memory:.0f} MiB, found {len(found)} of '
          f'{len(set(planted))}, lost {len(lost)} of {len(hanging)}, {stub.asked["connections"]} connections, '
          f'{"right" if right else "WRONG"}', flush=True)
    return took, cpu, memory, right


def by_kubectl(kubectl, clusters):
    """The same paths of each cluster with kubectl, one process for each."""
    with tempfile.TemporaryDirectory() as directory:
        stub = fleet_stub.Stub(directory, clusters, [])
        start = time.monotonic()
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        for i in range(clusters):
            for path in fleet_stub.PATHS.values():
                subprocess.run([kubectl, '--kubeconfig', stub.file(f'each/{fleet_stub.name(i)}.yaml'), 'get', '--raw', path],
                               stdout=subprocess.DEVNULL, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        took = time.monotonic() - start
        stub.close()
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(f'{clusters} clusters by kubectl: {took:.1f} s, {cpu:.1f} s of CPU', flush=True)
    return took


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--bin', default=os.path.join(ROOT, 'build', 'pxb-fed'))
    parser.add_argument('--clusters', type=int, default=1000)
    parser.add_argument('--kubectl')
    options = parser.parse_args()
    binary = os.path.abspath(options.bin)
    n, bad = options.clusters, []

    def hold(name, good):
        if not good:
            bad.append(name)

    took, _, memory, right = survey(binary, n)
    hold(f'{n} clusters in 20 s', took <= 20)
    hold('200 MiB', memory <= 200)
    hold('exactly the planted ones', right)
    took, _, _, right = survey(binary, n, hang=n // 10, seconds=10)
    hold('with hanging ones: deadline + 20 s', took <= 30)
    hold('exactly the planted and the hanging ones', right)
    small = survey(binary, n // 2)
    large = survey(binary, n * 5)
    ratio = (large[1] / (n * 5)) / (small[1] / (n // 2))
    print(f'CPU of a cluster, {n * 5} against {n // 2}: {ratio:.2f}')
    hold('cost of a cluster', ratio <= 1.1)
    hold('exactly the planted ones of all sizes', small[3] and large[3])
    survey(binary, 50)
    if options.kubectl:
        by_kubectl(options.kubectl, 50)
    for name in bad:
        print('MISSED ' + name)
    print(f'bench-fleet: {len(bad)} targets missed')
    return bool(bad)


if __name__ == '__main__':
    sys.exit(main())
