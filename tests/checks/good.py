"""A cluster on which every check of `verify` passes, and a backup cluster for `preflight`: the answers, reduced as
pxb-fed-kube reduces them. A case changes one of these."""
import copy

CLIENT = '11111111-2222-3333-4444-555555555555'
OTHER = '99999999-8888-7777-6666-555555555555'
TENANT = 'aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee'
ANNOTATION = 'azure.workload.identity/client-id'


def variable(name, value):
    return {'name': name, 'value': value}


def pod(number, tag='26.3.0-c35fe71', client=CLIENT):
    return {
        'metadata': {'name': f'stork-7d9-{number}', 'namespace': 'portworx',
                     'labels': {'name': 'stork', 'tier': 'control-plane', 'operator.libopenstorage.org/managed-by': 'portworx',
                                'azure.workload.identity/use': 'true'}},
        'spec': {
            'serviceAccountName': 'stork',
            'containers': [{
                'name': 'stork', 'image': f'registry.example.com:5000/openstorage/stork:{tag}',
                'env': [variable('PX_NAMESPACE', 'portworx'), variable('AZURE_CLIENT_ID', client),
                        variable('AZURE_TENANT_ID', TENANT),
                        variable('AZURE_FEDERATED_TOKEN_FILE', '/var/run/secrets/azure/tokens/azure-identity-token'),
                        {'name': 'AZURE_AUTHORITY_HOST', 'valueSize': 34}],
                'volumeMounts': [{'name': 'azure-identity-token', 'mountPath': '/var/run/secrets/azure/tokens',
                                  'readOnly': True}]}],
            'volumes': [{'name': 'azure-identity-token', 'projected': {'sources': [{'serviceAccountToken': {
                'audience': 'api://AzureADTokenExchange', 'expirationSeconds': 3600, 'path': 'azure-identity-token'}}]}}]},
        'status': {
            'phase': 'Running',
            'conditions': [{'type': 'PodScheduled', 'status': 'True'}, {'type': 'Ready', 'status': 'True'}],
            'containerStatuses': [{'name': 'stork', 'ready': True,
                                   'image': f'registry.example.com:5000/openstorage/stork:{tag}'}]}}


def deployment(namespace='portworx', owner='stc-uid-1', account='stork'):
    owners = [{'apiVersion': 'core.libopenstorage.org/v1', 'kind': 'StorageCluster', 'name': 'px', 'uid': owner,
               'controller': True}] if owner else []
    return {'metadata': {'name': 'stork', 'namespace': namespace, 'uid': 'd-1', 'ownerReferences': owners},
            'spec': {'replicas': 3, 'template': {'spec': {
                'serviceAccountName': account,
                'containers': [{'name': 'stork', 'image': 'registry.example.com:5000/openstorage/stork:26.3.0-c35fe71'}]}}}}


OPERATOR = {'metadata': {'name': 'portworx-operator', 'namespace': 'portworx'},
            'spec': {'template': {'spec': {'containers': [{'name': 'portworx-operator', 'env': [],
                                                           'image': 'docker.io/portworx/px-operator:26.2.1'}]}}}}

VERIFY = {
    'version': {'gitVersion': 'v1.30.4+k3s1'},
    'storageclusters': {'items': [{
        'metadata': {'name': 'px', 'namespace': 'portworx', 'uid': 'stc-uid-1'},
        'spec': {'image': 'docker.io/portworx/oci-monitor:3.6.1', 'env': [],
                 'workloadIdentity': {'credentials': [{'cloudProvider': 'azure', 'key': ANNOTATION, 'value': CLIENT}]},
                 'stork': {'enabled': True, 'useWorkloadIdentity': True, 'env': []}},
        'status': {'phase': 'Running', 'version': '3.6.1', 'operatorVersion': '26.2.1'}}]},
    'storagenodes': {'items': [{'metadata': {'name': f'node-{i}', 'namespace': 'portworx'},
                                'spec': {'version': '3.6.1-0c88aa6'}, 'status': {'phase': 'Online'}} for i in (1, 2, 3)]},
    'storks': {'items': [deployment()]},
    'operators': {'items': [OPERATOR]},
    'webhooks': {'items': [{'metadata': {'name': 'azure-wi-webhook-mutating-webhook-configuration',
                                         'labels': {'azure-workload-identity.io/system': 'true'}},
                            'webhooks': [{'name': 'mutation.azure-workload-identity.io'}]}]},
    'issuer': {'issuer': 'https://oidc.example.com/tenant/cluster/'},
    'backuplocations': {'items': [{'metadata': {'name': 'azure-1', 'namespace': 'apps'},
                                   'location': {'type': 'azure', 'azureConfig': {'clientSecret': 0, 'storageAccountKey': 0}}}]},
    'namespace': {'metadata': {'name': 'portworx', 'labels': {'azure.workload.identity/use': 'true'}}},
    'stork': deployment(),
    'pods': {'items': [pod(i) for i in (1, 2, 3)]},
    'stork-account': {'metadata': {'name': 'stork', 'annotations': {ANNOTATION: CLIENT}}},
    'px-account': {'metadata': {'name': 'portworx', 'annotations': {ANNOTATION: CLIENT}}},
    'operator': OPERATOR,
    'px-azure': ('absent', 'secrets "px-azure" not found'),
}


