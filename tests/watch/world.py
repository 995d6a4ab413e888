"""A namespace of a real API server, with a driver that writes what kubelet, scheduler and controllers would: no node and no
controller runs there. One verb of a story (stories.txt) is one method do_VERB of World."""
import http.client
import http.server
import json
import re
import select
import socket
import ssl
import threading
import time
import urllib.parse

RELEASE = 'px-central'
APPS = '/apis/apps/v1/namespaces/'
CORE = '/api/v1/namespaces/'
BATCH = '/apis/batch/v1/namespaces/'
POST_INSTALL = 'pxcentral-post-install-hook'
DEPLOYMENTS = ['px-backup', 'prometheus-operator', 'pxcentral-lh-middleware', 'pxcentral-backend', 'pxcentral-frontend',
               'pxcentral-apiserver']
STATEFULSETS = {'pxc-backup-mongodb': 3, 'pxcentral-keycloak-postgresql': 1, 'pxcentral-keycloak': 1, 'pxcentral-mysql': 1}
OPERATOR = {'prometheus-px-backup-dashboard-prometheus': 2, 'alertmanager-px-backup-alertmanager': 2}
TELEMETRY = ['px-backup-telemetry-registration', 'px-backup-telemetry-logs-collector']
MONITORING = ['prometheus-operator', *OPERATOR]
HOOK_SECRETS = ['pxc-backup-mongodb', 'pxcentral-mysql-secret', 'pxcentral-keycloak-postgresql', 'pxcentral-keycloak-http',
                'pxc-backup-metrics']
CLAIMS = {'pxc-backup-mongodb': 'pxc-mongodb-data-', 'pxcentral-keycloak-postgresql': 'pxcentral-keycloak-data-postgres18-',
          'pxcentral-keycloak': 'theme-'}


def now(shift=0):
    return time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime(time.time() + shift))


class Api:
    """JSON to paths, one connection a thread."""

    def __init__(self, kubeconfig):
        text = open(kubeconfig, encoding='utf-8').read()
        self.host = re.search(r'server: "https://([^"]+)"', text)[1]
        self.ca = re.search(r'certificate-authority: ([^}]+)}', text)[1]
        self.token = re.search(r'token: ([^}]+)}', text)[1]
        self.tls = ssl.create_default_context(cafile=self.ca)
        self.local = threading.local()

    def call(self, method, path, body=None, kind='application/json', absent=False):
        headers = {'Authorization': 'Bearer ' + self.token, 'Content-Type': kind}
        for again in (True, False):
            if getattr(self.local, 'connection', None) is None:
                self.local.connection = http.client.HTTPSConnection(self.host, context=self.tls, timeout=60)
            try:
                self.local.connection.request(method, path, None if body is None else json.dumps(body), headers)
                answer = self.local.connection.getresponse()
                text = answer.read()
                break
            except (http.client.HTTPException, OSError):
                self.local.connection.close()
                self.local.connection = None
                if not again:
                    raise
        if answer.status >= 300 and not (absent and answer.status == 404):
            raise AssertionError(f'{method} {path}: {answer.status} {text[:400]!r}')
        return json.loads(text or b'{}')

    def create(self, path, obj):
        return self.call('POST', path, obj)

    def status(self, path, status):
        return self.call('PATCH', path + '/status', {'status': status}, 'application/merge-patch+json')

    def patch(self, path, change):
        return self.call('PATCH', path, change, 'application/merge-patch+json')


