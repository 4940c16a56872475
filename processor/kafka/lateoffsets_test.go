package kafka_test

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kmsg"

	"verdict/processor/kafka"
)

// At least once, offsets follow the outputs now and then, soon after the last of them, and before an instance leaves.
func TestOffsetsFollowAtLeastOnce(t *testing.T) {
	const rounds, each, often = 5, 20, 50 * time.Millisecond
	c := newCluster(t)
	var commits atomic.Int64
	c.ControlKey(int16(kmsg.OffsetCommit), func(kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		commits.Add(1)
		return nil, nil, false
	})
	cfg := config(c.ListenAddrs())
	cfg.Delivery, cfg.Units, cfg.CommitInterval = kafka.DeliveryAtLeastOnce, 1, time.Millisecond
	p, decisions := producer(t, c.ListenAddrs()), collect(t, c.ListenAddrs(), "decisions")
	n := 0
	for range rounds {
		began, before := time.Now(), commits.Load()
		r := start(t, cfg)
		for range each {
			produce(t, p, events(n, 1)...)
			n++
			decisions.poll(30*time.Second, n) // each is a batch of its own
		}
		if most := int64(time.Since(began)/often) + 1; commits.Load()-before > most {
			t.Errorf("%d commits of offsets in %s, want at most %d", commits.Load()-before, time.Since(began), most)
		}
		if n%(2*each) == 0 {
			eventually(t, "the offsets follow by themselves",
				func() bool { return r.value("verdict_lag_records") == 0 })
		}
		if err := r.end(); err != nil { // and otherwise with the end
			t.Error(err)
		}
	}
	onceEach(t, decisions.until(n), n)
}
