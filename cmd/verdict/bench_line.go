package main

import (
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

// start begins to decide. What is prepared before, schemas and catalog, counts as well.
func (l *benchLine) start(ctx context.Context) error {
	runtime.GC() // what the preload has left is not the pipeline's
	if err := l.startProfile(); err != nil {
		return err
	}
	l.before, l.memory = usageNow(), watchMemory()
	l.pipeline = &pipeline{cfg: l.target.cfg, ready: &readiness{}, log: l.log}
	l.pipeline.ready.waiting("starting")
	if err := l.pipeline.prepare(); err != nil {
		l.memory.end()
		return err
	}
	ctx, l.cancel = context.WithCancel(ctx)
	encoder, err := l.pipeline.encoder(ctx)
	if err != nil {
		l.memory.end()
		l.cancel()
		return err
	}
	l.ended = make(chan error, 1)
	go func() {
		defer l.pipeline.registry.Close()
		l.ended <- l.pipeline.consume(ctx, encoder)
	}()
	return nil
}

// stop ends the pipeline.
func (l *benchLine) stop() error {
	l.memory.end()
	l.cancel()
	return <-l.ended
}

// throughput waits until the committed offsets have reached the end.
func (l *benchLine) throughput(ctx context.Context) (*benchThroughput, error) {
	total := l.bench.options.events
	bar := newProgress(l.bench.err, "decide", total)
	defer bar.end()
	ticks := time.NewTicker(20 * time.Millisecond)
	defer ticks.Stop()
	var first time.Time
	for {
		done, err := l.target.committed(ctx)
		if err != nil {
			return nil, fmt.Errorf("ask for the group's offsets: %w", err)
		}
		if done > 0 && first.IsZero() {
			first = time.Now()
		}
		if done >= int64(total) {
			return l.counted(first)
		}
		bar.show(int(done))
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case err := <-l.ended:
			l.ended <- err
			return nil, errors.Join(errors.New("the pipeline ended before all events were decided"), err)
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
	n, seconds := float64(l.bench.options.events), after.at.Sub(l.before.at).Seconds()
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
	if o.memProfile != "" {
		runtime.MemProfileRate = 64 << 10
	}
	if o.cpuProfile == "" {
		return nil
	}
	if l.profile, err = os.Create(o.cpuProfile); err != nil {
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
	if o.memProfile == "" {
		return nil
	}
	f, err := os.Create(o.memProfile)
	if err != nil {
		return err
	}
	return errors.Join(pprof.Lookup("allocs").WriteTo(f, 0), f.Close())
}
