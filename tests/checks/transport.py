#!/usr/bin/env python3
"""pxb-fed-kube against servers that misbehave: certificates, redirects, cut-off answers, logins that hang.

    transport.py [--bin PXB-FED-KUBE]

Every server is on the loopback and made here. The last line is 'N passed, M failed'.
"""
import argparse
import base64
import gzip
import http.server
import json
import os
import socket
import ssl
import stat
import subprocess
import sys
import tempfile
import threading
import time

from frames import Helper

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
VERSION = open(os.path.join(ROOT, 'VERSION'), encoding='utf-8').read().strip()
TOKEN = 'planted-' + 'T0ken-' * 4  # made here: no file of the project holds it
VIEWER = '/apis/core.gardener.cloud/v1beta1/namespaces/garden-p/shoots/s'
NO_PROXY = {k: '' for k in ('HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy', 'NO_PROXY', 'no_proxy')}


def openssl(*args, cwd):
    subprocess.run(['openssl', *args], cwd=cwd, check=True, capture_output=True, timeout=60)


def authority(directory, name):
    openssl('req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=' + name, '-keyout', name + '.key',
            '-out', name + '.crt', cwd=directory)


def certificate(directory, name, ca, names, days='2'):
    """A certificate with its key in one file."""
    with open(os.path.join(directory, name + '.ext'), 'w', encoding='utf-8') as f:
        f.write('subjectAltName=' + names)
    openssl('req', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=' + name, '-keyout', name + '.key', '-out', name + '.csr',
            cwd=directory)
    openssl('x509', '-req', '-in', name + '.csr', '-CA', ca + '.crt', '-CAkey', ca + '.key', '-CAcreateserial', '-days', days,
            '-extfile', name + '.ext', '-out', name + '.crt', cwd=directory)


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'
    seen = []
    counts = {}
    wait = threading.Event()

    def log_message(self, *_):
        pass

    def reply(self, code, body, kind='application/json', headers=()):
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(code)
        self.send_header('Content-Type', kind)
        self.send_header('Content-Length', str(len(data)))
        for key, value in headers:
            self.send_header(key, value)
        self.end_headers()
        self.wfile.write(data)

    def status(self, code, reason, headers=(), **details):
        self.reply(code, {'kind': 'Status', 'apiVersion': 'v1', 'status': 'Failure', 'reason': reason, 'code': code,
                          'message': f'{reason} \x1b[31mof the server', 'details': details}, headers=headers)

    def page(self):
        query = self.path.partition('?')[2]
        first = 'continue' not in query
        self.reply(200, {'kind': 'PodList', 'metadata': {'continue': 'n+/=&x' if first else ''},
                         'items': [{'metadata': {'name': 'a' if first else 'b', 'secret': TOKEN}}]})

    def do_POST(self):
        if self.path.startswith((VIEWER, '/drops-always')) and 'drops' in self.path:
            Handler.counts['POST'] = Handler.counts.get('POST', 0) + 1
            self.connection.close()
            self.close_connection = True
            return
        self.echo()

    def do_PATCH(self):
        self.echo()

    def echo(self):
        Handler.seen.append((self.path, dict(self.headers)))
        body = self.rfile.read(int(self.headers['Content-Length'])).decode()
        self.reply(200, {'kind': 'Echo', 'metadata': {}, 'body': body, 'method': self.command, 'path': self.path,
                         'type': self.headers['Content-Type']},
                   headers=[('Warning', '299 - "a \\"quoted\\" field \x1b[31m"'), ('Warning', '299 - "' + self.headers['Authorization'] + '"')])

    def do_GET(self):
        path = self.path.partition('?')[0]
        Handler.seen.append((self.path, dict(self.headers)))
        Handler.counts[path] = Handler.counts.get(path, 0) + 1
        count = Handler.counts[path]
        simple = {
            '/ok': lambda: self.reply(200, {'kind': 'Pod', 'metadata': {'name': 'x'}, 'z': 1, 'a': [1.50, 'é']}),
            '/absent': lambda: self.status(404, 'NotFound', name='x', kind='pods'),
            '/no-api': lambda: self.reply(404, b'404 page not found\n', 'text/plain'),
            '/proxy-404': lambda: self.reply(404, b'<html>no such host here</html>', 'text/html'),
            '/unauthorized': lambda: self.status(401, 'Unauthorized'),
            '/forbidden': lambda: self.status(403, 'Forbidden'),
            # Servers that repeat what they were sent: whole, and cut where a line is cut.
            '/echo-401': lambda: self.status(401, 'no rights with ' + self.headers['Authorization']),
            '/echo-403': lambda: self.status(403, 'no rights with ' + self.headers['Authorization']),
            '/echo-page': lambda: self.reply(200, f'<p>{self.headers["Authorization"]}</p>'.encode(), 'text/html'),
            '/echo-cut': lambda: self.reply(200, b'<' + b'p' * (158 - 10 - len('Bearer ')) + self.headers['Authorization'].encode(), 'text/html'),
            '/value': lambda: self.reply(422, {'kind': 'Status', 'message': 'x: Invalid value: {"a":"}\\"","b":[{}]}: no; y: Invalid '
                                               'value: core.Pod{A:[]int{1}}: no; z: Invalid value: "v": no; w: Invalid value: 7'}),
            '/value-cut': lambda: self.reply(422, {'kind': 'Status', 'message': 'x: Invalid value: {"a":"b"'}),
            '/value-end': lambda: self.reply(422, {'kind': 'Status', 'message': 'x: Invalid value: '}),
            '/gone': lambda: self.status(410, 'Expired'),
            '/busy': lambda: self.status(429, 'TooManyRequests'),
            '/failed': lambda: self.reply(502, b'<html>bad gateway</html>', 'text/html'),
            '/login-page': lambda: self.reply(200, b'<html><title>Sign in</title>\nsecond line</html>', 'text/html'),
            '/json-page': lambda: self.reply(200, {'error': 'sign in'}),
            '/no-list': lambda: self.reply(200, {'kind': 'Pod', 'metadata': {}}),
            '/redirect': lambda: self.reply(302, b'', headers=[('Location', 'https://elsewhere.example/steal?' + TOKEN)]),
            '/later': lambda: self.status(429, 'TooManyRequests', headers=[('Retry-After', '1')]) if count == 1 else
            self.reply(200, {'kind': 'Pod', 'metadata': {}}),
            '/much-later': lambda: self.status(503, 'Unavailable', headers=[('Retry-After', '3000')]),
            '/pages': self.page,
            '/null-items': lambda: self.reply(200, {'kind': 'PodList', 'metadata': {}, 'items': None}),
            '/zip': lambda: self.reply(200, gzip.compress(b'{"kind":"Pod","metadata":{}}'), headers=[('Content-Encoding', 'gzip')]),
            '/two': lambda: self.reply(200, b'{"kind":"Pod"}{"kind":"Pod"}'),
            '/broken-json': lambda: self.reply(200, b'{"kind":"PodList","items":[{"metadata"'),
            '/large': lambda: self.reply(200, b'{"kind":"' + b'x' * (49 << 20) + b'"}'),
        }
        if path == '/short':
            self.send_response(200)
            self.send_header('Content-Length', '100')
            self.end_headers()
            self.wfile.write(b'{"kind":"Pod"')
            self.close_connection = True
        elif path == '/drops' and count < 3 or path == '/drops-always':
            self.connection.close()
            self.close_connection = True
        elif path == '/silent':
            Handler.wait.wait(30)
        elif path == '/once' and count == 1:
            self.status(401, 'Unauthorized')
        elif path == '/expired-page' and 'continue' in self.path and count == 2:
            self.status(410, 'Expired')
        elif path in ('/once', '/expired-page'):
            self.page() if path == '/expired-page' else self.reply(200, {'kind': 'Pod', 'metadata': {}})
        else:
            simple.get(path, simple['/ok'])()


