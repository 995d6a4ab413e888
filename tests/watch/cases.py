#!/usr/bin/env python3
"""cases.py [--bin PXB-FED]: what the judge of 'watch' makes of a namespace, from records instead of a cluster.

Each case is a namespace where all is ready but for what the case changes. Where a message decides there are two: one that cannot
heal, and its twin that can. The last line is 'N passed, M failed'."""
import argparse
import json
import os
import re
import subprocess
import sys
import tempfile

import screen

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
TIME = 1795687313
DEPLOYMENTS = ['px-backup', 'prometheus-operator', 'pxcentral-lh-middleware', 'pxcentral-backend', 'pxcentral-frontend',
               'pxcentral-apiserver']
STATEFULSETS = {'pxc-backup-mongodb': 3, 'pxcentral-keycloak-postgresql': 1, 'pxcentral-keycloak': 1, 'pxcentral-mysql': 1}
JOB = 'pxcentral-post-install-hook'
OURS = {'meta.helm.sh/release-name': 'px-central'}
RESOURCES = ['pods', 'deployments', 'replicasets', 'statefulsets', 'jobs', 'persistentvolumeclaims', 'events', 'configmaps', 'secrets',
             'namespaces', 'storageclasses', 'prometheuses', 'alertmanagers']
COMPLETE = [{'type': 'Complete', 'status': 'True'}]


def stamp(seconds):
    import time
    return time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime(TIME + seconds))


class State:
    """The lists of a namespace. Everything is ready at first."""

    def __init__(self):
        self.lists = {r: {} for r in RESOURCES}
        self.state, self.more, self.silent = {}, [], set()
        self.put('namespaces', 'central', status={'phase': 'Active'})
        for name in DEPLOYMENTS:
            self.workload('deployments', name, 1, 1)
            self.pod(name)
        for name, n in STATEFULSETS.items():
            self.workload('statefulsets', name, n, n)
            for i in range(n):
                self.pod(name, i)
        self.put('jobs', JOB, OURS, spec={'backoffLimit': 5}, status={'succeeded': 1, 'conditions': COMPLETE})
        for name in ('pxc-backup-mongodb', 'pxcentral-mysql-secret', 'pxcentral-keycloak-postgresql', 'pxcentral-keycloak-http',
                     'pxc-backup-metrics', 'px-central-admin', 'pxc-backup-secret'):
            self.put('secrets', name, data={'OIDC_CLIENT_SECRET': True})

    def put(self, resource, name, annotations=None, **body):
        made = {'metadata': {'name': name, **({'annotations': annotations} if annotations else {})}, **body}
        self.lists[resource][name] = made
        return made

    def workload(self, resource, name, want, ready, **status):
        self.put(resource, name, OURS, spec={'replicas': want}, status={
            'observedGeneration': 1, 'replicas': want, 'readyReplicas': ready, 'updatedReplicas': want, 'currentRevision': 'a',
            'updateRevision': 'a', **status})
        self.lists[resource][name]['metadata']['generation'] = 1

    def pod(self, name, number=0, container=None, init=None, ready=True, phase='Running', conditions=None, volumes=(), **metadata):
        """A pod of a workload; with `container` it is not ready, and neither is the workload."""
        kind = 'ReplicaSet' if name in self.lists['deployments'] else 'Job' if name in self.lists['jobs'] else 'StatefulSet'
        owner = name + '-abc' if kind == 'ReplicaSet' else name
        pod = self.put('pods', f'{owner}-{number}', spec={'volumes': list(volumes)}, status={
            'phase': phase, 'conditions': conditions or [{'type': 'Ready', 'status': 'True' if ready else 'False',
                                                          'lastTransitionTime': stamp(-900)}]})
        pod['metadata'] |= {'ownerReferences': [{'kind': kind, 'name': owner, 'controller': True}],
                            'labels': {'pod-template-hash': 'abc'}, 'creationTimestamp': stamp(-900), **metadata}
        if init:
            pod['status']['initContainerStatuses'] = [{'name': 'init', 'image': 'example.com/init:1', 'ready': False, **init}]
        pod['status']['containerStatuses'] = [{'name': 'main', 'image': 'example.com/main:1', 'ready': ready, 'restartCount': 0,
                                               **(container or {'state': {'running': {}}})}]
        return pod

    def unready(self, name):
        """The workload is not ready; its pod is replaced by the caller."""
        for resource in ('deployments', 'statefulsets'):
            if name in self.lists[resource]:
                self.lists[resource][name]['status']['readyReplicas'] = 0

    def broken(self, name, reason=None, message='', **container):
        self.unready(name)
        state = {'state': {'waiting': {'reason': reason, 'message': message}}} if reason else {}
        return self.pod(name, container={**state, **container}, ready=False, phase='Pending')

    def gone(self, name):
        """The workload is there, its pods are not."""
        self.unready(name)
        for resource in ('deployments', 'statefulsets'):
            if name in self.lists[resource]:
                self.lists[resource][name]['status']['replicas'] = 0
        for pod in [p for p in self.lists['pods'] if p.startswith(name + '-') and p[len(name) + 1:].lstrip('abc-').isdigit()]:
            del self.lists['pods'][pod]

    def event(self, about, reason, message, seconds=-10):
        kind, name = about.split('/')
        n = len(self.lists['events'])
        self.put('events', f'e{n}', involvedObject={'kind': kind, 'name': name}, reason=reason, message=message,
                 lastTimestamp=stamp(seconds))

    def claim(self, name, phase='Pending', storage_class='fast'):
        self.put('persistentvolumeclaims', name, spec={'storageClassName': storage_class}, status={'phase': phase})
        return {'name': 'data', 'persistentVolumeClaim': {'claimName': name}}

    def unschedulable(self, name, message, seconds=0, volumes=()):
        self.unready(name)
        return self.pod(name, ready=False, phase='Pending', volumes=volumes, conditions=[
            {'type': 'PodScheduled', 'status': 'False', 'reason': 'Unschedulable', 'message': message, 'lastTransitionTime': stamp(-seconds)}])

    def job(self, name=JOB, **status):
        self.lists['jobs'][name]['status'] = status

    def hook(self, name, event='pre-install,pre-upgrade', **status):
        self.put('jobs', name, {'helm.sh/hook': event}, spec={'backoffLimit': 0}, status=status)

    def record(self):
        lines = [{'watch': 1, 'time': TIME, 'namespace': 'central', 'release': 'px-central'}]
        for r in RESOURCES:
            if r in self.silent:
                continue
            if r in self.state:
                lines.append({'at': 0, 'resource': r, 'change': 'state', 'kind': self.state[r], 'text': 'said so'})
            else:
                lines.append({'at': 0, 'resource': r, 'change': 'list', 'kind': 'ok', 'body': {'items': list(self.lists[r].values())}})
        return '\n'.join(json.dumps(line) for line in lines + self.more) + '\n'


