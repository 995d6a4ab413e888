#!/usr/bin/env python3
"""The archive of `make release`: its bytes, its programs in a root that has nothing but busybox, and Helm 3 and Helm 4 installing it
from a folder, a file and a server, without a network.

    run.py [--archive FILE] [--helm3 PROGRAM] [--helm4 PROGRAM]

Without --archive it is made, twice: of this checkout and of a clone in another folder, and the two must be equal. Needs root, for the
bare root. The last line is 'release: N passed, M failed'.
"""
import argparse
import glob
import hashlib
import http.server
import json
import os
import shutil
import ssl
import stat
import subprocess
import sys
import tarfile
import tempfile
import threading

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
VERSION = open(os.path.join(ROOT, 'VERSION'), encoding='utf-8').read().strip()
NAME = f'pxb-fed-{VERSION}-linux-x86_64.tar.gz'
COMPLIANT = os.path.join(ROOT, 'tests/cases/base/mini.yaml')
# Debian, Fedora, openSUSE, OpenELEC, newer RHEL, Alpine: the list of Go's crypto/x509.
BUNDLES = ('/etc/ssl/certs/ca-certificates.crt', '/etc/pki/tls/certs/ca-bundle.crt', '/etc/ssl/ca-bundle.pem', '/etc/pki/tls/cacert.pem',
           '/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem', '/etc/ssl/cert.pem')
results = {'passed': 0, 'failed': 0}


def check(what, holds, detail=''):
    results['passed' if holds else 'failed'] += 1
    if not holds:
        print(f'FAILED  {what}\n{str(detail)[-1500:]}')


def run(*argv, **kwargs):
    kwargs.setdefault('timeout', 300)
    kwargs.setdefault('stdin', subprocess.DEVNULL)
    return subprocess.run(argv, capture_output=True, text=True, check=False, **kwargs)


def must(*argv, **kwargs):
    done = run(*argv, **kwargs)
    if done.returncode:
        sys.exit(f'release: {" ".join(argv)}: {done.stdout}{done.stderr}')
    return done.stdout


def tool(name):
    return must('sh', os.path.join(ROOT, 'tests/tools/build.sh'), name, timeout=1800).strip().split('\n')[-1]


# --- the archive itself ---------------------------------------------------------------------------------------------------

def make(checkout, folder):
    os.makedirs(folder)
    archive = os.path.join(folder, NAME)
    must('sh', os.path.join(checkout, 'tools/release.sh'), archive, timeout=900)
    return archive


def made_twice(work):
    one = make(ROOT, os.path.join(work, 'one'))
    clone = os.path.join(work, 'another folder of another name')
    must('git', 'clone', '-q', ROOT, clone)
    two = make(clone, os.path.join(work, 'two'))
    check('two builds of one commit are equal', open(one, 'rb').read() == open(two, 'rb').read())
    return one


def look_at(archive):
    said = open(archive + '.sha256', encoding='utf-8').read().split()
    check('the checksum is that of the archive', said == [hashlib.sha256(open(archive, 'rb').read()).hexdigest(), NAME], said)
    with tarfile.open(archive) as tar:
        members = tar.getmembers()
    names = [m.name for m in members]
    # Helm 3: plugin.yaml at the root, no './', no folder twice, no links.
    check('plugin.yaml is at the root', 'plugin.yaml' in names, names)
    check('no name begins with a dot or a slash', not [n for n in names if n[0] in './'], names)
    check('no name is there twice', len(names) == len(set(names)), names)
    check('folders and files, nothing else', all(m.isfile() or m.isdir() for m in members))
    check('every entry belongs to 0:0', all((m.uid, m.gid, m.uname, m.gname) == (0, 0, '', '') for m in members))
    check('every entry is of one time', len({m.mtime for m in members}) == 1)
    programs = {m.name for m in members if m.isfile() and m.mode & 0o111}
    check('both programs can be run', {'bin/pxb-fed', 'bin/pxb-fed-kube'} <= programs, programs)


