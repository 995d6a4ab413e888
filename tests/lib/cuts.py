"""cuts.py PROGRAM FILE FROM TO STEP [--tail] [--within] [--accept N | --documents FILE] [-- OPTION ...]: render of a cut stream.

Every byte count of range(FROM, TO, STEP) is tried: so much of FILE's beginning, or with --tail of its end, is on standard input.
Each cut must be refused (1) or unreadable (3), with words on standard error and nothing on standard output. With --accept N, a cut
of N bytes and more may also be accepted; with --documents FILE it may be accepted if `read` prints FILE of what comes out.
Cuts that end at the end of a line are left out with --within. One process for hundreds of runs; every wrong cut is listed.
"""
import argparse
import re
import subprocess
import sys

MARKS = re.compile(rb'Sanitizer|runtime error|internal error')


def wrong(args, data, documents):
    """What is wrong with the run on this input, or None."""
    p = subprocess.run([args.program, 'render', *args.options], input=data, capture_output=True, timeout=60, check=False)
    if MARKS.search(p.stderr):
        return p.stderr.decode('utf-8', 'replace')[:2000]
    if p.returncode == 0 and documents is not None:
        again = subprocess.run([args.program, 'read', '-'], input=p.stdout, capture_output=True, timeout=60, check=False)
        return None if again.returncode == 0 and again.stdout == documents else 'accepted, and it is not the whole'
    if p.returncode == 0 and args.accept is not None:
        return None if len(data) >= args.accept else f'accepted, and less than {args.accept} bytes are there'
    if p.returncode not in (1, 3):
        return f'exit {p.returncode}: {p.stderr[:600]!r}'
    if p.stdout:
        return 'something on standard output'
    if not p.stderr:
        return 'nothing on standard error'
    if len(p.stderr) > 4096:
        return 'more than 4096 bytes on standard error'
    return None


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('program')
    parser.add_argument('file')
    parser.add_argument('cuts', type=int, nargs=3, metavar=('FROM', 'TO', 'STEP'))
    parser.add_argument('--tail', action='store_true')
    parser.add_argument('--within', action='store_true')
    parser.add_argument('--accept', type=int)
    parser.add_argument('--documents')
    cut = sys.argv.index('--') if '--' in sys.argv else len(sys.argv)
    args = parser.parse_args(sys.argv[1:cut])
    args.options = sys.argv[cut + 1:]
    with open(args.file, 'rb') as f:
        whole = f.read()
    documents = None
    if args.documents:
        with open(args.documents, 'rb') as f:
            documents = f.read()
    tried = failures = 0
    for at in range(*args.cuts):
        data = whole[len(whole) - at:] if args.tail else whole[:at]
        if args.within and data.endswith(b'\n'):
            continue
        tried += 1
        why = wrong(args, data, documents)
        if why:
            failures += 1
            print(f'cut at {at} of {len(whole)}: {why}')
    if not tried:
        print('no cut was tried')
    return 1 if failures or not tried else 0


if __name__ == '__main__':
    sys.exit(main())
