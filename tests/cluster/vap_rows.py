"""What tests/cluster/vap.py tries: policies by namespace, objects, and what the API server says of them."""
import dataclasses
import json

from objects import (CLASS, FLAG, backup, check_job, claim, configmap, container, deployment, encoded, monitoring, pod, secret,
                     statefulset, thing, ui, virtual_service, workload)

HEAD = 'apiVersion: pxb-fed/v1\nkind: Policy\n'
REGISTRY = 'registry: {host: "registry.example.com:5000", repository: pxb, pullSecret: docregistry-secret}\n'
FULL = HEAD + 'storageClassName: px-csi-db\ntelemetry: forbidden\n' + REGISTRY + \
    'serviceMesh: {mode: istio, sharedGateway: true, hostName: pxb.example.com}\n'

LOCK = 'LOCK'  # stands for a lock of the fixture chart in that namespace

POLICIES = {  # namespace: (policy, options); each namespace is an installation of its own
    'central': (HEAD + 'namespace: central\nstorageClassName: px-csi-db\n', []),
    'guarded': (FULL + 'namespace: guarded\ncredentials: {names: [house-key]}\n', []),
    'before': (FULL + 'namespace: before\n', []),  # holds objects that were there before its policies
    'open': (HEAD, ['--release-namespace', 'open']),
    'soft': (FULL + 'namespace: soft\nseverity: {storage-class: warning, image-registry: note, plain-secret: error, mesh-mode: warning}\n', []),
    'audited': (FULL + 'namespace: audited\n', ['--audit']),
    'demanding': (HEAD + 'namespace: demanding\ntelemetry: required\nregistry: {host: registry.example.com:5000}\n'
                  'serviceMesh: {mode: none, hostName: pxb.example.com}\n', ['--params-namespace', 'kube-public']),
    'locked': (HEAD, ['--lock', LOCK]),
    'pruned': (FULL + 'namespace: pruned\n', []),
    'meshed': (HEAD + 'namespace: meshed\nserviceMesh: {mode: linkerd}\n', []),
    'excepted': (FULL + '''namespace: excepted
severity: {plain-secret: error}
exceptions:
- {rule: plain-secret, object: ConfigMap/known, path: data.OIDC_CLIENT_SECRET, reason: kept, expires: 9999-12-31}
- {rule: plain-secret, object: ConfigMap/late, path: data.OIDC_CLIENT_SECRET, reason: over, expires: 2020-01-01}
- {rule: cloud-credential, object: Secret/known, path: 'data["cloud.key.AWS_ACCESS_KEY"]', reason: kept, expires: 9999-12-31}
- {rule: cloud-credential, object: Secret/known, path: data.cloud, reason: kept, expires: 9999-12-31}
- {rule: cloud-credential, object: Deployment/known, path: 'spec.template.spec.containers[main].env[AWS_SECRET_KEY].value', reason: kept, expires: 9999-12-31}
- {rule: image-registry, object: Deployment/known, path: 'spec.template.spec.containers[old].image', reason: kept, expires: 9999-12-31}
- {rule: image-registry, object: Job/known, reason: kept, expires: 9999-12-31}
- {rule: storage-class, object: PersistentVolumeClaim/known, path: spec.storageClassName, reason: kept, expires: 9999-12-31}
- {rule: telemetry, object: Deployment/px-backup-telemetry-known, reason: kept, expires: 9999-12-31}
''', []),
}


@dataclasses.dataclass
class Row:
    namespace: str
    name: str
    obj: dict
    says: str = None  # None: admitted, without a warning
    warning: bool = False
    change: dict = None  # a merge patch of an object that is there
    sub: str = ''
    user: str = None


def key(*parts):
    """Put together here, so that no file holds the like of a credential."""
    return ''.join(parts)


AWS_ID = key('AK', 'IA', 'QWERTYUIOPASDFGH')
AWS_SECRET = key('wJalrXUtnFEMI', 'K7MDENGbPxRfiCY', 'abcdefghijkl')
AZURE_SECRET = key('aB1', '8Q', '~', 'abcDEF123ghiJKL456mnoPQR789stuVWX0')
STORAGE_KEY = key('Ab1' * 25, 'x', '+A', 'St', 'Ab1xyA', '==')
GOOGLE_KEY = key('AI', 'za', 'SyA1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q')
DO_TOKEN = key('dop', '_v1_', '0123456789abcdef' * 4)

