package kafka

import (
	"errors"
	"fmt"
	"time"

	"verdict/processor/kafka/wire"
)

// take processes one broker's answer, partition by partition.
func (u *unit) take(answer fetchAnswer) error {
	u.load.busy.start()
	defer func() {
		if !u.partitions.behind() {
			u.load.busy.stop()
		}
	}()
	fetched, err := u.fetch.take(answer, u.gather)
	if err != nil {
		return err
	}
	for _, f := range fetched {
		if f.refused != 0 {
			if err := u.refused(f); err != nil {
				return err
			}
			continue
		}
		p := f.partition
		p.end, p.fetching.stable = f.part.HighWatermark, f.part.LastStableOffset
		p.fetching.seen, p.outlook = answer.sent, outlook{end: unknown}
		u.held.reached(p)
		if err := u.read(p, f.part); err != nil {
			return err
		}
		f.part.RecordSet.Release() // all that came of it has been copied into a batch
		u.tell(p)
		if p.memory != nil && p.caughtUp() {
			p.memory.store.Advance(answer.sent.UnixMilli()) // caught up: time goes on without records
		}
		if u.ended() {
			break
		}
	}
	clear(fetched) // the answer is done with
	return nil
}

// refused deals with a partition that a broker gave nothing of.
func (u *unit) refused(f fetchedPart) error {
	moved, err := u.fetch.refused(f)
	if moved {
		u.batches.filling.touch() // the group goes along at the next commit
	}
	return err
}

// read processes what was fetched of one partition, batch by batch.
func (u *unit) read(p *partition, part *wire.FetchedPartition) error {
	filter := wire.NewAbortedFilter(part.AbortedTransactions)
	for set := part.RecordSet; len(set) > 0 && !u.ended(); {
		b, rest, err := wire.ReadBatch(set)
		if errors.Is(err, wire.ErrCutShort) {
			return nil
		}
		if err != nil {
			u.held.hold(p, fmt.Errorf("%s: %w", p, err))
			return nil
		}
		set = rest
		if !filter.Skips(&b) && b.NextOffset > p.position {
			if ok, err := u.readRecords(p, &b); err != nil || !ok {
				return err
			}
		}
		u.advance(p, b.NextOffset)
	}
	return nil
}

// readRecords processes the records of a batch; false if the partition is held back at one of them.
func (u *unit) readRecords(p *partition, b *wire.Batch) (bool, error) {
	rs, err := b.Open()
	if err != nil {
		u.held.hold(p, fmt.Errorf("%s: %w", p, err))
		return false, nil
	}
	record := &u.fill.record
	now := time.Now().UnixMilli()
	for !u.ended() {
		ok, err := rs.Next(record)
		if err != nil {
			u.held.hold(p, fmt.Errorf("%s, batch at offset %d: %w; to give the batch up, move the group's offset of "+
				"this partition to %d",
				p, b.BaseOffset, err, b.NextOffset))
			return false, nil
		}
		if !ok {
			return true, nil
		}
		if record.Offset < p.position {
			continue
		}
		p.oldest.read(record.Offset, record.Timestamp)
		heldBy, err := u.fill.process(p, u.batches.filling, now)
		if heldBy != nil {
			u.held.hold(p, heldBy)
			return false, nil
		}
		if err != nil {
			return false, err
		}
		u.held.release(p)
		u.advance(p, record.Offset+1)
		if u.size.full(u.batches.filling, u.cfg) {
			if err := u.sendOff(); err != nil {
				return false, err
			}
			now = time.Now().UnixMilli()
		}
	}
	return false, nil
}

// advance moves a partition on; the next commit takes it along.
func (u *unit) advance(p *partition, position int64) {
	if position <= p.position {
		return
	}
	p.position = position
	u.batches.filling.touch()
	if p.memory != nil {
		u.batches.filling.delivery.Outputs.Reserve(p.memory.changelog)
	}
}

// found puts partitions at their beginning and claims them, before a record of theirs is read.
func (u *unit) found(s foundBeginnings) error {
	if err := u.fetch.placeAtBeginning(s); err != nil || u.ended() {
		return err
	}
	for _, p := range s.partitions {
		u.ledger.tell(p, time.Now())
	}
	return u.claim()
}
