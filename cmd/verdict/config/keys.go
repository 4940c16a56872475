package config

import (
	"strings"
	"time"

	"verdict/cmd/verdict/screen"
	"verdict/processor"
	"verdict/processor/codec"
	"verdict/processor/kafka"
	"verdict/processor/kafka/cluster"
	"verdict/processor/kafka/wire"
)

// Key is one setting. The table of keys is the only place that knows names, defaults and allowed values: files,
// environment, --set, error texts and docs/configuration.md all come from it.
type Key struct {
	name     string
	fallback string   // the default, as it would be written; "" is none
	allowed  []string // the only values, if there are any
	min, max int64    // bounds of a number, a size or a duration (nanoseconds); max 0 is none
	orZero   bool     // 0 is allowed, whatever min is
	secret   bool     // never shown
	check    check    // of a text, or of each item of a list
	text     string   // what it means
	// whenEmpty tells the default of a duration that depends on other settings; nil: it has none and cannot be empty.
	whenEmpty func(*Config) string
	field     func(*Config) any
}

// MinimalHeaders is the value of output.headers that leaves ce_id and ce_type.
const MinimalHeaders = "minimal"

// envPrefix starts the name of every variable that Verdict reads.
const envPrefix = "VERDICT_"

// envName is the key's environment variable: VERDICT_ and the key in upper case, with _ for each dot.
func (k *Key) envName() string {
	return envPrefix + strings.ToUpper(strings.ReplaceAll(k.name, ".", "_"))
}

// allKeys is the table, in the order in which the reference lists it.
func allKeys() []Key {
	var keys []Key
	for _, group := range [][]Key{
		kafkaKeys(), kafkaSecurityKeys(), topicKeys(), stateKeys(), registryKeys(), ruleKeys(), batchKeys(),
		processKeys(),
	} {
		keys = append(keys, group...)
	}
	return keys
}

func kafkaKeys() []Key {
	return []Key{
		{name: "kafka.brokers", fallback: "127.0.0.1:9092", check: checkBroker,
			field: func(c *Config) any { return &c.Kafka.Brokers },
			text:  "Brokers to start from, as host:port; the others are found through them."},
		{name: "kafka.group", fallback: "verdict", check: checkNotEmpty,
			field: func(c *Config) any { return &c.Kafka.Group },
			text:  "Consumer group. Transactional ids begin with it, so ACLs can name it as their prefix."},
		{name: "kafka.instance_id", field: func(c *Config) any { return &c.Kafka.InstanceID },
			text: "Name of this process in the group. Empty: a random one at each start, which is always safe; " +
				"after a crash the partitions wait for kafka.session_timeout, and whoever gets them ends the dead " +
				"transaction. A stable one, such as a StatefulSet's pod name, makes a restart immediate; but two " +
				"processes with the same one fence each other for ever, so never take a name that can run twice (a " +
				"host name, a Deployment's name)."},
		{name: "kafka.client_id", fallback: "verdict", field: func(c *Config) any { return &c.Kafka.ClientID },
			text: "Begin of the client name in the brokers' logs and quotas."},
		{name: "kafka.compression", fallback: "lz4", allowed: wire.Compressions(),
			field: func(c *Config) any { return &c.Kafka.Compression },
			text:  "Compression of what is written. lz4 costs next to nothing."},
		{name: "kafka.on_truncation", fallback: "stop", allowed: kafka.Truncations(),
			field: func(c *Config) any { return &c.Kafka.OnTruncation },
			text: "When a raw topic no longer has the next record to read (retention or an operator removed it " +
				"before it was decided, or the topic was created anew). stop: the process ends with exit code 1 and " +
				"says both offsets. earliest: it goes on at the earliest record there is, with an error in the log " +
				"and in verdict_truncations_total; what was removed stays undecided."},
		{name: "kafka.session_timeout", fallback: "10s", min: int64(6 * time.Second),
			field: func(c *Config) any { return &c.Kafka.SessionTimeout },
			text: "A member that is silent for so long has left the group, and others take its partitions over: " +
				"most of the recovery from a crash. Brokers refuse less than 6s (group.min.session.timeout.ms). 10s " +
				"is short, for a fast recovery, and longer than what is no death: a garbage collection " +
				"(milliseconds here, a second at worst in a broker), a coordinator's election, four lost " +
				"heartbeats. Raise it where machines stand still for longer, as in live migration."},
		{name: "kafka.heartbeat_interval", fallback: "2s", min: int64(100 * time.Millisecond),
			field: func(c *Config) any { return &c.Kafka.HeartbeatInterval },
			text: "Time between two signs of life, and how soon a member learns of a rebalance; a third of " +
				"kafka.session_timeout or less. 2s is a fifth: one that is late or lost alarms nobody."},
		{name: "kafka.rebalance_timeout", fallback: "10s", min: int64(time.Second),
			field: func(c *Config) any { return &c.Kafka.RebalanceTimeout },
			text:  "How long members have to finish their transactions when partitions move."},
		{name: "kafka.transaction_timeout", fallback: "15s", min: int64(time.Second),
			field: func(c *Config) any { return &c.Kafka.TransactionTimeout },
			text: "When the broker ends the transaction of an instance that died and has no successor; it looks " +
				"every 10s, so that it may be 10s more. A successor does not wait for it, readers of the outputs " +
				"may. 15s outlasts kafka.session_timeout, and kafka.request_timeout with one more try, so that a " +
				"transaction that is only slow is not ended. At most the broker's transaction.max.timeout.ms."},
		{name: "kafka.request_timeout", fallback: "10s", min: int64(100 * time.Millisecond),
			field: func(c *Config) any { return &c.Kafka.RequestTimeout },
			text:  "Deadline of one request to a broker."},
		{name: "kafka.silent_timeout", fallback: "5m", min: int64(time.Second),
			field: func(c *Config) any { return &c.Kafka.SilentTimeout },
			text:  "A cluster that answers nothing for so long ends the process with exit code 1."},
	}
}