REGISTRY_SAYS = 'pxb-fed[image-registry]: the image of container %s does not come from registry.example.com:5000/pxb/; fix: --set images.registry and images.repo'
NAME_SAYS = 'pxb-fed[cloud-credential]: key %s is the name of a cloud credential, and Federated mode stores none centrally; fix: use the provider\'s workload identity'
VALUE_SAYS = 'pxb-fed[cloud-credential]: the value of key %s is or contains a cloud credential, and Federated mode stores none centrally; fix: use the provider\'s workload identity'
ENV_SAYS = 'pxb-fed[cloud-credential]: env %s contains a cloud credential, and Federated mode stores none centrally; fix: use the provider\'s workload identity'
REFERENCE_SAYS = 'pxb-fed[cloud-credential-reference]: env %s points at a cloud credential in the cluster, and Federated mode stores none centrally; fix: use the provider\'s workload identity'
CLAIM_SAYS = 'pxb-fed[storage-class]: claim %s must name StorageClass px-csi-db, which can never be changed; fix: --set persistentStorage.storageClassName=px-csi-db'
TEMPLATE_SAYS = 'pxb-fed[storage-class]: claim template %s must name StorageClass px-csi-db, which can never be changed; fix: --set persistentStorage.storageClassName=px-csi-db'
BACKUP_SAYS = 'pxb-fed[federated-flag]: Deployment px-backup needs env PX_BACKUP_FEDERATED in container px-backup exactly once, with the value "true"; fix: --set pxbackup.federated=true'
UI_SAYS = 'pxb-fed[federated-flag]: ConfigMap pxcentral-ui-configmap needs data.PX_BACKUP_FEDERATED with the value "true"; fix: --set pxbackup.federated=true (px-central 3.0.0 or later)'
JOB_SAYS = 'pxb-fed[federated-flag]: this Job needs env PX_BACKUP_FEDERATED exactly once, with the value "true"; fix: --set pxbackup.federated=true'
MESH_SAYS = 'pxb-fed[mesh-mode]: container %s has a SERVICE_MESH that serviceMesh.mode %s does not allow; fix: set istio.enabled and linkerd.enabled accordingly'
MARK_SAYS = 'pxb-fed[mesh-mode]: the pods carry %s, which serviceMesh.mode %s does not allow (Istio: sidecars only); fix: remove it'
PLAIN_SAYS = 'pxb-fed[plain-secret]: the value of %s is in clear text; fix: keep it in a Secret that is made outside the chart'
EPHEMERAL_SAYS = 'pxb-fed[storage-ephemeral]: the data of %s must be on a claim, not in the pod; fix: --set persistentStorage.enabled=true'
PULL_SAYS = 'pxb-fed[image-registry]: the pods of %s have no pull secret docregistry-secret; fix: --set images.pullSecrets[0]=docregistry-secret'

ELSEWHERE = 'docker.io/library/busybox:1'
FLAGS_OFF = {'name': 'PX_BACKUP_FEDERATED', 'value': 'false'}
FROM_SECRET = {'secretKeyRef': {'name': 'x', 'key': 'y'}}
FINE = configmap({'colour': 'blue'})


def env(name, value=None, source=None):
    return {'name': name, **({'value': value} if value is not None else {}), **({'valueFrom': source} if source else {})}


def no_pull_secret(obj):
    del obj['spec']['template']['spec']['imagePullSecrets']
    return obj


def refused(namespace, says, *rows):
    return [Row(namespace, name, obj, says % what if what else says) for name, obj, what in rows]


def warned(namespace, says, *rows):
    return [dataclasses.replace(r, warning=True) for r in refused(namespace, says, *rows)]


def admitted(namespace, *rows):
    return [Row(namespace, name, obj) for name, obj in rows]


IMAGES = [(kind + ' with an image from elsewhere', workload(kind, pod([container(image=ELSEWHERE)])), 'main')
          for kind in ('Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet', 'ReplicationController', 'Job', 'CronJob', 'Pod')]
ENVS = [(kind + ' with a credential in env', workload(kind, pod([container(env=[env('AWS_SECRET_ACCESS_KEY', AWS_SECRET)])])), 'AWS_SECRET_ACCESS_KEY')
        for kind in ('Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet', 'Job', 'CronJob', 'Pod')]
VALUES = [('an access key id', AWS_ID), ('an Entra client secret', AZURE_SECRET), ('a storage account key', STORAGE_KEY),
          ('an API key', GOOGLE_KEY), ('a personal access token', DO_TOKEN)]
FILES = [('a credentials file', '[default]\naws_secret_access_key = ' + AWS_SECRET + '\n'),
         ('the same, one byte further', '[default]\n\naws_secret_access_key = ' + AWS_SECRET + '\n'),
         ('the same, two bytes further', '[default]\n\n\naws_secret_access_key = ' + AWS_SECRET + '\n'),
         ('an environment file', 'AWS_SECRET_ACCESS_KEY=' + AWS_SECRET + '\n'),
         ('a connection string', 'DefaultEndpointsProtocol=https;AccountName=x;AccountKey=' + STORAGE_KEY),
         ('a service account', json.dumps({'type': 'service_account', 'private_key_id': '0123456789abcdef' * 2}))]

