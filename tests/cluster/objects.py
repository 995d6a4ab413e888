"""Objects of a px-central installation in few words, right by default and with one thing wrong where a test says so."""
import base64
import copy

FLAG = {'name': 'PX_BACKUP_FEDERATED', 'value': 'true'}
IMAGE = 'registry.example.com:5000/pxb/px-backup:3.0.0'
CLASS = 'px-csi-db'


def container(name='main', env=None, image=IMAGE, **more):
    c = {'name': name, 'image': image, **more}
    if env is not None:
        c['env'] = env
    return c


def pod(containers=None, **more):
    return {'containers': containers or [container()], 'imagePullSecrets': [{'name': 'docregistry-secret'}], **more}


def template(spec, **metadata):
    return {'metadata': {'labels': {'app': 'x', **metadata.pop('labels', {})}, **metadata}, 'spec': spec}


def thing(api, kind, name, **rest):
    return {'apiVersion': api, 'kind': kind, 'metadata': {'name': name, 'namespace': 'x', **rest.pop('metadata', {})}, **rest}


def deployment(name='other', spec=None, **metadata):
    return thing('apps/v1', 'Deployment', name, spec={'selector': {'matchLabels': {'app': 'x'}},
                                                      'template': template(spec or pod(), **metadata)})


def backup(env=None, name='px-backup', **more):
    mesh = [{'name': 'SERVICE_MESH', 'value': more.pop('mesh', 'istio')}]
    return deployment('px-backup', pod([container(name, (env if env is not None else [FLAG]) + mesh)]), **more)


def workload(kind, spec, name='other'):
    if kind == 'Pod':
        return thing('v1', 'Pod', name, spec={**spec, 'restartPolicy': 'Never'})
    if kind == 'Job':
        return job(name, spec)
    if kind == 'CronJob':
        return thing('batch/v1', 'CronJob', name, spec={'schedule': '0 0 * * *', 'jobTemplate': {'spec': job(name, spec)['spec']}})
    o = deployment(name, spec)
    o['kind'] = kind
    if kind == 'ReplicationController':
        o['apiVersion'], o['spec']['selector'] = 'v1', {'app': 'x'}
    if kind == 'StatefulSet':
        o['spec']['serviceName'] = 'x'
    return o


def job(name, spec):
    return thing('batch/v1', 'Job', name, spec={'template': template({**spec, 'restartPolicy': 'Never'})})


def check_job(name, env, names=('main',)):
    return job(name, pod([container(n, e) for n, e in zip(names, [env] if len(names) == 1 else env)]))


def claim(class_name=CLASS, name='data', **metadata):
    spec = {'accessModes': ['ReadWriteOnce'], 'resources': {'requests': {'storage': '1Gi'}}}
    if class_name is not None:
        spec['storageClassName'] = class_name
    return thing('v1', 'PersistentVolumeClaim', name, spec=spec, metadata=metadata)


def claim_template(name, class_name=CLASS):
    return {'metadata': {'name': name}, 'spec': claim(class_name)['spec']}


def statefulset(name='other', templates=(), volumes=(), spec=None):
    o = workload('StatefulSet', spec or pod(), name)
    if templates:
        o['spec']['volumeClaimTemplates'] = [claim_template(*t) for t in templates]
    if volumes:
        o['spec']['template']['spec']['volumes'] = list(volumes)
    return o


def configmap(data, name='settings', **rest):
    return thing('v1', 'ConfigMap', name, data=data, **rest)


def ui(value='true', **more):
    return configmap({**({} if value is None else {'PX_BACKUP_FEDERATED': value}), **more}, 'pxcentral-ui-configmap')


def encoded(value):
    return base64.b64encode(value if isinstance(value, bytes) else value.encode()).decode()


def secret(data, name='settings', kind='Opaque', **rest):
    return thing('v1', 'Secret', name, type=kind, data={k: encoded(v) for k, v in data.items()}, **rest)


def monitoring(kind='Prometheus', name='px-backup-dashboard-prometheus', class_name=CLASS, storage=True, **spec):
    if storage is True:
        storage = {'volumeClaimTemplate': {'spec': {'resources': {}, **({'storageClassName': class_name} if class_name is not None else {})}}}
    return thing('monitoring.coreos.com/v1', kind, name, spec={**({'storage': storage} if storage else {}), **spec})


def virtual_service(hosts, name='pxcentral-virtualservice', version='v1beta1'):
    return thing('networking.istio.io/' + version, 'VirtualService', name, spec={'hosts': hosts})


def placed(obj, namespace):
    obj = copy.deepcopy(obj)
    obj['metadata']['namespace'] = namespace
    return obj
