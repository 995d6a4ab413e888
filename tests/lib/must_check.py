"""must_check.py HEADER ...: declarations that report errors (struct err *) and whose result may be dropped. Functions of err.h and cmd.h
that only make an error or print one give back its status for convenience; they are named in RETURNS_WHAT_IT_GOT."""
import re
import sys

DECLARATION = re.compile(r'^(?!static|typedef|#|/|\s)([A-Za-z_][\w \t]*[ *])(\w+)\([^;{}]*struct err \*\w+[^;{}]*\)[^;{}]*;', re.M)
RETURNS_WHAT_IT_GOT = {'err_set', 'err_wrap', 'err_errno', 'err_nomem', 'fail', 'fail_usage'}

bad = False
for path in sys.argv[1:]:
    text = open(path, encoding='utf-8').read()
    for found in DECLARATION.finditer(text):
        kind, name = found.groups()
        if kind.strip() != 'void' and name not in RETURNS_WHAT_IT_GOT and 'PXB_MUST_CHECK' not in found[0]:
            bad = True
            print(f'{path}:{text.count(chr(10), 0, found.start()) + 1}: {name}() lacks PXB_MUST_CHECK')
sys.exit(bad)