def answers(base):
    """name: {'answer', 'text', 'path', 'body'?} as a folder of saved answers has them."""
    made = {}
    for name, value in copy.deepcopy(base).items():
        kind, text = value if isinstance(value, tuple) else ('ok', '')
        made[name] = {'path': '/' + name, 'answer': kind, 'text': text}
        if kind == 'ok':
            made[name]['body'] = value
    return made


def node(number, version='v1.30.4', cpu='7910m', memory='32Gi'):
    return {'metadata': {'name': f'worker-{number}'},
            'status': {'nodeInfo': {'kubeletVersion': version}, 'allocatable': {'cpu': cpu, 'memory': memory},
                       'conditions': [{'type': 'MemoryPressure', 'status': 'False'}, {'type': 'Ready', 'status': 'True'}]}}


def facts(size, **more):
    """What is told of a Secret's value."""
    return {'bytes': size, 'alphanumeric': True, 'base64Set': True, 'lineEnd': False, 'uriSpecial': False, **more}


CREDENTIALS = {'metadata': {'name': 'pxc-credentials'}, 'type': 'Opaque', 'data': {
    'mysql-password': facts(32), 'postgresql-password': facts(32), 'mongodb-px-backup-password': facts(32),
    'mongodb-root-password': facts(32), 'mongodb-replica-set-key': facts(64)}}


def secret(name, kind='Opaque', **data):
    return {'metadata': {'name': name}, 'type': kind, 'data': {k: facts(v) for k, v in data.items()}}


def release(name='px-central', status='deployed', version='1'):
    return {'metadata': {'name': f'sh.helm.release.v1.{name}.v{version}',
                         'labels': {'name': name, 'status': status, 'version': version}}}


def crd(name, version='v1', served=True):
    return {'metadata': {'name': name}, 'spec': {'versions': [{'name': version, 'served': served}]}}


def quota(**hard):
    return {'metadata': {'name': 'q'}, 'spec': {'hard': {k.replace('__', '.'): v for k, v in hard.items()}},
            'status': {'hard': {k.replace('__', '.'): v for k, v in hard.items()}, 'used': {}}}


ISTIO_CRDS = [crd('gateways.networking.istio.io'), crd('virtualservices.networking.istio.io'),
              crd('peerauthentications.security.istio.io')]

PREFLIGHT = {
    'version': {'gitVersion': 'v1.30.4-gke.1'},
    'webhooks': {'items': []},
    'nodes': {'items': [node(i) for i in (1, 2, 3)]},
    'target': ('absent', 'namespaces "central" not found'),
    'workloads': {'items': []},
    'releases': {'items': []},
    'post-install': ('absent', 'jobs.batch "pxcentral-post-install-hook" not found'),
    'ui-config': ('absent', 'configmaps "pxcentral-ui-configmap" not found'),
    'storageclasses': {'items': [{'metadata': {'name': 'px-csi-db'}, 'provisioner': 'pxd.portworx.com',
                                  'allowVolumeExpansion': True, 'volumeBindingMode': 'Immediate'}]},
    'volumes': {'items': []},
    'quotas': {'items': []},
    'limits': {'items': []},
    'claims': {'items': []},
    'secrets': {'items': [CREDENTIALS]},
    'configmaps': {'items': [{'metadata': {'name': 'kube-root-ca.crt'}, 'data': {'ca.crt': {}}}]},
    'istiod': {'items': []},
    'mesh-config': ('absent', ''),
    'gateways': ('no-api', '404 page not found'),
    'virtualservices': ('no-api', '404 page not found'),
    'crds': {'items': []},
    'argocd': {'items': []},
    'admission': {'items': []},
}

