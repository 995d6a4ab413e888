#!/usr/bin/env python3
"""Compares the tables of src/chart with what the chart renders.

    tables.py --helm HELM [--helm HELM] [--chart CHART | --variants]

Renders the chart in pairs that differ in one value, below each of several other settings, and lists the places that
change. Each place must be a row of places.def, each row must change, and the column `hooks` of chart_values.def must be
what the hooks of the chart say. Databases and workloads of the tables must be in the render, keys of values.yaml in the tables. Renders go in parallel.

With --variants the fixture chart is changed first, one change at a time: the comparison must find it, and must find
nothing in the twin that differs in form alone.
"""
import argparse
import concurrent.futures
import itertools
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
TABLES = ROOT / 'src' / 'chart'
LOADER = getattr(yaml, 'CSafeLoader', yaml.SafeLoader)
SECONDS = 60

BASE = ['pxbackup.enabled=true', 'pxbackup.federated=true', 'persistentStorage.enabled=true',
        'persistentStorage.storageClassName=px-csi-db']

# Settings that switch other branches of the templates on: a place may exist in one of them only.
BACKDROPS = {
    'install': ([], []),
    'upgrade': (['--is-upgrade'], []),
    'argo cd': ([], ['isArgoCD=true']),
    'openshift': (['--api-versions', 'apps.openshift.io/v1'], ['isOpenshift=true']),
    'mesh': ([], ['istio.enabled=true', 'istio.hostName=px.example.com']),
    'telemetry': ([], ['telemetry.enabled=true', 'telemetry.metricsCollector.enabled=true']),
    'external monitoring': ([], ['pxbackup.deployDedicatedMonitoringSystem=false',
                                 'pxbackup.prometheusEndpoint=http://prometheus.example.com',
                                 'pxbackup.prometheusSecretName=prometheus',
                                 'pxbackup.alertmanagerEndpoint=http://alertmanager.example.com',
                                 'pxbackup.alertmanagerSecretName=alertmanager']),
}

# The two texts that a value is rendered with; a switch has none here.
TEXTS = {
    'STORAGE_CLASS': ('audit-one', 'audit-two'),
    'ISTIO_HOST_NAME': ('one.example.com', 'two.example.com'),
    'IMAGES_REGISTRY': ('one.example.com', 'two.example.com'),
    'IMAGES_REPO': ('one', 'two'),
    'IMAGES_PULL': ('{one}', '{two}'),
}
# What a value needs to have any effect.
NEEDS = {
    'TELEMETRY_LOGS': ['telemetry.enabled=true'],
    'TELEMETRY_METRICS': ['telemetry.enabled=true'],
    'ISTIO_HOST_NAME': ['istio.enabled=true'],
    'ISTIO': ['istio.hostName=px.example.com'],
    'BACKUP_ENABLED': ['pxbackup.federated=false'],
}


def rows(table, macro):
    """The rows of a table: lists of texts and words, comments left out."""
    text = re.sub(r'/\*.*?\*/', '', (TABLES / table).read_text(), flags=re.S)
    for line in text.splitlines():
        found = re.match(macro + r'\((.*)\)\s*$', line)
        if found:
            yield [a if a is not None and word is None else word
                   for a, word in ((m.group(1), m.group(2))
                                   for m in re.finditer(r'"([^"]*)"|([^\s,"]+)', found.group(1)))]


def render(helm, chart, flags, values):
    with tempfile.TemporaryDirectory() as home:
        argv = [helm, 'template', 'px-central', str(chart), '--namespace', 'central', *flags]
        for value in BASE + values:
            argv += ['--set', value]
        env = {'PATH': os.environ['PATH'], 'HOME': home}
        done = subprocess.run(argv, env=env, capture_output=True, timeout=SECONDS, check=False)
    if done.returncode:
        return done.stderr.decode(errors='replace').strip()
    objects = {}
    for document in yaml.load_all(done.stdout, LOADER):
        if document:
            objects[document['kind'], document['metadata']['name']] = document
    return objects


def is_hook(document):
    return 'helm.sh/hook' in (document['metadata'].get('annotations') or {})


def pod_specs(document):
    """Pods of a workload, and the custom resources of prometheus-operator, which have containers of their own."""
    spec = document.get('spec')
    if isinstance(spec, dict):
        pod = (spec.get('template') or {}).get('spec') if isinstance(spec.get('template'), dict) else spec
        if isinstance(pod, dict):
            yield pod


def env_of(objects):
    """(env, kind, name, container, way) -> value, also of the keys that a ConfigMap of envFrom hands over."""
    env = {}
    for (kind, name), document in objects.items():
        for pod in pod_specs(document):
            for container in (pod.get('containers') or []) + (pod.get('initContainers') or []):
                for entry in container.get('env') or []:
                    env[entry['name'], kind, name, container['name'], 'ENV'] = entry.get('value')
                for source in container.get('envFrom') or []:
                    source = (source.get('configMapRef') or {}).get('name')
                    data = objects.get(('ConfigMap', source), {}).get('data') or {}
                    for key, value in data.items():
                        env[key, kind, name, container['name'], 'FROM'] = value
    return env


