{{/* The configuration, and, if rules is true, the rules with their cases. Takes root, name, rules, and hook: the events
that they are made for, or nothing. Hooks need copies of their own: they run before what they check is put in place, and
the instances must not read what has not been checked. */}}
{{- define "verdict.configMaps" -}}
{{- $root := .root -}}
{{- $hook := .hook -}}
{{- $maps := dict "" (dict "verdict.yaml" (include "verdict.config" .root)) -}}
{{- if .rules }}
{{- with .root.Values.rules.files }}{{- $_ := set $maps "-rules" . }}{{- end }}
{{- with .root.Values.rules.cases }}{{- $_ := set $maps "-cases" . }}{{- end }}
{{- end }}
{{- range $suffix, $files := $maps }}
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ $.name }}{{ $suffix }}
  namespace: {{ $root.Release.Namespace }}
  labels:
    {{- include "verdict.labels" $root | nindent 4 }}
  {{- with $hook }}
  annotations:
    {{- include "verdict.hook" (dict "events" . "weight" "-10") | nindent 4 }}
  {{- end }}
data:
  {{- toYaml $files | nindent 2 }}
{{- end }}
{{- end }}

