#!/usr/bin/env python3
"""verify and preflight on a real API server.

    live.py [--bin PXB-FED] [--transcript]

The server is started by tests/lib/cluster.sh; Portworx, Stork and Azure are objects of ours in it. The last line is
'N passed, M failed'; exit code 77 means that there is no Go compiler to build the server.
"""
import argparse
import glob
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading

import good
from frames import Helper

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(ROOT, 'tests', 'cluster'))
VERSION = open(os.path.join(ROOT, 'VERSION'), encoding='utf-8').read().strip()
PASSWORD = 'planted' + 'Pa55word' * 3  # made here: no file of the project holds it
NS = 'portworx'


class Api:
    """kubectl's part, without kubectl: JSON to paths."""

    def __init__(self, kubeconfig):
        import http.client
        import re
        import ssl
        text = open(kubeconfig, encoding='utf-8').read()
        self.host = re.search(r'server: "https://([^"]+)"', text)[1]
        self.ca = re.search(r'certificate-authority: ([^}]+)}', text)[1]
        self.token = re.search(r'token: ([^}]+)}', text)[1]
        self.connection = http.client.HTTPSConnection(self.host, context=ssl.create_default_context(cafile=self.ca), timeout=60)

    def call(self, method, path, body=None, kind='application/json'):
        self.connection.request(method, path, None if body is None else json.dumps(body),
                                {'Authorization': 'Bearer ' + self.token, 'Content-Type': kind})
        answer = self.connection.getresponse()
        text = answer.read()
        if answer.status >= 300:
            raise AssertionError(f'{method} {path}: {answer.status} {text[:300]!r}')
        return json.loads(text or b'{}')

    def create(self, path, obj):
        return self.call('POST', path, obj)

    def patch(self, path, change):
        return self.call('PATCH', path, change, 'application/merge-patch+json')


def custom(group, version, kind, plural):
    return {'apiVersion': 'apiextensions.k8s.io/v1', 'kind': 'CustomResourceDefinition', 'metadata': {'name': f'{plural}.{group}'},
            'spec': {'group': group, 'scope': 'Namespaced', 'names': {'kind': kind, 'plural': plural, 'listKind': kind + 'List'},
                     'versions': [{'name': version, 'served': True, 'storage': True, 'schema': {'openAPIV3Schema': {
                         'type': 'object', 'x-kubernetes-preserve-unknown-fields': True}}}]}}


CORE = '/apis/core.libopenstorage.org/v1/namespaces/' + NS
PODS = f'/api/v1/namespaces/{NS}/pods'


def workload(made):
    """A Deployment that the API server takes."""
    name = made['metadata']['name']
    pod = made['spec']['template']['spec']
    for container in pod['containers']:
        container.pop('env', None)
    return {'apiVersion': 'apps/v1', 'kind': 'Deployment', 'metadata': made['metadata'], 'spec': {
        **made['spec'], 'selector': {'matchLabels': {'name': name}}, 'template': {'metadata': {'labels': {'name': name}}, 'spec': pod}}}


def application_cluster(api):
    """The good cluster of good.py as real objects."""
    for row in (('core.libopenstorage.org', 'v1', 'StorageCluster', 'storageclusters'),
                ('core.libopenstorage.org', 'v1', 'StorageNode', 'storagenodes'),
                ('stork.libopenstorage.org', 'v1alpha1', 'BackupLocation', 'backuplocations')):
        api.create('/apis/apiextensions.k8s.io/v1/customresourcedefinitions', custom(*row))
    api.create('/api/v1/namespaces', {'metadata': {'name': NS, 'labels': {'azure.workload.identity/use': 'true'}}})
    data = json.loads(json.dumps(good.VERIFY))
    cluster = data['storageclusters']['items'][0]
    del cluster['metadata']['uid']
    established(api, CORE + '/storageclusters')
    uid = api.create(CORE + '/storageclusters', {'apiVersion': 'core.libopenstorage.org/v1', 'kind': 'StorageCluster',
                                                 **cluster})['metadata']['uid']
    established(api, CORE + '/storagenodes')
    for node in data['storagenodes']['items']:
        api.create(CORE + '/storagenodes', {'apiVersion': 'core.libopenstorage.org/v1', 'kind': 'StorageNode', **node})
    stork = json.loads(json.dumps(good.deployment(owner=uid)))
    del stork['metadata']['uid']
    api.create(f'/apis/apps/v1/namespaces/{NS}/deployments', workload(stork))
    api.create(f'/apis/apps/v1/namespaces/{NS}/deployments', workload(json.loads(json.dumps(good.OPERATOR))))
    for name in ('stork', 'portworx'):
        api.create(f'/api/v1/namespaces/{NS}/serviceaccounts', {'metadata': {'name': name, 'annotations': {
            good.ANNOTATION: good.CLIENT}}})
    for i in (1, 2, 3):
        pod(api, i)
    api.create('/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations', {
        'metadata': {'name': 'azure-wi-webhook-mutating-webhook-configuration'},
        'webhooks': [{'name': 'mutation.azure-workload-identity.io', 'clientConfig': {'url': 'https://127.0.0.1:1/'},
                      'admissionReviewVersions': ['v1'], 'sideEffects': 'None', 'failurePolicy': 'Ignore',
                      'rules': [{'apiGroups': ['none.example.com'], 'apiVersions': ['v1'], 'operations': ['CREATE'],
                                 'resources': ['none']}]}]})


