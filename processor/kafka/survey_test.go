package kafka_test

import (
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"verdict/processor/kafka"
)

// dated is a record that was written an hour ago.
func dated(partition int32, value string, hourAgo time.Time) *kgo.Record {
	r := raw(partition, value)
	r.Timestamp = hourAgo
	return r
}

// waits waits until metrics and status both say of partition 1 how much waits there, and since when.
func (r *running) waits(state string, committed, end, lag int64, since time.Time) {
	r.t.Helper()
	eventually(r.t, "what waits is known", func() bool {
		at := partition(r, 1)
		return at.State == state && at.Committed == committed && at.End == end && at.OldestUndecided != nil &&
			at.OldestUndecided.Equal(since) && r.value("verdict_lag_records", "partition=1") == float64(lag)
	})
}

// nothingWaits waits until all of partition 1 is decided, up to the next offset.
func (r *running) nothingWaits(next int64) {
	r.t.Helper()
	eventually(r.t, "all is decided", func() bool {
		at := partition(r, 1)
		return at.State == kafka.StateDeciding && at.Committed == next && at.End == next && at.OldestUndecided == nil &&
			r.value("verdict_lag_records") == 0 && r.Ready() == nil
	})
}

// unrestored keeps the state of partition 1 from being restored, until it is removed.
func unrestored(c *kfake.Cluster) *kfake.FaultHandle {
	return c.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Fetch}, Topic: changelog, Partitions: []int32{1},
		Err: kerr.KafkaStorageError, Count: -1})
}

// Nothing is fetched of a partition whose state is being restored. What waits there is known all the same, from the
// group's offset on, by the first record's own time.
func TestLagWhileRestoring(t *testing.T) {
	t.Parallel()
	c := newStateCluster(t)
	client := producer(t, c.ListenAddrs())
	first := startStory(t, stateConfig(c))
	produce(t, client, raw(1, "a pending"))
	first.nothingWaits(1)
	told(t, c, 1)
	if err := first.end(); err != nil {
		t.Fatal(err)
	}
	ago := time.Now().Add(-time.Hour).Truncate(time.Millisecond)
	produce(t, client, dated(1, "b pending", ago), raw(1, "c pending"), raw(1, "d pending"))
	delay := unrestored(c)
	second := startStory(t, stateConfig(c))
	second.waits(kafka.StateRestoring, 1, 4, 3, ago)
	produce(t, client, raw(1, "e pending"))
	second.waits(kafka.StateRestoring, 1, 5, 4, ago)
	delay.Remove()
	second.nothingWaits(5)
	told(t, c, 5)
}

// The group has no offset of a partition yet, and its log does not begin at 0: what was removed does not wait.
func TestLagOfANewGroupWhileRestoring(t *testing.T) {
	t.Parallel()
	c := newStateCluster(t)
	client := producer(t, c.ListenAddrs())
	ago := time.Now().Add(-time.Hour).Truncate(time.Millisecond)
	produce(t, client, raw(1, "a pending"), raw(1, "b pending"), dated(1, "c pending", ago))
	deleteRecords(t, c, rawTopic, 1, 2)
	produce(t, client, &kgo.Record{Topic: changelog, Partition: 1, Key: []byte("gone")}) // or else nothing is restored
	delay := unrestored(c)
	cfg := stateConfig(c)
	cfg.State.Growth = kafka.GrowthContinue // or else that record would hold them
	r := startStory(t, cfg)
	r.waits(kafka.StateRestoring, -1, 3, 1, ago)
	delay.Remove()
	r.nothingWaits(3)
}

// A partition is held because its state cannot be restored, before anything of it was fetched; and retention has
// removed what the group is at.
func TestLagWhileHeldForItsState(t *testing.T) {
	t.Parallel()
	c := newStateCluster(t)
	client := producer(t, c.ListenAddrs())
	first := startStory(t, stateConfig(c))
	produce(t, client, raw(1, "a pending"))
	told(t, c, 1)
	if err := first.end(); err != nil {
		t.Fatal(err)
	}
	_, memory := kept(t, c, 1)
	produce(t, client, changed(memory, newer(memory.Value)))
	ago := time.Now().Add(-time.Hour).Truncate(time.Millisecond)
	produce(t, client, raw(1, "b pending"), dated(1, "c pending", ago))
	deleteRecords(t, c, rawTopic, 1, 2)
	second := startStory(t, stateConfig(c))
	second.waits(kafka.StateHeld, 1, 3, 2, ago)
	if n := second.value("verdict_partitions_held"); n != 1 {
		t.Errorf("%g partitions are held, want 1", n)
	}
	if second.Ready() == nil || second.Status().Ready {
		t.Error("it is ready")
	}
}