def serve(directory, name, client_ca=None):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(os.path.join(directory, name + '.crt'), os.path.join(directory, name + '.key'))
    if client_ca:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(os.path.join(directory, client_ca + '.crt'))
    server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
    server.daemon_threads = True
    server.handle_error = lambda *_: None
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_port


class Tests:
    def __init__(self, program, directory):
        self.program, self.dir = program, directory
        self.passed = self.failed = 0
        for ca in ('ca', 'other-ca'):
            authority(directory, ca)
        certificate(directory, 'good', 'ca', 'IP:127.0.0.1')
        certificate(directory, 'named', 'ca', 'DNS:api.internal')
        certificate(directory, 'expired', 'ca', 'IP:127.0.0.1', '-1')
        certificate(directory, 'foreign', 'other-ca', 'IP:127.0.0.1')
        certificate(directory, 'client', 'ca', 'DNS:client')
        self.ports = {name: serve(directory, name) for name in ('good', 'named', 'expired', 'foreign')}
        self.ports['mutual'] = serve(directory, 'good', 'ca')

    def file(self, name, text, mode=0o600):
        path = os.path.join(self.dir, name)
        with open(path, 'w', encoding='utf-8') as f:
            f.write(text)
        os.chmod(path, mode)
        return path

    def config(self, name='config', server='good', user=None, cluster=None, mode=0o600, **more):
        return self.file(name, json.dumps({
            'apiVersion': 'v1', 'kind': 'Config', 'current-context': 'c', 'unknown-field': {'x': [1]},
            'clusters': [{'name': 'k', 'cluster': {'server': f'https://127.0.0.1:{self.ports[server]}',
                                                   'certificate-authority': 'ca.crt', **(cluster or {})}}],
            'users': [{'name': 'u', 'user': user if user is not None else {'token': TOKEN}}],
            'contexts': [{'name': 'c', 'context': {'cluster': 'k', 'user': 'u'}}], **more}), mode)

    def helper(self, env=None):
        return Helper(self.program, VERSION, {**NO_PROXY, **(env or {})})

    def one(self, path, config=None, env=None, seconds=20, target=None, **more):
        """The answer to one question, as (kind, head, body, what it was connected to)."""
        h = self.helper(env)
        connected = h.connect(kubeconfig=config or self.config(), **(target or {}))
        head, body = h.ask(path, seconds=seconds, **more)[0]
        code, _, errors = h.close()
        self.check('the helper ends well after ' + path, (code, errors), (0, b''))
        self.check('no token in the answer to ' + path, TOKEN.encode() in body + json.dumps(head).encode(), False)
        return head['kind'], head, body, connected

    def refused(self, path, config=None, post=b'{}', **more):
        """How the helper ends when it is asked for that; no answer comes."""
        h = self.helper()
        h.connect(kubeconfig=config or self.config())
        h.send(b'A', {'cluster': 1, 'question': 0, 'path': path, 'seconds': 20, **more}, post)
        code, out, _ = h.close()
        return (code, out) if out else code

    def check(self, name, got, wanted):
        if got == wanted:
            self.passed += 1
        else:
            self.failed += 1
            print(f'{name}: {got!r}, expected {wanted!r}')

    def says(self, name, head, text):
        self.check(f'{name} says {text!r}: {head["text"]!r}', text in head['text'], True)


