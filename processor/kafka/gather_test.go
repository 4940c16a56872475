package kafka_test

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"

	"verdict/processor/kafka"
)

// While a batch is being filled, brokers are asked to gather for it until its next step, not again and again; and what they give just
// then belongs to it.
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
			if n := fetches.Load(); n > 8 { // until it is announced, until it is due, and one that begins the next; of two batches at most
				t.Errorf("%d fetches for one batch", n)
			}
		})
	}
}
