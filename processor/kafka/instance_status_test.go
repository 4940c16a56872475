package kafka_test

import (
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"verdict/processor/kafka"
)

// What an instance says of itself follows its partitions from the start to the end.
func TestStatusOfAnInstance(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	cfg := config(c.ListenAddrs())
	cfg.InstanceID = "a"
	r := start(t, cfg, func(r *kafka.Runner) {
		s := r.Status()
		if s.Ready || s.Reason == "" || s.Generation != 0 || s.Partitions == nil || len(s.Partitions) != 0 {
			t.Errorf("before it runs: %+v", s)
		}
	})
	eventually(t, "all decide", func() bool { return r.Ready() == nil && states(r, kafka.StateDeciding) == partitions })
	s := r.Status()
	if !s.Ready || s.Reason != "" || s.Group != "verdict" || s.InstanceID != "a" || s.Generation == 0 || s.Units != 2 ||
		s.RulesVersion == "" {
		t.Errorf("%+v", s)
	}

	old := time.Now().Add(-time.Hour).Truncate(time.Millisecond)
	r.plain.silent.Store(true)
	p := producer(t, c.ListenAddrs())
	waits := raw(1, "silent approved")
	waits.Timestamp = old
	produce(t, p, raw(1, "before approved"), waits, raw(0, "other approved"))
	eventually(t, "it is held", func() bool {
		at := partition(r, 1)
		return at.State == kafka.StateHeld && at.Committed == 1 && at.End == 2 && at.OldestUndecided != nil &&
			at.OldestUndecided.Equal(old) && strings.Contains(at.Reason, "the registry does not answer") &&
			at.LastCommit != nil
	})
	held := partition(r, 1)
	if s := r.Status(); s.Ready || s.Since.Before(held.Since.Add(-time.Second)) ||
		!strings.Contains(s.Reason, "raw/1") {
		t.Errorf("with one held: %+v", s)
	}
	eventually(t, "the others go on", func() bool {
		at := partition(r, 0)
		return at.State == kafka.StateDeciding && at.Committed == 1 && at.OldestUndecided == nil
	})

	r.plain.silent.Store(false)
	eventually(t, "it goes on", func() bool {
		at := partition(r, 1)
		return at.State == kafka.StateDeciding && at.Reason == "" && at.Committed == 2 && at.OldestUndecided == nil &&
			at.Since.After(held.Since)
	})
	committed := r.Status().LastCommit
	_ = r.end()
	s = r.Status()
	if s.Ready || s.Generation != 0 || len(s.Partitions) != 0 || s.LastCommit == nil || s.LastCommit.Before(*committed) {
		t.Errorf("when it has ended: %+v", s)
	}
}

// A transaction that fails again and again leaves the record that waits for it known by its own time.
func TestStatusWhileNothingCommits(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	r := start(t, config(c.ListenAddrs()))
	eventually(t, "all decide", func() bool { return states(r, kafka.StateDeciding) == partitions })
	eventually(t, "all are claimed", func() bool { return allClaimed(r) })
	var refused atomic.Int32
	var well atomic.Bool
	c.ControlKey(int16(kmsg.EndTxn), func(kreq kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		if well.Load() {
			return nil, nil, false
		}
		refused.Add(1)
		return withCode(kreq, kerr.InvalidProducerEpoch.Code), nil, true
	})
	old := time.Now().Add(-time.Minute).Truncate(time.Millisecond)
	record := &kgo.Record{Topic: rawTopic, Partition: 2, Key: []byte("v"), Value: []byte("v approved"), Timestamp: old}
	produce(t, producer(t, c.ListenAddrs()), record)
	eventually(t, "it waits", func() bool {
		at := partition(r, 2)
		return at.OldestUndecided != nil && at.OldestUndecided.Equal(old) && refused.Load() >= 3
	})
	well.Store(true)
	eventually(t, "it is decided", func() bool { return partition(r, 2).OldestUndecided == nil })
}

// A transaction that a producer has left open in a raw topic is named, and the instance is ready all the same.
func TestStatusWithAnOpenTransactionInARawTopic(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	stranger := producer(t, c.ListenAddrs(), kgo.TransactionalID("stranger"), kgo.TransactionTimeout(time.Minute))
	if err := stranger.BeginTransaction(); err != nil {
		t.Fatal(err)
	}
	produce(t, producer(t, c.ListenAddrs()), raw(1, "before approved"))
	produce(t, stranger, raw(1, "open approved"))
	r := start(t, config(c.ListenAddrs()))
	eventually(t, "its status says what holds the partition up", func() bool {
		at := partition(r, 1)
		return at.State == kafka.StateDeciding && at.Committed == 1 && at.End == 2 && at.OldestUndecided != nil &&
			strings.HasPrefix(at.Reason, "a transaction in the raw topic is open from offset 1: ")
	})
	if err := r.Ready(); err != nil {
		t.Errorf("it is not ready: %v", err)
	}
	if at := partition(r, 0); at.Reason != "" {
		t.Errorf("of another partition it says %+v", at)
	}
	if err := stranger.EndTransaction(t.Context(), kgo.TryCommit); err != nil {
		t.Fatal(err)
	}
	eventually(t, "it goes on", func() bool {
		at := partition(r, 1)
		return at.Committed == 3 && at.Reason == "" && at.OldestUndecided == nil
	})
}

// What commits offsets as they are, to take partitions over, is no sign of progress: neither of a group that begins
// nor of an instance that comes after another.
func TestClaimsAreNoCommitsOfRecords(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	produce(t, producer(t, c.ListenAddrs()), raw(2, "removed approved"))
	deleteRecords(t, c, rawTopic, 2, 1)
	first := start(t, config(c.ListenAddrs()))
	eventually(t, "all are claimed", func() bool { return allClaimed(first) })
	if s := first.Status(); s.LastCommit != nil || partition(first, 1).LastCommit != nil {
		t.Errorf("claims count: %+v", s)
	}
	produce(t, producer(t, c.ListenAddrs()), raw(1, "v approved"))
	eventually(t, "a commit", func() bool { return partition(first, 1).LastCommit != nil })
	if s := first.Status(); s.LastCommit == nil || partition(first, 0).LastCommit != nil {
		t.Errorf("one of partition 1 alone: %+v", s)
	}
	if err := first.end(); err != nil {
		t.Fatal(err)
	}
	second := start(t, config(c.ListenAddrs()))
	eventually(t, "it has claimed them", func() bool {
		return allClaimed(second) && second.value("verdict_transactions_total", "result=committed") >= 2
	})
	if s := second.Status(); s.LastCommit != nil || partition(second, 1).LastCommit != nil {
		t.Errorf("claims of the second count: %+v", s)
	}
}

// allClaimed says whether the group has an offset of each partition.
func allClaimed(r *running) bool {
	list := r.Status().Partitions
	return len(list) == partitions && !slices.ContainsFunc(list,
		func(p kafka.PartitionStatus) bool { return p.Committed < 0 })
}

// states counts the partitions in a state.
func states(r *running, state string) int {
	n := 0
	for _, p := range r.Status().Partitions {
		if p.State == state {
			n++
		}
	}
	return n
}

func partition(r *running, id int) kafka.PartitionStatus {
	for _, p := range r.Status().Partitions {
		if p.Topic == rawTopic && p.Partition == id {
			return p
		}
	}
	return kafka.PartitionStatus{}
}
