#!/usr/bin/env python3
"""Sixty clusters at once, five of which hang, from every source; 77 without a Go compiler.

    fleet_live.py [--bin PXB-FED]

Results are compared, never seconds. The last line is 'N passed, M failed'.
"""
import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile

import fleet_stub

ROOT = fleet_stub.ROOT
PLANTED, HANGING = (4, 11, 30, 31, 59), (2, 7, 20, 33, 58)
ODD = {'runs-a-program', 'by-proxy', 'aws', 'broken'}  # Secrets of Argo CD that cannot be used


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--bin', default=os.path.join(ROOT, 'build', 'pxb-fed'))
    options = parser.parse_args()
    if not shutil.which('go'):
        return 77
    binary = os.path.abspath(options.bin)
    passed = failed = 0

    def check(name, got, wanted):
        nonlocal passed, failed
        if got == wanted:
            passed += 1
        else:
            failed += 1
            print(f'{name}: {got!r}, expected {wanted!r}')

    with tempfile.TemporaryDirectory() as directory:
        stub = fleet_stub.Stub(directory, 60, PLANTED, HANGING, hub=True)
        planted = {fleet_stub.name(i): fleet_stub.VARIANTS[v][1] for i, v in stub.planted.items()}
        hanging = {fleet_stub.name(i) for i in HANGING}
        whole = os.path.join(directory, 'kubeconfig')
        listed = os.path.join(directory, 'list')
        with open(listed, 'w', encoding='utf-8-sig', newline='\r\n') as f:  # as Windows writes it
            f.write('# half by context, half by file\n\n')
            for i in range(60):
                f.write(fleet_stub.name(i) + (f'  each/{fleet_stub.name(i)}.yaml\n' if i % 2 else '\n'))

        def verify(*args):
            return subprocess.run([binary, 'verify', '--timeout', '4', *args], capture_output=True, timeout=300, check=False,
                                  cwd=directory, env={**os.environ, 'LC_ALL': 'C.UTF-8', 'NO_COLOR': '1'})

        def rows(ran):
            return {r['name']: r for r in map(json.loads, ran.stdout.splitlines()) if r['kind'] == 'cluster'}

        hub = ('--kubeconfig', os.path.join(directory, 'hub.yaml'))
        last = None
        for title, source, extra in (
                ('contexts', ('--kubeconfig', whole, '--all-contexts'), set()),
                ('few slots', ('--kubeconfig', whole, 'shoot-*', '--parallel', '2'), set()),
                ('folder', ('--kubeconfigs', os.path.join(directory, 'each')), set()),
                ('list', ('--kubeconfig', whole, '--list', listed), set()),
                ('Argo CD', (*hub, '--from-argocd'), ODD),
                ('Gardener', (*hub, '--from-gardener', 'demo'), {'asleep'})):
            ran = verify(*source, '-o', 'jsonl')
            got = rows(ran)
            check(f'{title}: exit code', (ran.returncode, ran.stderr), (1, b''))
            check(f'{title}: every cluster once', len(ran.stdout.splitlines()), 61 + len(extra))
            check(f'{title}: the planted ones', {k: [c['id'] for c in r['checks'] if c['outcome'] == 'fail']
                                                 for k, r in got.items() if r['class'] == 'fail'},
                  {k: [v] for k, v in planted.items()})
            check(f'{title}: what cannot be asked', {k for k, r in got.items() if r['class'] == 'unreachable'}, hanging | extra)
            check(f'{title}: all others', {r['class'] for k, r in got.items() if k not in hanging | extra and k not in planted},
                  {'pass'})
            if title == 'contexts':
                last = ran.stdout
            if title == 'Argo CD':
                check('Argo CD: why', {k: got[k]['answer'] for k in ODD},
                      {'runs-a-program': 'config', 'by-proxy': 'config', 'aws': 'not-asked', 'broken': 'not-asked'})

        ran = verify('--kubeconfig', whole, '--all-contexts')
        text = ran.stdout.decode()
        check('matrix: one line for all that passed', text.count('50 clusters: all passed'), 1)
        check('matrix: what hangs', text.count('5 clusters could not be asked: the deadline passed'), 1)
        check('matrix: which server', text.count('did not answer before the deadline'), 1)
        check('matrix: the worst first', text.startswith('×'), True)
        check('progress: one line each that did not pass', len(ran.stderr.splitlines()), 10)

        since = os.path.join(directory, 'last.jsonl')
        with open(since, 'wb') as f:
            f.write(last)
        ran = verify('--kubeconfig', whole, 'shoot-0000*', '--since', since, '-o', 'json')
        changes = json.loads(ran.stdout)['changes']
        check('since: what is gone', {c['change'] for c in changes}, {'gone'})
        check('since: how many', len(changes), 50)
        with open(since, 'wb') as f:
            f.write(last.replace(b'"id":"px-version","group":"portworx","outcome":"pass"',
                                 b'"id":"px-version","group":"portworx","outcome":"fail"', 1))
        ran = verify('--kubeconfig', whole, '--all-contexts', '--since', since, '-o', 'jsonl')
        changes = [json.loads(line)['what'] for line in ran.stdout.splitlines() if b'"kind":"change"' in line]
        check('since: one check', [(c['check'], c['before'], c['now']) for c in changes], [('px-version', 'fail', 'pass')])
        for form in ('json', 'sarif'):
            json.loads(verify('--kubeconfig', whole, 'shoot-0000*', '-o', form).stdout)
        page = verify('--kubeconfig', whole, '--all-contexts', '-o', 'html').stdout.decode()
        check('HTML: one row a cluster', page.count('<tr>'), 60)
        check('HTML: no script', '<script' in page, False)
        check('only one hub', verify('--from-argocd', '--from-gardener', 'x').returncode, 2)
        stub.close()
        check('nothing but GET, and POST for shoots', sorted(stub.asked['methods']), ['GET'])
        check('a credential for each shoot', stub.asked['tickets'], 60)
    print(f'{passed} passed, {failed} failed')
    return failed > 0


if __name__ == '__main__':
    sys.exit(main())
