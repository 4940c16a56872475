{{/* What values may not say together, with the reason. What a single value may not be is in values.schema.json. */}}
{{- define "verdict.checkValues" -}}
{{- include "verdict.checkConfig" . -}}
{{- include "verdict.checkVariables" . -}}
{{- include "verdict.checkRules" . -}}
{{- end }}

{{- define "verdict.checkConfig" -}}
{{- $config := .Values.config -}}
{{- if ($config.kafka).instance_id -}}
{{- fail "kafka.instance_id: leave it out: all pods would have the same, and two with one name shut each other out" -}}
{{- end -}}
{{- if or (($config.kafka).sasl).password ($config.registry).password -}}
{{- fail "config: a password would lie in a ConfigMap: put it into a Secret, see kafka.sasl and registry" -}}
{{- end -}}
{{- if ($config.http).address -}}
{{- fail "config.http.address: the chart sets it, and probes go by it: leave it out" -}}
{{- end -}}
{{- end }}

{{/* A variable goes before the configuration, and no template can see what it says. */}}
{{- define "verdict.checkVariables" -}}
{{- $refused := dict "VERDICT_KAFKA_INSTANCE_ID" "two pods with one name shut each other out: leave it out" -}}
{{- range list "VERDICT_CONFIG" "VERDICT_HTTP_ADDRESS" "VERDICT_SHUTDOWN_TIMEOUT" "VERDICT_KAFKA_BROKERS"
  "VERDICT_KAFKA_GROUP" "VERDICT_TOPICS_RAW" "VERDICT_REGISTRY_URL" -}}
{{- $_ := set $refused . "the chart relies on it: probes, policy, scaling and more go by `config`: set it there" -}}
{{- end -}}
{{- if include "verdict.hasRules" . -}}
{{- range list "VERDICT_CATALOG_DIR" "VERDICT_CATALOG_OVERLAY" -}}
{{- $_ := set $refused . "the chart sets it where rules are given: leave it out" -}}
{{- end -}}
{{- end -}}
{{- $sasl := .Values.topics.kafka.sasl -}}
{{- if ($sasl).username -}}
{{- $_ := set $refused "VERDICT_KAFKA_SASL_USERNAME"
  "it would go before topics.kafka.sasl.username: use kafka.sasl.username" -}}
{{- end -}}
{{- if ($sasl).existingSecret -}}
{{- range list "VERDICT_KAFKA_SASL_PASSWORD" "VERDICT_KAFKA_SASL_PASSWORD_FILE" -}}
{{- $_ := set $refused . "it would go before topics.kafka.sasl.existingSecret: use kafka.sasl.existingSecret" -}}
{{- end -}}
{{- end -}}
{{- range .Values.extraEnv -}}
{{- $name := .name -}}
{{- with get $refused $name -}}{{- fail (printf "extraEnv: %s: %s" $name .) -}}{{- end -}}
{{- end -}}
{{- end }}

{{- define "verdict.checkRules" -}}
{{- $rules := .Values.rules -}}
{{- $cases := $rules.existingCases | default dict -}}
{{- $some := include "verdict.hasRules" . -}}
{{- if and (or $rules.files $rules.cases) $rules.existingConfigMap -}}
{{- fail "rules: both files (or cases) and existingConfigMap are set: keep one" -}}
{{- end -}}
{{- if and (or $rules.cases $cases.configMap $cases.files) (not $some) -}}
{{- fail "rules: cases lie beside rules: set rules.files or rules.existingConfigMap too" -}}
{{- end -}}
{{- if and $rules.whole (not $some) -}}
{{- fail "rules.whole: there are no rules: set rules.files or rules.existingConfigMap" -}}
{{- end -}}
{{- if and $cases.configMap (not $cases.files) -}}
{{- fail "rules.existingCases.files: list the keys of the ConfigMap that are cases" -}}
{{- end -}}
{{- if and $cases.files (not $cases.configMap) -}}
{{- fail "rules.existingCases.configMap: name the ConfigMap that has the cases" -}}
{{- end -}}
{{- range $key := list "dir" "overlay" -}}
{{- if and $some (get ($.Values.config.catalog | default dict) $key) -}}
{{- fail (printf "config.catalog.%s: the chart sets it where rules are given: leave it out" $key) -}}
{{- end -}}
{{- end -}}
{{- end }}
