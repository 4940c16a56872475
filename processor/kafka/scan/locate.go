package scan

import (
	"context"
	"fmt"

	"github.com/segmentio/kafka-go"

	"verdict/processor/kafka/cluster"
	"verdict/processor/kafka/wire"
)

// edges are offsets of one partition, as its leader has them.
type edges struct {
	first, high, stable int64 // stable only if the end needs it
	from, to            int64 // of the times that the range names; -1: no such record
	err                 error
}

// located is what one leader said about the edges of partitions.
type located struct {
	leader     int32
	partitions []*partition
	edges      []edges
	err        error
}

// locate asks a leader for the edges of partitions; the answer comes through l.located.
func (l *loop) locate(ctx context.Context, leader int32, list []*partition) {
	ranges := make([]Range, len(list))
	for i, p := range list {
		ranges[i] = p.of
		p.locating = true
	}
	l.asking.Go(func() {
		e, err := lookUp(ctx, l.client, leader, ranges)
		select {
		case l.located <- located{leader, list, e, err}:
		case <-ctx.Done():
		}
	})
}

// lookUp asks one question after the other: a request must not name a partition twice. The high watermark is asked for
// before the last stable offset, so that this one is never older.
func lookUp(ctx context.Context, client *cluster.Client, leader int32, ranges []Range) ([]edges, error) {
	found := make([]edges, len(ranges))
	for _, q := range []struct {
		isolation int8
		timestamp func(*Range) (timestamp int64, wanted bool)
		set       func(*edges, int64)
	}{
		{wire.ReadUncommitted, func(*Range) (int64, bool) { return cluster.TimestampEarliest, true },
			func(e *edges, at int64) { e.first = at }},
		{wire.ReadUncommitted, func(*Range) (int64, bool) { return cluster.TimestampLatest, true },
			func(e *edges, at int64) { e.high = at }},
		{wire.ReadCommitted, func(r *Range) (int64, bool) {
			return cluster.TimestampLatest, r.From.stable ||
				r.To.stable
		},
			func(e *edges, at int64) { e.stable = at }},
		{wire.ReadUncommitted, func(r *Range) (int64, bool) { return r.From.value, r.From.kind == kindTime },
			func(e *edges, at int64) { e.from = at }},
		{wire.ReadUncommitted, func(r *Range) (int64, bool) { return r.To.value, r.To.kind == kindTime },
			func(e *edges, at int64) { e.to = at }},
	} {
		var lookups []cluster.Lookup
		var of []int
		for i := range ranges {
			if timestamp, wanted := q.timestamp(&ranges[i]); wanted && found[i].err == nil {
				lookups = append(lookups, cluster.Lookup{Topic: ranges[i].Topic, Partition: ranges[i].Partition,
					Timestamp: timestamp})
				of = append(of, i)
			}
		}
		if len(lookups) == 0 {
			continue
		}
		offsets, err := cluster.ListOffsets(ctx, client, leader, q.isolation, lookups)
		if err != nil {
			return nil, err
		}
		for j, i := range of {
			found[i].err = offsets[j].Err
			q.set(&found[i], offsets[j].Offset)
		}
	}
	return found, nil
}

// place puts partitions at the beginnings of their ranges. One that has been read from already stays where it is, if it
// can.
func (l *loop) place(found located) error {
	for i, p := range found.partitions {
		p.locating = false
		err := found.err
		if err == nil {
			err = found.edges[i].err
		}
		switch {
		case p.over:
			continue
		case err != nil:
			err = l.silent(p, found.leader, fmt.Errorf("where it begins and ends: %w", err))
		case p.at.Position == unknown:
			err = l.begin(p, found.edges[i])
		default:
			err = l.again(p, found.leader, found.edges[i])
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// begin fixes beginning and end.
func (l *loop) begin(p *partition, e edges) error {
	start, end := p.of.From.resolve(e, e.from), p.of.To.resolve(e, e.to)
	if p.of.From.kind == kindOffset && start > e.high || end > e.high && p.of.To.kind == kindOffset {
		return l.lacks(p, max(start, end-1), e.high)
	}
	end = max(start, end)
	p.moved()
	p.at.Start, p.at.End, p.at.Position, p.next = start, end, start, start
	if start == end {
		l.finish(p)
	} else if start < e.first {
		return l.fail(p, removed(&p.of, start, e.first))
	}
	return nil
}

// resolve is the place's offset, given that of its time.
func (p Place) resolve(e edges, ofTime int64) int64 {
	at := e.high
	switch p.kind {
	case kindEarliest:
		at = e.first
	case kindOffset:
		at = p.value
	case kindLastStable:
		at = e.stable
	case kindTime:
		if ofTime >= 0 {
			at = ofTime
		}
	}
	if p.stable {
		at = min(at, e.stable)
	}
	return at
}

// again looks at a position that a broker has called out of range.
func (l *loop) again(p *partition, leader int32, e edges) error {
	p.lost = false
	p.next = p.at.Position
	switch {
	case p.at.Position > e.high:
		return l.lacks(p, p.at.Position, e.high)
	case p.at.Position >= e.first:
		return l.silent(p, leader, cluster.Refused("Fetch", p.of.String(), int16(kafka.OffsetOutOfRange)))
	case p.of.From.kind == kindEarliest && p.at.Position == p.at.Start: // nothing of it has been read
		p.at.Start = min(e.first, p.at.End)
		l.advance(p, p.at.Start)
		p.next = p.at.Position
		return nil
	}
	return l.fail(p, removed(&p.of, p.at.Position, e.first))
}
