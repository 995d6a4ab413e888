#!/usr/bin/env python3
"""The figures of the design, measured: prints, never asserts. Every figure is a ratio within one run: the two sides take
turns, and medians are compared, so that a loaded machine changes little. CPU is user and system time of a process and of
the children it waited for. About two minutes; --quick takes a tenth.

  run.py --bin build/pxb-fed [--quick]
"""
import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path.insert(0, HERE)
import generate  # noqa: E402

median = statistics.median


class Run:
    """One process: its CPU and wall time in milliseconds."""

    def __init__(self, argv, stdin=None, env=None, expect=(0,)):
        with open(stdin or os.devnull, "rb") as source:
            start = time.perf_counter()
            p = subprocess.Popen(argv, stdin=source, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=env)
            _, status, usage = os.wait4(p.pid, 0)
            self.wall = (time.perf_counter() - start) * 1e3
        p.returncode = os.waitstatus_to_exitcode(status)
        self.cpu = (usage.ru_utime + usage.ru_stime) * 1e3
        self.code = p.returncode
        if expect and p.returncode not in expect:
            sys.exit(f"{' '.join(argv)}: exit code {p.returncode}")


def in_turn(times, *functions):
    """Calls each function `times` times, one after the other in each round; a list of results for each."""
    results = [[] for _ in functions]
    for _ in range(times):
        for r, f in zip(results, functions):
            r.append(f())
    return results


