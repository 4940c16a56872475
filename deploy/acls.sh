#!/usr/bin/env bash
# Gives Verdict's user what it needs and nothing more. All arguments go to kafka-acls, which does the work:
#
#   PRINCIPAL=User:verdict deploy/acls.sh --bootstrap-server broker:9092 --command-config admin.properties
#
# Settings, with their defaults, as in Verdict's own configuration:
#   PRINCIPAL   User:verdict
#   GROUP       verdict                 kafka.group; transactional ids begin with it and a dash
#   RAW         idv.raw.v1              topics.raw, several with blanks between
#   OUTPUTS     idv.decisions.v1 idv.verifications.v1 idv.billing.v1 idv.risk.v1 idv.overdue.v1
#               idv.deadletter.v1
#   CATALOG     (none)                  the topic of `verdict catalog --publish`, if the user is to run that
#   STATE       true                    state.enabled: the topics that begin with GROUP-state.
#   KAFKA_ACLS  kafka-acls              or kafka-acls.sh, or its path
# docs/kafka.md says what each is for.
set -euo pipefail

principal=${PRINCIPAL:-User:verdict}
group=${GROUP:-verdict}
raw=${RAW:-idv.raw.v1}
outputs=${OUTPUTS:-idv.decisions.v1 idv.verifications.v1 idv.billing.v1 idv.risk.v1 idv.overdue.v1 idv.deadletter.v1}
catalog=${CATALOG:-}
state=${STATE:-true}
acls=${KAFKA_ACLS:-kafka-acls}

if [ $# -eq 0 ]; then
  echo "deploy/acls.sh: say which cluster, for example --bootstrap-server localhost:9092" >&2
  exit 2
fi

topics() {
  local topic
  for topic in $1; do printf -- '--topic\n%s\n' "$topic"; done
}

allow() {
  echo "+ $acls --add --allow-principal $principal $*"
  "$acls" "${cluster[@]}" --add --allow-principal "$principal" "$@" >/dev/null
}

cluster=("$@")
mapfile -t raw_topics < <(topics "$raw")
mapfile -t output_topics < <(topics "$outputs")

allow --operation Read --operation DescribeConfigs "${raw_topics[@]}"
allow --operation Read --group "$group"
allow --operation Write --operation DescribeConfigs "${output_topics[@]}"
if [ -n "$catalog" ]; then
  allow --operation Read --operation Write --operation DescribeConfigs --topic "$catalog"
fi
if [ "$state" = true ]; then
  allow --operation Read --operation Write --operation DescribeConfigs --topic "$group-state." \
    --resource-pattern-type prefixed
fi
allow --operation Write --transactional-id "$group-" --resource-pattern-type prefixed
