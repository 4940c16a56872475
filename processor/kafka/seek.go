package kafka

import (
	"context"
	"fmt"

	"github.com/segmentio/kafka-go/protocol/listoffsets"

	"verdict/processor/kafka/cluster"
)

// A partition that the group has no offset of begins at its earliest record. Its leader is asked for that beside the
// unit's work: one that cannot be asked now keeps none of the others waiting. Until then its position is unknown, and
// it is neither fetched nor committed. A rollback looks for the group's offset again, as of all partitions.

// unknown is the position of a partition whose beginning is not known yet.
const unknown = -1

// foundBeginnings is one leader's answer to where partitions begin.
type foundBeginnings struct {
	partitions []*partition
	answer     *listoffsets.Response
	err        error
}

// seek asks a leader for the beginning of partitions; the result comes through f.found.
func (f *fetcher) seek(list []*partition) {
	for _, p := range list {
		p.fetching.seeking = true
	}
	ctx, client, req, found := f.ctx, f.client, listOffsets(list, timestampEarliest), f.found
	f.running.Go(func() { seek(ctx, client, req, foundBeginnings{partitions: list}, found) })
}

// seek runs beside the unit. It is given all that it may touch.
func seek(ctx context.Context, c *cluster.Client, req *listoffsets.Request, to foundBeginnings,
	found chan<- foundBeginnings) {
	to.answer, to.err = cluster.Ask[*listoffsets.Response](ctx, c, req)
	select {
	case found <- to:
	case <-ctx.Done():
	}
}

// placeAtBeginning puts partitions where their logs begin. One whose beginning is not to be had is asked for again
// after a pause.
func (f *fetcher) placeAtBeginning(s foundBeginnings) error {
	for _, p := range s.partitions {
		p.fetching.seeking = false
		if p.position != unknown {
			continue // a rollback has found the group's offset
		}
		earliest, err := s.beginning(p)
		switch {
		case err == nil:
			p.position = earliest
			f.held.reached(p)
		case f.ctx.Err() != nil:
			return nil
		case cluster.Classify(err) == cluster.ClassFatal:
			return err
		default:
			f.stumble(p, err)
		}
	}
	return nil
}

func (s *foundBeginnings) beginning(p *partition) (int64, error) {
	if s.err != nil {
		return 0, fmt.Errorf("where %s begins: %w", p, s.err)
	}
	return offsetOf(p, s.answer)
}

const (
	timestampEarliest = -2
	timestampLatest   = -1
)

func (f *fetcher) listOffset(p *partition, timestamp int64) (int64, error) {
	res, err := cluster.Ask[*listoffsets.Response](f.ctx, f.client, listOffsets([]*partition{p}, timestamp))
	if err != nil {
		return 0, err
	}
	return offsetOf(p, res)
}

func listOffsets(list []*partition, timestamp int64) *listoffsets.Request {
	req := &listoffsets.Request{ReplicaID: -1}
	for _, p := range list {
		req.Topics = append(req.Topics, listoffsets.RequestTopic{Topic: p.topic,
			Partitions: []listoffsets.RequestPartition{
				{Partition: p.id, CurrentLeaderEpoch: -1, Timestamp: timestamp},
			}})
	}
	return req
}

// offsetOf finds a partition's offset in an answer.
func offsetOf(p *partition, answer *listoffsets.Response) (int64, error) {
	for _, topic := range answer.Topics {
		for _, at := range topic.Partitions {
			if topic.Topic == p.topic && at.Partition == p.id {
				return at.Offset, cluster.Refused("ListOffsets", p.String(), at.ErrorCode)
			}
		}
	}
	return 0, fmt.Errorf("ListOffsets, %s: the answer lacks it", p)
}
