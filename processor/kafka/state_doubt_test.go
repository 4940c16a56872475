package kafka_test

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// withoutOffsets has the group's coordinator say once, for all partitions that it is asked for before they are read,
// that there is no offset, as one might that has not loaded them yet.
func withoutOffsets(c *kfake.Cluster) (happened func() bool) {
	var seen atomic.Bool
	c.ControlKey(int16(kmsg.OffsetFetch), func(kreq kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		req := kreq.(*kmsg.OffsetFetchRequest)
		if !req.RequireStable || seen.Swap(true) {
			return nil, nil, false
		}
		res := req.ResponseKind().(*kmsg.OffsetFetchResponse)
		for _, t := range req.Topics {
			rt := kmsg.NewOffsetFetchResponseTopic()
			rt.Topic = t.Topic
			for _, id := range t.Partitions {
				rp := kmsg.NewOffsetFetchResponseTopicPartition()
				rp.Partition, rp.Offset, rp.Metadata = id, -1, new(string)
				rt.Partitions = append(rt.Partitions, rp)
			}
			res.Topics = append(res.Topics, rt)
		}
		return res, nil, true
	})
	return seen.Load
}

// An answer without offsets, once, is no new group: it goes on where its state stands, after a start and in mid-run.
func TestStateGoesOnWhereOffsetsSeemToBeMissing(t *testing.T) {
	for name, again := range map[string]func(*testing.T, *kfake.Cluster, *running) *running{
		"at the start": func(t *testing.T, c *kfake.Cluster, first *running) *running {
			if err := first.end(); err != nil {
				t.Fatal(err)
			}
			return startStory(t, stateConfig(c))
		},
		"after a transaction that failed": func(_ *testing.T, c *kfake.Cluster, first *running) *running {
			answer(c, kmsg.Produce, 1, kerr.OutOfOrderSequenceNumber.Code)
			return first
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newStateCluster(t)
			client := producer(t, c.ListenAddrs())
			first := startStory(t, stateConfig(c))
			produce(t, client, raw(1, "a pending"), raw(1, "b pending"))
			told(t, c, 2)
			happened := withoutOffsets(c)
			second := again(t, c, first)
			produce(t, client, raw(1, "a pending"), raw(1, "a approved"), raw(1, "b pending"), raw(1, "b declined"))
			expect(t, told(t, c, 4), "a pending FIRST 1", "b pending FIRST 1", "a approved ADVANCED 2",
				"b declined ADVANCED 2")
			isOneCut(t, c, client, 1, 6)
			if n := second.value("verdict_transitions_total", "transition=repeated"); n != 2 {
				t.Errorf("%v repeats are counted, want 2: it went on elsewhere", n)
			}
			if !happened() || second.value("verdict_rewinds_total") == 0 {
				t.Error("no offset was missing, or it is not counted")
			}
			eventually(t, "it is ready", func() bool { return second.Ready() == nil })
		})
	}
}

// Nor is it a reason to begin with nothing: a group that ran without state is asked once more.
func TestStateIsNotBegunWhereOffsetsSeemToBeMissing(t *testing.T) {
	t.Parallel()
	c := newStateCluster(t)
	client := producer(t, c.ListenAddrs())
	without := startStory(t, config(c.ListenAddrs()))
	produce(t, client, raw(1, "a pending"))
	told(t, c, 1)
	if err := without.end(); err != nil {
		t.Fatal(err)
	}
	happened := withoutOffsets(c)
	r := startStory(t, stateConfig(c))
	r.says("raw/1: the group is at offset 1", "verdict state begin")
	told(t, c, 1)
	if !happened() {
		t.Error("no offset was missing")
	}
}

// lowEnd has the leader of a changelog that it leads alone say once that it ends where low says.
func lowEnd(c *kfake.Cluster, partition int32, low func() int64) (happened func() bool) {
	var seen atomic.Bool
	c.ControlKey(int16(kmsg.ListOffsets), func(kreq kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		req := kreq.(*kmsg.ListOffsetsRequest)
		if !asksForEnd(req, partition) || seen.Swap(true) {
			return nil, nil, false
		}
		return endsAt(req, low()), nil, true
	})
	return seen.Load
}

// asksForEnd says whether a runner asks where a changelog ends, and for nothing else.
func asksForEnd(req *kmsg.ListOffsetsRequest, partition int32) bool {
	if ofTheTest(req) || len(req.Topics) != 1 || len(req.Topics[0].Partitions) != 1 {
		return false
	}
	p := req.Topics[0].Partitions[0]
	return req.Topics[0].Topic == changelog && p.Partition == partition && p.Timestamp == -1
}

