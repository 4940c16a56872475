package main

import (
	"context"
	"fmt"
	"io"

	"go.uber.org/zap"
)

// bench measures the pipeline.
type bench struct {
	flags    configFlags
	options  benchOptions
	out, err io.Writer
}

func (b *bench) run(ctx context.Context) error {
	boundMemory()
	cluster, err := startCluster(ctx)
	if err != nil {
		return err
	}
	defer cluster.stop()
	t, err := b.target(cluster)
	if err != nil {
		return err
	}
	defer t.close()
	log := newLogger(b.err, "warn", t.cfg.Log.Format)
	ctx, stop := untilSignal(ctx, log)
	defer stop()
	result, err := b.measure(ctx, t, log)
	if err == nil && ctx.Err() != nil {
		err = fmt.Errorf("stopped before the end")
	}
	if removal := t.removeTopics(context.WithoutCancel(ctx)); removal != nil && err == nil {
		err = fmt.Errorf("delete the bench's topics: %w", removal)
	}
	if err != nil {
		return err
	}
	if b.options.json {
		err = result.writeJSON(b.out)
	} else {
		err = result.write(b.out)
	}
	if l := result.Latency; err == nil && l != nil && l.Missing > 0 {
		return fmt.Errorf("%s could not be read back within %s, and the percentiles are without them: lower --rate, or look at the log",
			count(l.Missing, "decision"), latencyGrace)
	}
	return err
}

func (b *bench) measure(ctx context.Context, t *benchTarget, log *zap.Logger) (*benchResult, error) {
	result := b.newResult(t)
	if err := t.createTopics(ctx, b.options.partitions); err != nil {
		return nil, err
	}
	bytes, err := b.preload(ctx, t)
	if err != nil {
		return nil, err
	}
	result.EventBytes = float64(bytes) / float64(b.options.events)
	line := &benchLine{bench: b, target: t, log: log}
	if result.Throughput, err = line.throughput(ctx); err != nil || b.options.rate == 0 {
		return result, err
	}
	result.Latency, err = line.latency(ctx)
	return result, err
}
