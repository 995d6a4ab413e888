#!/usr/bin/env python3
"""Streams and trees of manifests of any size, the same at every run.

    generate.py stream BYTES > FILE     a px-central render that the gate finds compliant, grown to BYTES
    generate.py tree FILES DIR          FILES files of one or two manifests each; prints the number of objects

A stream starts with the rendered fixture chart. What follows is shaped like the rest of a full render (dashboards, alert
rules, proxies' configuration): the shares of the kinds are counted in bytes, and every name is given once.
"""
import json
import os
import random
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BASE = os.path.join(ROOT, "testdata", "streams", "fed-default.template3.yaml")

WORDS = ("backup restore schedule volume snapshot cluster namespace policy location object bucket worker queue latency "
         "request response stream ingest store gateway ruler query frontend compactor replica shard index chunk cache "
         "retention window interval threshold handler endpoint session token job batch resource driver plugin").split()

LABELS = """\
  labels:
    app.kubernetes.io/component: {part}
    app.kubernetes.io/name: px-central
    app.kubernetes.io/instance: "px-central"
    app.kubernetes.io/managed-by: "Helm"
    helm.sh/chart: "px-central-3.0.0"
    app.kubernetes.io/version: "3.0.0"
    app.kubernetes.io/part-of: px-backup
"""