ROWS = [
    # --- the mode
    *refused('guarded', BACKUP_SAYS,
             ('px-backup with the flag off', backup([FLAGS_OFF]), None),
             ('px-backup without the flag', backup([]), None),
             ('px-backup with the flag twice', backup([FLAG, FLAG]), None),
             ('px-backup with the flag twice, the last one right', backup([FLAGS_OFF, FLAG]), None),
             ('px-backup with the flag from elsewhere', backup([env('PX_BACKUP_FEDERATED', source=FROM_SECRET)]), None),
             ('px-backup with another spelling', backup([env('PX_BACKUP_FEDERATED', 'True')]), None),
             ('px-backup with the flag in another container', backup([FLAG], name='sidecar'), None)),
    *refused('guarded', UI_SAYS, ('the UI with the flag off', ui('false'), None), ('the UI without the flag', ui(None), None),
             ('the UI without data', thing('v1', 'ConfigMap', 'pxcentral-ui-configmap'), None)),
    *[r for name in ('pxcentral-post-install-hook', 'pre-install-check', 'pre-upgrade-check') for r in
      refused('guarded', JOB_SAYS, (name + ' with the flag off', check_job(name, [FLAGS_OFF]), None),
              (name + ' without the flag', check_job(name, []), None), (name + ' with it twice', check_job(name, [FLAG, FLAG]), None),
              (name + ' off in one of two', check_job(name, ([FLAG], [FLAGS_OFF]), ('a', 'b')), None))],
    *admitted('guarded', ('px-backup', backup()), ('the UI', ui()), ('the UI with more', ui(APP_KEY='x')),
              ('the post-install Job', check_job('pxcentral-post-install-hook', [FLAG])), ('another Job', check_job('other', [FLAGS_OFF]))),

    # --- storage
    *refused('guarded', CLAIM_SAYS, ('a claim of another class', claim('gp3'), 'data'), ('a claim without a class', claim(None), 'data'),
             ('a claim of the empty class', claim(''), 'data'),
             ('a claim with the annotation of old', claim(annotations={'volume.beta.kubernetes.io/storage-class': 'gp3'}), 'data')),
    *refused('guarded', TEMPLATE_SAYS, ('a claim template of another class', statefulset(templates=[('a',), ('b', 'gp3')]), 'b'),
             ('two claim templates of another class', statefulset(templates=[('a', 'gp3'), ('b', 'gp3')]), 'a (and 1 more)'),
             ('a claim template without a class', statefulset(templates=[('a', None)]), 'a')),
    *refused('guarded', 'pxb-fed[storage-class]: the claim of %s must name StorageClass px-csi-db; fix: --set persistentStorage.storageClassName=px-csi-db',
             ('Prometheus of another class', monitoring(class_name='gp3'), 'px-backup-dashboard-prometheus'),
             ('Alertmanager without a class', monitoring('Alertmanager', 'px-backup-alertmanager', None), 'px-backup-alertmanager')),
    *refused('guarded', 'pxb-fed[storage-class]: env STORAGE_CLASS of this Job must say px-csi-db; fix: --set persistentStorage.storageClassName=px-csi-db',
             ('a check of another class', check_job('pre-install-check', [FLAG, env('STORAGE_CLASS', 'gp3')]), None),
             ('a check of no class', check_job('preflight-check', [env('STORAGE_CLASS')]), None)),
    *refused('guarded', EPHEMERAL_SAYS,
             ('a database in emptyDir', statefulset('pxc-backup-mongodb', volumes=[{'name': 'pxc-mongodb-data', 'emptyDir': {}}]), 'pxc-backup-mongodb'),
             ('a database without a volume', statefulset('pxcentral-keycloak-postgresql', [('other',)]), 'pxcentral-keycloak-postgresql')),
    *refused('guarded', 'pxb-fed[storage-ephemeral]: %s must keep its data on a claim; fix: --set persistentStorage.storageClassName=NAME',
             ('Prometheus without storage', monitoring(storage=None), 'px-backup-dashboard-prometheus'),
             ('Prometheus in emptyDir', monitoring(storage={'emptyDir': {}}), 'px-backup-dashboard-prometheus')),
    *refused('open', 'pxb-fed[storage-class]: claim data must name StorageClass NAME, which can never be changed; fix: --set persistentStorage.storageClassName=NAME',
             ('a claim of no class, where any would do', claim(None), None)),
    *admitted('guarded', ('a claim', claim()), ('a claim template', statefulset(templates=[('a',)])), ('no claim template', statefulset()),
              ('Prometheus', monitoring()), ('Alertmanager', monitoring('Alertmanager', 'px-backup-alertmanager')),
              ('somebody else\'s Prometheus', monitoring(name='pxcentral-prometheus', storage=None)),
              ('a check', check_job('preflight-check', [env('STORAGE_CLASS', CLASS)])),
              ('a database on its template', statefulset('pxc-backup-mongodb', [('pxc-mongodb-data',)])),
              ('a database of a later major version', statefulset('pxcentral-keycloak-postgresql', [('pxcentral-keycloak-data-postgres99',)])),
              ('a database on a claim', statefulset('pxcentral-mysql', volumes=[
                  {'name': 'pxcentral-mysql-volume', 'persistentVolumeClaim': {'claimName': 'x'}}]))),
    *admitted('open', ('a claim of some class', claim('gp3')), ('a check of any class', check_job('preflight-check', [env('STORAGE_CLASS', 'gp3')]))),

    # --- telemetry
    *[Row('guarded', 'a telemetry ' + o['kind'], o, 'pxb-fed[telemetry]: %s belongs to telemetry, which is forbidden; fix: --set telemetry.enabled=false' % o['metadata']['name'])
      for o in (configmap({}, 'px-backup-telemetry-config'), thing('v1', 'ServiceAccount', 'px-backup-telemetry'),
                deployment('px-backup-telemetry-logs-collector'), claim(name='px-backup-telemetry-storage'),
                thing('rbac.authorization.k8s.io/v1', 'Role', 'px-backup-telemetry-role', rules=[]))],
    *refused('guarded', 'pxb-fed[telemetry]: env TELEMETRY_ENABLED switches telemetry on, which is forbidden; fix: --set telemetry.enabled=false',
             ('px-backup with telemetry', backup([FLAG, env('TELEMETRY_ENABLED', 'true')]), None)),
    *refused('demanding', 'pxb-fed[telemetry]: Deployment px-backup needs env TELEMETRY_ENABLED: telemetry is required; fix: --set telemetry.enabled=true',
             ('px-backup without telemetry', backup(mesh=''), None),
             ('px-backup with telemetry off', backup([FLAG, env('TELEMETRY_ENABLED', 'false')], mesh=''), None)),
    *admitted('guarded', ('px-backup with telemetry off', backup([FLAG, env('TELEMETRY_ENABLED', 'false')]))),
    *admitted('demanding', ('px-backup with telemetry', backup([FLAG, env('TELEMETRY_ENABLED', 'true')], mesh='')),
              ('a telemetry object', configmap({}, 'px-backup-telemetry-config'))),
    *admitted('central', ('px-backup with telemetry, where it is allowed', backup([FLAG, env('TELEMETRY_ENABLED', 'true')]))),

    # --- what a lock adds
    *refused('locked', CLAIM_SAYS, ('a claim of another class', claim('gp3'), 'data')),
    *refused('locked', 'pxb-fed[encryption-locked]: env ENCRYPT_MONGODB must stay as the lock has it (encryption off), or the database cannot be read; fix: --set pxbackup.encryptMongoDB accordingly',
             ('px-backup with encryption', backup([FLAG, env('ENCRYPT_MONGODB', 'true')]), None)),
    *admitted('locked', ('px-backup', backup()), ('px-backup without encryption', backup([FLAG, env('ENCRYPT_MONGODB', 'false')])), ('a claim', claim())),

    # --- mesh
    *refused('guarded', MESH_SAYS, ('another mesh', backup(mesh='linkerd'), ('px-backup', 'istio')), ('no mesh', backup(mesh=''), ('px-backup', 'istio')),
             ('a mesh from elsewhere', deployment('x', pod([container(env=[env('SERVICE_MESH', source=FROM_SECRET)])])), ('main', 'istio')),
             ('another mesh in an init container', deployment('x', pod(initContainers=[container('init', [env('SERVICE_MESH', 'linkerd')])])), ('init', 'istio')),
             ('another mesh in Prometheus', monitoring(containers=[{'name': 'prometheus', 'env': [env('SERVICE_MESH', 'linkerd')]}]), ('prometheus', 'istio'))),
    *refused('demanding', MESH_SAYS, ('a mesh where there is none', deployment('x', pod([container(env=[env('SERVICE_MESH', 'istio')])])), ('main', 'none'))),
    *refused('central', MESH_SAYS, ('an unknown mesh', deployment('x', pod([container(env=[env('SERVICE_MESH', 'consul')])])), ('main', 'any'))),
    *refused('guarded', MARK_SAYS, ('ambient pods', deployment(labels={'istio.io/dataplane-mode': 'ambient'}), ('istio.io/dataplane-mode', 'istio')),
             ('Linkerd injected', deployment(annotations={'linkerd.io/inject': 'enabled'}), ('linkerd.io/inject', 'istio'))),
    *refused('meshed', MARK_SAYS, ('Istio injected by label', deployment(labels={'sidecar.istio.io/inject': 'true'}), ('sidecar.istio.io/inject', 'linkerd')),
             ('Istio injected by annotation', deployment(annotations={'sidecar.istio.io/inject': 'true'}), ('sidecar.istio.io/inject', 'linkerd'))),
    *admitted('guarded', ('Istio injected', deployment(labels={'sidecar.istio.io/inject': 'true'})),
              ('Linkerd switched off', deployment(annotations={'linkerd.io/inject': 'disabled'}))),
    *admitted('meshed', ('Linkerd', backup(mesh='linkerd', annotations={'linkerd.io/inject': 'enabled'}))),
    *admitted('demanding', ('no mesh', deployment('x', pod([container(env=[env('SERVICE_MESH', '')])]))),
              ('no mesh, no value', deployment('x', pod([container(env=[env('SERVICE_MESH')])])))),
    *[Row(ns, 'a VirtualService of %s, %s' % (hosts, version), virtual_service(hosts, version=version),
          'pxb-fed[mesh-hostname]: VirtualService pxcentral-virtualservice must take host pxb.example.com and no other; fix: --set istio.hostName=pxb.example.com', ns == 'demanding')
      for ns in ('guarded', 'demanding') for hosts, version in ((['*'], 'v1beta1'), ([], 'v1'), (['pxb.example.com', 'other'], 'v1alpha3'))],
    *admitted('guarded', ('the VirtualService', virtual_service(['pxb.example.com'])), ('another VirtualService', virtual_service(['*'], 'other'))),

    # --- images
    *refused('guarded', REGISTRY_SAYS, *IMAGES, ('an init container\'s image from elsewhere', deployment('x', pod(initContainers=[container('init', image=ELSEWHERE)])), 'init'),
             ('three images from elsewhere', deployment('x', pod([container(n, image=ELSEWHERE) for n in 'abc'])), 'a (and 2 more)'),
             ('an image from the right host, another path', deployment('x', pod([container(image='registry.example.com:5000/other/x:1')])), 'main'),
             ('an image whose host only begins so', deployment('x', pod([container(image='registry.example.com:50001/pxb/x:1')])), 'main'),
             ('an image of Prometheus from elsewhere', monitoring(containers=[{'name': 'prometheus', 'image': ELSEWHERE}]), 'prometheus')),
    *refused('guarded', 'pxb-fed[image-registry]: the image of %s does not come from registry.example.com:5000/pxb/; fix: --set images.registry and images.repo',
             ('spec.image of Prometheus', monitoring(image=ELSEWHERE), 'px-backup-dashboard-prometheus'),
             ('spec.thanos.image of Prometheus', monitoring(thanos={'image': ELSEWHERE}), 'px-backup-dashboard-prometheus')),
    *refused('guarded', 'pxb-fed[image-registry]: --prometheus-config-reloader of container main does not come from registry.example.com:5000/pxb/; fix: --set images.registry and images.repo',
             ('the reloader\'s image from elsewhere', deployment('x', pod([container(args=['--prometheus-config-reloader=' + ELSEWHERE])])), None)),
    *refused('guarded', 'pxb-fed[image-registry]: env POSTGRES_TARGET_IMAGE does not come from registry.example.com:5000/pxb/; fix: --set images.registry and images.repo',
             ('the upgrade\'s database from elsewhere', check_job('pre-upgrade-check', [FLAG, env('POSTGRES_TARGET_IMAGE', ELSEWHERE)]), None)),
    *refused('guarded', PULL_SAYS, ('no pull secret', no_pull_secret(deployment('x')), 'x'),
             ('another pull secret', deployment('x', pod(imagePullSecrets=[{'name': 'other'}])), 'x')),
    *refused('demanding', 'pxb-fed[image-registry]: the image of container main does not come from registry.example.com:5000/; fix: --set images.registry and images.repo',
             ('an image from elsewhere', workload('Pod', pod([container(image=ELSEWHERE)])), None)),
    *admitted('guarded', *[(kind + ' with the right image', workload(kind, pod())) for kind in ('Deployment', 'DaemonSet', 'ReplicaSet', 'Job', 'CronJob', 'Pod')],
              ('containers of Prometheus without an image', monitoring(containers=[{'name': 'config-reloader'}])),
              ('the reloader', deployment('x', pod([container(args=['--prometheus-config-reloader=registry.example.com:5000/pxb/r:1', '--other=1'])])))),
    *admitted('demanding', ('any repository, no pull secret', no_pull_secret(deployment('x', pod([container(image='registry.example.com:5000/x:1')]))))),
    *admitted('central', ('any image', workload('Pod', pod([container(image=ELSEWHERE)])))),

    # --- credentials by name
    *refused('guarded', NAME_SAYS, *[('a Secret with ' + k, secret({k: AWS_SECRET}), k) for k in (
        'AWS_SECRET_ACCESS_KEY', 'aws-secret-access-key', 'awsSecretAccessKey', 'VELERO_AWS_SECRET_ACCESS_KEY', 'my.deep.AZURE_CLIENT_SECRET', 'accessKeyID',
        'azurestorageaccountkey', 'a-b-c-d-e-f-g-OS_PASSWORD', 'house-key', 'HOUSE_KEY')],
        ('a Secret with two', secret({'AWS_ACCESS_KEY_ID': 'abcd', 'AWS_SECRET_ACCESS_KEY': AWS_SECRET}), 'AWS_ACCESS_KEY_ID (and 1 more)'),
        ('stringData', thing('v1', 'Secret', 's', stringData={'AWS_SECRET_ACCESS_KEY': AWS_SECRET}), 'AWS_SECRET_ACCESS_KEY'),
        ('a ConfigMap', configmap({'AZURE_STORAGE_KEY': AWS_SECRET}), 'AZURE_STORAGE_KEY'),
        ('binaryData', thing('v1', 'ConfigMap', 'c', binaryData={'AZURE_STORAGE_KEY': encoded(AWS_SECRET)}), 'AZURE_STORAGE_KEY'),
        ('a record of Helm with a credential beside it', secret({'release': 'x', 'AWS_SECRET_KEY': AWS_SECRET}, 'sh.helm.release.v1.x.v1', 'helm.sh/release.v1'), 'AWS_SECRET_KEY'),
        ('a record of Helm by type only', secret({'AWS_SECRET_KEY': AWS_SECRET}, 'x', 'helm.sh/release.v1'), 'AWS_SECRET_KEY'),
        ('a Secret that is named by the server', thing('v1', 'Secret', None, metadata={'generateName': 'x-', 'name': ''}, stringData={'AWS_SECRET_KEY': AWS_SECRET}), 'AWS_SECRET_KEY')),
    *refused('guarded', ENV_SAYS, *ENVS, ('an init container', deployment('x', pod(initContainers=[container('i', [env('S3_SECRET_KEY', AWS_SECRET)])])), 'S3_SECRET_KEY'),
             ('Prometheus', monitoring(containers=[{'name': 'p', 'env': [env('AWS_SECRET_KEY', AWS_SECRET)]}]), 'AWS_SECRET_KEY')),
    Row('guarded', 'a name too long to be told', deployment('x', pod([container(env=[env('A' * 6000 + '_AWS_SECRET_KEY', AWS_SECRET)])])),
        "pxb-fed[cloud-credential]: see 'pxb-fed explain cloud-credential'"),
    *refused('guarded', REFERENCE_SAYS, ('env from a Secret', deployment('x', pod([container(env=[env('AWS_SECRET_KEY', source=FROM_SECRET)])])), 'AWS_SECRET_KEY'),
             ('env from a ConfigMap', workload('CronJob', pod([container(env=[env('AWS_SECRET_KEY', source={'configMapKeyRef': {'name': 'x', 'key': 'y'}})])])), 'AWS_SECRET_KEY')),
    *admitted('guarded', *[('a Secret with ' + k, secret({k: AWS_SECRET})) for k in (
        'password', 'mongodb-root-password', 'AWS_ROLE_ARN', 'access_key', 'client_secret', 'tlsHostKey', 'AWS_SECRET_ACCESS_KEY_OLD', 'accessKeyID.note', 'MY_HOUSE_KEY', 'AWS_SHARED_CREDENTIALS_FILE')],
        ('empty and short values', secret({'AWS_SECRET_ACCESS_KEY': '', 'AWS_SECRET_KEY': 'seven77'})),
        ('references', configmap({'AWS_SECRET_KEY': '$(AWS_SECRET_KEY)', 'AZURE_STORAGE_KEY': '${AZURE_STORAGE_KEY}', 'DO_TOKEN': '{{ .Values.token }}', 'S3_SECRET_KEY': '<S3_SECRET_KEY>'})),
        ('references in a Secret', secret({'AWS_SECRET_KEY': '$(AWS_SECRET_KEY)', 'DO_TOKEN': '{{ .Values.token }}', 'S3_SECRET_KEY': '<S3_SECRET_KEY>'})),
        ('a record of Helm', secret({'release': STORAGE_KEY}, 'sh.helm.release.v1.x.v1', 'helm.sh/release.v1')),
        ('a record of Helm in a ConfigMap', configmap({'release': AWS_ID}, 'sh.helm.release.v1.x.v1', metadata={'labels': {'owner': 'helm'}})),
        # What the product's own Jobs and a user make at run time.
        ('the databases\' passwords', secret({k: AWS_SECRET for k in (
            'mysql-password', 'postgresql-password', 'mongodb-px-backup-password', 'mongodb-root-password', 'mongodb-replica-set-key',
            'mongodb-master-encryption-key', 'mongodb-username', 'DB_USERNAME', 'DB_PASSWORD', 'credential', 'password', 'metrics-token',
            'username', 'am-configs.yaml', 'OIDC_CLIENT_ID', 'OIDC_CLIENT_SECRET', 'PX_LICENSE_PASSWORD', 'appliance-id')}, 'pxc-credentials')),
        ('an account\'s token', secret({'token': 'eyJ' + 'hbGciOiJSUzI1NiIsImtpZCI6IngifQ.e30.' + 'Ab1_' * 80, 'namespace': 'x', 'ca.crt': 'x'})),
        ('the cluster\'s certificate', configmap({'ca.crt': '-----BEGIN ' + 'CERTIFICATE-----\n' + 'Ab1+' * 300}, 'kube-root-ca.crt')),
        ('the report of the checks', configmap({'report-3.0.0': '{"storageClass": "ok", "secrets": ["pxc-credentials"]}'}, 'px-central-report')),
        ('a pull secret', secret({'.dockerconfigjson': '{"auths": {}}'}, kind='kubernetes.io/dockerconfigjson')),
        ('workload identity in env', deployment('x', pod([container(env=[env('AWS_ROLE_ARN', 'arn:aws:iam::1:role/x'), env('AWS_WEB_IDENTITY_TOKEN_FILE', '/var/run/x'),
                                                                          env('AZURE_CLIENT_ID', 'x' * 36), env('PASSWORD', source=FROM_SECRET)])])))),

    # --- credentials by value
    *[r for what, value in VALUES for r in refused('guarded', VALUE_SAYS, (what + ' in a Secret', secret({'x': value}), 'x'),
                                                  (what + ' in a Secret, with a line end', secret({'x': value + '\n'}), 'x'),
                                                  (what + ' in a ConfigMap', configmap({'x': 'a: b\nc: "%s"\n' % value}), 'x'),
                                                  (what + ' in binaryData', thing('v1', 'ConfigMap', 'c', binaryData={'x': encoded(value)}), 'x'))],
    *[r for what, value in FILES for r in refused('guarded', VALUE_SAYS, (what + ' in a Secret', secret({'cloud': value}), 'cloud'),
                                                 (what + ' in a ConfigMap', configmap({'cloud': value}), 'cloud'))],
    *refused('guarded', VALUE_SAYS, ('two keys with credentials', configmap({'a': AWS_ID, 'b': AWS_ID}), 'a (and 1 more)')),
    *admitted('guarded', ('a longer word', configmap({'x': 'X' + AWS_ID + 'X'})), ('a shorter word', secret({'x': AWS_ID[:-1]})),
              ('a name without a value', configmap({'x': 'set aws_secret_access_key in the file, or AWS_SECRET_ACCESS_KEY'})),
              ('a certificate', secret({'tls.crt': '-----BEGIN ' + 'CERTIFICATE-----\n' + 'Ab1+' * 300}))),

    # --- clear text
    *warned('central', PLAIN_SAYS, ('an OIDC secret', configmap({'EXTERNAL_OIDC_CLIENT_SECRET': AWS_SECRET}), 'EXTERNAL_OIDC_CLIENT_SECRET')),
    *refused('soft', PLAIN_SAYS, ('an OIDC secret', configmap({'oidc-client-secret': AWS_SECRET}), 'oidc-client-secret')),
    *admitted('central', ('an empty OIDC secret', configmap({'EXTERNAL_OIDC_CLIENT_SECRET': ''})), ('a reference', configmap({'DB_PASSWORD': '$DB_PASSWORD'}))),

    # --- severities and audit
    *warned('soft', CLAIM_SAYS, ('a claim of another class', claim('gp3'), 'data')),
    *warned('soft', MESH_SAYS, ('another mesh', backup(mesh='linkerd'), ('px-backup', 'istio'))),
    *admitted('soft', ('a note is for the audit log only', workload('Pod', pod([container(image=ELSEWHERE)])))),
    *refused('soft', BACKUP_SAYS, ('what cannot be lowered', backup([]), None)),
    *warned('audited', BACKUP_SAYS, ('px-backup without the flag', backup([]), None)),
    *warned('audited', CLAIM_SAYS, ('a claim of another class', claim('gp3'), 'data')),
    *warned('audited', NAME_SAYS, ('a credential', secret({'AWS_SECRET_ACCESS_KEY': AWS_SECRET}), 'AWS_SECRET_ACCESS_KEY')),

    # --- exceptions: the one place, until its day
    *admitted('excepted', ('an excepted key', configmap({'OIDC_CLIENT_SECRET': AWS_SECRET}, 'known')),
              ('an excepted credential', secret({'cloud.key.AWS_ACCESS_KEY': AWS_SECRET, 'cloud': FILES[0][1]}, 'known')),
              ('an excepted env', deployment('known', pod([container(env=[env('AWS_SECRET_KEY', AWS_SECRET)])]))),
              ('an excepted image', deployment('known', pod([container('old', image=ELSEWHERE)]))),
              ('an excepted object', workload('Job', pod([container(image=ELSEWHERE)]), 'known')),
              ('an excepted claim', claim('gp3', 'known')), ('excepted telemetry', deployment('px-backup-telemetry-known'))),
    *refused('excepted', PLAIN_SAYS, ('another key', configmap({'OIDC_CLIENT_SECRET': AWS_SECRET, 'DB_PASSWORD': 'abcd'}, 'known'), 'DB_PASSWORD'),
             ('the key elsewhere', configmap({'OIDC_CLIENT_SECRET': AWS_SECRET}, 'other'), 'OIDC_CLIENT_SECRET'),
             ('an exception past its day', configmap({'OIDC_CLIENT_SECRET': AWS_SECRET}, 'late'), 'OIDC_CLIENT_SECRET')),
    *refused('excepted', NAME_SAYS, ('another credential', secret({'AWS_SECRET_KEY': AWS_SECRET}, 'known'), 'AWS_SECRET_KEY'),
             ('the name of an object of another kind', configmap({'cloud.key.AWS_ACCESS_KEY': AWS_SECRET}, 'known'), 'cloud.key.AWS_ACCESS_KEY')),
    *refused('excepted', REGISTRY_SAYS, ('another container', deployment('known', pod([container('old', image=ELSEWHERE), container('new', image=ELSEWHERE)])), 'new'),
             ('another object', workload('Job', pod([container(image=ELSEWHERE)]), 'other'), 'main')),
    *refused('excepted', CLAIM_SAYS, ('another claim', claim('gp3', 'other'), 'other')),

    # --- other namespaces are nobody's business
    *admitted('unguarded', ('a credential', secret({'AWS_SECRET_ACCESS_KEY': AWS_SECRET})), ('a claim', claim('gp3')), ('px-backup', backup([])),
              ('an image', workload('Pod', pod([container(image=ELSEWHERE)])))),
]

