package admin

import (
	"slices"
	"time"
)

// Needs is what a runner needs of a cluster.
type Needs struct {
	Group    string
	Protocol string // by which the group's members share partitions out
	Raw      []string
	Outputs  []OutputTopic
	// Changelogs of the raw topics; none: there is no state.
	Changelogs []Changelog
	// Settings of topics that the operator wants instead of the planned ones.
	Settings []Setting
	// Units of an instance, each for its own share of the partitions; 0: as the load needs.
	Units int
	// TransactionTimeout of the runner; 0: it has no transactions.
	TransactionTimeout time.Duration
}

// OutputTopic is a topic that is written.
type OutputTopic struct {
	Name       string
	Route      string
	Purpose    string // in a few words
	Partitions int    // to start with
	Configs    map[string]string
	// LossIfCompacted says what a compacted topic would lose; "" where it may be compacted.
	LossIfCompacted string
	// Table says that the latest record of each key is what the topic is for: it should be compacted.
	Table bool
	// ReadByHand says that people read it, and not at once.
	ReadByHand bool
}

const (
	day          = 24 * time.Hour
	rawRetention = 30 * day
)

// Keep is the settings of a topic whose records are deleted after d, and not before, however many there are.
func Keep(d time.Duration) map[string]string {
	return map[string]string{"cleanup.policy": "delete", "retention.ms": millis(d), "retention.bytes": "-1"}
}

// KeepLatest is the settings of a topic of which the latest record of each key stays, until it is d old. Those before
// it go within a day or two: without a limit the brokers may never compact a small topic, and who was erased by a
// tombstone would still be in it.
func KeepLatest(d time.Duration) map[string]string {
	configs := Keep(d)
	configs["cleanup.policy"] = "compact,delete"
	configs["max.compaction.lag.ms"] = millis(day)
	return configs
}

func (n Needs) topics() []string {
	topics := slices.Clone(n.Raw)
	for _, out := range n.Outputs {
		topics = append(topics, out.Name)
	}
	for _, c := range n.Changelogs {
		topics = append(topics, c.Name)
	}
	return topics
}