def look_at_programs(tree):
    listed = must(os.path.join(tree, 'bin/pxb-fed'), '--help').split('\nCommands:\n')[1].split('\n\n')[0]
    commands = {line.split()[0] for line in listed.split('\n') if line.startswith('  ') and line[2] != ' '}
    pages = set(os.listdir(os.path.join(tree, 'man')))
    check('a manual page for every command, and no other', len(commands) > 15 and pages == {'pxb-fed.1'} | {f'pxb-fed-{c}.1' for c in commands},
          pages ^ {f'pxb-fed-{c}.1' for c in commands})
    for name in ('pxb-fed', 'pxb-fed-kube'):
        path = os.path.join(tree, 'bin', name)
        segments = must('readelf', '-lW', path)
        check(f'{name} needs no loader', 'INTERP' not in segments, segments)
        check(f'{name} needs no library', 'DYNAMIC' not in segments, segments)
        check(f'{name} has an unexecutable stack', 'GNU_STACK' in segments and ' RWE ' not in segments, segments)
        check(f'{name} is stripped', '.symtab' not in must('readelf', '-SW', path))
        check(f'{name} does not say where it was built', ROOT.encode() not in open(path, 'rb').read())


# --- a root of another shape ----------------------------------------------------------------------------------------------

class NotFound(http.server.BaseHTTPRequestHandler):
    """An API server that has nothing but its version."""
    protocol_version = 'HTTP/1.1'

    def log_message(self, *_):
        pass

    def do_GET(self):
        status, answer = 404, {'kind': 'Status', 'apiVersion': 'v1', 'status': 'Failure', 'reason': 'NotFound', 'code': 404}
        if self.path.startswith('/version'):
            status, answer = 200, {'major': '1', 'minor': '34', 'gitVersion': 'v1.34.4'}
        body = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header('Content-Type', 'application/json')
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def serve(handler, context=None):
    server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), handler)
    if context:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def certificate(folder, name):
    must('openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=' + name, '-addext',
         'subjectAltName=DNS:' + name, '-keyout', os.path.join(folder, 'key'), '-out', os.path.join(folder, 'crt'))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(os.path.join(folder, 'crt'), os.path.join(folder, 'key'))
    return context


def bare_root(work, tree):
    """busybox, linked statically, and the two programs: no libc, no loader, no /usr/lib."""
    root = os.path.join(work, 'root')
    for d in ('bin', 'etc', 'tmp', 'dev', 'proc'):
        os.makedirs(os.path.join(root, d))
    os.mknod(os.path.join(root, 'dev/null'), 0o666 | stat.S_IFCHR, os.makedev(1, 3))
    debs = os.path.join(work, 'debs')
    os.makedirs(debs)
    must('apt-get', '-qq', 'download', 'busybox-static', cwd=debs)
    must('dpkg-deb', '-x', glob.glob(os.path.join(debs, '*.deb'))[0], os.path.join(work, 'busybox'))
    shutil.copy(glob.glob(os.path.join(work, 'busybox', '*bin', 'busybox'))[0], os.path.join(root, 'bin/busybox'))
    os.symlink('busybox', os.path.join(root, 'bin/sh'))
    for name in ('pxb-fed', 'pxb-fed-kube'):
        shutil.copy(os.path.join(tree, 'bin', name), os.path.join(root, 'bin', name))
    return root


def inside(root, *argv, **kwargs):
    env = {'PATH': '/bin', 'HOME': '/tmp', **kwargs.pop('env', {})}
    # As in any container: /proc is there. The mount ends with the command.
    return run('/usr/bin/unshare', '--mount', '/bin/sh', '-c', '/bin/mount -t proc proc "$0/proc" && exec /usr/sbin/chroot "$0" "$@"', root,
               *argv, env=env, **kwargs)


def kubeconfig(root, host, port, ca):
    authority = f', certificate-authority-data: {ca}' if ca else ''
    with open(os.path.join(root, 'tmp/kubeconfig'), 'w', encoding='utf-8') as f:
        f.write(f'''apiVersion: v1
kind: Config
current-context: a
clusters: [{{name: a, cluster: {{server: "https://{host}:{port}"{authority}}}}}]
users: [{{name: a, user: {{}}}}]
contexts: [{{name: a, context: {{cluster: a, user: a}}}}]
''')


