package kafka

import (
	"fmt"
	"time"

	"github.com/segmentio/kafka-go/protocol/listoffsets"

	"verdict/processor/kafka/cluster"
	"verdict/processor/kafka/wire"
)

const (
	timestampEarliest = -2
	timestampLatest   = -1

	unstablePause = 50 * time.Millisecond
)

// locate sets the positions of all partitions to the group's offsets; where there are none, it leaves them to seek.
//
// The offsets are fetched stable: as long as a transaction that would move one of them is open, the broker says so (88)
// instead of giving the old one. Nothing may be read before.
func (u *unit) locate() error {
	exactlyOnce := u.cfg.Delivery == DeliveryExactlyOnce
	if exactlyOnce {
		u.endAbandoned()
	}
	looked := time.Now()
	for {
		var committed map[string]map[int32]wire.OffsetFetchedPartition
		err := u.persist(u.ctx, func() (err error) {
			committed, err = u.fetchOffsets(exactlyOnce)
			return err
		})
		switch {
		case err == nil:
			return u.place(committed)
		case cluster.Classify(err) != cluster.ClassUnstable:
			return err
		case time.Since(looked) > takeOverAfter:
			u.endAbandoned()
			looked = time.Now()
		}
		u.metrics.failed(cluster.ClassUnstable)
		if !cluster.Sleep(u.ctx, unstablePause) {
			return u.ctx.Err()
		}
	}
}

func (u *unit) fetchOffsets(stable bool) (map[string]map[int32]wire.OffsetFetchedPartition, error) {
	req := &wire.OffsetFetchRequest{GroupID: u.cfg.Group, RequireStable: stable}
	for topic, ids := range u.byTopic() {
		req.Topics = append(req.Topics, wire.OffsetFetchTopic{Name: topic, Partitions: ids})
	}
	res, err := cluster.Ask[*wire.OffsetFetchResponse](u.ctx, u.client, req)
	if err != nil {
		return nil, err
	}
	if err := cluster.Refused("OffsetFetch", "group "+u.cfg.Group, res.ErrorCode); err != nil {
		return nil, err
	}
	committed := map[string]map[int32]wire.OffsetFetchedPartition{}
	for _, topic := range res.Topics {
		committed[topic.Name] = map[int32]wire.OffsetFetchedPartition{}
		for _, p := range topic.Partitions {
			if err := cluster.Refused("OffsetFetch", fmt.Sprintf("%s/%d", topic.Name, p.Partition), p.ErrorCode); err != nil {
				return nil, err
			}
			committed[topic.Name][p.Partition] = p
		}
	}
	return committed, nil
}

func (u *unit) byTopic() map[string][]int32 {
	ids := map[string][]int32{}
	for _, p := range u.partitions {
		ids[p.topic] = append(ids[p.topic], p.id)
	}
	return ids
}

func (u *unit) place(committed map[string]map[int32]wire.OffsetFetchedPartition) error {
	for _, p := range u.partitions {
		at, ok := committed[p.topic][p.id]
		if !ok {
			return fmt.Errorf("OffsetFetch, %s: the answer lacks it", p)
		}
		offset := max(at.Offset, unknown)
		p.committed, p.claimed, p.closed, p.position, p.owner = offset, offset, offset, offset, at.Metadata
	}
	return nil
}

func (u *unit) listOffset(p *partition, timestamp int64) (int64, error) {
	res, err := cluster.Ask[*listoffsets.Response](u.ctx, u.client, listOffsets([]*partition{p}, timestamp))
	if err != nil {
		return 0, err
	}
	return offsetOf(p, res)
}

func listOffsets(list []*partition, timestamp int64) *listoffsets.Request {
	req := &listoffsets.Request{ReplicaID: -1}
	for _, p := range list {
		req.Topics = append(req.Topics, listoffsets.RequestTopic{Topic: p.topic, Partitions: []listoffsets.RequestPartition{
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
