package kafka_test

import (
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"

	"verdict/processor/kafka"
	"verdict/rules"
)

// leaderless is a partition that no broker leads, as long as broken is true.
type leaderless struct {
	broken atomic.Bool
	asked  atomic.Int64 // requests that were refused
}

func newLeaderless(c *kfake.Cluster, topic string, partition int32) *leaderless {
	l := &leaderless{}
	l.broken.Store(true)
	c.ControlKey(int16(kmsg.Produce), func(kreq kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		req := kreq.(*kmsg.ProduceRequest)
		res := req.ResponseKind().(*kmsg.ProduceResponse)
		hit := false
		for _, t := range req.Topics {
			rt := kmsg.NewProduceResponseTopic()
			rt.Topic = t.Topic
			for _, p := range t.Partitions {
				rp := kmsg.NewProduceResponseTopicPartition()
				rp.Partition, rp.ErrorCode = p.Partition, kerr.NotLeaderForPartition.Code
				rt.Partitions = append(rt.Partitions, rp)
				hit = hit || t.Topic == topic && p.Partition == partition
			}
			res.Topics = append(res.Topics, rt)
		}
		if !hit || !l.broken.Load() {
			return nil, nil, false
		}
		l.asked.Add(1)
		return res, nil, true
	})
	return l
}

// A changelog partition that cannot be written, and that nothing comes for, keeps nobody from going on by other rules.
func TestUseWhileAChangelogHasNoLeader(t *testing.T) {
	t.Parallel()
	c := newStateCluster(t)
	client := producer(t, c.ListenAddrs())
	cfg := stateConfig(c)
	cfg.Units = 1
	r := startBy(t, cfg, by(rules.Embedded()))
	produce(t, client, events(0, 40)...)
	decisions := collect(t, c.ListenAddrs(), "decisions")
	decisions.until(40)
	eventually(t, "all is marked", func() bool { return markedWith(t, client, rules.Embedded().Version) })
	notes, _ := marks(t, client)
	l := newLeaderless(c, changelog, 0)
	next := otherRules(t, "next", "24h")
	r.Use(by(next))
	eventually(t, "all is marked anew", func() bool { return markedWith(t, client, next.Version) })
	after, _ := marks(t, client)
	for i, m := range after {
		if m.Note != notes[i].Note {
			t.Errorf("partition %d has the note %+v, had %+v", i, m.Note, notes[i].Note)
		}
	}
	for i := range 6 {
		produce(t, client, raw(int32(1+i%3), fmt.Sprintf("w-%d approved", i)))
	}
	decisions.until(46)
	if n := l.asked.Load(); n > 0 {
		t.Errorf("the changelog was written %d times", n)
	}

	// What is known and the offset are still one cut: the next one restores it.
	l.broken.Store(false)
	if err := r.end(); err != nil {
		t.Fatal(err)
	}
	second := startBy(t, cfg, by(next))
	produce(t, client, raw(0, "v-0 approved"), raw(0, "last approved")) // the first is known
	decisions.until(47)
	if n := second.value("verdict_restores_total", "kind=full"); n != partitions {
		t.Errorf("%v partitions were restored", n)
	}
}

// At least once, what has failed is decided again by the rules that decided it before, although others have come
// meanwhile: none is published by both. Then the others go on.
func TestUseWhileABatchFails(t *testing.T) {
	t.Parallel()
	c := newStateCluster(t)
	client := producer(t, c.ListenAddrs())
	cfg := config(c.ListenAddrs())
	cfg.Delivery = kafka.DeliveryAtLeastOnce
	cfg.Units, cfg.MaxBatchRecords = 1, 50
	next := otherRules(t, "next", "24h")
	r := startBy(t, cfg, by(rules.Embedded()))
	var failed atomic.Int64
	c.ControlKey(int16(kmsg.OffsetCommit), func(kreq kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		if failed.Add(1) > 3 {
			return nil, nil, false
		}
		r.Use(by(next)) // all outputs of some batches are published, and none of their offsets is committed
		req := kreq.(*kmsg.OffsetCommitRequest)
		res := req.ResponseKind().(*kmsg.OffsetCommitResponse)
		for _, topic := range req.Topics {
			rt := kmsg.NewOffsetCommitResponseTopic()
			rt.Topic = topic.Topic
			for _, p := range topic.Partitions {
				rp := kmsg.NewOffsetCommitResponseTopicPartition()
				rp.Partition, rp.ErrorCode = p.Partition, kerr.InvalidTxnState.Code // it has to begin again
				rt.Partitions = append(rt.Partitions, rp)
			}
			res.Topics = append(res.Topics, rt)
		}
		return res, nil, true
	})
	decisions := collect(t, c.ListenAddrs(), "decisions")
	for n := 0; failed.Load() <= 5; n += 40 {
		produce(t, client, events(n, 40)...)
		decisions.poll(100*time.Millisecond, 1<<20)
	}
	eventually(t, "all is marked anew", func() bool { return markedWith(t, client, next.Version) })
	produce(t, client, raw(0, "last approved"))
	decided := map[string]map[string]int{}
	last := func() bool {
		decisions.poll(20*time.Millisecond, 1<<20)
		return strings.HasPrefix(string(decisions.records[len(decisions.records)-1].Key), "last")
	}
	eventually(t, "the last comes", last)
	repeated := 0
	for _, record := range decisions.records {
		words := strings.Fields(string(record.Value))
		place, version := words[0]+"/"+words[1], words[2]
		if decided[place] == nil {
			decided[place] = map[string]int{}
		}
		if decided[place][version]++; decided[place][version] == 2 {
			repeated++
		}
		if len(decided[place]) > 1 {
			t.Errorf("%s is decided by several: %v", place, decided[place])
		}
	}
	if repeated == 0 {
		t.Error("nothing is published twice: this shows nothing")
	}
}
