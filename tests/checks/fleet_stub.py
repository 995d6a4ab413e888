"""A fleet of stub API servers (tests/tools/fleet) with differences planted in some of them."""
import copy
import json
import os
import subprocess

import good

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))

NS = '/api/v1/namespaces/portworx'
PATHS = {
    'version': '/version',
    'storageclusters': '/apis/core.libopenstorage.org/v1/storageclusters',
    'storagenodes': '/apis/core.libopenstorage.org/v1/storagenodes',
    'storks': '/apis/apps/v1/deployments',
    'webhooks': '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations',
    'issuer': '/.well-known/openid-configuration',
    'backuplocations': '/apis/stork.libopenstorage.org/v1alpha1/backuplocations',
    'namespace': NS,
    'stork': '/apis/apps/v1/namespaces/portworx/deployments/stork',
    'operator': '/apis/apps/v1/namespaces/portworx/deployments/portworx-operator',
    'pods': NS + '/pods',
    'stork-account': NS + '/serviceaccounts/stork',
    'px-account': NS + '/serviceaccounts/portworx',
}


def body(value):
    if 'items' in value:
        return {'kind': 'AnyList', 'apiVersion': 'v1', 'metadata': {}, **value}
    return value


def raw(base):
    """The good cluster as an API server has it: what pxb-fed-kube replaces by a size is a text again."""
    base = copy.deepcopy(base)
    for item in base['backuplocations']['items']:
        item['location']['azureConfig'] = {'clientSecret': '', 'storageAccountKey': ''}
    return base


def answers(base):
    return {PATHS[k]: {'status': 200, 'body': body(v)} for k, v in base.items() if k in PATHS}


def changed(**questions):
    """The answers of a variant: only what differs from the good cluster."""
    base = raw(good.VERIFY)
    for name, change in questions.items():
        change(base[name])
    return answers({k: base[k] for k in questions})


def old_nodes(nodes):
    nodes['items'][0]['spec']['version'] = '3.5.0'


def static_secret(clusters):
    clusters['items'][0]['spec']['stork']['env'] = [{'name': 'AZURE_CLIENT_SECRET', 'value': 'x' * 40}]


def no_pods(pods):
    pods['items'] = []


# What is planted, the check that finds it, and with which outcome.
VARIANTS = {
    'old-nodes': ({'storagenodes': old_nodes}, 'px-version', 'fail'),
    'static-secret': ({'storageclusters': static_secret}, 'static-credentials', 'fail'),
    'no-pods': ({'pods': no_pods}, 'stork-pods', 'fail'),
}


def build(directory):
    """Without dependencies, so it is built where it is used: tests/tools/build.sh would build all tools again."""
    program = os.path.join(directory, 'fleet')
    subprocess.run(['go', 'build', '-buildvcs=false', '-o', program, '.'], cwd=os.path.join(ROOT, 'tests', 'tools', 'fleet'),
                   env={**os.environ, 'CGO_ENABLED': '0'}, check=True)
    return program


class Stub:
    """Runs until close(); `asked` is what the servers counted."""

    def __init__(self, directory, clusters, planted, hang=(), hub=False, silent=None):
        program = build(directory)
        names = sorted(VARIANTS)
        self.directory = directory
        self.planted = {i: names[n % len(names)] for n, i in enumerate(planted)}
        plan = {'clusters': clusters, 'good': answers(raw(good.VERIFY)), 'hang': list(hang), 'hub': hub,
                'silent': {str(k): PATHS[v] for k, v in (silent or {}).items()},
                'variants': {k: changed(**v[0]) for k, v in VARIANTS.items()},
                'planted': {str(k): v for k, v in self.planted.items()}}
        path = os.path.join(directory, 'plan.json')
        with open(path, 'w', encoding='utf-8') as f:
            json.dump(plan, f)
        self.process = subprocess.Popen([program, path, directory], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        if self.process.stdout.readline().strip() != 'ready':
            raise AssertionError('the stub did not start')

    def close(self):
        self.process.stdin.close()
        self.asked = json.loads(self.process.stdout.read())
        self.process.wait()

    def file(self, name):
        return os.path.join(self.directory, name)


def name(index):
    return f'shoot-{index:05d}'
