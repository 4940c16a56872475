package events

import (
	"context"
	"fmt"
	"time"
)

const (
	// mostRate is more than one process sends.
	mostRate = 1_000_000
	// mostDue bounds the memory for what is sent at once; what is due beyond it is sent at the next tick.
	mostDue = 100_000
)

// CheckRate refuses what AtRate cannot keep: a rate below 0 or above a million a second, and one that is no number.
func CheckRate(rate float64) error {
	if rate >= 0 && rate <= mostRate { // false for NaN
		return nil
	}
	return fmt.Errorf("--rate %g: write a number from 0 to %d", rate, mostRate)
}

// AtRate has send send as many events as are due, again and again: rate a second, or 1,000 at a time as fast as it goes
// where rate is 0; CheckRate says which rates there are. It ends when most are sent (0: never), when ctx is done, which
// is no error, or when send fails.
func AtRate(ctx context.Context, rate float64, most int, send func(n int) error) error {
	if most == 0 {
		most = int(^uint(0) >> 1)
	}
	const batch = 1000
	ticks := time.NewTicker(interval(rate))
	defer ticks.Stop()
	start := time.Now()
	for sent := 0; sent < most; {
		due := batch
		if rate > 0 {
			select {
			case <-ctx.Done():
				return nil
			case <-ticks.C:
			}
			due = min(mostDue, int(time.Since(start).Seconds()*rate)-sent)
		}
		due = min(due, most-sent)
		if err := send(due); err != nil {
			if ctx.Err() != nil {
				err = nil
			}
			return err
		}
		sent += due
	}
	return nil
}

// interval is the time between two events, and no shorter than what a timer keeps.
func interval(rate float64) time.Duration {
	if rate <= 0 {
		return time.Second
	}
	return max(20*time.Millisecond, time.Duration(float64(time.Second)/rate))
}
