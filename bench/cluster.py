#!/usr/bin/env python3
"""What a cluster and Helm cost: prints, never asserts. A real API server on the loopback, and plain Helm beside `helm pxb-fed`; the two
sides of a ratio take turns, and medians are compared.

    cluster.py [--bin PXB-FED] [--quick] [--chart CHART] [--objects N]

Memory is the largest sum of the resident sizes of pxb-fed and its helper, sampled while they run. Exit code 77: there is no Go compiler to
build the server and Helm.
"""
import argparse
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
sys.dont_write_bytecode = True
sys.path[:0] = [HERE, os.path.join(ROOT, 'tests', 'checks')]
import fleet  # noqa: E402
import live  # noqa: E402

median = statistics.median
VALUES = ['--set', 'pxbackup.enabled=true,pxbackup.federated=true', '--set', 'persistentStorage.storageClassName=px-csi-db']


def tool(name):
    built = subprocess.run(['sh', os.path.join(ROOT, 'tests', 'tools', 'build.sh'), name], stdout=subprocess.PIPE, text=True, check=False)
    if built.returncode:
        sys.exit(built.returncode)
    return built.stdout.strip()


def said(figure, limit, unit):
    return f'{figure:.2f} {unit} (target {limit} {unit}: {"met" if figure <= limit else "MISSED"})'


