"""The tests that mutants run against: each group is a program or a file of bats, and knows which of its tests reaches which place."""
import concurrent.futures
import contextlib
import glob
import hashlib
import json
import os
import re
import resource
import signal
import subprocess
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
WORK = os.path.join(ROOT, "build", "mutants")
PROGRAM, KUBE = "pxb-fed", "pxb-fed-kube"
RUNNERS = [
    ("checks/run.py", PROGRAM), ("checks/fleet.py", PROGRAM), ("watch/cases.py", PROGRAM), ("watch/follow.py", KUBE),
    ("checks/transport.py", KUBE), ("checks/az.py", PROGRAM), ("lock/run.py", PROGRAM), ("credentials/score.py", PROGRAM),
]
# Those that need programs of tests/tools, after all others and one at a time.
SLOW_RUNNERS = ["checks/fleet_live.py", "checks/live.py", "watch/stories.py", "spec/roundtrip.py --helm $HELM3 --helm $HELM4",
                "audit/mutations.py --helm $HELM3"]
SLOW_BATS = ["tests/helm/*.bats", "tests/argocd/manifests.bats", "tests/argocd/server.bats"]
TOOLS = {"HELM3": "helm3", "HELM4": "helm4", "ORACLE": "oracle", "KUBECTL": "kubectl", "ETCD": "etcd", "KUBE_APISERVER": "kube-apiserver",
         "CMP_SERVER": "argocd-cmp-server", "CMP_CLIENT": "cmpclient"}
MUTANTS_MAX, TESTS_MAX = 4096, 512  # as in switch.h
TAP = re.compile(r"(ok|not ok) (\d+) (.*?)(?: # skip.*)?(?: in (\d+)ms)?(?: # skip.*)?$")


def digest(*paths):
    h = hashlib.sha256()
    for path in paths:
        files = [path] if os.path.isfile(path) else sorted(
            os.path.join(d, f) for d, _, names in os.walk(path) if "__pycache__" not in d for f in names)
        for file in files:
            with open(file, "rb") as f:
                h.update(hashlib.sha256(f.read()).digest())
    return h.hexdigest()[:16]


def write_if_new(path, text):
    old = None
    if os.path.exists(path):
        with open(path, encoding="utf-8") as f:
            old = f.read()
    if old != text:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)


# --- a test ------------------------------------------------------------------------------------------------------------


def limits():
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if "ASAN_OPTIONS" not in os.environ:
        resource.setrlimit(resource.RLIMIT_DATA, (4 << 30, 4 << 30))


def end_session(leader):
    """Whatever a test left running, servers too: all processes of its session."""
    for sign in (signal.SIGTERM, signal.SIGKILL):
        pids = session_of(leader)
        for pid in pids:
            try:
                os.kill(pid, sign)
            except ProcessLookupError:
                pass
        deadline = time.monotonic() + 3
        while pids and sign == signal.SIGTERM and session_of(leader) and time.monotonic() < deadline:
            time.sleep(0.02)


def session_of(leader):
    pids = []
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open(f"/proc/{name}/stat", encoding="utf-8", errors="replace") as f:
                    fields = f.read().rpartition(")")[2].split()
            except OSError:
                continue
            if int(fields[3]) == leader and fields[0] != "Z":
                pids.append(int(name))
    return pids


class Late(Exception):
    """A deadline passed."""


RUNNING, STOPPED = set(), threading.Event()


def each(jobs, work, items):
    """Results in the order of the items. Ctrl-C ends the tests that run."""
    pool = concurrent.futures.ThreadPoolExecutor(jobs)
    try:
        yield from pool.map(work, items)
    except (KeyboardInterrupt, Exception):
        STOPPED.set()
        pool.shutdown(wait=False, cancel_futures=True)
        for leader in list(RUNNING):
            end_session(leader)
        raise
    finally:
        pool.shutdown()


def lines_of(built, words, mutant, seconds, reached=None):
    """Lines of the output of a test, at last its exit code. Whoever stops reading ends the test."""
    env = {k: v for k, v in os.environ.items() if not k.startswith(("PXB_", "HELM_", "BATS_", "MAKE", "MFLAGS"))}
    env["PXB_FED_BIN"] = os.path.join(built, PROGRAM)
    if mutant:
        env["PXB_MUTANT"] = str(mutant)
    if reached:
        env["PXB_MUTANT_REACHED"] = reached
    with tempfile.TemporaryDirectory(prefix="mutant.", ignore_cleanup_errors=True) as tmp:
        env["TMPDIR"] = tmp
        child = subprocess.Popen(words, cwd=ROOT, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                 start_new_session=True, preexec_fn=limits)
        late = []
        RUNNING.add(child.pid)
        timer = threading.Timer(seconds, lambda: (late.append(1), end_session(child.pid)))
        timer.start()
        try:
            for line in child.stdout:
                yield line.decode("utf-8", "replace").rstrip("\n")
            code = child.wait()
            if STOPPED.is_set():
                raise KeyboardInterrupt
            if late:
                raise Late
            yield code
        finally:
            timer.cancel()
            RUNNING.discard(child.pid)
            end_session(child.pid)
            child.stdout.close()
            child.wait()


