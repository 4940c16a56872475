{{/* The configuration as Verdict gets it. A key that is null is one that is left out, as everywhere in Helm's values;
Verdict takes none without a value. */}}
{{- define "verdict.config" -}}
{{- $config := deepCopy .Values.config -}}
{{- include "verdict.dropNulls" $config -}}
{{- toYaml $config -}}
{{- end }}

{{- define "verdict.dropNulls" -}}
{{- range $key, $value := . -}}
{{- if kindIs "invalid" $value -}}
{{- $_ := unset $ $key -}}
{{- else if kindIs "map" $value -}}
{{- include "verdict.dropNulls" $value -}}
{{- end -}}
{{- end -}}
{{- end }}

{{/* What templates read of the configuration, which may write a list as one text with commas, too. */}}
{{- define "verdict.list" -}}
{{- $items := list -}}
{{- range kindIs "string" . | ternary (splitList "," (toString .)) . -}}
{{- $items = append $items (kindIs "string" . | ternary (trim (toString .)) .) -}}
{{- end -}}
{{- without $items "" | toJson -}}
{{- end }}

{{/* The consumer group; kafka.group of the configuration. */}}
{{- define "verdict.group" -}}
{{- (.Values.config.kafka).group | default "verdict" -}}
{{- end }}

{{/* The raw topics' names. Each is written NAME:format:product, or as a mapping. */}}
{{- define "verdict.rawTopics" -}}
{{- $names := list -}}
{{- range include "verdict.list" ((.Values.config.topics).raw | default (list "idv.raw.v1")) | fromJsonArray -}}
{{- if kindIs "string" . -}}
{{- $names = append $names (splitList ":" . | first) -}}
{{- else -}}
{{- $names = append $names .name -}}
{{- end -}}
{{- end -}}
{{- toJson $names -}}
{{- end }}

{{/* The ports of brokers, as host:port. */}}
{{- define "verdict.brokerPorts" -}}
{{- $ports := list -}}
{{- range include "verdict.list" .Values.config.kafka.brokers | fromJsonArray -}}
{{- $port := regexFind ":[0-9]+$" . | trimPrefix ":" -}}
{{- if not $port -}}
{{- fail (printf "config.kafka.brokers: %s: write it as host:port" .) -}}
{{- end -}}
{{- $ports = append $ports (int $port) -}}
{{- end -}}
{{- toJson $ports -}}
{{- end }}

{{/* The ports of the registry's addresses: those that they name, or those of http and https. */}}
{{- define "verdict.registryPorts" -}}
{{- $ports := list -}}
{{- range include "verdict.list" ((.Values.config.registry).url | default list) | fromJsonArray -}}
{{- $url := urlParse . -}}
{{- $port := regexFind ":[0-9]+$" $url.host | trimPrefix ":" -}}
{{- $ports = append $ports ($port | default (eq $url.scheme "https" | ternary "443" "80") | int) -}}
{{- end -}}
{{- toJson $ports -}}
{{- end }}