def established(api, path):
    for _ in range(200):
        try:
            return api.call('GET', path)
        except AssertionError:
            threading.Event().wait(0.05)
    raise AssertionError(path + ' is not served')


def pod(api, number, spec=None):
    made = json.loads(json.dumps(good.pod(number)))
    status = made.pop('status')
    made['spec']['containers'][0]['env'] = [v for v in made['spec']['containers'][0]['env'] if 'valueSize' not in v]
    made['spec'].update(spec or {})
    api.create(PODS, {'apiVersion': 'v1', 'kind': 'Pod', **made})
    for container in status['containerStatuses']:
        container.update(imageID='x', restartCount=0)
    api.patch(f'{PODS}/{made["metadata"]["name"]}/status', {'status': status})


def backup_cluster(api):
    for i in (1, 2, 3):
        made = good.node(i)
        api.create('/api/v1/nodes', {'metadata': made['metadata']})
        info = dict.fromkeys(('machineID', 'systemUUID', 'bootID', 'kernelVersion', 'osImage', 'containerRuntimeVersion',
                              'kubeProxyVersion', 'operatingSystem', 'architecture'), '')
        made['status']['nodeInfo'].update(info)
        made['status']['capacity'] = made['status']['allocatable']
        api.patch(f'/api/v1/nodes/worker-{i}/status', {'status': made['status']})
        api.patch(f'/api/v1/nodes/worker-{i}', {'spec': {'taints': None}})
    api.create('/api/v1/namespaces', {'metadata': {'name': 'central'}})
    api.create('/apis/storage.k8s.io/v1/storageclasses', {'metadata': {'name': 'px-csi-db'}, 'provisioner': 'pxd.portworx.com',
                                                          'allowVolumeExpansion': True})
    api.create('/api/v1/namespaces/central/secrets', {'metadata': {'name': 'pxc-credentials'}, 'stringData': {
        'mysql-password': PASSWORD, 'postgresql-password': PASSWORD, 'mongodb-px-backup-password': PASSWORD,
        'mongodb-root-password': PASSWORD, 'mongodb-replica-set-key': PASSWORD}})


def reader(api, rules):
    """A ServiceAccount that may read what the rules say, and a token for it."""
    api.create('/api/v1/namespaces/default/serviceaccounts', {'metadata': {'name': 'reader'}})
    api.create('/apis/rbac.authorization.k8s.io/v1/clusterroles', {'metadata': {'name': 'reader'}, 'rules': rules})
    api.create('/apis/rbac.authorization.k8s.io/v1/clusterrolebindings', {
        'metadata': {'name': 'reader'}, 'roleRef': {'kind': 'ClusterRole', 'name': 'reader', 'apiGroup': 'rbac.authorization.k8s.io'},
        'subjects': [{'kind': 'ServiceAccount', 'name': 'reader', 'namespace': 'default'}]})
    return api.create('/api/v1/namespaces/default/serviceaccounts/reader/token', {
        'kind': 'TokenRequest', 'apiVersion': 'authentication.k8s.io/v1', 'spec': {}})['status']['token']


class Counter:
    """Passes bytes on to the server, and counts who connects."""

    def __init__(self, host):
        address, port = host.split(':')
        self.target, self.n = (address, int(port)), 0
        self.socket = socket.create_server(('127.0.0.1', 0))
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        while True:
            client, _ = self.socket.accept()
            self.n += 1
            server = socket.create_connection(self.target)
            for a, b in ((client, server), (server, client)):
                threading.Thread(target=self.pump, args=(a, b), daemon=True).start()

    @staticmethod
    def pump(a, b):
        try:
            while data := a.recv(65536):
                b.sendall(data)
            b.shutdown(socket.SHUT_WR)
        except OSError:
            pass


