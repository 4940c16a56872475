package kafka_test

import (
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// readsChangelog says whether a runner fetches from a changelog that is led alone.
func readsChangelog(req *kmsg.FetchRequest, partition int32) bool {
	return !ofTheTest(req) && fetches(req, changelog, partition, 0)
}

// oneBatch has a request answered with one batch of each partition.
func oneBatch(req *kmsg.FetchRequest) {
	for _, t := range req.Topics {
		for i := range t.Partitions {
			t.Partitions[i].PartitionMaxBytes = 1
		}
	}
}

// shrink has a changelog that is led alone end at an offset from the moment on that a runner has read up to there, as
// after the election of a leader that lacks the rest.
func shrink(c *kfake.Cluster, partition int32, end int64) {
	var shrunk atomic.Bool
	c.ControlKey(int16(kmsg.Fetch), func(kreq kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		req := kreq.(*kmsg.FetchRequest)
		if !readsChangelog(req, partition) {
			return nil, nil, false
		}
		oneBatch(req)
		at := req.Topics[0].Partitions[0].FetchOffset
		if at < end {
			return nil, nil, false
		}
		shrunk.Store(true)
		res := req.ResponseKind().(*kmsg.FetchResponse)
		rt := kmsg.NewFetchResponseTopic()
		rt.Topic = changelog
		rp := kmsg.NewFetchResponseTopicPartition()
		rp.Partition, rp.HighWatermark, rp.LastStableOffset = partition, end, end
		if at > end {
			rp.ErrorCode = kerr.OffsetOutOfRange.Code
		}
		rt.Partitions = append(rt.Partitions, rp)
		res.Topics = append(res.Topics, rt)
		return res, nil, true
	})
	c.ControlKey(int16(kmsg.ListOffsets), func(kreq kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		req := kreq.(*kmsg.ListOffsetsRequest)
		return endsAt(req, end), nil, shrunk.Load() && asksForEnd(req, partition)
	})
}

// A changelog that loses its end while it is read holds its partition, with what was lost and the cure; the others go
// on.
func TestStateOfAChangelogThatShrinksWhileItIsRead(t *testing.T) {
	t.Parallel()
	c, client, first := twoTransactions(t)
	shrink(c, 1, first)
	r := startStory(t, stateConfig(c))
	produce(t, client, raw(1, "a approved"), raw(1, "b approved"), raw(2, "c pending"))
	r.says("the state of raw/1 cannot be restored", fmt.Sprintf("the topic ends at %d", first), changelog+"/1")
	r.says("raw/1: the group is at offset 2 (", changelog+"/1 ends at 1 (", "records of it were lost",
		"verdict state begin --again")
	expect(t, told(t, c, 3), "a pending FIRST 1", "b pending FIRST 1", "c pending FIRST 1")
	if at := committedOffset(t, client, "verdict", 1); at != 2 {
		t.Errorf("the group went on to offset %d", at)
	}
}

// twoTransactions has two verifications decided in one partition, in a transaction each, and says where the changelog
// ends after the first.
func twoTransactions(t *testing.T) (c *kfake.Cluster, client *kgo.Client, first int64) {
	t.Helper()
	c = newStateCluster(t)
	ledAlone(t, c, 1)
	client = producer(t, c.ListenAddrs())
	r := startStory(t, stateConfig(c))
	produce(t, client, raw(1, "a pending"))
	told(t, c, 1)
	isOneCut(t, c, client, 1, 1)
	first = endOf(t, c, changelog, 1)
	produce(t, client, raw(1, "b pending"))
	told(t, c, 2)
	if err := r.end(); err != nil {
		t.Fatal(err)
	}
	return c, client, first
}

// A changelog that loses its beginning while it is read is read anew from what it begins with then. If all that counts
// is there, the partition goes on; if not, it is held, with the cure.
func TestStateOfAChangelogThatIsCutWhileItIsRead(t *testing.T) {
	for name, test := range map[string]struct {
		second string // what is decided in the second transaction
		lost   bool
	}{
		"what was removed had been written anew": {"a approved", false},
		"what was removed is lost":               {"b pending", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newStateCluster(t)
			ledAlone(t, c, 1)
			client := producer(t, c.ListenAddrs())
			first := startStory(t, stateConfig(c))
			produce(t, client, raw(1, "a pending"))
			told(t, c, 1)
			isOneCut(t, c, client, 1, 1)
			begins := endOf(t, c, changelog, 1)
			produce(t, client, raw(1, test.second))
			told(t, c, 2)
			if err := first.end(); err != nil {
				t.Fatal(err)
			}
			happened := cutWhileRead(t, c, 1, begins)
			r := startStory(t, stateConfig(c))
			produce(t, client, raw(1, "a declined"), raw(2, "c pending"))
			want := []string{"a pending FIRST 1", "c pending FIRST 1"}
			if test.lost {
				r.says("raw/1", changelog+"/1 has lost records in the midst", "verdict state begin --again")
				want = append(want, "b pending FIRST 1")
			} else {
				want = append(want, "a approved ADVANCED 2", "a declined REVERSED 3")
			}
			expect(t, told(t, c, len(want)), want...)
			if !happened() {
				t.Error("nothing was removed while it was read: this shows nothing")
			}
		})
	}
}

// cutWhileRead removes the beginning of a changelog that is led alone once a runner has read some of that, and before
// it has read all.
func cutWhileRead(t *testing.T, c *kfake.Cluster, partition int32, begins int64) (happened func() bool) {
	var removed atomic.Bool
	c.ControlKey(int16(kmsg.Fetch), func(kreq kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		req := kreq.(*kmsg.FetchRequest)
		if !readsChangelog(req, partition) {
			return nil, nil, false
		}
		oneBatch(req)
		at := req.Topics[0].Partitions[0].FetchOffset
		if at > 0 && at < begins && !removed.Swap(true) {
			if err := c.DeleteRecords(changelog, partition, begins); err != nil {
				t.Error(err)
			}
		}
		return nil, nil, false
	})
	return removed.Load
}
