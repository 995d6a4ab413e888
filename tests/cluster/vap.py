#!/usr/bin/env python3
"""The admission policies of 'pxb-fed export vap' on a real API server.

  vap.py --bin PATH [-k TEXT]

KUBECONFIG, KUBECTL and TYPECHECK name a server and programs; what is not named is started and built by tests/lib/cluster.sh and
tests/tools/build.sh. Rows are in vap_rows.py: an object, the namespace whose policy holds it, and what the server says.
"""
import argparse
import contextlib
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

import vap_rows
from kube import CLUSTER_WIDE, Client, crds, documents
from objects import placed

ROOT = pathlib.Path(__file__).resolve().parents[2]
REAL = ROOT.parent / 'shared/streams/3.0.0'
PATIENCE = 20  # seconds until a policy that was applied must hold; it takes one or two
DENIED = re.compile(r" is forbidden: ValidatingAdmissionPolicy '(\S+)' with binding '(\S+)' denied request: (.*)$")
WARNED = re.compile(r"^Validation failed for ValidatingAdmissionPolicy '(\S+)' with binding '(\S+)': (.*)$")


def moved(stream, namespace):
    """The objects of a stream in another namespace; texts that name the old one stay."""
    return re.sub(r'(?m)^(\s+namespace: )"?(central|other)"?$', r'\g<1>' + namespace, stream)