class Program:
    """A test that is one program: it fails or it does not."""

    def __init__(self, name, built, words, path, slow=False):
        self.name, self.built, self.words, self.path, self.slow = name, built, words, path, slow

    def measure(self, reached):
        start = time.monotonic()
        *lines, code = lines_of(self.built, self.words, 0, 900, reached)
        return [{"name": "", "number": 0, "ms": int(1000 * (time.monotonic() - start)), "ok": code == 0, "why": lines[-1:]}]

    def run(self, tests, mutant):
        """The name of the test that fails, and how, or None."""
        try:
            *lines, code = lines_of(self.built, self.words, mutant, 20 + 10 * tests[0]["ms"] / 1000)
        except Late:
            return "", "hangs"
        said = next((x for x in lines if x.startswith("FAIL") or "FAILED" in x), "")
        return None if code == 0 else ("", f"exit {code} {said}"[:120])


class Bats:
    """A file of bats: any of its tests, until one fails."""

    def __init__(self, built, path, slow=False):
        self.name, self.built, self.path, self.slow = os.path.relpath(path, ROOT), built, path, slow

    def words(self, *more):
        return ["env", "--default-signal", "bats", "--tap", "--timing", *more, self.path]

    def measure(self, reached):
        found = []
        for line in lines_of(self.built, self.words(), 0, 1800, reached):
            m = TAP.match(line) if isinstance(line, str) else None
            if m:
                found.append({"name": m[3], "number": int(m[2]), "ms": int(m[4] or 1), "ok": m[1] == "ok", "why": []})
        return found

    def run(self, tests, mutant):
        pattern = "^(" + "|".join(re.sub(r"([.^$*+?()\[\]{}|\\])", r"\\\1", t["name"]) for t in tests) + ")$"
        seconds = 60 + 5 * sum(t["ms"] for t in tests) / 1000
        try:
            for line in lines_of(self.built, self.words("--filter", pattern), mutant, seconds):
                if isinstance(line, str) and line.startswith("not ok ") and not STOPPED.is_set():
                    return TAP.match(line)[3], "fails"
                if isinstance(line, int) and line:
                    return tests[0]["name"], f"bats: exit {line}"
        except Late:
            return tests[0]["name"], "hangs"
        return None


def find_tools():
    """The programs of tests/tools go into the environment. Without Go there are none."""
    for variable, name in TOOLS.items():
        p = subprocess.run(["sh", "tests/tools/build.sh", name], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False)
        if p.returncode == 77:
            print("mutants: no Go, and so without the tests that need Helm or a cluster")
            return False
        p.check_returncode()
        os.environ[variable] = p.stdout.strip()
    return True


def all_groups(built, quick):
    groups = []
    for path in sorted(glob.glob(os.path.join(ROOT, "tests/unit/test_*.c"))):
        name = os.path.basename(path)[:-2]
        groups.append(Program(f"unit {name}", built, ["env", "--default-signal", os.path.join(built, "tests", name)], path))
    for path in sorted(glob.glob(os.path.join(ROOT, "tests/cases/*.case"))):
        groups.append(Program(os.path.relpath(path, ROOT), built, ["python3", "tests/cases/run.py", "--bin", os.path.join(built, PROGRAM), path], path))
    slow = SLOW_RUNNERS if not quick and find_tools() else []
    for words, program in RUNNERS + [(words, PROGRAM) for words in slow]:
        name, *more = os.path.expandvars(words).split()
        path = os.path.join(ROOT, "tests", name)
        groups.append(Program(f"tests/{name}", built, ["python3", path, "--bin", os.path.join(built, program), *more], os.path.dirname(path), words in slow))
    groups += [Bats(built, p) for p in sorted(glob.glob(os.path.join(ROOT, "tests/cli/*.bats")))]
    return groups + [Bats(built, p, True) for pattern in (SLOW_BATS if slow else []) for p in sorted(glob.glob(os.path.join(ROOT, pattern)))]


# --- which test reaches what -------------------------------------------------------------------------------------------


SLOW = threading.Lock()


def measure(group):
    with tempfile.NamedTemporaryFile(prefix="reached.") as file, SLOW if group.slow else contextlib.nullcontext():
        file.truncate(MUTANTS_MAX * TESTS_MAX)
        tests = group.measure(file.name)
        for t in tests:
            t["reaches"] = []
            for test in {0, t["number"] % TESTS_MAX}:
                file.seek(MUTANTS_MAX * test)
                t["reaches"] += [n for n, byte in enumerate(file.read(MUTANTS_MAX)) if byte]
    return tests


def reach(groups, jobs):
    """{group: its tests}. What was measured with the same program and the same test is not measured again."""
    path = os.path.join(WORK, "reach.json")
    known = {}
    if os.path.exists(path):
        with open(path, encoding="utf-8") as f:
            known = json.load(f)
    program = digest(*(os.path.join(groups[0].built, name) for name in (PROGRAM, KUBE)))
    marks = {g.name: f"{program} {digest(g.path)}" for g in groups}
    tests = {g.name: known[g.name]["tests"] for g in groups if known.get(g.name, {}).get("mark") == marks[g.name]}
    left = [g for g in groups if g.name not in tests]
    for g, found in zip(left, each(jobs, measure, left)):
        tests[g.name] = found
        known[g.name] = {"mark": marks[g.name], "tests": found}
        for t in found:
            if not t["ok"]:
                print(f"fails without a mutant, and is left out: {g.name} {t['name']} {t['why']}", flush=True)
        write_if_new(path, json.dumps(known))
    return tests
