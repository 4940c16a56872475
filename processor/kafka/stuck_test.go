package kafka_test

import (
	"sync/atomic"
	"testing"

	"github.com/twmb/franz-go/pkg/kmsg"

	"verdict/processor/kafka"
)

// While a batch waits for its output, and the next one cannot be delivered either, brokers are not asked for records all the time.
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
				if req := kreq.(*kmsg.ProduceRequest); stuck.Load() && req.Version < 10 { // the test's own producer is newer
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
