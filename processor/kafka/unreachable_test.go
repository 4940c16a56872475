package kafka_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/twmb/franz-go/pkg/kmsg"

	"verdict/processor"
	"verdict/processor/kafka"
	"verdict/rules"
)

// One cut connection to the coordinator must not keep an instance out of its group: the coordinator is alive.
func TestACutCoordinatorConnection(t *testing.T) {
	c := newCluster(t)
	cfg := config(c.ListenAddrs())
	r := start(t, cfg)
	eventually(t, "ready", func() bool { return r.Ready() == nil })
	before := r.value("verdict_rebalances_total")
	var done atomic.Bool
	c.ControlKey(int16(kmsg.Heartbeat), func(kmsg.Request) (kmsg.Response, error, bool) {
		done.Store(true)
		return nil, errors.New("cut"), true
	})
	eventually(t, "a cut", done.Load)
	begin := time.Now()
	eventually(t, "in the group again", func() bool { return r.value("verdict_rebalances_total") > before && r.Ready() == nil })
	if took := time.Since(begin); took > 4*time.Second {
		t.Errorf("it took %s", took)
	}
}

// Readiness must not claim progress while nothing can be fetched.
func TestUnansweredFetchesAreNotReady(t *testing.T) {
	c := newCluster(t)
	r := start(t, config(c.ListenAddrs()))
	eventually(t, "ready", func() bool { return r.Ready() == nil })
	var dead atomic.Bool
	dead.Store(true)
	c.ControlKey(int16(kmsg.Fetch), func(kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		return nil, errors.New("cut"), dead.Load()
	})
	eventually(t, "not ready", func() bool { return r.Ready() != nil && r.value("verdict_partitions_held") == partitions })
	dead.Store(false)
	eventually(t, "ready again", func() bool { return r.Ready() == nil && r.value("verdict_partitions_held") == 0 })
}

// slow answers at the pace of a registry that has to be asked for each record.
type slow struct {
	plain
	pace    *time.Ticker
	decoded atomic.Int32
}

func (s *slow) Decode(r *processor.Record, e *processor.Event) error {
	s.decoded.Add(1)
	<-s.pace.C
	return s.plain.Decode(r, e)
}

// A batch may hold thousands of records: the end must not wait for all of them.
func TestStopsInTheMidstOfABatch(t *testing.T) {
	c := newCluster(t)
	const n = 8000
	produce(t, producer(t, c.ListenAddrs()), events(0, n)...)
	s := &slow{pace: time.NewTicker(5 * time.Millisecond)}
	defer s.pace.Stop()
	cfg := config(c.ListenAddrs())
	p := processor.New(rules.Embedded(), s, s, processor.Options{Version: "test"})
	k, err := kafka.NewRunner(cfg, p, kafka.NewMetrics(prometheus.NewRegistry(), p.Vocabularies()), testLog(t))
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- k.Run(ctx) }()
	eventually(t, "records are decoded", func() bool { return s.decoded.Load() > 10 })
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if got := s.decoded.Load(); got >= n/2 {
		t.Errorf("%d of %d records were decoded before the end", got, n)
	}
}
