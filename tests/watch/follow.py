#!/usr/bin/env python3
"""follow.py [--bin PXB-FED-KUBE]: how pxb-fed-kube follows a list: a server that forgets, forbids, breaks off, goes away.

The server is made here, answers by a script, and notes what it was asked. The last line is 'N passed, M failed'."""
import argparse
import concurrent.futures
import functools
import http.server
import json
import os
import queue
import socket
import sys
import tempfile
import threading
import urllib.parse

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(ROOT, 'tests', 'checks'))
from frames import Helper  # noqa: E402  pylint: disable=wrong-import-position

VERSION = open(os.path.join(ROOT, 'VERSION'), encoding='utf-8').read().strip()
AWAIT = 20
PODS = '/api/v1/namespaces/n/pods'


def pod(name, version, **more):
    return {'kind': 'Pod', 'metadata': {'name': name, 'resourceVersion': version, 'annotations': {'not': 'kept'}}, **more}


def page(*items, version='10', more=''):
    return {'kind': 'PodList', 'metadata': {'resourceVersion': version, 'continue': more}, 'items': list(items)}


def failure(code, reason):
    return {'kind': 'Status', 'status': 'Failure', 'code': code, 'reason': reason, 'message': 'the server says ' + reason}


class Server:
    """Each request takes the next answer of the script for its path: (status, object), or for a watch the list of its events,
    then 'stay' (until the server is closed), 'end', or 'break' (the connection is reset)."""

    def __init__(self, script, port=0):
        server = self
        self.script, self.asked, self.closed, self.lock = script, queue.Queue(), threading.Event(), threading.Lock()

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = 'HTTP/1.1'

            def do_GET(self):
                url = urllib.parse.urlsplit(self.path)
                query = {k: v[0] for k, v in urllib.parse.parse_qs(url.query).items()}
                server.asked.put((url.path, query))
                with server.lock:
                    answers = server.script[url.path]
                    answer = answers.pop(0) if len(answers) > 1 else answers[0]
                if isinstance(answer, tuple):
                    body = json.dumps(answer[1]).encode()
                    self.send_response(answer[0])
                    self.send_header('Content-Type', 'application/json')
                    self.send_header('Content-Length', str(len(body)))
                    self.end_headers()
                    self.wfile.write(body)
                else:
                    self.events(answer)

            def events(self, answer):
                self.send_response(200)
                self.send_header('Content-Type', 'application/json')
                self.send_header('Transfer-Encoding', 'chunked')
                self.end_headers()
                for event in answer[:-1]:
                    line = (event if isinstance(event, str) else json.dumps(event)).encode() + b'\n'
                    half = len(line) // 2  # an event in two pieces is one event
                    for part in (line[:half], line[half:]):
                        self.wfile.write(f'{len(part):x}\r\n'.encode() + part + b'\r\n')
                        self.wfile.flush()
                if answer[-1] == 'stay':
                    server.closed.wait(AWAIT)
                if answer[-1] == 'end':
                    self.wfile.write(b'0\r\n\r\n')
                else:
                    self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b'\x01\0\0\0\0\0\0\0')
                    self.close_connection = True

            def log_message(self, *_):
                pass

        class Quiet(http.server.ThreadingHTTPServer):
            daemon_threads = True
            allow_reuse_address = True

            def handle_error(self, *_):  # the helper ends in the middle
                pass

        self.http = Quiet(('127.0.0.1', port), Handler)
        self.port = self.http.server_address[1]
        threading.Thread(target=self.http.serve_forever, args=(0.02,), daemon=True).start()

    def close(self):
        self.closed.set()
        self.http.shutdown()
        self.http.server_close()

    def requests(self, n):
        return [self.asked.get(timeout=AWAIT) for _ in range(n)]


class Tests:
    def __init__(self, program, directory):
        self.program, self.directory, self.passed, self.failed = program, directory, 0, 0

    def check(self, name, got, wanted):
        if got == wanted:
            self.passed += 1
        else:
            self.failed += 1
            print(f'{name}: {got!r}, not {wanted!r}')

    def helper(self, server, user=None):
        path = os.path.join(self.directory, 'config')
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), 'w', encoding='utf-8') as f:
            json.dump({'apiVersion': 'v1', 'kind': 'Config', 'current-context': 'c',
                       'clusters': [{'name': 'k', 'cluster': {'server': f'http://127.0.0.1:{server.port}'}}],
                       'users': [{'name': 'u', 'user': user or {}}], 'contexts': [{'name': 'c', 'context': {'cluster': 'k', 'user': 'u'}}]}, f)
        h = Helper(self.program, VERSION, {k: '' for k in ('HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy')})
        h.connect(kubeconfig=path)
        return h

    @staticmethod
    def follow(h, path=PODS, question=7, seconds=60):
        h.send(b'W', {'cluster': 1, 'question': question, 'path': path, 'seconds': seconds,
                      'fields': ['metadata/name', 'status/phase']})

    @staticmethod
    def changes(h, n):
        """The next n changes, in short."""
        got = []
        for _ in range(n):
            _, head, body = h.read()
            told = json.loads(body) if body else None
            names = [o['metadata']['name'] for o in told['items']] if told and 'items' in told else told and told['metadata']['name']
            got.append((head.get('change'), names) if head.get('change') != 'state' else ('state', head['kind']))
        return got

    @staticmethod
    def end(h, server):
        h.process.terminate()
        h.close()
        server.close()