def in_bare_root(work, tree):
    root = bare_root(work, tree)
    done = inside(root, '/bin/pxb-fed', 'version')
    check('pxb-fed starts', done.returncode == 0 and VERSION in done.stdout, done)
    done = inside(root, '/bin/pxb-fed-kube', '--version')
    check('pxb-fed-kube starts', done.returncode == 0 and VERSION in done.stdout, done)
    stream = open(COMPLIANT, encoding='utf-8').read()
    done = inside(root, '/bin/pxb-fed', 'render', input=stream, stdin=None)
    check('a compliant stream goes through', (done.returncode, done.stdout) == (0, stream), done)
    done = inside(root, '/bin/sh', '-c', 'echo "a: [" | pxb-fed render; echo $?')
    check('what cannot be read is refused', done.stdout.endswith('3\n'), done)

    context = certificate(work, 'api.example.test')
    server = serve(NotFound, context)
    port = server.server_address[1]
    must('openssl', 'base64', '-A', '-in', os.path.join(work, 'crt'), '-out', os.path.join(work, 'ca'))
    ca = open(os.path.join(work, 'ca'), encoding='utf-8').read()
    with open(os.path.join(root, 'etc/hosts'), 'w', encoding='utf-8') as f:
        f.write('127.0.0.1 localhost api.example.test\n')

    def verdicts(host):
        kubeconfig(root, host, port, ca)
        done = inside(root, '/bin/pxb-fed', 'verify', '--kubeconfig', '/tmp/kubeconfig', '-o', 'json')
        return done, done.stdout + done.stderr

    done, text = verdicts('api.example.test')
    check('a name of /etc/hosts is found, and its certificate is the one of the kubeconfig', '"unreachable":0' in text, text)
    done = inside(root, '/bin/pxb-fed', 'verify', '--kubeconfig', '/tmp/kubeconfig', '-o', 'json', env={'OPENSSL_CONF': '/tmp/kubeconfig'})
    check('OPENSSL_CONF is ignored', '"unreachable":0' in done.stdout, done)
    done, text = verdicts('localhost')
    check('a certificate for another name is refused', 'certificate' in text, text)
    done, text = verdicts('nobody.invalid')
    check('a name that nobody knows is said', 'resolve' in text.lower(), text)
    # Without a certificate in the kubeconfig: the system's authorities, wherever a distribution keeps them.
    kubeconfig(root, 'api.example.test', port, None)
    for place in BUNDLES:
        done = inside(root, '/bin/pxb-fed', 'verify', '--kubeconfig', '/tmp/kubeconfig', '-o', 'json')
        check('no authority, no answer: ' + place, '"unreachable":0' not in done.stdout and 'certificate' in done.stdout + done.stderr, done)
        bundle = root + place
        os.makedirs(os.path.dirname(bundle), exist_ok=True)
        shutil.copy(os.path.join(work, 'crt'), bundle)
        done = inside(root, '/bin/pxb-fed', 'verify', '--kubeconfig', '/tmp/kubeconfig', '-o', 'json')
        check('the authorities of ' + place, '"unreachable":0' in done.stdout, done)
        os.remove(bundle)
    server.shutdown()


# --- Helm -----------------------------------------------------------------------------------------------------------------

class Files(http.server.SimpleHTTPRequestHandler):
    extensions_map = {'.gz': 'application/gzip', '.tgz': 'application/gzip', '': 'application/octet-stream'}

    def log_message(self, *_):
        pass


