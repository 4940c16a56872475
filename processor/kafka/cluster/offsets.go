package cluster

import (
	"context"
	"fmt"

	"github.com/segmentio/kafka-go/protocol/listoffsets"

	"verdict/processor/kafka/wire"
)

// What to ask ListOffsets for; any other timestamp asks for the first offset whose record has that time or a later one.
const (
	// TimestampEarliest asks for the first offset that the log still has.
	TimestampEarliest = -2
	// TimestampLatest asks for the end of the log: the high watermark, or the last stable offset where the isolation is
	// read_committed.
	TimestampLatest = -1
)

// Lookup asks one partition for the offset of a timestamp (in milliseconds since 1970 UTC, or one of the constants).
type Lookup struct {
	Topic     string
	Partition int32
	Timestamp int64
}

// Offset answers a Lookup. Offset is -1 where no record has the time or a later one. Err is why the leader did not say.
type Offset struct {
	Offset int64
	Err    error
}

// ListOffsets asks one leader; the answers stand in the order of the lookups, which must not name a partition twice.
func ListOffsets(ctx context.Context, c *Client, leader int32, isolation int8, lookups []Lookup) ([]Offset, error) {
	req := &wire.ListOffsetsRequest{ReplicaID: -1, IsolationLevel: isolation}
	req.SendTo(leader)
	for _, l := range lookups {
		if n := len(req.Topics); n == 0 || req.Topics[n-1].Topic != l.Topic {
			req.Topics = append(req.Topics, listoffsets.RequestTopic{Topic: l.Topic})
		}
		topic := &req.Topics[len(req.Topics)-1]
		topic.Partitions = append(topic.Partitions,
			listoffsets.RequestPartition{Partition: l.Partition, CurrentLeaderEpoch: -1, Timestamp: l.Timestamp})
	}
	res, err := Ask[*listoffsets.Response](ctx, c, req)
	if err != nil {
		return nil, err
	}
	answers := map[Place]listoffsets.ResponsePartition{}
	for _, topic := range res.Topics {
		for _, p := range topic.Partitions {
			answers[Place{topic.Topic, p.Partition}] = p
		}
	}
	offsets := make([]Offset, len(lookups))
	for i, l := range lookups {
		what := Place{l.Topic, l.Partition}
		if p, ok := answers[what]; ok {
			offsets[i] = Offset{p.Offset, Refused("ListOffsets", what.String(), p.ErrorCode)}
		} else {
			offsets[i] = Offset{-1, fmt.Errorf("ListOffsets, %s: the answer lacks it", what)}
		}
	}
	return offsets, nil
}
