#!/usr/bin/env python3
"""Changes the fixture chart, one change at a time, and asks `audit` about it.

    mutations.py --bin PXB_FED --helm HELM

Each mutation must be found, as the kind and in the words of its row; each twin, another spelling of the same or a change
that no rule is about, must be found to be nothing. Pasting what --rows prints is tested on the tables' own format.
"""
import argparse
import concurrent.futures
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
CHART = ROOT / 'testdata/charts/px-central-like'
SECONDS = 300

BACKUP = 'templates/px-backup/pxcentral-backup.yaml'
UPGRADE = 'templates/px-backup/pre-upgrade-hook/pre-upgrade-check.yaml'
UI = 'templates/px-lighthouse/px-central-ui/pxcentral-ui-configmap.yaml'
UI_POD = 'templates/px-lighthouse/px-central-ui/pxcentral-ui.yaml'
OIDC = 'templates/px-lighthouse/px-central-ui/pxcentral-oidc.yaml'
MONGODB = 'templates/px-backup/pxcentral-mongodb.yaml'
NOTES = 'templates/NOTES.txt'
VALUES = 'values.yaml'
LICENSING = '- name: SOFT_LICENSING_PERIOD\n'
FED = '- name: PX_BACKUP_FEDERATED\n'
FEDERATED = ['--value', 'pxbackup.federated']
TELEMETRY = ['--value', 'telemetry.enabled']
ISTIO = ['--value', 'istio.enabled']
INSTALL = ['--variant', 'install', *FEDERATED]
REGISTRY = ['--variant', 'registry']
HEAD = 'apiVersion: v1\nkind: {}\nmetadata:\n  name: {}\n  namespace: {{{{ .Release.Namespace }}}}\n{}---\n'
HOOK = '  annotations: {"helm.sh/hook": post-install}\n'


def before(text, add):
    """Puts `add` in front of the text."""
    return text, add + text


def env(name, value, indent=12):
    return f'- name: {name}\n{" " * (indent + 2)}value: {value}\n{" " * indent}'


def claim(name):
    return HEAD.format('PersistentVolumeClaim', name, 'spec:\n  accessModes: [ReadWriteOnce]\n  resources: {requests: {storage: 1Gi}}\n')


