package kafka

import (
	"context"
	"maps"
	"time"

	"verdict/processor/kafka/cluster"
	"verdict/processor/kafka/wire"
)

// batch is what one transaction holds.
type batch struct {
	dirty   bool // some position has advanced
	opened  time.Time
	records int
	bytes   int
	outputs outputs
	tally   tally

	announcement *announcement // of its transaction; nil: not yet

	// From here on, of a batch under way.
	closed  time.Time
	offsets []mark   // what it moves the group to
	begun   bool     // the coordinator may know of it
	refused []parcel // too large for the broker
}

// mark is a place in a partition.
type mark struct {
	partition *partition
	offset    int64
}

func newBatch(c wire.Compression) *batch { return &batch{outputs: newOutputs(c), tally: newTally()} }

// reset empties the batch and keeps its memory.
func (b *batch) reset() {
	b.outputs.reset()
	b.tally.reset()
	*b = batch{outputs: b.outputs, tally: b.tally, offsets: b.offsets[:0]}
}

// commit closes the batch and has it delivered, in one transaction or (at least once) its outputs, beside what the unit does next. Only
// one is under way at a time: commit waits for the one before. After an error nothing of either counts; settle says how to go on.
func (u *unit) commit() error {
	if err := u.join(); err != nil {
		return err
	}
	b := u.batch
	b.closed = time.Now()
	u.markOffsets(b)
	u.flying, u.batch, u.spare = b, u.spare, nil
	if u.batch == nil {
		u.batch = newBatch(u.cfg.Compression)
	}
	u.load.delivery.start()
	go func() { u.delivered <- u.deliver(b) }()
	return nil
}

// commitAnyway commits offsets even if the batch holds nothing.
func (u *unit) commitAnyway() error {
	if !u.batch.dirty {
		u.batch.opened = time.Now()
	}
	return u.commit()
}

// markOffsets notes what the batch moves the group to.
func (u *unit) markOffsets(b *batch) {
	if u.cfg.Delivery == DeliveryAtLeastOnce {
		u.markPublished(b)
		return
	}
	for _, p := range u.partitions {
		if p.position != unknown && (p.position != p.claimed || p.owner != u.producer.transactionalID) {
			b.offsets = append(b.offsets, mark{p, p.position})
			p.claimed, p.owner = p.position, u.producer.transactionalID
		}
	}
}

// join waits for the batch under way, if there is one.
func (u *unit) join() error {
	if u.flying == nil {
		return nil
	}
	return u.landed(<-u.delivered)
}

// landed takes note of how the delivery went.
func (u *unit) landed(err error) error {
	b := u.flying
	u.load.delivery.stop()
	u.flying, u.open = nil, b.begun && cluster.Classify(err) != cluster.ClassFenced // if it is, somebody has ended it
	u.learn(time.Since(b.closed), err)
	if err == nil {
		u.committed(b)
	}
	if u.open {
		u.metrics.transactions.WithLabelValues(resultAborted).Inc() // it will be, or has been
	}
	for _, p := range b.refused {
		err = cluster.WorseOf(err, u.tooLarge(p, err))
	}
	if err == nil { // a request that was given up may still be on its way, from this memory
		b.reset()
		u.spare = b
	}
	return err
}

// deliver runs beside the unit and touches, of what is the unit's, only the batch and the producer.
func (u *unit) deliver(b *batch) error {
	ctx, cancel := context.WithTimeout(u.drain, u.cfg.TransactionTimeout)
	defer cancel()
	if err := b.outputs.deflate(); err != nil {
		_ = b.endAnnouncement()
		return cluster.Fatal("compress a batch: %w", err)
	}
	if u.cfg.Delivery == DeliveryAtLeastOnce {
		return u.deliverAtLeastOnce(ctx, b)
	}
	return u.deliverOnce(ctx, b)
}

// deliverOnce is one transaction. The order is the protocol's: partitions and group before records and offsets, and all of them before
// the end. Records and offsets don't wait for each other.
func (u *unit) deliverOnce(ctx context.Context, b *batch) error {
	if err := u.begun(ctx, b); err != nil {
		return err
	}
	err := u.publishBeside(ctx, b, u.commitOffsetsInTransaction)
	if err != nil {
		return err
	}
	err = u.step(ctx, func(ctx context.Context) error { return u.endTransaction(ctx, true) })
	if err == nil {
		b.begun = false
	}
	return err
}

// deliverAtLeastOnce commits offsets of batches before this one, so that neither waits for the other.
func (u *unit) deliverAtLeastOnce(ctx context.Context, b *batch) error {
	if len(b.offsets) == 0 {
		return u.publish(ctx, b)
	}
	return u.publishBeside(ctx, b, u.commitOffsets)
}

// publishBeside publishes a batch and has offsets committed, side by side, and returns the error that decides.
func (u *unit) publishBeside(ctx context.Context, b *batch, commit func(context.Context, []mark) error) error {
	published := make(chan error, 1)
	go func() { published <- u.publish(ctx, b) }()
	err := u.step(ctx, func(ctx context.Context) error { return commit(ctx, b.offsets) })
	return cluster.WorseOf(err, <-published)
}

// committed counts a batch that is safely on the brokers.
func (u *unit) committed(b *batch) {
	now := time.Now()
	for _, m := range b.offsets {
		p := m.partition
		p.committed = m.offset
		maps.DeleteFunc(p.tooLarge, func(offset int64, _ int) bool { return offset < m.offset })
		u.metrics.setLag(p)
	}
	u.metrics.transactions.WithLabelValues(resultCommitted).Inc()
	if b.records > 0 { // not a mere claim, nor control batches alone
		u.metrics.batchRecords.Observe(float64(b.records))
	}
	u.metrics.commitTime.Observe(now.Sub(b.closed).Seconds())
	u.metrics.batchSeconds.Observe(now.Sub(b.opened).Seconds())
	b.tally.report(u.metrics, now)
	if u.cfg.Delivery == DeliveryExactlyOnce || len(b.offsets) > 0 { // or else no offset has moved
		u.failures = 0
		u.load.troubled.Store(false)
		u.status.stall(u, nil)
	}
}
