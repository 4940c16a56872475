// Package config is every setting of the program: names, defaults, allowed values, where they come from, and what
// they must not say together. It makes nothing of them: that is the pipeline's.
package config

import (
	"strings"
	"time"

	"verdict/cmd/verdict/screen"
	"verdict/processor"
)

// Config is every setting of the program, see allKeys for names, defaults and meanings. Only this package knows
// it: the rooms take options of their own (wiring.go).
type Config struct {
	Kafka  kafkaConfig
	Topics topicsConfig
	// DeadLetter says what a dead letter keeps of its original.
	DeadLetter struct{ Value string }
	Delivery   string
	State      struct {
		Enabled   bool // as written; StateOn says whether there is one
		Retention time.Duration
		Repeats   string
		OnGrowth  string
	}
	Output   struct{ Format, Headers string }
	Registry registryConfig
	Catalog  struct {
		Dir, Overlay   string
		ReloadInterval time.Duration
	}
	Metadata struct{ Keys []string }
	Limits   struct {
		ValueBytes      screen.Size
		CollectionItems int
		StringBytes     screen.Size
	}
	Batch struct {
		CommitInterval time.Duration
		MaxRecords     int
		MaxBytes       screen.Size
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
	Raw    []rawTopic
	Output [processor.NumRoutes]string // by route
	// Settings are TOPIC:key=value, see TopicSettings.
	Settings []string
}

// StateOn says whether verifications are remembered. At least once they are not: after a crash the memory would not
// be that of what was published.
func (c *Config) StateOn() bool { return c.State.Enabled && c.Delivery == exactlyOnce }

// Outputs is the topic of each route; "" where nothing is published: the setting is empty, or it needs state and there
// is none.
func (c *Config) Outputs() [processor.NumRoutes]string {
	outputs := c.Topics.Output
	for _, route := range processor.Routes() {
		if route.Spec().NeedsState && !c.StateOn() {
			outputs[route] = ""
		}
	}
	return outputs
}

// OutputTopics lists the topics that are written, in the order of their routes.
func (c *Config) OutputTopics() (topics []string) {
	for _, topic := range c.Outputs() {
		if topic != "" {
			topics = append(topics, topic)
		}
	}
	return topics
}

// RouteOf finds the route that a topic is written by; the unspecified one if it is not written.
func (c *Config) RouteOf(topic string) processor.Route {
	outputs := c.Outputs()
	for _, route := range processor.Routes() {
		if outputs[route] == topic && topic != "" {
			return route
		}
	}
	return processor.RouteUnspecified
}

type registryConfig struct {
	URLs                             []string
	Username, Password, PasswordFile string
	CAFile                           string
	Register                         bool
	Timeout                          time.Duration
}

// rawTopic is one topic to read, the format of its values and, where these do not name them, their product, integration
// and account.
type rawTopic struct{ Name, Format, Product, Integration, Account string }

// String is the topic as it is written in the environment.
func (t rawTopic) String() string {
	text := strings.Join([]string{t.Name, t.Format, t.Product, t.Integration}, ":")
	if t.Account == "" {
		return strings.TrimRight(text, ":")
	}
	return text + ":" + t.Account
}
