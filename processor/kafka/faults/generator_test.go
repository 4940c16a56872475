//go:build unix

package faults

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// generator writes events at a steady rate with an idempotent producer (acks=all), whatever breaks meanwhile: what it
// could not deliver yet waits in the client.
type generator struct {
	client *kgo.Client
	ledger *ledger
	topic  string
	encode func(*event) []byte

	rate   atomic.Int64 // events per second
	failed atomic.Pointer[error]
	stop   context.CancelFunc
	wait   sync.WaitGroup
}

// producer are the options of the generator's client. Its patience with a frozen broker must not be what is measured;
// with franz-go's defaults (20 s for a request) it is.
func producer() []kgo.Opt {
	return []kgo.Opt{
		kgo.RecordPartitioner(kgo.ManualPartitioner()), kgo.RequiredAcks(kgo.AllISRAcks()),
		kgo.MaxBufferedRecords(1_000_000),
		kgo.MetadataMinAge(100 * time.Millisecond), kgo.MetadataMaxAge(time.Second),
		kgo.ProduceRequestTimeout(3 * time.Second), kgo.RequestTimeoutOverhead(2 * time.Second),
	}
}

func startGenerator(ctx context.Context, client *kgo.Client, l *ledger, topic string, rate int,
	encode func(*event) []byte) *generator {
	ctx, stop := context.WithCancel(ctx)
	g := &generator{client: client, ledger: l, topic: topic, encode: encode, stop: stop}
	g.rate.Store(int64(rate))
	g.wait.Go(func() { g.run(ctx) })
	return g
}

func (g *generator) run(ctx context.Context) {
	const beat = 10 * time.Millisecond
	tick := time.NewTicker(beat)
	defer tick.Stop()
	last, owed := time.Now(), 0.0
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-tick.C:
			owed += now.Sub(last).Seconds() * float64(g.rate.Load())
			last = now
			for ; owed >= 1 && ctx.Err() == nil; owed-- {
				g.send()
			}
		}
	}
}

// send hands one event to the producer. Its context is not that of the run: what has been sent is delivered.
func (g *generator) send() { g.produce(g.ledger.next()) }

func (g *generator) produce(e event) {
	g.client.Produce(context.Background(), &kgo.Record{
		Topic: g.topic, Partition: e.partition, Key: []byte(e.verification(g.ledger.seed)), Value: g.encode(&e),
		Headers: []kgo.RecordHeader{e.header(g.ledger.seed)},
	}, func(_ *kgo.Record, err error) {
		if err != nil {
			g.failed.CompareAndSwap(nil, &err)
			return
		}
		g.ledger.arrived(e.n)
	})
}

// fill gives a partition so many verifications of one event each. It goes no faster than they are delivered.
func (g *generator) fill(ctx context.Context, partition int32, keys int) error {
	const piece = 10_000
	for n := range keys {
		g.produce(g.ledger.nextNew(partition))
		if n%piece == piece-1 {
			if err := g.client.Flush(ctx); err != nil {
				return err
			}
		}
	}
	return g.client.Flush(ctx)
}

// finish stops and waits until all is delivered.
func (g *generator) finish(ctx context.Context) error {
	g.stop()
	g.wait.Wait()
	if err := g.client.Flush(ctx); err != nil {
		return err
	}
	if err := g.failed.Load(); err != nil {
		return *err
	}
	return nil
}
