package kafka_test

import (
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"verdict/processor/kafka"
)

// noBeginning has the leader of raw/1 refuse to say where it begins, as long as the test wants. The others begin at 0.
func noBeginning(c *kfake.Cluster) *atomic.Bool {
	unknown := new(atomic.Bool)
	unknown.Store(true)
	c.ControlKey(int16(kmsg.ListOffsets), func(kreq kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		req := kreq.(*kmsg.ListOffsetsRequest)
		if ofTheTest(req) || !unknown.Load() || req.Topics[0].Topic != rawTopic {
			return nil, nil, false
		}
		res := req.ResponseKind().(*kmsg.ListOffsetsResponse)
		rt := kmsg.NewListOffsetsResponseTopic()
		rt.Topic = rawTopic
		for _, asked := range req.Topics[0].Partitions {
			rp := kmsg.NewListOffsetsResponseTopicPartition()
			rp.Partition, rp.Offset = asked.Partition, 0
			if asked.Partition == 1 {
				rp.Offset, rp.ErrorCode = -1, kerr.LeaderNotAvailable.Code
			}
			rt.Partitions = append(rt.Partitions, rp)
		}
		res.Topics = append(res.Topics, rt)
		return res, nil, true
	})
	return unknown
}

// A partition whose beginning cannot be asked for is held back alone, and once it is known, claimed before it is read.
func TestAPartitionWithoutABeginningIsHeldBackAlone(t *testing.T) {
	for _, d := range []kafka.Delivery{kafka.DeliveryExactlyOnce, kafka.DeliveryAtLeastOnce} {
		t.Run(d.String(), func(t *testing.T) {
			t.Parallel()
			c := newCluster(t)
			unknown := noBeginning(c)
			claims := commitsOf(c, 1)
			cfg := config(c.ListenAddrs())
			cfg.Delivery, cfg.Units = d, 1
			r := start(t, cfg)
			p := producer(t, c.ListenAddrs())
			produce(t, p, events(0, 8)...)
			decisions := collect(t, c.ListenAddrs(), "decisions")
			decisions.until(6)
			eventually(t, "readiness names it", func() bool {
				err := r.Ready()
				return err != nil && strings.Contains(err.Error(),
					"1 partitions are held back, one of them raw/1: ListOffsets")
			})
			if held := r.value("verdict_partitions_held"); held != 1 {
				t.Errorf("%v partitions are held", held)
			}
			if at := committedOffset(t, p, "verdict", 1); at != -1 {
				t.Errorf("the group has been moved to %d", at)
			}
			unknown.Store(false)
			onceEach(t, decisions.until(8), 8)
			eventually(t, "readiness is back", func() bool {
				return r.Ready() == nil &&
					r.value("verdict_partitions_held") == 0
			})
			if first := claims(); d == kafka.DeliveryExactlyOnce && first != 0 {
				t.Errorf("the first commit moves the group to %d: it has not been claimed", first)
			}
		})
	}
}

// commitsOf returns where the first commit in a transaction moves a partition to; -1: there was none.
func commitsOf(c *kfake.Cluster, partition int32) func() int64 {
	var first atomic.Int64
	first.Store(-1)
	c.ControlKey(int16(kmsg.TxnOffsetCommit), func(kreq kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		for _, topic := range kreq.(*kmsg.TxnOffsetCommitRequest).Topics {
			for _, p := range topic.Partitions {
				if topic.Topic == rawTopic && p.Partition == partition {
					first.CompareAndSwap(-1, p.Offset)
				}
			}
		}
		return nil, nil, false
	})
	return first.Load
}

// withSecond runs a runner of two raw topics that has decided what was in both.
func withSecond(t *testing.T, c *kfake.Cluster) (*running, *kgo.Client, *collector) {
	t.Helper()
	createTopic(t, c, "second", 2)
	cfg := config(c.ListenAddrs())
	cfg.RawTopics, cfg.Units, cfg.TransactionTimeout = []string{rawTopic, "second"}, 1, time.Minute
	r := start(t, cfg)
	p := producer(t, c.ListenAddrs())
	produce(t, p, append(events(0, 4), second("s"))...)
	decisions := collect(t, c.ListenAddrs(), "decisions")
	decisions.until(5)
	eventually(t, "ready", func() bool { return r.Ready() == nil })
	return r, p, decisions
}

func second(key string) *kgo.Record {
	return &kgo.Record{Topic: "second", Partition: 1, Key: []byte(key), Value: []byte(key + " approved")}
}

// Assignments follow a raw topic that is deleted, and readiness says what is missing.
func TestADeletedRawTopicIsGivenUp(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	r, p, decisions := withSecond(t, c)
	deleteTopic(t, c, "second")
	eventually(t, "its partitions are given up",
		func() bool { return r.value("verdict_partitions_assigned") == partitions })
	eventually(t, "readiness names it", func() bool {
		err := r.Ready()
		return err != nil && strings.Contains(err.Error(), "the topic second is not there")
	})
	produce(t, p, events(4, 4)...)
	decisions.until(9)
	if n := r.value("verdict_rebalances_total"); n != 2 {
		t.Errorf("%v assignments, want 2: one with the topic and one without", n)
	}
}

// A transaction that names a topic which the coordinator no longer knows is given up long before it times out.
func TestACommitForADeletedTopicIsGivenUpSoon(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	_, p, decisions := withSecond(t, c)
	var refused, begun sync.Once
	refusing, over := make(chan struct{}), make(chan struct{})
	c.ControlKey(int16(kmsg.TxnOffsetCommit), func(kreq kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		select {
		case <-over:
			return nil, nil, false
		default:
			refused.Do(func() { close(refusing) })
			return withCode(kreq, kerr.UnknownTopicOrPartition.Code), nil, true
		}
	})
	c.ControlKey(int16(kmsg.InitProducerID), func(kreq kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		if !ofTheTest(kreq) {
			begun.Do(func() { close(over) })
		}
		return nil, nil, false
	})
	produce(t, p, append(events(4, 4), second("t"))...)
	<-refusing
	begin := time.Now()
	decisions.until(10)
	if took := time.Since(begin); took > 20*time.Second {
		t.Errorf("it took %s", took)
	}
}
