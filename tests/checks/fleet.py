#!/usr/bin/env python3
"""Several clusters in one run, from saved answers.

    fleet.py [--bin PXB-FED]

The last line is 'N passed, M failed'.
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile
from xml.etree import ElementTree

import good
import run

ROOT = run.ROOT


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--bin', default=os.path.join(ROOT, 'build', 'pxb-fed'))
    options = parser.parse_args()
    passed = failed = 0

    def check(name, got, wanted):
        nonlocal passed, failed
        if got == wanted:
            passed += 1
        else:
            failed += 1
            print(f'{name}: {got!r}, expected {wanted!r}')

    def verify(folder, *args):
        return subprocess.run([os.path.abspath(options.bin), 'verify', '--from', folder, *args], capture_output=True, cwd=folder,
                              timeout=60, check=False, env={**os.environ, 'LC_ALL': 'C.UTF-8', 'NO_COLOR': '1'})

    def fleet(folder, n, spoil=None, uid=None):
        for i in range(n):
            answers = good.answers(good.VERIFY)
            answers = json.loads(json.dumps(answers).replace('stc-uid-1', uid or f'stc-uid-{i}'))
            if spoil:
                spoil(i, answers)
            place = os.path.join(folder, f'c{i:02}')
            run.write(place, answers)
            with open(os.path.join(place, 'cluster.json'), 'w', encoding='utf-8') as f:
                json.dump({'schema': 1, 'cluster': f'shoot-{i:02}\x1b[31m'}, f)

    with tempfile.TemporaryDirectory() as directory:
        ten = os.path.join(directory, 'ten')
        fleet(ten, 10)
        ran = verify(ten, '-o', 'json')
        check('ten clusters', (ran.returncode, json.loads(ran.stdout)['identities']),
              (0, [{'clientId': good.CLIENT, 'clusters': 10, 'outcome': 'pass'}]))
        eleven = os.path.join(directory, 'eleven')
        fleet(eleven, 11)
        ran = verify(eleven, '-o', 'json')
        # trap 6 must-fail: one identity does not serve every cluster.
        check('eleven clusters for one identity', (ran.returncode, json.loads(ran.stdout)['identities'][0]['outcome']), (0, 'warn'))
        check('... and warnings count', verify(eleven, '--fail-on', 'warning').returncode, 1)
        check('... in words', b'is used by 11 clusters' in verify(eleven, '-o', 'short').stdout, True)

        # One cluster under eleven names takes the credentials of one.
        same = os.path.join(directory, 'same')
        fleet(same, 11, uid='one')
        check('one cluster, eleven names', json.loads(verify(same, '-o', 'json').stdout)['identities'][0]['clusters'], 1)
        page = verify(eleven, '-o', 'html').stdout.decode()
        check('HTML: a tile for the identity', page.count('<a class="warn" href="#identities"><b>1</b>'), 1)
        check('... leads there', page.count('id="identities"'), 1)

        def spoil(i, answers):
            if i == 1:
                for answer in answers.values():
                    answer.update(answer='tls', text='certificate has expired', body=None)
                    del answer['body']
            if i == 2:
                answers['storagenodes']['body']['items'][0]['spec']['version'] = '1.0'
        mixed = os.path.join(directory, 'mixed')
        fleet(mixed, 4, spoil)
        ran = verify(mixed, '-o', 'json')
        data = json.loads(ran.stdout)
        check('one bad cluster harms no other', [[c['outcome'] for c in k['checks'] if c['id'] == 'px-version'][0]
                                                 for k in data['clusters']], ['pass', 'unknown', 'fail', 'pass'])
        check('the summary', (ran.returncode, data['summary']['clusters'], data['summary']['unreachable']), (1, 4, 1))
        text = verify(mixed, '-o', 'text').stdout
        check('a lost cluster is two lines', text.count(b'the other checks could not be run'), 1)
        check('no control character of a name', b'\x1b' in text, False)
        junit = ElementTree.fromstring(verify(mixed, '-o', 'junit').stdout)
        check('JUnit', [(k.get('tests'), k.get('failures'), len(k.findall('.//failure'))) for k in junit],
              [('22', '0', 0), ('1', '0', 0), ('22', '1', 1), ('22', '0', 0)])
        check('JUnit: a lost cluster is one error of its own kind', (junit[1].get('errors'), [e.get('type') for e in junit[1].findall('.//error')]),
              ('1', ['unreachable']))
        markdown = verify(mixed, '-o', 'markdown').stdout.decode()
        check('Markdown', (markdown.count('\n## ') + 1, markdown.count('| **fail** |')), (4, 1))
        # What answers /version with anything but a version is no API server that can be judged by its other answers.
        for kind in ('no-api', 'absent', 'busy', 'broken', 'too-large', 'rejected'):
            one = os.path.join(directory, kind)
            fleet(one, 2, lambda i, answers, kind=kind: i == 0 and (answers['version'].update(answer=kind), answers['version'].pop('body')))
            data = json.loads(verify(one, '-o', 'json').stdout)
            check('/version is ' + kind, [k['class'] for k in data['clusters']], ['unreachable', 'pass'])
        # A recording that is damaged is its cluster's affair: by itself it is an error, among others a cluster that could not be asked.
        for what, text in (('no JSON', '{'), ('an empty file', ''), ('another kind of answer', '{"path":"/version","answer":"x","text":""}')):
            with open(os.path.join(mixed, 'c00', 'version.json'), 'w', encoding='utf-8') as f:
                f.write(text)
            data = json.loads(verify(mixed, '-o', 'json').stdout)
            check(what + ': how many', (data['summary']['clusters'], data['summary']['unreachable']), (4, 2))
            check(what + ': in words', b'the saved answers cannot be read' in verify(mixed, '-o', 'matrix').stdout, True)
            check(what + ': alone', verify(os.path.join(mixed, 'c00'), '-o', 'json').returncode, 3)
        # A cluster without an answer to /version has no results: what else it said is no ground for any.
        odd = os.path.join(directory, 'odd')
        fleet(odd, 2, lambda i, answers: i == 0 and answers['version'].update(answer='foreign', text='status 404', body=None))
        data = json.loads(verify(odd, '-o', 'json').stdout)['clusters'][0]
        check('lost: every check is unknown', {c['outcome'] for c in data['checks']}, {'unknown'})
        check('lost: what to try', {c['fix'] for c in data['checks']}, {"kubectl get --raw '/version'"})
        # A recording that broke off has no cluster.json: its cluster is missed aloud.
        os.remove(os.path.join(odd, 'c01', 'cluster.json'))
        data = json.loads(verify(odd, '-o', 'json').stdout)
        check('without cluster.json', [(k['name'][:8], k['class']) for k in data['clusters']],
              [('c01', 'unreachable'), ('shoot-00', 'unreachable')])
        check('without cluster.json: why', b"which ends a recording" in verify(odd, '-o', 'jsonl').stdout, True)
        # Two recordings of one name.
        twins = os.path.join(directory, 'twins')
        fleet(twins, 2)
        for name in ('c00', 'c01'):
            with open(os.path.join(twins, name, 'cluster.json'), 'w', encoding='utf-8') as f:
                json.dump({'schema': 1, 'cluster': 'dev'}, f)
        names = [k['name'] for k in json.loads(verify(twins, '-o', 'json').stdout)['clusters']]
        check('equal names', names, [f'dev ({twins}/c00)', f'dev ({twins}/c01)'])
        # What hangs is not what was refused or is not there.
        for question, checked in (('issuer', 'identity-issuer'), ('webhooks', 'identity-webhook')):
            for kind, outcome in (('deadline', 'unknown'), ('broken', 'unknown'), ('busy', 'unknown'), ('forbidden', 'skip')):
                one = os.path.join(directory, f'{question}-{kind}')
                fleet(one, 1, lambda i, answers, question=question, kind=kind:
                      (answers[question].update(answer=kind), answers[question].pop('body')))
                data = json.loads(verify(one, '-o', 'json').stdout)['clusters'][0]
                check(f'{question} is {kind}', [c['outcome'] for c in data['checks'] if c['id'] == checked], [outcome])
        # Clusters of one group with different texts: whose text it is, and how many differ.
        differ = os.path.join(directory, 'differ')
        fleet(differ, 4, lambda i, answers: answers['storagenodes']['body']['items'][0]['spec'].update(version=f'1.{i // 2}'))
        text = verify(differ, '-o', 'matrix').stdout.decode()
        check('a group with two texts', 'px-version of shoot-00' in text, True)
        check('... how many differ', '(2 others differ: -o short or html shows each)' in text, True)
        # An earlier run's file: whole, and of this schema.
        before = os.path.join(directory, 'before')
        for form in ('json', 'jsonl'):
            whole = verify(mixed, '-o', form).stdout
            lines = whole.split(b'\n')
            for what, data, code in (
                    ('whole', whole, 1), ('with a BOM and blanks', b'\xef\xbb\xbf' + whole + b'  \r\n\n', 1),
                    ('cut', b'\n'.join(lines[:-2]) + b'\n', 2), ('of schema 99', whole.replace(b'"schema":1', b'"schema":99'), 2),
                    ('two of them', whole + whole, 2), ('empty', b'', 2)):
                with open(before, 'wb') as f:
                    f.write(data)
                ran = verify(mixed, '-o', 'matrix', '--since', before)
                check(f'--since {form}, {what}', ran.returncode, code)
                check(f'--since {form}, {what}: in words', ran.stderr.count(b"'" + before.encode() + b"'"), int(code == 2))
        many = os.path.join(directory, 'many')
        fleet(many, 30, lambda i, answers: answers['storagenodes']['body']['items'][0]['spec'].update(version='1.0'))
        lines = verify(many, '-o', 'matrix').stdout.decode().split('\n')
        check('a matrix has 80 columns', [line for line in lines if len(line) > 80], [])
        check('... and no blank at the end of a line', [line for line in lines if line != line.rstrip()], [])
    print(f'{passed} passed, {failed} failed')
    return failed > 0


if __name__ == '__main__':
    sys.exit(main())