def answers(t):
    rows = [('/ok', 'ok'), ('/absent', 'absent'), ('/no-api', 'no-api'), ('/proxy-404', 'foreign'),
            ('/unauthorized', 'unauthorized'), ('/forbidden', 'forbidden'), ('/gone', 'gone'), ('/busy', 'busy'),
            ('/failed', 'busy'), ('/login-page', 'foreign'), ('/redirect', 'redirect'), ('/later', 'ok'),
            ('/much-later', 'busy'), ('/zip', 'ok'), ('/two', 'broken'), ('/broken-json', 'broken'), ('/short', 'broken'),
            ('/large', 'too-large')]
    for path, kind in rows:
        got = t.one(path)
        t.check(path, got[0], kind)
        t.check('no control character of ' + path, [c for c in got[1]['text'] if c < ' '], [])
    for path, kind in (('/echo-401', 'unauthorized'), ('/echo-403', 'forbidden'), ('/echo-page', 'foreign'), ('/echo-cut', 'foreign')):
        got = t.one(path)
        t.check(path, got[0], kind)
        t.check('no beginning of the token in the answer to ' + path, TOKEN[:8] in json.dumps(got[1]), False)
        t.check('stars in its place in the answer to ' + path, '********' in got[1]['text'], True)
    t.one('/null-items', list=True, metadata=True)
    t.check('metadata alone is asked for', 'as=PartialObjectMetadataList' in Handler.seen[-1][1]['Accept'], True)
    t.one('/null-items', list=True)
    t.check('... and not otherwise', Handler.seen[-1][1]['Accept'], 'application/json')
    for path, text in (('/value', 'x: Invalid value: {...}: no; y: Invalid value: {...}: no; z: Invalid value: "v": no; w: Invalid '
                        'value: 7'), ('/value-cut', 'x: Invalid value: {...}'), ('/value-end', 'x: Invalid value:')):
        t.check(path, t.one(path)[1]['text'], 'status 422: ' + text)
    t.says('/login-page', t.one('/login-page')[1], 'Sign in')
    t.says('/redirect', t.one('/redirect')[1], 'https://elsewhere.example/steal')
    t.check('a JSON page without what every answer has', t.one('/json-page', needs='metadata')[0], 'foreign')
    t.check('an object where a list was asked for', t.one('/no-list', list=True)[0], 'foreign')
    t.check('a list without items', t.one('/null-items', list=True)[2], b'{"items":[]}')
    t.check('both pages, only what was asked for', t.one('/pages', list=True, fields=['metadata/name'])[2],
            b'{"items":[{"metadata":{"name":"a"}},{"metadata":{"name":"b"}}]}')
    t.check('a list that expires is read again', t.one('/expired-page', list=True, fields=['metadata/name'])[2],
            b'{"items":[{"metadata":{"name":"a"}},{"metadata":{"name":"b"}}]}')
    t.check('canonical JSON', t.one('/ok')[2], '{"a":[1.5,"é"],"kind":"Pod","metadata":{"name":"x"},"z":1}'.encode())
    # trap 9 must-pass: what comes before the deadline counts, also after being told to come back.
    t.check('a silent server', t.one('/silent', seconds=1)[0], 'deadline')
    Handler.wait.set()
    t.check('a connection that broke twice', t.one('/drops')[0], 'ok')
    t.check('a connection that always breaks', (t.one('/drops-always')[0], Handler.counts['/drops-always']), ('broken', 4))
    t.check('a POST is not repeated', (t.one(VIEWER + '/drops/viewerkubeconfig', post=b'{}')[0], Handler.counts['POST']), ('broken', 1))
    t.check('a POST', json.loads(t.one(VIEWER + '/viewerkubeconfig', post=b'{"spec":1}')[2])['body'], '{"spec":1}')


