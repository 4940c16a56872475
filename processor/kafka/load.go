package kafka

import (
	"context"
	"sync"
	"time"

	"go.uber.org/zap"
)

// More units use more CPUs, and fewer make fewer transactions: a trickle that fills the transactions of many units costs the brokers
// as much as a flood, and each of its records waits behind them. So there are as many units as the load needs. A unit's load is the
// share of its time that processing takes, its waiting for the transaction before included.
const (
	usualLoadWindow = 500 * time.Millisecond

	heavyLoad = 0.6 // from here on in a window, a unit's partitions are shared with another one
	lightLoad = 0.2 // below this in many windows, each unit can do another one's work, too
)

// lightWindows is for how long all units must have had little to do before there are fewer: 10 s. Each change makes records wait once,
// for some ten milliseconds.
const lightWindows = 20

// unitsFor is how many units share so many partitions now.
func (r *Runner) unitsFor(partitions int) int {
	if r.cfg.Units > 0 {
		return min(r.cfg.Units, partitions)
	}
	return min(max(r.units, 1), partitions)
}

// watchLoad returns when there should be another number of units, which it notes, or ctx is done.
func (r *Runner) watchLoad(ctx context.Context, units []*unit) {
	most := min(r.mostUnits, countPartitions(units))
	if r.cfg.Units > 0 || most <= 1 {
		<-ctx.Done()
		return
	}
	watch := loadWatch{units: len(units), most: most}
	before, began := make([]time.Duration, len(units)), time.Now()
	for sleep(ctx, r.loadWindow) {
		now := time.Now()
		highest := 0.0
		for i, u := range units {
			worked := u.processing.total(now)
			highest = max(highest, float64(worked-before[i])/float64(now.Sub(began)))
			before[i] = worked
		}
		began = now
		if n := watch.window(highest); n != len(units) {
			r.log.Info("sharing the partitions among another number of units", zap.Int("units", n), zap.Int("before", len(units)))
			r.units = n
			return
		}
	}
}

// loadWatch decides how many units there should be.
type loadWatch struct {
	units, most int
	light       int // windows in a row
}

// window takes the highest load of a unit in one window.
func (w *loadWatch) window(highest float64) int {
	if highest >= lightLoad {
		w.light = 0
	} else {
		w.light++
	}
	switch {
	case highest >= heavyLoad:
		return min(w.units*2, w.most)
	case w.light >= lightWindows:
		return (w.units + 1) / 2
	}
	return w.units
}

// stopwatch adds up how long something has taken.
type stopwatch struct {
	mu    sync.Mutex
	sum   time.Duration
	since time.Time // zero: it stands still
}

func (w *stopwatch) start() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.since = time.Now()
}

func (w *stopwatch) stop() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.sum += time.Since(w.since)
	w.since = time.Time{}
}

// total counts what is under way.
func (w *stopwatch) total(now time.Time) time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.since.IsZero() {
		return w.sum
	}
	return w.sum + max(now.Sub(w.since), 0)
}

func countPartitions(units []*unit) int {
	n := 0
	for _, u := range units {
		n += len(u.partitions)
	}
	return n
}