# --- what was there before: it stays, can be written where nothing gets worse, fixed, and removed --------------------------------------

OLD_BACKUP = backup([FLAGS_OFF], mesh='linkerd')
OLD_BACKUP['spec']['template']['spec']['containers'][0]['image'] = ELSEWHERE
OLD_SECRET = secret({'AWS_SECRET_ACCESS_KEY': AWS_SECRET, 'id': AWS_ID}, 'old', metadata={'finalizers': ['example.com/kept']})
OLD_MAP = configmap({'AZURE_STORAGE_KEY': AWS_SECRET, 'text': AWS_ID, 'DB_PASSWORD': AWS_SECRET}, 'old')
OLD_CLAIM = claim('gp3', 'old', finalizers=['example.com/kept'])
OLD_SET = statefulset('old', [('a', 'gp3')], spec=pod([container(image=ELSEWHERE)]))
OLD_POD = workload('Pod', pod([container(image=ELSEWHERE, env=[env('AWS_SECRET_KEY', AWS_SECRET)])]), 'old')
OLD_PROMETHEUS = monitoring(storage=None, image=ELSEWHERE)
OLD_UI = ui('false')

EXISTING = [Row('before', 'was there', o) for o in (OLD_BACKUP, OLD_SECRET, OLD_MAP, OLD_CLAIM, OLD_SET, OLD_POD, OLD_PROMETHEUS, OLD_UI)]
LABEL = {'metadata': {'labels': {'touched': 'yes'}, 'annotations': {'a': 'b'}}}