CASES = []


def case(event, cause=''):
    def add(change):
        CASES.append((change.__name__.replace('_', ' '), event, cause, change))
        return change
    return add


# --- what is ready ----------------------------------------------------------------------------------------------------------


@case('ready')
def all_is_ready(s):
    pass


@case('deadline', 'Job pxcentral-post-install-hook: it is not there yet')
def without_its_post_install_job(s):
    del s.lists['jobs'][JOB]


@case('deadline', 'Deployment px-backup: it is not there yet')
def a_required_workload_is_not_there(s):
    del s.lists['deployments']['px-backup']


@case('ready')
def external_monitoring(s):
    del s.lists['deployments']['prometheus-operator']


@case('deadline', 'prometheus-px-backup-dashboard-prometheus: it is not there yet')
def a_custom_resource_without_its_stateful_set(s):
    s.put('prometheuses', 'px-backup-dashboard-prometheus')


@case('deadline', 'StatefulSet pxc-backup-mongodb: its rollout goes on')
def a_new_generation_that_nobody_saw(s):
    s.lists['statefulsets']['pxc-backup-mongodb']['metadata']['generation'] = 2


@case('deadline', 'StatefulSet pxc-backup-mongodb: its rollout goes on')
def a_stateful_set_between_revisions(s):
    s.workload('statefulsets', 'pxc-backup-mongodb', 3, 3, updateRevision='b', updatedReplicas=1)


@case('ready')
def on_delete_is_updated_by_hand(s):
    s.workload('statefulsets', 'pxc-backup-mongodb', 3, 3, updateRevision='b', updatedReplicas=0)
    s.lists['statefulsets']['pxc-backup-mongodb']['spec']['updateStrategy'] = {'type': 'OnDelete'}


@case('deadline', 'Deployment px-backup: its rollout goes on')
def an_old_pod_is_left(s):
    s.workload('deployments', 'px-backup', 1, 1, replicas=2)


@case('deadline', 'Deployment another: it has no pod yet')
def a_workload_of_the_release_that_no_table_knows(s):
    s.workload('deployments', 'another', 1, 0)


@case('ready')
def a_workload_of_somebody_else(s):
    s.workload('deployments', 'another', 1, 0)
    s.lists['deployments']['another']['metadata']['annotations'] = {'meta.helm.sh/release-name': 'other'}


@case('deadline', 'Deployment px-backup: it is scaled to 0 replicas')
def a_workload_of_the_chart_that_somebody_scaled_down(s):
    s.workload('deployments', 'px-backup', 0, 0)


