#!/usr/bin/env python3
"""Runs a command whose standard output is a pipe that takes little, and prints whether FILE is there when the first bytes of the
output have come, and when the command has ended: stream_before_state.py FILE STDIN COMMAND [ARGUMENT...]"""
import fcntl
import os
import select
import subprocess
import sys

path, stdin, command = sys.argv[1], sys.argv[2], sys.argv[3:]
reader, writer = os.pipe()
fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, 4096)
with open(stdin, "rb") as source:
    process = subprocess.Popen(command, stdin=source, stdout=writer)
os.close(writer)
select.select([reader], [], [])
during = os.path.exists(path)
while os.read(reader, 65536):
    pass
code = process.wait()
print("there" if during else "not yet", "there" if os.path.exists(path) else "missing")
sys.exit(code)
