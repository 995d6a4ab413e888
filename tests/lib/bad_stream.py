"""bad_stream.py PROGRAM STATE CODE MESSAGE [POSITION] <STREAM: a stream that must be refused, in each of the three ways in which it
is handed over: `render -v`, `check` of the file in.yaml, and `render --refuse-as=block-scalar`, which is a success that prints one
literal block scalar. Each exit code, what is said, and that not even eight characters of $SECRET in a row are shown or stored. Leaves
the files in.yaml, and out and err of the last run. Everything that is wrong is listed."""
import os
import re
import subprocess
import sys

SANITIZER = re.compile(rb'Sanitizer|runtime error|internal error')
# Control characters, and what lies beyond the Basic Multilingual Plane.
NO_TEXT = re.compile('[\x01-\x09\x0b-\x1f\x7f-\x9f\U00010000-\U0010ffff]')
bad = []


def require(good, words):
    if not good:
        bad.append(words)


def flat(data):
    """As one line, however it was wrapped."""
    return re.sub(rb'[ \n]+', b' ', data)


def run(program, name, stdin, *options):
    with open('in.yaml', 'rb') as f:
        p = subprocess.run([program, *options], stdin=f if stdin else None, capture_output=True, timeout=60, check=False)
    require(0 <= p.returncode <= 5, f'{name}: exit code {p.returncode}')
    require(not SANITIZER.search(p.stderr), f'{name}: {p.stderr[:2000]!r}')
    return p


def exits(p, name, code):
    require(p.returncode == code, f'{name}: exit code {p.returncode}, not {code}; stderr was: {p.stderr[:2000]!r}')


def hides(name, secret, *texts):
    parts = {secret[i:i + 8] for i in range(len(secret) - 7)}
    require(parts, 'no secret was planted')
    require(not any(part in text for part in parts for text in texts), f'{name}: a part of the secret is shown')


def block_scalar(data):
    """Exactly one literal block scalar, as Helm 4 keeps it: two blanks of indentation, no tabs, no text outside."""
    try:
        text = data.decode()
    except UnicodeDecodeError as e:
        bad.append(f'block scalar: {e}')
        return
    require(text.endswith('\n'), 'block scalar: no line feed at the end')
    lines = text[:-1].split('\n') if text.endswith('\n') else text.split('\n')
    require(lines[0] == '|', 'block scalar: does not begin with |')
    require(len(lines) > 1 and re.match('  [^ ]', lines[1]), 'block scalar: the first line is not indented by two blanks')
    require(all(not line or line.startswith('  ') for line in lines[1:]), 'block scalar: text outside of the scalar')
    require(not any(re.search('[ \t]$', line) for line in lines), 'block scalar: a blank at the end of a line')
    require(lines[-1] != '', 'block scalar: a blank line at the end')
    require(not NO_TEXT.search(text), 'block scalar: a character that Helm does not keep')


def main():
    program, state, code, message, position = sys.argv[1:6] if len(sys.argv) > 5 else [*sys.argv[1:5], '']
    code, secret = int(code), os.environ.pop('SECRET').encode()
    with open('in.yaml', 'wb') as f:
        f.write(sys.stdin.buffer.read())

    p = run(program, 'render', True, 'render', '-v')
    exits(p, 'render', code)
    require(not p.stdout, 'render: stdout is not empty')
    for words in (message, position):
        require(words.encode() in flat(p.stderr), f'render: stderr does not say {words!r}: {p.stderr[:2000]!r}')
    with open(state, 'rb') as f:
        hides('render', secret, p.stderr, f.read())

    p = run(program, 'check', False, 'check', '-o', 'json', '--diff', 'in.yaml')
    exits(p, 'check', code)
    hides('check', secret, p.stdout, p.stderr)

    p = run(program, 'block scalar', True, 'render', '--refuse-as=block-scalar')
    exits(p, 'block scalar', 0)
    block_scalar(p.stdout)
    require(message.encode() in flat(p.stdout), f'block scalar: does not say {message!r}: {p.stdout[:2000]!r}')
    hides('block scalar', secret, p.stdout, p.stderr)

    for name, data in (('out', p.stdout), ('err', p.stderr)):
        with open(name, 'wb') as f:
            f.write(data)
    print('\n'.join(bad))
    return 1 if bad else 0


if __name__ == '__main__':
    sys.exit(main())