class Suite:
    def __init__(self, options, client, tools, scratch):
        self.options, self.client, self.tools, self.scratch = options, client, tools, scratch
        self.log = scratch / 'audit.log' if (scratch / 'audit.yaml').exists() else None  # a server of our own
        self.passed = self.failed = 0

    def report(self, name, problem):
        if problem:
            self.failed += 1
            print('not ok', name, '\n   ', problem)
        else:
            self.passed += 1

    def wanted(self, name):
        return self.options.k in name

    def export(self, policy, *options):
        path = self.scratch / 'policy.yaml'
        path.write_text(policy)
        out = subprocess.run([self.options.bin, 'export', 'vap', '-p', path, *options], capture_output=True, timeout=60,
                             cwd=self.scratch)
        if out.returncode:
            raise SystemExit('export vap: ' + out.stderr.decode())
        return out.stdout

    def lock(self, namespace):
        """A lock of the fixture chart as it would be in that namespace."""
        stream, path = self.scratch / 'locked.yaml', self.scratch / (namespace + '.lock')
        stream.write_text(moved((ROOT / 'testdata/streams/fed-default.template3.yaml').read_text(), namespace))
        subprocess.run([self.options.bin, 'lock', 'create', '-q', '--output', path, stream], check=True, timeout=60)
        return path

    def kubectl(self, *arguments):
        return subprocess.run([self.tools['kubectl'], '--kubeconfig', self.client.kubeconfig, *arguments], capture_output=True,
                              text=True, timeout=120)

    # --- what stands before the policies come

    def prepare(self):
        for crd in crds():
            self.must(self.client.apply(crd), crd)
        for name in [*vap_rows.POLICIES, 'unguarded']:
            self.must(self.client.apply({'apiVersion': 'v1', 'kind': 'Namespace', 'metadata': {'name': name}}), name)
        for row in vap_rows.EXISTING:
            obj = placed(row.obj, row.namespace)
            self.until(lambda o=obj: self.client.create(o, dry=False), lambda a: a.ok, obj['metadata']['name'])

    def must(self, answer, what):
        if not answer.ok:
            raise SystemExit('%s: %s %s' % (what, answer.code, answer.message))

    def until(self, ask, holds, what):
        """A new resource is served, and a new policy holds, a moment after it was made."""
        end = time.monotonic() + PATIENCE
        while True:
            answer = ask()
            if holds(answer) or time.monotonic() > end:
                return answer
            time.sleep(0.05)

    def policies(self):
        for namespace, (policy, options) in vap_rows.POLICIES.items():
            path = self.scratch / (namespace + '.yaml')
            path.write_bytes(self.export(policy, *[self.lock(namespace) if o is vap_rows.LOCK else o for o in options]))
            dry = self.kubectl('apply', '--dry-run=server', '-f', path)
            problem = dry.stderr if dry.returncode or dry.stderr else None
            self.report('manifests of %s pass a server-side dry run' % namespace, problem)
            # Pruning looks at what a client-side apply left behind, so one namespace is applied that way.
            side = [] if namespace == 'pruned' else ['--server-side']
            strict = self.kubectl('apply', *side, '--validate=strict', '-f', path)
            self.report('manifests of %s are applied' % namespace, strict.stderr if strict.returncode or strict.stderr else None)

    def typecheck(self):
        env = {**os.environ, 'KUBECONFIG': self.client.kubeconfig}
        out = subprocess.run([self.tools['typecheck']], env=env, capture_output=True, text=True, timeout=120)
        self.report('the type checker has nothing to say', None if out.returncode == 0 else out.stdout + out.stderr)
        wrong = vap_rows.mistyped()
        self.must(self.client.apply(wrong), 'a mistyped policy')
        out = subprocess.run([self.tools['typecheck']], env=env, capture_output=True, text=True, timeout=120)
        self.report('the type checker sees a wrong field', None if "undefined field 'nowhere'" in out.stdout else out.stdout)
        self.client.delete(wrong)

    # --- rows

    def judge(self, row, answer):
        """None, or what is not as the row says."""
        if row.says is None:
            return None if answer.ok and not answer.warnings else 'not admitted: %s %s %s' % (answer.code, answer.message, answer.warnings)
        if row.warning:
            told = [m.group(3) for m in map(WARNED.match, answer.warnings) if m]
            return None if answer.ok and row.says in told else 'no such warning: %s %s %s' % (answer.code, answer.message, answer.warnings)
        m = DENIED.search(answer.message)
        return None if not answer.ok and m and m.group(3) == row.says else 'not refused so: %s %s %s' % (answer.code, answer.message, answer.warnings)

    def row(self, row):
        name = '%s: %s' % (row.namespace, row.name)
        if not self.wanted(name):
            return
        obj = placed(row.obj, row.namespace)
        if row.change is None:
            ask = lambda: self.client.create(obj, user=row.user)
        else:
            ask = lambda: self.client.patch(obj, row.change, sub=row.sub, user=row.user)
        answer = self.until(ask, lambda a: row.says is None or self.judge(row, a) is None, name)
        self.report(name, self.judge(row, answer))

    def removals(self):
        """What was there before goes as it would without policies, finalizers and all."""
        for row in vap_rows.EXISTING:
            obj = placed(row.obj, row.namespace)
            answer = self.client.delete(obj)
            self.report('%s: %s is deleted' % (row.namespace, obj['metadata']['name']), None if answer.ok else answer.message)
            if obj['metadata'].get('finalizers'):
                answer = self.client.patch(obj, {'metadata': {'finalizers': None}}, dry=False)
                self.report('%s: %s loses its finalizer' % (row.namespace, obj['metadata']['name']), None if answer.ok else answer.message)
        for namespace in vap_rows.POLICIES:
            answer = self.client.delete({'apiVersion': 'v1', 'kind': 'Namespace', 'metadata': {'name': namespace}}, dry=True)
            self.report('%s: the namespace may be deleted' % namespace, None if answer.ok else answer.message)

    # --- streams

    def streams(self):
        files = sorted((ROOT / 'testdata/streams').glob('*.template3.yaml'))
        files += sorted(REAL.glob('*.template3.yaml')) if REAL.is_dir() else []
        for namespace in ('central', 'guarded'):
            for path in files:
                name = '%s: %s, %s' % (namespace, path.parent.name, path.name)
                if self.wanted(name):
                    self.stream(name, namespace, path)

    def stream(self, name, namespace, path):
        """Whatever the API server refuses the offline gate refuses too, in the same object by the same rule; and a stream that is
        compliant offline passes without a word."""
        text = moved(path.read_text(), namespace)
        local = self.scratch / 'stream.yaml'
        local.write_text(text)
        found = self.offline(namespace, local)
        problems = []
        for obj in documents(self.options.bin, local):
            if obj['kind'] in CLUSTER_WIDE:
                continue
            obj['metadata'].setdefault('namespace', namespace)
            answer = self.client.create(obj)
            told = [answer.message] if not answer.ok else answer.warnings
            for text in told:
                rule = re.search(r'pxb-fed\[([a-z-]+)\]', text)
                where = (rule.group(1) if rule else '?', obj['kind'], obj['metadata']['name'])
                if where not in found:
                    problems.append('%s %s: %s' % (obj['kind'], obj['metadata']['name'], text))
            for where in found:
                if where[1:] == (obj['kind'], obj['metadata']['name']) and where[0] in vap_rows.SEEN_ALIKE and not told:
                    problems.append('%s %s: admitted, against %s' % (obj['kind'], obj['metadata']['name'], where[0]))
        self.report(name, '\n    '.join(problems))

    def offline(self, namespace, path):
        policy = self.scratch / 'offline.yaml'
        policy.write_text(vap_rows.POLICIES[namespace][0])
        out = subprocess.run([self.options.bin, 'check', '-p', policy, '-o', 'json', path], capture_output=True, text=True, timeout=60)
        return vap_rows.findings(out.stdout)

    # --- a policy that demands less than before, as docs/admission.md applies it

    def pruning(self):
        less = self.scratch / 'less.yaml'
        less.write_bytes(self.export(vap_rows.HEAD + 'namespace: pruned\n'))
        kind = 'admissionregistration.k8s.io/v1/ValidatingAdmissionPolicy'
        labels = 'app.kubernetes.io/name=pxb-fed,app.kubernetes.io/instance=pruned'
        done = self.kubectl('apply', '-f', less, '--prune', '-l', labels, '--prune-allowlist=' + kind, '--prune-allowlist=' + kind + 'Binding')
        there = self.kubectl('get', 'validatingadmissionpolicies,validatingadmissionpolicybindings', '-l', labels, '-o', 'name').stdout.split()
        wanted = [o['kind'] for o in documents(self.options.bin, less) if o['kind'] != 'ConfigMap']
        self.report('pruned: what is no longer demanded goes', None if done.returncode == 0 and len(there) == len(wanted)
                    else '%s: %d objects, not %d' % (done.stderr, len(there), len(wanted)))
        done = self.kubectl('delete', 'validatingadmissionpolicybindings,validatingadmissionpolicies', '-l', labels)
        claim = placed(vap_rows.claim(None), 'pruned')
        answer = self.until(lambda: self.client.create(claim), lambda a: a.ok, 'pruned')
        self.report('pruned: taken away, nothing is refused', None if answer.ok else answer.message)

    # --- the audit log

    def audit_log(self):
        """Notes are told nowhere else. Dry runs are logged too."""
        if not self.log:
            return
        for namespace, rule in (('soft', 'image-registry'), ('audited', 'federated-flag')):
            lines = [json.loads(line) for line in self.log.read_text().splitlines() if line.strip()]
            told = [e for e in lines if (e.get('objectRef') or {}).get('namespace') == namespace and 'pxb-fed[%s]' % rule in
                    e.get('annotations', {}).get('validation.policy.admission.k8s.io/validation_failure', '')]
            self.report('%s: the audit log has %s' % (namespace, rule), None if told else 'no such line among %d' % len(lines))

    # --- without parameters

    def without_parameters(self):
        for namespace, refuses in (('open', True), ('audited', False)):
            gone = {'apiVersion': 'v1', 'kind': 'ConfigMap', 'metadata': {'name': 'pxb-fed-' + namespace, 'namespace': 'kube-system'}}
            self.must(self.client.delete(gone), 'the parameters')
            obj = placed(vap_rows.FINE, namespace)
            answer = self.until(lambda o=obj: self.client.create(o), lambda a, r=refuses: a.ok != r, namespace)
            name = '%s: without its parameters %s' % (namespace, 'all is refused' if refuses else 'nothing is refused')
            said = 'no params found for policy binding with `Deny` parameterNotFoundAction' in answer.message
            self.report(name, None if answer.ok != refuses and said == refuses else answer.message)

    def run(self):
        self.prepare()
        self.policies()
        self.typecheck()
        # First what is refused: when that holds, what is admitted is admitted by policies that are in force.
        for row in sorted(vap_rows.ROWS, key=lambda r: r.says is None):
            self.row(row)
        self.streams()
        self.removals()
        self.pruning()
        self.audit_log()
        self.without_parameters()
        print('vap: %d passed, %d failed%s' % (self.passed, self.failed, '' if REAL.is_dir() else ' (fixture streams only)'))
        return self.failed == 0


