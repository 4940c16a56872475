package kafka

import (
	"context"
	"time"

	"verdict/processor"
	"verdict/processor/kafka/transact"
	"verdict/processor/kafka/wire"
)

// batch is what becomes of some raw records: one transaction, or at least once what is published together. One
// processor decides all of it.
type batch struct {
	processor *processor.Processor
	delivery  transact.Delivery
	counts    counts

	dirty   bool      // some position has advanced
	opened  time.Time // when the first did
	records int
	bytes   int

	sentOff time.Time
	moved   []*partition // by delivery.Offsets
	kept    []kept       // what it changes in their memories
}

func newBatch(p *processor.Processor, c wire.Compression) *batch {
	return &batch{processor: p, delivery: transact.Delivery{Outputs: transact.NewOutputs(c)}, counts: newCounts()}
}

// touch notes that there is something to commit.
func (b *batch) touch() {
	if !b.dirty {
		b.dirty, b.opened = true, time.Now()
	}
}

// move has the batch move the group to an offset of a partition, and note what is to be known of its state.
func (b *batch) move(p *partition, next int64, note transact.Note) {
	b.delivery.Offsets = append(b.delivery.Offsets,
		transact.Offset{Topic: p.topic, Partition: p.id, Next: next, Note: note})
	b.moved = append(b.moved, p)
	p.claimed, p.rules = next, b.processor.RulesVersion()
}

// reset empties the batch and keeps its memory.
func (b *batch) reset() {
	b.delivery.Reset()
	b.counts.reset()
	*b = batch{processor: b.processor, delivery: b.delivery, counts: b.counts, moved: b.moved[:0], kept: b.kept[:0]}
}

// batches are a unit's: one that is being filled, and one that is delivered meanwhile.
type batches struct {
	filling   *batch
	flying    *batch     // is being delivered; nil: none
	spare     *batch     // the memory of one that is done
	delivered chan error // how the delivery went
}

// sendOff has the batch that is being filled delivered beside what the unit does next, and opens another one, which p
// will decide. Nothing may be flying.
func (b *batches) sendOff(ctx context.Context, s *transact.Session, p *processor.Processor, c wire.Compression) {
	flying := b.filling
	flying.sentOff, flying.delivery.Rules = time.Now(), flying.processor.RulesVersion()
	b.flying, b.filling, b.spare = flying, b.spare, nil
	if b.filling == nil {
		b.filling = newBatch(p, c)
	}
	b.filling.processor = p
	go func() { b.delivered <- deliver(ctx, s, &flying.delivery) }()
}

// deliver runs beside the unit. It is given all that it may touch.
func deliver(ctx context.Context, s *transact.Session, d *transact.Delivery) error {
	return s.Deliver(ctx, d)
}

// stuck says whether the batch under way has been so for longer than a step should take: the next one has to wait, and
// there is no hurry to fill it.
func (b *batches) stuck(now time.Time) bool {
	return b.flying != nil && now.Sub(b.flying.sentOff) > stalledAfter
}
