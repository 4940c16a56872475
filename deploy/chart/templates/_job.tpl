{{/* What failed stays, to be looked at, until the next time. (Helm 4 prints its log, too.) */}}
{{- define "verdict.hook" -}}
helm.sh/hook: {{ .events }}
helm.sh/hook-weight: {{ .weight | quote }}
helm.sh/hook-delete-policy: before-hook-creation,hook-succeeded
{{- end }}

{{/* A pod that runs the program once. Takes root, name, args, and what verdict.volumes takes. */}}
{{- define "verdict.podOnce" -}}
{{- $values := .root.Values -}}
restartPolicy: Never
# Not the account that this chart makes: before the first installation there is none.
serviceAccountName: {{ $values.serviceAccount.create | ternary "default" (include "verdict.serviceAccount" .root) }}
{{ include "verdict.podBasics" .root }}
containers:
  - name: {{ .name }}
    {{- include "verdict.containerBasics" (set . "memory" ($values.jobs.resources.limits).memory) | nindent 4 }}
    args: {{ toJson .args }}
    resources:
      {{- toYaml $values.jobs.resources | nindent 6 }}
volumes:
  {{- include "verdict.volumes" . | nindent 2 }}
{{- end }}

{{/* Labels and annotations of such a pod. */}}
{{- define "verdict.podOnceLabels" -}}
{{ include "verdict.allPods" .root }}
app.kubernetes.io/component: {{ .name }}
{{- with .root.Values.podLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* A job of it, as a hook. Takes also events, weight, and tries: how often it begins anew. */}}
{{- define "verdict.job" -}}
{{- $root := .root -}}
apiVersion: batch/v1
kind: Job
metadata:
  name: {{ include "verdict.name" $root }}-{{ .name }}
  namespace: {{ $root.Release.Namespace }}
  labels:
    {{- include "verdict.labels" $root | nindent 4 }}
    app.kubernetes.io/component: {{ .name }}
  annotations:
    {{- include "verdict.hook" . | nindent 4 }}
    helm.sh/hook-output-log-policy: hook-failed
spec:
  backoffLimit: {{ .tries }}
  activeDeadlineSeconds: {{ $root.Values.jobs.activeDeadlineSeconds | int }}
  template:
    metadata:
      labels:
        {{- include "verdict.podOnceLabels" . | nindent 8 }}
      {{- with $root.Values.podAnnotations }}
      annotations:
        {{- toYaml . | nindent 8 }}
      {{- end }}
    spec:
      {{- include "verdict.podOnce" . | nindent 6 }}
{{- end }}