func kafkaSecurityKeys() []Key {
	return []Key{
		{name: "kafka.tls.enabled", fallback: "false", field: func(c *Config) any { return &c.Kafka.TLS.Enabled },
			text: "Encrypt connections to the brokers."},
		{name: "kafka.tls.ca_file", field: func(c *Config) any { return &c.Kafka.TLS.CAFile },
			text: "PEM file with the authorities to trust. Empty: the system's."},
		{name: "kafka.tls.cert_file", field: func(c *Config) any { return &c.Kafka.TLS.CertFile },
			text: "PEM file with the client's certificate, together with kafka.tls.key_file."},
		{name: "kafka.tls.key_file", field: func(c *Config) any { return &c.Kafka.TLS.KeyFile },
			text: "PEM file with the client's private key."},
		{name: "kafka.tls.server_name", field: func(c *Config) any { return &c.Kafka.TLS.ServerName },
			text: "Name that the brokers' certificates must have, where it is not the one they are reached by."},
		{name: "kafka.sasl.mechanism", allowed: cluster.Mechanisms(),
			field: func(c *Config) any { return &c.Kafka.SASL.Mechanism },
			text:  "How to log in. Empty: not at all."},
		{name: "kafka.sasl.username", field: func(c *Config) any { return &c.Kafka.SASL.Username },
			text: "User name to log in with."},
		{name: "kafka.sasl.password", secret: true, field: func(c *Config) any { return &c.Kafka.SASL.Password },
			text: "Password to log in with. Better from the environment or from kafka.sasl.password_file than in " +
				"the file."},
		{name: "kafka.sasl.password_file", field: func(c *Config) any { return &c.Kafka.SASL.PasswordFile },
			text: "File that holds the password; line ends at its end do not count."},
	}
}

