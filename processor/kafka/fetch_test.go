package kafka_test

import (
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"verdict/processor"
	"verdict/processor/kafka"
)

// A fetch has room for a few of the partitions with a backlog; each gets its turn.
func TestManyPartitionsWithABacklogAreReadInTurn(t *testing.T) {
	const many, each = 12, 120
	c := newCluster(t, kfake.NumBrokers(1), kfake.SeedTopics(many, "many"), kfake.SeedTopics(1, "decided"))
	p := producer(t, c.ListenAddrs(), kgo.MaxBufferedRecords(10), kgo.ProducerLinger(0))
	for i := range each {
		var list []*kgo.Record
		for id := range int32(many) {
			key := fmt.Sprintf("v-%d-%d", id, i)
			list = append(list, &kgo.Record{Topic: "many", Partition: id, Key: []byte(key),
				Value: []byte(key + " approved")})
		}
		produce(t, p, list...)
	}
	cfg := config(c.ListenAddrs())
	cfg.RawTopics, cfg.Topics[processor.RouteDecision] = []string{"many"}, "decided"
	cfg.Units, cfg.FetchMaxBytes = 1, 4000
	start(t, cfg)
	progress := map[string]int{}
	for _, d := range collect(t, c.ListenAddrs(), "decided").until(many * each) {
		source, _, _ := strings.Cut(string(d.Value), " ")
		partition := source[:strings.LastIndexByte(source, '/')]
		progress[partition]++
		if progress[partition] < each {
			continue
		}
		for id := range many { // one is done: how far are the others?
			if n := progress[fmt.Sprintf("many/%d", id)]; n < each/2 {
				t.Fatalf("%s is read to its end, of many/%d only %d of %d", partition, id, n, each)
			}
		}
		return
	}
}

// While a batch is being filled, brokers are asked to gather for it until its next step, not again and again; and what
// they give just then belongs to it.
func TestBrokersGatherForABatch(t *testing.T) {
	const interval = time.Second
	for _, delivery := range []kafka.Delivery{kafka.DeliveryExactlyOnce, kafka.DeliveryAtLeastOnce} {
		t.Run(delivery.String(), func(t *testing.T) {
			c := newCluster(t, kfake.NumBrokers(1))
			var fetches, longest, batches atomic.Int64
			c.ControlKey(int16(kmsg.Fetch), func(kreq kmsg.Request) (kmsg.Response, error, bool) {
				c.KeepControl()
				if req := kreq.(*kmsg.FetchRequest); !ofTheTest(kreq) && req.MinBytes > 1 {
					fetches.Add(1)
					longest.Store(max(longest.Load(), int64(req.MaxWaitMillis)))
				}
				return nil, nil, false
			})
			delivered := kmsg.EndTxn
			if delivery == kafka.DeliveryAtLeastOnce {
				delivered = kmsg.Produce
			}
			c.ControlKey(int16(delivered), func(kreq kmsg.Request) (kmsg.Response, error, bool) {
				c.KeepControl()
				if !byTheTest(kreq) {
					batches.Add(1)
				}
				return nil, nil, false
			})
			cfg := config(c.ListenAddrs())
			cfg.Delivery, cfg.Units, cfg.CommitInterval, cfg.FetchMaxWait = delivery, 1, interval, 2*interval
			r := start(t, cfg)
			eventually(t, "ready", func() bool { return r.Ready() == nil })
			p, decisions := producer(t, c.ListenAddrs()), collect(t, c.ListenAddrs(), "decisions")
			produce(t, p, events(0, 1)...)
			decisions.until(1)
			before := batches.Load()
			fetches.Store(0)
			for i := 1; i <= 20; i++ {
				produce(t, p, events(i, 1)...)
			}
			decisions.until(21)
			if n := batches.Load() - before; n > 2 { // the last may come too late on a busy machine
				t.Errorf("%d batches, want one", n)
			}
			if wait := time.Duration(longest.Load()) * time.Millisecond; wait < interval/2 || wait > interval {
				t.Errorf("a broker is asked to gather for %s, and a batch is filled for %s", wait, interval)
			}
			// until it is announced, until it is due, and one that begins the next; of two batches at most
			if n := fetches.Load(); n > 8 {
				t.Errorf("%d fetches for one batch", n)
			}
		})
	}
}

// While a batch waits for its output, and the next one cannot be delivered either, brokers are not asked for records
// all the time.
func TestAStuckDeliveryDoesNotHurryFetches(t *testing.T) {
	for _, delivery := range []kafka.Delivery{kafka.DeliveryExactlyOnce, kafka.DeliveryAtLeastOnce} {
		t.Run(delivery.String(), func(t *testing.T) {
			c := newCluster(t)
			var stuck, filled atomic.Bool
			var hurried, all atomic.Int32 // fetches while there is a batch under way and one that waits
			c.ControlKey(int16(kmsg.Fetch), func(kreq kmsg.Request) (kmsg.Response, error, bool) {
				c.KeepControl()
				if req := kreq.(*kmsg.FetchRequest); filled.Load() && !ofTheTest(kreq) {
					all.Add(1)
					if req.MinBytes > 1 {
						hurried.Add(1)
					}
				}
				return nil, nil, false
			})
			c.ControlKey(int16(kmsg.Produce), func(kreq kmsg.Request) (kmsg.Response, error, bool) {
				c.KeepControl()
				// the test's own producer is newer
				if req := kreq.(*kmsg.ProduceRequest); stuck.Load() && req.Version < 10 {
					return withCode(kreq, 19), nil, true
				}
				return nil, nil, false
			})
			cfg := config(c.ListenAddrs())
			cfg.Delivery, cfg.Units = delivery, 1
			r := start(t, cfg)
			p := producer(t, c.ListenAddrs())
			eventually(t, "ready", func() bool { return r.Ready() == nil })
			stuck.Store(true)
			defer stuck.Store(false)
			produce(t, p, events(0, 8)...)
			eventually(t, "the delivery does not go on", func() bool { return r.Ready() != nil })
			produce(t, p, events(8, 8)...)
			filled.Store(true)
			eventually(t, "brokers are asked for more", func() bool { return all.Load() >= 12 })
			if n := hurried.Load(); n > 0 {
				t.Errorf("%d of %d fetches don't wait for records", n, all.Load())
			}
		})
	}
}
