package kafka

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"go.uber.org/zap"

	"verdict/processor/kafka/cluster"
)

// More units use more CPUs, and fewer make fewer transactions: a trickle that fills the transactions of many units
// costs the brokers as much as a flood, and each of its records waits behind them. So there are as many units as the
// load needs. A unit's load is the share of its time in which it has something to do: a record to process that it knows
// of, or to wait for room in its transactions.
const (
	usualLoadWindow = 500 * time.Millisecond

	heavyLoad = 0.6 // from here on in a window, a unit's partitions are shared with another one
	lightLoad = 0.2 // below this in many windows, each unit can do another one's work, too
)

// lightWindows is for how long all units must have had little to do before there are fewer: 10 s. Each change makes
// records wait once, for some ten milliseconds.
const lightWindows = 20

// unitsFor is how many units share an assignment now. Partitions of one number stay together, so there are at most as
// many units as there are numbers.
func (r *Runner) unitsFor(a *assignment) int {
	if r.cfg.Units > 0 {
		return min(r.cfg.Units, len(a.groups))
	}
	return min(max(r.units, 1), len(a.groups))
}

// watchLoad returns when there should be another number of units, which it notes, or ctx is done.
func (r *Runner) watchLoad(ctx context.Context, units []*unit, a *assignment) {
	most := min(r.mostUnits, len(a.groups))
	if r.cfg.Units > 0 || most <= 1 {
		<-ctx.Done()
		return
	}
	watch := loadWatch{units: len(units), most: most}
	before, began := make([]time.Duration, len(units)), time.Now()
	for cluster.Sleep(ctx, r.loadWindow) {
		now := time.Now()
		window := now.Sub(began)
		highest, telling := 0.0, window < 2*r.loadWindow // or else the process stood still
		for i, u := range units {
			busy := u.load.busy.total(now)
			highest = max(highest, float64(busy-before[i])/float64(window))
			before[i] = busy
			telling = telling && !u.load.stuck(now)
		}
		began = now
		if !telling {
			watch.light = 0
			continue
		}
		if n := watch.window(highest); n != len(units) {
			r.log.Info("sharing the partitions among another number of units", zap.Int("units", n),
				zap.Int("before", len(units)))
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

// load is what a unit tells of its work while it works.
type load struct {
	busy     stopwatch
	delivery stopwatch
	troubled atomic.Bool // its transactions have failed
}

// longDelivery is more than a transaction usually takes.
const longDelivery = 250 * time.Millisecond

// stuck says that the unit waits for brokers: its load says nothing then, and to share partitions anew would make those
// of other units wait for it.
func (l *load) stuck(now time.Time) bool {
	return l.troubled.Load() || l.delivery.lap(now) > longDelivery
}

// stopwatch adds up how long something has taken.
type stopwatch struct {
	mu    sync.Mutex
	sum   time.Duration
	since time.Time // zero: it stands still
}

// start does nothing to one that runs.
func (w *stopwatch) start() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.since.IsZero() {
		w.since = time.Now()
	}
}

// stop does nothing to one that stands still.
func (w *stopwatch) stop() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.since.IsZero() {
		w.sum += time.Since(w.since)
		w.since = time.Time{}
	}
}

// total is all that has been added up, with what is under way.
func (w *stopwatch) total(now time.Time) time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.sum + w.running(now)
}

// lap is how long it has run; 0 if it stands still.
func (w *stopwatch) lap(now time.Time) time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.running(now)
}

func (w *stopwatch) running(now time.Time) time.Duration {
	if w.since.IsZero() {
		return 0
	}
	return max(now.Sub(w.since), 0)
}
