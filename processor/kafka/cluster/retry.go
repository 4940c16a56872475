package cluster

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/segmentio/kafka-go"
	"go.uber.org/zap"
)

// StalledAfter is how long a step may be tried again before its user is told.
const StalledAfter = 2 * time.Second

// Retry repeats steps for as long as that can help, and says so where it takes long. It may be used by several
// goroutines at a time.
type Retry struct {
	Log     *zap.Logger
	Failed  func(Class) // counts each failure that is tried again
	Stalled func(error) // told of each failure of a step that has been tried for StalledAfter or longer
}

// Do repeats a step until it succeeds, fails in a way that no repetition settles, or ctx is done.
func (r *Retry) Do(ctx context.Context, step func() error) error {
	began := time.Now()
	for n := 0; ; n++ {
		err := step()
		if Classify(err) != ClassRetry {
			return err
		}
		if time.Since(began) > StalledAfter {
			r.Stalled(err)
		}
		d, soon := QuickPause(n), n == 5 // the first may be a connection that a broker has closed
		if errors.Is(err, kafka.ConcurrentTransactions) {
			d, soon = SoonPause(n), false // the coordinator is not done with the transaction before
		}
		if soon || n%10 == 9 && time.Since(began) > StalledAfter {
			r.Log.Warn("retrying", zap.Error(err), zap.Int("attempts", n+1))
		}
		r.Failed(ClassRetry)
		if !Sleep(ctx, d) {
			return fmt.Errorf("%w; before: %w", ctx.Err(), err)
		}
	}
}

// StartingFor is how long a command that asks once goes on asking a cluster that may just be starting: the brokers make
// the topics by which they coordinate groups and transactions when somebody asks for the first, and until these have
// leaders they answer NOT_COORDINATOR, COORDINATOR_NOT_AVAILABLE or COORDINATOR_LOAD_IN_PROGRESS.
const StartingFor = 8 * time.Second

// Again asks until there is an answer, an error that no repetition settles, or limit has passed; the error is the last
// question's. It is for commands: what works on tells of its waiting, see Retry.
func Again(ctx context.Context, limit time.Duration, ask func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	var last error
	for n := 1; ; n++ {
		err := ask(ctx)
		if ctx.Err() != nil && last != nil && errors.Is(err, ctx.Err()) {
			return last // to have no time left says nothing of the cause
		}
		if Classify(err) != ClassRetry || !Sleep(ctx, min(Pause(n), time.Second)) {
			return err
		}
		last = err
	}
}
