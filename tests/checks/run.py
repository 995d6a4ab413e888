#!/usr/bin/env python3
"""Table cases of the checks, run by the binary itself over saved answers.

    run.py [--bin BINARY] [-k TEXT] [--without CHECK]

Every *.case file here is a list of cases. A case changes the good cluster of good.py and says which checks do not pass; every
other check must. Lines of a case:

    # what it is about                          begins a case
    trap N must-fail | must-pass                which of the known ways to a wrong verdict it guards
    stream NAME                                 the rendered manifests: a file of testdata/streams
    object JSON                                 or one object of them
    set QUESTION PATH = JSON                    PATH: keys joined by '/', '~1' for '/'; '*' is every item; $CLIENT, $OTHER, $TENANT
    delete QUESTION PATH
    answer QUESTION KIND TEXT                   no body: forbidden, absent, no-api, deadline, ...
    drop QUESTION                               it was never asked
    args ARGUMENT ...
    policy TEXT                                 a line of a policy file
    expect CHECK OUTCOME [TEXT]                 TEXT occurs in its text, object, fix, found or required
    exit N

--without CHECK makes the run ignore that check in what the program said, as if it did not exist: the cases that fail then are
the ones that guard it. The last line is 'N passed, M failed'.
"""
import argparse
import glob
import json
import os
import re
import shlex
import subprocess
import sys
import tempfile

import good

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
BASES = {'verify': good.VERIFY, 'preflight': good.PREFLIGHT, 'role': good.ROLE}


class Case:
    def __init__(self, path, line, name):
        self.file, self.line, self.name = os.path.basename(path)[:-5], line, name
        self.lines, self.trap = [], None
        self.depends = set()  # checks whose removal turns the case red
        self.checks = set()

    @property
    def title(self):
        return f'{self.file}:{self.line}: {self.name}'


def read_cases(path):
    cases = []
    with open(path, encoding='utf-8') as f:
        for number, line in enumerate(f.read().splitlines(), 1):
            if line.startswith('# '):
                cases.append(Case(path, number, line[2:]))
            elif line.strip() and cases:
                cases[-1].lines.append(line)
            elif line.strip():
                raise SystemExit(f'{path}:{number}: a line before the first case')
    return cases


def keys_of(path):
    return [k.replace('~1', '/').replace('~0', '~') for k in path.split('/')]


def places(value, keys):
    """The containers that the last key is to be changed in."""
    if len(keys) == 1:
        return [(value, keys[0])] if keys[0] != '*' else [(value, i) for i in range(len(value))]
    steps = range(len(value)) if keys[0] == '*' else [int(keys[0]) if isinstance(value, list) else keys[0]]
    found = []
    for step in steps:
        if isinstance(value, dict):
            value.setdefault(step, {})
        found += places(value[step], keys[1:])
    return found


def value_of(text):
    for name in ('CLIENT', 'OTHER', 'TENANT'):
        text = text.replace('$' + name, getattr(good, name))
    return json.loads(text, object_hook=lambda o: eval_made(o))


def eval_made(o):
    """{"make": "pod(4)"}: what good.py makes."""
    return eval(o['make'], vars(good)) if set(o) == {'make'} else o  # pylint: disable=eval-used


def change(answers, word, rest):
    if word == 'answer':
        name, kind, text = (rest.split(' ', 2) + [''])[:3]
        answers[name] = {'path': '/' + name, 'answer': kind, 'text': text}
    elif word == 'drop':
        del answers[rest]
    else:
        name, rest = rest.split(' ', 1)
        path, _, text = rest.partition(' = ')
        if word == 'set' and answers.get(name, {}).get('answer') != 'ok':
            answers[name] = {'path': '/' + name, 'answer': 'ok', 'text': '', 'body': {}}
        for container, key in places({'': answers[name]['body']}, [''] + keys_of(path) if path != '.' else ['']):
            key = int(key) if isinstance(container, list) else key
            if word == 'set':
                if isinstance(container, list) and key == len(container):
                    container.append(None)
                container[key] = value_of(text)
                if path == '.':
                    answers[name]['body'] = container[key]
            else:
                del container[key]


def write(folder, answers):
    os.makedirs(folder)
    with open(os.path.join(folder, 'cluster.json'), 'w', encoding='utf-8') as f:
        json.dump({'schema': 1, 'cluster': 'shoot-1', 'version': '0'}, f)
    for name, answer in answers.items():
        with open(os.path.join(folder, name + '.json'), 'w', encoding='utf-8') as f:
            json.dump(answer, f)


def write_lists(folder, answers):
    """What the Azure CLI printed, one file a list."""
    os.makedirs(folder)
    for name, answer in answers.items():
        with open(os.path.join(folder, name + '.json'), 'w', encoding='utf-8') as f:
            json.dump(answer['body'], f)
    return [os.path.join(folder, name + '.json') for name in answers]


