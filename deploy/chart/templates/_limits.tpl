{{/* A quantity of memory, such as 512Mi, in bytes. */}}
{{- define "verdict.bytes" -}}
{{- $text := . | toString -}}
{{- if kindIs "float64" . -}}{{- $text = . | int64 | toString -}}{{- end -}}
{{- if not (regexMatch "^[0-9]+([.][0-9]+)?([kMGT]|[KMGT]i)?$" $text) -}}
{{- fail (printf "resources.limits.memory: %s: write a number with Ki, Mi, Gi, k, M or G, such as 512Mi" $text) -}}
{{- end -}}
{{- $number := regexFind "^[0-9.]+" $text -}}
{{- $units := dict "" 1 "k" 1e3 "M" 1e6 "G" 1e9 "T" 1e12
  "Ki" 1024 "Mi" 1048576 "Gi" 1073741824 "Ti" 1099511627776 -}}
{{- mulf (float64 $number) (get $units (trimPrefix $number $text) | float64) | int64 -}}
{{- end }}

{{/* A duration as Verdict reads it, such as 1m30s, in whole seconds, rounded up. */}}
{{- define "verdict.seconds" -}}
{{- $text := . | toString -}}
{{- if not (regexMatch "^([0-9]+([.][0-9]+)?(h|m|s|ms))+$" $text) -}}
{{- fail (printf "config.shutdown_timeout: %s: write a number and a unit, such as 8s or 1m" $text) -}}
{{- end -}}
{{- $units := dict "h" 3600.0 "m" 60.0 "s" 1.0 "ms" 0.001 -}}
{{- $total := 0.0 -}}
{{- range regexFindAll "[0-9.]+(ms|h|m|s)" $text -1 -}}
{{- $number := regexFind "^[0-9.]+" . -}}
{{- $total = addf $total (mulf (float64 $number) (get $units (trimPrefix $number .))) -}}
{{- end -}}
{{- ceil $total | int64 -}}
{{- end }}

{{/* How long a pod may take to end: what Verdict takes to end its transactions, at most, and 7 seconds for the rest of
it and for a slow node. A process that is killed before leaves its transaction to a successor or a timeout. */}}
{{- define "verdict.gracePeriod" -}}
{{- $least := add 7 (include "verdict.seconds" (.Values.config.shutdown_timeout | default "8s") | int64) | int64 -}}
{{- $set := .Values.terminationGracePeriodSeconds -}}
{{- if and $set (lt ($set | int64) $least) -}}
{{- fail (printf
  "terminationGracePeriodSeconds: %d is too short: config.shutdown_timeout and 7 s are %d; leave it empty"
  ($set | int64) $least) -}}
{{- end -}}
{{- $set | default $least | int64 -}}
{{- end }}

{{/* What the configuration may not say here, with the reason. */}}
{{- define "verdict.checkValues" -}}
{{- $variables := list -}}
{{- range .Values.extraEnv -}}{{- $variables = append $variables .name -}}{{- end -}}
{{- if or (dig "kafka" "instance_id" "" .Values.config) (has "VERDICT_KAFKA_INSTANCE_ID" $variables) -}}
{{- fail "kafka.instance_id: leave it out: all pods would have the same, and two with one name shut each other out" -}}
{{- end -}}
{{- if or (dig "kafka" "sasl" "password" "" .Values.config) (dig "registry" "password" "" .Values.config) -}}
{{- fail "config: a password would lie in a ConfigMap: put it into a Secret, see kafka.sasl and registry" -}}
{{- end -}}
{{- range $name := list "VERDICT_CONFIG" "VERDICT_HTTP_ADDRESS" "VERDICT_SHUTDOWN_TIMEOUT" -}}
{{- if has $name $variables -}}
{{- fail (printf "extraEnv: %s: the chart relies on it: probes and grace period go by it; use config" $name) -}}
{{- end -}}
{{- end -}}
{{- if and (dig "sasl" "username" "" .Values.topics.kafka) (has "VERDICT_KAFKA_SASL_USERNAME" $variables) -}}
{{- fail (print "extraEnv: VERDICT_KAFKA_SASL_USERNAME would go before topics.kafka.sasl.username: "
  "use kafka.sasl.username") -}}
{{- end -}}
{{- $rules := .Values.rules -}}
{{- if and (or $rules.files $rules.cases) $rules.existingConfigMap -}}
{{- fail "rules: both files (or cases) and existingConfigMap are set: keep one" -}}
{{- end -}}
{{- if and $rules.cases (not $rules.files) -}}
{{- fail "rules.cases: cases lie beside rules: set rules.files too" -}}
{{- end -}}
{{- range $key := list "dir" "overlay" -}}
{{- if and (dig "catalog" $key "" $.Values.config) (or $rules.files $rules.existingConfigMap) -}}
{{- fail (printf "config.catalog.%s: the chart sets it where rules are given: leave it out" $key) -}}
{{- end -}}
{{- end -}}
{{- end }}
