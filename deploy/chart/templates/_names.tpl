{{/* The name of all that is made: the release's, with "verdict" in it. It leaves room for suffixes of 13 letters. */}}
{{- define "verdict.name" -}}
{{- $name := .Release.Name -}}
{{- if .Values.nameOverride -}}
  {{- $name = .Values.nameOverride -}}
{{- else if not (contains "verdict" $name) -}}
  {{- $name = printf "%s-verdict" $name -}}
{{- end -}}
{{- $name | replace "." "-" | trunc 50 | trimSuffix "-" -}}
{{- end }}

{{- define "verdict.serviceAccount" -}}
{{- if .Values.serviceAccount.create -}}
{{- .Values.serviceAccount.name | default (include "verdict.name" .) -}}
{{- else -}}
{{- .Values.serviceAccount.name | default "default" -}}
{{- end -}}
{{- end }}

{{/* What selects the instances, and no pod of a job: neither the Service nor the disruption budget may count those.
It can never be changed, because a Deployment's selector cannot. */}}
{{- define "verdict.selector" -}}
{{ include "verdict.allPods" . }}
app.kubernetes.io/component: instance
{{- end }}

{{/* What selects the instances and the jobs' pods. */}}
{{- define "verdict.allPods" -}}
app.kubernetes.io/name: verdict
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "verdict.labels" -}}
{{ include "verdict.allPods" . }}
app.kubernetes.io/version: {{ .Values.image.tag | default .Chart.AppVersion | trunc 63 | trimAll "._-" | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 }}
{{- with .Values.labels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* The image: by its digest where there is one, which nobody can change behind a tag. */}}
{{- define "verdict.image" -}}
{{- $repository := required "image.repository: say where your image of Verdict is, such as registry.example.org/verdict"
  .Values.image.repository -}}
{{- if .Values.image.digest -}}
{{- printf "%s@%s" $repository .Values.image.digest -}}
{{- else -}}
{{- printf "%s:%s" $repository (.Values.image.tag | default .Chart.AppVersion) -}}
{{- end -}}
{{- end }}

{{/* The job in Prometheus: verdict, or verdict- and something, because deploy/alerts.yaml looks for these. */}}
{{- define "verdict.jobName" -}}
{{- $group := include "verdict.group" . -}}
{{- if or (eq $group "verdict") (hasPrefix "verdict-" $group) -}}
{{- $group -}}
{{- else -}}
{{- printf "verdict-%s" $group -}}
{{- end -}}
{{- end }}