class Tests:
    def __init__(self, binary, directory, kubeconfig, transcript):
        self.binary, self.dir, self.kubeconfig, self.transcript = binary, directory, kubeconfig, transcript
        self.api = Api(kubeconfig)
        self.passed = self.failed = 0
        self.seen = []
        self.helm = '/bin/false'

    def check(self, name, got, wanted):
        if got == wanted:
            self.passed += 1
        else:
            self.failed += 1
            print(f'{name}: {got!r}, expected {wanted!r}')

    def run(self, *args, kubeconfig=None):
        words = [self.binary, *args]
        if '--from' not in args:
            words += ['--kubeconfig', kubeconfig or self.kubeconfig]
        env = {k: v for k, v in os.environ.items() if not k.startswith(('HELM_', 'PXB_FED'))}
        ran = subprocess.run(words, capture_output=True, timeout=120, cwd=self.dir, check=False,
                             env={**env, 'LC_ALL': 'C.UTF-8', 'NO_COLOR': '1', 'HELM_BIN': self.helm})
        self.seen += [ran.stdout, ran.stderr]
        return ran

    def outcomes(self, *args, kubeconfig=None):
        ran = self.run(*args, '-o', 'json', kubeconfig=kubeconfig)
        try:
            checks = json.loads(ran.stdout)['clusters'][0]['checks']
        except ValueError:
            raise AssertionError(ran.stderr.decode()) from None
        return ran.returncode, {c['id']: c for c in checks}

    def expect(self, name, args, code, **wanted):
        got, checks = self.outcomes(*args, kubeconfig=wanted.pop('kubeconfig', None))
        rest = {k.replace('_', '-'): v for k, v in wanted.items()}
        self.check(name, (got, {k: c['outcome'] for k, c in checks.items() if c['outcome'] not in ('pass', 'skip')}), (code, rest))
        return checks

    def show(self, title, *args):
        if self.transcript:
            print(f'--- {title}\n$ pxb-fed {" ".join(args)}\n{self.run(*args).stdout.decode()}')

    def config(self, name, user, server=None):
        path = os.path.join(self.dir, name)
        with open(path, 'w', encoding='utf-8') as f:
            json.dump({'current-context': 'c', 'clusters': [{'name': 'k', 'cluster': {
                'server': 'https://' + (server or self.api.host), 'certificate-authority': self.api.ca}}],
                'users': [{'name': 'u', 'user': user}], 'contexts': [{'name': 'c', 'context': {'cluster': 'k', 'user': 'u'}}]}, f)
        os.chmod(path, 0o600)
        return path


def verify(t):
    t.show('a good application cluster', 'verify')
    t.expect('a good application cluster', ['verify'], 0)
    saved = os.path.join(t.dir, 'saved')
    t.run('verify', '--save', saved)
    t.expect('the same, from saved answers', ['verify', '--from', saved], 0)
    modes = {oct(os.stat(p).st_mode & 0o777) for p in glob.glob(saved + '/*/*')}
    t.check('saved files are private', (modes, oct(os.stat(saved).st_mode & 0o777)), ({'0o600'}, '0o700'))
    counter = Counter(t.api.host)
    t.expect('over one connection', ['verify'], 0,
             kubeconfig=t.config('counted', {'token': t.api.token}, f'127.0.0.1:{counter.port}'))
    t.check('one connection for all questions', counter.n, 1)


def faults(t):
    api = t.api
    api.patch(f'{CORE}/storagenodes/node-2', {'spec': {'version': '3.5.3'}})
    t.expect('an old node', ['verify'], 1, px_version='fail')
    api.patch(f'{CORE}/storageclusters/px', {'spec': {'stork': {'restrictDataProtectionRBAC': True}}})
    api.patch(f'/api/v1/namespaces/{NS}/serviceaccounts/stork', {'metadata': {'annotations': {good.ANNOTATION: good.OTHER}}})
    api.call('DELETE', PODS + '/stork-7d9-3', {'gracePeriodSeconds': 0})
    pod(api, 3, {'volumes': [], 'containers': [{'name': 'stork', 'image': 'stork:26.3.0'}]})
    api.create(f'/apis/stork.libopenstorage.org/v1alpha1/namespaces/{NS}/backuplocations', {
        'apiVersion': 'stork.libopenstorage.org/v1alpha1', 'kind': 'BackupLocation', 'metadata': {'name': 's3'},
        'location': {'type': 's3', 's3Config': {'secretAccessKey': PASSWORD}}})
    t.show('five faults', 'verify', '-o', 'short')
    t.expect('five faults', ['verify'], 1, px_version='fail', stork_rbac='fail', identity_account='fail', identity_pods='fail',
             backup_locations='fail')
    t.run('verify', '--save', os.path.join(t.dir, 'saved-faults'))


