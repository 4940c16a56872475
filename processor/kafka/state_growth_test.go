package kafka_test

import (
	"fmt"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
	"github.com/twmb/franz-go/pkg/kversion"

	"verdict/processor/kafka"
	"verdict/processor/state"
)

// grow gives the raw topic and its changelog so many partitions.
func grow(t *testing.T, c *kfake.Cluster, n int32) {
	t.Helper()
	addPartitions(t, c, rawTopic, n)
	addPartitions(t, c, changelog, n)
}

// A partition that was added waits until what is known of its keys has been moved, unless the operator gives that up.
func TestAddedPartitions(t *testing.T) {
	t.Parallel()
	c := newStateCluster(t)
	client := producer(t, c.ListenAddrs())
	first := startStory(t, stateConfig(c))
	produce(t, client, raw(1, "a pending"))
	told(t, c, 1)
	if err := first.end(); err != nil {
		t.Fatal(err)
	}
	grow(t, c, 2*partitions)
	r := startStory(t, stateConfig(c))
	r.says(fmt.Sprintf("%s/%d was added", rawTopic, partitions), "verdict state rekey")
	client = producer(t, c.ListenAddrs())
	produce(t, client, raw(partitions, "b pending"), raw(1, "a approved"))
	told(t, c, 2)
	if err := r.end(); err != nil {
		t.Fatal(err)
	}
	cfg := stateConfig(c)
	cfg.State.Growth = kafka.GrowthContinue
	startStory(t, cfg)
	expect(t, told(t, c, 3), "a pending FIRST 1", "a approved ADVANCED 2", "b pending FIRST 1")
}

// Where the topic has grown by no multiple, keys have moved between the old partitions, too: all wait, also those that
// nothing is known of, and those that this instance has at hand.
func TestGrownByNoMultiple(t *testing.T) {
	t.Parallel()
	c := newStateCluster(t)
	client := producer(t, c.ListenAddrs())
	r := startStory(t, stateConfig(c))
	produce(t, client, raw(1, "a pending"))
	told(t, c, 1)
	grow(t, c, partitions+1)
	r.says(fmt.Sprintf("from %d partitions to %d", partitions, partitions+1), "verdict state rekey")
	eventually(t, "all are held", func() bool { return r.value("verdict_partitions_held") == partitions+1 })
	produce(t, client, raw(0, "b pending"), raw(1, "a approved"))
	if err := r.end(); err != nil {
		t.Fatal(err)
	}
	r = startStory(t, stateConfig(c))
	r.says(fmt.Sprintf("%s/1: its topic has grown from %d partitions to %d", rawTopic, partitions, partitions+1))
	eventually(t, "all are held", func() bool { return r.value("verdict_partitions_held") == partitions+1 })
	if err := r.end(); err != nil {
		t.Fatal(err)
	}
	told(t, c, 1)
	cfg := stateConfig(c)
	cfg.State.Growth = kafka.GrowthContinue
	startStory(t, cfg)
	expect(t, told(t, c, 3), "a pending FIRST 1", "a approved ADVANCED 2", "b pending FIRST 1")
}

// The group's offsets are gone, and with them the note of how many partitions there were: an added partition waits
// until one of the others tells it again, whichever is restored first, and then for `rekey`.
func TestAddedPartitionsWithoutOffsets(t *testing.T) {
	t.Parallel()
	for _, units := range []int{1, 2 * partitions} {
		t.Run(fmt.Sprint(units), func(t *testing.T) {
			c := newStateCluster(t)
			client := producer(t, c.ListenAddrs(), kgo.MaxVersions(kversion.V3_0_0()))
			first := startStory(t, stateConfig(c))
			produce(t, client, raw(1, "a pending"))
			told(t, c, 1)
			if err := first.end(); err != nil {
				t.Fatal(err)
			}
			req := kmsg.NewPtrDeleteGroupsRequest()
			req.Groups = []string{"verdict"}
			if _, err := req.RequestWith(t.Context(), client); err != nil {
				t.Fatal(err)
			}
			grow(t, c, 2*partitions)
			cfg := stateConfig(c)
			cfg.Units = units
			r := startStory(t, cfg)
			r.says(fmt.Sprintf("%s/%d was added", rawTopic, partitions), "verdict state rekey")
			eventually(t, "the added ones are held, and only they", func() bool {
				return r.value("verdict_partitions_held") == partitions
			})
			produce(t, producer(t, c.ListenAddrs()), raw(partitions, "b pending"), raw(1, "a approved"))
			expect(t, told(t, c, 2), "a pending FIRST 1", "a approved ADVANCED 2")
		})
	}
}

