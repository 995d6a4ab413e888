#!/usr/bin/env python3
"""role check with the Azure CLI, which is replaced by a program that notes how it is called and prints recorded JSON.

    az.py [--bin PXB-FED] [--az-parser PYTHON]

--az-parser: a Python that has azure-cli; each command line is then read by its real parser too. The last line is
'N passed, M failed'.
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile

import good

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))

AZ = '''#!/usr/bin/env python3
import json, os, sys
here = os.path.dirname(os.path.abspath(__file__))
with open(os.path.join(here, 'calls'), 'a') as f:
    f.write(json.dumps(sys.argv[1:]) + '\\n')
name = '-'.join(w for w in sys.argv[1:4] if not w.startswith('-') and w != 'list')
if os.path.exists(os.path.join(here, 'fails')):
    sys.exit('ERROR: Please run az login to set up the account.')
print(open(os.path.join(here, name + '.json')).read())
'''

WANTED = [
    ['identity', 'list', '-o', 'json'],
    ['role', 'assignment', 'list', '--assignee', good.PRINCIPAL, '--scope', good.ACCOUNT, '--include-inherited', '-o', 'json'],
    ['role', 'assignment', 'list', '--assignee', good.PRINCIPAL, '--all', '-o', 'json'],
    ['role', 'definition', 'list', '-o', 'json'],
    ['identity', 'federated-credential', 'list', '--identity-name', 'stork-1', '--resource-group', 'backup', '-o', 'json'],
]

PARSE = '''
import json, sys
from azure.cli.core import get_default_cli
cli = get_default_cli()
from azure.cli.core.parser import AzCliCommandParser
for line in sys.stdin:
    args = json.loads(line)
    cli.invocation = cli.invocation_cls(cli_ctx=cli, parser_cls=cli.parser_cls, commands_loader_cls=cli.commands_loader_cls, help_cls=cli.help_cls)
    command = ' '.join(args[:args.index('list') + 1])
    cli.invocation.data['command_string'] = command
    cli.invocation.data['command'] = command
    loader = cli.invocation.commands_loader
    loader.load_command_table(args)
    loader.command_name = command
    loader.command_table = {command: loader.command_table[command]}
    loader.load_arguments(command)
    cli.invocation.parser.load_command_table(loader)
    cli.invocation.parser.parse_args(args)
    print('ok')
'''


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--bin', default=os.path.join(ROOT, 'build', 'pxb-fed'))
    parser.add_argument('--az-parser')
    options = parser.parse_args()
    passed = failed = 0

    def check(name, got, wanted):
        nonlocal passed, failed
        if got == wanted:
            passed += 1
        else:
            failed += 1
            print(f'{name}: {got!r}, expected {wanted!r}')

    with tempfile.TemporaryDirectory() as directory:
        files = {'identity': 'identities', 'role-assignment': 'assignments', 'role-definition': 'definitions',
                 'identity-federated-credential': 'federated'}
        for name, key in files.items():
            with open(os.path.join(directory, name + '.json'), 'w', encoding='utf-8') as f:
                json.dump(good.ROLE[key], f)
        az = os.path.join(directory, 'az')
        with open(az, 'w', encoding='utf-8') as f:
            f.write(AZ)
        os.chmod(az, 0o700)
        command = [os.path.abspath(options.bin), 'role', 'check', *good.ALWAYS['role'], '-o', 'json']
        env = {**os.environ, 'PATH': directory + ':' + os.environ['PATH']}

        def run():
            return subprocess.run(command, capture_output=True, cwd=directory, env=env, timeout=60, check=False)
        ran = run()
        check('every right is there', (ran.returncode, ran.stderr), (0, b''))
        with open(os.path.join(directory, 'calls'), encoding='utf-8') as f:
            calls = [json.loads(line) for line in f]
        for i, wanted in enumerate(WANTED):
            check(f'command {i}', calls[i] if i < len(calls) else None, wanted)
        check('nothing else is run', len(calls), len(WANTED))
        open(os.path.join(directory, 'fails'), 'w', encoding='utf-8').close()
        ran = run()
        check('without a login', (ran.returncode, b'az login' in ran.stderr), (5, True))
        os.unlink(az)
        env['PATH'] = directory
        ran = run()
        check('without az', (ran.returncode, b"'az'" in ran.stderr), (5, True))
    if options.az_parser:
        ran = subprocess.run([options.az_parser, '-c', PARSE], input='\n'.join(map(json.dumps, WANTED)), text=True, capture_output=True,
                             timeout=300, check=False)
        check('the real parser takes every command: ' + ran.stderr[-300:], ran.stdout.split(), ['ok'] * len(WANTED))
    print(f'{passed} passed, {failed} failed')
    return failed > 0


if __name__ == '__main__':
    sys.exit(main())
