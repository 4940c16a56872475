package bench

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/pprof"
	"time"

	"go.uber.org/zap"

	"verdict/cmd/verdict/pipeline"
	"verdict/cmd/verdict/screen"
)

// line is the pipeline that is measured, the same as that of run.
type line struct {
	bench    *bench
	target   *target
	log      *zap.Logger
	pipeline *pipeline.Pipeline
	cancel   context.CancelFunc
	ended    chan error
	before   usage
	memory   *memoryPeak
	profile  *os.File
}

// start begins to decide.
func (l *line) start(ctx context.Context) (err error) {
	if l.pipeline, err = pipeline.New(l.target.cfg, l.bench.options.Version, l.log); err != nil {
		return err
	}
	ctx, l.cancel = context.WithCancel(ctx)
	l.ended = make(chan error, 1)
	go func() { l.ended <- l.pipeline.Run(ctx) }()
	return nil
}

// stop ends the pipeline.
func (l *line) stop() error {
	l.cancel()
	return <-l.ended
}

// throughput decides what has been preloaded. What is prepared before, schemas and catalog, counts as well.
func (l *line) throughput(ctx context.Context) (*Throughput, error) {
	debug.FreeOSMemory() // what the preload has left is not the pipeline's
	if err := l.startProfile(); err != nil {
		return nil, err
	}
	l.before, l.memory = usageNow(), watchMemory()
	defer l.memory.end()
	if err := l.start(ctx); err != nil {
		return nil, err
	}
	first, err := l.untilDecided(ctx, 0, l.bench.options.Events)
	var counted *Throughput
	if err == nil {
		counted, err = l.counted(first)
	}
	return counted, cmp.Or(err, l.stop())
}

// latency is that of a pipeline that begins at the end of the log, as one that has kept up would: after a backlog,
// units are more than a trickle needs.
func (l *line) latency(ctx context.Context) (*Latency, error) {
	if err := l.start(ctx); err != nil {
		return nil, err
	}
	err := l.until(ctx, "it was ready", func() (bool, error) { return l.pipeline.Ready() == nil, nil })
	var latency *Latency
	if err == nil {
		latency, err = l.timed(ctx)
	}
	return latency, cmp.Or(err, l.stop())
}

// timed measures latency, and how many transactions there were meanwhile.
func (l *line) timed(ctx context.Context) (*Latency, error) {
	before, err := l.figures()
	if err != nil {
		return nil, err
	}
	began := time.Now()
	latency, err := l.bench.latency(ctx, l.target)
	if err != nil {
		return nil, err
	}
	after, err := l.figures()
	latency.TransactionsPerSecond = (after.transactions - before.transactions) / time.Since(began).Seconds()
	return latency, err
}

// untilDecided waits until so many events are decided beyond those that were before, and says when the first was.
func (l *line) untilDecided(ctx context.Context, before int64, total int) (first time.Time, err error) {
	bar := screen.NewProgress(l.bench.err, "decide", total)
	defer bar.End()
	err = l.until(ctx, "all events were decided", func() (bool, error) {
		done, err := l.target.committed(ctx)
		if err != nil {
			return false, fmt.Errorf("ask for the group's offsets: %w", err)
		}
		done = max(0, done-before) // 0 while the cluster cannot tell
		if done > 0 && first.IsZero() {
			first = time.Now()
		}
		bar.Show(min(int(done), total))
		return done >= int64(total), nil
	})
	return first, err
}

// until asks again and again while the pipeline works.
func (l *line) until(ctx context.Context, what string, done func() (bool, error)) error {
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
func (l *line) counted(first time.Time) (*Throughput, error) {
	after := usageNow()
	peak := l.memory.end()
	if err := l.endProfile(); err != nil {
		return nil, err
	}
	figures, err := l.figures()
	transactions := int(figures.transactions)
	n, seconds := float64(l.bench.options.Events), after.at.Sub(l.before.at).Seconds()
	return &Throughput{
		Seconds: seconds, FirstDecision: first.Sub(l.before.at).Seconds(), EventsPerSecond: n / seconds,
		CPUMicros:    float64((after.cpu - l.before.cpu).Microseconds()) / n,
		Allocs:       float64(after.allocs-l.before.allocs) / n,
		AllocBytes:   float64(after.allocBytes-l.before.allocBytes) / n,
		Transactions: transactions, TransactionsPerSecond: float64(transactions) / seconds, PeakMemory: peak,
		Verifications: int(figures.verifications), StateBytes: int64(figures.stateBytes),
	}, err
}

func (l *line) startProfile() (err error) {
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

func (l *line) endProfile() error {
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
