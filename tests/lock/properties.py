"""What must hold for the lock of any compliant stream: what was recorded holds, a changed choice is found by its rule
and by no other, and no other change is found."""
import json
import re

import mutations
from bench import changed, stream_of


def rules_in(text):
    return set(re.findall(r"^error\[([a-z-]+)\]", text, re.M))


def verify(b, lock, stream):
    rc, out, err = b.run("lock", "verify", "--lock", lock, stdin=stream)
    return rc, out, err


def check_free(b, name, lock, stream):
    rc, out, err = verify(b, lock, stream)
    b.check("%s: passes" % name, (rc, out, err) == (0, b"", ""), (rc, err))


def check_locked(b, name, lock, stream, rule):
    rc, out, err = b.run("lock", "verify", "-v", "--lock", lock, stdin=stream)
    b.check("%s: found by %s" % (name, rule), rc == 1 and out == b"" and rules_in(err) == {rule}, (rc, err))
    # Advice follows every error.
    b.check("%s: has advice" % name, len(re.findall(r"^error\[", err, re.M)) <= len(re.findall(r"^  fix:", err, re.M)), err)
    # The whole gate finds it as well.
    rc, out, err = b.run("check", "-o", "json", "--lock", lock, "-", stdin=stream)
    found = {f["rule"] for f in json.loads(out)["findings"] if f["severity"] == "error"}
    b.check("%s: found by check" % name, rc == 1 and rule in found, (rc, found, err))


def check_update(b, name, lock, text, stream, taken):
    b.write("update.lock", text)
    rc, out, err = b.run("lock", "update", "--lock", "update.lock", "--reason", "a test", stdin=stream)
    after = b.read("update.lock")
    if taken:
        b.check("%s: recorded" % name, rc == 0 and after != text, (rc, err))
        check_free(b, name + ", recorded", "update.lock", stream)
    else:
        b.check("%s: not recorded" % name, rc == (1 if taken is False else 3) and after == text, (rc, err))


def create(b, stream):
    rc, out, err = b.run("lock", "create", "-q", "-o", "-", stdin=stream)
    assert rc == 0 and err == "", (rc, err)
    return out


def check_stream(b, name, stream, rng, per_stream):
    lock_text = create(b, stream)
    lock = b.write("one.lock", lock_text)
    objects = b.objects(stream)

    b.check("%s: the same lock again" % name, create(b, stream) == lock_text)
    check_free(b, "%s: itself" % name, lock, stream)
    b.check("%s: as JSON" % name, create(b, stream_of(objects)) == lock_text)
    shuffled = objects[:]
    rng.shuffle(shuffled)
    b.check("%s: in another order" % name, create(b, stream_of(shuffled)) == lock_text)
    check_free(b, "%s: with comments" % name, lock, b"# a comment\n" + stream.replace(b"\nkind:", b"\n# another\nkind:"))

    free = mutations.FREE if per_stream is None else rng.sample(mutations.FREE, per_stream)
    for what, change in free:
        new = changed(objects, change)
        if new is not None:
            check_free(b, "%s: %s" % (name, what), lock, stream_of(new))
    locked = mutations.LOCKED if per_stream is None else rng.sample(mutations.LOCKED, per_stream)
    for what, change, rule, taken in locked:
        new = changed(objects, change)
        if new is None:
            continue
        check_locked(b, "%s: %s" % (name, what), lock, stream_of(new), rule)
        check_update(b, "%s: %s" % (name, what), lock, lock_text, stream_of(new), taken)


def check_renders(b, renders):
    """The same chart rendered by both Helms, with and without hooks, for installation and upgrade: one lock."""
    locks = {name: create(b, stream) for name, stream in renders.items()}
    first = next(iter(locks))
    for name, text in locks.items():
        b.check("%s and %s: one lock" % (first, name), text == locks[first])


def check_damage(b, text, rng, rounds):
    """A damaged lock is refused or means something; it never passes as what it was, half read."""
    stream = b"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: pxcentral-ui-configmap}\n"
    for i in range(rounds):
        data = bytearray(text)
        for _ in range(rng.randint(1, 4)):
            at = rng.randrange(len(data))
            kind = rng.randrange(3)
            if kind == 0:
                data[at] = rng.randrange(256)
            elif kind == 1:
                del data[at:at + rng.randint(1, 30)]
            else:
                data[at:at] = bytes(rng.choice(b"\n\t :-[]{}\"'#&*!|>%@`\0") for _ in range(rng.randint(1, 3)))
            if not data:
                data = bytearray(b"\n")
        b.write("damaged.lock", bytes(data))
        rc, out, err = b.run("lock", "show", "--lock", "damaged.lock")
        fine = rc == 0 and err == "" or rc == 2 and out == b"" and err.startswith("pxb-fed: ")
        b.check("damage %d" % i, fine, (rc, err, bytes(data)))
        if rc == 2:
            rc, out, err = b.run("render", "--lock", "damaged.lock", stdin=stream)
            b.check("damage %d before the stream" % i, (rc, out) == (2, b""), (rc, err))
