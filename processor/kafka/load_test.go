package kafka_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"verdict/processor/kafka"
)

// Partitions are shared among more units while there is much to do, and fewer when there is little. Each event comes out once
// and in order meanwhile, and what the units have had open is not left behind.
func TestUnitsComeAndGo(t *testing.T) {
	for _, delivery := range []kafka.Delivery{kafka.DeliveryExactlyOnce, kafka.DeliveryAtLeastOnce} {
		t.Run(delivery.String(), func(t *testing.T) {
			t.Parallel()
			c := cluster(t)
			cfg := config(c.ListenAddrs())
			cfg.Delivery, cfg.Units = delivery, 0
			r := start(t, cfg, func(r *kafka.Runner) { r.ShareByLoad(20*time.Millisecond, 3) })
			p, decisions := producer(t, c.ListenAddrs()), collect(t, c.ListenAddrs(), "decisions")
			units := func(n float64) func() bool { return func() bool { return r.value("verdict_units") == n } }
			total := 0
			produceSlow := func(n int) {
				var list []*kgo.Record
				for i := range n {
					list = append(list, raw(int32(i%partitions), fmt.Sprintf("slow-%d-%d approved", i%partitions, i%7)))
				}
				produce(t, p, list...)
				total += n
			}
			for range 2 {
				eventually(t, "one unit", units(1))
				eventually(t, "three units", func() bool {
					if r.value("verdict_lag_records") == 0 {
						produceSlow(300)
					}
					return units(3)()
				})
				eventually(t, "one again", units(1))
				produceSlow(1)
			}
			if n := inOrder(t, decisions.until(total)); n != total {
				t.Errorf("%d records decided, want %d", n, total)
			}
			eventually(t, "no lag", func() bool { return r.value("verdict_lag_records") == 0 })
			if err := r.Ready(); err != nil {
				t.Error("not ready:", err)
			}
			if n := r.value("verdict_rebalances_total"); n != 1 {
				t.Errorf("%v rebalances, and the group has nothing to do with it", n)
			}
		})
	}
}
