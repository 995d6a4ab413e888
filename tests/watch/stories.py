#!/usr/bin/env python3
"""watch on a real API server: the stories of stories.txt, all at once, each in a namespace of its own.

    stories.py [--bin PXB-FED] [--only NAME [--namespace NS]] [--table] [--keep DIR]

Every change that 'watch' prints is recorded, and at no moment may a cause be named that the story does not know. Its record
(watch --save) must then end in the same way, on terminals of several sizes too. --table prints what each story ended with, --keep
keeps the records, and what a second watch prints when the story has ended. The last line is 'N passed, M failed'.
"""
import argparse
import concurrent.futures
import json
import os
import re
import subprocess
import sys
import tempfile
import threading

import screen
from world import Api, Kubelet, Way, World, cluster_objects

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
AWAIT = 30


class Row:
    def __init__(self, line):
        words, _, expected = line.partition('=>')
        self.verb, *self.words = words.split()
        self.expected, _, self.also = (part.strip() for part in expected.partition(' ~ '))


class Story:
    def __init__(self, head, rows, end):
        self.name, self.word, code, *self.options = head
        self.code, self.rows, self.end = int(code), rows, end


def read_stories():
    stories, head, rows = [], None, []
    for line in open(os.path.join(HERE, 'stories.txt'), encoding='utf-8'):
        line = line.strip()
        if not line or line.startswith('#'):
            continue
        if line.startswith('story '):
            head, rows = line.split()[1:], []
        elif line == 'end' or line.startswith('end '):
            stories.append(Story(head, rows, line[4:].strip()))
        else:
            rows.append(Row(line))
    return stories


def cause_of(event):
    cause = event.get('cause')
    return f'{cause["subject"]}: {cause["text"]}' if cause else ''


