"""Speaks to pxb-fed-kube as pxb-fed does (src/cluster/frame.h)."""
import json
import os
import struct
import subprocess

PROTOCOL = 1


def frame(kind, head, body=b''):
    text = json.dumps(head).encode()
    return struct.pack('>I', 5 + len(text) + len(body)) + kind + struct.pack('>I', len(text)) + text + body


class Helper:
    """One pxb-fed-kube. Answers are collected by the number of their question."""

    def __init__(self, program, version, env=None):
        self.process = subprocess.Popen(program if isinstance(program, list) else [program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                        env={**os.environ, **(env or {})})
        self.hello = self.read()
        self.send(b'H', {'protocol': PROTOCOL, 'version': version})

    def send(self, kind, head, body=b''):
        self.process.stdin.write(frame(kind, head, body))
        self.process.stdin.flush()

    def read(self):
        prefix = self.process.stdout.read(4)
        if len(prefix) < 4:
            return None
        rest = self.process.stdout.read(struct.unpack('>I', prefix)[0])
        size = struct.unpack('>I', rest[1:5])[0]
        return rest[:1], json.loads(rest[5:5 + size]), rest[5 + size:]

    def connect(self, cluster=1, **target):
        self.send(b'C', {'cluster': cluster, **target})
        return self.read()[1]

    def ask(self, *paths, cluster=1, seconds=20, post=b'', **more):
        """The answers in the order of the paths: (head, body)."""
        for i, path in enumerate(paths):
            self.send(b'A', {'cluster': cluster, 'question': i, 'path': path, 'seconds': seconds, **more}, post)
        got = {}
        while len(got) < len(paths):
            answer = self.read()
            if answer is None:
                raise AssertionError('pxb-fed-kube ended: ' + self.process.stderr.read().decode())
            got[answer[1]['question']] = answer[1:]
        return [got[i] for i in range(len(paths))]

    def close(self):
        self.process.stdin.close()
        out = self.process.stdout.read()
        errors = self.process.stderr.read()
        self.process.stdout.close()
        self.process.stderr.close()
        return self.process.wait(), out, errors