# What a good cluster shows beside 'pass'.
USUALLY = {'preflight': {'helm-version': 'skip', 'gateway': 'skip', 'argocd-plugin': 'skip',
                         'admission-policies': 'skip', 'dry-run': 'skip', 'application-clusters': 'skip'}}
ALWAYS = {'verify': [], 'preflight': ['-n', 'central', '--set', 'persistentStorage.storageClassName=px-csi-db']}

# --- role: what the Azure CLI prints

PRINCIPAL = '77777777-2222-3333-4444-555555555555'
SUBSCRIPTION = '/subscriptions/00000000-0000-0000-0000-000000000001'
ACCOUNT = SUBSCRIPTION + '/resourceGroups/backup/providers/Microsoft.Storage/storageAccounts/pxb1'
CONTAINER = ACCOUNT + '/blobServices/default/containers/c1'
ISSUER = 'https://oidc.example.com/tenant/cluster/'
S = 'Microsoft.Storage/storageAccounts'
C = S + '/blobServices/containers'
B = C + '/blobs'


def definition(name, actions=(), data=(), not_actions=(), not_data=()):
    """Its GUID is made from its name."""
    guid = name.encode().hex()[:32].ljust(32, '0')
    return {'id': f'{SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/{guid}', 'name': guid, 'roleName': name,
            'roleType': 'CustomRole', 'assignableScopes': ['/'],
            'permissions': [{'actions': list(actions), 'dataActions': list(data), 'notActions': list(not_actions),
                             'notDataActions': list(not_data)}]}


def assignment(name, scope=ACCOUNT, principal=PRINCIPAL, **more):
    # Another subscription's spelling of the same definition, in capitals.
    return {'id': 'x', 'principalId': principal, 'principalType': 'ServicePrincipal', 'scope': scope, 'condition': None,
            'roleDefinitionId': '/providers/Microsoft.Authorization/roleDefinitions/' + definition(name)['name'].upper(),
            'roleDefinitionName': name, **more}


CONTRIBUTOR = definition('Storage Blob Data Contributor', [C + '/delete', C + '/read', C + '/write',
                                                           S + '/blobServices/generateUserDelegationKey/action'],
                         [B + '/delete', B + '/read', B + '/write', B + '/move/action', B + '/add/action'])
LOCKED = definition('portworx-backup-locked-role', [S + '/read'])
WLI = definition('portworx-wli-role', ['Microsoft.ContainerService/managedClusters/agentPools/read', 'Microsoft.Compute/disks/*',
                                       'microsoft.compute/virtualmachines/*',
                                       'Microsoft.Compute/virtualMachineScaleSets/virtualMachines/read',
                                       'Microsoft.Compute/virtualMachineScaleSets/virtualMachines/write'])
OWNER = definition('Owner', ['*'])

ROLE = {
    'identities': [{'clientId': CLIENT, 'principalId': PRINCIPAL, 'name': 'stork-1', 'resourceGroup': 'backup',
                    'tenantId': TENANT, 'id': SUBSCRIPTION + '/x'}],
    'assignments': [assignment('Storage Blob Data Contributor'), assignment('portworx-backup-locked-role'),
                    assignment('portworx-wli-role', SUBSCRIPTION)],
    'definitions': [CONTRIBUTOR, LOCKED, WLI, OWNER],
    'federated': [{'name': 'stork', 'issuer': ISSUER, 'subject': 'system:serviceaccount:portworx:stork',
                   'audiences': ['api://AzureADTokenExchange'], 'id': 'x', 'resourceGroup': 'backup'}],
}
ALWAYS['role'] = ['--client-id', CLIENT, '--account', ACCOUNT, '--compute', SUBSCRIPTION, '--issuer', ISSUER]