def bookmarks(t):
    """The next watch begins where the last one was, also after a bookmark."""
    s = Server({PODS: [(200, page(pod('a', '3'))),
                       [{'type': 'ADDED', 'object': pod('b', '11')}, {'type': 'MODIFIED', 'object': pod('b', '12')},
                        {'type': 'BOOKMARK', 'object': {'kind': 'Pod', 'metadata': {'resourceVersion': '20'}}},
                        {'type': 'SOMETHING', 'object': pod('c', '21')}, 'end'],
                       [{'type': 'DELETED', 'object': pod('a', '22')}, 'stay']]})
    h = t.helper(s)
    t.follow(h)
    t.check('list and events', t.changes(h, 4), [('list', ['a']), ('added', 'b'), ('modified', 'b'), ('deleted', 'a')])
    asked = s.requests(3)
    t.check('a list first', asked[0], (PODS, {'limit': '500'}))
    t.check('a watch from there', {**asked[1][1], 'timeoutSeconds': ''},
            {'watch': 'true', 'allowWatchBookmarks': 'true', 'resourceVersion': '10', 'timeoutSeconds': ''})
    t.check('the next from the last version', asked[2][1].get('resourceVersion'), '21')
    t.end(h, s)


def fields(t):
    s = Server({PODS: [(200, page(pod('a', '3', status={'phase': 'Running', 'podIP': '10.0.0.1'}))), ['stay']]})
    h = t.helper(s)
    t.follow(h)
    body = h.read()[2]
    t.check('only the fields leave the helper', json.loads(body), {'items': [{'metadata': {'name': 'a'}, 'status': {'phase': 'Running'}}]})
    t.end(h, s)


def pages(t):
    s = Server({PODS: [(200, page(pod('a', '3'), more='next one')), (200, page(pod('b', '4'))), ['stay']]})
    h = t.helper(s)
    t.follow(h)
    t.check('one list of two pages', t.changes(h, 1), [('list', ['a', 'b'])])
    t.check('the second page', s.requests(2)[1][1].get('continue'), 'next one')
    t.end(h, s)


def gone(t):
    """410 as a status and as an event: the list is read again."""
    s = Server({PODS: [(200, page(pod('a', '3'))), (410, failure(410, 'Expired')), (200, page(pod('b', '4'), version='30')),
                       [{'type': 'ERROR', 'object': failure(410, 'Gone')}, 'end'], (200, page(pod('c', '5'), version='40')), ['stay']]})
    h = t.helper(s)
    t.follow(h)
    t.check('lists again', t.changes(h, 3), [('list', ['a']), ('list', ['b']), ('list', ['c'])])
    t.check('and watches from the new version', s.requests(6)[5][1].get('resourceVersion'), '40')
    t.end(h, s)


def forbidden_watch(t):
    s = Server({PODS: [(200, page(pod('a', '3'))), (403, failure(403, 'Forbidden')), (200, page(pod('b', '4'))), (200, page())]})
    h = t.helper(s)
    t.follow(h)
    t.check('it is listed again and again', t.changes(h, 3), [('list', ['a']), ('list', ['b']), ('list', [])])
    t.check('without another watch', ['watch' in q for _, q in s.requests(4)], [False, True, False, False])
    t.end(h, s)


def unreadable(t):
    for name, answer, kind in (('forbidden', (403, failure(403, 'Forbidden')), 'forbidden'), ('no API', (404, failure(404, 'NotFound')), 'no-api'),
                               ('a login page', (200, {'html': 1}), 'foreign'), ('a failing server', (500, failure(500, 'Internal')), 'busy')):
        s = Server({PODS: [answer]})
        h = t.helper(s)
        t.follow(h)
        t.check(name, t.changes(h, 1), [('state', kind)])
        t.end(h, s)


def broken(t):
    """A connection that breaks, an event that is none, half an event: the list is read again, and nobody hears of it."""
    for name, events in (('reset', [{'type': 'ADDED', 'object': pod('x', '11')}, 'break']), ('no JSON', ['<html>', 'end']),
                         ('a list in place of an event', ['[1]', 'end'])):
        s = Server({PODS: [(200, page(pod('a', '3'))), events, (200, page(pod('b', '4'))), ['stay']]})
        h = t.helper(s)
        t.follow(h)
        got = t.changes(h, 2 + (name == 'reset'))
        t.check(name, [got[0], got[-1]], [('list', ['a']), ('list', ['b'])])
        t.end(h, s)


def away(t):
    s = Server({PODS: [(200, page(pod('a', '3'))), [{'type': 'ADDED', 'object': pod('b', '11')}, 'stay']]})
    h = t.helper(s)
    t.follow(h)
    t.check('it is followed', t.changes(h, 2), [('list', ['a']), ('added', 'b')])
    port = s.port
    s.close()
    t.check('nobody listens', t.changes(h, 1), [('state', 'refused')])
    back = Server({PODS: [(200, page(pod('c', '5'))), ['stay']]}, port)
    told = ('state', 'refused')
    while told == ('state', 'refused'):
        told = t.changes(h, 1)[0]
    t.check('it is read again', told, ('list', ['c']))
    t.end(h, back)