def writes(t):
    """What has a body is a dry run, or it is not sent."""
    for more, method, kind in (({}, 'POST', 'application/json'), ({'apply': True}, 'PATCH', 'application/apply-patch+yaml')):
        got = t.one('/x?fieldManager=a&dryRun=All', post=b'{"spec":1}', **more)
        sent = json.loads(got[2])
        t.check(method, [sent[k] for k in ('method', 'path', 'body', 'type')],
                [method, '/x?fieldManager=a&dryRun=All', '{"spec":1}', kind])
        t.check(method + ': the warnings', got[1]['warnings'], ['a "quoted" field ?[31m', 'Bearer ' + '*' * len(TOKEN)])
    t.check('a GET has no warnings', 'warnings' in t.one('/ok')[1], False)
    t.check('a dry run is repeated', (t.one('/drops-always?dryRun=All', post=b'{}')[0], Handler.counts['POST']), ('broken', 5))
    before = len(Handler.seen), Handler.counts['POST']
    for path, more in (('/x', {}), ('/x?dryRun=none', {}), ('/x?dryRun=All;a', {}), ('/x?a=1;dryRun=All', {}), ('/x?a?dryRun=All', {}),
                       ('/x?xdryRun=All', {}), ('/x?dryRun=all', {}), ('/x#?dryRun=All', {}), ('/x?a#&dryRun=All', {}),
                       ('/viewerkubeconfig', {}), (VIEWER + '/viewerkubeconfig?a', {}), ('/x', {'apply': True}),
                       (VIEWER + '/viewerkubeconfig', {'apply': True})):
        t.check(f'{path} {more} is not sent', t.refused(path, **more), 4)
    t.check('... nor without a body', t.refused('/x', post=b'', apply=True), 4)
    server = f'https://127.0.0.1:{t.ports["good"]}/x?a='
    t.check('... nor behind another query', t.refused('/x?dryRun=All', t.config(cluster={'server': server})), 4)
    t.check('nothing reached the server', (len(Handler.seen), Handler.counts['POST']), before)


def no_http(t):
    """Servers that speak something else: the kubeconfig is not at fault, the port is."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(os.path.join(t.dir, 'good.crt'), os.path.join(t.dir, 'good.key'))
    for greeting in (b'220 mail.example ESMTP\r\n', b'SSH-2.0-x\r\n', b'\x00\x01\x02\x03' * 4, b'-ERR unknown command\r\n'):
        listener = socket.create_server(('127.0.0.1', 0))

        def greet(listener=listener, greeting=greeting):
            with context.wrap_socket(listener.accept()[0], server_side=True) as connection:
                connection.sendall(greeting)
                while connection.recv(4096):
                    pass
        threading.Thread(target=greet, daemon=True).start()
        got = t.one('/version', t.config(cluster={'server': f'https://127.0.0.1:{listener.getsockname()[1]}'}), seconds=5)
        t.check(f'a server that says {greeting}', got[0], 'foreign')
        listener.close()


def user_in_url(t):
    """The server's URL is quoted in messages: one with a password is refused before."""
    secret = 'c0rrect' + 'horse'
    for url in ('http://bob:{}@127.0.0.1:1', 'https://bob:{}@127.0.0.1:1', 'ftp://bob:{}@127.0.0.1:1', 'bob:{}@127.0.0.1:1',
                'https://bob:pa/{}@127.0.0.1:1', 'http://{}@elsewhere.example'):
        h = t.helper()
        got = h.connect(kubeconfig=t.config(cluster={'server': url.format(secret), 'certificate-authority': None}))
        h.close()
        t.check(url + ': refused', got['kind'], 'config')
        t.check(url + ': not repeated', secret in json.dumps(got), False)


