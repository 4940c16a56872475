package events

import (
	"math"
	"testing"
	"time"
)

func TestRatesThatCannotBeKept(t *testing.T) {
	for _, rate := range []float64{math.NaN(), math.Inf(1), math.Inf(-1), -1, 1_000_001, 1e300} {
		if CheckRate(rate) == nil {
			t.Errorf("%g is taken", rate)
		}
	}
	for _, rate := range []float64{0, 1e-300, 0.5, 20, 1_000_000} {
		if err := CheckRate(rate); err != nil {
			t.Errorf("%g: %v", rate, err)
		}
	}
}

// TestAtRateIsBounded: however much is due, no send gets more than memory holds.
func TestAtRateIsBounded(t *testing.T) {
	most, sent := 0, 0
	err := AtRate(t.Context(), 1e12, 3*mostDue, func(n int) error {
		most, sent = max(most, n), sent+n
		return nil
	})
	if err != nil || sent != 3*mostDue || most != mostDue {
		t.Errorf("%d sent, %d at once: %v", sent, most, err)
	}
}

func TestIntervalIsNoShorterThanATimer(t *testing.T) {
	for rate, want := range map[float64]time.Duration{
		0: time.Second, 2: 500 * time.Millisecond, 1e6: 20 * time.Millisecond,
	} {
		if got := interval(rate); got != want {
			t.Errorf("%g: %s, not %s", rate, got, want)
		}
	}
}
