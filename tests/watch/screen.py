"""A terminal for 'watch': a record is shown again (watch --from) under a pseudo terminal, and every redraw is taken apart."""
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '../lib'))
import terminal  # pylint: disable=wrong-import-position

WIPE = re.compile(r'\x1b\[(\d+)A\r\x1b\[J')
COLOR = re.compile(r'\x1b\[[0-9;]*m')


def show(binary, record, columns=80, rows=24, env=None):
    """What a terminal of that size gets, and the exit code."""
    environment = {**terminal.without_colours(os.environ), 'TERM': 'xterm', 'LC_ALL': 'C.UTF-8', **(env or {})}
    return terminal.show([binary, 'watch', '--from', record], columns, rows, environment)


def redraws(text):
    """Each redraw as its lines, and the faults of drawing in place: what is wiped is what was drawn."""
    parts, faults = WIPE.split(text), []
    screens = [part.replace('\x1b[K', '').split('\n') for part in parts[::2]]
    for wiped, screen in zip(parts[1::2], screens):
        if int(wiped) != len(screen) - 1:
            faults.append(f'{wiped} lines are wiped of {len(screen) - 1}: {screen}')
    return screens, faults


def check(binary, record, columns, rows=24, env=None):
    """The faults of showing a record on such a terminal."""
    text, code = show(binary, record, columns, rows, env)
    screens, faults = redraws(text)
    for screen in screens[:-1]:
        faults += [f'{len(line)} columns of {columns}: {line}' for line in screen if len(COLOR.sub('', line)) > columns - 1]
        if len(screen) > rows:
            faults.append(f'{len(screen)} lines on a screen of {rows}')
    if env and 'NO_COLOR' in env and COLOR.search(text):
        faults.append('colours in spite of NO_COLOR')
    if env and env.get('TERM') == 'dumb' and '\x1b' in text:
        faults.append('escapes on a dumb terminal')
    return faults, screens, code
