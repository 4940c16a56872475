package diff

import (
	"context"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"go.uber.org/zap"

	"verdict/cmd/verdict/events"
	"verdict/cmd/verdict/pipeline"
	"verdict/processor"
	"verdict/rules"
)

// TestATopicUnderLoad: while events come in and are decided, the rules that decide them differ in nothing, whatever is
// published between the reads of the output topics.
func TestATopicUnderLoad(t *testing.T) {
	s := newStage(t, linesOf(2_000), func(int) time.Time { return time.Now() })
	ctx, stop := context.WithTimeout(t.Context(), 2*time.Minute)
	defer stop()
	line, err := pipeline.New(s.cfg, "test", zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 2)
	go func() { ended <- line.Run(ctx) }()
	go func() { ended <- s.load(ctx) }()
	late := 0
	for range 6 {
		before := s.cluster.Kafka.PartitionInfo(s.cfg.Topics.Output[processor.RouteDecision], 0).HighWatermark
		report := s.report(t, pipeline.BuiltIn(), nil, time.Time{}, time.Time{})
		if report.Differs() {
			t.Fatalf("%s: %+v %+v, %+v", report.Result(), report.Published, report.Became, report.Charges)
		}
		if s.cluster.Kafka.PartitionInfo(s.cfg.Topics.Output[processor.RouteDecision], 0).HighWatermark > before {
			late++
		}
	}
	if late == 0 {
		t.Error("nothing was published meanwhile")
	}
	stop()
	for range 2 {
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
}

// load writes 4,000 events a second, one in twenty a dead letter, until its context is done.
func (s *stage) load(ctx context.Context) error {
	client, err := s.cluster.Client()
	if err != nil {
		return err
	}
	defer client.Close()
	g := events.NewGenerator(rules.Embedded(), 6, time.Now())
	g.Mix = events.Mix{Repeats: 0.1, Late: 0.1, Reversed: 0.05}
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for n := 0; ctx.Err() == nil; <-tick.C {
		var step []*kgo.Record
		for range 40 {
			line := g.Next()
			if n++; n%20 == 0 {
				line.Value = []byte("{")
			}
			step = append(step, &kgo.Record{Topic: "idv.raw.v1", Key: []byte(line.Key), Value: line.Value})
		}
		if err := client.ProduceSync(ctx, step...).FirstErr(); err != nil && ctx.Err() == nil {
			return err
		}
	}
	return nil
}