def many(t):
    """More watches than connections of a server that speaks HTTP/1.1 only would have room for."""
    paths = [f'/api/v1/namespaces/n/r{i}' for i in range(13)]
    s = Server({p: [(200, page(pod('a', '3'))), [{'type': 'ADDED', 'object': pod('b', '11')}, 'stay']] for p in paths} |
               {'/log': [(200, {'a': 1})]})
    h = t.helper(s)
    for i, path in enumerate(paths):
        t.follow(h, path, i)
    got = t.changes(h, 26)
    t.check('all of them are followed', (got.count(('list', ['a'])), got.count(('added', 'b'))), (13, 13))
    h.send(b'A', {'cluster': 1, 'question': 50, 'path': '/log', 'raw': True, 'fields': [], 'seconds': 10})
    _, head, body = h.read()
    t.check('a text beside them', (head['kind'], body), ('ok', b'{"a": 1}'))
    t.end(h, s)


def deadline(t):
    s = Server({PODS: [(200, page(pod('a', '3'))), ['stay']]})
    h = t.helper(s)
    t.follow(h, seconds=1)
    t.check('the list', t.changes(h, 1), [('list', ['a'])])
    kind, head, _ = h.read()
    t.check('and the end', (kind, head['kind']), (b'R', 'deadline'))
    t.end(h, s)


def rejected(t):
    s = Server({PODS: [(401, failure(401, 'Unauthorized'))]})
    h = t.helper(s)
    t.follow(h)
    kind, head, _ = h.read()
    t.check('credentials that are rejected end it', (kind, head['kind']), (b'R', 'unauthorized'))
    t.end(h, s)


STORMS = {'an ERROR event': [{'type': 'ERROR', 'object': failure(500, 'etcdserver')}, 'end'], '410': (410, failure(410, 'Expired')),
          '429': (429, failure(429, 'TooManyRequests')), 'no event': ['{"type":', 'end'], 'a reset': ['break']}


def no_storm(name, t):
    """A server whose watches never work is not asked hundreds of times a second: requests are counted."""
    answers = [(200, page(pod('a', '3'))), STORMS[name]] * 200
    s = Server({PODS: answers})
    h = t.helper(s)
    t.follow(h, seconds=3)
    kind = b'C'
    while kind != b'R':
        kind, head, _ = h.read()
        if kind != b'R':
            t.check(f'{name}: the list is told, no state', (head['change'], head['kind']), ('list', 'ok'))
    t.check(f'{name}: few requests', 2 * 200 - len(answers) < 16, True)
    t.end(h, s)


def endless(t):
    s = Server({PODS: [(200, page(pod('a', '3'), more='x'))]})
    h = t.helper(s)
    t.follow(h, seconds=30)
    kind, head, _ = h.read()
    t.check('a list without an end', (kind, head.get('change'), head['kind']), (b'E', 'state', 'too-large'))
    t.end(h, s)


def rejected_later(t):
    """Credentials that worked once are no reason to end."""
    s = Server({PODS: [(200, page(pod('a', '3'))), (401, failure(401, 'Unauthorized')), (401, failure(401, 'Unauthorized')),
                       (200, page(pod('b', '4'))), ['stay']]})
    h = t.helper(s)
    t.follow(h)
    t.check('rejected once it worked', t.changes(h, 3), [('list', ['a']), ('state', 'unauthorized'), ('list', ['b'])])
    t.end(h, s)


def repeated_token(t):
    token = 'planted-' + 'T0ken-' * 4
    s = Server({PODS: [(200, {'seen': 'Bearer ' + token})]})
    h = t.helper(s, {'token': token})
    t.follow(h, seconds=10)
    _, head, _ = h.read()
    t.check('a server that repeats the token', (head['kind'], token in json.dumps(head)), ('foreign', False))
    t.end(h, s)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--bin', default=os.path.join(ROOT, 'build', 'pxb-fed-kube'))
    options = parser.parse_args()
    groups = [bookmarks, fields, pages, gone, forbidden_watch, unreadable, broken, away, many, deadline, rejected, rejected_later,
              repeated_token, endless, *(functools.partial(no_storm, name) for name in STORMS)]
    # They wait most of the time: each has servers, a helper and a folder of its own.
    with tempfile.TemporaryDirectory() as directory, concurrent.futures.ThreadPoolExecutor(len(groups)) as pool:
        tests = []
        for i in range(len(groups)):
            folder = os.path.join(directory, str(i))
            os.mkdir(folder)
            tests.append(Tests(os.path.abspath(options.bin), folder))
        list(pool.map(lambda group, t: group(t), groups, tests))
    passed, failed = sum(t.passed for t in tests), sum(t.failed for t in tests)
    print(f'{passed} passed, {failed} failed')
    return failed > 0


if __name__ == '__main__':
    sys.exit(main())