func topicKeys() []Key {
	keys := []Key{
		{name: "topics.raw", fallback: "idv.raw.v1:canonical", check: checkTopic,
			field: func(c *Config) any { return &c.Topics.Raw },
			text: "Topics to read, each with the format of its values: " + codec.Canonical + ", " + codec.Auto +
				", or a provider's own of the catalog (docs/formats.md). In a file: " +
				"a list of `{name: ..., format: ..., product: ..., integration: ..., account: ...}`; elsewhere " +
				"`name:format:product:integration:account,name:format`. A format left out is canonical: " +
				"JSON, or Avro in the registry's wire format. A product is for a format whose values do not name it, " +
				"such as fourthline, and for auto; a record header " +
				codec.HeaderProduct + " goes before it. An integration, " + strings.Join(codec.Integrations(), " or ") +
				", is for events of any format that name none, as no provider's own body does; some advice depends " +
				"on it. Without a product it is `name:format::api`. A record header " + codec.HeaderIntegration +
				" goes before it; one that is neither makes such a record a dead letter (invalid_field). An account, " +
				"the provider's that is invoiced, is for events of any format that name none; billing rules may go " +
				"by it. A record header " + codec.HeaderAccount + " goes before it."},
	}
	for _, route := range processor.Routes() {
		keys = append(keys, outputTopicKey(route))
	}
	keys = append(keys, Key{name: "topics.settings", check: checkTopicSetting,
		field: func(c *Config) any { return &c.Topics.Settings },
		text: "Settings of topics for `verdict topics`, instead of the ones that it lists: a list of " +
			"`TOPIC:key=value`, as Kafka calls the key. TOPIC is one of these topics, one of the state's, or `*` for " +
			"all; a topic's own goes before that. Examples: `*:min.insync.replicas=2`, " +
			"`idv.deadletter.v1:retention.ms=259200000`. Refused is what would lose records: compaction where later " +
			"records do not replace earlier ones, whatever makes Verdict's memory forget, and a raw topic's " +
			"retention.ms that is shorter than overdue notices need. `*` leaves the memory's own settings alone, and " +
			"its max.message.bytes. `verdict topics` and `verdict check` look at them, a run does not."})
	return append(keys, Key{
		name: "deadletter.value", fallback: deadLetterOriginal,
		allowed: []string{deadLetterOriginal, DeadLetterDigest},
		field:   func(c *Config) any { return &c.DeadLetter.Value },
		text: "What a dead letter keeps. original: key, value and headers byte for byte. digest: only the " +
			"value's SHA-256 and length, and where the original is, for clusters where no second topic may hold " +
			"what producers wrote, personal data perhaps.",
	})
}

// outputTopicKey is the setting of the topic that a route is written to.
func outputTopicKey(route processor.Route) Key {
	spec := route.Spec()
	text := "Topic for " + spec.Noun + "s."
	switch route {
	case processor.RouteVerification:
		text = "Topic for the table of verifications: for each, the decision that is the current word about it."
	case processor.RouteDeadLetter:
		text += " They keep the original bytes: give it an ACL and a retention of its own."
	default:
	}
	check := checkTopic
	if spec.Optional {
		check = checkOptionalTopic
		text += " Empty (`\"\"` in a file, or --set topics." + spec.Setting + "=): nothing is published."
	}
	if spec.NeedsState {
		text += " Without state nothing is either."
	}
	return Key{
		name: "topics." + spec.Setting, fallback: spec.Topic, check: check, text: text,
		field: func(c *Config) any { return &c.Topics.Output[route] },
	}
}

func registryKeys() []Key {
	return []Key{
		{name: "output.format", fallback: "avro", allowed: []string{"avro", "json"},
			field: func(c *Config) any { return &c.Output.Format },
			text:  "Format of decisions, billing events and risk events: avro (registry wire format) or json."},
		{name: "output.headers", fallback: "all", allowed: []string{"all", MinimalHeaders},
			field: func(c *Config) any { return &c.Output.Headers },
			text: "CloudEvents headers of decisions, billing events and risk events: all seven, or minimal: ce_id " +
				"and ce_type only, a quarter fewer bytes and no CloudEvents any more. An incoming traceparent is " +
				"carried on in both."},
		{name: "registry.url", check: checkURL, field: func(c *Config) any { return &c.Registry.URLs },
			text: "Addresses of the schema registry (Confluent's API; Apicurio has it at " +
				"http://HOST:PORT/apis/ccompat/v7), tried in turn. Needed for Avro, in or out."},
		{name: "registry.username", field: func(c *Config) any { return &c.Registry.Username },
			text: "User name for the registry (HTTP basic)."},
		{name: "registry.password", secret: true, field: func(c *Config) any { return &c.Registry.Password },
			text: "Password for the registry."},
		{name: "registry.password_file", field: func(c *Config) any { return &c.Registry.PasswordFile },
			text: "File that holds the registry's password; line ends at its end do not count."},
		{name: "registry.ca_file", field: func(c *Config) any { return &c.Registry.CAFile },
			text: "PEM file with the authorities to trust for https. Empty: the system's."},
		{name: "registry.register", fallback: "true", field: func(c *Config) any { return &c.Registry.Register },
			text: "true: register the output schemas at start. false: only look them up, for clusters where a " +
				"pipeline registers schemas."},
		{name: "registry.timeout", fallback: "5s", min: int64(100 * time.Millisecond),
			field: func(c *Config) any { return &c.Registry.Timeout },
			text:  "Deadline of one request to the registry."},
	}
}

