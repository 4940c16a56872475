package kafka_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"verdict/processor"
	"verdict/processor/kafka"
	"verdict/rules"
)

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