def rights(t):
    every = ['get', 'list']
    token = reader(t.api, [
        {'apiGroups': ['core.libopenstorage.org', 'stork.libopenstorage.org'], 'resources': ['*'], 'verbs': every},
        {'apiGroups': ['apps'], 'resources': ['deployments'], 'verbs': every},
        {'apiGroups': [''], 'resources': ['serviceaccounts', 'namespaces'], 'verbs': every},
        {'apiGroups': ['admissionregistration.k8s.io'], 'resources': ['mutatingwebhookconfigurations'], 'verbs': every}])
    checks = t.expect('a reader without pods', ['verify'], 1, kubeconfig=t.config('reader', {'token': token}), px_version='fail',
                      stork_rbac='fail', identity_account='fail', backup_locations='fail', stork_version='unknown',
                      stork_pods='unknown', identity_pods='unknown', static_credentials='unknown')
    t.check('the missing right is named', checks['stork-pods']['fix'], 'grant the right to list pods, and run the check again')
    t.check('Secrets are not needed', checks['px-azure-secret']['outcome'], 'skip')
    code, checks = t.outcomes('verify', '--as', 'nobody', '--as-group', 'nothing')
    t.check('impersonation is honoured', (code, checks['storagecluster']['outcome']), (5, 'unknown'))
    code, checks = t.outcomes('verify', kubeconfig=t.config('wrong', {'token': 'wrong'}))
    t.check('a rejected token', (code, 'rejected the credentials' in checks['api-server']['text']), (5, True))
    plugin = os.path.join(t.dir, 'login')
    with open(plugin, 'w', encoding='utf-8') as f:
        f.write("#!/bin/sh\necho x >>calls\ncat <<'E'\n" + json.dumps({
            'apiVersion': 'client.authentication.k8s.io/v1', 'kind': 'ExecCredential', 'status': {'token': token}}) + '\nE\n')
    os.chmod(plugin, 0o700)
    code, _ = t.outcomes('verify', kubeconfig=t.config('plugin', {'exec': {
        'apiVersion': 'client.authentication.k8s.io/v1', 'command': './login', 'interactiveMode': 'Never'}}))
    t.check('a login plugin', code, 1)
    t.check('... is run once', open(os.path.join(t.dir, 'calls'), encoding='utf-8').read(), 'x\n')


def preflight(t):
    args = ['preflight', '-n', 'central', '--set', 'persistentStorage.storageClassName=px-csi-db']
    t.show('a good backup cluster', *args)
    t.expect('a good backup cluster', args, 0)
    t.run(*args, '--save', os.path.join(t.dir, 'saved-preflight'))
    key = 'AKIA' + 'Q7ZT4GXWLPNM2RVB'
    t.api.create('/api/v1/namespaces/central/configmaps', {'metadata': {'name': 'old'}, 'data': {'id': key}})
    t.api.patch('/api/v1/namespaces/central', {'metadata': {'labels': {'pod-security.kubernetes.io/enforce': 'restricted'}}})
    t.api.create('/api/v1/namespaces/central/resourcequotas', {'metadata': {'name': 'q'}, 'spec': {'hard': {
        'requests.storage': '100Gi'}}})
    t.api.create('/api/v1/namespaces/central/persistentvolumeclaims', {'metadata': {'name': 'pxcentral-mysql-pvc'}, 'spec': {
        'accessModes': ['ReadWriteOnce'], 'resources': {'requests': {'storage': '1Gi'}}}})
    t.api.patch('/api/v1/namespaces/central/secrets/pxc-credentials', {'stringData': {'mongodb-root-password': 'a:b\n'}})
    t.show('five faults', *args, '-o', 'short')
    t.expect('five faults before an installation', args, 1, leftover_credentials='fail', pod_security='fail', quota='fail',
             stale_claims='fail', pxc_credentials='fail')
    t.check('the access key is nowhere', any(key.encode() in s for s in t.seen), False)
    reached = t.outcomes(*args, '--clusters', 'test')[1]['application-clusters']
    for version, outcome in (('v3.21.4', 'pass'), ('v4.3.1', 'warn'), ('nonsense', 'unknown')):
        helm = os.path.join(t.dir, 'helm')
        with open(helm, 'w', encoding='utf-8') as f:
            f.write(f'#!/bin/sh\necho {version}\n')
        os.chmod(helm, 0o700)
        t.helm = helm
        t.check('Helm ' + version, t.outcomes(*args)[1]['helm-version']['outcome'], outcome)
    t.helm = '/bin/false'
    # trap 15 must-pass: what was tested is said: this machine, not the pods.
    t.check('an application cluster', (reached['outcome'], 'from this machine' in reached['text']), ('pass', True))
    # trap 15 must-fail
    lost = t.outcomes(*args, '--clusters', 'c', kubeconfig=two_clusters(t))[1]['application-clusters']
    t.check('an application cluster that does not answer', (lost['outcome'], 'refused' in lost['text']), ('unknown', True))


ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount'
# The folder in front of the command, where a pod has it: in mounts of its own, which end with it.
POD = ('mount -t tmpfs none "$(readlink -f /var/run)" && mkdir -p "$0" && mount --bind "$1" "$0" && shift && exec "$@"')


