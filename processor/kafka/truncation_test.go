package kafka_test

import (
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"verdict/processor/kafka"
)

// decideFirst has 40 events decided, ten in each partition, and leaves.
func decideFirst(t *testing.T, c *kfake.Cluster) *kgo.Client {
	t.Helper()
	p := producer(t, c.ListenAddrs())
	produce(t, p, events(0, 40)...)
	first := start(t, config(c.ListenAddrs()))
	eventually(t, "the first are committed", func() bool { return first.value("verdict_events_total") == 40 })
	if err := first.end(); err != nil {
		t.Fatal(err)
	}
	return p
}

// endsWith waits until the runner gives up by itself.
func (r *running) endsWith(text string) {
	r.t.Helper()
	select {
	case err := <-r.ended:
		r.ended <- err
		if err == nil || !strings.Contains(err.Error(), text) {
			r.t.Errorf("it ended with: %v\nwant: %s", err, text)
		}
	case <-time.After(25 * time.Second):
		r.t.Fatal("the runner goes on")
	}
}

func TestATopicThatWasTruncatedIsNotSkipped(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	p := decideFirst(t, c)
	produce(t, p, events(40, 40)...)
	deleteRecords(t, c, rawTopic, 1, 15)
	start(t, config(c.ListenAddrs())).endsWith("raw/1: the next record to read is at offset 10, but the topic now " +
		"begins at 15: 5 offsets were removed")
}

func TestATruncatedTopicGoesOnAtItsEarliest(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	p := decideFirst(t, c)
	produce(t, p, events(40, 40)...)
	deleteRecords(t, c, rawTopic, 1, 15)
	cfg := config(c.ListenAddrs())
	cfg.OnTruncation = kafka.TruncationEarliest
	r := start(t, cfg)
	onceEach(t, collect(t, c.ListenAddrs(), "decisions").until(75), 75)
	if got := r.value("verdict_truncated_offsets_total", "topic="+rawTopic); got != 5 {
		t.Errorf("%v offsets are counted as passed over, want 5", got)
	}
	if got := r.value("verdict_truncations_total", "topic="+rawTopic); got != 1 {
		t.Errorf("%v truncations are counted, want 1", got)
	}
	eventually(t, "it is ready", func() bool { return r.Ready() == nil })
}

// All that was left is removed: there is no record to carry the group on, and yet its offset has to move.
func TestATopicThatWasEmptiedMovesTheGroup(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	p := decideFirst(t, c)
	produce(t, p, events(40, 40)...)
	deleteRecords(t, c, rawTopic, 1, 20)
	cfg := config(c.ListenAddrs())
	cfg.OnTruncation = kafka.TruncationEarliest
	r := start(t, cfg)
	eventually(t, "the group has moved", func() bool { return committedOffset(t, p, "verdict", 1) == 20 })
	if got := r.value("verdict_truncated_offsets_total"); got != 10 {
		t.Errorf("%v offsets are counted as passed over, want 10", got)
	}
}

func committedOffset(t *testing.T, c *kgo.Client, group string, partition int32) int64 {
	t.Helper()
	req := kmsg.NewPtrOffsetFetchRequest()
	rg := kmsg.NewOffsetFetchRequestGroup()
	rg.Group = group
	gt := kmsg.NewOffsetFetchRequestGroupTopic()
	gt.Topic, gt.Partitions = rawTopic, []int32{partition}
	rg.Topics = append(rg.Topics, gt)
	req.Groups = append(req.Groups, rg)
	res, err := req.RequestWith(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	if len(res.Groups) != 1 || len(res.Groups[0].Topics) != 1 || len(res.Groups[0].Topics[0].Partitions) != 1 {
		return -1
	}
	return res.Groups[0].Topics[0].Partitions[0].Offset
}

func deleteTopic(t *testing.T, c *kfake.Cluster, topic string) {
	t.Helper()
	req := kmsg.NewPtrDeleteTopicsRequest()
	rt := kmsg.NewDeleteTopicsRequestTopic()
	rt.Topic = kmsg.StringPtr(topic)
	req.Topics, req.TopicNames = append(req.Topics, rt), []string{topic}
	res, err := req.RequestWith(t.Context(), producer(t, c.ListenAddrs()))
	if err == nil {
		err = kerr.ErrorForCode(res.Topics[0].ErrorCode)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func recreate(t *testing.T, c *kfake.Cluster, topic string) {
	t.Helper()
	deleteTopic(t, c, topic)
	createTopic(t, c, topic, partitions)
}

// An instance at work stands past the end of the new topic. (One that starts later finds no offset: brokers drop those
// of a topic that is deleted.)
func TestARawTopicThatWasCreatedAnew(t *testing.T) {
	for _, truncation := range kafka.Truncations() {
		t.Run(truncation, func(t *testing.T) {
			t.Parallel()
			c := newCluster(t)
			cfg := config(c.ListenAddrs())
			cfg.OnTruncation, _ = kafka.ParseTruncation(truncation)
			r := start(t, cfg)
			produce(t, producer(t, c.ListenAddrs()), events(0, 40)...)
			eventually(t, "the first are committed", func() bool { return r.value("verdict_events_total") == 40 })
			recreate(t, c, rawTopic)
			produce(t, producer(t, c.ListenAddrs()), events(40, 4)...)
			if cfg.OnTruncation == kafka.TruncationStop {
				r.endsWith("the next record to read is at offset 10, but the topic ends at 1: it was created anew, " +
					"or has lost records")
				return
			}
			onceEach(t, collect(t, c.ListenAddrs(), "decisions").until(44), 44)
			if got := r.value("verdict_truncations_total"); got != partitions {
				t.Errorf("%v truncations are counted, want %d", got, partitions)
			}
		})
	}
}
