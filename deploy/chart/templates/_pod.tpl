{{/* A volume for each thing that Verdict reads from a file. Of a Secret only the keys that are named are there.
Takes root, kafka (how this pod logs in), config (the ConfigMaps' name), and whether it needs rules and registry.
The kubelet reads ConfigMaps each at its own time: rules and cases that belong together may come minutes apart. A pod
then refuses the first of them, and takes both over when the second is there. */}}
{{- define "verdict.volumes" -}}
{{- $values := .root.Values -}}
- name: config
  configMap:
    name: {{ .config }}
{{- if and .rules (include "verdict.hasRules" .root) }}
# One directory, which the kubelet swaps in one step; a subPath would never be brought up to date.
- name: rules
  projected:
    sources:
      - configMap:
          name: {{ $values.rules.existingConfigMap | default (printf "%s-rules" .config) }}
      {{- with $values.rules.cases }}
      - configMap:
          name: {{ $.config }}-cases
          items:
            {{- range $file, $_ := . }}
            - key: {{ $file | quote }}
              path: {{ printf "cases/%s" $file | quote }}
            {{- end }}
      {{- end }}
      {{- with $values.rules.existingCases }}
      {{- if .configMap }}
      - configMap:
          name: {{ .configMap }}
          items:
            {{- range .files }}
            - key: {{ . | quote }}
              path: {{ printf "cases/%s" . | quote }}
            {{- end }}
      {{- end }}
      {{- end }}
{{- end }}
{{- with .kafka.sasl }}
{{- if .existingSecret }}
- name: kafka-password
  secret:
    secretName: {{ .existingSecret }}
    items:
      - {key: {{ .passwordKey | quote }}, path: password}
{{- end }}
{{- end }}
{{- with .kafka.tls }}
{{- if .existingSecret }}
- name: kafka-tls
  secret:
    secretName: {{ .existingSecret }}
    items:
      {{- if .caKey }}
      - {key: {{ .caKey | quote }}, path: ca.crt}
      {{- end }}
      {{- if .certKey }}
      - {key: {{ .certKey | quote }}, path: tls.crt}
      - {key: {{ .privateKey | quote }}, path: tls.key}
      {{- end }}
{{- end }}
{{- end }}
{{- if .registry }}
{{- with $values.registry }}
{{- if .existingSecret }}
- name: registry-password
  secret:
    secretName: {{ .existingSecret }}
    items:
      - {key: {{ .passwordKey | quote }}, path: password}
{{- end }}
{{- if .caSecret }}
- name: registry-ca
  secret:
    secretName: {{ .caSecret }}
    items:
      - {key: {{ .caKey | quote }}, path: ca.crt}
{{- end }}
{{- end }}
{{- end }}
{{- with $values.extraVolumes }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "verdict.hasRules" -}}
{{- if or .Values.rules.files .Values.rules.existingConfigMap }}yes{{ end -}}
{{- end }}

