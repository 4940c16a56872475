package kafka

import (
	"context"
	"fmt"

	"verdict/processor/kafka/cluster"
	"verdict/processor/kafka/wire"
)

// A partition that the group has no offset of begins at its earliest record. Its leader is asked for that beside the
// unit's work: one that cannot be asked now keeps none of the others waiting. Until then its position is unknown, and
// it is neither fetched nor committed. A rollback looks for the group's offset again, as of all partitions.

// unknown is the position of a partition whose beginning is not known yet.
const unknown = -1

// foundBeginnings is one leader's answer to where partitions begin.
type foundBeginnings struct {
	partitions []*partition
	offsets    []cluster.Offset // of each partition
	err        error            // instead of them
}

// seek asks a leader for the beginning of partitions; the result comes through f.found.
func (f *fetcher) seek(leader int32, list []*partition) {
	lookups := make([]cluster.Lookup, len(list))
	for i, p := range list {
		p.fetching.seeking = true
		lookups[i] = cluster.Lookup{Topic: p.topic, Partition: p.id, Timestamp: cluster.TimestampEarliest}
	}
	ctx, client, found := f.ctx, f.client, f.found
	f.running.Go(func() { seek(ctx, client, leader, lookups, foundBeginnings{partitions: list}, found) })
}

// seek runs beside the unit. It is given all that it may touch.
func seek(ctx context.Context, c *cluster.Client, leader int32, lookups []cluster.Lookup, to foundBeginnings,
	found chan<- foundBeginnings) {
	to.offsets, to.err = cluster.ListOffsets(ctx, c, leader, wire.ReadUncommitted, lookups)
	select {
	case found <- to:
	case <-ctx.Done():
	}
}

// placeAtBeginning puts partitions where their logs begin. One whose beginning is not to be had is asked for again
// after a pause.
func (f *fetcher) placeAtBeginning(s foundBeginnings) error {
	for i, p := range s.partitions {
		p.fetching.seeking = false
		if p.position != unknown || p.waits() {
			continue // a rollback has found the group's offset, or the state that is not there yet will tell
		}
		earliest, err := s.beginning(i)
		switch {
		case err == nil:
			p.position, p.begins = earliest, earliest
			f.held.reached(p)
		case f.ended():
			return nil
		case cluster.Classify(err) == cluster.ClassFatal:
			return err
		default:
			f.stumble(p, err)
		}
	}
	return nil
}

func (s *foundBeginnings) beginning(i int) (int64, error) {
	if s.err != nil {
		return 0, fmt.Errorf("where %s begins: %w", s.partitions[i], s.err)
	}
	return s.offsets[i].Offset, s.offsets[i].Err
}

// lookUp asks a partition's leader for the offset of a timestamp, while the unit waits.
func (f *fetcher) lookUp(p *partition, timestamp int64) (int64, error) {
	found, err := cluster.ListOffsets(f.ctx, f.client, f.layout.Leader(p.topic, p.id), wire.ReadUncommitted,
		[]cluster.Lookup{{Topic: p.topic, Partition: p.id, Timestamp: timestamp}})
	if err != nil {
		return 0, err
	}
	return found[0].Offset, found[0].Err
}
