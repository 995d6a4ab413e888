"""pxb-fed.lock as a file among others: writers at the same time, disks that are full, names that are no files."""
import os
import re
import resource
import signal
import stat
import subprocess

from bench import stream_of

WRITERS = 12


def with_claim(objects, name, gib=1):
    return stream_of(objects + [{"apiVersion": "v1", "kind": "PersistentVolumeClaim",
                                 "metadata": {"name": name, "namespace": "central"},
                                 "spec": {"accessModes": ["ReadWriteOnce"], "storageClassName": "px-csi-db",
                                          "resources": {"requests": {"storage": "%dGi" % gib}}}}])


def start(b, args, stream):
    p = subprocess.Popen([b.binary, *args], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                         cwd=b.folder, env=b.env)
    return p, stream


def run_together(started):
    """Every process has its stream before any of them is waited for."""
    for p, stream in started:
        p.stdin.write(stream)
    for p, _ in started:
        p.stdin.close()
        p.stdin = None
    return [(p.communicate(), p.returncode) for p, _ in started]


def litter(b):
    return [n for n in os.listdir(b.folder) if re.search(r"\.lock\..", n)]


def concurrent_updates(b, stream, objects):
    b.run("lock", "create", "-q", "-o", "shared.lock", stdin=stream)
    done = run_together([start(b, ["lock", "update", "--lock", "shared.lock", "--reason", "writer %d" % i],
                               with_claim(objects, "claim-%d" % i)) for i in range(WRITERS)])
    codes = [code for _, code in done]
    text = b.read("shared.lock").decode()
    reasons = re.findall(r'reason: "?writer (\d+)"?$', text, re.M)
    b.check("no writer fails", codes == [0] * WRITERS, (codes, done))
    b.check("no entry of the history is lost", sorted(map(int, reasons)) == list(range(WRITERS)), text[-3000:])
    # Each saw what the one before had recorded: of the claims only the last one's is left.
    b.check("the last writer's state stands", re.findall(r"claim-(\d+)\n  storageClassName", text) == reasons[-1:], text)
    b.check("no temporary file stays", litter(b) == [], litter(b))


def readers_beside_writers(b, stream, objects):
    """A reader sees the lock before or after a writer, never half of it."""
    b.run("lock", "create", "-q", "-o", "read.lock", stdin=stream)
    started = [start(b, ["lock", "update", "-q", "--lock", "read.lock", "--reason", "w"],
                     with_claim(objects, "claim-%d" % i)) for i in range(4)]
    for p, data in started:
        p.stdin.write(data)
        p.stdin.close()
        p.stdin = None
    seen = []
    while any(p.poll() is None for p, _ in started):
        seen.append(b.run("lock", "show", "--lock", "read.lock")[0])
    for p, _ in started:
        p.communicate()
    seen.append(b.run("lock", "show", "--lock", "read.lock")[0])
    b.check("readers beside writers", set(seen) == {0}, seen)


def concurrent_creates(b, stream, objects):
    streams = [with_claim(objects, "claim-%d" % i) for i in range(WRITERS)]
    done = run_together([start(b, ["lock", "create", "-o", "new.lock"], s) for s in streams])
    codes = sorted(code for _, code in done)
    winner = [i for i, (_, code) in enumerate(done) if code == 0]
    b.check("one creator wins, the others are told", codes == [0] + [2] * (WRITERS - 1), (codes, done))
    rc, out, _ = b.run("lock", "create", "-q", "-o", "-", stdin=streams[winner[0]] if winner else b"")
    b.check("the winner's lock stands whole", winner and b.read("new.lock") == out)
    b.check("no temporary file of a loser stays", litter(b) == [], litter(b))


def full_disk(b, stream, objects):
    """A file size limit makes every write of more than some bytes fail, as a full disk does."""
    def limit():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))

    rc, out, err = b.run("lock", "create", "-o", "full.lock", stdin=stream, preexec_fn=limit)
    b.check("create on a full disk", rc == 4 and out == b"" and "full.lock" in err, (rc, err))
    b.check("create on a full disk leaves nothing", not os.path.exists(b.path("full.lock")) and litter(b) == [])
    b.run("lock", "create", "-q", "-o", "full.lock", stdin=stream)
    before = b.read("full.lock")
    rc, out, err = b.run("lock", "update", "--lock", "full.lock", "--reason", "r", stdin=with_claim(objects, "x"),
                         preexec_fn=limit)
    b.check("update on a full disk", rc == 4 and b.read("full.lock") == before, (rc, err))
    b.check("update on a full disk leaves nothing", litter(b) == [])


