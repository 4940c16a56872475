package cluster

import (
	"context"
	"errors"
	"time"

	"github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/protocol/initproducerid"
)

// Producer is who writes: a producer id, and which of its lives.
type Producer struct {
	ID    int64
	Epoch int16
}

// InitProducer begins a new epoch of a transactional id (of none: a new producer id). It fences whoever had the
// transactional id, aborts what that one left open, and is refused with ConcurrentTransactions while a commit is under
// way.
func InitProducer(ctx context.Context, c *Client, transactionalID string, timeout time.Duration) (Producer, error) {
	return initProducerFrom(ctx, c, transactionalID, timeout, Producer{-1, -1})
}

func initProducerFrom(ctx context.Context, c *Client, transactionalID string, timeout time.Duration,
	from Producer) (Producer, error) {
	res, err := Ask[*initproducerid.Response](ctx, c, &initproducerid.Request{
		TransactionalID: transactionalID, TransactionTimeoutMs: Millis(timeout), ProducerID: from.ID,
		ProducerEpoch: from.Epoch,
	})
	if err == nil {
		err = Refused("InitProducerId", Whose(transactionalID), res.ErrorCode)
	}
	if err != nil {
		return Producer{}, err
	}
	return Producer{res.ProducerID, res.ProducerEpoch}, nil
}

// Fenced tells, after a broker has refused an epoch, whether another process has taken the transactional id over (true)
// or this one's transaction merely timed out. A coordinator answers CONCURRENT_TRANSACTIONS while that transaction, or
// one of the process that has taken over, comes to its end: neither is known then, and it is asked again.
func Fenced(ctx context.Context, c *Client, transactionalID string, timeout time.Duration, own Producer) (bool, error) {
	if transactionalID == "" {
		return false, nil
	}
	err := untilEnded(ctx, func() error {
		_, err := initProducerFrom(ctx, c, transactionalID, timeout, own)
		return err
	})
	if errors.Is(err, kafka.ProducerFenced) || errors.Is(err, kafka.InvalidProducerEpoch) {
		return true, nil
	}
	return false, err
}

// fenceTries is how often a request that meets an end under way is tried again, about a second in all.
const fenceTries = 50

// Fence ends what the transactional id has open and its producer's epoch. A coordinator that is about to end a
// transaction answers CONCURRENT_TRANSACTIONS, be it on behalf of this request or of one before that has fenced nobody:
// only the last answer tells.
func Fence(ctx context.Context, c *Client, transactionalID string, timeout time.Duration) error {
	return untilEnded(ctx, func() error {
		_, err := InitProducer(ctx, c, transactionalID, timeout)
		return err
	})
}

// untilEnded asks again while a transaction comes to its end.
func untilEnded(ctx context.Context, ask func() error) error {
	for n := 0; ; n++ {
		err := ask()
		if !errors.Is(err, kafka.ConcurrentTransactions) || n == fenceTries || !Sleep(ctx, SoonPause(n)) {
			return err
		}
	}
}

// Whose names a transactional id in errors.
func Whose(transactionalID string) string {
	if transactionalID == "" {
		return "no transactional id"
	}
	return "transactional id " + transactionalID
}