def in_pod(folder):
    """What runs a command as if in a pod; None where the system allows no mounts."""
    for namespaces in (['-m'], ['-U', '-r', '-m']):
        words = ['unshare', *namespaces, 'sh', '-c', POD, ACCOUNT, folder]
        if subprocess.run([*words, 'true'], capture_output=True, timeout=60, check=False).returncode == 0:
            return words
    return None


def put(folder, name, text):
    """As the kubelet does: another file takes its place."""
    path = os.path.join(folder, name)
    with open(path + '.new', 'w', encoding='utf-8') as f:
        f.write(text)
    os.replace(path + '.new', path)


def account_token(t):
    return t.api.create('/api/v1/namespaces/default/serviceaccounts/reader/token', {
        'kind': 'TokenRequest', 'apiVersion': 'authentication.k8s.io/v1', 'spec': {}})['status']['token']


def pods(t):
    """The account of the pod that it runs in."""
    folder = os.path.join(t.dir, 'account')
    os.mkdir(folder)
    words = in_pod(folder)
    if not words:
        print('SKIP: no mounts here: nothing runs as if in a pod')
        return
    first, second = account_token(t), account_token(t)
    host, port = t.api.host.split(':')
    env = {k: v for k, v in os.environ.items() if not k.startswith(('KUBE', 'HELM_', 'PXB_FED'))}
    env.update(HOME=t.dir, KUBERNETES_SERVICE_HOST=host, KUBERNETES_SERVICE_PORT=port, KUBECONFIG='')
    program = os.path.join(os.path.dirname(t.binary), 'pxb-fed-kube')
    question = f'/api/v1/namespaces/{NS}'

    def helper():
        h = Helper([*words, program], VERSION, env)
        return h, h.connect()

    def asked(name, h, kind):
        head = h.ask(question)[0][0]
        t.check(name, head['kind'], kind)
        t.check(name + ': no token is shown', [x for x in (first, second) if x in head['text']], [])
        return head['text']

    put(folder, 'ca.crt', open(t.api.ca, encoding='utf-8').read())
    put(folder, 'namespace', 'px\n')
    h, connected = helper()
    t.check('a pod without a token: its cluster', (connected['kind'], connected['server']), ('ok', f'https://{host}:{port}'))
    t.check('a pod without a token is told so', f'{ACCOUNT}/token' in asked('... and asks nothing', h, 'login'), True)
    h.close()
    put(folder, 'token', '\n')
    h, _ = helper()
    t.check('an empty token is told', asked('an empty token', h, 'login'), f"token file '{ACCOUNT}/token' is empty")
    h.close()
    put(folder, 'token', first + '\n')
    h, connected = helper()
    t.check('the namespace of the pod', connected['namespace'], 'px')
    asked('the account of the pod', h, 'ok')
    put(folder, 'token', 'another-token-of-nobody')
    asked('a token that was written is read again', h, 'unauthorized')
    put(folder, 'token', second)
    asked('and again', h, 'ok')
    put(folder, 'token', '')
    asked('an empty file leaves the token', h, 'ok')
    put(folder, 'token', 'a\r\nX: y')
    asked('so does one that is no token', h, 'ok')
    os.unlink(os.path.join(folder, 'token'))
    asked('so does a file that is gone', h, 'ok')
    put(folder, 'token', 'another-token-of-nobody')
    asked('and what comes back counts', h, 'unauthorized')
    h.close()
    put(folder, 'token', first)
    ran = subprocess.run([*words, t.binary, 'verify', '-o', 'json'], capture_output=True, timeout=120, cwd=t.dir, env=env, check=False)
    t.seen += [ran.stdout, ran.stderr]
    outcomes = {c['id']: c['outcome'] for c in json.loads(ran.stdout)['clusters'][0]['checks']}
    t.check('verify from a pod', (ran.returncode, outcomes['api-server'], outcomes['storagecluster']), (1, 'pass', 'pass'))
    for name, text, says in (('an empty authority', '\n', f"'{ACCOUNT}/ca.crt' is empty"), ('no authority', None, f'{ACCOUNT}/ca.crt')):
        os.unlink(os.path.join(folder, 'ca.crt'))
        if text:
            put(folder, 'ca.crt', text)
        h, connected = helper()
        h.close()
        t.check(name, (connected['kind'], says in connected['text']), ('config', True))
    del env['KUBERNETES_SERVICE_HOST']
    h, connected = helper()
    h.close()
    t.check('not in a pod', (connected['kind'], 'no kubeconfig was found' in connected['text']), ('config', True))