def certificates(t):
    for server, kind, text in (('good', 'ok', ''), ('expired', 'tls', 'expired'), ('foreign', 'tls', 'issuer'),
                               ('named', 'tls', '127.0.0.1')):
        got = t.one('/ok', t.config(server=server))
        t.check('certificate ' + server, got[0], kind)
        t.says('certificate ' + server, got[1], text)
    insecure = t.one('/ok', t.config(server='foreign', cluster={'certificate-authority': None, 'insecure-skip-tls-verify': True}))
    t.check('insecure-skip-tls-verify is honoured', insecure[0], 'ok')
    t.check('... and warned about', 'not verified' in ' '.join(insecure[3]['warnings']), True)
    t.check('insecure and an authority', t.one('/ok', t.config(cluster={'insecure-skip-tls-verify': True}))[0], 'config')
    t.check('tls-server-name', t.one('/ok', t.config(server='named', cluster={'tls-server-name': 'api.internal'}))[0], 'ok')
    t.check('... another name', t.one('/ok', t.config(server='named', cluster={'tls-server-name': 'api.other'}))[0], 'tls')
    seen = [h for p, h in Handler.seen if p == '/ok'][-1]
    t.check('the Host header is the server\'s', seen['Host'].startswith('127.0.0.1:'), True)
    t.check('no authority: the system\'s', t.one('/ok', t.config(cluster={'certificate-authority': None}))[0], 'tls')
    t.check('SSL_CERT_FILE', t.one('/ok', t.config(cluster={'certificate-authority': None}),
                                   env={'SSL_CERT_FILE': os.path.join(t.dir, 'ca.crt')})[0], 'ok')
    data = {k: base64.b64encode(open(os.path.join(t.dir, f), 'rb').read()).decode()
            for k, f in (('client-certificate-data', 'client.crt'), ('client-key-data', 'client.key'))}
    t.check('client certificate, inline', t.one('/ok', t.config(server='mutual', user=data))[0], 'ok')
    files = {'client-certificate': 'client.crt', 'client-key': 'client.key'}
    t.check('client certificate, relative files', t.one('/ok', t.config(server='mutual', user=files))[0], 'ok')
    t.check('no client certificate', t.one('/ok', t.config(server='mutual'))[0] in ('tls', 'broken'), True)
    t.check('a certificate without its key', t.one('/ok', t.config(user={'client-certificate': 'client.crt'}))[0], 'config')
    t.file('evil.cnf', 'openssl_conf = none\n')
    t.check('OPENSSL_CONF is ignored', t.one('/ok', env={'OPENSSL_CONF': os.path.join(t.dir, 'evil.cnf')})[0], 'ok')


def users(t):
    t.one('/ok')
    t.check('the token', Handler.seen[-1][1].get('Authorization'), 'Bearer ' + TOKEN)
    t.file('token', TOKEN + '2\n')
    t.one('/ok', t.config(user={'token': 'old', 'tokenFile': 'token'}))
    t.check('a token file goes first', Handler.seen[-1][1].get('Authorization'), 'Bearer ' + TOKEN + '2')
    t.one('/ok', t.config(user={'username': 'u', 'password': 'p'}))
    t.check('a user name', Handler.seen[-1][1].get('Authorization'), 'Basic ' + base64.b64encode(b'u:p').decode())
    t.check('both', t.one('/ok', t.config(user={'token': 'x', 'username': 'u'}))[0], 'config')
    t.check('auth-provider', t.one('/ok', t.config(user={'auth-provider': {'name': 'gcp'}}))[0], 'config')
    t.one('/ok', t.config(user={'token': TOKEN, 'as': 'jane', 'as-groups': ['a'], 'as-uid': '7', 'as-user-extra': {'S/x': ['v']}}))
    seen = Handler.seen[-1][1]
    t.check('impersonation', [seen.get('Impersonate-' + k) for k in ('User', 'Group', 'Uid')], ['jane', 'a', '7'])
    t.check('impersonated extra', seen.get('Impersonate-Extra-s%2Fx'), 'v')
    t.check('a group without a user', t.one('/ok', t.config(user={'token': 'x', 'as-groups': ['a']}))[0], 'config')
    t.check('a line end in a header', t.one('/ok', t.config(user={'token': 'x', 'as': 'a\r\nX: y'}))[0], 'config')
    t.check('a line end in a token', t.one('/ok', t.config(user={'token': 'a\r\nX: y'}))[0], 'login')
    t.one('/ok', target={'token': TOKEN + '3'})
    t.check('Helm\'s token goes first', Handler.seen[-1][1].get('Authorization'), 'Bearer ' + TOKEN + '3')
    open_file = t.one('/ok', t.config(mode=0o644))
    t.check('a file that others can read', 'readable by others' in ' '.join(open_file[3]['warnings']), True)