# kind, words of the message, options, file, (old, new)
MUTATIONS = (
    ('place-unknown', 'pxbackup.federated changes env PX_BACKUP_MODE of Deployment px-backup, container px-backup', INSTALL, BACKUP,
     (FED, '- name: PX_BACKUP_MODE\n')),
    ('switch-new', 'env FEDERATION looks like a switch', INSTALL, UI, ('  PX_BACKUP_FEDERATED :', '  FEDERATION :')),
    ('place-gone', 'Deployment px-backup, container px-backup', FEDERATED, BACKUP, ('if .Values.pxbackup.federated', 'if true')),
    ('place-unknown', 'telemetry.enabled changes env TELEMETRY_ENABLED of Job pre-upgrade-check, container pxc-pre-upgrade',
     ['--variant', 'upgrade', *TELEMETRY], UPGRADE, before(FED, env('TELEMETRY_ENABLED', '{{ .Values.telemetry.enabled | quote }}'))),
    ('value-reaches-hooks', 'telemetry.enabled changes hooks', ['--variant', 'upgrade', *TELEMETRY], UPGRADE,
     before(FED, env('OTHER', '{{ .Values.telemetry.enabled | quote }}'))),
    ('place-unknown', 'istio.enabled changes env MESH of Deployment px-backup, container px-backup', ['--variant', 'install', *ISTIO],
     BACKUP, ('- name: SERVICE_MESH\n', '- name: MESH\n')),
    ('field-unknown', r'pxbackup.federated changes ConfigMap call-home, data.mode', INSTALL, BACKUP,
     before('  enable: {{', '  mode: {{ ternary "many" "one" .Values.pxbackup.federated }}\n')),
    ('field-unknown', r'pxbackup.federated changes Deployment px-backup, spec.template.spec.containers\[px-backup\].command\[\*\]', INSTALL,
     BACKUP, ('        - start\n', '        - start\n        - --clusters={{ ternary "many" "one" .Values.pxbackup.federated }}\n')),
    ('field-unknown', 'pxbackup.federated changes ConfigMap px-fleet, the object', INSTALL, UI, before('apiVersion: v1\n',
     '{{ if .Values.pxbackup.federated }}\n' + HEAD.format('ConfigMap', 'px-fleet', '') + '{{ end }}\n')),
    ('render-failed', 'install: Helm failed: .*nil pointer', ['--variant', 'install', *FEDERATED], UI,
     ('.Values.pxbackup.orgName', '.Values.pxbackup.organisation.name')),
    ('render-failed', 'mesh, .*: Helm failed: .*no mesh without Federated mode', ['--variant', 'mesh', *FEDERATED], UI,
     before('apiVersion: v1\n', '{{- if and .Values.istio.enabled (not .Values.pxbackup.federated) }}{{ fail "no mesh without Federated mode" }}{{ end }}\n')),
    ('claim-new', 'PersistentVolumeClaim px-cache makes the claim px-cache', INSTALL, UI, before('apiVersion: v1\n', claim('px-cache'))),
    ('claim-new', 'StatefulSet pxc-backup-mongodb makes the claim pxc-mongodb-data2', INSTALL, MONGODB,
     ('"pxc-mongodb-data"', '"pxc-mongodb-data2"')),
    ('secret-new', 'Secret px-telemetry is new', INSTALL, UI, before('apiVersion: v1\n', HEAD.format('Secret', 'px-telemetry', ''))),
    ('workload-new', 'Deployment px-broker is new', INSTALL, UI_POD, before('apiVersion: apps/v1\n', '''apiVersion: apps/v1
kind: Deployment
metadata: {name: px-broker, namespace: central}
spec:
  selector: {matchLabels: {app: px-broker}}
  template:
    metadata: {labels: {app: px-broker}}
    spec: {containers: [{name: broker, image: "docker.io/a/b:1"}]}
---
''')),
    ('switch-new', 'env MAINTENANCE_MODE looks like a switch', INSTALL, BACKUP, before(FED, env('MAINTENANCE_MODE', 'normal', 8))),
    ('switch-new', 'env STRICT looks like a switch', ['--variant', 'upgrade', *FEDERATED], UPGRADE, before(FED, env('STRICT', '"No"'))),
    ('rbac-grown', r"ClusterRole px-backup-cluster-role grants list on secrets \(API group ''\)", INSTALL, BACKUP,
     ('resources: ["namespaces", "services"]', 'resources: ["namespaces", "services", "secrets"]')),
    ('rbac-grown', r'ClusterRole px-backup-cluster-role grants \* on volumesnapshotclasses', INSTALL, BACKUP,
     ('verbs: ["get"]', 'verbs: ["get", "*"]')),
    ('rbac-grown', 'binds ClusterRole cluster-admin to ServiceAccount/px-backup-account', INSTALL, BACKUP,
     ('name: px-backup-cluster-role\n  apiGroup', 'name: cluster-admin\n  apiGroup')),
    ('rbac-grown', 'binds ClusterRole px-backup-cluster-role to ServiceAccount/default', INSTALL, BACKUP,
     ('roleRef:\n  kind: ClusterRole', '  - kind: ServiceAccount\n    name: default\n    namespace: central\nroleRef:\n  kind: ClusterRole')),
    ('hook-new', r'ConfigMap px-monitoring-crs is a hook \(post-install\)', INSTALL, UI,
     before('apiVersion: v1\n', HEAD.format('ConfigMap', 'px-monitoring-crs', HOOK))),
    ('value-dead', 'linkerd.enabled changes nothing', ['--value', 'linkerd.enabled'], 'templates/**/*',
     ('.Values.linkerd.enabled', '.Values.linkerdEnabled')),
    ('value-leaves-hooks', 'pxbackup.encryptMongoDB changes no hook', ['--value', 'pxbackup.encryptMongoDB'],
     'templates/px-backup/*-hook/*.yaml',
     ('{{ .Values.pxbackup.encryptMongoDB | quote }}', '"false"')),
    ('image-outside-registry', 'image docker.io/portworx/other:1 is not from the registry', REGISTRY, BACKUP,
     ('{{ include "px-central.image" (list . .Values.images.pxBackupImage) }}', 'docker.io/portworx/other:1')),
    ('key-new', 'key service.auditEndpoint is new', INSTALL, VALUES, ('\nservice:\n', '\nservice:\n  auditEndpoint: ""\n')),
    ('key-untyped', 'value service.auditEndpoint has no type', INSTALL, VALUES, ('\nservice:\n', '\nservice:\n  auditEndpoint: ""\n')),
    ('key-type', 'key pxbackup.orgName has the shape LIST', INSTALL, VALUES, ('  orgName: default\n', '  orgName: [a]\n')),
    ('key-type', 'the default of isOpenshift must be true or false', INSTALL, VALUES, ('isOpenshift: false', 'isOpenshift: "false"')),
    ('key-gone', 'key pxbackup.orgName is gone', INSTALL, VALUES, ('  orgName: default\n', '')),
    ('notes-demand', 'NOTES.txt: Every cluster must have a StorageClass.', INSTALL, NOTES,
     ('Wait for', 'Every cluster must have a StorageClass.\nWait for')),
    ('notes-demand', 'NOTES.txt: WARNING: no proxy', INSTALL, NOTES, ('Wait for', '{{ printf "\\033[31mWARNING: no proxy" }}\nWait for')),
)

