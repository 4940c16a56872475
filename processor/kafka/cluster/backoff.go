package cluster

import (
	"context"
	"math/rand/v2"
	"time"
)

// The pause before attempt n grows from FirstPause to lastPause, with a random part so that instances don't march in
// step.
const (
	FirstPause = 250 * time.Millisecond
	lastPause  = 5 * time.Second
	// longestQuick is the longest pause of a step that keeps a transaction, and so its readers, waiting; Kafka's own
	// clients take as long.
	longestQuick = time.Second
)

// Pause is how long to wait after the n-th failure in a row, n from 1.
func Pause(n int) time.Duration {
	d := FirstPause << min(max(n-1, 0), 10)
	d = min(d, lastPause)
	return d/2 + rand.N(d/2+1)
}

// Sleep waits; false if ctx was done first.
func Sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// QuickPause is for steps inside a transaction. The first retries come at once: most failures there are a connection
// that has been closed meanwhile, or records and offsets of one transaction that have met in a broker, which then asks
// for one of them again.
func QuickPause(n int) time.Duration { return shortPause(n, 6) }

// SoonPause is for an answer that is certain to change soon.
func SoonPause(n int) time.Duration { return shortPause(n, 50) }

// shortPause rises to between 10 and 20 ms; from the attempt many on, it is that of a failure that lasts.
func shortPause(n, many int) time.Duration {
	if n >= many {
		return min(Pause(n-many+1), longestQuick)
	}
	d := min(time.Millisecond<<min(n, 10), 10*time.Millisecond)
	return d + rand.N(d)
}
