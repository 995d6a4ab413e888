#!/usr/bin/env python3
"""Waits for an event, at most half a minute; exit code 1 with a word when it does not come.

    await.py end PID            the process ends (a zombie has ended)
    await.py file PID PATH      the process writes the file PATH
    await.py accept PID PATH    the process takes connections on the Unix socket PATH
"""
import os
import select
import socket
import sys
import time

SECONDS = 30


def ends(pid, seconds):
    try:
        fd = os.pidfd_open(int(pid))
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([fd], [], [], seconds)[0])
    finally:
        os.close(fd)


def end(pid):
    return ends(pid, SECONDS)


def written(path):
    return os.path.exists(path) and os.path.getsize(path) > 0


def file(pid, path):
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        if written(path):
            return True
        if ends(pid, 0.02):
            return written(path)
    return False


def accept(pid, path):
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        try:
            with socket.socket(socket.AF_UNIX) as s:
                s.settimeout(SECONDS)
                s.connect(path)
                return True
        except (FileNotFoundError, ConnectionRefusedError):
            if ends(pid, 0.02):
                return False
    return False


if not {"end": end, "file": file, "accept": accept}[sys.argv[1]](*sys.argv[2:]):
    sys.exit(f"{' '.join(sys.argv[1:])}: it did not come within {SECONDS} seconds, or never will")