def files(t):
    first = t.file('first', json.dumps({'current-context': 'c', 'users': [{'name': 'u', 'user': {'token': TOKEN}}]}))
    second = t.config('second', user={'token': 'second'})
    h = t.helper({'KUBECONFIG': f'{first}:{t.dir}/missing::{second}'})
    t.check('KUBECONFIG is a list', h.connect()['kind'], 'ok')
    h.ask('/ok')
    h.close()
    t.check('the first definition counts', Handler.seen[-1][1].get('Authorization'), 'Bearer ' + TOKEN)
    for name, text, says in (('type', '{"clusters":[{"name":"k","cluster":{"server":7}}],"contexts":[{"name":"c","context":'
                              '{"cluster":"k"}}],"current-context":"c"}', "'server' must be a text"),
                             ('yaml', 'a: [', 'bad-yaml'), ('none', '{}', 'current-context'),
                             ('missing', '{"current-context":"x"}', "context 'x'"),
                             ('http', '{"clusters":[{"name":"k","cluster":{"server":"http://192.0.2.1"}}],"contexts":[{"name":"c",'
                              '"context":{"cluster":"k"}}],"current-context":"c"}', 'not https')):
        got = t.one('/ok', t.file('bad-' + name, text))
        t.check('kubeconfig ' + name, got[0], 'config')
        t.says('kubeconfig ' + name, got[1], says)
    t.check('a file that is not there', t.one('/ok', os.path.join(t.dir, 'nowhere'))[0], 'config')
    text = open(t.config(), encoding='utf-8').read()
    t.check('from a cluster: no files', t.one('/ok', target={'text': text})[0], 'config')
    inline = json.loads(text)
    inline['clusters'][0]['cluster'] = {
        'server': f'https://127.0.0.1:{t.ports["good"]}',
        'certificate-authority-data': base64.b64encode(open(os.path.join(t.dir, 'ca.crt'), 'rb').read()).decode()}
    t.check('from a cluster: inline data', t.one('/ok', target={'text': json.dumps(inline)})[0], 'ok')
    inline['users'][0]['user'] = {'exec': {'apiVersion': 'client.authentication.k8s.io/v1', 'command': 'x', 'interactiveMode': 'Never'}}
    t.check('from a cluster: no program', t.one('/ok', target={'text': json.dumps(inline)})[0], 'config')


class Proxy(threading.Thread):
    """A proxy that opens tunnels, and keeps what it was asked. It leads every tunnel to one port; with `login` only for those who
    say it."""

    def __init__(self, port, login=None):
        super().__init__(daemon=True)
        self.port, self.login, self.heads = port, login, []
        self.listening = socket.create_server(('127.0.0.1', 0))
        self.url = f'127.0.0.1:{self.listening.getsockname()[1]}'
        self.start()

    def run(self):
        while True:
            threading.Thread(target=self.serve, args=(self.listening.accept()[0],), daemon=True).start()

    def serve(self, client):
        with client:
            head = b''
            while b'\r\n\r\n' not in head:
                more = client.recv(4096)
                if not more:
                    return
                head += more
            self.heads.append(head.decode())
            if self.login and f'Proxy-Authorization: Basic {self.login}' not in head.decode():
                client.sendall(b'HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n')
                return
            with socket.create_connection(('127.0.0.1', self.port)) as server:
                client.sendall(b'HTTP/1.1 200 OK\r\n\r\n')
                back = threading.Thread(target=self.pump, args=(server, client), daemon=True)
                back.start()
                self.pump(client, server)
                back.join()

    @staticmethod
    def pump(source, to):
        try:
            while data := source.recv(65536):
                to.sendall(data)
            to.shutdown(socket.SHUT_WR)
        except OSError:
            pass


