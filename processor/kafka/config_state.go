package kafka

import (
	"slices"
	"time"
)

// State says what is remembered of verifications, and for how long.
type State struct {
	Enabled   bool          // it needs exactly-once delivery
	Retention time.Duration // 720h; after the last event of a verification
	Growth    Growth        // hold
	// OverdueAfter is the longest that the catalog lets the next word about a verification take: for Check, which holds
	// it against what the raw topics keep; 0: no word is ever overdue, or nobody is told.
	OverdueAfter time.Duration
}

func (s State) withDefaults() State {
	or(&s.Retention, 30*24*time.Hour)
	if s.Growth == GrowthUnspecified {
		s.Growth = GrowthHold
	}
	return s
}

// Changelog names the topic that a group keeps what is known of a raw topic's verifications in. Its partitions are
// those of the raw topic.
func Changelog(group, rawTopic string) string { return group + "-state." + rawTopic }

func (c Config) changelog(rawTopic string) string { return Changelog(c.Group, rawTopic) }

// changelogs are those of all raw topics; none without state.
func (c Config) changelogs() []string {
	if !c.State.Enabled {
		return nil
	}
	topics := make([]string, len(c.RawTopics))
	for i, raw := range c.RawTopics {
		topics[i] = c.changelog(raw)
	}
	return topics
}

// Growth is what to do when partitions were added to a raw topic.
type Growth uint8

// Growths.
const (
	GrowthUnspecified Growth = iota
	GrowthHold               // the new partitions wait until what is known has been moved to them
	GrowthContinue           // they go on, knowing nothing
)

var growthNames = []string{"unspecified", "hold", "continue"}

func (g Growth) String() string { return growthNames[min(int(g), len(growthNames)-1)] }

// Growths lists what ParseGrowth takes.
func Growths() []string { return slices.Clone(growthNames[1:]) }

// ParseGrowth reads "hold" or "continue".
func ParseGrowth(s string) (Growth, error) {
	return parse[Growth]("what to do on growth", growthNames, s)
}