class Bench:
    def __init__(self, options, work, kubeconfig):
        self.bin, self.chart, self.quick, self.work = os.path.abspath(options.bin), options.chart, options.quick, work
        self.objects = options.objects // 10 if self.quick else options.objects
        self.helm = tool('helm3')
        plugin = os.path.join(work, 'plugins', 'pxb-fed')
        os.makedirs(os.path.join(plugin, 'bin'))
        shutil.copy(os.path.join(ROOT, 'plugin.yaml'), plugin)
        for name in ('pxb-fed', 'pxb-fed-kube'):
            shutil.copy(os.path.join(os.path.dirname(self.bin), name), os.path.join(plugin, 'bin', name))
        policy = os.path.join(work, 'policy.yaml')
        with open(policy, 'w', encoding='utf-8') as f:
            f.write('apiVersion: pxb-fed/v1\nkind: Policy\n')
        self.env = {'PATH': os.environ['PATH'], 'HOME': work, 'HELM_PLUGINS': os.path.dirname(plugin), 'PXB_FED_POLICY': policy,
                    'PXB_FED_NO_STATE': '1', 'HELM_BIN': self.helm}
        self.with_cluster = {**self.env, 'KUBECONFIG': kubeconfig}

    def times(self, n):
        return max(3, n // 5) if self.quick else n

    def wall(self, argv, env, expect=(0,)):
        """Milliseconds."""
        start = time.perf_counter()
        ran = subprocess.run(argv, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=env, cwd=self.work, timeout=600, check=False)
        took = (time.perf_counter() - start) * 1e3
        if ran.returncode not in expect:
            sys.exit(f'{" ".join(argv)}: exit code {ran.returncode}: {ran.stderr.decode()[:500]}')
        return took

    def in_turn(self, times, *runs):
        results = [[] for _ in runs]
        for _ in range(self.times(times)):
            for result, run in zip(results, runs):
                result.append(self.wall(*run))
        return results

    def checks(self):
        """`version` is what starting the program costs; preflight also waits for `helm version`."""
        preflight = [self.bin, 'preflight', '-n', 'central', '--set', 'persistentStorage.storageClassName=px-csi-db']
        verify, before, version, helm = self.in_turn(
            21, ([self.bin, 'verify'], self.with_cluster, (0, 1, 5)), (preflight, self.with_cluster, (0, 1, 5)),
            ([self.bin, 'version'], self.with_cluster), ([self.helm, 'version', '--template', '{{.Version}}'], self.env))
        print(f'one cluster on the loopback: verify {said(median(verify), 150, "ms")}, preflight {said(median(before), 150, "ms")}; '
              f'of these helm version {median(helm):.1f} ms, the start {median(version):.1f} ms')

    def template(self):
        words = ['template', 'px-central', self.chart, '-n', 'central', *VALUES]
        ours, theirs = self.in_turn(15, ([self.helm, 'pxb-fed', *words], self.env), ([self.helm, *words], self.env))
        print(f'helm pxb-fed template: {median(ours):.0f} ms, helm template {median(theirs):.0f} ms: '
              f'{said(median(a / b for a, b in zip(ours, theirs)), 2.0, "x")}')

    def install(self):
        words = ['install', 'px-central', self.chart, '-n', 'central', *VALUES]
        render = ['template', 'px-central', self.chart, '-n', 'central', *VALUES]
        for flag in ('--dry-run', '--dry-run=server'):
            ours, theirs, one = self.in_turn(11, ([self.helm, 'pxb-fed', *words, flag], self.with_cluster),
                                             ([self.helm, *words, flag], self.with_cluster), ([self.helm, *render], self.env))
            more = median(a - b - c for a, b, c in zip(ours, theirs, one))
            print(f'helm pxb-fed install {flag}: {median(ours):.0f} ms; helm {median(theirs):.0f} ms and one render {median(one):.0f} ms, '
                  f'and {said(more, 50, "ms")}')

    def peak(self, argv):
        process = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                   env={**self.with_cluster, 'HELM_BIN': '/bin/false'})  # Helm's own memory is not ours
        most, done = [0], threading.Event()

        def watch():
            while not done.wait(0.002):
                most[0] = max(most[0], sum(fleet.resident(p) for p in [process.pid, *fleet.children(process.pid)]))

        watcher = threading.Thread(target=watch)
        watcher.start()
        process.wait()
        done.set()
        watcher.join()
        return most[0] / 1024

    def memory(self, api):
        api.create('/api/v1/namespaces', {'metadata': {'name': 'large'}})
        numbers, lock = iter(range(self.objects)), threading.Lock()

        def fill(own):
            while True:
                with lock:
                    number = next(numbers, None)
                if number is None:
                    return
                own.create('/api/v1/namespaces/large/configmaps', {'metadata': {'name': f'c-{number:05}', 'labels': {'app': 'x' * 40}},
                                                                   'data': {'text': f'{number:05} ' * 160}})

        threads = [threading.Thread(target=fill, args=(live.Api(self.with_cluster['KUBECONFIG']),)) for _ in range(4)]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        argv = [self.bin, 'preflight', '-n', 'large', '--set', 'persistentStorage.storageClassName=px-csi-db']
        peaks = [self.peak(argv) for _ in range(3)]
        print(f'a namespace of {self.objects} objects of 1 kB: preflight {said(max(peaks), 60, "MiB")} at most, with its helper')

    def libraries(self):
        linked = subprocess.run(['ldd', self.bin], capture_output=True, text=True, check=False)
        curl = re.findall(r'\S*curl\S*', linked.stdout)
        print(f'libraries of pxb-fed: {len(linked.stdout.splitlines())}, libcurl {"MISSED: " + curl[0] if curl else "is not among them: met"}')


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--bin', default=os.path.join(ROOT, 'build', 'pxb-fed'))
    parser.add_argument('--chart', default=os.path.join(ROOT, 'testdata', 'charts', 'px-central-like'))
    parser.add_argument('--objects', type=int, default=10000)
    parser.add_argument('--quick', action='store_true')
    options = parser.parse_args()
    options.chart = os.path.abspath(options.chart)
    with tempfile.TemporaryDirectory(prefix='pxb-bench-') as work:
        cluster, script = os.path.join(work, 'cluster'), os.path.join(ROOT, 'tests', 'lib', 'cluster.sh')
        started = subprocess.run(['sh', script, 'start', cluster], stdout=subprocess.PIPE, text=True, check=False)
        if started.returncode:
            return started.returncode
        try:
            kubeconfig = started.stdout.strip()
            b, api = Bench(options, work, kubeconfig), live.Api(kubeconfig)
            live.application_cluster(api)
            live.backup_cluster(api)
            subprocess.run([tool('kubectl'), '--kubeconfig', kubeconfig, 'apply', '--server-side', '-f', os.path.join(options.chart, 'crds')],
                           stdout=subprocess.DEVNULL, check=True, timeout=120)
            print(f'{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f} before the first run')
            b.libraries()
            b.checks()
            b.template()
            b.install()
            b.memory(api)
        finally:
            subprocess.run(['sh', script, 'stop', cluster], check=False)
    return 0


if __name__ == '__main__':
    sys.exit(main())
