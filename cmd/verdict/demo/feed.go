package demo

import (
	"context"
	"fmt"
	"time"

	"verdict/cmd/verdict/events"
	"verdict/cmd/verdict/local"
	"verdict/processor"
)

// feed produces the events and then, until ctx is done, generated ones.
func (d *demo) feed(ctx context.Context) error {
	producer, err := local.NewProducer(d.cluster, d.cfg.Topics.Raw[0].Name)
	if err != nil {
		return err
	}
	defer producer.Close()
	if err := send(ctx, producer, d.Events); err != nil && ctx.Err() == nil {
		return fmt.Errorf("produce the events: %w", err)
	}
	if d.Once || d.Rate == 0 {
		return nil
	}
	return d.generate(ctx, producer)
}

func send(ctx context.Context, producer *local.Producer, lines []events.Line) error {
	records := make([]processor.Record, len(lines))
	for i, line := range lines {
		records[i].Value = line.Value
		if line.Key != "" {
			records[i].Key = []byte(line.Key)
		}
	}
	return producer.Send(ctx, records...)
}

// generate produces d.Rate events per second. Each start of the demonstration shows others; enough of them are
// repeated, late or reversed to show within a minute what becomes of that.
func (d *demo) generate(ctx context.Context, producer *local.Producer) error {
	g := events.NewGenerator(d.rules.Catalog, uint64(time.Now().UnixNano()), time.Now().UTC())
	g.Mix = events.Mix{Repeats: 0.05, Late: 0.05, Reversed: 0.05}
	return events.AtRate(ctx, d.Rate, 0, func(n int) error {
		lines := make([]events.Line, n)
		for i := range lines {
			lines[i] = g.Next()
		}
		if err := send(ctx, producer, lines); err != nil {
			return fmt.Errorf("produce generated events: %w", err)
		}
		return nil
	})
}