# The same for what is gone, which only a run of all variants can say: all changes are in one chart.
GONE = (
    ('place-gone', 'pxbackup.federated does not change env PX_BACKUP_FEDERATED of Deployment px-backup', BACKUP,
     (FED, '- name: PX_BACKUP_MODE\n')),
    ('place-gone', 'Deployment pxcentral-frontend, container pxcentral-frontend', UI,
     ('  PX_BACKUP_FEDERATED :', '  FEDERATION :')),
    ('place-gone', 'env PX_BACKUP_FEDERATED of Job pre-upgrade-check', UPGRADE,
     (FED + '              value: {{ .Values.pxbackup.federated | quote }}', FED + '              value: "true"')),
    ('database-moved', 'StatefulSet pxc-backup-mongodb: container mongodb does not mount volume pxc-mongodb-data at /data/db', MONGODB, ('/data/db', '/var/lib/mongodb')),
    ('secret-gone', 'Secret pxc-backup-secret is not rendered', OIDC, ('name: pxc-backup-secret', 'name: pxc-secret')),
    ('workload-gone', 'Deployment pxcentral-backend is not rendered', UI_POD,
     ('  name: pxcentral-backend\n', '  name: pxcentral-api\n')),
    ('hook-gone', 'Job preflight-check is not rendered as a hook', 'templates/px-backup/pre-install-hook/pre-install-check.yaml',
     ('  name: preflight-check\n', '  name: preflight\n')),
)

TWINS = (
    (FEDERATED, BACKUP, (FED, '- name: "PX_BACKUP_FEDERATED"  # the same\n')),
    (FEDERATED, UI, ('  PX_BACKUP_FEDERATED :', '  PX_BACKUP_FEDERATED:')),
    (INSTALL, UPGRADE, before(FED, env('TELEMETRY_ENABLED', '"false"'))),
    (INSTALL, BACKUP, before(LICENSING, env('PX_LOG_LEVEL', 'debug', 8))),
    (INSTALL, BACKUP, before(LICENSING, env('PX_RELEASE_NAME', '{{ .Release.Name }}', 8))),
    (INSTALL, UI, before('apiVersion: v1\n', '# kind: Secret\n---\n')),
    (INSTALL, UI, before('apiVersion: v1\n', HEAD.format('ConfigMap', 'px-more', ''))),
    (INSTALL, BACKUP, ('verbs: ["get","create","delete","update","list"]', 'verbs: ["list", update, get, create, delete]')),
    (INSTALL, BACKUP, ('resources: ["namespaces", "services"]', 'resources: [services, namespaces]')),
    (INSTALL, MONGODB, ('/data/db', '"/data/db"')),
    (FEDERATED, MONGODB, ('/data/db', '/data/db/')),
    (INSTALL, UI, before('apiVersion: v1\n', HEAD.format('ConfigMap', 'px-random', 'data: {x: {{ randAlphaNum 8 }}}\n'))),
    (['--value', 'telemetry.enabled', '--variant', 'install'], UPGRADE, before(FED, env('RANDOM', '{{ randAlphaNum 8 }}'))),
    (INSTALL, BACKUP, before('  enable: {{', '  mode: {{ ternary "one" "one" .Values.pxbackup.federated }}\n')),
    (INSTALL, VALUES, ('isUpgrade: false', 'isUpgrade: !!bool "false"')),
    (INSTALL, VALUES, ('  orgName: default\n', '  orgName: other  # text\n')),
    (INSTALL, NOTES, ('Wait for', '{{- /* must */}}\nWait for')),
    (INSTALL, NOTES, ('Wait for', '{{- $required := 1 }}\nWait for')),
    (REGISTRY, BACKUP, ('{{ include "px-central.image" (list . .Values.images.pxBackupImage) }}',
                        '"registry.example.com/audit/px/other:1"')),
)