def manifest(t, *objects):
    path = os.path.join(t.dir, 'manifest.yaml')
    with open(path, 'w', encoding='utf-8') as f:
        f.writelines(f'---\n{json.dumps(o)}\n' for o in objects)
    return path


def config_map(name, ns='dry', **more):
    return {'apiVersion': 'v1', 'kind': 'ConfigMap', 'metadata': {'name': name, 'namespace': ns, **more}, 'data': {'a': 'b'}}


def deployment(name, app='a', **more):
    return {'apiVersion': 'apps/v1', 'kind': 'Deployment', 'metadata': {'name': name}, 'spec': {
        'selector': {'matchLabels': {'app': app}}, 'template': {'metadata': {'labels': {'app': app}}, 'spec': {
            'containers': [{'name': 'c', 'image': 'i'}], **more}}}}


def stored(t):
    """Everything of the namespace, with versions: what a write would change."""
    lists = [t.api.call('GET', path) for path in ('/api/v1/namespaces/dry/configmaps', '/api/v1/namespaces/dry/secrets',
                                                  '/apis/apps/v1/namespaces/dry/deployments', '/api/v1/namespaces/dry/services',
                                                  '/apis/batch/v1/namespaces/dry/jobs')]
    return [(i['metadata']['name'], i['metadata']['resourceVersion']) for found in lists for i in found['items']]


