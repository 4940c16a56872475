//go:build unix

package faults

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// watcher reads decisions as a subscriber would, committed records only, and notes when each raw partition's decisions
// arrive.
type watcher struct {
	ledger *ledger
	wait   sync.WaitGroup
	stop   context.CancelFunc

	mu      sync.Mutex
	watches map[*watch]struct{}
}

// watch waits for one decision of each of some partitions, about an event that was made after since.
type watch struct {
	since   time.Time
	left    map[int32]bool
	arrived map[int32]time.Duration // after since
	done    chan struct{}
}

func startWatcher(ctx context.Context, client *kgo.Client, l *ledger) *watcher {
	ctx, stop := context.WithCancel(ctx)
	w := &watcher{ledger: l, stop: stop, watches: map[*watch]struct{}{}}
	w.wait.Go(func() {
		for ctx.Err() == nil {
			client.PollFetches(ctx).EachRecord(w.see)
		}
	})
	return w
}

func (w *watcher) close() {
	w.stop()
	w.wait.Wait()
}

func (w *watcher) see(r *kgo.Record) {
	e, ok := w.ledger.event(findEvent(w.ledger.seed, r.Value))
	if !ok {
		return // the checker will say so
	}
	now := time.Now()
	w.mu.Lock()
	defer w.mu.Unlock()
	for watch := range w.watches {
		if watch.left[e.partition] && e.created > watch.since.UnixNano() {
			delete(watch.left, e.partition)
			watch.arrived[e.partition] = now.Sub(watch.since)
			if len(watch.left) == 0 {
				delete(w.watches, watch)
				close(watch.done)
			}
		}
	}
}

// flow waits until decisions about events made after since have come from each of the partitions. It returns how long
// after since the first of them came, and the last.
func (w *watcher) flow(ctx context.Context, since time.Time, partitions []int32,
	limit time.Duration) (first, last time.Duration, err error) {
	watch := &watch{since: since, left: map[int32]bool{}, arrived: map[int32]time.Duration{}, done: make(chan struct{})}
	for _, p := range partitions {
		watch.left[p] = true
	}
	w.mu.Lock()
	w.watches[watch] = struct{}{}
	w.mu.Unlock()
	timer := time.NewTimer(time.Until(since.Add(limit)))
	defer timer.Stop()
	select {
	case <-watch.done:
	case <-timer.C:
	case <-ctx.Done():
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.watches, watch)
	times := slices.Sorted(maps.Values(watch.arrived))
	if len(watch.left) > 0 {
		return 0, 0, fmt.Errorf("no decisions for %s from the partitions %v (%d of %d flow)",
			time.Since(since).Round(time.Second), slices.Sorted(maps.Keys(watch.left)), len(times), len(partitions))
	}
	return times[0], times[len(times)-1], nil
}