// Units that begin without state side by side wait for each other's first transactions: none is held back by them.
func TestUnitsBeginSideBySide(t *testing.T) {
	t.Parallel()
	c := newStateCluster(t, kfake.NumBrokers(1))
	cfg := stateConfig(c)
	cfg.Units = partitions
	written := func() bool {
		for id := range int32(partitions) {
			if endOf(t, c, changelog, id) > 1 { // the position record and the transaction's marker
				return true
			}
		}
		return false
	}
	var begun, looked, unstable atomic.Int32
	c.ControlKey(int16(kmsg.OffsetFetch), func(kreq kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		req := kreq.(*kmsg.OffsetFetchRequest)
		switch {
		case len(req.Topics) != 1 || len(req.Topics[0].Partitions) != partitions: // a unit has one
			return nil, nil, false
		case !req.RequireStable:
			begun.Add(1)
			return nil, nil, false
		case unstable.Add(1) > 2:
			return nil, nil, false
		}
		at := kmsg.NewOffsetFetchResponseTopicPartition()
		at.Offset, at.ErrorCode = -1, kerr.UnstableOffsetCommit.Code
		topic := kmsg.OffsetFetchResponseTopic{Topic: rawTopic}
		topic.Partitions = append(topic.Partitions, at)
		res := req.ResponseKind().(*kmsg.OffsetFetchResponse)
		res.Topics = append(res.Topics, topic)
		return res, nil, true
	})
	c.ControlKey(int16(kmsg.ListOffsets), func(kreq kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		req := kreq.(*kmsg.ListOffsetsRequest)
		if topic := req.Topics[0]; topic.Topic != changelog || len(topic.Partitions) != partitions ||
			topic.Partitions[0].Timestamp != -2 {
			return nil, nil, false
		}
		first := looked.Add(1) == 1
		c.SleepControl(func() {
			for t.Context().Err() == nil && (first && begun.Load() < partitions || !first && !written()) {
				runtime.Gosched()
			}
		})
		return nil, nil, false
	})
	r := startStory(t, cfg)
	eventually(t, "it is ready", func() bool { return r.Ready() == nil })
	if unstable.Load() == 0 {
		t.Error("no unit had to wait: this shows nothing")
	}
	if n := r.value("verdict_restores_total", "kind=full"); n != partitions {
		t.Errorf("%v of %d partitions began without being held back", n, partitions)
	}
}

// Where the first transaction of a new group was aborted, its changelog has records, and yet nothing is known: the
// group begins all the same.
func TestAGroupBeginsAfterAnAbort(t *testing.T) {
	t.Parallel()
	c := newStateCluster(t)
	gone := producer(t, c.ListenAddrs(), kgo.TransactionalID("gone"))
	if err := gone.BeginTransaction(); err != nil {
		t.Fatal(err)
	}
	for id := range int32(partitions) {
		produce(t, gone, &kgo.Record{Topic: changelog, Partition: id, Key: []byte("never"), Value: []byte("committed")})
	}
	if err := gone.EndTransaction(t.Context(), kgo.TryAbort); err != nil {
		t.Fatal(err)
	}
	r := startStory(t, stateConfig(c))
	produce(t, producer(t, c.ListenAddrs()), raw(1, "a pending"))
	expect(t, told(t, c, 1), "a pending FIRST 1")
	eventually(t, "it is ready", func() bool { return r.Ready() == nil })
}

// A partition of the old ones that begins only after others were added has records from before, of keys that belong
// elsewhere now. So it notes the old number, by which `rekey` knows what to move.
func TestAnOldPartitionThatBeginsAfterAGrowth(t *testing.T) {
	t.Parallel()
	c := newStateCluster(t)
	client := producer(t, c.ListenAddrs(), kgo.MaxVersions(kversion.V3_0_0()))
	first := startStory(t, stateConfig(c))
	produce(t, client, raw(1, "a pending"))
	told(t, c, 1)
	eventually(t, "all have begun", func() bool { return endOf(t, c, changelog, 2) > 0 })
	if err := first.end(); err != nil {
		t.Fatal(err)
	}
	// Partition 2 is made one that has never begun.
	deleteRecords(t, c, changelog, 2, endOf(t, c, changelog, 2))
	req := kmsg.NewPtrOffsetDeleteRequest()
	req.Group = "verdict"
	req.Topics = []kmsg.OffsetDeleteRequestTopic{{Topic: rawTopic,
		Partitions: []kmsg.OffsetDeleteRequestTopicPartition{{Partition: 2}}}}
	if _, err := req.RequestWith(t.Context(), client); err != nil {
		t.Fatal(err)
	}
	grow(t, c, 2*partitions)
	r := startStory(t, stateConfig(c))
	r.says("was added", "verdict state rekey")
	produce(t, client, raw(2, "b pending"))
	expect(t, told(t, c, 2), "a pending FIRST 1", "b pending FIRST 1")
	records := collect(t, c.ListenAddrs(), changelog)
	eventually(t, "its position is noted with the old number of partitions", func() bool {
		records.poll(50*time.Millisecond, len(records.records)+1)
		noted := int32(0)
		for _, record := range records.records {
			if record.Partition == 2 && string(record.Key) == string(state.PositionKey) {
				at, err := state.ParsePosition(record.Value)
				if err != nil {
					t.Fatal(err)
				}
				noted = at.Partitions
			}
		}
		return noted == partitions
	})
}
