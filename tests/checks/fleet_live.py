#!/usr/bin/env python3
"""Sixty clusters at once, five of which hang, from every source; 77 without a Go compiler.

    fleet_live.py [--bin PXB-FED]

Results are compared, never seconds. The last line is 'N passed, M failed'.
"""
import argparse
import json
import os
import re
import shutil
import signal
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

        def begin(folder, form):
            """A run over clusters of which some hang: the process, and its first line, when one cluster has its result."""
            child = subprocess.Popen([binary, 'verify', '--timeout', '600', '--kubeconfig', os.path.join(folder, 'kubeconfig'),
                                      '--all-contexts', '-o', form], stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=folder,
                                     env={**os.environ, 'LC_ALL': 'C.UTF-8', 'NO_COLOR': '1'})
            return child, child.stdout.readline() if form == 'jsonl' else child.stderr.readline()

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

        # Names: a line twice, one context in two kubeconfigs, a name longer than a file's may be.
        with open(listed, 'w', encoding='utf-8') as f:
            f.write('shoot-00000\nshoot-00000\nshoot-00001 each/shoot-00001.yaml\nshoot-00001\n')
        saved = os.path.join(directory, 'saved')
        ran = verify('--kubeconfig', whole, '--list', listed, '--save', saved, '-o', 'jsonl')
        names = ['shoot-00000', f'shoot-00001 ({directory}/each/shoot-00001.yaml)', f'shoot-00001 ({whole})']
        check('names: each cluster once', sorted(rows(ran)), names)
        check('names: saved apart', sorted(rows(verify('--from', saved, '-o', 'jsonl'))), names)
        check('names: nothing of an earlier run', ran.stderr, b'')
        for name in ('shoot-00000', 'cut'):
            os.makedirs(os.path.join(saved, name), exist_ok=True)
        for name in os.listdir(saved):
            if os.path.exists(os.path.join(saved, name, 'cluster.json')):
                os.utime(os.path.join(saved, name, 'cluster.json'), (1, 1))
        ran = verify('--kubeconfig', whole, 'shoot-00000', '--save', saved, '-o', 'jsonl')
        check('two runs in one folder', ran.stderr.count(b'still has the answers of 2 clusters of an earlier run'), 1)
        config = json.load(open(whole, encoding='utf-8'))
        config['contexts'] = [{**config['contexts'][0], 'name': 'x' * 5000}, {**config['contexts'][1], 'name': 'x' * 5000 + 'y'}]
        with open(os.path.join(directory, 'long.yaml'), 'w', encoding='utf-8') as f:
            json.dump(config, f)
        saved = os.path.join(directory, 'long')
        ran = verify('--kubeconfig', 'long.yaml', '--all-contexts', '--save', saved, '-o', 'jsonl')
        check('a long name: saved', (ran.returncode, len(os.listdir(saved))), (0, 2))
        check('a long name: read', sorted(map(len, rows(verify('--from', saved, '-o', 'jsonl')))), [5000, 5001])
        # A folder with more than kubeconfigs: nothing in it is missed silently.
        odd = os.path.join(directory, 'odd')
        os.makedirs(os.path.join(odd, 'more'))
        os.symlink('nowhere', os.path.join(odd, 'dangling.yaml'))
        os.mkfifo(os.path.join(odd, 'pipe'))
        shutil.copy(os.path.join(directory, 'each', 'shoot-00000.yaml'), odd)
        ran = verify('--kubeconfigs', odd, '-o', 'jsonl')
        check('folder: what is in it', {k: r['class'] for k, r in rows(ran).items()},
              {'dangling': 'unreachable', 'pipe': 'unreachable', 'shoot-00000': 'pass'})
        check('folder: a folder in it', b"odd/more' is not looked into" in ran.stderr, True)
        # Few descriptors: clusters wait for their turn before their time runs, not after.
        ran = subprocess.run(['sh', '-c', 'ulimit -n 64 && exec "$@"', 'sh', binary, 'verify', '--timeout', '4', '--kubeconfig', whole,
                              'shoot-0001*', '-o', 'jsonl'], capture_output=True, timeout=300, check=False, cwd=directory)
        check('64 descriptors', {r['class'] for r in rows(ran).values() if r['name'] not in hanging | set(planted)}, {'pass'})
        ran = verify('--kubeconfig', whole, 'shoot-00000', 'shot-00001')
        check('a mistyped context', (ran.returncode, ran.stderr.count(b"'shot-00001' is not in the kubeconfig; did you mean 'shoot-00001'?")),
              (2, 1))
        with open(listed, 'w', encoding='utf-8') as f:
            f.write('shoot-00000\nshot-00001\n')
        check('... in a list', {k: r['class'] for k, r in rows(verify('--kubeconfig', whole, '--list', listed, '-o', 'jsonl')).items()},
              {'shoot-00000': 'pass', 'shot-00001': 'unreachable'})
        for value in ('0', '86401', '3000000000', '99999999999999999999'):
            check('--timeout ' + value, verify('--kubeconfig', whole, 'shoot-00000', '--timeout', value).returncode, 2)

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
        # One list that hangs is one answer that is missing.
        quiet = os.path.join(directory, 'quiet')
        os.mkdir(quiet)
        other = fleet_stub.Stub(quiet, 2, (), silent={0: 'storageclusters', 1: 'version'})
        ran = verify('--kubeconfig', os.path.join(quiet, 'kubeconfig'), '--all-contexts', '-o', 'jsonl')
        check('a list hangs; /version hangs', {k: r['class'] for k, r in rows(ran).items()},
              {'shoot-00000': 'unknown', 'shoot-00001': 'unreachable'})
        other.close()
        # A helper that dies, answers that cannot be kept: results count.
        ended = os.path.join(directory, 'ended')
        os.mkdir(ended)
        other = fleet_stub.Stub(ended, 3, (0,), hang=(1, 2))
        for form in ('matrix', 'jsonl'):
            child, head = begin(ended, form)
            with open(f'/proc/{child.pid}/task/{child.pid}/children', encoding='utf-8') as f:
                os.kill(int(f.read().split()[0]), signal.SIGKILL)
            out, errors = child.communicate(timeout=60)
            check(form + ', the helper dies: exit code', child.returncode, 1)
            check(form + ', the helper dies: every cluster', sorted(set(re.findall(rb'shoot-0000.', head + out))),
                  [b'shoot-00000', b'shoot-00001', b'shoot-00002'])
            check(form + ', the helper dies: it is said', errors.count(b'pxb-fed-kube ended'), 1)
        json.loads(verify('--kubeconfig', os.path.join(ended, 'kubeconfig'), 'shoot-00000', '-o', 'json').stdout)
        other.close()
        full = os.path.join(directory, 'full')
        os.mkdir(full)
        open(os.path.join(full, 'shoot-00010'), 'w', encoding='utf-8').close()  # where its folder should be
        ran = verify('--kubeconfig', whole, 'shoot-0001*', '--save', full, '-o', 'jsonl')
        check('answers that cannot be kept: exit code', ran.returncode, 4)
        check('answers that cannot be kept: results', len(rows(ran)), 10)
        check('answers that cannot be kept: it is said', ran.stderr.count(b'full/shoot-00010'), 1)
        config = json.load(open(whole, encoding='utf-8'))
        config['contexts'] = [{**config['contexts'][0], 'name': 'cluster.json'}, {**config['contexts'][1], 'name': 'A'}]
        with open(os.path.join(directory, 'names.yaml'), 'w', encoding='utf-8') as f:
            json.dump(config, f)
        verify('--kubeconfig', 'names.yaml', '--all-contexts', '--save', 'dz')
        check('a cluster called cluster.json', sorted(rows(verify('--from', 'dz', '-o', 'jsonl'))), ['A', 'cluster.json'])
        with open(listed, 'wb') as f:
            f.write(b'shoot-00000\0shoot-00001\n')
        check('a list with a zero byte', verify('--kubeconfig', whole, '--list', listed).returncode, 2)
        # Ctrl-C: what is known is printed, what is not is said.
        slow = os.path.join(directory, 'slow')
        os.mkdir(slow)
        other = fleet_stub.Stub(slow, 3, (0,), hang=(1, 2))
        for form in ('matrix', 'jsonl'):
            child, head = begin(slow, form)
            child.send_signal(signal.SIGINT)
            out, _ = child.communicate(timeout=60)
            check(form + ' interrupted: exit code', child.returncode, 130)
            check(form + ' interrupted: what it says', out.count(b'the run was interrupted') > 0, True)
            check(form + ' interrupted: every cluster', sorted(set(re.findall(rb'shoot-0000.', head + out))),
                  [b'shoot-00000', b'shoot-00001', b'shoot-00002'])
        other.close()
        stub.close()
        check('nothing but GET, and POST for shoots', sorted(stub.asked['methods']), ['GET'])
        check('a credential for each shoot', stub.asked['tickets'], 60)
    print(f'{passed} passed, {failed} failed')
    return failed > 0


if __name__ == '__main__':
    sys.exit(main())
