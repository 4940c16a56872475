package kafka

import (
	"sync"

	"github.com/prometheus/client_golang/prometheus"
)

// inARow counts, unit by unit, transactions that did not commit since one did. A unit is known by its number, and its
// count outlives it: one whose transactions fail so that it leaves the group and comes back each time would never have
// more than one.
type inARow struct {
	gauge prometheus.Gauge // the most of any unit

	mu     sync.Mutex
	byUnit map[int]int
}

func newInARow(gauge prometheus.Gauge) *inARow { return &inARow{gauge: gauge, byUnit: map[int]int{}} }

func (r *inARow) failed(unit int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.byUnit[unit]++
	r.show()
}

func (r *inARow) committed(unit int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.byUnit, unit)
	r.show()
}

// shared begins work with so many units: others commit nothing any more.
func (r *inARow) shared(units int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for unit := range r.byUnit {
		if unit >= units {
			delete(r.byUnit, unit)
		}
	}
	r.show()
}

func (r *inARow) show() {
	most := 0
	for _, n := range r.byUnit {
		most = max(most, n)
	}
	r.gauge.Set(float64(most))
}
