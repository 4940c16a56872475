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
	Output     struct{ Format, Headers string }
	Registry   registryConfig
	Catalog    struct{ Dir string }
	Metadata   struct{ Keys []string }
	Limits     struct {
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
}

// OutputTopics lists the topics that are written, in the order of their routes.
func (t *topicsConfig) OutputTopics() (topics []string) {
	for _, route := range processor.Routes() {
		topics = append(topics, t.Output[route])
	}
	return topics
}

// RouteOf finds the route that a topic is written by; the unspecified one if it is not written.
func (t *topicsConfig) RouteOf(topic string) processor.Route {
	for _, route := range processor.Routes() {
		if t.Output[route] == topic {
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

// rawTopic is one topic to read, the format of its values and, where these do not name them, their product and the
// integration.
type rawTopic struct{ Name, Format, Product, Integration string }

// String is the topic as it is written in the environment.
func (t rawTopic) String() string {
	return strings.TrimRight(strings.Join([]string{t.Name, t.Format, t.Product, t.Integration}, ":"), ":")
}
