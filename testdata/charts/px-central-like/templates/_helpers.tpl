{{/*
Two conventions keep the templates readable.
A helper that is called with a list takes (list . INDENT ...) and indents itself: it gives a line break and its lines, or nothing at all.
A helper that is called with the context alone gives bare lines; the caller indents them, and an empty result leaves a line of blanks behind, as in real renders.
*/}}

{{/* Every object's labels. part-of follows pxbackup.enabled, so it starts with a line break of its own. */}}
{{- define "px-central.labels" -}}
app.kubernetes.io/name: px-central
app.kubernetes.io/instance: {{ .Release.Name | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service | quote }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | quote }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
{{- include "px-central.partOf" . }}
{{- end }}

{{- define "px-central.partOf" }}
{{- if .Values.pxbackup.enabled }}
app.kubernetes.io/part-of: px-backup
{{- end }}
{{- end }}

{{/* (list . IMAGE): images.registry and images.repo win over the image's own. */}}
{{- define "px-central.image" -}}
{{- $images := (index . 0).Values.images }}
{{- $image := index . 1 }}
{{- printf "%s/%s/%s:%s" ($images.registry | default $image.registry) ($images.repo | default $image.repo) $image.imageName $image.tag }}
{{- end }}

{{/* "eq" on purpose: a string from --set-string must fail, as it does in the real chart. */}}
{{- define "px-central.serviceMesh" -}}
{{- if eq .Values.istio.enabled true -}}
istio
{{- else if eq .Values.linkerd.enabled true -}}
linkerd
{{- else -}}
""
{{- end }}
{{- end }}

{{- define "px-central.openshift" -}}
{{- if or .Values.isOpenshift (.Capabilities.APIVersions.Has "apps.openshift.io/v1") }}true{{ end }}
{{- end }}

{{- define "px-central.dedicatedMonitoring" -}}
{{- if and .Values.pxbackup.enabled .Values.pxbackup.deployDedicatedMonitoringSystem }}true{{ end }}
{{- end }}

{{/* (list . INDENT) */}}
{{- define "px-central.podSecurity" }}
{{- $top := index . 0 }}
{{- if not (include "px-central.openshift" $top) }}
{{- dict "securityContext" $top.Values.securityContext | toYaml | nindent (index . 1 | int) }}
{{- end }}
{{- end }}

{{/* (list . INDENT) */}}
{{- define "px-central.pullSecrets" }}
{{- $indent := index . 1 | int }}
{{- with (index . 0).Values.images.pullSecrets }}
{{- nindent $indent "imagePullSecrets:" }}
{{- range . }}
{{- printf "  - name: %s" (quote .) | nindent $indent }}
{{- end }}
{{- end }}
{{- end }}

{{- define "px-central.affinity" -}}
affinity:
  nodeAffinity:
    requiredDuringSchedulingIgnoredDuringExecution:
      nodeSelectorTerms:
      - matchExpressions:
        - key: pxbackup/enabled
          operator: NotIn
          values:
          - "false"
{{- end }}

{{/* (list . WORKLOAD): bare lines, so that the line of blanks stays when there is no list. */}}
{{- define "px-central.noProxyEnv" -}}
{{- $top := index . 0 }}
{{- if and $top.Values.proxy.httpProxy.noProxy (has (index . 1) $top.Values.proxy.includeNoProxyList) -}}
- name: NO_PROXY
  value: {{ include "px-central.noProxyList" $top }}
- name: no_proxy
  value: {{ include "px-central.noProxyList" $top }}
{{- end }}
{{- end }}

{{- define "px-central.noProxyList" -}}
localhost,127.0.0.1,px-backup,px-backup.{{ .Release.Namespace }},pxc-backup-mongodb-headless,pxcentral-apiserver,{{ .Values.proxy.httpProxy.noProxy }}
{{- end }}