def leaves(value, path=''):
    if isinstance(value, dict) and value:
        for key, below in value.items():
            yield from leaves(below, f'{path}.{key}' if path else key)
    else:
        yield path


def changed(one, two):
    return {key for key in one.keys() | two.keys() if one.get(key) != two.get(key)}


class Audit:
    def __init__(self, helm, chart, only=None, backdrops=tuple(BACKDROPS)):
        self.helm, self.chart, self.faults, self.backdrops = helm, chart, [], backdrops
        self.values = [v for v in rows('chart_values.def', 'CHART_VALUE') if only in (None, v[0])]
        self.places = list(rows('places.def', 'PLACE'))
        self.renders = {}

    def pair(self, value, backdrop):
        name, key = value[:2]
        flags, more = BACKDROPS[backdrop]
        texts = TEXTS.get(name, ('false', 'true'))
        needs = NEEDS.get(name, [])
        return [(tuple(flags), tuple(more + needs + [f'{key}={text}'])) for text in texts]

    def run(self):
        wanted = {call for value in self.values for backdrop in self.backdrops for call in self.pair(value, backdrop)}
        # The same render twice: what differs then is random and says nothing about a value.
        plain = [tuple(map(tuple, BACKDROPS[backdrop])) for backdrop in self.backdrops]
        calls = list(wanted) + plain + plain
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            done = pool.map(lambda c: render(self.helm, self.chart, list(c[0]), list(c[1])), calls)
            for call, objects in zip(calls, done):
                self.renders.setdefault(call, []).append(objects)
        random = set()
        for call in plain:
            for one, two in itertools.combinations(self.renders[call], 2):
                if isinstance(one, dict) and isinstance(two, dict):
                    random |= {key for key in changed(one, two)}
        for value in self.values:
            self.value(value, random)
        self.keys()
        if len(self.backdrops) == len(BACKDROPS):
            self.tables()
        return self

    def value(self, value, random):
        name, key, _, hooks = value
        envs = {row[1] for row in self.places if row[0] == name}
        places, effect, in_hooks, rendered = set(), set(), set(), 0
        for backdrop in self.backdrops:
            one, two = (self.renders[call][0] for call in self.pair(value, backdrop))
            if not isinstance(one, dict) or not isinstance(two, dict):
                continue
            rendered += 1
            objects = changed(one, two) - random
            effect |= objects
            in_hooks |= {o for o in objects if any(is_hook(r[o]) for r in (one, two) if o in r)}
            places |= {p for p in changed(env_of(one), env_of(two)) if p[0] in envs and p[1:3] not in random}
        if not rendered:
            self.fault(f'{key}: no pair of renders succeeded')
            return
        if not effect:
            self.fault(f'{key}: changes nothing; the value is dead')
        if hooks == 'false' and in_hooks:
            self.fault(f'{key}: reaches hooks, and chart_values.def says false: ' + names(in_hooks))
        if hooks == 'true' and not in_hooks:
            self.fault(f'{key}: reaches no hook, and chart_values.def says true')
        known = {(r[1], r[2], r[3], r[4], r[5]) for r in self.places if r[0] == name}
        for place in sorted(places - known):
            self.fault(f'{key}: place that places.def lacks: {row_text(name, place)}')
        for place in sorted(known - places):
            self.fault(f'{key}: place that is gone: {row_text(name, place)}')

    def keys(self):
        """Every value of values.yaml is a key that the tables know, and has a type."""
        known = {row[0] for row in rows('chart_keys.def', r'(?:CHART|TEMPLATE)_KEY')}
        typed = {row[0] for row in rows('value_types.def', 'VALUE_TYPE')}
        for key in leaves(yaml.load((self.chart / 'values.yaml').read_bytes(), LOADER)):
            if key not in known:
                self.fault(f'chart_keys.def: key that the table lacks: {key}')
            elif key not in typed and not key.startswith('images.'):
                self.fault(f'value_types.def: value without a type: {key}')

    def tables(self):
        everything = {}
        for renders in self.renders.values():
            for objects in renders:
                if isinstance(objects, dict):
                    everything.update(objects)
        for kind, name, volume, container, data, *_ in rows('databases.def', 'DATABASE'):
            document = everything.get((kind, name))
            mounts = [m for pod in pod_specs(document or {}) for c in pod.get('containers') or []
                      if c['name'] == container for m in c.get('volumeMounts') or []]
            if not any(m['mountPath'].rstrip('/') == data
                       and (m['name'].startswith(volume) if volume.endswith('-') else m['name'] == volume) for m in mounts):
                self.fault(f'databases.def: {kind}/{name} mounts no volume {volume} at {data}')
        known = {(kind, name) for _, kind, name, *rest in rows('components.def', 'COMPONENT')
                 if 'COMPONENT_OPERATOR' not in rest}
        seen = {o for o, d in everything.items() if o[0] in ('Deployment', 'StatefulSet', 'DaemonSet', 'Job') and not is_hook(d)}
        for kind, name in sorted(known - seen):
            self.fault(f'components.def: workload that is gone: {kind}/{name}')
        for kind, name in sorted(seen - known):
            self.fault(f'components.def: workload that the table lacks: {kind}/{name}')

    def fault(self, text):
        self.faults.append(text)