# What --rows must print, below the name of the file; other rows may be there.
ROWS = (
    (INSTALL, BACKUP, (FED, '- name: PX_BACKUP_MODE\n'), 'src/chart/places.def',
     'PLACE(FEDERATED, "PX_BACKUP_MODE", "Deployment", "px-backup", "px-backup", ENV, NULL, NULL)'),
    (['--variant', 'upgrade', *TELEMETRY], UPGRADE, before(FED, env('TELEMETRY_ENABLED', '{{ .Values.telemetry.enabled | quote }}')),
     'src/chart/places.def',
     'PLACE(TELEMETRY, "TELEMETRY_ENABLED", "Job", "pre-upgrade-check", "pxc-pre-upgrade", ENV, "pre-upgrade", NULL)'),
    (['--variant', 'upgrade', *TELEMETRY], UPGRADE, before(FED, env('OTHER', '{{ .Values.telemetry.enabled | quote }}')),
     'src/chart/chart_values.def',
     '/* in the place of the row that is there: */ CHART_VALUE(TELEMETRY, "telemetry.enabled", "false", true)'),
    (FEDERATED, BACKUP, ('if .Values.pxbackup.federated', 'if true'), 'src/chart/places.def',
     '/* remove: PLACE(FEDERATED, "PX_BACKUP_FEDERATED", "Deployment", "px-backup", "px-backup", ENV, NULL, "SOFT_LICENSING_PERIOD") */'),
    (INSTALL, BACKUP, before('  enable: {{', '  mode: {{ ternary "many" "one" .Values.pxbackup.federated }}\n'), 'src/audit/known.def',
     'KNOWN_FIELD(FEDERATED, "ConfigMap", "call-home", "data.mode")'),
    (INSTALL, UI, before('apiVersion: v1\n', claim('px-cache')), 'src/audit/known.def',
     'KNOWN_CLAIM(PVC, "PersistentVolumeClaim", "px-cache", "px-cache")'),
    (INSTALL, UI, before('apiVersion: v1\n', HEAD.format('Secret', 'px-telemetry', '')), 'src/audit/known.def',
     'KNOWN_SECRET("px-telemetry")'),
    (INSTALL, UPGRADE.replace('upgrade', 'install'), ('- name: SKIP_VALIDATIONS\n', '- name: SKIP_MODE\n'), 'src/audit/known.def',
     'KNOWN_SWITCH("SKIP_MODE")'),
    (INSTALL, UI, before('apiVersion: v1\n', HEAD.format('ConfigMap', 'px-monitoring-crs', HOOK)), 'src/audit/known.def',
     'KNOWN_HOOK("ConfigMap", "px-monitoring-crs", "post-install")'),
    (INSTALL, BACKUP, ('resources: ["namespaces", "services"]', 'resources: ["namespaces", "services", "secrets"]'),
     'src/audit/known.def', 'KNOWN_RIGHT("ClusterRole", "px-backup-cluster-role", "", "secrets", "get list")'),
    (INSTALL, VALUES, ('\nservice:\n', '\nservice:\n  auditPort: 1\n'), 'src/chart/chart_keys.def', 'CHART_KEY("service.auditPort", ONE)'),
    (INSTALL, VALUES, ('\nservice:\n', '\nservice:\n  auditPort: 1\n'), 'src/chart/value_types.def',
     'VALUE_TYPE("service.auditPort", NUMBER)'),
)


class Audit:
    def __init__(self, program, helm):
        self.program, self.helm = program, helm

    def run(self, chart, *options):
        argv = [self.program, 'audit', '--helm', self.helm, '--jobs', '1', *options, str(chart)]
        return subprocess.run(argv, capture_output=True, timeout=SECONDS, check=False)

    def findings(self, chart, *options):
        done = self.run(chart, '-o', 'json', *options)
        if done.returncode not in (0, 1, 3):
            raise RuntimeError(done.stderr.decode(errors='replace'))
        report = json.loads(done.stdout)
        assert report['exitCode'] == done.returncode
        return [(f['rule'], f['severity'], f['message']) for f in report['findings']], done.returncode


def apply(chart, file, old, new):
    """Changes the files that the pattern finds and that have the text."""
    changed = 0
    for path in [p for p in chart.glob(file) if p.is_file()]:
        text = path.read_text()
        changed += old in text
        path.write_text(text.replace(old, new))
    if not changed:
        raise RuntimeError(f'{file} does not contain {old!r}')


