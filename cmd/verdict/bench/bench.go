// Package bench measures the pipeline: throughput, cost and latency.
package bench

import (
	"context"
	"fmt"
	"io"

	"go.uber.org/zap"

	"verdict/cmd/verdict/local"
	"verdict/cmd/verdict/pipeline"
	"verdict/rules"
	"verdict/rules/wording"
)

// bench is a measurement under way.
type bench struct {
	options Options
	catalog *rules.Catalog // whose events are sent
	err     io.Writer      // for progress and log
}

// Run measures the pipeline.
func Run(ctx context.Context, o Options) error {
	b := &bench{options: o, err: o.Err}
	cluster, err := local.Start(ctx)
	if err != nil {
		return err
	}
	defer cluster.Stop()
	t, err := b.target(cluster)
	if err != nil {
		return err
	}
	defer t.close()
	log := pipeline.NewLogger(b.err, "warn", t.cfg.Log.Format)
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
	if b.options.JSON {
		err = result.writeJSON(o.Out)
	} else {
		err = result.write(o.Out)
	}
	if l := result.Latency; err == nil && l != nil && l.Missing > 0 {
		return fmt.Errorf("%s could not be read back within %s, and the percentiles are without them: lower --rate, "+
			"or look at the log",
			wording.Count(l.Missing, "decision"), latencyGrace)
	}
	return err
}

func (b *bench) measure(ctx context.Context, t *target, log *zap.Logger) (*Result, error) {
	result := b.newResult(t)
	if err := t.createTopics(ctx); err != nil {
		return nil, err
	}
	bytes, err := b.preload(ctx, t, b.generator(), b.options.Events)
	if err != nil {
		return nil, err
	}
	result.EventBytes = float64(bytes) / float64(b.options.Events)
	line := &line{bench: b, target: t, log: log}
	if result.Throughput, err = line.throughput(ctx); err != nil {
		return nil, err
	}
	if result.State {
		if result.Restore, err = line.restore(ctx); err != nil {
			return nil, err
		}
	}
	if b.options.Rate > 0 {
		result.Latency, err = line.latency(ctx)
	}
	return result, err
}