// A partition is held at a record, for an output topic that was deleted: its lag grows with what comes, and its oldest
// record stays the same one.
func TestLagWhileHeldForAnOutputTopic(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	client := producer(t, c.ListenAddrs())
	r := start(t, config(c.ListenAddrs()))
	produce(t, client, raw(1, "a approved"))
	r.nothingWaits(1)
	deleteTopic(t, c, "decisions")
	ago := time.Now().Add(-time.Hour).Truncate(time.Millisecond)
	produce(t, client, dated(1, "b approved", ago))
	r.waits(kafka.StateHeld, 1, 2, 1, ago)
	produce(t, client, raw(1, "c approved"))
	r.waits(kafka.StateHeld, 1, 3, 2, ago)
	createTopic(t, c, "decisions", partitions)
	r.nothingWaits(3)
}

// What was aborted is read once: the next look goes on behind it, and finds what was written since.
func TestLagBehindWhatWasAborted(t *testing.T) {
	t.Parallel()
	c := newStateCluster(t)
	client := producer(t, c.ListenAddrs())
	first := startStory(t, stateConfig(c))
	produce(t, client, raw(1, "a pending"))
	first.nothingWaits(1)
	if err := first.end(); err != nil {
		t.Fatal(err)
	}
	aborted := producer(t, c.ListenAddrs(), kgo.TransactionalID("aborted"))
	if err := aborted.BeginTransaction(); err != nil {
		t.Fatal(err)
	}
	produce(t, aborted, raw(1, "b pending"), raw(1, "c pending"))
	if err := aborted.EndTransaction(t.Context(), kgo.TryAbort); err != nil {
		t.Fatal(err)
	}
	unrestored(c)
	var asked atomic.Int64 // last, of the raw topic
	c.ControlKey(int16(kmsg.Fetch), func(kreq kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		for _, topic := range kreq.(*kmsg.FetchRequest).Topics {
			for _, p := range topic.Partitions {
				if topic.Topic == rawTopic && p.Partition == 1 {
					asked.Store(p.FetchOffset)
				}
			}
		}
		return nil, nil, false
	})
	second := startStory(t, stateConfig(c))
	eventually(t, "the end is known", func() bool { return partition(second, 1).End == 4 })
	ago := time.Now().Add(-time.Hour).Truncate(time.Millisecond)
	produce(t, client, dated(1, "d pending", ago))
	second.waits(kafka.StateRestoring, 1, 5, 4, ago)
	if asked.Load() != 4 {
		t.Errorf("it was looked for from offset %d, want 4, behind what was aborted", asked.Load())
	}
}

// A leader that does not say where a log ends keeps nothing else waiting, and is asked again.
func TestLagOfALeaderThatDoesNotSay(t *testing.T) {
	t.Parallel()
	c := newStateCluster(t)
	client := producer(t, c.ListenAddrs())
	ago := time.Now().Add(-time.Hour).Truncate(time.Millisecond)
	first := startStory(t, stateConfig(c))
	eventually(t, "it is ready", func() bool { return first.Ready() == nil })
	if err := first.end(); err != nil {
		t.Fatal(err)
	}
	produce(t, client, dated(1, "a pending", ago))
	delay := unrestored(c)
	refused := c.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.ListOffsets}, Topic: rawTopic, Partitions: []int32{1},
		Err: kerr.NotLeaderForPartition, Count: 2})
	r := startStory(t, stateConfig(c))
	produce(t, client, raw(0, "b pending"))
	told(t, c, 1)
	r.waits(kafka.StateRestoring, 0, 1, 1, ago)
	if refused.Hits() != 2 {
		t.Errorf("%d were refused, want 2", refused.Hits())
	}
	delay.Remove()
	r.nothingWaits(1)
}

// A leader that hangs when it is asked what waits keeps nothing else waiting, neither what is decided nor the end.
func TestLagOfALeaderThatHangs(t *testing.T) {
	t.Parallel()
	c := newStateCluster(t)
	client := producer(t, c.ListenAddrs())
	first := startStory(t, stateConfig(c))
	eventually(t, "it is ready", func() bool { return first.Ready() == nil })
	if err := first.end(); err != nil {
		t.Fatal(err)
	}
	unrestored(c)
	over := make(chan struct{})
	defer close(over)
	var hangs atomic.Bool
	c.ControlKey(int16(kmsg.ListOffsets), func(kreq kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		if asksFor(kreq.(*kmsg.ListOffsetsRequest), rawTopic, 1) {
			hangs.Store(true)
			c.SleepControl(func() { <-over })
		}
		return nil, nil, false
	})
	r := startStory(t, stateConfig(c))
	eventually(t, "its leader hangs", hangs.Load)
	produce(t, client, raw(0, "a pending"), raw(1, "b pending"))
	expect(t, told(t, c, 1), "a pending FIRST 1")
	if err := r.end(); err != nil {
		t.Error(err)
	}
}

func asksFor(req *kmsg.ListOffsetsRequest, topic string, partition int32) bool {
	return slices.ContainsFunc(req.Topics, func(of kmsg.ListOffsetsRequestTopic) bool {
		return of.Topic == topic && slices.ContainsFunc(of.Partitions,
			func(p kmsg.ListOffsetsRequestTopicPartition) bool { return p.Partition == partition })
	})
}
