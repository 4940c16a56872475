package kafka

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"verdict/processor"
	"verdict/processor/kafka/admin"
	"verdict/processor/kafka/cluster"
	"verdict/processor/kafka/wire"
)

// Config says where Kafka is, what to read and write and how much one transaction may hold. A zero value of an optional
// field means the default that its comment names.
type Config struct {
	cluster.Connection
	// Group is the consumer group; transactional ids begin with it.
	Group string
	// InstanceID names this process within the group. Empty: a random one, so that two processes never fence each
	// other. A stable one (a StatefulSet's pod name) makes a restart after a crash immediate, but two processes with
	// the same one fence each other for ever.
	InstanceID string

	RawTopics []string
	// Topics is the output topic of each route; the unspecified route has none. "" switches an optional route off,
	// which the processor must know too (processor.Options.Off).
	Topics [processor.NumRoutes]string
	// TopicSettings are what TopicPlan has instead of its own; a runner does not look at them.
	TopicSettings []admin.Setting

	State State // none

	Delivery    Delivery         // exactly once
	Compression wire.Compression // lz4

	// OnTruncation is what to do when a raw topic no longer has the next record to read: stop.
	OnTruncation Truncation

	SessionTimeout     time.Duration // 10s; brokers refuse less than 6s
	HeartbeatInterval  time.Duration // 2s
	RebalanceTimeout   time.Duration // 10s
	TransactionTimeout time.Duration // 15s; how long a dead instance's transaction may hold its partitions back

	// A transaction is committed when CommitInterval has passed since its first record, or when it holds
	// MaxBatchRecords raw records or MaxBatchBytes of them. Behind the end of a partition the interval is four times as
	// long.
	CommitInterval  time.Duration // exactly once 20ms, at least once 3ms
	MaxBatchRecords int           // 4,000
	MaxBatchBytes   int           // 8 MiB

	// 1 MiB, for each fetch from a broker; one of many partitions gives at most a quarter of it, or one larger batch
	FetchMaxBytes int
	FetchMaxWait  time.Duration // 250ms, how long a broker may wait for new records

	// Units is the number of transactions that run side by side, each for its own share of the partitions; as the load
	// needs it, from 1 to GOMAXPROCS. Partitions of one number share a unit, whichever raw topic they are of.
	Units int

	SilentClusterTimeout time.Duration // 5m; Run gives up when no request was answered for so long
	ShutdownTimeout      time.Duration // 8s, from the end of Run's context to its return
}

// WithDefaults fills in the defaults of all optional fields but InstanceID.
func (c Config) WithDefaults() Config {
	c.Connection = c.Connection.WithDefaults()
	if c.Delivery == DeliveryUnspecified {
		c.Delivery = DeliveryExactlyOnce
	}
	if c.Compression == wire.CompressionUnspecified {
		c.Compression = wire.CompressionLZ4
	}
	if c.OnTruncation == TruncationUnspecified {
		c.OnTruncation = TruncationStop
	}
	c.State = c.State.withDefaults()
	or(&c.SessionTimeout, 10*time.Second)
	or(&c.HeartbeatInterval, 2*time.Second)
	or(&c.RebalanceTimeout, 10*time.Second)
	or(&c.TransactionTimeout, 15*time.Second)
	or(&c.CommitInterval, usualCommitInterval(c.Delivery))
	or(&c.MaxBatchRecords, 4000)
	or(&c.MaxBatchBytes, 8<<20)
	or(&c.FetchMaxBytes, 1<<20)
	or(&c.FetchMaxWait, 250*time.Millisecond)
	or(&c.SilentClusterTimeout, 5*time.Minute)
	or(&c.ShutdownTimeout, 8*time.Second)
	return c
}

// usualCommitInterval: what a commit costs the brokers is far less without a transaction.
func usualCommitInterval(d Delivery) time.Duration {
	if d == DeliveryAtLeastOnce {
		return 3 * time.Millisecond
	}
	return 20 * time.Millisecond
}

func or[T ~int | ~int64](field *T, value T) {
	if *field <= 0 {
		*field = value
	}
}

// HeartbeatFits says whether heartbeats come often enough for a session: one may be lost, and the session lives.
func HeartbeatFits(heartbeat, session time.Duration) bool { return 2*heartbeat <= session }

// validate names every field that NewRunner cannot work with.
func (c Config) validate() error {
	mistakes := []error{c.Connection.Validate()}
	mistake := func(format string, args ...any) { mistakes = append(mistakes, fmt.Errorf(format, args...)) }
	if c.Group == "" {
		mistake("kafka: Group is empty: name the consumer group")
	}
	if len(c.RawTopics) == 0 {
		mistake("kafka: RawTopics is empty: name at least one topic to read")
	}
	for _, route := range processor.Routes() {
		if c.Topics[route] == "" && !route.Spec().Optional {
			mistake("kafka: Topics has no topic for the route %s", route)
		}
		if slices.Contains(c.RawTopics, c.Topics[route]) {
			mistake("kafka: %s is both read and written (route %s)", c.Topics[route], route)
		}
	}
	if c.State.Enabled && c.Delivery != DeliveryExactlyOnce {
		mistake("kafka: State needs exactly-once delivery: without a transaction it would not be that of what was " +
			"published")
	}
	if !HeartbeatFits(c.HeartbeatInterval, c.SessionTimeout) {
		mistake("kafka: HeartbeatInterval (%s) must be at most half of SessionTimeout (%s)", c.HeartbeatInterval,
			c.SessionTimeout)
	}
	return errors.Join(mistakes...)
}

// Delivery is what a crash may do to the outputs.
type Delivery uint8

// Deliveries.
const (
	DeliveryUnspecified Delivery = iota
	DeliveryExactlyOnce          // outputs, dead letters and offsets in one transaction
	DeliveryAtLeastOnce          // outputs first, then offsets: after a crash some records come out again
)

var deliveryNames = []string{"unspecified", "exactly_once", "at_least_once"}

func (d Delivery) String() string { return deliveryNames[min(int(d), len(deliveryNames)-1)] }

// Deliveries lists what ParseDelivery takes.
func Deliveries() []string { return slices.Clone(deliveryNames[1:]) }

// ParseDelivery reads "exactly_once" or "at_least_once".
func ParseDelivery(s string) (Delivery, error) { return parse[Delivery]("delivery", deliveryNames, s) }

// Truncation is what to do when a raw topic no longer has the next record to read, because records were removed before
// they were decided, or the topic was created anew.
type Truncation uint8

// Truncations.
const (
	TruncationUnspecified Truncation = iota
	TruncationStop                   // Run ends with an error that names both offsets
	TruncationEarliest               // go on at the earliest record there is, with an error in the log and in metrics
)

var truncationNames = []string{"unspecified", "stop", "earliest"}

func (t Truncation) String() string { return truncationNames[min(int(t), len(truncationNames)-1)] }

// Truncations lists what ParseTruncation takes.
func Truncations() []string { return slices.Clone(truncationNames[1:]) }

// ParseTruncation reads "stop" or "earliest".
func ParseTruncation(s string) (Truncation, error) {
	return parse[Truncation]("what to do on truncation", truncationNames, s)
}

func parse[E ~uint8](what string, names []string, s string) (E, error) {
	if i := slices.Index(names, s); i > 0 {
		return E(i), nil
	}
	return 0, fmt.Errorf("%s must be one of %s", what, strings.Join(names[1:], ", "))
}