def names(objects):
    return ', '.join(f'{kind}/{name}' for kind, name in sorted(objects))


def row_text(value, place):
    env, kind, name, container, way = place
    return f'PLACE({value}, "{env}", "{kind}", "{name}", "{container}", {way})'


PX_BACKUP = 'px-backup/pxcentral-backup.yaml'
UPGRADE_HOOK = 'px-backup/pre-upgrade-hook/pre-upgrade-check.yaml'
UI = 'px-lighthouse/px-central-ui/pxcentral-ui-configmap.yaml'
FED = '- name: PX_BACKUP_FEDERATED\n'

# Which value is looked at, the file, what it says, what it is made to say, and what must be reported; None: nothing.
VARIANTS = (
    ('FEDERATED', PX_BACKUP, FED, '- name: PX_BACKUP_MODE\n', 'place that is gone: PLACE(FEDERATED, "PX_BACKUP_FEDERATED", "Deployment", "px-backup"'),
    ('FEDERATED', PX_BACKUP, 'if .Values.pxbackup.federated', 'if true', 'place that is gone: PLACE(FEDERATED, "PX_BACKUP_FEDERATED", "Deployment", "px-backup"'),
    ('FEDERATED', UPGRADE_HOOK, FED, '- name: FEDERATED\n', 'place that is gone: PLACE(FEDERATED, "PX_BACKUP_FEDERATED", "Job", "pre-upgrade-check"'),
    ('FEDERATED', UI, '  PX_BACKUP_FEDERATED :', '  FEDERATED :', 'place that is gone: PLACE(FEDERATED, "PX_BACKUP_FEDERATED", "Deployment", "pxcentral-backend"'),
    ('TELEMETRY', UPGRADE_HOOK, FED, '- name: TELEMETRY_ENABLED\n              value: {{ .Values.telemetry.enabled | quote }}\n            ' + FED, 'place that places.def lacks: PLACE(TELEMETRY, "TELEMETRY_ENABLED", "Job", "pre-upgrade-check", "pxc-pre-upgrade", ENV)'),
    ('TELEMETRY', UPGRADE_HOOK, FED, '- name: TELEMETRY\n              value: {{ .Values.telemetry.enabled | quote }}\n            ' + FED, 'telemetry.enabled: reaches hooks, and chart_values.def says false: Job/pre-upgrade-check'),
    ('TELEMETRY', '../values.yaml', '\nservice:\n', '\nservice:\n  auditEndpoint: ""\n', 'key that the table lacks: service.auditEndpoint'),
    # The twins: another spelling of the same, another entry that no value reaches.
    ('FEDERATED', PX_BACKUP, FED, '- name: "PX_BACKUP_FEDERATED"  # the same\n', None),
    ('FEDERATED', UI, '  PX_BACKUP_FEDERATED :', '  PX_BACKUP_FEDERATED:', None),
    ('TELEMETRY', UPGRADE_HOOK, FED, '- name: TELEMETRY_ENABLED\n              value: "false"\n            ' + FED, None),
)


def variant(helm, only, file, old, new, report):
    """What is wrong with what the comparison reported of one changed chart, or None."""
    with tempfile.TemporaryDirectory() as folder:
        chart = pathlib.Path(folder) / 'chart'
        shutil.copytree(ROOT / 'testdata/charts/px-central-like', chart)
        path = chart / 'templates' / file
        text = path.read_text()
        if old not in text:
            return f'{file} does not contain {old!r}'
        path.write_text(text.replace(old, new))
        faults = Audit(helm, chart, only, ('install', 'upgrade')).run().faults
    if report is None:
        return None if not faults else f'{file}, {new!r}: nothing is wrong, reported: {faults}'
    return None if any(report in fault for fault in faults) else f'{file}, {new!r}: not reported: {report}; but {faults}'


def variants(helm):
    wrong = [text for row in VARIANTS if (text := variant(helm, *row))]
    print(*wrong, f'{len(VARIANTS)} variants, {len(wrong)} wrong', sep='\n')
    return len(wrong)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--helm', action='append', required=True)
    parser.add_argument('--chart', type=pathlib.Path, default=ROOT / 'testdata/charts/px-central-like')
    parser.add_argument('--variants', action='store_true')
    args = parser.parse_args()
    if args.variants:
        return 1 if variants(args.helm[0]) else 0
    failed = 0
    for helm in args.helm:
        audit = Audit(helm, args.chart)
        audit.run()
        for fault in audit.faults:
            print(fault)
        failed += len(audit.faults)
        print(f'{len(audit.renders)} renders, {len(audit.places)} places, {len(audit.values)} values, {len(audit.faults)} faults')
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