func ruleKeys() []Key {
	return []Key{
		{name: "catalog.dir", field: func(c *Config) any { return &c.Catalog.Dir },
			text: "Directory whose *.yaml replace the built-in catalog. Start from `verdict catalog --export DIR`."},
		{name: "catalog.overlay", field: func(c *Config) any { return &c.Catalog.Overlay },
			text: "Directory whose *.yaml say only what differs from the built-in catalog, or from that of " +
				"catalog.dir: a contract's billing rules, other outcomes, more codes, statuses or vocabularies " +
				"(docs/rules.md)."},
		{name: "catalog.reload_interval", fallback: "5s", min: int64(100 * time.Millisecond), orZero: true,
			field: func(c *Config) any { return &c.Catalog.ReloadInterval },
			text: "How often `verdict run` looks whether the rules' files have changed, by their content. Other " +
				"rules that stand every test of a start, and their own cases, are taken over without a restart; " +
				"others are refused, with an error in the log and in verdict_rules_refused_total, and those before " +
				"go on. At least 100ms; 0: only when told by SIGHUP. Without a directory of rules there is nothing " +
				"to look at."},
		{name: "metadata.keys", field: func(c *Config) any { return &c.Metadata.Keys },
			text: "Metadata keys that outputs may carry. None by default, because metadata may hold personal data."},
		{name: "limits.value_bytes", fallback: "1MiB", min: 1024,
			field: func(c *Config) any { return &c.Limits.ValueBytes },
			text:  "A longer raw value is a dead letter (too_large)."},
		{name: "limits.collection_items", fallback: "65536", min: 1,
			field: func(c *Config) any { return &c.Limits.CollectionItems },
			text:  "More items in one Avro array or map are a dead letter (malformed_avro)."},
		{name: "limits.string_bytes", fallback: "1MiB", min: 64,
			field: func(c *Config) any { return &c.Limits.StringBytes },
			text:  "A longer Avro string is a dead letter (malformed_avro)."},
	}
}

func batchKeys() []Key {
	return []Key{
		{name: "batch.commit_interval", min: int64(time.Millisecond), max: int64(time.Minute),
			whenEmpty: usualCommitInterval,
			field:     func(c *Config) any { return &c.Batch.CommitInterval },
			text: "A transaction is committed when its first record is so old, four times as old while there is a " +
				"backlog: the price of a transaction against the delay of a decision. Empty: 20ms exactly once, 3ms " +
				"at least once."},
		{name: "batch.max_records", fallback: "4000", min: 1, field: func(c *Config) any { return &c.Batch.MaxRecords },
			text: "A transaction is committed earlier when it holds so many raw records."},
		{name: "batch.max_bytes", fallback: "8MiB", min: 1024, field: func(c *Config) any { return &c.Batch.MaxBytes },
			text: "A transaction is committed earlier when its raw records have so many bytes."},
		{name: "batch.units", fallback: "0", field: func(c *Config) any { return &c.Batch.Units },
			text: "How many units work side by side in an instance, each with its share of the partitions and a " +
				"transaction of its own: fewer give brokers fewer transactions, more use more CPUs. 0: as many as " +
				"the load needs, from one to one for each CPU. Partitions with the same number, of all raw topics, " +
				"share a unit."},
	}
}

// usualCommitInterval is what the runner takes where none is set.
func usualCommitInterval(c *Config) string {
	delivery, _ := kafka.ParseDelivery(c.Delivery) // the table allows no others
	return screen.FormatDuration(kafka.Config{Delivery: delivery}.WithDefaults().CommitInterval)
}

func processKeys() []Key {
	return []Key{
		{name: "delivery", fallback: exactlyOnce, allowed: kafka.Deliveries(),
			field: func(c *Config) any { return &c.Delivery },
			text: "exactly_once: outputs, offsets and state in one transaction. at_least_once: no transactions and " +
				"no state, and after a crash some records are published again, with the same ids."},
		{name: "http.address", fallback: "127.0.0.1:9600", check: checkListen,
			field: func(c *Config) any { return &c.HTTP.Address },
			text: "Where /metrics, /healthz and /readyz are served, as host:port. Loopback by default; `:9600` in a " +
				"container."},
		{name: "log.level", fallback: "info", allowed: []string{"debug", "info", "warn", "error"},
			field: func(c *Config) any { return &c.Log.Level },
			text:  "The least important level that is logged."},
		{name: "log.format", fallback: "auto", allowed: []string{"auto", "json", "console"},
			field: func(c *Config) any { return &c.Log.Format },
			text:  "auto: console on a terminal, otherwise json."},
		{name: "shutdown_timeout", fallback: "8s", min: int64(time.Second),
			field: func(c *Config) any { return &c.ShutdownTimeout },
			text: "How long SIGTERM may take: past it the process exits with 1 and leaves its transaction to its " +
				"time-out."},
	}
}