def tool(variable, name):
    given = os.environ.get(variable)
    if given:
        return given
    built = subprocess.run(['sh', ROOT / 'tests/tools/build.sh', name], stdout=subprocess.PIPE, text=True, check=False)
    if built.returncode:
        raise SystemExit(built.returncode)
    return built.stdout.strip()


@contextlib.contextmanager
def cluster(scratch):
    if os.environ.get('KUBECONFIG'):
        yield os.environ['KUBECONFIG']
        return
    script = ROOT / 'tests/lib/cluster.sh'
    audit = scratch / 'audit.yaml'
    audit.write_text('apiVersion: audit.k8s.io/v1\nkind: Policy\nomitStages: [RequestReceived]\nrules: [{level: Metadata}]\n')
    env = {**os.environ, 'APISERVER_FLAGS': '--audit-policy-file=%s --audit-log-path=%s' % (audit, scratch / 'audit.log')}
    started = subprocess.run(['sh', script, 'start', scratch / 'cluster'], stdout=subprocess.PIPE, text=True, env=env, check=False)
    if started.returncode:
        raise SystemExit(started.returncode)
    try:
        yield started.stdout.strip()
    finally:
        subprocess.run(['sh', script, 'stop', scratch / 'cluster'], check=False)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--bin', default=str(ROOT / 'build/pxb-fed'))
    parser.add_argument('-k', default='', help='only rows whose name holds this')
    options = parser.parse_args()
    options.bin = os.path.abspath(options.bin)
    for name in [n for n in os.environ if n.startswith(('PXB_FED_', 'HELM_', 'ARGOCD_'))]:
        del os.environ[name]
    tools = {'kubectl': tool('KUBECTL', 'kubectl'), 'typecheck': tool('TYPECHECK', 'typecheck')}
    with tempfile.TemporaryDirectory() as scratch, cluster(pathlib.Path(scratch)) as kubeconfig:
        suite = Suite(options, Client(tools['kubectl'], kubeconfig), tools, pathlib.Path(scratch))
        return 0 if suite.run() else 1


if __name__ == '__main__':
    sys.exit(main())