{{- define "verdict.mounts" -}}
{{- $values := .root.Values -}}
- {name: config, mountPath: /etc/verdict/config, readOnly: true}
{{- if and .rules (include "verdict.hasRules" .root) }}
- {name: rules, mountPath: /etc/verdict/rules, readOnly: true}
{{- end }}
{{- if (.kafka.sasl).existingSecret }}
- {name: kafka-password, mountPath: /etc/verdict/kafka-password, readOnly: true}
{{- end }}
{{- if (.kafka.tls).existingSecret }}
- {name: kafka-tls, mountPath: /etc/verdict/kafka-tls, readOnly: true}
{{- end }}
{{- if and .registry $values.registry.existingSecret }}
- {name: registry-password, mountPath: /etc/verdict/registry-password, readOnly: true}
{{- end }}
{{- if and .registry $values.registry.caSecret }}
- {name: registry-ca, mountPath: /etc/verdict/registry-ca, readOnly: true}
{{- end }}
{{- with $values.extraVolumeMounts }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* The variables, which go before the file. One that extraEnv has too is left to that: a name may stand once.
Each is NAME=value, so that they are one list. */}}
{{- define "verdict.env" -}}
{{- $values := .root.Values -}}
{{- $env := list "VERDICT_CONFIG=/etc/verdict/config/verdict.yaml" "VERDICT_HTTP_ADDRESS=:9600" -}}
{{- /* A process that ends because the brokers are gone, every five minutes, is a crash loop: Kubernetes would wait ever
longer before it starts it again, and the outage of the pods outlast that of the brokers. */ -}}
{{- if not ($values.config.kafka).silent_timeout -}}
  {{- $env = append $env "VERDICT_KAFKA_SILENT_TIMEOUT=24h" -}}
{{- end -}}
{{- if and .rules (include "verdict.hasRules" .root) -}}
  {{- $key := ternary "DIR" "OVERLAY" $values.rules.whole -}}
  {{- $env = append $env (printf "VERDICT_CATALOG_%s=/etc/verdict/rules" $key) -}}
{{- end -}}
{{- with .kafka.sasl -}}
  {{- if .username -}}{{- $env = append $env (printf "VERDICT_KAFKA_SASL_USERNAME=%s" .username) -}}{{- end -}}
  {{- if .existingSecret -}}
    {{- $env = append $env "VERDICT_KAFKA_SASL_PASSWORD_FILE=/etc/verdict/kafka-password/password" -}}
  {{- end -}}
{{- end -}}
{{- with .kafka.tls -}}
  {{- if .existingSecret -}}
    {{- $env = append $env "VERDICT_KAFKA_TLS_ENABLED=true" -}}
    {{- if .caKey -}}{{- $env = append $env "VERDICT_KAFKA_TLS_CA_FILE=/etc/verdict/kafka-tls/ca.crt" -}}{{- end -}}
    {{- if .certKey -}}
      {{- $env = append $env "VERDICT_KAFKA_TLS_CERT_FILE=/etc/verdict/kafka-tls/tls.crt" -}}
      {{- $env = append $env "VERDICT_KAFKA_TLS_KEY_FILE=/etc/verdict/kafka-tls/tls.key" -}}
    {{- end -}}
  {{- end -}}
{{- end -}}
{{- if .registry -}}
{{- with $values.registry -}}
  {{- if .existingSecret -}}
    {{- $env = append $env "VERDICT_REGISTRY_PASSWORD_FILE=/etc/verdict/registry-password/password" -}}
  {{- end -}}
  {{- if .caSecret -}}{{- $env = append $env "VERDICT_REGISTRY_CA_FILE=/etc/verdict/registry-ca/ca.crt" -}}{{- end -}}
{{- end -}}
{{- end -}}
{{- /* Of the rest, 35 MiB are for `verdict status` in the pod, and 30 for what Go does not count. */ -}}
{{- if not (kindIs "invalid" .memory) -}}
  {{- $env = append $env (printf "GOMEMLIMIT=%d" (div (mul 85 (include "verdict.bytes" .memory | int64)) 100)) -}}
{{- end -}}
{{- with .cpus -}}{{- $env = append $env (printf "GOMAXPROCS=%d" (. | int)) -}}{{- end -}}
{{- $extra := list -}}
{{- range $values.extraEnv -}}{{- $extra = append $extra .name -}}{{- end -}}
{{- range $env -}}
{{- $pair := splitn "=" 2 . -}}
{{- if not (has $pair._0 $extra) }}
- {name: {{ $pair._0 }}, value: {{ $pair._1 | quote }}}
{{- end -}}
{{- end -}}
{{- with $values.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* What instances and jobs have in common beside their container: the node that they may run on, and no rights. */}}
{{- define "verdict.podBasics" -}}
automountServiceAccountToken: false
# No variables of the namespace's Services: those of one that is called verdict-... would be unknown settings.
enableServiceLinks: false
{{- with .Values.imagePullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
securityContext:
  {{- toYaml .Values.podSecurityContext | nindent 2 }}
{{- with .Values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{/* The container's fields that all have. Takes what verdict.volumes takes, memory, its limit, and cpus. */}}
{{- define "verdict.containerBasics" -}}
image: {{ include "verdict.image" .root | quote }}
imagePullPolicy: {{ .root.Values.image.pullPolicy }}
env:
  {{- include "verdict.env" . | trim | nindent 2 }}
securityContext:
  {{- toYaml .root.Values.securityContext | nindent 2 }}
volumeMounts:
  {{- include "verdict.mounts" . | nindent 2 }}
{{- end }}