class Maker:
    def __init__(self, seed=7):
        self.random = random.Random(seed)
        self.count = 0

    def words(self, n):
        return [self.random.choice(WORDS) for _ in range(n)]

    def name(self, what):
        self.count += 1
        return "%s-%s-%d" % (what, self.random.choice(WORDS), self.count)

    def head(self, version, kind, name, part, namespaced=True):
        text = "apiVersion: %s\nkind: %s\nmetadata:\n  name: %s\n" % (version, kind, name)
        if namespaced:
            text += "  namespace: central\n"
        return text + LABELS.format(part=part)

    # --- bodies of block scalars ------------------------------------------------------------------------------------

    def dashboard(self, panels):
        out = []
        for i in range(panels):
            a, b, c = self.words(3)
            out.append({
                "datasource": {"type": "prometheus", "uid": "prometheus"},
                "fieldConfig": {"defaults": {"color": {"mode": "thresholds"}, "mappings": [], "unit": "short", "thresholds": {
                    "mode": "absolute", "steps": [{"color": "green", "value": None}, {"color": "red", "value": 80}]}}},
                "gridPos": {"h": 8, "w": 12, "x": 12 * (i % 2), "y": 8 * (i // 2)},
                "id": i + 1,
                "options": {"orientation": "auto", "showThresholdLabels": False, "reduceOptions": {"calcs": ["lastNotNull"]}},
                "targets": [{"expr": "sum(rate(%s_%s_total{cluster=~\"$cluster\", job=~\".+%s\"}[5m])) by (%s)" % (a, b, c, c),
                             "legendFormat": "{{%s}}" % c, "refId": "A"}],
                "title": "%s per %s and %s" % (a.capitalize(), b, c),
                "type": self.random.choice(["stat", "timeseries", "table"]),
            })
        return json.dumps({"editable": True, "panels": out, "schemaVersion": 39, "title": " ".join(self.words(3)), "version": 1},
                          indent=2)

    def proxy(self, servers):
        lines = ["worker_processes auto;", "events {", "  worker_connections 1024;", "}", "http {", "  default_type application/json;",
                 "  log_format main '$remote_addr - $status \"$request\" $body_bytes_sent';", ""]
        for i in range(servers):
            a, b = self.words(2)
            lines += ["  # %s goes to the %s" % (a, b), "  location = /api/v1/%s/%s {" % (a, b),
                      "    proxy_pass       http://px-%s.central.svc.cluster.local:%d$request_uri;" % (b, 8000 + i),
                      "    proxy_set_header X-Scope-OrgID 0;", "    proxy_read_timeout 60s;", "  }", ""]
        return "\n".join(lines + ["}"])

    def settings(self, sections):
        lines = []
        for section in range(sections):
            a, b = self.words(2)
            lines += ["%s_%d:" % (a, section), "  enabled: true", "  %s_period: %dm" % (b, self.random.randint(1, 90)),
                      "  ring:", "    kvstore:", "      store: memberlist", "    heartbeat_timeout: 1m",
                      "  # the %s waits for the %s" % (a, b), "  grpc_client_config:",
                      "    max_recv_msg_size: %d" % self.random.randint(1 << 20, 1 << 26), "    rate_limit: 0", ""]
        return "\n".join(lines)

    def script(self, steps):
        lines = ["#!/bin/sh", "set -eu"]
        for i in range(steps):
            a, b = self.words(2)
            lines += ["# wait for the %s" % a, "i=0",
                      'until kubectl -n "$NAMESPACE" get deploy px-%s -o name >/dev/null 2>&1; do' % b,
                      "  i=$((i + 1))", "  [ $i -lt %d ] || { echo '%s is not ready'; exit 1; }" % (i + 30, b), "  sleep 2", "done"]
        return "\n".join(lines)

    # --- manifests ----------------------------------------------------------------------------------------------------

    def configmap(self, scale=1.0):
        n = lambda low, high: max(1, int(self.random.randint(low, high) * scale))
        name, body = self.random.choice([
            ("dashboard.json", lambda: self.dashboard(n(4, 24))),
            ("dashboard.json", lambda: self.dashboard(n(4, 24))),
            ("nginx.conf", lambda: self.proxy(n(10, 50))),
            ("config.yaml", lambda: self.settings(n(5, 40))),
            ("wait.sh", lambda: self.script(n(4, 12)))])
        indented = "".join("    " + line + "\n" if line else "\n" for line in body().split("\n"))
        return (self.head("v1", "ConfigMap", self.name("px-config"), "px-monitor") +
                "data:\n  LOG_LEVEL: \"info\"\n  PORT: \"%d\"\n  %s: |\n%s" % (self.random.randint(1024, 9999), name, indented))

    def deployment(self):
        name, a, b = self.name("px"), *self.words(2)
        env = "".join("        - name: %s_%s_%d\n          value: \"%d\"\n" % (*(w.upper() for w in self.words(2)), i, i * 5)
                      for i in range(self.random.randint(3, 14)))
        return self.head("apps/v1", "Deployment", name, "px-monitor") + """\
spec:
  replicas: 1
  strategy:
    type: RollingUpdate
    rollingUpdate: {{maxSurge: 1, maxUnavailable: 0}}
  selector:
    matchLabels:
      app: {name}
  template:
    metadata:
      annotations:
        checksum/config: {sum:064x}
      labels:
        app: {name}
        app.kubernetes.io/part-of: px-backup
    spec:
      affinity:
        nodeAffinity:
          requiredDuringSchedulingIgnoredDuringExecution:
            nodeSelectorTerms:
            - matchExpressions:
              - key: pxbackup/enabled
                operator: NotIn
                values:
                - "false"
      serviceAccountName: {name}
      securityContext: {{fsGroup: 1000, runAsUser: 1000, runAsNonRoot: true}}
      initContainers:
      - name: wait
        image: "docker.io/portworx/busybox:1.31"
        command: ['sh', '-c', 'until nslookup px-{a}; do echo waiting for {a}; sleep 2; done;']
      containers:
      - name: {b}
        image: "docker.io/portworx/{b}:3.0.0"
        imagePullPolicy: Always
        args:
        - "-target={b}"
        - "-config.file=/etc/{a}/config.yaml"
        env:
        - name: POD_NAMESPACE
          valueFrom:
            fieldRef:
              fieldPath: metadata.namespace
{env}        ports:
        - {{name: http, containerPort: 8080, protocol: TCP}}
        - name: gossip
          containerPort: 7946
          protocol: TCP
        readinessProbe:
          httpGet:
            path: /ready
            port: http
          initialDelaySeconds: 45
        livenessProbe:
          httpGet:
            path: /ready
            port: http
          initialDelaySeconds: 1800
        resources:
          requests:
            cpu: 100m
            memory: 512Mi
        securityContext:
          readOnlyRootFilesystem: true
        volumeMounts:
        - name: config
          mountPath: /etc/{a}
      terminationGracePeriodSeconds: 60
      volumes:
      - name: config
        configMap:
          name: {name}
""".format(name=name, a=a, b=b, env=env, sum=self.random.getrandbits(256))

    def rbac(self):
        name = self.name("px-role")
        rules = "".join("- apiGroups: [\"%s\"]\n  resources:\n  - %ss\n  - %ss/status\n  verbs: [\"get\", \"list\", \"watch\"]\n"
                        % (self.random.choice(["", "apps", "batch", "stork.libopenstorage.org"]), *self.words(2))
                        for _ in range(self.random.randint(2, 8)))
        return "---\n".join([
            self.head("v1", "ServiceAccount", name, "px-backup"),
            self.head("rbac.authorization.k8s.io/v1", "Role", name, "px-backup") + "rules:\n" + rules,
            self.head("rbac.authorization.k8s.io/v1", "RoleBinding", name, "px-backup") +
            "subjects:\n- kind: ServiceAccount\n  name: %s\n  namespace: central\n"
            "roleRef:\n  kind: Role\n  name: %s\n  apiGroup: rbac.authorization.k8s.io\n" % (name, name)])

    def service(self):
        name = self.name("px-service")
        return self.head("v1", "Service", name, "px-monitor") + """\
spec:
  type: ClusterIP
  ports:
  - name: http
    port: 8080
    targetPort: http
    protocol: TCP
  selector:
    app: %s
""" % name

    def alerts(self):
        text = self.head("monitoring.coreos.com/v1", "PrometheusRule", self.name("px-alerts"), "px-backup") + \
            "spec:\n  groups:\n  - name: portworx.rules\n    rules:\n"
        for _ in range(self.random.randint(4, 20)):
            a, b = self.words(2)
            text += ("    - alert: %s%sHigh\n      annotations:\n        summary: The %s of {{ $labels.%s }} is high\n"
                     "        description: '{{ $value }} is above the limit of the %s: see the runbook'\n"
                     "      expr: |\n        sum by (%s) (rate(%s_%s_total[5m])) > %d\n"
                     "      for: 5m\n      labels:\n        severity: warning\n"
                     % (a.capitalize(), b.capitalize(), a, b, a, b, a, b, self.random.randint(1, 99)))
        return text

    def schema(self, depth, indent):
        pad = " " * indent
        text = ""
        for word in sorted(set(self.words(5))):
            a, b = self.words(2)
            text += "%s%s:\n%s  description: The %s of the %s, which says how the %s is\n%s    kept and for how long.\n" % (
                pad, word, pad, word, a, b, pad)
            kind = self.random.choice(["string", "integer", "boolean", "object", "array"]) if depth else "string"
            text += "%s  type: %s\n" % (pad, kind)
            if kind == "object":
                text += "%s  properties:\n" % pad + self.schema(depth - 1, indent + 4)
            elif kind == "array":
                text += "%s  items:\n%s    type: string\n" % (pad, pad)
            elif kind == "integer":
                text += "%s  format: int32\n%s  minimum: 0\n" % (pad, pad)
        return text

    def crd(self):
        plural = self.name("px").replace("-", "") + "s"
        kind = plural[:-1].capitalize()
        return self.head("apiextensions.k8s.io/v1", "CustomResourceDefinition", plural + ".px.example.com", "px-backup", False) + (
            "spec:\n  group: px.example.com\n  scope: Namespaced\n  names:\n    kind: %s\n    listKind: %sList\n"
            "    plural: %s\n    singular: %s\n  versions:\n  - name: v1\n    served: true\n    storage: true\n    schema:\n"
            "      openAPIV3Schema:\n        type: object\n        properties:\n          spec:\n            type: object\n"
            "            properties:\n" % (kind, kind, plural, plural[:-1])) + self.schema(3, 14)


# Shares in bytes: those of a render with every component on, and a tenth of schemas.
SHARES = [("configmap", 56), ("deployment", 17), ("crd", 10), ("rbac", 8), ("service", 5), ("alerts", 4)]


def stream(size, seed=7, base=None):
    """The text of a compliant stream of at least `size` bytes (and at least the fixture's own)."""
    with open(base or BASE, encoding="utf-8") as f:
        text = f.read()
    maker = Maker(seed)
    parts = [text if text.endswith("\n") else text + "\n"]
    total = len(parts[0])
    spent = dict.fromkeys((k for k, _ in SHARES), 0)
    while total < size:
        kind = min(SHARES, key=lambda s: spent[s[0]] / s[1])[0]
        doc = "---\n# Source: px-central/templates/bench/%s-%d.yaml\n" % (kind, len(parts)) + getattr(maker, kind)()
        spent[kind] += len(doc)
        total += len(doc)
        parts.append(doc)
    return "".join(parts)


def tree(files, directory, seed=11):
    """`files` files in folders of 200; returns the number of objects and of bytes."""
    maker = Maker(seed)
    choose = random.Random(seed)
    makers = [maker.deployment, maker.rbac, maker.service, maker.alerts, lambda: maker.configmap(0.2)]
    objects = size = 0
    for i in range(files):
        folder = os.path.join(directory, "app-%04d" % (i // 200))
        if i % 200 == 0:
            os.makedirs(folder, exist_ok=True)
        text = choose.choices(makers, [30, 10, 30, 5, 25])[0]()
        objects += text.count("\n---\n") + 1
        size += len(text)
        with open(os.path.join(folder, "manifest-%03d.yaml" % (i % 200)), "w", encoding="utf-8") as f:
            f.write(text)
    return objects, size


def main(args):
    if len(args) == 2 and args[0] == "stream" and args[1].isdigit():
        sys.stdout.write(stream(int(args[1])))
    elif len(args) == 3 and args[0] == "tree" and args[1].isdigit():
        print(tree(int(args[1]), args[2])[0])
    else:
        sys.stderr.write("Usage: generate.py stream BYTES | generate.py tree FILES DIR\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