def dry_run(t):
    """Each object is tried, and nothing is kept."""
    def tried(name, outcome, text, *objects, args=()):
        check = t.outcomes('preflight', '-n', 'dry', '--dry-run', manifest(t, *objects), *args)[1]['dry-run']
        t.check(name, (check['outcome'], text in check['text']), (outcome, True))
        if (check['outcome'], text in check['text']) != (outcome, True):
            print('    ' + check['text'])
        return check
    tried('no namespace yet', 'unknown', '1 of 2 objects could not be tried: namespace dry does not exist yet', config_map('x'),
          {'apiVersion': 'v1', 'kind': 'Namespace', 'metadata': {'name': 'dry'}})
    t.api.create('/api/v1/namespaces', {'metadata': {'name': 'dry'}})
    hook = {'annotations': {'helm.sh/hook': 'post-install'}}
    job = {'apiVersion': 'batch/v1', 'kind': 'Job', 'metadata': {'name': 'j', 'namespace': 'dry', **hook},
           'spec': {'template': {'spec': {'restartPolicy': 'Never', 'containers': [{'name': 'c', 'image': 'i'}]}}}}
    secret = {'apiVersion': 'v1', 'kind': 'Secret', 'metadata': {'name': 's', 'namespace': 'dry'}, 'stringData': {'p': PASSWORD}}
    account = {'apiVersion': 'rbac.authorization.k8s.io/v1', 'kind': 'ClusterRole', 'metadata': {'name': 'a:b'}, 'rules': []}
    good_ones = [config_map('a'), secret, deployment('d'), job, account]
    before = stored(t)
    tried('new objects', 'pass', 'accepts 5 objects', *good_ones)
    t.check('nothing was kept', stored(t), before)
    for path, o in (('/api/v1/namespaces/dry/configmaps', config_map('a')), ('/api/v1/namespaces/dry/secrets', secret),
                    ('/apis/apps/v1/namespaces/dry/deployments', deployment('d')), ('/apis/batch/v1/namespaces/dry/jobs', job),
                    ('/apis/rbac.authorization.k8s.io/v1/clusterroles', account)):
        t.api.create(path, o)
    before = stored(t)
    job['spec']['template']['spec']['containers'][0]['image'] = 'j'
    tried('objects that are there', 'pass', 'accepts 5 objects', *good_ones)
    t.check('nothing was changed', stored(t), before)
    kept = json.loads(json.dumps(job))
    kept['metadata']['annotations']['helm.sh/hook-delete-policy'] = 'hook-succeeded'
    tried('a hook that Helm does not replace', 'fail', 'field is immutable', kept)
    tried('a field that cannot change', 'fail', 'Deployment dry/d: Deployment.apps "d" is invalid: spec.selector',
          deployment('d', 'other'))
    tried('a wrong type', 'fail', 'cannot be handled as a Deployment', deployment('new', containers=7))
    unknown_field = deployment('new')
    unknown_field['spec']['replicaz'] = 3
    tried('a field that the schema lacks', 'warn', 'warns of 1: Deployment dry/new: unknown field "spec.replicaz"', unknown_field,
          config_map('b'))
    t.api.patch('/api/v1/namespaces/dry', {'metadata': {'labels': {'pod-security.kubernetes.io/warn': 'restricted'}}})
    tried('a warning of Pod Security', 'warn', 'would violate PodSecurity', deployment('new'))
    t.api.patch('/api/v1/namespaces/dry', {'metadata': {'labels': {'pod-security.kubernetes.io/warn': None}}})
    tried('a kind that is not served', 'unknown', 'the cluster does not serve example.com/v1 Thing',
          {'apiVersion': 'example.com/v1', 'kind': 'Thing', 'metadata': {'name': 'x'}})
    tried('a kind that the group does not have', 'unknown', 'the cluster does not serve apps/v1 Thing',
          {'apiVersion': 'apps/v1', 'kind': 'Thing', 'metadata': {'name': 'x'}})
    tried('an object in another namespace', 'unknown', 'namespace nowhere does not exist', config_map('x', 'nowhere'))
    tried('no right', 'unknown', 'User "nobody" cannot', config_map('new'), args=('--as', 'nobody'))
    admission(t, tried)
    t.check('nothing was kept of all that', stored(t), before)
    saved = os.path.join(t.dir, 'saved-dry')
    t.run('preflight', '-n', 'dry', '--dry-run', manifest(t, {**secret, 'metadata': {'name': 's', 'labels': {'l': PASSWORD + '!'}}}),
          '--save', saved)
    again = t.outcomes('preflight', '-n', 'dry', '--from', saved)[1]['dry-run']
    t.check('a value in the server\'s message is hidden, and saved so', (again['outcome'], '"***!"' in again['text']), ('fail', True))


def admission(t, tried):
    base = '/apis/admissionregistration.k8s.io/v1/'
    t.api.create(base + 'validatingadmissionpolicies', {'metadata': {'name': 'p'}, 'spec': {
        'matchConstraints': {'resourceRules': [{'apiGroups': [''], 'apiVersions': ['v1'], 'operations': ['CREATE'],
                                                'resources': ['services']}]},
        'validations': [{'expression': 'false', 'message': 'no Service of that kind'}]}})
    t.api.create(base + 'validatingadmissionpolicybindings', {'metadata': {'name': 'p'}, 'spec': {
        'policyName': 'p', 'validationActions': ['Deny'],
        'matchResources': {'namespaceSelector': {'matchLabels': {'kubernetes.io/metadata.name': 'dry'}}}}})
    service = {'apiVersion': 'v1', 'kind': 'Service', 'metadata': {'name': 's'}, 'spec': {'ports': [{'port': 1}]}}
    for _ in range(100):  # the API server reads policies at its own pace
        if t.outcomes('preflight', '-n', 'dry', '--dry-run', manifest(t, service))[1]['dry-run']['outcome'] == 'fail':
            break
    tried('an admission policy', 'fail', 'no Service of that kind', service)
    quotas = '/api/v1/namespaces/dry/resourcequotas'
    t.api.create(quotas, {'metadata': {'name': 'q'}, 'spec': {'hard': {'count/secrets': '1'}}})
    t.api.patch(quotas + '/q/status', {'status': {'hard': {'count/secrets': '1'}, 'used': {'count/secrets': '1'}}})
    secret = {'apiVersion': 'v1', 'kind': 'Secret', 'metadata': {'name': 'one-more'}}
    for _ in range(100):
        if t.outcomes('preflight', '-n', 'dry', '--dry-run', manifest(t, secret))[1]['dry-run']['outcome'] == 'fail':
            break
    tried('a quota', 'fail', 'exceeded quota: q', secret)
    t.api.create(base + 'validatingwebhookconfigurations', {'metadata': {'name': 'w'}, 'webhooks': [{
        'name': 'w.example.com', 'sideEffects': 'None', 'admissionReviewVersions': ['v1'],
        'clientConfig': {'url': 'https://127.0.0.1:1/'}, 'failurePolicy': 'Fail',
        'rules': [{'apiGroups': [''], 'apiVersions': ['v1'], 'operations': ['*'], 'resources': ['configmaps']}]}]})
    for _ in range(100):
        if t.outcomes('preflight', '-n', 'dry', '--dry-run', manifest(t, config_map('w')))[1]['dry-run']['outcome'] != 'pass':
            break
    tried('a webhook that cannot be called', 'unknown', 'failed calling webhook', config_map('w'))
    t.api.patch(base + 'validatingwebhookconfigurations/w', {'webhooks': []})