@case('deadline', 'Deployment px-backup: it is not there yet')
def a_workload_of_the_chart_that_is_another_releases(s):
    s.lists['deployments']['px-backup']['metadata']['annotations'] = {'meta.helm.sh/release-name': 'other'}


@case('ready')
def jobs_of_the_product_itself(s):
    s.put('jobs', 'quick-maintenance-repo-1', status={'failed': 3, 'conditions': [{'type': 'Failed', 'status': 'True'}]})


@case('ready')
def a_failed_test_hook(s):
    s.hook('px-central-test', 'test', conditions=[{'type': 'Failed', 'status': 'True'}])


@case('ready')
def a_rollback_that_the_chart_refused(s):
    s.hook('pre-rollback-check', 'pre-rollback', conditions=[{'type': 'Failed', 'status': 'True'}])


@case('ready')
def failed_pods_of_a_job_that_completed(s):
    s.pod(JOB, 0, phase='Failed', ready=False, container={'state': {'terminated': {'exitCode': 1, 'reason': 'Error'}}})


# --- hooks ------------------------------------------------------------------------------------------------------------------


@case('failed', 'Job pre-upgrade-check: it failed')
def a_hook_of_an_upgrade_failed(s):
    s.hook('pre-upgrade-check', 'pre-upgrade', failed=1, conditions=[{'type': 'Failed', 'status': 'True', 'reason': 'BackoffLimitExceeded'}])


@case('deadline', 'Job pre-upgrade-check')
def a_hook_of_an_upgrade_runs(s):
    s.hook('pre-upgrade-check', 'pre-upgrade', active=1)


@case('failed', 'Pod pre-install-check-0: image')
def a_hook_whose_image_is_not_there(s):
    s.hook('pre-install-check', 'pre-install', active=1)
    s.pod('pre-install-check', ready=False, phase='Pending', container={'state': {'waiting': {
        'reason': 'ImagePullBackOff', 'message': 'Back-off pulling image "example.com/main:1": ErrImagePull: unauthorized'}}})


# --- images -----------------------------------------------------------------------------------------------------------------

PULLS = [  # what a registry says, and whether waiting cannot help
    ('failed to resolve reference "example.com/main:1": example.com/main:1: not found', True),
    ('pull access denied, repository does not exist or may require authorization', True),
    ('failed to authorize: failed to fetch anonymous token: unexpected status: 401 Unauthorized', True),
    ('manifest unknown: manifest unknown', True),
    ('tls: failed to verify certificate: x509: certificate signed by unknown authority', True),
    ('dial tcp: lookup example.com on 10.0.0.10:53: no such host', True),
    ('no match for platform in manifest', True),
    ('toomanyrequests: You have reached your pull rate limit', False),
    ('net/http: TLS handshake timeout', False),
    ('dial tcp 10.1.2.3:443: connect: connection refused', False),
    ('unexpected status from HEAD request: 503 Service Unavailable', False),
    ('read tcp: connection reset by peer', False),
    ('failed to copy: httpReadSeeker: failed open: unexpected EOF', False),
    ('dial tcp: lookup example.com: Temporary failure in name resolution', False),
]


def pull_case(number, message, final):
    def change(s):
        s.broken('px-backup', 'ImagePullBackOff', f'Back-off pulling image "example.com/main:1": ErrImagePull: {message}')
    CASES.append((f'pull {number}: {message[:40]}', 'failed' if final else 'deadline', 'image example.com/main:1 cannot be pulled', change))


for index, pull in enumerate(PULLS):
    pull_case(index, *pull)


@case('failed', 'image .* cannot be pulled: Failed to pull')
def the_registrys_words_are_in_an_event_alone(s):
    s.broken('px-backup', 'ImagePullBackOff', 'Back-off pulling image "example.com/main:1"')
    s.event('Pod/px-backup-abc-0', 'Failed', 'Failed to pull image "example.com/main:1": rpc error: code = NotFound desc = not found')


@case('deadline', 'image')
def an_image_whose_name_has_the_words(s):
    pod = s.broken('px-backup', 'ErrImagePull', 'failed to pull "example.com/denied/not found:1": nobody knows why')
    pod['status']['containerStatuses'][0]['image'] = 'example.com/denied/not found:1'


@case('failed', 'image')
def a_name_that_is_none(s):
    s.broken('px-backup', 'InvalidImageName', 'couldn\'t parse image reference')


# --- Secrets ----------------------------------------------------------------------------------------------------------------


@case('deadline', 'Secret pxc-backup-secret: key OIDC_CLIENT_SECRET is missing: the post-install Job makes it|Job pxcentral')
def the_post_install_job_still_makes_it(s):
    s.job(active=1)
    s.lists['secrets']['pxc-backup-secret']['data'] = {'OIDC_CLIENT_ID': True}
    s.broken('pxcentral-backend', 'CreateContainerConfigError', "couldn't find key OIDC_CLIENT_SECRET in Secret central/pxc-backup-secret")