def containers(*new):
    return {'spec': {'template': {'spec': {'containers': list(new)}}}}


ROWS += [Row('before', 'what was there is labelled: ' + r.obj['kind'] + ' ' + r.obj['metadata']['name'], r.obj, change=LABEL) for r in EXISTING]
ROWS += [
    Row('before', 'it is scaled', OLD_BACKUP, change={'spec': {'replicas': 3}}),
    Row('before', 'it is scaled by the subresource', OLD_BACKUP, change={'spec': {'replicas': 3}}, sub='/scale'),
    Row('before', 'its status is written', OLD_BACKUP, change={'status': {'replicas': 1}}, sub='/status'),
    Row('before', 'a claim\'s status is written', OLD_CLAIM, change={'status': {'phase': 'Bound'}}, sub='/status'),
    Row('before', 'something else of its pods changes', OLD_BACKUP, change={'spec': {'template': {'metadata': {'annotations': {'x': 'y'}}}}}),
    Row('before', 'a key is added', OLD_SECRET, change={'data': {'colour': encoded('blue')}}),
    Row('before', 'a key is taken away', OLD_SECRET, change={'data': {'id': None}}),
    Row('before', 'the credential is taken away', OLD_MAP, change={'data': {'AZURE_STORAGE_KEY': None}}),
    Row('before', 'the flag is fixed', OLD_UI, change={'data': {'PX_BACKUP_FEDERATED': 'true'}}),
    Row('before', 'the flag gets another wrong value', OLD_UI, UI_SAYS, change={'data': {'PX_BACKUP_FEDERATED': 'no'}}),
    Row('before', 'the flag is taken away', OLD_UI, UI_SAYS, change={'data': {'PX_BACKUP_FEDERATED': None}}),
    Row('before', 'the credential is replaced', OLD_SECRET, NAME_SAYS % 'AWS_SECRET_ACCESS_KEY', change={'data': {'AWS_SECRET_ACCESS_KEY': encoded('other-secret')}}),
    Row('before', 'a second credential comes', OLD_MAP, NAME_SAYS % 'AWS_SECRET_KEY', change={'data': {'AWS_SECRET_KEY': AWS_SECRET}}),
    Row('before', 'the text with one changes', OLD_MAP, VALUE_SAYS % 'text', change={'data': {'text': 'now ' + AWS_ID}}),
    Row('before', 'a right UI is made wrong', OLD_BACKUP, BACKUP_SAYS, change=containers(
        container('px-backup', [env('PX_BACKUP_FEDERATED', 'no'), env('SERVICE_MESH', 'linkerd')], ELSEWHERE))),
    Row('before', 'another image from elsewhere', OLD_BACKUP, REGISTRY_SAYS % 'px-backup', change=containers(
        container('px-backup', [FLAGS_OFF, env('SERVICE_MESH', 'linkerd')], ELSEWHERE + '2'))),
    Row('before', 'another mesh that is wrong', OLD_BACKUP, MESH_SAYS % ('px-backup', 'istio'), change=containers(
        container('px-backup', [FLAGS_OFF, env('SERVICE_MESH', '')], ELSEWHERE))),
    Row('before', 'fixed whole', OLD_BACKUP, change=containers(container('px-backup', [FLAG, env('SERVICE_MESH', 'istio')]))),
    Row('before', 'an ephemeral container from elsewhere', OLD_POD, REGISTRY_SAYS % 'debug', sub='/ephemeralcontainers',
        change={'spec': {'ephemeralContainers': [{'name': 'debug', 'image': ELSEWHERE + '2'}]}}),
    Row('before', 'an ephemeral container from the registry', OLD_POD, sub='/ephemeralcontainers',
        change={'spec': {'ephemeralContainers': [{'name': 'debug', 'image': container()['image']}]}}),
    Row('before', 'Prometheus gets emptyDir', OLD_PROMETHEUS, 'pxb-fed[storage-ephemeral]: px-backup-dashboard-prometheus must keep its data on a claim; fix: --set persistentStorage.storageClassName=NAME',
        change={'spec': {'storage': {'emptyDir': {}}}}),
]

