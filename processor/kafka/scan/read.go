package scan

import (
	"context"
	"errors"
	"fmt"

	"verdict/processor/kafka/wire"
)

// read takes what was fetched of a partition, batch by batch.
func (l *loop) read(ctx context.Context, p *partition, part *wire.FetchedPartition) error {
	filter := wire.NewAbortedFilter(part.AbortedTransactions)
	for set := []byte(part.RecordSet); len(set) > 0 && !p.over; {
		b, rest, err := wire.ReadBatch(set)
		if errors.Is(err, wire.ErrCutShort) {
			return nil
		}
		if err != nil {
			return l.fail(p, damaged(&p.of, p.at.Position, unknown, err))
		}
		set = rest
		skips := filter.Skips(&b)
		if b.NextOffset <= p.at.Position {
			continue
		}
		p.skip(b.BaseOffset)
		if skips {
			p.leave(&b)
		} else {
			if err := l.readRecords(ctx, p, &b); err != nil {
				return err
			}
			if !p.over {
				p.skip(b.NextOffset)
			}
		}
		if !p.over {
			l.advance(p, b.NextOffset)
		}
		l.tell()
	}
	return nil
}

// readRecords gives the records of a batch to the function for them.
func (l *loop) readRecords(ctx context.Context, p *partition, b *wire.Batch) error {
	rs, err := b.OpenInto(&l.inflated)
	if err != nil {
		return l.fail(p, damaged(&p.of, p.at.Position, b.NextOffset, err))
	}
	for r := &l.record; ; {
		ok, err := rs.Next(r)
		if err != nil {
			err = fmt.Errorf("the batch at offset %d: %w", b.BaseOffset, err)
			return l.fail(p, damaged(&p.of, p.at.Position, b.NextOffset, err))
		}
		if !ok || r.Offset >= p.at.End {
			return nil
		}
		if r.Offset < p.at.Position {
			continue
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		r.Topic, r.Partition = p.of.Topic, p.of.Partition
		p.skip(r.Offset)
		if err := l.each(r); err != nil {
			return err
		}
		p.at.Position = r.Offset + 1
		p.at.Records++
		p.at.Bytes += int64(len(r.Key) + len(r.Value))
		if p.at.Records == l.opts.First {
			l.finish(p)
			return nil
		}
	}
}

// leave counts what no reader of committed records sees of a batch.
func (p *partition) leave(b *wire.Batch) {
	offsets := max(min(b.NextOffset, p.at.End)-p.at.Position, 0)
	if b.Control() {
		p.at.Markers += offsets
	} else {
		p.at.Aborted += offsets
	}
}

// skip passes a hole, if the partition is not there yet.
func (p *partition) skip(to int64) {
	if to = min(to, p.at.End); to > p.at.Position {
		p.at.Holes += to - p.at.Position
		p.at.Position = to
	}
}

// advance moves a partition on, at most to its end.
func (l *loop) advance(p *partition, to int64) {
	p.at.Position = min(to, p.at.End)
	p.moved()
	if p.at.Position == p.at.End {
		l.finish(p)
	}
}
