package kafka_test

import (
	"bytes"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
	"github.com/twmb/franz-go/pkg/kversion"

	"verdict/processor"
	"verdict/processor/kafka"
)

// endOf is where a partition of a topic ends.
func endOf(t *testing.T, c *kfake.Cluster, topic string, partition int32) int64 {
	t.Helper()
	return c.PartitionInfo(topic, partition).HighWatermark
}

// says waits until readiness says something.
func (r *running) says(texts ...string) {
	r.t.Helper()
	eventually(r.t, "readiness says "+strings.Join(texts, ", "), func() bool {
		err := r.Ready()
		for _, text := range texts {
			if err == nil || !strings.Contains(err.Error(), text) {
				return false
			}
		}
		return true
	})
}

// What a newer version has written is not passed over, however often it is tried.
func TestStateOfANewerVersionHolds(t *testing.T) {
	t.Parallel()
	c := newStateCluster(t)
	client := producer(t, c.ListenAddrs())
	first := startStory(t, stateConfig(c))
	produce(t, client, raw(1, "a pending"))
	told(t, c, 1)
	if err := first.end(); err != nil {
		t.Fatal(err)
	}
	produce(t, client, &kgo.Record{Topic: changelog, Partition: 1, Key: make([]byte, 16), Value: []byte{9, 9}})
	second := startStory(t, stateConfig(c))
	second.says("newer version")
	produce(t, client, raw(1, "a approved"), raw(2, "b pending"))
	eventually(t, "it was tried again and again", func() bool {
		return second.value("verdict_errors_total", "class=process") >= 4
	})
	second.says("newer version")
	expect(t, told(t, c, 2), "a pending FIRST 1", "b pending FIRST 1")
}

// A changelog that lost its records while its state is in memory is not written on as if it were whole.
func TestStateNoticesThatItsChangelogIsAnother(t *testing.T) {
	t.Parallel()
	c := newStateCluster(t)
	client := producer(t, c.ListenAddrs())
	r := startStory(t, stateConfig(c))
	produce(t, client, raw(1, "a pending"), raw(1, "b pending"))
	told(t, c, 2)
	eventually(t, "all is claimed", func() bool { return r.Ready() == nil })
	deleteTopic(t, c, changelog)
	createTopic(t, c, changelog, partitions)
	produce(t, client, raw(1, "a approved"))
	r.says("has no position record", "verdict state begin")
	told(t, c, 2)
}

// Without its changelog a partition waits also where its state is in memory; the others go on.
func TestAChangelogThatGoesAwayHolds(t *testing.T) {
	t.Parallel()
	c := newStateCluster(t, kfake.SeedTopics(partitions, "raw2"))
	createChangelog(t, c, kafka.Changelog("verdict", "raw2"), partitions)
	client := producer(t, c.ListenAddrs())
	cfg := stateConfig(c)
	cfg.RawTopics, cfg.Units = []string{rawTopic, "raw2"}, 1
	r := startStory(t, cfg)
	produce(t, client, raw(1, "a pending"))
	told(t, c, 1)
	deleteTopic(t, c, changelog)
	produce(t, client, raw(1, "a approved"))
	r.says(changelog, "topics --create")
	other := raw(1, "b pending")
	other.Topic = "raw2"
	produce(t, client, other)
	expect(t, told(t, c, 2), "a pending FIRST 1", "b pending FIRST 1")
}

// What was kept is older than what the changelog still has: it is read from its beginning.
func TestStateThatFellBehindItsChangelogIsReadAnew(t *testing.T) {
	t.Parallel()
	c := newStateCluster(t)
	client := producer(t, c.ListenAddrs())
	first, second := stateConfig(c), stateConfig(c)
	first.InstanceID, second.InstanceID = "first", "second"
	a := startStory(t, first)
	decisions := collect(t, c.ListenAddrs(), "decisions")
	write := func(status string) {
		t.Helper()
		var records []*kgo.Record
		for id := range int32(partitions) {
			records = append(records, raw(id, string('a'+id)+" "+status))
		}
		produce(t, client, records...)
	}
	write("pending")
	decisions.until(4)
	b := startStory(t, second)
	a.sharesWith(b)
	write("approved")
	decisions.until(8)
	for id := range int32(partitions) {
		deleteRecords(t, c, changelog, id, endOf(t, c, changelog, id))
	}
	write("declined")
	decisions.until(12)
	before := a.value("verdict_restores_total", "kind=full")
	if err := b.end(); err != nil {
		t.Fatal(err)
	}
	write("declined")
	eventually(t, "all is decided", func() bool { return groupAt(t, client) == 4*partitions })
	decisions.until(12)
	if n := a.value("verdict_restores_total", "kind=full") - before; n != 2 {
		t.Errorf("%v partitions were restored in full, want the 2 that came back", n)
	}
}