def proxies(t):
    p = Proxy(t.ports['good'])
    t.check('proxy-url', t.one('/ok', t.config(cluster={'proxy-url': f'http://{p.url}'}))[0], 'ok')
    t.check('... opens one tunnel', len(p.heads), 1)
    t.check('... to the API server', p.heads[0].split()[:2], ['CONNECT', f'127.0.0.1:{t.ports["good"]}'])
    t.check('... which is not shown the token', any(TOKEN in h for h in p.heads), False)
    far = t.config(cluster={'server': f'https://api.internal:{t.ports["named"]}'})
    named = Proxy(t.ports['named'])
    t.check('HTTPS_PROXY, a name that only the proxy knows', t.one('/ok', far, env={'HTTPS_PROXY': f'http://{named.url}'})[0], 'ok')
    t.check('... is resolved there', named.heads[0].split()[1], f'api.internal:{t.ports["named"]}')
    t.check('https_proxy', t.one('/ok', far, env={'https_proxy': f'http://{named.url}'})[0], 'ok')
    t.check('a proxy does not weaken TLS', t.one('/ok', far, env={'HTTPS_PROXY': f'http://{p.url}'})[0], 'tls')
    word = 'p' + 'w' * 7
    closed = Proxy(t.ports['good'], base64.b64encode(f'user:{word}'.encode()).decode())
    t.check('a proxy with a login', t.one('/ok', t.config(cluster={'proxy-url': f'http://user:{word}@{closed.url}'}))[0], 'ok')
    kind, head, _, _ = t.one('/ok', t.config(cluster={'proxy-url': f'http://user:other-{word}@{closed.url}'}))
    t.check('a proxy that rejects the login', kind == 'ok', False)
    t.check('... is told without the password', word in json.dumps(head), False)


def connections(t):
    t.check('refused', t.one('/ok', t.config(cluster={'server': 'https://127.0.0.1:1'}))[0], 'refused')
    t.check('no such host', t.one('/ok', t.config(cluster={'server': 'https://no-such-host.invalid'}))[0], 'no-host')
    login = 'an' + 'other-' + 'pw'
    got = t.one('/ok', t.config(cluster={'proxy-url': f'http://user:{login}@127.0.0.1:1'}))
    t.check('a proxy that refuses', got[0], 'refused')
    t.check('... is named as the one that did', got[1]['text'].startswith('the proxy for https://127.0.0.1:'), True)
    t.check('... without its login', login in json.dumps(got[1]), False)
    t.check('HTTPS_PROXY is not for the loopback', t.one('/ok', env={'HTTPS_PROXY': 'http://127.0.0.1:1'})[0], 'ok')
    far = t.config(cluster={'server': 'https://api.example.invalid'})
    t.check('HTTPS_PROXY', t.one('/ok', far, env={'HTTPS_PROXY': 'http://127.0.0.1:1'})[0], 'refused')
    t.check('NO_PROXY', t.one('/ok', far, env={'HTTPS_PROXY': 'http://127.0.0.1:1', 'NO_PROXY': 'example.invalid'})[0], 'no-host')


def plugin(t, body, **more):
    path = t.file('plugin', '#!/bin/sh\n' + body, 0o700)
    return {'exec': {'apiVersion': 'client.authentication.k8s.io/v1', 'command': './plugin', 'interactiveMode': 'Never',
                     'args': ['a b', '$X'], 'env': [{'name': 'PLUGIN_SAYS', 'value': '1'}], **more}}, path


def credential(status, version='v1'):
    return json.dumps({'apiVersion': 'client.authentication.k8s.io/' + version, 'kind': 'ExecCredential', 'status': status})


def plugins(t):
    good = credential({'token': TOKEN, 'expirationTimestamp': '2999-01-01T00:00:00Z'})
    rows = [
        ('answers', f"cat <<'E'\n{good}\nE", 'ok', ''),
        ('sees its arguments, its variables and no terminal',
         f"[ \"$1\" = 'a b' ] && [ \"$2\" = '$X' ] && [ \"$PLUGIN_SAYS\" = 1 ] && ! [ -t 0 ] || exit 9\n"
         f"case $KUBERNETES_EXEC_INFO in *'\"interactive\":false'*) ;; *) exit 8 ;; esac\ncat <<'E'\n{good}\nE", 'ok', ''),
        ('dies', f'echo "key {TOKEN}{TOKEN} refused" >&2; exit 3', 'login', 'exit code 3'),
        ('is killed', 'kill -9 $$', 'login', 'signal 9'),
        ('prints junk', 'echo junk', 'login', 'not an ExecCredential'),
        ('prints nothing', ':', 'login', 'not an ExecCredential'),
        ('prints too much', 'yes', 'login', 'more than'),
        ('has expired credentials', f"cat <<'E'\n{credential({'token': 'x', 'expirationTimestamp': '2001-01-01T00:00:00Z'})}\nE",
         'login', 'expired'),
        ('has credentials for an offset in the past',
         f"cat <<'E'\n{credential({'token': 'x', 'expirationTimestamp': '2001-01-01T00:00:00.5-12:00'})}\nE", 'login', 'expired'),
        ('has an expiry that is no time', f"cat <<'E'\n{credential({'token': 'x', 'expirationTimestamp': 'soon'})}\nE",
         'login', 'cannot be read'),
        ('answers with another version', f"cat <<'E'\n{credential({'token': 'x'}, 'v1beta1')}\nE", 'login', 'apiVersion'),
        ('has no token', f"cat <<'E'\n{credential({})}\nE", 'login', 'without a token'),
    ]
    for name, body, kind, text in rows:
        user, _ = plugin(t, body)
        got = t.one('/ok', t.config(user=user))
        t.check('a plugin that ' + name, got[0], kind)
        t.says('a plugin that ' + name, got[1], text)
    user, _ = plugin(t, ':', command='no-such-plugin', installHint='get it')
    t.says('a plugin that is missing', t.one('/ok', t.config(user=user))[1], 'get it')
    user, _ = plugin(t, ':', interactiveMode='Always')
    t.says('a plugin that needs a terminal', t.one('/ok', t.config(user=user))[1], 'terminal')
    user, _ = plugin(t, ':', interactiveMode=None)
    t.check('v1 without interactiveMode', t.one('/ok', t.config(user=user))[0], 'config')
    user, _ = plugin(t, ':', apiVersion='client.authentication.k8s.io/v1alpha1')
    t.check('v1alpha1', t.one('/ok', t.config(user=user))[0], 'config')
    hanging_plugins(t)
    user, _ = plugin(t, f"n=$(cat count 2>/dev/null || echo 0)\necho $((n + 1)) >count\ncat <<'E'\n{good}\nE")
    t.file('count', '0')
    os.chmod(os.path.join(t.dir, 'plugin'), stat.S_IRWXU)
    cwd = os.getcwd()
    os.chdir(t.dir)
    t.check('a rejected credential is asked for again', t.one('/once', t.config(user=user))[0], 'ok')
    os.chdir(cwd)
    t.check('... once', open(os.path.join(t.dir, 'count'), encoding='utf-8').read().strip(), '2')