def two_clusters(t):
    """The backup cluster as the current context, and one that nobody answers for as context c."""
    path = t.config('two', {'token': t.api.token})
    data = json.load(open(path, encoding='utf-8'))
    data['current-context'] = 'backup'
    data['clusters'].append({'name': 'gone', 'cluster': {'server': 'https://127.0.0.1:1'}})
    data['contexts'] = [{'name': 'backup', 'context': {'cluster': 'k', 'user': 'u'}},
                        {'name': 'c', 'context': {'cluster': 'gone', 'user': 'u'}}]
    with open(path, 'w', encoding='utf-8') as f:
        json.dump(data, f)
    return path


def secrecy(t):
    planted = [PASSWORD.encode(), t.api.token.encode()]
    files = [p for p in glob.glob(t.dir + '/saved*/**', recursive=True) if os.path.isfile(p)]
    t.check('something was saved', len(files) > 30, True)
    texts = t.seen + [open(p, 'rb').read() for p in files]
    t.check('no secret in what was printed and saved', [p for p in planted if any(p in s for s in texts)], [])


def same_as_kubectl(t):
    """Every path, as kubectl gets it."""
    kubectl = subprocess.run(['sh', os.path.join(ROOT, 'tests/tools/build.sh'), 'kubectl'], capture_output=True, text=True, check=False)
    if kubectl.returncode == 77:
        return
    h = Helper(os.path.join(os.path.dirname(t.binary), 'pxb-fed-kube'), VERSION)
    h.connect(kubeconfig=t.kubeconfig)
    paths = [json.load(open(p, encoding='utf-8'))['path'] for p in glob.glob(t.dir + '/saved/*/*.json')
             if not p.endswith('cluster.json')]
    for path in sorted(paths):
        head, body = h.ask(path)[0]
        raw = subprocess.run([kubectl.stdout.strip(), '--kubeconfig', t.kubeconfig, 'get', '--raw', path], capture_output=True,
                             timeout=60, check=False)
        if raw.returncode:
            t.check('kubectl and we fail on ' + path, head['kind'] in ('absent', 'no-api'), True)
        else:
            t.check('kubectl and we read ' + path, json.loads(body), json.loads(raw.stdout))
    h.close()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--bin', default=os.path.join(ROOT, 'build', 'pxb-fed'))
    parser.add_argument('--transcript', action='store_true')
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        cluster = os.path.join(directory, 'cluster')
        script = os.path.join(ROOT, 'tests', 'lib', 'cluster.sh')
        started = subprocess.run(['sh', script, 'start', cluster], stdout=subprocess.PIPE, text=True, check=False,
                                 env={**os.environ, 'APISERVER_FLAGS': f'--client-ca-file {cluster}/ca.crt'})
        if started.returncode:
            sys.exit(started.returncode)
        try:
            t = Tests(os.path.abspath(options.bin), directory, started.stdout.strip(), options.transcript)
            application_cluster(t.api)
            backup_cluster(t.api)
            for group in (verify, same_as_kubectl, faults, rights, preflight, dry_run, pods, secrecy):
                group(t)
        finally:
            subprocess.run(['sh', script, 'stop', cluster], check=False)
    print(f'{t.passed} passed, {t.failed} failed')
    return t.failed > 0


if __name__ == '__main__':
    sys.exit(main())