# --- the cluster's own controllers --------------------------------------------------------------------------------------------------------

ROWS += [Row('guarded', '%s makes a %s of what was there' % (user, o['kind']), o, says, user=user) for user, o, says in (
    ('system:serviceaccount:kube-system:replicaset-controller', workload('Pod', pod([container(image=ELSEWHERE)])), None),
    ('system:serviceaccount:kube-system:deployment-controller', workload('ReplicaSet', pod([container(image=ELSEWHERE)])), None),
    ('system:serviceaccount:kube-system:statefulset-controller', claim('gp3'), CLAIM_SAYS % 'data'),
)]

# --- large objects: nothing may end for its cost ---------------------------------------------------------------------------------------------

MANY = {'setting_%d' % i: 'value %d ' % i * 200 for i in range(400)}
LONG_NAMES = {'some.rather-long_NAME.of_a-setting.with.many_parts.and_number.%03d_KEY' % i: 'v' * 30 for i in range(500)}
HUGE = {'config.yaml': ('level: information about ' + 'Ab1+/' * 10 + '\n') * 13000}
WIDE = [container('c%d' % i, [env('SETTING_%d_%s' % (j, ('API_KEY', 'LEVEL', 'URL', 'TIMEOUT_SECONDS')[j % 4]), 'a value of %d' % j) for j in range(100)]) for i in range(50)]
ROWS += admitted('guarded', ('a ConfigMap of 400 keys, 1 MB', configmap(MANY)), ('a ConfigMap of 500 long names', configmap(LONG_NAMES)),
                 ('a ConfigMap of one value, 1 MB', configmap(HUGE)), ('a Secret of 500 long names', secret(LONG_NAMES)),
                 ('a Secret of 400 keys', secret(MANY)), ('a Secret of one value, 1 MB', secret(HUGE)),
                 ('a ConfigMap of 1 MB in binaryData', thing('v1', 'ConfigMap', 'c', binaryData={'x': encoded(HUGE['config.yaml'])})),
                 ('a Deployment of 50 containers with 100 env each', deployment('wide', pod(WIDE))))


def mistyped():
    """A policy whose expression looks at a field that is nowhere: the type checker must see it."""
    return {'apiVersion': 'admissionregistration.k8s.io/v1', 'kind': 'ValidatingAdmissionPolicy', 'metadata': {'name': 'mistyped'},
            'spec': {'matchConstraints': {'resourceRules': [{'apiGroups': [''], 'apiVersions': ['v1'], 'operations': ['CREATE'], 'resources': ['pods']}]},
                     'validations': [{'expression': 'object.spec.nowhere == 1'}]}}


# Rules that both gates judge alike in the chart's own objects: there the API server refuses just what the offline gate does.
SEEN_ALIKE = {'federated-flag', 'storage-class'}


def findings(text):
    """(rule, kind, name) of a JSON report."""
    return {(f['rule'], (f['object'] or {}).get('kind'), (f['object'] or {}).get('name')) for f in json.loads(text)['findings']}
