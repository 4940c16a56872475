package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"runtime/pprof"
	"time"

	"go.uber.org/zap"
)

// benchLine is the pipeline that is measured, the same as that of run.
type benchLine struct {
	bench    *bench
	target   *benchTarget
	log      *zap.Logger
	pipeline *pipeline
	cancel   context.CancelFunc
	ended    chan error
	before   usage
	memory   *memoryPeak
	profile  *os.File
}

// start begins to decide.
func (l *benchLine) start(ctx context.Context) (err error) {
	if l.pipeline, err = newPipeline(l.target.cfg, l.bench.options.Version, l.log); err != nil {
		return err
	}
	ctx, l.cancel = context.WithCancel(ctx)
	l.ended = make(chan error, 1)
	go func() { l.ended <- l.pipeline.run(ctx) }()
	return nil
}

// stop ends the pipeline.
func (l *benchLine) stop() error {
	l.cancel()
	return <-l.ended
}

// throughput decides what has been preloaded. What is prepared before, schemas and catalog, counts as well.
func (l *benchLine) throughput(ctx context.Context) (*benchThroughput, error) {
	runtime.GC() // what the preload has left is not the pipeline's
	if err := l.startProfile(); err != nil {
		return nil, err
	}
	l.before, l.memory = usageNow(), watchMemory()
	defer l.memory.end()
	if err := l.start(ctx); err != nil {
		return nil, err
	}
	first, err := l.untilDecided(ctx)
	var counted *benchThroughput
	if err == nil {
		counted, err = l.counted(first)
	}
	return counted, cmp.Or(err, l.stop())
}

// latency is that of a pipeline that begins at the end of the log, as one that has kept up would: after a backlog, units are more than
// a trickle needs.
func (l *benchLine) latency(ctx context.Context) (*benchLatency, error) {
	if err := l.start(ctx); err != nil {
		return nil, err
	}
	err := l.until(ctx, "it was ready", func() (bool, error) { return l.pipeline.asked() == nil, nil })
	var latency *benchLatency
	if err == nil {
		latency, err = l.timed(ctx)
	}
	return latency, cmp.Or(err, l.stop())
}

// timed measures latency, and how many transactions there were meanwhile.
func (l *benchLine) timed(ctx context.Context) (*benchLatency, error) {
	before, err := l.transactions()
	if err != nil {
		return nil, err
	}
	began := time.Now()
	latency, err := l.bench.latency(ctx, l.target)
	if err != nil {
		return nil, err
	}
	after, err := l.transactions()
	latency.TransactionsPerSecond = float64(after-before) / time.Since(began).Seconds()
	return latency, err
}

// untilDecided waits until the committed offsets have reached the end, and says when they first moved.
func (l *benchLine) untilDecided(ctx context.Context) (first time.Time, err error) {
	total := l.bench.options.Events
	bar := newProgress(l.bench.err, "decide", total)
	defer bar.end()
	err = l.until(ctx, "all events were decided", func() (bool, error) {
		done, err := l.target.committed(ctx)
		if err != nil {
			return false, fmt.Errorf("ask for the group's offsets: %w", err)
		}
		if done > 0 && first.IsZero() {
			first = time.Now()
		}
		bar.show(min(int(done), total))
		return done >= int64(total), nil
	})
	return first, err
}

// until asks again and again while the pipeline works.
func (l *benchLine) until(ctx context.Context, what string, done func() (bool, error)) error {
	ticks := time.NewTicker(20 * time.Millisecond)
	defer ticks.Stop()
	for {
		if ok, err := done(); ok || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case err := <-l.ended:
			l.ended <- err
			return errors.Join(errors.New("the pipeline ended before "+what), err)
		case <-ticks.C:
		}
	}
}

// counted makes the figures, now that all is decided.
func (l *benchLine) counted(first time.Time) (*benchThroughput, error) {
	after := usageNow()
	peak := l.memory.end()
	if err := l.endProfile(); err != nil {
		return nil, err
	}
	transactions, err := l.transactions()
	n, seconds := float64(l.bench.options.Events), after.at.Sub(l.before.at).Seconds()
	return &benchThroughput{
		Seconds: seconds, FirstDecision: first.Sub(l.before.at).Seconds(), EventsPerSecond: n / seconds,
		CPUMicros: float64((after.cpu - l.before.cpu).Microseconds()) / n,
		Allocs:    float64(after.allocs-l.before.allocs) / n, AllocBytes: float64(after.allocBytes-l.before.allocBytes) / n,
		Transactions: transactions, TransactionsPerSecond: float64(transactions) / seconds, PeakMemory: peak,
	}, err
}

// transactions reads the pipeline's own count of commits.
func (l *benchLine) transactions() (int, error) {
	families, err := l.pipeline.metrics.Gather()
	if err != nil {
		return 0, err
	}
	for _, f := range families {
		if f.GetName() != "verdict_transactions_total" {
			continue
		}
		for _, m := range f.GetMetric() {
			if m.GetLabel()[0].GetValue() == "committed" {
				return int(m.GetCounter().GetValue()), nil
			}
		}
	}
	return 0, nil
}

func (l *benchLine) startProfile() (err error) {
	o := &l.bench.options
	if o.MemProfile != "" {
		runtime.MemProfileRate = 64 << 10
	}
	if o.CPUProfile == "" {
		return nil
	}
	if l.profile, err = os.Create(o.CPUProfile); err != nil {
		return err
	}
	return pprof.StartCPUProfile(l.profile)
}

func (l *benchLine) endProfile() error {
	o := &l.bench.options
	if l.profile != nil {
		pprof.StopCPUProfile()
		if err := l.profile.Close(); err != nil {
			return err
		}
	}
	if o.MemProfile == "" {
		return nil
	}
	f, err := os.Create(o.MemProfile)
	if err != nil {
		return err
	}
	return errors.Join(pprof.Lookup("allocs").WriteTo(f, 0), f.Close())
}