def run(case, binary, without, directory):
    command = case.file.split('-')[0]
    answers = good.answers(BASES[command])
    args, policy, objects, code = list(good.ALWAYS[command]), [], [], 0
    expected = {name: (outcome, '') for name, outcome in good.USUALLY.get(command, {}).items()}
    for line in case.lines:
        word, _, rest = line.partition(' ')
        if word == 'expect':
            name, outcome, text = (rest.split(' ', 2) + [''])[:3]
            expected[name] = (outcome, text)
        elif word == 'exit':
            code = int(rest)
        elif word == 'args':
            args += shlex.split(rest)
        elif word == 'stream':
            args.append(os.path.join(ROOT, 'testdata', 'streams', rest))
        elif word == 'object':
            objects.append(json.loads(rest))
        elif word == 'policy':
            policy.append(rest)
        elif word == 'trap':
            case.trap = tuple(rest.split())
        elif word in ('set', 'delete', 'answer', 'drop'):
            change(answers, word, rest)
        else:
            return [f'unknown word {word!r}']
    folder = os.path.join(directory, f'{case.file}-{case.line}')
    words = [command, '--from', folder]
    if command == 'role':
        words = ['role', 'check', *write_lists(folder, answers)]
    else:
        write(folder, answers)
    if objects:
        args.append(folder + '.manifests')
        with open(args[-1], 'w', encoding='utf-8') as f:
            f.writelines(f'---\n{json.dumps(o)}\n' for o in objects)
    if policy:
        with open(folder + '.yaml', 'w', encoding='utf-8') as f:
            f.write('apiVersion: pxb-fed/v1\nkind: Policy\n' + '\n'.join(policy) + '\n')
        args += ['--policy', folder + '.yaml']
    got = subprocess.run([binary, *words, '-o', 'json', *args], capture_output=True, timeout=60,
                         cwd=directory, env={**os.environ, 'PXB_FED_POLICY': ''}, check=False)
    problems = [] if got.returncode == code else [f'exit {got.returncode}, expected {code}: {got.stderr.decode()[:300]}']
    if got.returncode in (2, 3, 4):
        return problems
    checks = {c['id']: c for c in json.loads(got.stdout)['clusters'][0]['checks'] if c['id'] != without}
    for name, check in checks.items():
        outcome, text = expected.get(name, ('pass', ''))
        said = ' | '.join(str(check.get(k, '')) for k in ('text', 'object', 'path', 'fix', 'found', 'required'))
        if check['outcome'] != outcome:
            problems.append(f"{name} is {check['outcome']}, expected {outcome}: {check['text']}")
        elif text not in said:
            problems.append(f'{name} does not say {text!r}: {said}')
    problems += [f'{name} gave no result' for name in expected if name not in checks]
    case.checks = set(checks)
    usual = good.USUALLY.get(command, {})
    case.depends = {name for name, (outcome, _) in expected.items() if outcome != usual.get(name, 'pass')}
    return problems


def without_cases(cases):
    """Every other check has the outcome that the case demands, so a check that is removed turns those cases red that expect
    something of it, and no others. Each check has such a case, and so has each trap that must fail."""
    depends = set().union(*(c.depends for c in cases))
    # What no saved answer holds: Helm on this machine, other clusters. The tests with a real API server expect it.
    with open(os.path.join(HERE, 'live.py'), encoding='utf-8') as f:
        depends.update(re.findall(r"\[1\]\['([a-z-]+)'\]", f.read()))
    bad = [f'{name}: no case turns red without this check' for name in sorted(set().union(*(c.checks for c in cases)) - depends)]
    return bad + [f'{c.title}: no check makes it red' for c in cases if c.trap and c.trap[1] == 'must-fail' and not c.depends]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--bin', default=os.path.join(ROOT, 'build', 'pxb-fed'))
    parser.add_argument("--without")
    parser.add_argument('-k', default='')
    options = parser.parse_args()
    cases = [c for path in sorted(glob.glob(os.path.join(HERE, '*.case'))) for c in read_cases(path)]
    cases = [c for c in cases if re.search(options.k, c.title)]
    failed, traps = 0, set()
    with tempfile.TemporaryDirectory() as directory:
        for case in cases:
            problems = run(case, os.path.abspath(options.bin), options.without, directory)
            if case.trap:
                traps.add(case.trap)
            failed += bool(problems)
            for problem in problems:
                print(f'{case.title}\n    {problem}')
    for path in glob.glob(os.path.join(HERE, '*.py')):
        with open(path, encoding='utf-8') as f:
            traps.update(re.findall(r'# trap (\d+) (must-\w+)', f.read()))
    if not options.k and not options.without:
        for problem in without_cases(cases):
            failed += 1
            print(problem)
    missing = [f'{n} {way}' for n in range(1, 17) for way in ('must-fail', 'must-pass') if (str(n), way) not in traps]
    if not options.k and not options.without and missing:
        failed += 1
        print('traps without a case: ' + ', '.join(missing))
    print(f'{len(cases) - failed} passed, {failed} failed')
    return failed > 0


if __name__ == '__main__':
    sys.exit(main())