// While what was written last has not been seen, no word is overdue: its answer may be there.
func TestOverdueIsNotToldOfWhatIsNotSeen(t *testing.T) {
	t.Parallel()
	c := newStateCluster(t)
	client := producer(t, c.ListenAddrs())
	var frozen, asked atomic.Bool
	released := make(chan struct{})
	c.ControlKey(int16(kmsg.Fetch), func(kreq kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		req := kreq.(*kmsg.FetchRequest)
		if req.Version > 11 || !frozen.Load() || !fetches(req, rawTopic, 1, 1) {
			return nil, nil, false
		}
		asked.Store(true)
		c.SleepControl(func() {
			select {
			case <-released:
			case <-t.Context().Done():
			}
		})
		return nil, nil, false
	})
	r := startStory(t, stateConfig(c))
	eventually(t, "it is ready", func() bool { return r.Ready() == nil })
	almost := raw(1, "a pending")
	deadline := time.Now().Add(5 * time.Second)
	almost.Timestamp = deadline.Add(-24 * time.Hour)
	produce(t, client, almost)
	told(t, c, 1)
	frozen.Store(true)
	eventually(t, "a fetch is under way", asked.Load)
	produce(t, client, raw(1, "a approved"))
	past := deadline.Add(2 * time.Second)
	eventually(t, "the deadline has passed", func() bool { return time.Now().After(past) })
	frozen.Store(false)
	close(released)
	expect(t, told(t, c, 2), "a pending FIRST 1", "a approved ADVANCED 2")
	if n := r.value("verdict_published_total", "route=overdue"); n != 0 {
		t.Errorf("%v notices were published of a word that was answered in time", n)
	}
}

func fetches(req *kmsg.FetchRequest, topic string, partition int32, offset int64) bool {
	for _, rt := range req.Topics {
		for _, p := range rt.Partitions {
			if rt.Topic == topic && p.Partition == partition && p.FetchOffset >= offset {
				return true
			}
		}
	}
	return false
}

// A batch that fails takes the partition's clock back with it: what was known when its records were read first is known
// when they are read again.
func TestStateTakesItsClockBack(t *testing.T) {
	t.Parallel()
	c := newStateCluster(t)
	client := producer(t, c.ListenAddrs())
	produce(t, client, daysAgo(40, raw(1, "a pending")), daysAgo(15, raw(1, "a approved")), raw(1, "b pending"))
	var failed atomic.Bool
	c.ControlKey(int16(kmsg.Produce), func(kreq kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		if byTheTest(kreq) || !produces(kreq.(*kmsg.ProduceRequest), "a approved") || failed.Swap(true) {
			return nil, nil, false
		}
		return withCode(kreq, kerr.OutOfOrderSequenceNumber.Code), nil, true
	})
	cfg := stateConfig(c)
	cfg.Topics[processor.RouteOverdue], cfg.MaxBatchRecords = "", 1
	startStory(t, cfg)
	expect(t, told(t, c, 3), "a pending FIRST 1", "a approved ADVANCED 2", "b pending FIRST 1")
	if !failed.Load() {
		t.Error("no transaction failed: this shows nothing")
	}
}

func produces(req *kmsg.ProduceRequest, text string) bool {
	for _, rt := range req.Topics {
		for _, p := range rt.Partitions {
			if bytes.Contains(p.Records, []byte(text)) {
				return true
			}
		}
	}
	return false
}

// Where the group has no offset, and what stands in the state's position record is not there any more, records are
// lost.
func TestStateKnowsWhatWasTruncated(t *testing.T) {
	t.Parallel()
	c := newStateCluster(t)
	client := producer(t, c.ListenAddrs(), kgo.MaxVersions(kversion.V3_0_0()))
	first := startStory(t, stateConfig(c))
	produce(t, client, raw(1, "a pending"))
	told(t, c, 1)
	if err := first.end(); err != nil {
		t.Fatal(err)
	}
	produce(t, client, raw(1, "a approved"), raw(1, "b pending"))
	deleteRecords(t, c, rawTopic, 1, 2)
	req := kmsg.NewPtrDeleteGroupsRequest()
	req.Groups = []string{"verdict"}
	if _, err := req.RequestWith(t.Context(), client); err != nil {
		t.Fatal(err)
	}
	startStory(t, stateConfig(c)).endsWith("raw/1: the next record to read is at offset 1, but the topic now begins " +
		"at 2")
}

// A changelog that lost records in its midst, or at its beginning, is not taken for whole, though its end is there.
func TestStateNoticesWhatIsLostInTheMidst(t *testing.T) {
	t.Parallel()
	c := newStateCluster(t)
	client := producer(t, c.ListenAddrs())
	first := startStory(t, stateConfig(c))
	produce(t, client, raw(1, "a pending"))
	told(t, c, 1)
	produce(t, client, raw(1, "b pending"))
	told(t, c, 2)
	if err := first.end(); err != nil {
		t.Fatal(err)
	}
	last := c.PartitionInfo(changelog, 1).HighWatermark
	deleteRecords(t, c, changelog, 1, last-3) // b's transaction is left: position, memory and marker
	var read atomic.Int64
	c.ControlKey(int16(kmsg.Fetch), func(kreq kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		if fetches(kreq.(*kmsg.FetchRequest), changelog, 1, last-3) {
			read.Add(1)
		}
		return nil, nil, false
	})
	r := startStory(t, stateConfig(c))
	eventually(t, "readiness says what is lost, and the cure", func() bool {
		err := r.Ready()
		return err != nil && strings.Contains(err.Error(), "has lost records in the midst") &&
			strings.Contains(err.Error(), "verdict state begin --again")
	})
	produce(t, client, raw(1, "a pending"), raw(2, "c pending"))
	expect(t, told(t, c, 3), "a pending FIRST 1", "b pending FIRST 1", "c pending FIRST 1")
	eventually(t, "it was tried again and again", func() bool {
		return r.value("verdict_errors_total", "class=process") >= 4
	})
	if n := read.Load(); n != 1 {
		t.Errorf("the changelog was read %d times, want once: what is lost does not come back", n)
	}
}
