package bench

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"golang.org/x/sync/errgroup"

	"verdict/cmd/verdict/events"
	"verdict/cmd/verdict/screen"
	"verdict/processor"
)

// latencyKey is the verification id of the events that are timed: their number stands in its last digits.
const latencyKey = "7e57ed00-0000-4000-8000-"

// latencyGrace is how long the last decisions may take.
const latencyGrace = 10 * time.Second

// latencyRun sends events at a steady rate and notes when each decision can be read.
type latencyRun struct {
	bench *bench
	sent  []time.Time
	took  []atomic.Int64 // nanoseconds; 0: not read
	read  atomic.Int64
}

// latency measures from the moment before an event is sent to its decision being read, read committed.
func (b *bench) latency(ctx context.Context, t *target) (*Latency, error) {
	total := int(float64(b.options.Rate) * b.options.LatencyTime.Seconds())
	run := &latencyRun{bench: b, sent: make([]time.Time, total), took: make([]atomic.Int64, total)}
	reader, err := t.newClient(
		kgo.ConsumeTopics(t.cfg.Topics.Output[processor.RouteDecision]), kgo.FetchIsolationLevel(kgo.ReadCommitted()),
		kgo.ConsumeResetOffset(kgo.NewOffset().AfterMilli(time.Now().UnixMilli())),
	)
	if err != nil {
		return nil, err
	}
	defer reader.Close()
	sender, err := t.newClient(kgo.DefaultProduceTopic(t.raw()), kgo.ProducerLinger(0),
		kgo.RecordPartitioner(kgo.StickyKeyPartitioner(nil)))
	if err != nil {
		return nil, err
	}
	defer sender.Close()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return run.readAll(ctx, cancel, reader) })
	group.Go(func() error { return run.sendAll(ctx, cancel, sender) })
	if err := group.Wait(); err != nil && !errors.Is(err, context.Canceled) {
		return nil, err
	}
	return run.result()
}

// sendAll sends what is due each millisecond.
func (r *latencyRun) sendAll(ctx context.Context, cancel context.CancelFunc, client *kgo.Client) error {
	g := events.NewGenerator(r.bench.catalog, r.bench.options.Seed, time.Now().UTC())
	bar := screen.NewProgress(r.bench.err, "latency", len(r.sent))
	defer bar.End()
	ticks := time.NewTicker(time.Millisecond)
	defer ticks.Stop()
	start, next := time.Now(), 0
	for next < len(r.sent) {
		select {
		case <-ctx.Done():
			return nil
		case <-ticks.C:
		}
		due := min(len(r.sent), int(time.Since(start).Seconds()*float64(r.bench.options.Rate)))
		for ; next < due; next++ {
			record := timedEvent(g, next)
			r.sent[next] = time.Now()
			client.Produce(ctx, record, nil)
		}
		bar.Show(next)
	}
	time.AfterFunc(latencyGrace, cancel)
	return client.Flush(ctx)
}

// timedEvent is a well-formed generated event with a verification id of its own.
func timedEvent(g *events.Generator, n int) *kgo.Record {
	key := latencyKey + fmt.Sprintf("%012d", n)
	for {
		line := g.Next()
		if value := bytes.Replace(line.Value, []byte(line.Key), []byte(key), 1); value[len(value)-1] == '}' &&
			bytes.Contains(value, []byte(key)) {
			return &kgo.Record{Key: []byte(key), Value: value}
		}
	}
}

func (r *latencyRun) readAll(ctx context.Context, cancel context.CancelFunc, client *kgo.Client) error {
	for ctx.Err() == nil {
		fetches := client.PollFetches(ctx)
		if fetches.IsClientClosed() || errors.Is(fetches.Err0(), context.Canceled) {
			return nil
		}
		if err := fetches.Err(); err != nil {
			return fmt.Errorf("read decisions: %w", err)
		}
		now := time.Now()
		for _, record := range fetches.Records() {
			n, ours := timedNumber(record.Key)
			if !ours || n >= len(r.sent) || r.took[n].Load() != 0 {
				continue
			}
			r.took[n].Store(int64(now.Sub(r.sent[n])))
			if r.read.Add(1) == int64(len(r.sent)) {
				cancel()
				return nil
			}
		}
	}
	return nil
}

func timedNumber(key []byte) (int, bool) {
	digits, ours := bytes.CutPrefix(key, []byte(latencyKey))
	if !ours {
		return 0, false
	}
	n, err := strconv.Atoi(string(digits))
	return n, err == nil
}

// result leaves the first fifth out: connections, caches and batches find their size in it.
func (r *latencyRun) result() (*Latency, error) {
	var counted []float64
	missing := 0
	for i := len(r.took) / 5; i < len(r.took); i++ {
		if took := r.took[i].Load(); took > 0 {
			counted = append(counted, float64(took)/1e6)
		} else {
			missing++
		}
	}
	if len(counted) == 0 {
		return nil, errors.New("no decision came back in time: lower --rate, or look at the log")
	}
	slices.Sort(counted)
	at := func(share float64) float64 { return counted[min(len(counted)-1, int(share*float64(len(counted))))] }
	return &Latency{
		Rate: r.bench.options.Rate, Counted: len(counted), Missing: missing,
		P50: at(0.50), P95: at(0.95), P99: at(0.99), Max: counted[len(counted)-1],
	}, nil
}
