package scan

import (
	"context"
	"fmt"
	"time"

	"github.com/segmentio/kafka-go"

	"verdict/processor/kafka/cluster"
	"verdict/processor/kafka/wire"
)

// edge is what a leader is asked about a partition, one after the other: a request must not name a partition twice. The
// high watermark comes before the last stable offset, so that it is never the younger one.
type edge uint8

const (
	edgeFirst  edge = iota // the earliest offset
	edgeHigh               // the high watermark
	edgeStable             // the last stable offset
	edgeFrom               // the offset of the time at which the range begins
	edgeTo                 // and ends; -1: no such record
	numEdges
)

// edges are offsets of one partition; those that the range does not need are 0.
type edges struct {
	at  [numEdges]int64
	err error
}

// asks says how to ask for an edge, if the range needs it.
func (r *Range) asks(e edge) (timestamp int64, isolation int8, needed bool) {
	switch e {
	case edgeFirst:
		return cluster.TimestampEarliest, wire.ReadUncommitted, true
	case edgeHigh:
		return cluster.TimestampLatest, wire.ReadUncommitted, true
	case edgeStable:
		return cluster.TimestampLatest, wire.ReadCommitted, r.From.stable || r.To.stable
	case edgeFrom:
		return r.From.value, wire.ReadUncommitted, r.From.kind == kindTime
	case edgeTo:
		return r.To.value, wire.ReadUncommitted, r.To.kind == kindTime
	default:
		return 0, 0, false
	}
}

// located is what one leader said about the edges of partitions.
type located struct {
	leader     int32
	partitions []*partition
	edges      []edges
	err        error
	arrived    time.Time
}

// locate asks a leader for the edges of partitions; the answer comes through l.located.
func (l *loop) locate(ctx context.Context, leader int32, list []*partition) {
	ranges := make([]Range, len(list))
	for i, p := range list {
		ranges[i] = p.of
		p.locating = true
		p.waited(p.queued)
	}
	l.asking.Go(func() {
		e, err := lookUp(ctx, l.client, leader, ranges)
		arrived := time.Now()
		select {
		case l.located <- located{leader, list, e, err, arrived}:
		case <-ctx.Done():
		}
	})
}

func lookUp(ctx context.Context, client *cluster.Client, leader int32, ranges []Range) ([]edges, error) {
	found := make([]edges, len(ranges))
	for e := range numEdges {
		var lookups []cluster.Lookup
		var of []int
		isolation := int8(0)
		for i := range ranges {
			r := &ranges[i]
			timestamp, level, needed := r.asks(e)
			if needed && found[i].err == nil {
				lookups = append(lookups, cluster.Lookup{Topic: r.Topic, Partition: r.Partition, Timestamp: timestamp})
				of, isolation = append(of, i), level
			}
		}
		if len(lookups) == 0 {
			continue
		}
		offsets, err := cluster.ListOffsets(ctx, client, leader, isolation, lookups)
		if err != nil {
			return nil, err
		}
		for j, i := range of {
			found[i].at[e], found[i].err = offsets[j].Offset, offsets[j].Err
		}
	}
	return found, nil
}

// place puts partitions at the beginnings of their ranges. One that has been read from already stays where it is, if it
// can.
func (l *loop) place(found located) error {
	for i, p := range found.partitions {
		p.locating = false
		p.waited(found.arrived)
		err, e := found.err, &edges{}
		if err == nil {
			e = &found.edges[i]
			err = e.err
		}
		switch {
		case p.over:
			continue
		case err != nil:
			err = l.silent(p, found.leader, fmt.Errorf("where it begins and ends: %w", err))
		case p.at.Position == unknown:
			err = l.begin(p, e)
		default:
			err = l.again(p, found.leader, e)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// begin fixes beginning and end.
func (l *loop) begin(p *partition, e *edges) error {
	first, high := e.at[edgeFirst], e.at[edgeHigh]
	start, end := p.of.From.resolve(e, edgeFrom), p.of.To.resolve(e, edgeTo)
	switch {
	case p.of.From.kind == kindOffset && start > high:
		return l.lacks(p, start, high)
	case p.of.To.kind == kindOffset && end > high:
		return l.lacks(p, end-1, high)
	}
	end = max(start, end)
	p.moved()
	p.at.Start, p.at.End, p.at.Position, p.next = start, end, start, start
	if l.opts.onlyEnds {
		p.at.bounds = Bounds{First: first, Stable: min(e.at[edgeStable], high), High: high}
	}
	switch {
	case start == end || l.opts.onlyEnds:
		l.finish(p)
	case start < first:
		return l.fail(p, removed(&p.of, start, first))
	}
	return nil
}

// resolve is the place's offset; that of its time is at the edge ofTime.
func (p Place) resolve(e *edges, ofTime edge) int64 {
	at := e.at[edgeHigh]
	switch p.kind {
	case kindUnspecified, kindHighWatermark, kindLastStable:
	case kindEarliest:
		at = e.at[edgeFirst]
	case kindOffset:
		at = p.value
	case kindTime:
		if e.at[ofTime] >= 0 {
			at = e.at[ofTime]
		}
	}
	if p.stable {
		at = min(at, e.at[edgeStable])
	}
	return at
}

// again looks at a position that a broker has called out of range.
func (l *loop) again(p *partition, leader int32, e *edges) error {
	p.lost = false
	p.next = p.at.Position
	first, high := e.at[edgeFirst], e.at[edgeHigh]
	switch {
	case p.at.Position > high:
		return l.lacks(p, p.at.Position, high)
	case p.at.Position >= first:
		return l.silent(p, leader, cluster.Refused("Fetch", p.of.String(), int16(kafka.OffsetOutOfRange)))
	case p.of.From.kind == kindEarliest && p.at.Position == p.at.Start: // nothing of it has been read
		p.at.Start = min(first, p.at.End)
		l.advance(p, p.at.Start)
		p.next = p.at.Position
		return nil
	}
	return l.fail(p, removed(&p.of, p.at.Position, first))
}
