"""A small client of the API server: JSON over HTTPS, with the warnings that it sends."""
import http.client
import json
import re
import ssl
import subprocess
import urllib.parse

GROUPS = {  # kind: (path of the group, resource); what a test creates
    'ConfigMap': ('api/v1', 'configmaps'),
    'Secret': ('api/v1', 'secrets'),
    'Service': ('api/v1', 'services'),
    'ServiceAccount': ('api/v1', 'serviceaccounts'),
    'PersistentVolumeClaim': ('api/v1', 'persistentvolumeclaims'),
    'Pod': ('api/v1', 'pods'),
    'ReplicationController': ('api/v1', 'replicationcontrollers'),
    'Namespace': ('api/v1', 'namespaces'),
    'Deployment': ('apis/apps/v1', 'deployments'),
    'StatefulSet': ('apis/apps/v1', 'statefulsets'),
    'DaemonSet': ('apis/apps/v1', 'daemonsets'),
    'ReplicaSet': ('apis/apps/v1', 'replicasets'),
    'Job': ('apis/batch/v1', 'jobs'),
    'CronJob': ('apis/batch/v1', 'cronjobs'),
    'Role': ('apis/rbac.authorization.k8s.io/v1', 'roles'),
    'RoleBinding': ('apis/rbac.authorization.k8s.io/v1', 'rolebindings'),
    'ClusterRole': ('apis/rbac.authorization.k8s.io/v1', 'clusterroles'),
    'ClusterRoleBinding': ('apis/rbac.authorization.k8s.io/v1', 'clusterrolebindings'),
    'CustomResourceDefinition': ('apis/apiextensions.k8s.io/v1', 'customresourcedefinitions'),
    'ValidatingAdmissionPolicy': ('apis/admissionregistration.k8s.io/v1', 'validatingadmissionpolicies'),
    'ValidatingAdmissionPolicyBinding': ('apis/admissionregistration.k8s.io/v1', 'validatingadmissionpolicybindings'),
}
CUSTOM = {  # (group, versions) -> kinds; installed as CRDs that take anything
    'monitoring.coreos.com': {'Prometheus': 'prometheuses', 'Alertmanager': 'alertmanagers',
                              'PrometheusRule': 'prometheusrules', 'ServiceMonitor': 'servicemonitors'},
    'networking.istio.io': {'VirtualService': 'virtualservices', 'Gateway': 'gateways'},
    'security.istio.io': {'PeerAuthentication': 'peerauthentications'},
}
VERSIONS = {'monitoring.coreos.com': ['v1'], 'networking.istio.io': ['v1', 'v1beta1', 'v1alpha3'],
            'security.istio.io': ['v1', 'v1beta1']}
CLUSTER_WIDE = {'Namespace', 'ClusterRole', 'ClusterRoleBinding', 'CustomResourceDefinition',
                'ValidatingAdmissionPolicy', 'ValidatingAdmissionPolicyBinding'}


def crds():
    """The custom resources of the chart, of any shape."""
    for group, kinds in CUSTOM.items():
        for kind, plural in kinds.items():
            yield {'apiVersion': 'apiextensions.k8s.io/v1', 'kind': 'CustomResourceDefinition',
                   'metadata': {'name': plural + '.' + group},
                   'spec': {'group': group, 'scope': 'Namespaced',
                            'names': {'kind': kind, 'plural': plural, 'singular': kind.lower(), 'listKind': kind + 'List'},
                            'versions': [{'name': v, 'served': True, 'storage': i == 0,
                                          'schema': {'openAPIV3Schema': {
                                              'type': 'object', 'x-kubernetes-preserve-unknown-fields': True}}}
                                         for i, v in enumerate(VERSIONS[group])]}}


class Answer:
    def __init__(self, code, body, warnings):
        self.code, self.body, self.warnings = code, body, warnings
        self.message = body.get('message', '') if body.get('kind') == 'Status' else ''

    @property
    def ok(self):
        return 200 <= self.code < 300


class Client:
    def __init__(self, kubectl, kubeconfig):
        view = subprocess.run([kubectl, '--kubeconfig', kubeconfig, 'config', 'view', '--raw', '-o', 'json', '--minify'],
                              check=True, capture_output=True, timeout=60)
        config = json.loads(view.stdout)
        cluster, user = config['clusters'][0]['cluster'], config['users'][0]['user']
        self.token = user['token']
        self.host = urllib.parse.urlsplit(cluster['server']).netloc
        self.tls = ssl.create_default_context(cafile=cluster['certificate-authority'])
        self.kubectl, self.kubeconfig = kubectl, kubeconfig
        self.connection = None

    def send(self, method, path, data, headers):
        """One connection for all requests; the server closes it when it likes."""
        for again in (True, False):
            if self.connection is None:
                self.connection = http.client.HTTPSConnection(self.host, context=self.tls, timeout=120)
            try:
                self.connection.request(method, '/' + path, data, headers)
                answer = self.connection.getresponse()
                return answer, answer.read()
            except (http.client.HTTPException, ConnectionError, ssl.SSLEOFError):
                self.connection.close()
                self.connection = None
                if not again:
                    raise

    def call(self, method, path, body=None, kind='application/json', user=None):
        headers = {'Authorization': 'Bearer ' + self.token, 'Content-Type': kind, 'Accept': 'application/json'}
        if user:
            headers['Impersonate-User'] = user
        answer, text = self.send(method, path, None if body is None else json.dumps(body).encode(), headers)
        warnings = [re.sub(r'^299 \S+ "(.*)"$', r'\1', w).replace('\\"', '"') for w in answer.msg.get_all('Warning') or []]
        return Answer(answer.status, json.loads(text or b'{}'), warnings)

    def path(self, obj, name=True, sub=''):
        kind, api = obj['kind'], obj['apiVersion']
        group = api.split('/')[0]
        if group in CUSTOM and kind in CUSTOM[group]:
            base, plural = 'apis/' + api, CUSTOM[group][kind]
        else:
            base, plural = GROUPS[kind]
        if kind not in CLUSTER_WIDE:
            base += '/namespaces/' + obj['metadata']['namespace']
        return base + '/' + plural + ('/' + obj['metadata']['name'] + sub if name else '')

    def create(self, obj, dry=True, user=None):
        return self.call('POST', self.path(obj, False) + ('?dryRun=All' if dry else ''), obj, user=user)

    def apply(self, obj, dry=False):
        return self.call('PATCH', self.path(obj) + '?fieldManager=test&force=true' + ('&dryRun=All' if dry else ''), obj,
                         'application/apply-patch+yaml')

    def patch(self, obj, change, dry=True, sub='', user=None):
        return self.call('PATCH', self.path(obj, sub=sub) + ('?dryRun=All' if dry else ''), change,
                         'application/merge-patch+json', user)

    def get(self, obj):
        return self.call('GET', self.path(obj))

    def delete(self, obj, dry=False):
        # The body's word counts, not the query's.
        options = {'kind': 'DeleteOptions', 'apiVersion': 'v1', 'propagationPolicy': 'Background'}
        return self.call('DELETE', self.path(obj), {**options, 'dryRun': ['All']} if dry else options)


def documents(binary, path):
    """The objects of a file, read by the program under test."""
    out = subprocess.run([binary, 'read', path], check=True, capture_output=True, timeout=60).stdout
    return [json.loads(line) for line in out.splitlines()]