{{/* (list . INDENT): values in clear text and references to a Secret; both together give the same name twice. */}}
{{- define "px-central.proxyEnv" }}
{{- $proxy := (index . 0).Values.proxy }}
{{- $indent := index . 1 | int }}
{{- with $proxy.http }}
{{- printf "- name: HTTP_PROXY\n  value: %s\n- name: http_proxy\n  value: %s" . . | nindent $indent }}
{{- end }}
{{- with $proxy.https }}
{{- printf "- name: HTTPS_PROXY\n  value: %s\n- name: https_proxy\n  value: %s" . . | nindent $indent }}
{{- end }}
{{- if $proxy.configSecretName }}
{{- range list "http_proxy" "https_proxy" "HTTP_PROXY" "HTTPS_PROXY" "NO_PROXY" "no_proxy" }}
{{- printf "- name: %s\n  valueFrom:\n    secretKeyRef:\n      name: %s\n      key: %s" . $proxy.configSecretName (upper .) | nindent $indent }}
{{- end }}
{{- end }}
{{- end }}

{{/* (list . INDENT) */}}
{{- define "px-central.proxyMount" }}
{{- if (index . 0).Values.proxy.configSecretName }}
{{- "- mountPath: /etc/ssl/certs/proxy-ca.pem\n  subPath: proxy-ca.pem\n  name: proxy-ca-volume\n  readOnly: true" | nindent (index . 1 | int) }}
{{- end }}
{{- end }}

{{/* (list . INDENT) */}}
{{- define "px-central.proxyVolume" }}
{{- with (index . 0).Values.proxy.configSecretName }}
{{- printf "- name: proxy-ca-volume\n  secret:\n    items:\n    - key: CA\n      path: proxy-ca.pem\n    optional: true\n    secretName: %s" . | nindent (index $ 1 | int) }}
{{- end }}
{{- end }}

{{/* (list . INDENT) */}}
{{- define "px-central.caMount" }}
{{- if (index . 0).Values.caCertsSecretName }}
{{- "- mountPath: /etc/ssl/certs/custom\n  name: ca-certs\n  readOnly: true" | nindent (index . 1 | int) }}
{{- end }}
{{- end }}

{{/* (list . INDENT) */}}
{{- define "px-central.caVolume" }}
{{- with (index . 0).Values.caCertsSecretName }}
{{- printf "- name: ca-certs\n  secret:\n    secretName: %s" . | nindent (index $ 1 | int) }}
{{- end }}
{{- end }}

{{/* (list . INDENT WORKLOAD): annotations of a pod template */}}
{{- define "px-central.azureProxy" }}
{{- $proxy := (index . 0).Values.proxy }}
{{- if and $proxy.azureProxyEnabled (not (has (index . 2) $proxy.excludeAzureProxyList)) }}
{{- "annotations:\n  kubernetes.azure.com/no-http-proxy-vars: \"true\"" | nindent (index . 1 | int) }}
{{- end }}
{{- end }}

{{/* (list . INDENT): a claim without a class leaves the field out */}}
{{- define "px-central.storageClass" }}
{{- with (index . 0).Values.persistentStorage.storageClassName }}
{{- printf "storageClassName: %s" . | nindent (index $ 1 | int) }}
{{- end }}
{{- end }}

{{/* (list . NAME SIZE): one claim template of a StatefulSet */}}
{{- define "px-central.claimTemplate" }}
{{- $top := index . 0 }}
{{- if $top.Values.persistentStorage.enabled | default false }}
  volumeClaimTemplates:
    - metadata:
        name: {{ index . 1 }}
      spec:
        accessModes:
          - "ReadWriteOnce"
        resources:
          requests:
            storage: {{ index . 2 }}
        {{- include "px-central.storageClass" (list $top 8) }}
{{- end }}
{{- end }}

{{/* (list . NAME): what stands in for the claim when storage is switched off */}}
{{- define "px-central.emptyDir" }}
{{- if not ((index . 0).Values.persistentStorage.enabled | default false) }}
        - name: {{ index . 1 }}
          emptyDir: {}
{{- end }}
{{- end }}

{{- define "px-central.bindingSubject" -}}
subjects:
- kind: ServiceAccount
  name: {{ index . 1 }}
  namespace: {{ (index . 0).Release.Namespace }}
{{- end }}