@case('deadline', 'Secret px-central-admin: it is missing: the post-install Job has completed without it')
def the_post_install_job_completed_without_it(s):
    del s.lists['secrets']['px-central-admin']
    s.broken('pxcentral-backend', 'CreateContainerConfigError', 'secret "px-central-admin" not found')


@case('deadline', 'Secret pxcentral-mysql-secret is there now')
def a_message_that_is_older_than_the_secret(s):
    s.broken('pxcentral-mysql', 'CreateContainerConfigError', 'secret "pxcentral-mysql-secret" not found')


@case('failed', 'Secret pxcentral-mysql-secret: it is missing: the chart.s hooks make it, and they did not run')
def hooks_were_skipped(s):
    del s.lists['secrets']['pxcentral-mysql-secret']
    s.broken('pxcentral-mysql', 'CreateContainerConfigError', 'secret "pxcentral-mysql-secret" not found')


@case('deadline', 'Job pre-upgrade-check')
def hooks_still_run(s):
    hooks_were_skipped(s)
    s.hook('pre-upgrade-check', 'pre-upgrade', active=1)


@case('failed', 'Secret pxcentral-mysql-secret: it is missing')
def secrets_may_not_be_read(s):
    hooks_were_skipped(s)
    s.state['secrets'] = 'forbidden'


@case('failed', 'Secret px-proxy: key HTTPS_PROXY is missing: nothing in the installation makes it')
def a_key_that_nobody_makes(s):
    s.put('secrets', 'px-proxy', data={'HTTP_PROXY': True})
    s.broken('px-backup', 'CreateContainerConfigError', "couldn't find key HTTPS_PROXY in Secret central/px-proxy")


@case('failed', 'ConfigMap own-settings: it is missing: nothing')
def a_config_map_that_nobody_makes(s):
    s.broken('px-backup', 'CreateContainerConfigError', 'configmap "own-settings" not found')


@case('failed', 'Secret ca-certs: it is missing: nothing')
def a_volume_of_a_secret_that_is_not_there(s):
    s.broken('px-backup', 'ContainerCreating')
    s.event('Pod/px-backup-abc-0', 'FailedMount', 'MountVolume.SetUp failed for volume "ca" : secret "ca-certs" not found')


@case('failed', 'Secret ca-certs: key ca.crt is missing: nothing')
def a_volume_of_a_key_that_is_not_there(s):
    pod = s.broken('px-backup', 'ContainerCreating')
    pod['spec']['volumes'] = [{'name': 'ca', 'secret': {'secretName': 'ca-certs'}}]
    s.put('secrets', 'ca-certs', data={'other': True})
    s.event('Pod/px-backup-abc-0', 'FailedMount', 'MountVolume.SetUp failed for volume "ca" : references non-existent secret key: ca.crt')


@case('deadline', 'Pod px-backup-abc-0: it is being created')
def a_volume_that_was_mounted_since(s):
    a_volume_of_a_secret_that_is_not_there(s)
    s.event('Pod/px-backup-abc-0', 'Pulling', 'Pulling image', 0)


@case('deadline', 'Pod px-backup-abc-0: FailedAttachVolume')
def a_volume_that_another_node_still_has(s):
    s.broken('px-backup', 'ContainerCreating')
    s.event('Pod/px-backup-abc-0', 'FailedAttachVolume', 'Multi-Attach error for volume "pvc-1"')


# --- containers -------------------------------------------------------------------------------------------------------------

STARTS = [
    ('CreateContainerConfigError', 'container has runAsNonRoot and image will run as root', True),
    ('CreateContainerConfigError', 'failed to sync secret cache: timed out waiting for the condition', False),
    ('CreateContainerConfigError', 'services have not yet been read at least once, cannot construct envvars', False),
    ('RunContainerError', 'exec: "/start": stat /start: no such file or directory', True),
    ('CreateContainerError', 'context deadline exceeded', False),
    ('CreateContainerError', 'Error response: No command specified', True),
    ('SomethingNew', 'nobody knows this one', False),
]


def start_case(reason, message, final):
    CASES.append((f'start: {message[:40]}', 'failed' if final else 'deadline', 'Pod px-backup-abc-0: container main cannot',
                  lambda s: s.broken('px-backup', reason, message)))


for start in STARTS:
    start_case(*start)


def crash(s, name, restarts, code=1, reason='Error', started=-30):
    return s.broken(name, 'CrashLoopBackOff', 'back-off', restartCount=restarts, lastState={'terminated': {
        'exitCode': code, 'reason': reason, 'startedAt': stamp(started)}})


