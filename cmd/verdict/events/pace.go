package events

import (
	"context"
	"time"
)

// AtRate has send send as many events as are due, again and again: rate a second, or 1,000 at a time as fast as it goes
// where rate is 0. It ends when most are sent (0: never), when ctx is done, which is no error, or when send fails.
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
			due = int(time.Since(start).Seconds()*rate) - sent
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
