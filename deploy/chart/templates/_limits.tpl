{{/* A quantity of memory, such as 512Mi, in bytes. */}}
{{- define "verdict.bytes" -}}
{{- $text := . | toString -}}
{{- if kindIs "float64" . -}}{{- $text = . | int64 | toString -}}{{- end -}}
{{- if not (regexMatch "^[0-9]+([.][0-9]+)?([kMGT]|[KMGT]i)?$" $text) -}}
{{- fail (printf "limits.memory: %s: write a number with Ki, Mi, Gi, k, M or G, such as 512Mi" $text) -}}
{{- end -}}
{{- $number := regexFind "^[0-9.]+" $text -}}
{{- if eq (float64 $number) 0.0 -}}
{{- fail (printf "limits.memory: %s: write more than nothing, or null for no limit" $text) -}}
{{- end -}}
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