class Helm:
    """One Helm with homes of its own."""

    def __init__(self, program, work, name):
        self.program = program
        self.home = os.path.join(work, name)
        os.makedirs(self.home)
        self.env = {'PATH': '/usr/bin:/bin', 'HOME': self.home, 'HELM_DATA_HOME': self.home + '/data', 'HELM_CACHE_HOME': self.home + '/cache',
                    'HELM_CONFIG_HOME': self.home + '/config', 'GNUPGHOME': os.path.join(work, 'gnupg')}

    def __call__(self, *argv, **kwargs):
        # No route anywhere but the loopback: nothing may need the network.
        return run(self.program, *argv, env={**self.env, **kwargs.pop('env', {})}, **kwargs)


def works(what, helm, install):
    check(f'{what}: installed', install.returncode == 0, install)
    check(f'{what}: nothing is built or fetched', 'building' not in install.stdout and 'fetching' not in install.stdout, install)
    done = helm('pxb-fed', 'version')
    check(f'{what}: runs', done.returncode == 0 and VERSION in done.stdout, done)
    done = helm('__complete', 'pxb-fed', 'ver')
    check(f'{what}: completes', 'verify' in done.stdout and 'version' in done.stdout, done)


def with_helm(work, archive, tree, programs):
    served = os.path.dirname(archive)
    server = serve(lambda *a: Files(*a, directory=served))
    url = f'http://127.0.0.1:{server.server_address[1]}/{NAME}'
    folder = os.path.join(work, 'pxb-fed')
    shutil.copytree(tree, folder)
    for major, program in programs.items():
        free = ('--verify=false',) if major == 4 else ()
        helm = Helm(program, work, f'helm{major}-http')
        works(f'Helm {major}, by HTTP', helm, helm('plugin', 'install', url, *free))
        done = helm('plugin', 'uninstall', 'pxb-fed')
        check(f'Helm {major}: uninstalled', done.returncode == 0, done)
        works(f'Helm {major}, by HTTP once more', helm, helm('plugin', 'install', url, *free) if major == 4 else
              again(helm, url))
        helm = Helm(program, work, f'helm{major}-folder')
        works(f'Helm {major}, a folder', helm, helm('plugin', 'install', folder))
    if 4 in programs:
        with_provenance(work, folder, programs[4], server)
    server.shutdown()


def again(helm, url):
    """Helm 3 keeps the unpacked archive in its cache, and cannot unpack a second time over it."""
    shutil.rmtree(helm.home + '/cache', ignore_errors=True)
    return helm('plugin', 'install', url)


def with_provenance(work, folder, program, server):
    """A key made here, an archive signed with it, and one byte of it changed."""
    gnupg = os.path.join(work, 'gnupg')
    os.makedirs(gnupg, mode=0o700)
    env = {'GNUPGHOME': gnupg, 'PATH': '/usr/bin:/bin', 'HOME': work}
    must('gpg', '--batch', '--quiet', '--pinentry-mode', 'loopback', '--passphrase', '', '--quick-gen-key', 'tester@example.test', 'rsa2048',
         'sign', '1d', env=env)
    ring, secret = os.path.join(work, 'pubring.gpg'), os.path.join(work, 'secring.gpg')
    must('gpg', '--batch', '--quiet', '--output', ring, '--export', env=env)
    must('gpg', '--batch', '--quiet', '--pinentry-mode', 'loopback', '--passphrase', '', '--output', secret, '--export-secret-keys', env=env)
    must('gpgconf', '--kill', 'all', env=env)
    helm = Helm(program, work, 'helm4-signed')
    out = os.path.join(work, 'signed')
    os.makedirs(out)
    done = helm('plugin', 'package', folder, '--key', 'tester', '--keyring', secret, '--destination', out)
    package = os.path.join(out, f'pxb-fed-{VERSION}.tgz')
    check('Helm 4: a package with provenance', done.returncode == 0 and os.path.exists(package + '.prov'), done)
    done = helm('plugin', 'verify', package, '--keyring', ring)
    check('Helm 4: the package is verified', done.returncode == 0, done)
    works('Helm 4, a signed file', helm, helm('plugin', 'install', package, '--keyring', ring))
    with open(package, 'ab') as f:
        f.write(b'\0')
    done = helm('plugin', 'verify', package, '--keyring', ring)
    check('Helm 4: a changed package is not', done.returncode != 0, done)