def links(b, stream, objects):
    os.mkdir(b.path("sub"))
    b.run("lock", "create", "-q", "-o", "sub/real.lock", stdin=stream)
    os.symlink("sub/real.lock", b.path("link.lock"))
    os.chmod(b.path("sub/real.lock"), 0o640)
    rc, _, err = b.run("lock", "update", "-q", "--lock", "link.lock", "--reason", "r", stdin=with_claim(objects, "x"))
    b.check("update through a link", rc == 0 and os.path.islink(b.path("link.lock")), (rc, err))
    b.check("what the link leads to is replaced", b"reason: r" in b.read("sub/real.lock"))
    b.check("the mode stays", stat.S_IMODE(os.stat(b.path("sub/real.lock")).st_mode) == 0o640)
    os.symlink("nowhere", b.path("dead.lock"))
    rc, _, err = b.run("lock", "create", "-o", "dead.lock", stdin=stream)
    b.check("create over a link that leads nowhere", rc == 2 and os.path.islink(b.path("dead.lock")) and
            not os.path.exists(b.path("nowhere")), (rc, err))
    os.symlink("nowhere", b.path("pxb-fed.lock"))
    rc, out, err = b.run("render", stdin=stream)
    b.check("a dead ./pxb-fed.lock is an error", (rc, out) == (2, b"") and "pxb-fed.lock" in err, (rc, err))
    os.unlink(b.path("pxb-fed.lock"))


def odd_files(b, stream, _):
    os.mkdir(b.path("folder.lock"))
    b.write("empty.lock", b"")
    b.write("nul.lock", b"apiVersion: pxb-fed/v1\0\n")
    b.write("comment.lock", b"# nothing\n")
    b.write("huge.lock", b"# " + b"x" * (17 << 20) + b"\n")
    for name in ("folder", "empty", "nul", "comment", "huge", "missing"):
        for command in (["render"], ["check", "-"], ["lock", "verify"], ["lock", "diff"],
                        ["lock", "update", "--reason", "r"]):
            rc, out, err = b.run(*command, "--lock", name + ".lock", stdin=stream)
            b.check("%s with a lock that is %s" % (" ".join(command), name),
                    (rc, out) == (2, b"") and name + ".lock" in err, (rc, err))
    rc, _, err = b.run("lock", "create", "-o", "folder.lock", stdin=stream)
    b.check("create over a folder", rc == 2, (rc, err))
    rc, _, err = b.run("lock", "create", "-o", "no/such/folder.lock", stdin=stream)
    b.check("create in a folder that is not there", rc == 4 and "no/such/folder.lock" in err, (rc, err))
    os.unlink(b.path("huge.lock"))


def read_only(b, stream, objects):
    """Only for users whom modes stop."""
    if os.getuid() == 0:
        return
    os.mkdir(b.path("ro"))
    b.run("lock", "create", "-q", "-o", "ro/x.lock", stdin=stream)
    os.chmod(b.path("ro"), 0o500)
    before = b.read("ro/x.lock")
    rc, _, err = b.run("lock", "update", "--lock", "ro/x.lock", "--reason", "r", stdin=with_claim(objects, "x"))
    b.check("update in a read-only folder", rc == 4 and b.read("ro/x.lock") == before, (rc, err))
    rc, _, err = b.run("lock", "create", "-o", "ro/y.lock", stdin=stream)
    b.check("create in a read-only folder", rc == 4, (rc, err))
    os.chmod(b.path("ro"), 0o700)
    os.chmod(b.path("ro/x.lock"), 0o400)
    rc, _, err = b.run("lock", "update", "--lock", "ro/x.lock", "--reason", "r", stdin=with_claim(objects, "x"))
    b.check("update of a read-only lock", rc == 2 and b.read("ro/x.lock") == before, (rc, err))
    os.chmod(b.path("ro/x.lock"), 0)
    rc, _, err = b.run("render", "--lock", "ro/x.lock", stdin=stream)
    b.check("a lock that cannot be read", rc == 2, (rc, err))
    os.chmod(b.path("ro/x.lock"), 0o600)


def check(b, stream):
    objects = b.objects(stream)
    for test in (concurrent_updates, readers_beside_writers, concurrent_creates, full_disk, links, odd_files, read_only):
        test(b, stream, objects)
