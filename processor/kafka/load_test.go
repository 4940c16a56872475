package kafka_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"verdict/processor/kafka"
)

// heavy produces events, after n before, and waits until they are decided, again and again until cond holds; it returns
// how many there were in all.
func heavy(t *testing.T, p *kgo.Client, decisions *collector, n int, cond func() bool) int {
	t.Helper()
	eventually(t, "enough load changes the number of units", func() bool {
		if len(decisions.records) == n {
			var list []*kgo.Record
			for i := range 200 {
				list = append(list, raw(int32(i%partitions), fmt.Sprintf("slow-%d-%d approved", i%partitions, i%7)))
			}
			produce(t, p, list...)
			n += len(list)
		}
		decisions.poll(10*time.Millisecond, n)
		return cond()
	})
	return n
}

func loadConfig(c *kfake.Cluster, delivery kafka.Delivery) kafka.Config {
	cfg := config(c.ListenAddrs())
	cfg.Delivery, cfg.Units = delivery, 0
	return cfg
}

// Partitions are shared among more units while there is much to do, and fewer when there is little. Each event comes
// out once and in order meanwhile, and what the units have had open is not left behind.
func TestUnitsComeAndGo(t *testing.T) {
	for _, delivery := range []kafka.Delivery{kafka.DeliveryExactlyOnce, kafka.DeliveryAtLeastOnce} {
		t.Run(delivery.String(), func(t *testing.T) {
			t.Parallel()
			c := newCluster(t)
			r := start(t, loadConfig(c, delivery), func(r *kafka.Runner) { r.ShareByLoad(20*time.Millisecond, 3) })
			p, decisions := producer(t, c.ListenAddrs()), collect(t, c.ListenAddrs(), "decisions")
			units := func(n float64) func() bool { return func() bool { return r.value("verdict_units") == n } }
			total := 0
			for range 2 {
				eventually(t, "one unit", units(1))
				total = heavy(t, p, decisions, total, units(3))
				eventually(t, "one again", units(1))
			}
			if n := inOrder(t, decisions.until(total)); n != total {
				t.Errorf("%d records decided, want %d", n, total)
			}
			eventually(t, "no lag, ready", func() bool {
				return r.value("verdict_lag_records") == 0 &&
					r.Ready() == nil
			})
			if n := r.value("verdict_rebalances_total"); n != 1 {
				t.Errorf("%v rebalances, and the group has nothing to do with it", n)
			}
			if open := openTransactions(t, c); len(open) > 0 {
				t.Errorf("left open: %v", open)
			}
		})
	}
}

// A unit whose transactions do not come to their end has no load to speak of; the others must not have to wait for it
// to be shared out.
func TestAStuckUnitDoesNotStopTheOthers(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	r := start(t, loadConfig(c, kafka.DeliveryExactlyOnce),
		func(r *kafka.Runner) { r.ShareByLoad(20*time.Millisecond, 2) })
	p, decisions := producer(t, c.ListenAddrs()), collect(t, c.ListenAddrs(), "decisions")
	n := heavy(t, p, decisions, 0, func() bool { return r.value("verdict_units") == 2 })
	decisions.poll(30*time.Second, n)
	refused := make(chan struct{}, 1)
	c.ControlKey(int16(kmsg.AddPartitionsToTxn), func(kreq kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		req := kreq.(*kmsg.AddPartitionsToTxnRequest)
		if !strings.HasSuffix(req.TransactionalID, "-1") {
			return nil, nil, false
		}
		select {
		case refused <- struct{}{}:
		default:
		}
		return withCode(req, kerr.CoordinatorLoadInProgress.Code), nil, true
	})
	eventually(t, "unit 1 is stuck", func() bool {
		produce(t, p, raw(1, "stuck approved"))
		return len(refused) > 0
	})
	var longest time.Duration
	for began := time.Now(); time.Since(began) < 2*time.Second; { // some windows more than those that make units fewer
		sent := time.Now()
		produce(t, p, raw(0, "goes-on approved"))
		n++
		decisions.poll(30*time.Second, n)
		longest = max(longest, time.Since(sent))
	}
	if units := r.value("verdict_units"); units != 2 || longest > 3*time.Second {
		t.Errorf("%v units; an event of unit 0 has waited for %s", units, longest)
	}
}

// A process with a stable name that was killed may have had more units than begin in the next one.
func TestUnitsOfAProcessBeforeAreFenced(t *testing.T) {
	c := newCluster(t)
	dead := producer(t, c.ListenAddrs(), kgo.TransactionalID("verdict-a-2"))
	if err := dead.BeginTransaction(); err != nil {
		t.Fatal(err)
	}
	produce(t, dead, &kgo.Record{Topic: "decisions", Value: []byte("never committed")})
	if open := openTransactions(t, c); len(open) != 1 {
		t.Fatalf("open: %v", open)
	}
	cfg := loadConfig(c, kafka.DeliveryExactlyOnce)
	cfg.InstanceID = "a"
	start(t, cfg, func(r *kafka.Runner) { r.ShareByLoad(time.Second, 3) })
	eventually(t, "nothing is open", func() bool { return len(openTransactions(t, c)) == 0 })
}
