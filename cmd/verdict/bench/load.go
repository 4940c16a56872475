package bench

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/twmb/franz-go/pkg/kgo"

	"verdict/cmd/verdict/events"
	"verdict/cmd/verdict/screen"
)

// generator makes what is decided. State takes an event that is older than it remembers for a late one, so the events
// are of today.
func (b *bench) generator() *events.Generator {
	g := events.NewGenerator(b.catalog, b.options.Seed, events.StartFor(b.options.Events))
	g.Mix = b.options.Mix
	g.Open(b.options.Open)
	return g
}

// preload fills the raw topic with so many events and returns the bytes of all values.
func (b *bench) preload(ctx context.Context, t *target, g *events.Generator, count int) (bytes int64, err error) {
	bar := screen.NewProgress(b.err, "preload", count)
	defer bar.End()
	var acknowledged atomic.Int64
	var failure error
	var once sync.Once
	for n := range count {
		line := g.Next()
		record := &kgo.Record{Topic: t.raw(), Key: []byte(line.Key), Value: line.Value}
		bytes += int64(len(record.Value))
		t.client.Produce(ctx, record, func(_ *kgo.Record, err error) {
			if err != nil {
				once.Do(func() { failure = err })
			}
			acknowledged.Add(1)
		})
		if n%1000 == 0 {
			bar.Show(int(acknowledged.Load()))
		}
	}
	if err := t.client.Flush(ctx); err != nil {
		return 0, fmt.Errorf("preload the raw topic: %w", err)
	}
	once.Do(func() {}) // orders the read of failure behind its write
	if failure != nil {
		return 0, fmt.Errorf("preload the raw topic: %w", failure)
	}
	return bytes, nil
}