def is_running(pid):
    try:
        with open(f'/proc/{pid}/stat', encoding='utf-8') as f:
            return f.read().rpartition(') ')[2][0] not in 'ZX'
    except OSError:
        return False


def ended(pid):
    """Processes are killed, not asked: they are gone as soon as the kernel gets to it."""
    for _ in range(500):
        if not is_running(pid):
            return True
        time.sleep(0.01)
    return False


# trap 9 must-fail: a plugin that hangs is over with its deadline, together with what it started.
def hanging_plugins(t):
    pids = os.path.join(t.dir, 'pids')
    user, _ = plugin(t, f'sleep 600 &\necho $! $$ >{pids}\nwait')
    t.says('a plugin that hangs', t.one('/ok', t.config(user=user), seconds=1)[1], 'deadline')
    t.check('a hanging plugin and its child are gone',
            [ended(int(p)) for p in open(pids, encoding='utf-8').read().split()], [True, True])
    os.unlink(pids)
    h = t.helper()
    h.connect(kubeconfig=t.config(user=user))
    h.send(b'A', {'cluster': 1, 'question': 0, 'path': '/ok', 'seconds': 60})
    for _ in range(1000):
        if os.path.exists(pids) and len(open(pids, encoding='utf-8').read().split()) == 2:
            break
        time.sleep(0.01)
    h.process.terminate()
    h.process.wait(20)
    h.close()
    t.check('SIGTERM ends the plugin with us',
            [ended(int(p)) for p in open(pids, encoding='utf-8').read().split()], [True, True])


def protocol(t):
    h = Helper(t.program, '9.9.9', NO_PROXY)
    code, _, errors = h.close()
    t.check('another version is refused', (code, b'9.9.9' in errors), (4, True))
    for name, data in (('junk', b'hello there, helper'), ('a huge frame', b'\xff\xff\xff\xff'), ('a short frame', b'\0\0\0\1x')):
        ran = subprocess.run([t.program], input=data, capture_output=True, timeout=20, check=False)
        t.check(name + ' does not crash it', ran.returncode in (0, 4), True)
    h = t.helper()
    h.connect(kubeconfig=t.config())
    with open(f'/proc/{h.process.pid}/status', encoding='utf-8') as f:
        t.check('no core is left', 'CoreDumping:\t0' in f.read(), True)
    t.check('its memory belongs to root', os.stat(f'/proc/{h.process.pid}/mem').st_uid, 0)
    with open(f'/proc/{h.process.pid}/cmdline', 'rb') as f:
        t.check('no token in its arguments', TOKEN.encode() in f.read(), False)
    h.ask('/ok')
    h.close()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--bin', default=os.path.join(ROOT, 'build', 'pxb-fed-kube'))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        t = Tests(os.path.abspath(options.bin), directory)
        for group in (answers, writes, no_http, user_in_url, certificates, users, files, connections, proxies, plugins, protocol):
            group(t)
    print(f'{t.passed} passed, {t.failed} failed')
    return t.failed > 0


if __name__ == '__main__':
    sys.exit(main())