@case('deadline', r'ends again and again \(exit code 1, 4 restarts\)')
def four_crashes(s):
    crash(s, 'px-backup', 4)


@case('failed', r'ends again and again \(exit code 1, 5 restarts\)')
def five_crashes(s):
    crash(s, 'px-backup', 5)


@case('failed', r'ends again and again \(out of memory')
def three_times_out_of_memory(s):
    crash(s, 'px-backup', 3, 137, 'OOMKilled')


@case('deadline', 'ends again and again')
def crashes_from_before_its_database_was_ready(s):
    crash(s, 'px-backup', 9, started=-1000)


@case('deadline', 'StatefulSet pxc-backup-mongodb: it has no pod yet')
def crashes_behind_a_database_that_is_not_there(s):
    s.gone('pxc-backup-mongodb')
    crash(s, 'px-backup', 20)


@case('deadline', 'init container init runs')
def an_init_container_runs(s):
    s.unready('px-backup')
    s.pod('px-backup', init={'state': {'running': {}}, 'started': False}, container={'state': {'waiting': {'reason': 'PodInitializing'}}},
          ready=False, phase='Pending')


@case('deadline', 'container main runs and is not ready yet')
def a_native_sidecar_is_no_cause(s):
    s.unready('px-backup')
    s.pod('px-backup', init={'state': {'running': {}}, 'started': True}, ready=False)


@case('failed', 'image')
def an_init_container_without_its_image(s):
    s.unready('px-backup')
    s.pod('px-backup', init={'state': {'waiting': {'reason': 'ErrImageNeverPull'}}}, ready=False, phase='Pending')


@case('deadline', 'Deployment px-backup: its rollout goes on|it has no pod yet')
def an_evicted_pod_beside_its_successor(s):
    s.unready('px-backup')
    s.pod('px-backup', 0, ready=False, phase='Failed')


# --- scheduling and claims ----------------------------------------------------------------------------------------------------


@case('deadline', 'no node can take it: 0/3')
def unschedulable_for_a_minute(s):
    s.unschedulable('px-backup', '0/3 nodes are available: 3 Insufficient cpu.', 60)


@case('failed', 'no node can take it: 0/3')
def unschedulable_for_four_minutes(s):
    s.unschedulable('px-backup', '0/3 nodes are available: 3 Insufficient cpu.', 240)


@case('failed', 'no node can take it: 0/3')
def the_autoscaler_cannot_help(s):
    s.unschedulable('px-backup', '0/3 nodes are available: 3 Insufficient cpu.', 20)
    s.event('Pod/px-backup-abc-0', 'NotTriggerScaleUp', "pod didn't trigger scale-up: 1 max node group size reached")


@case('deadline', 'the autoscaler adds one')
def the_autoscaler_helps(s):
    s.unschedulable('px-backup', '0/3 nodes are available: 3 Insufficient cpu.', 240)
    s.event('Pod/px-backup-abc-0', 'TriggeredScaleUp', 'pod triggered scale-up')


def claim_case(name, event, cause, message=None, reason='ProvisioningFailed', mode='Immediate', known=True, phase='Pending', seconds=10):
    def change(s):
        if known:
            s.put('storageclasses', 'fast', volumeBindingMode=mode, provisioner='disk.csi.example.com')
        volume = s.claim('data-0', phase)
        s.unschedulable('pxcentral-keycloak-postgresql', 'pod has unbound immediate PersistentVolumeClaims', seconds, [volume])
        if message:
            s.event('PersistentVolumeClaim/data-0', reason, message)
    CASES.append((name, event, cause, change))


claim_case('a class that does not exist', 'failed', 'PersistentVolumeClaim data-0: StorageClass fast does not exist', known=False)
claim_case('a claim that nobody answers', 'deadline', 'PersistentVolumeClaim data-0: it waits for a volume of StorageClass fast')
claim_case('a provisioner that is asked', 'deadline', 'PersistentVolumeClaim data-0: ExternalProvisioning', 'waiting for a volume',
           'ExternalProvisioning')
claim_case('no space', 'deadline', 'data-0: ProvisioningFailed: .*ResourceExhausted', 'rpc error: code = ResourceExhausted desc = full')
claim_case('wrong parameters', 'failed', 'data-0: ProvisioningFailed: .*InvalidArgument', 'rpc error: code = InvalidArgument desc = type')
claim_case('a provisioner without rights', 'failed', 'data-0: .*PermissionDenied', 'rpc error: code = PermissionDenied desc = no')
claim_case('words that nobody knows', 'deadline', 'data-0: ProvisioningFailed: strange', 'strange')
claim_case('no class and no default', 'failed', 'data-0: FailedBinding', 'no persistent volumes available for this claim and no storage class is set',
           'FailedBinding')