func endsAt(req *kmsg.ListOffsetsRequest, offset int64) *kmsg.ListOffsetsResponse {
	res := req.ResponseKind().(*kmsg.ListOffsetsResponse)
	rt := kmsg.NewListOffsetsResponseTopic()
	rt.Topic = req.Topics[0].Topic
	rp := kmsg.NewListOffsetsResponseTopicPartition()
	rp.Partition, rp.Offset = req.Topics[0].Partitions[0].Partition, offset
	rt.Partitions = append(rt.Partitions, rp)
	res.Topics = append(res.Topics, rt)
	return res
}

// A leader that does not know yet where its changelog ends, and says so or names an end before the true one, does not
// have a restore end early: the state is whole before the partition goes on.
func TestStateIsRestoredPastAnEndThatComesLate(t *testing.T) {
	for name, doubt := range map[string]func(c *kfake.Cluster, first, end int64) (happened func() bool){
		"not available": func(c *kfake.Cluster, _, _ int64) func() bool {
			fault := c.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.ListOffsets}, Topic: changelog, Partitions: []int32{1},
				Err: kerr.OffsetNotAvailable, Count: 3, When: func(kreq kmsg.Request) bool {
					return asksForEnd(kreq.(*kmsg.ListOffsetsRequest), 1)
				}})
			return func() bool { return fault.Hits() == 3 }
		},
		"nothing there yet": func(c *kfake.Cluster, _, _ int64) func() bool {
			return lowEnd(c, 1, func() int64 { return 0 })
		},
		"before the last transaction": func(c *kfake.Cluster, first, _ int64) func() bool {
			return lowEnd(c, 1, func() int64 { return first })
		},
		"in the last transaction": func(c *kfake.Cluster, first, _ int64) func() bool {
			return lowEnd(c, 1, func() int64 { return first + 1 })
		},
		"before the last marker": func(c *kfake.Cluster, _, end int64) func() bool {
			return lowEnd(c, 1, func() int64 { return end - 1 })
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, client, first := twoTransactions(t)
			happened := doubt(c, first, endOf(t, c, changelog, 1))
			second := startStory(t, stateConfig(c))
			produce(t, client, raw(1, "b pending"), raw(1, "b approved"), raw(1, "a approved"))
			expect(t, told(t, c, 4), "a pending FIRST 1", "b pending FIRST 1", "a approved ADVANCED 2",
				"b approved ADVANCED 2")
			isOneCut(t, c, client, 1, 5)
			if !happened() {
				t.Error("no leader was in doubt: this shows nothing")
			}
			eventually(t, "it is ready", func() bool { return second.Ready() == nil })
		})
	}
}

// Where only what an unknown commit may have written is read, an end before it is not taken for the true one either.
func TestStateCatchesUpPastAnEndThatComesLate(t *testing.T) {
	for name, before := range map[string]int64{"where the state stands": 0, "before it": 1} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newStateCluster(t)
			ledAlone(t, c, 1)
			client := producer(t, c.ListenAddrs())
			cfg := stateConfig(c)
			cfg.Units = 1
			r := startStory(t, cfg)
			produce(t, client, raw(1, "a pending"))
			told(t, c, 1)
			eventually(t, "all is claimed: the next commit is of what is written next", func() bool {
				return !slices.ContainsFunc(c.PartitionInfos(changelog), func(p *kfake.PartitionInfo) bool {
					return p.HighWatermark == 0 || p.LastStableOffset < p.HighWatermark
				})
			})
			upto := endOf(t, c, changelog, 1) - 1 // the marker of the last transaction is not counted
			happened := lowEnd(c, 1, func() int64 { return upto - before })
			loseCommit(c, client)
			produce(t, client, raw(1, "a pending"), raw(1, "a approved"))
			told(t, c, 2)
			produce(t, client, raw(1, "a approved"), raw(1, "a declined"))
			expect(t, told(t, c, 3), "a pending FIRST 1", "a approved ADVANCED 2", "a declined REVERSED 3")
			isOneCut(t, c, client, 1, 5)
			if !happened() || r.value("verdict_restores_total", "kind=caught_up") == 0 {
				t.Error("nothing was caught up with: this shows nothing")
			}
		})
	}
}

// loseCommit has the next commit of a runner carried out, and its answer lost.
func loseCommit(c *kfake.Cluster, client *kgo.Client) {
	var lost atomic.Bool
	c.ControlKey(int16(kmsg.EndTxn), func(kreq kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		req := *kreq.(*kmsg.EndTxnRequest)
		if req.Version > 3 || !req.Commit || lost.Swap(true) { // the test's own is newer
			return nil, nil, false
		}
		req.Version = 4
		c.SleepControl(func() { _, _ = req.RequestWith(context.Background(), client) })
		return nil, errors.New("cut"), true
	})
}
