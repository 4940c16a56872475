package main

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"verdict/cmd/verdict/config"
	"verdict/cmd/verdict/local"
	"verdict/processor"
)

// meter sends events at a steady rate and notes how long it takes until each decision can be read, read committed.
type meter struct {
	sender, reader *kgo.Client
	rate           int

	mu   sync.Mutex
	sent []time.Time
	took []time.Duration // 0: not read yet
}

const meterKey = "hostile-"

func newMeter(t *testing.T, c *local.Cluster, cfg *config.Loaded, rate int) *meter {
	t.Helper()
	m := &meter{rate: rate}
	var err error
	if m.sender, err = c.Client(kgo.DefaultProduceTopic(cfg.Topics.Raw[0].Name), kgo.ProducerLinger(0)); err != nil {
		t.Fatal(err)
	}
	m.reader, err = c.Client(kgo.ConsumeTopics(cfg.Topics.Output[processor.RouteDecision]),
		kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	var working sync.WaitGroup
	working.Go(func() { m.send(ctx) })
	working.Go(func() { m.read(ctx) })
	t.Cleanup(func() {
		stop()
		working.Wait()
		m.sender.Close()
		m.reader.Close()
	})
	return m
}

// send sends what is due each millisecond.
func (m *meter) send(ctx context.Context) {
	ticks := time.NewTicker(time.Millisecond)
	defer ticks.Stop()
	began, next := time.Now(), 0
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticks.C:
		}
		for due := int(time.Since(began).Seconds() * float64(m.rate)); next < due; next++ {
			key := fmt.Sprintf("%s%09d", meterKey, next)
			m.mu.Lock()
			m.sent, m.took = append(m.sent, time.Now()), append(m.took, 0)
			m.mu.Unlock()
			m.sender.Produce(ctx, &kgo.Record{Key: []byte(key), Value: fmt.Appendf(nil,
				`{"provider":"yousign","product":"video","verification_id":"%s","status":"approved"}`, key)}, nil)
		}
	}
}

func (m *meter) read(ctx context.Context) {
	for ctx.Err() == nil {
		fetches := m.reader.PollFetches(ctx)
		now := time.Now()
		m.mu.Lock()
		for _, record := range fetches.Records() {
			n, err := strconv.Atoi(strings.TrimPrefix(string(record.Key), meterKey))
			if err == nil && n < len(m.took) && m.took[n] == 0 {
				m.took[n] = now.Sub(m.sent[n])
			}
		}
		m.mu.Unlock()
	}
}

// window measures for a time, and is the p99 of what was sent in it.
func (m *meter) window(t *testing.T, length time.Duration) time.Duration {
	t.Helper()
	first := m.number()
	<-time.After(length)
	last := m.number()
	limit := time.After(patience)
	again := time.NewTicker(10 * time.Millisecond)
	defer again.Stop()
	for {
		if took := m.all(first, last); took != nil {
			slices.Sort(took)
			return took[len(took)*99/100]
		}
		select {
		case <-again.C:
		case <-limit:
			t.Fatalf("of %d events some are not decided", last-first)
		}
	}
}

func (m *meter) number() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.sent)
}

// all is how long each of some events took; nil: some are not decided yet.
func (m *meter) all(first, last int) []time.Duration {
	m.mu.Lock()
	defer m.mu.Unlock()
	if slices.Contains(m.took[first:last], 0) {
		return nil
	}
	return slices.Clone(m.took[first:last])
}