claim_case('a volume that was lost', 'failed', 'data-0: its volume is lost', phase='Lost')
claim_case('the first consumer is the pod', 'deadline', 'Pod pxcentral-keycloak-postgresql-0: no node can take it', mode='WaitForFirstConsumer')
claim_case('a late volume that cannot be made', 'failed', 'data-0: .*InvalidArgument', 'rpc error: code = InvalidArgument desc = zone',
           mode='WaitForFirstConsumer')
claim_case('a claim that waits for long is no scheduler fault', 'deadline', 'PersistentVolumeClaim data-0', seconds=900)

# --- pods that are not made -----------------------------------------------------------------------------------------------------

CREATES = [
    ('pods "x" is forbidden: exceeded quota: q, requested: pods=1, used: pods=10, limited: pods=10', True),
    ('pods "x" is forbidden: failed quota: q: must specify limits.cpu', True),
    ('pods "x" is forbidden: violates PodSecurity "restricted:latest": seccompProfile', True),
    ('admission webhook "validate.example.com" denied the request: no', True),
    ('pods "x" is forbidden: maximum memory usage per Container is 1Gi', True),
    ('persistentvolumeclaims "data-0" is forbidden: exceeded quota: q, requested: requests.storage=64Gi', True),
    ('pods "x" is forbidden: status unknown for quota: q, resources: pods', False),
    ('Internal error occurred: failed calling webhook "v": failed to call webhook: Post "https://v": context deadline exceeded', False),
    ('pods "x" is forbidden: error looking up service account central/y: serviceaccount "y" not found', False),
]


def create_case(name, kind, message, final):
    def change(s):
        s.gone(name)
        if kind == 'ReplicaSet':
            s.put('replicasets', name + '-abc')['metadata'] |= {'ownerReferences': [{'kind': 'Deployment', 'name': name}],
                                                               'annotations': {'deployment.kubernetes.io/revision': '1'}}
        s.event(f'{kind}/{name}' + ('-abc' if kind == 'ReplicaSet' else ''), 'FailedCreate', 'Error creating: ' + message)
    CASES.append((f'{kind}: {message[:50]}', 'failed' if final else 'deadline', f'{name}: its pods cannot be created', change))


for create in CREATES:
    create_case('pxcentral-mysql', 'StatefulSet', *create)
    create_case('px-backup', 'ReplicaSet', *create)


@case('deadline', 'StatefulSet pxcentral-mysql: it has no pod yet')
def pods_are_made_again_since(s):
    s.gone('pxcentral-mysql')
    s.event('StatefulSet/pxcentral-mysql', 'FailedCreate', 'pods "x" is forbidden: exceeded quota: q', -60)
    s.event('StatefulSet/pxcentral-mysql', 'SuccessfulCreate', 'create Pod pxcentral-mysql-0', -10)


@case('ready')
def an_old_failure_to_create(s):
    s.event('StatefulSet/pxcentral-mysql', 'FailedCreate', 'pods "x" is forbidden: exceeded quota: q', -600)


@case('deadline', 'pods cannot be created: .*exceeded quota')
def pods_that_end_give_their_quota_back(s):
    s.gone('pxcentral-mysql')
    s.event('StatefulSet/pxcentral-mysql', 'FailedCreate', 'pods "x" is forbidden: exceeded quota: q')
    s.lists['pods']['pxc-backup-mongodb-2']['metadata']['deletionTimestamp'] = stamp(-5)


# --- the post-install Job ---------------------------------------------------------------------------------------------------------


@case('failed', 'StatefulSet pxcentral-keycloak: it has no pod yet')
def the_job_failed_behind_keycloak(s):
    s.gone('pxcentral-keycloak')
    s.job(failed=6, conditions=[{'type': 'Failed', 'status': 'True', 'reason': 'BackoffLimitExceeded'}])


@case('deadline', 'attempt 3 of 6, after 2 failed')
def the_job_tries_again(s):
    s.job(active=1, failed=2)


@case('deadline', 'it is suspended')
def the_job_is_suspended(s):
    s.job()
    s.lists['jobs'][JOB]['spec']['suspend'] = True


# --- telemetry --------------------------------------------------------------------------------------------------------------------


def telemetry(s):
    for name in ('px-backup-telemetry-registration', 'px-backup-telemetry-logs-collector'):
        s.workload('deployments', name, 1, 0)


@case('ready', 'telemetry-registration: .*runs and is not ready')
def telemetry_offline(s):
    telemetry(s)
    s.pod('px-backup-telemetry-registration', ready=False)


