package main

// Manifests for the generator to damage: small, of the kinds that an installation is made of, each with another habit of those
// who write templates.
var manifests = []string{
	`apiVersion: v1
kind: ConfigMap
metadata:
  name: ui-configmap
  namespace: central
  labels:
    app: "ui"
    app.kubernetes.io/managed-by: Helm
data:
  FEDERATED : "true"
  PORT: "8080"
  script.sh: |
    #!/bin/sh
    set -e
    if [ "$1" = "yes" ]; then
      echo "on: $1"   # not a comment
    fi

  empty: ""
  rules.yaml: |-
    groups:
    - name: a
      rules: []
`,
	`# Source: app/templates/deployment.yaml
apiVersion: apps/v1
kind: Deployment
metadata:
  name: backup
  namespace: central
spec:
  replicas: 1
  selector:
    matchLabels: {app: backup}
  template:
    metadata:
      labels: {app: backup, run: 'backup'}
      annotations:
        checksum/config: 0e12345
    spec:
      containers:
      - name: backup
        image: "registry.example.com:5000/pxb/backup:1.0"
        args: ["--port=8080", "--level", info]
        env:
        - name: FEDERATED
          value: "true"
        - name: HOURS
          value: '24'
        - name: POD
          valueFrom:
            fieldRef: {fieldPath: metadata.name}
        ports:
        - containerPort: 8080
          protocol: TCP
        resources:
          limits: {cpu: 500m, memory: 1Gi}
`,
	`---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: central}
spec:
    type: ClusterIP
    ports:
        - port: 80
          targetPort: 0x1F90
        -
          port: 443
          name: https
    selector:
        app: web
---
# nothing here
---
apiVersion: v1
kind: ServiceAccount
metadata:
  name: web
automountServiceAccountToken: no
`,
	`apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: database
  namespace: central
spec:
  serviceName: database
  volumeClaimTemplates:
  - metadata:
      name: data
    spec:
      accessModes: [ "ReadWriteOnce" ]
      storageClassName: px-csi-db
      resources:
        requests:
          storage: 64Gi
  template:
    spec:
      securityContext: &context
        runAsUser: 1000
        fsGroup: 1000
      initContainers:
      - name: init
        securityContext: *context
        command: ['sh', '-c', 'until nc -z db 27017; do sleep 1; done']
      containers:
      - name: db
        securityContext:
          <<: *context
          readOnlyRootFilesystem: true
`,
	`apiVersion: batch/v1
kind: Job
metadata:
  name: pre-install-check
  annotations:
    "helm.sh/hook": pre-install
    "helm.sh/hook-weight": "5"
    "helm.sh/hook-delete-policy": before-hook-creation,hook-succeeded
spec:
  backoffLimit: 0
  template:
    spec:
      restartPolicy: Never
      containers:
      - name: check
        image: registry.example.com/check:1
        command:
        - sh
        - -c
        - >-
          /check --namespace "$(NAMESPACE)"
          --class "$(STORAGE_CLASS)" &&
            echo done

        env:
        - {name: NAMESPACE, value: central}
        - name: STORAGE_CLASS
          value:
`,
	`apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata:
  name: reader
rules:
- apiGroups: [""]
  resources: ["pods", "secrets"]
  verbs: ["get", "list"]
- apiGroups:
    - apps
  resources:
    - '*'
  verbs: ["*"]
- nonResourceURLs: ["/metrics"]
  verbs: [get]
`,
	`apiVersion: v1
kind: Secret
metadata:
  name: alertmanager
type: Opaque
stringData:
  alertmanager.yaml: |
    route:
      receiver: 'null'
    receivers:
    - name: 'null'
  template.tmpl: "{{ define \"x\" }}\n  {{ .Status | toUpper }}\n{{ end }}"
data:
  token: !!binary aGVsbG8=
  password: aGVsbG8=
`,
	`{
  "apiVersion": "v1",
  "kind": "PersistentVolumeClaim",
  "metadata": {"name": "data", "labels": {"app": "db"}},
  "spec": {
    "accessModes": ["ReadWriteOnce"],
    "resources": {"requests": {"storage": "10Gi"}},
    "storageClassName": null
  }
}
`,
	`apiVersion: v1
kind: List
items:
- apiVersion: v1
  kind: ConfigMap
  metadata:
    name: one
  data: {on: "y", 1: "2", 'no': x}
- apiVersion: v1
  kind: ConfigMap
  metadata:
    name: two
  data:
    ? key
    : value
    folded: >
      some words
      and more

        indented
      end
    long: a plain text
      over two lines
`,
}
