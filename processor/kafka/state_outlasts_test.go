package kafka_test

import (
	"testing"
	"time"

	"verdict/processor/kafka"
)

// Whoever raises state.retention and not what the changelog keeps is told before anything is forgotten.
func TestStateWillNotStartWhereItsChangelogForgets(t *testing.T) {
	t.Parallel()
	c := newStateCluster(t)
	for raw, policy := range map[string]string{"raw2": "compact,delete", "raw3": "compact"} {
		createTopic(t, c, raw, 1)
		if err := c.CreateTopic(kafka.Changelog("verdict", raw), 1,
			map[string]string{"cleanup.policy": policy, "retention.ms": "86400000"}); err != nil {
			t.Fatal(err)
		}
	}
	cfg := stateConfig(c)
	cfg.RawTopics = []string{rawTopic, "raw2", "raw3"}
	cfg.State.Retention = 24*time.Hour + time.Millisecond
	startStory(t, cfg).endsWith("verdict-state.raw2: it keeps 1 day (retention.ms), less than state.retention " +
		"(24h0m0.001s)")
	cfg.State.Retention = 24 * time.Hour
	produce(t, producer(t, c.ListenAddrs()), raw(1, "a pending"))
	startStory(t, cfg)
	expect(t, told(t, c, 1), "a pending FIRST 1")
}