class Bench:
    def __init__(self, a, work):
        self.bin = os.path.abspath(a.bin)
        self.lib = os.path.abspath(a.lib)
        self.quick = a.quick
        self.work = work
        self.env = dict(os.environ, PXB_FED_NO_STATE="1", HOME=work)
        for name in ("PXB_FED_POLICY", "PXB_FED_REPORT", "ARGOCD_APP_NAME", "HELM_PLUGIN_NAME"):
            self.env.pop(name, None)
        self.one = self.file("one.yaml", "apiVersion: pxb-fed/v1\nkind: Policy\nsecondOpinion: false\n")
        self.two = self.file("two.yaml", "apiVersion: pxb-fed/v1\nkind: Policy\nsecondOpinion: true\n")
        self.events = self.build("events")
        self.measure = self.build("measure")

    def file(self, name, text):
        path = os.path.join(self.work, name)
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        return path

    def build(self, name):
        out = os.path.join(self.work, name)
        flags = subprocess.run(["pkg-config", "--cflags", "--libs", "yaml-0.1"], check=True, capture_output=True, text=True).stdout.split()
        subprocess.run(["cc", "-std=gnu17", "-O2", "-o", out, os.path.join(HERE, f"{name}.c")] + flags, check=True)
        return out

    def scan(self, stream):
        """The credential scan alone, linked with the library."""
        out, root = os.path.join(self.work, "scan"), os.path.join(HERE, "..")
        flags = subprocess.run(["pkg-config", "--cflags", "--libs", "yaml-0.1", "libfyaml", "libcjson", "libpcre2-8", "libxxhash", "zlib"],
                               check=True, capture_output=True, text=True).stdout.split()
        subprocess.run(["cc", "-std=gnu17", "-O2", "-I" + os.path.join(root, "src"), "-o", out, os.path.join(HERE, "scan.c"),
                        self.lib] + flags + ["-lm", "-pthread"], check=True)
        scalars, first, rest, speed = subprocess.run([out, stream], check=True, capture_output=True, text=True).stdout.split()
        print(f"credential scan alone: {int(scalars) / 1e6:.2f} MB of scalars in {rest} ms CPU (the first {first}) = {speed} MB/s (target 150)")

    def memory(self, argv, stdin=os.devnull):
        """Peak resident memory in bytes, the median of three."""
        runs = [subprocess.run([self.measure, stdin, os.devnull] + argv, check=True, capture_output=True, text=True, env=self.env)
                for _ in range(3)]
        return median(int(r.stdout.split()[3]) * 1024 for r in runs)

    def times(self, n):
        return max(3, n // 10) if self.quick else n

    def gate(self, policy):
        return [self.bin, "render", "-q", "-p", policy]

    def render(self, stream, policy):
        return lambda: Run(self.gate(policy), stdin=stream, env=self.env)

    def bare(self, stream, passes):
        return lambda: float(subprocess.run([self.events, stream, str(passes)], check=True, capture_output=True, text=True).stdout) * 1e3

    def cost(self):
        stream = self.file("600k.yaml", generate.stream(600_000))
        size = os.path.getsize(stream)
        bare, one, two = in_turn(self.times(41), self.bare(stream, 1), self.render(stream, self.one), self.render(stream, self.two))
        base = median(bare)
        print(f"render, {size / 1e6:.2f} MB: bare libyaml pass {base:.2f} ms CPU (in a process of its own, as the first of its kind)")
        for name, policy, runs, target in (("alone", self.one, one, "1.5"), ("with the second opinion", self.two, two, "3.1")):
            ratio = median(r.cpu / b for r, b in zip(runs, bare))
            print(f"  {name}: {median(r.cpu for r in runs):.2f} ms CPU = {ratio:.2f} x (target {target}), {median(r.wall for r in runs):.1f} ms wall, "
                  f"{self.memory(self.gate(policy), stream) / 1e6:.1f} MB peak")
        print(f"  wall with the second opinion: {median(b.wall / a.wall for a, b in zip(one, two)):.2f} x without (target 1.4)")
        return stream

    def start(self):
        version, true = in_turn(self.times(61), lambda: Run([self.bin, "version"], env=self.env), lambda: Run(["true"]))
        small = os.path.join(HERE, "..", "testdata", "streams", "fed-default.helm3.yaml")
        (gate,) = in_turn(self.times(31), self.render(small, self.two))
        print(f"start: version {median(r.wall for r in version):.2f} ms wall, {median(r.cpu for r in version):.2f} ms CPU (true: "
              f"{median(r.wall for r in true):.2f}, {median(r.cpu for r in true):.2f}); render of {os.path.getsize(small) // 1000} kB "
              f"{median(r.wall for r in gate):.2f} ms wall (target 2 ms to start)")

    def growth(self):
        sizes = (6_000_000, 12_000_000) if not self.quick else (1_500_000, 3_000_000)
        streams = [self.file(f"{n}.yaml", generate.stream(n)) for n in sizes]
        real = [os.path.getsize(s) for s in streams]
        small, large = in_turn(self.times(21), *(self.render(s, self.one) for s in streams))
        ratio = median(b.cpu / real[1] / (a.cpu / real[0]) for a, b in zip(small, large))
        print(f"growth: {real[1] / 1e6:.0f} MB costs {ratio:.3f} x per byte what {real[0] / 1e6:.0f} MB costs (target 1.1)")
        for name, policy in (("alone", self.one), ("with the second opinion", self.two)):
            peak = self.memory(self.gate(policy), streams[1])
            print(f"memory, {name}: {peak / 1e6:.1f} MB peak for {real[1] / 1e6:.1f} MB = {(peak - 6e6) / real[1]:.2f} x input + 6 MB (target 4)")

    def tree(self):
        files = 20_000 if not self.quick else 2_000
        folder = os.path.join(self.work, "tree")
        objects, _ = generate.tree(files, folder)
        for name, policy in (("alone", self.one), ("with the second opinion", self.two)):
            argv = [self.bin, "check", "-q", "--any", "-p", policy, folder, "-j"]
            one, two = in_turn(self.times(5), *(lambda j=j, a=argv: Run(a + [j], env=self.env, expect=(0, 1)) for j in ("1", "2")))
            a, b = median(r.wall for r in one), median(r.wall for r in two)
            cpu = median(r.cpu for r in one + two) / 1e3
            print(f"tree of {files} files, {objects} objects, {name}: {objects / a * 1e3:.0f} objects/s with one job, {objects / b * 1e3:.0f} with two "
                  f"({a / b:.2f} x), {objects / cpu:.0f} per CPU second (target {22000 if policy == self.one else 9000}), "
                  f"{self.memory(argv + ['2']) / 1e6:.0f} MB peak")

    def others(self, stream):
        folder = os.path.join(self.work, "kustomize")
        os.makedirs(folder)
        shutil.copy(stream, os.path.join(folder, "all.yaml"))
        with open(os.path.join(folder, "kustomization.yaml"), "w", encoding="utf-8") as f:
            f.write("resources: [all.yaml]\n")
        os.makedirs(os.path.join(self.work, "rego"))
        self.file("rego/p.rego", "package main\nimport rego.v1\ndeny contains msg if { input.kind == \"ConfigMap\"; "
                  "input.data.PX_BACKUP_FEDERATED == \"false\"; msg := \"classic\" }\n")
        commands = {
            "kustomize": ["kustomize", "build", folder],
            "yq": ["yq", "-e", "select(.kind == \"Deployment\") | .metadata.name", stream],
            "conftest": ["conftest", "test", "-p", os.path.join(self.work, "rego"), stream],
            "gitleaks": ["gitleaks", "detect", "--no-git", "--source", stream],
        }
        for name, argv in commands.items():
            if not shutil.which(name):
                print(f"{name}: not found")
                continue
            ours, theirs = in_turn(self.times(9), self.render(stream, self.two), lambda a=argv: Run(a, expect=None))
            print(f"{name}: {median(r.wall for r in theirs):.0f} ms, pxb-fed {median(r.wall for r in ours):.0f} ms wall: "
                  f"{median(t.wall / o.wall for o, t in zip(ours, theirs)):.1f} x (exit code {theirs[0].code})")


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--bin", default=os.path.join(HERE, "..", "build", "pxb-fed"))
    p.add_argument("--lib", default=os.path.join(HERE, "..", "build", "libpxb-internal.a"), help="for the scan alone")
    p.add_argument("--quick", action="store_true")
    a = p.parse_args()
    with tempfile.TemporaryDirectory(prefix="pxb-bench-") as work:
        b = Bench(a, work)
        print(f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f} before the first run: wall times need an idle machine, ratios do not")
        stream = b.cost()
        b.scan(stream)
        b.start()
        b.growth()
        b.tree()
        b.others(stream)


if __name__ == "__main__":
    main()
