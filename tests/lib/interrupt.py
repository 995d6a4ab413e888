#!/usr/bin/env python3
"""interrupt.py CONDITION COMMAND...: Ctrl-C at the right moment.

Runs COMMAND in a process group of its own, as a terminal would, sends SIGINT to the whole group as soon as the shell command
CONDITION succeeds, and ends with COMMAND's exit code (128 + signal if a signal ended it). 125: the condition never held; the
group is killed then. 124: something of the group was left."""
import os
import signal
import subprocess
import sys
import time

condition, command = sys.argv[1], sys.argv[2:]
signal.signal(signal.SIGINT, signal.SIG_DFL)  # a shell's background job would hand down that it is ignored
child = subprocess.Popen(command, start_new_session=True, stdin=subprocess.DEVNULL)
deadline = time.monotonic() + 60
code = 125
while child.poll() is None and time.monotonic() < deadline:
    if subprocess.run(['sh', '-c', condition], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False).returncode == 0:
        os.killpg(child.pid, signal.SIGINT)
        try:
            code = child.wait(60)
        except subprocess.TimeoutExpired:
            print('interrupt.py: did not end after SIGINT', file=sys.stderr)
        break
    time.sleep(0.05)
# Children of its children end a moment after it; what is still there then was left.
for _ in range(100):
    try:
        os.killpg(child.pid, 0)
    except ProcessLookupError:
        break
    time.sleep(0.05)
else:
    os.killpg(child.pid, signal.SIGKILL)
    print('interrupt.py: something of the group was left', file=sys.stderr)
    code = 124 if code != 125 else code
sys.exit(128 - code if code < 0 else code)
