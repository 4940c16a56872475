package admin

import (
	"fmt"
	"slices"
	"time"
)

// Needs is what a runner needs of a cluster.
type Needs struct {
	Group    string
	Protocol string // by which the group's members share partitions out
	Raw      []string
	Outputs  []OutputTopic
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
}

const (
	day          = 24 * time.Hour
	rawRetention = 30 * day
)

// Keep is the settings of a topic whose records are deleted after d.
func Keep(d time.Duration) map[string]string {
	return map[string]string{"cleanup.policy": "delete", "retention.ms": fmt.Sprint(d.Milliseconds())}
}

// KeepLatest is the settings of a topic of which the latest record of each key stays. None goes before it is least old.
func KeepLatest(least time.Duration) map[string]string {
	return map[string]string{"cleanup.policy": "compact", "min.compaction.lag.ms": fmt.Sprint(least.Milliseconds())}
}

func (n Needs) topics() []string {
	topics := slices.Clone(n.Raw)
	for _, out := range n.Outputs {
		topics = append(topics, out.Name)
	}
	return topics
}

func (n Needs) lossIfCompacted(topic string) string {
	for _, out := range n.Outputs {
		if out.Name == topic {
			return out.LossIfCompacted
		}
	}
	return ""
}