def copy(folder, *changes):
    """A copy of the fixture with changes: (file, (old, new))."""
    chart = pathlib.Path(folder) / 'chart'
    shutil.copytree(CHART, chart)
    for file, (old, new) in changes:
        apply(chart, file, old, new)
    return chart


def mutation(audit, kind, words, options, file, texts):
    with tempfile.TemporaryDirectory() as folder:
        found, code = audit.findings(copy(folder, (file, texts)), *options)
    hits = [f for f in found if f[0] == kind and re.search(words, f[2])]
    if not hits:
        return f'not found: {kind}: {words}, but {[f for f in found if f[1] != "note"]}'
    want = 3 if any(f[:2] == ('render-failed', 'error') for f in found) else 1 if any(f[1] == 'error' for f in found) else 0
    return None if code == want else f'{kind}: {words}: exit code {code}, not {want}'


def gone(audit):
    with tempfile.TemporaryDirectory() as folder:
        found, code = audit.findings(copy(folder, *[row[2:] for row in GONE]), *FEDERATED)
    missed = [f'not found: {kind}: {words}' for kind, words, *_ in GONE
              if not any(f[0] == kind and re.search(words, f[2]) for f in found)]
    return '\n'.join(missed + [str(found)]) if missed or code != 1 else None


def twin(audit, options, file, texts):
    with tempfile.TemporaryDirectory() as folder:
        found, code = audit.findings(copy(folder, (file, texts)), *options)
    loud = [f for f in found if f[1] != 'note']
    return f'nothing is wrong with {texts[1]!r} in {file}, but {loud}, exit code {code}' if loud or code else None


def packed(audit):
    """A chart as an archive is the same chart, NOTES.txt of a dependency is not its own, and half of it is unreadable."""
    with tempfile.TemporaryDirectory() as folder:
        chart = copy(folder, (NOTES, ('Wait for', 'You must wait for')))
        other = chart / 'charts/other'
        (other / 'templates').mkdir(parents=True)
        (other / 'Chart.yaml').write_text('apiVersion: v2\nname: other\nversion: 1.0.0\n')
        (other / 'templates/NOTES.txt').write_text('You must do more.\n')
        archive = pathlib.Path(folder) / 'px-central-3.0.0.tgz'
        with tarfile.open(archive, 'w:gz', format=tarfile.PAX_FORMAT) as tar:
            tar.add(chart / 'charts', 'px-central/charts')
            tar.add(chart, 'px-central')
        whole, unpacked = (audit.findings(c, *INSTALL)[0] for c in (archive, chart))
        archive.write_bytes(archive.read_bytes()[:9000])
        code = audit.run(archive, *INSTALL).returncode
    notes = [f[2] for f in whole if f[0] == 'notes-demand']
    wrong = code != 3 or whole != unpacked or not any('You must wait' in n for n in notes) or any('more' in n for n in notes)
    return f'packed: {notes}, exit code of a cut archive: {code}' if wrong else None


def rows(audit, options, file, texts, table, row):
    with tempfile.TemporaryDirectory() as folder:
        printed = audit.run(copy(folder, (file, texts)), '--rows', *options).stdout.decode()
    part = next((p for p in printed.split('\n\n') if p.startswith(f'/* {table} */\n')), '')
    return None if row in part.splitlines() else f'--rows does not print {row!r} for {table}, but:\n{printed}'


def quiet_rows(audit):
    printed = audit.run(CHART, '--rows', *INSTALL).stdout.decode()
    return f'--rows prints rows for what the tables have:\n{printed}' if printed else None


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--bin', required=True)
    parser.add_argument('--helm', required=True)
    args = parser.parse_args()
    audit = Audit(os.path.abspath(args.bin), args.helm)
    jobs = [(gone,), (packed,)] + [(mutation, *row) for row in MUTATIONS] + [(twin, *row) for row in TWINS] + [(rows, *row) for row in ROWS] + [(quiet_rows,)]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        wrong = [text for text in pool.map(lambda job: job[0](audit, *job[1:]), jobs) if text]
    print(*wrong, f'audit: {len(MUTATIONS) + len(GONE)} mutations, {len(TWINS)} twins, {len(ROWS)} rows, {len(wrong)} wrong', sep='\n')
    return 1 if wrong else 0


if __name__ == '__main__':
    sys.exit(main())
