"""What the tests of the lock share: the program, streams as lists of objects, and a count of what held."""
import copy
import json
import os
import subprocess
import tempfile


class Bench:
    def __init__(self, binary):
        self.binary = os.path.abspath(binary)
        self.passed = 0
        self.failures = []
        self.folder = tempfile.mkdtemp(prefix="pxb-fed-lock.")
        self.env = {k: v for k, v in os.environ.items() if not k.startswith(("HELM_", "PXB_FED_", "ARGOCD_"))}
        self.env["PXB_FED_NO_STATE"] = "1"

    def run(self, *args, stdin=b"", cwd=None, env=None, **more):
        """The program's exit code, standard output and standard error."""
        p = subprocess.run([self.binary, *args], input=stdin, capture_output=True, cwd=cwd or self.folder,
                           env={**self.env, **(env or {})}, **more)
        return p.returncode, p.stdout, p.stderr.decode("utf-8", "replace")

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, data):
        with open(self.path(name), "wb") as f:
            f.write(data if isinstance(data, bytes) else data.encode())
        return self.path(name)

    def read(self, name):
        with open(self.path(name), "rb") as f:
            return f.read()

    def check(self, name, holds, detail=""):
        if holds:
            self.passed += 1
        else:
            self.failures.append(name)
            print("FAIL %s\n    %s" % (name, str(detail)[:1500].replace("\n", "\n    ")))

    def objects(self, stream):
        """The objects of a stream, as the cluster reads them."""
        rc, out, err = self.run("read", stdin=stream)
        assert rc == 0, err
        return [json.loads(line) for line in out.decode().splitlines()]


def stream_of(objects):
    return "".join("---\n%s\n" % json.dumps(o) for o in objects).encode()


def changed(objects, change):
    """A copy with the change made, or None where it finds nothing to change."""
    new = copy.deepcopy(objects)
    return new if change(new) is not False else None


def is_hook(o):
    return "helm.sh/hook" in (o["metadata"].get("annotations") or {})


def find(objects, kind, name=None):
    return [o for o in objects if o["kind"] == kind and (name is None or o["metadata"]["name"] == name)]


def without(objects, kind, name):
    kept = [o for o in objects if not (o["kind"] == kind and o["metadata"]["name"] == name)]
    if len(kept) == len(objects):
        return False
    objects[:] = kept
    return True


def env_of(o, name):
    return [e for c in o["spec"]["template"]["spec"]["containers"] for e in c.get("env") or [] if e["name"] == name]
