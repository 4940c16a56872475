package main

import "time"

// config is every setting of the program, see configKeys for names, defaults and meanings. Only this package knows it: the
// rooms take options of their own (wiring.go).
type config struct {
	Kafka  kafkaConfig
	Topics topicsConfig
	// DeadLetter says what a dead letter keeps of its original.
	DeadLetter struct{ Value string }
	Delivery   string
	Output     struct{ Format, Headers string }
	Registry   registryConfig
	Catalog    struct{ Dir string }
	Metadata   struct{ Keys []string }
	Limits     struct {
		ValueBytes      size
		CollectionItems int
		StringBytes     size
	}
	Batch struct {
		CommitInterval time.Duration
		MaxRecords     int
		MaxBytes       size
		Units          int
	}
	HTTP            struct{ Address string }
	Log             struct{ Level, Format string }
	ShutdownTimeout time.Duration
}

type kafkaConfig struct {
	Brokers            []string
	Group              string
	InstanceID         string
	ClientID           string
	Compression        string
	OnTruncation       string
	SessionTimeout     time.Duration
	HeartbeatInterval  time.Duration
	RebalanceTimeout   time.Duration
	TransactionTimeout time.Duration
	RequestTimeout     time.Duration
	SilentTimeout      time.Duration
	TLS                struct {
		Enabled                               bool
		CAFile, CertFile, KeyFile, ServerName string
	}
	SASL struct{ Mechanism, Username, Password, PasswordFile string }
}

type topicsConfig struct {
	Raw                                  []rawTopic
	Decisions, Billing, Risk, DeadLetter string
}

// outputTopics are the topics that are written.
func (t *topicsConfig) outputTopics() []string {
	return []string{t.Decisions, t.Billing, t.Risk, t.DeadLetter}
}

type registryConfig struct {
	URLs                             []string
	Username, Password, PasswordFile string
	CAFile                           string
	Register                         bool
	Timeout                          time.Duration
}

// rawTopic is one topic to read, the format of its values and, where these do not name it, their product.
type rawTopic struct{ Name, Format, Product string }

// String is the topic as it is written in the environment.
func (t rawTopic) String() string {
	text := t.Name + ":" + t.Format
	if t.Product != "" {
		text += ":" + t.Product
	}
	return text
}
