package config

import (
	"strconv"
	"time"

	"verdict/processor/kafka"
)

// exactlyOnce is the delivery that state needs.
const exactlyOnce = "exactly_once"

// stateByDefault says whether verifications are remembered where nothing is said.
const stateByDefault = true

// Values of state.repeats.
const (
	repeatsDrop    = "drop"
	RepeatsPublish = "publish"
)

func stateKeys() []Key {
	return []Key{
		{name: "state.enabled", fallback: strconv.FormatBool(stateByDefault),
			field: func(c *Config) any { return &c.State.Enabled },
			text: "true: what is known of each verification is remembered, in memory and in a changelog for each raw " +
				"topic, GROUP-state.RAW_TOPIC. An event that comes again is no second decision, an old one " +
				"does not replace a newer word, and topics.verifications has the current word about each " +
				"verification. false: each event is decided by itself. With delivery at_least_once there is no " +
				"state, whatever the default. Change it only while all instances of the group are stopped."},
		{name: "state.retention", fallback: "720h", min: int64(time.Hour),
			field: func(c *Config) any { return &c.State.Retention },
			text: "How long a verification is remembered after its last event, by the clock of its raw partition. " +
				"Memory grows with it, and so does the changelog. What comes later than that for a verification is " +
				"taken as its first event, or as LATE if the provider's time says that it is an old one. 720h are " +
				"30 days; providers repeat themselves for up to 5 days, and on demand at any time. To raise it, " +
				"first have the changelogs keep their records for longer (`verdict topics --apply` with it): " +
				"retention.ms must be at least this, should be this and the raw topic's retention together, and " +
				"where it is less, nothing starts."},
		{name: "state.repeats", fallback: repeatsDrop, allowed: []string{repeatsDrop, RepeatsPublish},
			field: func(c *Config) any { return &c.State.Repeats },
			text: "What becomes of an event that was seen before. drop: nothing but a count. publish: a decision " +
				"that is marked (lifecycle.transition REPEATED, sequence 0), and still no other record."},
		{name: "state.on_growth", fallback: kafka.GrowthHold.String(), allowed: kafka.Growths(),
			field: func(c *Config) any { return &c.State.OnGrowth },
			text: "What to do when partitions were added to a raw topic: producers then send most verifications to " +
				"another partition, where nothing is known of them. hold: the new partitions wait until what is " +
				"known has been moved; all do where the number has grown by no multiple. continue: they go on, and " +
				"those verifications begin anew."},
	}
}
