"""terminal.py COLUMNS TERM COMMAND [ARGUMENT ...]: runs the command on a pseudo terminal and prints what it shows; for other programs,
show(). A TERM of '-' leaves the environment as it is; any other takes NO_COLOR and CLICOLOR_FORCE out of it.
"""
import fcntl
import os
import pty
import struct
import subprocess
import sys
import termios


def show(words, columns, rows=24, env=None):
    """What a terminal of that size gets, with '\\n' at the end of a line, and the exit code."""
    main, side = pty.openpty()
    fcntl.ioctl(side, termios.TIOCSWINSZ, struct.pack('HHHH', rows, columns, 0, 0))
    process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=side, stderr=side, env=env)
    os.close(side)
    out = b''
    while True:
        try:
            data = os.read(main, 65536)
        except OSError:
            break
        if not data:
            break
        out += data
    os.close(main)
    return out.decode().replace('\r\n', '\n'), process.wait(60)


def without_colours(env):
    return {name: value for name, value in env.items() if name not in ('NO_COLOR', 'CLICOLOR_FORCE')}


if __name__ == '__main__':
    environment = dict(os.environ) if sys.argv[2] == '-' else {**without_colours(os.environ), 'TERM': sys.argv[2]}
    sys.stdout.write(show(sys.argv[3:], int(sys.argv[1]), env=environment)[0])