class Watch:
    """A run of 'watch -o json', with all that it has printed."""

    def __init__(self, binary, kubeconfig, ns, options):
        self.process = subprocess.Popen([binary, 'watch', '--kubeconfig', kubeconfig, '-n', ns, '-o', 'json', *options],
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.events, self.arrived, self.ended = [], threading.Condition(), False
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        for line in self.process.stdout:
            with self.arrived:
                self.events.append(json.loads(line))
                self.arrived.notify()
        with self.arrived:
            self.ended = True
            self.arrived.notify()

    def await_cause(self, pattern):
        with self.arrived:
            return self.arrived.wait_for(
                lambda: self.ended or (self.events and re.search(pattern, cause_of(self.events[-1]))), AWAIT)

    def finish(self):
        try:
            code = self.process.wait(AWAIT)
        except subprocess.TimeoutExpired:
            self.process.kill()
            code = 'none: it went on'
        with self.arrived:
            self.arrived.wait_for(lambda: self.ended, AWAIT)
        errors = self.process.stderr.read()
        self.process.stdout.close()
        self.process.stderr.close()
        return code, errors


def judge(events, allowed, faults, row):
    for event in events:
        cause = cause_of(event)
        if cause and not any(re.search(p, cause) for p in allowed if p):
            faults.append(f'while "{row}" was awaited it named: {cause}')


def run(story, binary, kubeconfig, ns, world):
    """The faults of one story, and the record of its last event."""
    watch, faults, seen, before = Watch(binary, kubeconfig, ns, story.options), [], 0, ['$^']
    awaited = ''
    for row in story.rows:
        awaited = row.verb + ' ' + ' '.join(row.words)
        try:
            getattr(world, 'do_' + row.verb)(*row.words)
        except AssertionError as e:
            faults.append(f'{awaited}: {e}')
            break
        if not row.expected:
            continue
        ok = watch.await_cause(row.expected)
        with watch.arrived:
            events, seen = watch.events[seen:], len(watch.events)
        allowed = [*before, row.expected, row.also]
        judge(events, allowed, faults, awaited)
        last = cause_of(watch.events[-1]) if watch.events else 'nothing'
        if not ok or watch.ended:
            faults.append(f'after "{awaited}" it names {last}, not {row.expected}')
            break
        before = [row.expected]
        before_also = [row.also]
    if faults:
        watch.process.terminate()
    code, errors = watch.finish()
    last = watch.events[-1] if watch.events else {}
    if not faults:
        judge(watch.events[seen:], [*before, *before_also, story.end or '$^', 'pxc-backup-secret|pxcentral-(backend|frontend)'],
              faults, awaited + ', the end')
        if (code, last.get('event')) != (story.code, story.word):
            faults.append(f'it ended with {code}, {last.get("event")}: {cause_of(last)} {errors}')
        told = cause_of(last) if story.word != 'ready' else 'degraded: ' + last.get('degraded', '')
        if story.end and not re.search(story.end, told):
            faults.append(f'it ended with {told}, not {story.end}')
    if errors:
        faults.append('standard error: ' + errors)
    return faults, last, len(watch.events)


def check_record(story, binary, record, last):
    """The record ends as the story did, has no secret, and can be drawn on any terminal."""
    faults = []
    again = subprocess.run([binary, 'watch', '--from', record, '-o', 'json'], capture_output=True, text=True, check=False, timeout=60)
    shown = json.loads(again.stdout.splitlines()[-1]) if again.stdout else {}
    if story.word != 'deadline' and (again.returncode, shown.get('event'), cause_of(shown)) != (story.code, story.word, cause_of(last)):
        faults.append(f'its record ends with {again.returncode}, {shown} {again.stderr}')
    if os.stat(record).st_mode & 0o77:
        faults.append('others can read the record')
    for columns, rows, env in ((80, 24, None), (64, 20, {'NO_COLOR': '1'}), (200, 50, {'LC_ALL': 'C'}), (80, 24, {'TERM': 'dumb'})):
        wrong, screens, code = screen.check(binary, record, columns, rows, env)
        faults += wrong
        if story.word != 'deadline' and code != story.code:
            faults.append(f'on a terminal it ends with {code}')
        if len(screens) < 2 and not (env and 'TERM' in env) and story.word == 'ready':
            faults.append('it was drawn once')
    return faults


def check_log(story, last):
    """Of what failed in a container the log is shown, without its secrets and without escapes."""
    log = last.get('log', '') + last.get('report', '')
    if story.name in ('crash-loop', 'post-install-deadline', 'hook-fails') and 'fatal: cannot go on' not in log:
        return [f'no log: {last}']
    if story.name == 'hook-fails' and 'StorageClass slow is missing' not in log:
        return [f'no report: {last}']
    return [f'the log shows {p}' for p in ('w0rd-of', '4XTPGR', '\x1b') if p in log]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--bin', default=os.path.join(ROOT, 'build', 'pxb-fed'))
    parser.add_argument('--only')
    parser.add_argument('--table', action='store_true')
    parser.add_argument('--keep')
    parser.add_argument('--namespace')
    options = parser.parse_args()
    stories = [s for s in read_stories() if not options.only or s.name == options.only]
    binary = os.path.abspath(options.bin)
    passed = failed = 0
    with tempfile.TemporaryDirectory() as directory:
        cluster = os.path.join(directory, 'cluster')
        script = os.path.join(ROOT, 'tests', 'lib', 'cluster.sh')
        started = subprocess.run(['sh', script, 'start', cluster], stdout=subprocess.PIPE, text=True, check=False,
                                 env={**os.environ, 'APISERVER_FLAGS': f'--kubelet-client-certificate {cluster}/api.crt '
                                                                       f'--kubelet-client-key {cluster}/api.key'})
        if started.returncode:
            sys.exit(started.returncode)
        kubelet = Kubelet(cluster + '/api.crt', cluster + '/api.key')
        try:
            api = Api(started.stdout.strip())
            cluster_objects(api, kubelet.port)

            def play(story):
                ns = options.namespace or 'watch-' + story.name
                api.create('/api/v1/namespaces', {'apiVersion': 'v1', 'kind': 'Namespace', 'metadata': {'name': ns}})
                way = Way(api.host)
                path = os.path.join(directory, story.name)
                with open(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), 'w', encoding='utf-8') as f:
                    f.write(open(started.stdout.strip(), encoding='utf-8').read().replace(api.host, f'127.0.0.1:{way.port}'))
                try:
                    record = os.path.join(options.keep or directory, story.name + '.jsonl')
                    story.options += ['--save', record]
                    faults, last, n = run(story, binary, path, ns, World(api, ns, kubelet, way))
                    if not faults:
                        faults = check_log(story, last) + check_record(story, binary, record, last)
                    if options.keep and story.word == 'failed':
                        with open(record.replace('.jsonl', '.txt'), 'w', encoding='utf-8') as f:
                            subprocess.run([binary, 'watch', '--kubeconfig', path, '-n', ns], stdout=f, check=False, timeout=60)
                    return story, faults, last, n
                finally:
                    way.close()

            with concurrent.futures.ThreadPoolExecutor(8) as pool:
                for story, faults, last, n in pool.map(play, stories):
                    passed, failed = passed + (not faults), failed + bool(faults)
                    for fault in faults:
                        print(f'{story.name}: {fault}')
                    if options.table:
                        told = cause_of(last) or last.get('degraded', '')
                        print(f'| {story.name} | {last.get("event")} | {story.code} | {n} | {told[:110]} |')
        finally:
            kubelet.close()
            subprocess.run(['sh', script, 'stop', cluster], check=False)
    print(f'{passed} passed, {failed} failed')
    return failed > 0


if __name__ == '__main__':
    sys.exit(main())