@case('ready', 'telemetry-registration: .*needs the vendor.s cloud')
def telemetry_without_its_appliance(s):
    telemetry(s)
    s.broken('px-backup-telemetry-registration', 'CreateContainerConfigError', 'configmap "px-backup-telemetry-config" not found')


@case('deadline', 'px-backup-telemetry-registration: it has no pod yet')
def telemetry_is_being_created(s):
    telemetry(s)


@case('ready', 'telemetry-registration: .*image')
def telemetry_without_its_image(s):
    telemetry(s)
    s.broken('px-backup-telemetry-registration', 'ImagePullBackOff', 'manifest unknown')


# --- the ground -------------------------------------------------------------------------------------------------------------------


@case('failed', 'Namespace central: it is being deleted')
def the_namespace_is_deleted(s):
    s.lists['namespaces']['central']['metadata']['deletionTimestamp'] = stamp(0)


@case('deadline', 'release px-central: it is not there yet')
def an_empty_namespace(s):
    for r in ('pods', 'deployments', 'statefulsets', 'jobs', 'secrets'):
        s.lists[r] = {}


@case('deadline', 'Namespace central: it does not exist')
def no_namespace_yet(s):
    an_empty_namespace(s)
    s.lists['namespaces'] = {}


@case('deadline', 'the API server: the connection was refused')
def the_api_server_is_away(s):
    five_crashes(s)
    s.more += [{'at': 1, 'resource': r, 'change': 'state', 'kind': 'refused', 'text': 'x'} for r in RESOURCES]
    s.state = {r: 'refused' for r in RESOURCES}


@case('deadline', 'the API server')
def nothing_is_ready_while_the_api_server_is_away(s):
    s.more += [{'at': 0, 'resource': 'jobs', 'change': 'state', 'kind': 'busy', 'text': 'x'}]
    s.lists['statefulsets']['pxcentral-mysql']['status']['readyReplicas'] = 0


@case(None, 'the list of deployments: the credentials lack the right')
def deployments_may_not_be_read(s):
    s.state['deployments'] = 'forbidden'


@case('deadline', 'the API server: it has not answered yet: the list of jobs')
def an_essential_list_hangs(s):
    s.silent = {'jobs'}
    s.more += [{'at': 6000}]


@case('deadline', 'the API server: it has not answered yet: the list of deployments')
def a_record_that_was_cut(s):
    s.silent = set(RESOURCES[1:])


@case('failed', 'Secret px-proxy: it is missing')
def a_list_of_causes_hangs(s):
    s.silent = {'events', 'replicasets'}
    s.broken('px-backup', 'CreateContainerConfigError', 'secret "px-proxy" not found')
    s.more += [{'at': 6000}, {'at': 9000}]


@case('deadline', 'Deployment px-backup: it is being deleted')
def a_deployment_that_is_being_deleted(s):
    s.lists['deployments']['px-backup']['metadata']['deletionTimestamp'] = stamp(0)


@case('deadline', 'StatefulSet pxcentral-mysql: it is being deleted')
def a_stateful_set_that_is_being_deleted(s):
    s.lists['statefulsets']['pxcentral-mysql']['metadata']['deletionTimestamp'] = stamp(0)


@case('ready')
def a_right_that_comes(s):
    s.state['deployments'] = 'forbidden'
    s.more += [{'at': 500}, {'at': 1000, 'resource': 'deployments', 'change': 'list', 'kind': 'ok',
                             'body': {'items': list(State().lists['deployments'].values())}}]


@case('failed', 'Secret px-two: it is missing')
def one_missing_secret_after_another(s):
    # The second one shows for a moment only when the first one has come: its own time counts.
    s.broken('px-backup', 'CreateContainerConfigError', 'secret "px-one" not found')
    there = s.lists['pods']['px-backup-abc-0']
    other = json.loads(json.dumps(there).replace('px-one', 'px-two'))
    s.more += [{'at': 1900}, {'at': 1950, 'resource': 'pods', 'change': 'modified', 'kind': 'ok', 'body': other},
               {'at': 2050}, {'at': 4100}]


@case('ready')
def another_missing_secret_that_comes(s):
    s.broken('px-backup', 'CreateContainerConfigError', 'secret "px-one" not found')
    there = s.lists['pods']['px-backup-abc-0']
    other = json.loads(json.dumps(there).replace('px-one', 'px-two'))
    done = State().lists
    s.more += [{'at': 1900}, {'at': 1950, 'resource': 'pods', 'change': 'modified', 'kind': 'ok', 'body': other}, {'at': 2300},
               {'at': 2500, 'resource': 'pods', 'change': 'modified', 'kind': 'ok', 'body': done['pods']['px-backup-abc-0']},
               {'at': 2500, 'resource': 'deployments', 'change': 'modified', 'kind': 'ok', 'body': done['deployments']['px-backup']}]


