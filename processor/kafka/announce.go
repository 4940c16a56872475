package kafka

import (
	"context"
	"time"

	"go.uber.org/zap"

	"verdict/processor/kafka/cluster"
)

// announcement begins the transaction of a batch that is still being filled, so that its records don't wait for that when it is due.
type announcement struct {
	keys   int       // how many of the batch's first output partitions it names
	due    time.Time // when the batch is to be committed: from now on the coordinator's clock runs
	cancel context.CancelFunc
	done   chan error
}

// announceAhead is how long before a batch is due its transaction is announced: longer than that takes, and late enough that most of
// the batch's output partitions are known, and that the brokers are done with the transaction before.
const announceAhead = 10 * time.Millisecond

func (u *unit) announce() {
	b := u.batch
	ctx, cancel := context.WithTimeout(u.drain, u.cfg.TransactionTimeout)
	a := &announcement{keys: len(b.outputs.keys), due: u.due(), cancel: cancel, done: make(chan error, 1)}
	named := b.outputs.keys[:a.keys:a.keys] // what is appended meanwhile comes behind
	b.announcement, b.begun = a, true
	go func() { a.done <- u.beginTransaction(ctx, named, true) }()
}

// withdraw ends the transaction of a batch that is not going to be delivered, if it has been announced. Nothing was written in it, so
// that it may be ended as it is, in its epoch: a new one would fence a process that has taken the transactional id over meanwhile.
// Only if it is not known what became of the announcement is that left to abandon.
func (u *unit) withdraw() {
	if u.batch.announcement == nil {
		return
	}
	err := u.batch.endAnnouncement()
	if err == nil {
		ctx, cancel := context.WithTimeout(u.drain, u.cfg.TransactionTimeout)
		defer cancel()
		err = u.step(ctx, func(ctx context.Context) error { return u.endTransaction(ctx, false) })
	}
	u.log.Debug("a transaction was announced and is withdrawn", zap.Error(err))
	u.open = err != nil && cluster.Classify(err) != cluster.ClassFenced
	u.metrics.transactions.WithLabelValues(resultAborted).Inc()
}

// announceGrace is how long an announcement under way may still be answered. Without its answer, only a new epoch is sure to end it.
const announceGrace = 100 * time.Millisecond

// endAnnouncement waits for the announcement's end and says what became of it.
func (b *batch) endAnnouncement() error {
	a := b.announcement
	if a == nil {
		return nil
	}
	b.announcement = nil
	defer a.cancel()
	defer time.AfterFunc(announceGrace, a.cancel).Stop()
	return <-a.done
}

// begun makes sure that the coordinator knows the whole batch.
func (u *unit) begun(ctx context.Context, b *batch) error {
	a := b.announcement
	if a == nil {
		b.begun = true
		return u.beginTransaction(ctx, b.outputs.keys, true)
	}
	defer a.cancel()
	if err := <-a.done; err != nil {
		return err
	}
	return u.beginTransaction(ctx, b.outputs.keys[a.keys:], false)
}

// beginTransaction tells the coordinator about output partitions and, if it does not know yet, the group. One after the other: while
// it writes one of them down, it refuses the other, and refuses what brokers ask it on behalf of records and offsets.
func (u *unit) beginTransaction(ctx context.Context, keys []outputKey, group bool) error {
	if len(keys) > 0 {
		if err := u.step(ctx, func(ctx context.Context) error { return u.addPartitions(ctx, keys) }); err != nil {
			return err
		}
	}
	if !group {
		return nil
	}
	return u.step(ctx, u.addOffsets)
}
