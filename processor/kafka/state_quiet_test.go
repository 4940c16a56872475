package kafka_test

import (
	"testing"
	"time"
)

// The position record of a partition where nothing happens is written anew well before its changelog may forget it,
// which keeps what is written for state.retention at least.
func TestStateOfAQuietPartitionIsWrittenAnew(t *testing.T) {
	c := newStateCluster(t)
	cfg := stateConfig(c)
	cfg.State.Retention = 2 * time.Second
	startStory(t, cfg)
	produce(t, producer(t, c.ListenAddrs()), raw(1, "a pending"))
	told(t, c, 1)
	at := endOf(t, c, changelog, 1)
	eventually(t, "the position was written twice more", func() bool {
		return endOf(t, c, changelog, 1) >= at+4 // each with the end of its transaction
	})
}
