// Package generate writes made-up raw events, as lines or to a topic.
package generate

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"time"

	"verdict/cmd/verdict/events"
	"verdict/cmd/verdict/screen"
	"verdict/processor"
	"verdict/processor/kafka"
	"verdict/rules"
	"verdict/rules/wording"
)

// Options say what to generate, and where to.
type Options struct {
	Catalog  *rules.Catalog
	Seed     uint64
	Mix      events.Mix
	Count    int  // 0, only to a topic: until the context is done
	WithKey  bool // print the key and a tab before each event
	Out, Err io.Writer

	Topic string // to publish to, "": print
	Rate  float64
	Kafka kafka.Config // where the topic is
}

// Run generates.
func Run(ctx context.Context, o Options) error {
	if o.Topic != "" {
		return o.publish(ctx)
	}
	return o.print()
}

func (o *Options) print() error {
	out := bufio.NewWriterSize(o.Out, 64<<10)
	g := events.NewGenerator(o.Catalog, o.Seed, events.GeneratorStart)
	g.Mix = o.Mix
	for range o.Count {
		line := g.Next()
		if o.WithKey {
			_, _ = out.WriteString(line.Key + "\t") // the error comes again from Flush
		}
		_, _ = out.Write(line.Value)
		_ = out.WriteByte('\n')
	}
	return out.Flush()
}

// publish sends events that happen now.
func (o *Options) publish(ctx context.Context) error {
	publisher, err := kafka.NewKeyedPublisher(ctx, o.Kafka.Connection, o.Topic, o.Kafka.Compression)
	if err != nil {
		return err
	}
	defer publisher.Close()
	g := events.NewGenerator(o.Catalog, o.Seed, time.Now().UTC())
	g.Mix = o.Mix
	bar := screen.NewProgress(o.Err, "publish", o.Count)
	sent := 0
	err = events.AtRate(ctx, o.Rate, o.Count, func(n int) error {
		records := make([]processor.Record, n)
		for i := range records {
			line := g.Next()
			records[i] = processor.Record{Key: []byte(line.Key), Value: line.Value}
		}
		if err := publisher.Publish(ctx, records...); err != nil {
			return err
		}
		sent += n
		bar.Show(sent)
		return nil
	})
	bar.End()
	fmt.Fprintf(o.Out, "published %s to %s, --seed %d\n", wording.Count(sent, "event"), o.Topic, o.Seed)
	return err
}