@case('ready')
def a_list_that_hangs_is_no_failure(s):
    s.silent = {'events'}
    s.more += [{'at': 6000}]


@case('ready')
def events_and_secrets_may_not_be_read(s):
    s.state |= {'events': 'forbidden', 'secrets': 'forbidden', 'prometheuses': 'no-api', 'namespaces': 'forbidden'}


@case('failed', 'Secret px-proxy: it is missing')
def a_missing_secret_must_stay_missing(s):
    s.broken('px-backup', 'CreateContainerConfigError', 'secret "px-proxy" not found')
    s.more += [{'at': 2500}]


@case('ready')
def a_secret_that_comes_in_time(s):
    s.broken('px-backup', 'CreateContainerConfigError', 'secret "px-proxy" not found')
    s.more += [{'at': 500}, {'at': 1000, 'resource': 'secrets', 'change': 'added', 'kind': 'ok', 'body': {'metadata': {'name': 'px-proxy'}, 'data': {}}}]
    done = State().lists
    s.more += [{'at': 3000, 'resource': 'pods', 'change': 'modified', 'kind': 'ok', 'body': done['pods']['px-backup-abc-0']},
               {'at': 3000, 'resource': 'deployments', 'change': 'modified', 'kind': 'ok', 'body': done['deployments']['px-backup']}]


# --- objects that are strange -----------------------------------------------------------------------------------------------------


@case('deadline')
def objects_without_what_they_should_have(s):
    for r in RESOURCES:
        for o in s.lists[r].values():
            o.pop('status', None)
            o.pop('spec', None)


@case('deadline')
def fields_of_other_types(s):
    for r in RESOURCES:
        for o in s.lists[r].values():
            o['status'] = [1, {'conditions': 'x'}]
            o['spec'] = 'x'
            o['metadata']['ownerReferences'] = {'kind': 'Job'}


@case('deadline', r'no node can take it: \\x1b\[2J a\\u202eb \*\*\*')
def what_a_stranger_wrote(s):
    s.unschedulable('px-backup', '\x1b[2J\na\u202eb ' + 'A' 'KIA' + 'QYLPMN5HNM' + '4XTPGR')


def run(binary, name, event, cause, change):
    s = State()
    change(s)
    done = subprocess.run([binary, 'watch', '--from', '-', '-o', 'json'], input=s.record().encode(), capture_output=True, check=False, timeout=60)
    code = {'ready': 0, 'failed': 1, 'deadline': 5, None: 5}[event]
    if event is None:
        told, got = done.stderr.decode(), None
    else:
        lines = done.stdout.splitlines()
        last = json.loads(lines[-1]) if lines else {}
        got = last.get('event')
        told = f'{last["cause"]["subject"]}: {last["cause"]["text"]}' if last.get('cause') else last.get('degraded', '')
    if done.returncode == code and got == event and re.search(cause, told):
        return None
    return f'{name}: exit code {done.returncode}, {got}: {told}, not {code}, {event}: {cause} {done.stderr.decode()}'


def on_terminals(binary):
    """Small terminals get lines: what cannot be drawn over smears. On others a long cause is wrapped, not cut."""
    s, faults = State(), []
    words = ' '.join(f'word{i}' for i in range(30))
    s.unschedulable('px-backup', words)
    with tempfile.NamedTemporaryFile('w', suffix='.jsonl') as f:
        f.write(s.record())
        f.flush()
        for columns, rows in ((10, 24), (20, 24), (60, 24), (80, 5), (80, 15)):
            text, code = screen.show(binary, f.name, columns, rows)
            if screen.WIPE.search(text) or '\x1b[K' in text:
                faults.append(f'a terminal of {columns} columns and {rows} rows is drawn over')
            if code != 5:
                faults.append(f'a terminal of {columns} columns and {rows} rows: exit code {code}')
        for columns in (61, 70, 160):
            wrong, screens, _ = screen.check(binary, f.name, columns)
            faults += wrong
            if '\x1b[K' not in screen.show(binary, f.name, columns)[0]:
                faults.append(f'{columns} columns are not drawn on')
            if words not in ' '.join(' '.join(screens[0]).split('deadline: release')[0].split()):
                faults.append(f'{columns} columns: the cause is cut: {screens[0]}')
    return faults


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--bin', default=os.path.join(ROOT, 'build', 'pxb-fed'))
    options = parser.parse_args()
    faults = [f for f in (run(os.path.abspath(options.bin), *c) for c in CASES) if f]
    faults += on_terminals(os.path.abspath(options.bin))
    print(*faults, sep='\n')
    print(f'{len(CASES) + 1 - len(faults)} passed, {len(faults)} failed')
    return bool(faults)


if __name__ == '__main__':
    sys.exit(main())