# --- the plugin's own script ----------------------------------------------------------------------------------------------

def hook(folder, **env):
    return run('sh', os.path.join(folder, 'install-binary.sh'), env={'PATH': '/usr/bin:/bin', 'HELM_PLUGIN_DIR': folder, **env})


def with_signature(work, archive, tree):
    """The list of checksums, signed with a key that is made here."""
    served = os.path.join(work, 'sums')
    os.makedirs(served)
    shutil.copy(archive, served)
    key, public = os.path.join(work, 'key.sec'), os.path.join(work, 'key.pub')
    must('minisign', '-G', '-W', '-p', public, '-s', key)
    trusted = open(public, encoding='utf-8').read().split('\n')[1]
    must('minisign', '-G', '-W', '-p', public + '2', '-s', key + '2')
    other = open(public + '2', encoding='utf-8').read().split('\n')[1]
    sums = os.path.join(served, 'SHA256SUMS')
    server = serve(lambda *a: Files(*a, directory=served))
    address = f'http://127.0.0.1:{server.server_address[1]}/{NAME}'
    here = {'PXB_FED_RELEASE_FILE': os.path.join(served, NAME)}
    there = {'PXB_FED_RELEASE_URL': address}

    def fresh(n=[0]):
        n[0] += 1
        folder = os.path.join(work, f'signed{n[0]}')
        shutil.copytree(tree, folder)
        shutil.rmtree(os.path.join(folder, 'bin'))
        return folder

    def row(what, source, says, passes=False, **env):
        folder = fresh()
        done = hook(folder, **source, **env)
        there_now = os.path.exists(os.path.join(folder, 'bin/pxb-fed'))
        check(what, (done.returncode == 0) == passes and there_now == passes and says in done.stdout + done.stderr, done)
        lines = done.stderr.splitlines()
        check(what + ': one line, and what Helm keeps', passes or (len(lines) == 2 and 'helm plugin uninstall pxb-fed' in lines[1]), done.stderr)

    row('a key and no list', here, 'SHA256SUMS is not beside', PXB_FED_RELEASE_KEY=trusted)
    with open(sums, 'w', encoding='utf-8') as f:
        f.write(open(archive + '.sha256', encoding='utf-8').read())
    row('a key and a list without a signature', here, 'SHA256SUMS.minisig is not beside', PXB_FED_RELEASE_KEY=trusted)
    must('minisign', '-S', '-W', '-s', key, '-m', sums)
    row('a signed list, a file', here, 'installed', True, PXB_FED_RELEASE_KEY=trusted)
    row('a signed list, a server', there, 'installed', True, PXB_FED_RELEASE_KEY=trusted)
    row('a list signed by somebody else', here, 'is not of the key', PXB_FED_RELEASE_KEY=other)
    row('the same from a server', there, 'is not of the key', PXB_FED_RELEASE_KEY=other)
    row('another checksum by hand', here, 'is not the checksum that SHA256SUMS names', PXB_FED_RELEASE_KEY=trusted,
        PXB_FED_RELEASE_SHA256='0' * 64)
    with open(sums, 'a', encoding='utf-8') as f:
        f.write('\n')
    row('a list that was changed', here, 'is not of the key', PXB_FED_RELEASE_KEY=trusted)
    server.shutdown()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--archive')
    parser.add_argument('--helm3')
    parser.add_argument('--helm4')
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as work:
        archive = args.archive or made_twice(work)
        look_at(archive)
        tree = os.path.join(work, 'tree')
        with tarfile.open(archive) as tar:
            tar.extractall(tree)
        look_at_programs(tree)
        in_bare_root(work, tree)
        with_helm(work, archive, tree, {3: args.helm3 or tool('helm3'), 4: args.helm4 or tool('helm4')})
        with_signature(work, archive, tree)
        print(f'release: archive of {os.path.getsize(archive)} bytes')
    print('release: %(passed)d passed, %(failed)d failed' % results)
    return 1 if results['failed'] else 0


if __name__ == '__main__':
    sys.exit(main())
