#!/usr/bin/env python3
"""Names of px-central that stand in a string outside src/chart.

The names are read from the tables of src/chart, so that a row there is enough to be looked for. A name is found as a word
of its own in any string literal: in a comparison and in a sentence. chart_literals.txt has the files that still hold
some, and how many: no other file may, none may hold more, and one that holds fewer says so, so that the list shrinks.

usage: chart_literals.py TABLES ALLOWED FILE...   prints FILE:LINE: NAME, exit code 1 if the list does not hold
"""
import glob
import os
import re
import sys

STRING = re.compile(r'"((?:[^"\\\n]|\\.)*)"')
SPACE = re.compile(r'/\*.*?\*/|//[^\n]*', re.S)
TOKEN = re.compile(r'''/\*.*?\*/|//[^\n]*|'(?:[^'\\\n]|\\.)+'|"((?:[^"\\\n]|\\.)*)"''', re.S)

# A name must look like one: two parts, or an env entry in capitals. "theme" and "mysql" are words.
NAME = re.compile(r'[A-Za-z0-9]+([-._/][A-Za-z0-9]+)+$')
# Kubernetes' and the images' own words, which the tables hold as well.
OTHERS = re.compile(r'(app\.kubernetes\.io/|metadata\.|spec\.|--|/|(pre|post)-(install|upgrade)$|[0-9.]+$|set-up$)')


def names(folder):
    """The names in the tables of a folder."""
    found = set()
    for path in sorted(glob.glob(os.path.join(folder, '*.def'))):
        with open(path, encoding='utf-8') as f:
            text = SPACE.sub(' ', f.read())
        for literal in STRING.findall(text):
            for word in literal.split():
                word = word.rstrip('-')
                if NAME.match(word) and not OTHERS.match(word):
                    found.add(word)
    return found


def literals(path):
    """Each string literal of a C file with its line."""
    with open(path, encoding='utf-8') as f:
        text = f.read()
    line, at = 1, 0
    for token in TOKEN.finditer(text):
        line += text.count('\n', at, token.start())
        at = token.start()
        if token.group(1) and not text[text.rfind('\n', 0, at) + 1:at].startswith('#include'):
            yield line, token.group(1)


def allowed(path):
    """How many a file may hold: lines of "NUMBER FILE"."""
    with open(path, encoding='utf-8') as f:
        rows = (line.split() for line in f if line.strip() and not line.startswith('#'))
        return {name: int(n) for n, name in rows}


def main():
    table, may, paths = sys.argv[1], allowed(sys.argv[2]), sys.argv[3:]
    known = names(table)
    word = re.compile(r'[A-Za-z0-9][A-Za-z0-9._/-]*')
    bad = 0
    if len(known) < 100:
        print(f'{table}: only {len(known)} names: the tables are read no longer')
        bad = 1
    for path in paths:
        found = [f'{path}:{line}: {name}' for line, text in literals(path)
                 for name in (w.rstrip('./-') for w in word.findall(text)) if name in known]
        if len(found) > may.get(path, 0):
            print('\n'.join(found))
            bad = 1
        elif len(found) < may.get(path, 0):
            print(f'{path}: {len(found)} names of the chart are left, chart_literals.txt says {may[path]}')
            bad = 1
    for gone in sorted(set(may) - set(paths)):
        print(f'{gone}: is in chart_literals.txt and not in the tree')
        bad = 1
    return bad


if __name__ == '__main__':
    sys.exit(main())