class Kubelet:
    """Serves the logs of pods, as the API server asks a node for them. `logs`: (namespace, pod, previous) to text."""

    def __init__(self, certificate, key):
        kubelet = self
        self.logs = {}

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = 'HTTP/1.1'

            def do_GET(self):
                url = urllib.parse.urlsplit(self.path)
                _, _, namespace, pod, _ = url.path.split('/')
                previous = urllib.parse.parse_qs(url.query).get('previous', ['false'])[0] == 'true'
                text = kubelet.logs.get((namespace, pod, previous), '').encode()
                self.send_response(200)
                self.send_header('Content-Type', 'text/plain')
                self.send_header('Content-Length', str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(certificate, key)
        self.server.socket = tls.wrap_socket(self.server.socket, server_side=True)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class Way:
    """The way to the API server, which can be closed: nobody listens then, and what was open breaks."""

    def __init__(self, target):
        self.target = (target.split(':')[0], int(target.split(':')[1]))
        self.listener, self.port, self.pairs = None, 0, []
        self.open()

    def open(self):
        s = socket.socket()
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        s.bind(('127.0.0.1', self.port))
        s.listen(64)
        self.port, self.listener = s.getsockname()[1], s
        threading.Thread(target=self.accept, args=(s,), daemon=True).start()

    def accept(self, listener):
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            if listener is not self.listener:
                client.close()
                return
            try:
                server = socket.create_connection(self.target)
            except OSError:
                client.close()
                continue
            self.pairs.append((client, server))
            threading.Thread(target=self.carry, args=(client, server), daemon=True).start()

    @staticmethod
    def carry(a, b):
        try:
            while True:
                for ready in select.select([a, b], [], [])[0]:
                    data = ready.recv(65536)
                    if not data:
                        return
                    (b if ready is a else a).sendall(data)
        except (OSError, ValueError):
            pass
        finally:
            for s in (a, b):
                try:
                    s.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass

    def close(self):
        listener, self.listener = self.listener, None
        if listener:
            listener.shutdown(socket.SHUT_RDWR)
            listener.close()
        for pair in self.pairs:
            for s in pair:
                try:
                    s.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass
        self.pairs = []


def cluster_objects(api, kubelet_port):
    """What all stories share: a node, a class, the custom resources."""
    node = api.create('/api/v1/nodes', {'apiVersion': 'v1', 'kind': 'Node', 'metadata': {'name': 'node'}})
    api.status('/api/v1/nodes/' + node['metadata']['name'], {
        'addresses': [{'type': 'InternalIP', 'address': '127.0.0.1'}],
        'daemonEndpoints': {'kubeletEndpoint': {'Port': kubelet_port}}})
    for name, mode in (('fast', 'Immediate'), ('late', 'WaitForFirstConsumer')):
        api.create('/apis/storage.k8s.io/v1/storageclasses', {
            'apiVersion': 'storage.k8s.io/v1', 'kind': 'StorageClass', 'metadata': {'name': name},
            'provisioner': 'disk.csi.example.com', 'volumeBindingMode': mode})
    for plural, kind in (('prometheuses', 'Prometheus'), ('alertmanagers', 'Alertmanager')):
        api.create('/apis/apiextensions.k8s.io/v1/customresourcedefinitions', {
            'apiVersion': 'apiextensions.k8s.io/v1', 'kind': 'CustomResourceDefinition',
            'metadata': {'name': plural + '.monitoring.coreos.com'},
            'spec': {'group': 'monitoring.coreos.com', 'scope': 'Namespaced',
                     'names': {'kind': kind, 'plural': plural, 'singular': kind.lower(), 'listKind': kind + 'List'},
                     'versions': [{'name': 'v1', 'served': True, 'storage': True, 'schema': {'openAPIV3Schema': {
                         'type': 'object', 'x-kubernetes-preserve-unknown-fields': True}}}]}})


class World:
    """One namespace, and what happens in it."""

    def __init__(self, api, ns, kubelet, way):
        self.api, self.ns, self.kubelet, self.way = api, ns, kubelet, way
        self.kinds, self.replicas, self.pods, self.uids, self.revision = {}, {}, {}, {}, {}
        self.events, self.began = 0, now()

    # --- paths -----------------------------------------------------------------------------------------------------

    def path(self, kind, name=''):
        base, plural = {'Deployment': (APPS, 'deployments'), 'StatefulSet': (APPS, 'statefulsets'),
                        'ReplicaSet': (APPS, 'replicasets'), 'Job': (BATCH, 'jobs'), 'Pod': (CORE, 'pods'),
                        'Secret': (CORE, 'secrets'), 'ConfigMap': (CORE, 'configmaps'),
                        'PersistentVolumeClaim': (CORE, 'persistentvolumeclaims'), 'Event': (CORE, 'events')}[kind]
        return f'{base}{self.ns}/{plural}' + ('/' + name if name else '')

    def make(self, kind, name, body=None, api='v1', owner=None, **metadata):
        obj = {'apiVersion': api, 'kind': kind, 'metadata': {'name': name, 'namespace': self.ns, **metadata}, **(body or {})}
        if owner:
            obj['metadata']['ownerReferences'] = [{'apiVersion': owner[0], 'kind': owner[1], 'name': owner[2],
                                                   'uid': self.uids[owner[1], owner[2]], 'controller': True}]
        made = self.api.create(self.path(kind), obj)
        self.uids[kind, name] = made['metadata']['uid']
        return made

    # --- workloads -------------------------------------------------------------------------------------------------

    @staticmethod
    def template(name):
        return {'metadata': {'labels': {'run': name}}, 'spec': {'containers': [{'name': 'main', 'image': 'example.com/' + name + ':3.0.0'}]}}

    def workload(self, kind, name, replicas=1, hook=None):
        notes = {'helm.sh/hook': hook} if hook else {'meta.helm.sh/release-name': RELEASE}
        spec = {'template': self.template(name)}
        if kind == 'Job':
            spec['template']['spec']['restartPolicy'] = 'Never'
            spec['backoffLimit'] = 0 if hook else 5
            spec['activeDeadlineSeconds'] = 2400
        else:
            spec |= {'replicas': replicas, 'selector': {'matchLabels': {'run': name}}}
        if kind == 'StatefulSet':
            spec['serviceName'] = name
        if name in OPERATOR:
            notes = {}
        self.make(kind, name, {'spec': spec}, 'batch/v1' if kind == 'Job' else 'apps/v1', annotations=notes)
        self.kinds[name], self.replicas[name], self.revision[name] = kind, replicas, 1
        if kind == 'Deployment':
            self.replica_set(name)
        self.settle(name)

    def replica_set(self, name):
        revision = self.revision[name]
        self.make('ReplicaSet', f'{name}-rs{revision}', {'spec': {'replicas': 1, 'selector': {'matchLabels': {'run': name}},
                                                                  'template': self.template(name)}}, 'apps/v1',
                  ('apps/v1', 'Deployment', name), annotations={'deployment.kubernetes.io/revision': str(revision)})

    def settle(self, name):
        """The status that the workload's controller writes."""
        kind, pods = self.kinds[name], [p for p in self.pods.values() if p['of'] == name]
        ready, want, revision = sum(p['ready'] for p in pods), self.replicas[name], self.revision[name]
        fresh = sum(p['revision'] == revision for p in pods)
        if kind == 'Job':
            return
        got = self.api.call('GET', self.path(kind, name))
        status = {'observedGeneration': got['metadata']['generation'], 'replicas': len(pods), 'readyReplicas': ready,
                  'updatedReplicas': fresh}
        if kind == 'StatefulSet':
            done = ready == want and fresh == want
            status |= {'currentRevision': f'{name}-{revision if done else 1}', 'updateRevision': f'{name}-{revision}'}
        self.api.status(self.path(kind, name), status)

    # --- pods ------------------------------------------------------------------------------------------------------

    def owner(self, name):
        kind = self.kinds[name]
        if kind == 'Deployment':
            return ('apps/v1', 'ReplicaSet', f'{name}-rs{self.revision[name]}')
        return ('batch/v1' if kind == 'Job' else 'apps/v1', kind, name)

    def pod(self, name, number=0, phase='Pending', conditions=(), container=None, node=True, volumes=()):
        """Creates the pod if it is not there, then writes its status."""
        kind = self.kinds[name]
        pod = f'{name}-{number}' if kind != 'Deployment' else f'{name}-rs{self.revision[name]}-{number}'
        if pod not in self.pods:
            claim = CLAIMS.get(name)
            volumes = [{'name': 'data', 'persistentVolumeClaim': {'claimName': f'{claim}{pod}'}}] if claim else []
            labels = {'run': name} | ({'pod-template-hash': f'rs{self.revision[name]}'} if kind == 'Deployment' else {})
            self.make('Pod', pod, {'spec': {**self.template(name)['spec'], 'volumes': volumes, **({'nodeName': 'node'} if node else {})}},
                      owner=self.owner(name), labels=labels)
            self.pods[pod] = {'of': name, 'revision': self.revision[name]}
        ready = any(c['type'] == 'Ready' and c['status'] == 'True' for c in conditions)
        self.pods[pod]['ready'] = ready
        status = {'phase': phase, 'conditions': list(conditions)}
        if container is not None:
            status['containerStatuses'] = [{'name': 'main', 'image': f'example.com/{name}:3.0.0', 'imageID': '', 'ready': ready,
                                            'restartCount': 0, **container}]
        self.api.status(self.path('Pod', pod), status)
        self.settle(name)
        return pod

    def all_pods(self, name):
        return range(self.replicas[name])

    SCHEDULED = {'type': 'PodScheduled', 'status': 'True'}

    def do_creating(self, *names):
        for name in names:
            for i in self.all_pods(name):
                self.pod(name, i, conditions=[self.SCHEDULED], container={'state': {'waiting': {'reason': 'ContainerCreating'}}})

    def do_unready(self, *names):
        for name in names:
            for i in self.all_pods(name):
                self.pod(name, i, 'Running', [self.SCHEDULED, {'type': 'Ready', 'status': 'False'}],
                         {'state': {'running': {'startedAt': now()}}, 'started': True})

    def do_ready(self, *names):
        for name in names:
            for i in self.all_pods(name):
                self.pod(name, i, 'Running', [self.SCHEDULED, {'type': 'Ready', 'status': 'True', 'lastTransitionTime': now(-600)}],
                         {'state': {'running': {'startedAt': now()}}, 'started': True})

    def do_rest_ready(self, *but):
        self.do_ready(*[n for n, kind in self.kinds.items() if kind != 'Job' and n not in but])

    def do_waiting(self, name, reason, *message):
        for i in self.all_pods(name):
            self.pod(name, i, conditions=[self.SCHEDULED],
                     container={'state': {'waiting': {'reason': reason, 'message': ' '.join(message)}}})

    def do_crash(self, name, restarts, code):
        """It ended, and the kubelet waits before it starts it again."""
        for i in self.all_pods(name):
            pod = self.pod(name, i, 'Running', [self.SCHEDULED, {'type': 'Ready', 'status': 'False'}],
                           {'restartCount': int(restarts), 'state': {'waiting': {'reason': 'CrashLoopBackOff', 'message': 'back-off'}},
                            'lastState': {'terminated': {'exitCode': int(code), 'reason': 'OOMKilled' if code == '137' else 'Error',
                                                         'startedAt': now(-30), 'finishedAt': now(-20)}}})
            self.kubelet.logs[self.ns, pod, True] = self.log(name)

    def do_unschedulable(self, name, since, *message):
        self.pod(name, conditions=[{'type': 'PodScheduled', 'status': 'False', 'reason': 'Unschedulable',
                                    'message': ' '.join(message), 'lastTransitionTime': now(-int(since))}], node=False)

    def log(self, name):
        secret = 'A' 'KIA' + 'QYLPMN5HNM' + '4XTPGR'
        return f'starting {name}\nconnecting to mongodb://admin:{"pass" + "w0rd-of-" + name}@host:27017\n' \
               f'using key {secret}\n\x1b[31mfatal: cannot go on\x1b[0m\n'

    # --- the rest of the controllers ---------------------------------------------------------------------------------

    def do_event(self, about, reason, *message):
        kind, name = about.split('/')
        self.events += 1
        self.make('Event', f'e{self.events}', {'involvedObject': {'kind': kind, 'name': name, 'namespace': self.ns}, 'reason': reason,
                                               'message': ' '.join(message), 'type': 'Warning', 'lastTimestamp': now()})

    def do_claim(self, name, storage_class, phase):
        if ('PersistentVolumeClaim', name) not in self.uids:
            self.make('PersistentVolumeClaim', name, {'spec': {'accessModes': ['ReadWriteOnce'], 'storageClassName': storage_class,
                                                               'resources': {'requests': {'storage': '1Gi'}}}})
        self.api.status(self.path('PersistentVolumeClaim', name), {'phase': phase})

    def do_secret(self, name, *keys):
        if ('Secret', name) in self.uids:
            self.api.patch(self.path('Secret', name), {'stringData': {k: 'x' for k in keys}})
        else:
            self.make('Secret', name, {'stringData': {k: 'x' for k in keys}})

    def do_report(self, *text):
        self.make('ConfigMap', 'px-central-report', {'data': {'report-3.0.0': ' '.join(text)}})

    def do_hook(self, name, state='runs'):
        """A hook's Job, as Helm and the Job controller leave it."""
        if ('Job', name) not in self.uids:
            self.workload('Job', name, hook='pre-install,pre-upgrade')
            self.do_creating(name)
        if state == 'done':
            self.api.call('DELETE', self.path('Job', name), {'propagationPolicy': 'Background'})
            self.api.call('DELETE', self.path('Pod', f'{name}-0') + '?gracePeriodSeconds=0')
            self.pods.pop(f'{name}-0')
        elif state == 'failed':
            self.do_job_pod_failed(name, '0')
            self.do_job_failed(name, 'BackoffLimitExceeded', 'Job', 'has', 'reached', 'the', 'specified', 'backoff', 'limit')
        elif state == 'runs':
            self.api.status(self.path('Job', name), {'active': 1, 'startTime': self.began})

    def do_job_pod(self, name, number):
        self.pod(name, int(number), 'Running', [self.SCHEDULED, {'type': 'Ready', 'status': 'True'}],
                 {'state': {'running': {'startedAt': now()}}})

    def do_job_pod_failed(self, name, number):
        pod = self.pod(name, int(number), 'Failed', [self.SCHEDULED, {'type': 'Ready', 'status': 'False'}],
                       {'state': {'terminated': {'exitCode': 1, 'reason': 'Error', 'startedAt': now(), 'finishedAt': now()}}})
        self.kubelet.logs[self.ns, pod, False] = self.log(name)
        self.api.status(self.path('Job', name), {'failed': int(number) + 1, 'startTime': self.began})

    def do_job_complete(self, name):
        self.api.status(self.path('Job', name), {
            'startTime': self.began, 'completionTime': now(), 'succeeded': 1, 'active': 0, 'uncountedTerminatedPods': {},
            'conditions': [{'type': kind, 'status': 'True', 'reason': 'CompletionsReached', 'lastTransitionTime': now()}
                           for kind in ('SuccessCriteriaMet', 'Complete')]})

    def do_job_failed(self, name, reason, *message):
        self.api.status(self.path('Job', name), {
            'startTime': self.began, 'uncountedTerminatedPods': {}, 'active': 0,
            'conditions': [{'type': kind, 'status': 'True', 'reason': reason, 'message': ' '.join(message), 'lastTransitionTime': now()}
                           for kind in ('FailureTarget', 'Failed')]})

    def do_create_fails(self, name, *message):
        kind, owner = self.kinds[name], self.owner(name)
        self.do_event(f'{owner[1]}/{owner[2]}', 'FailedCreate', 'Error', 'creating:', *message)
        if kind == 'Deployment':
            self.api.status(self.path(kind, name), {'conditions': [{'type': 'ReplicaFailure', 'status': 'True', 'reason': 'FailedCreate',
                                                                    'message': ' '.join(message)}]})

    # --- Helm --------------------------------------------------------------------------------------------------------

    def do_hook_secrets(self):
        for name in HOOK_SECRETS:
            self.do_secret(name, 'a')
        self.make('ConfigMap', 'pxc-backup-mongodb-scripts', {'data': {'setup.sh': ''}})

    def do_install(self, *parts):
        """The objects that are no hooks: with monitoring unless it is external, telemetry when it is asked for."""
        self.make('Secret', 'pxc-backup-secret', {'stringData': {'OIDC_CLIENT_ID': 'x'}})
        for name in DEPLOYMENTS + (TELEMETRY if 'telemetry' in parts else []):
            if 'external' not in parts or name not in MONITORING:
                self.workload('Deployment', name)
        for name, replicas in STATEFULSETS.items():
            self.workload('StatefulSet', name, replicas)
        self.workload('Job', POST_INSTALL)
        if 'external' in parts:
            return
        for plural, kind, name in (('prometheuses', 'Prometheus', 'px-backup-dashboard-prometheus'),
                                   ('alertmanagers', 'Alertmanager', 'px-backup-alertmanager')):
            self.api.create(f'/apis/monitoring.coreos.com/v1/namespaces/{self.ns}/{plural}',
                            {'apiVersion': 'monitoring.coreos.com/v1', 'kind': kind, 'metadata': {'name': name}})

    def do_operator_makes(self):
        for name, replicas in OPERATOR.items():
            self.workload('StatefulSet', name, replicas)

    def do_upgrade(self, name):
        """A new revision of a workload; its pods are the old ones still."""
        self.revision[name] += 1
        kind = self.kinds[name]
        self.api.patch(self.path(kind, name), {'spec': {'template': {'metadata': {'annotations': {'v': str(self.revision[name])}}}}})
        if kind == 'Deployment':
            self.replica_set(name)
        self.settle(name)

    def do_replace(self, name, number, state):
        """One pod of the old revision ends, one of the new takes its place."""
        pod = f'{name}-{number}'
        self.api.call('DELETE', self.path('Pod', pod) + '?gracePeriodSeconds=0')
        del self.pods[pod]
        ready = {'type': 'Ready', 'status': 'True' if state == 'ready' else 'False', 'lastTransitionTime': now()}
        self.pod(name, int(number), 'Running', [self.SCHEDULED, ready], {'state': {'running': {'startedAt': now()}}, 'started': True})

    def do_set_ready(self, name, number):
        self.pod(name, int(number), 'Running', [self.SCHEDULED, {'type': 'Ready', 'status': 'True', 'lastTransitionTime': now()}],
                 {'state': {'running': {'startedAt': now()}}, 'started': True})

    # --- the cluster -------------------------------------------------------------------------------------------------

    def do_away(self):
        self.way.close()

    def do_back(self):
        self.way.open()

    def do_delete_namespace(self):
        self.api.call('DELETE', CORE + self.ns)

    def do_nothing(self):
        pass
