package kafka

import (
	"fmt"
	"time"

	"github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/protocol/listoffsets"
	"go.uber.org/zap"
)

const (
	timestampEarliest = -2
	timestampLatest   = -1

	unstablePause = 50 * time.Millisecond
)

// locate sets the positions of all partitions to the group's offsets, or to the earliest record where there are none.
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
		var committed map[string]map[int32]offsetFetchedPartition
		err := u.persist(u.ctx, func() (err error) {
			committed, err = u.fetchOffsets(exactlyOnce)
			return err
		})
		switch {
		case err == nil:
			return u.place(committed)
		case classify(err) != classUnstable:
			return err
		case time.Since(looked) > takeOverAfter:
			u.endAbandoned()
			looked = time.Now()
		}
		u.metrics.failed(classUnstable)
		if !sleep(u.ctx, unstablePause) {
			return u.ctx.Err()
		}
	}
}

func (u *unit) fetchOffsets(stable bool) (map[string]map[int32]offsetFetchedPartition, error) {
	req := &offsetFetchRequest{GroupID: u.cfg.Group, RequireStable: stable}
	for topic, ids := range u.byTopic() {
		req.Topics = append(req.Topics, offsetFetchTopic{Name: topic, Partitions: ids})
	}
	res, err := ask[*offsetFetchResponse](u.ctx, u.client, req)
	if err != nil {
		return nil, err
	}
	if err := refused("OffsetFetch", "group "+u.cfg.Group, res.ErrorCode); err != nil {
		return nil, err
	}
	committed := map[string]map[int32]offsetFetchedPartition{}
	for _, topic := range res.Topics {
		committed[topic.Name] = map[int32]offsetFetchedPartition{}
		for _, p := range topic.Partitions {
			if err := refused("OffsetFetch", fmt.Sprintf("%s/%d", topic.Name, p.Partition), p.ErrorCode); err != nil {
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

func (u *unit) place(committed map[string]map[int32]offsetFetchedPartition) error {
	for _, p := range u.partitions {
		at, ok := committed[p.topic][p.id]
		if !ok {
			return fmt.Errorf("OffsetFetch, %s: the answer lacks it", p)
		}
		p.committed, p.claimed, p.position, p.owner = at.Offset, at.Offset, at.Offset, at.Metadata
		if at.Offset >= 0 {
			continue
		}
		var earliest int64
		err := u.persist(u.ctx, func() (err error) {
			earliest, err = u.listOffset(p, timestampEarliest)
			return err
		})
		if err != nil {
			return err
		}
		p.committed, p.claimed, p.position = -1, -1, earliest
	}
	return nil
}

func (u *unit) listOffset(p *partition, timestamp int64) (int64, error) {
	res, err := ask[*listoffsets.Response](u.ctx, u.client, &listoffsets.Request{ReplicaID: -1, Topics: []listoffsets.RequestTopic{{
		Topic: p.topic, Partitions: []listoffsets.RequestPartition{{Partition: p.id, CurrentLeaderEpoch: -1, Timestamp: timestamp}},
	}}})
	if err != nil {
		return 0, err
	}
	if len(res.Topics) != 1 || len(res.Topics[0].Partitions) != 1 {
		return 0, fmt.Errorf("ListOffsets, %s: the answer lacks it", p)
	}
	answer := res.Topics[0].Partitions[0]
	return answer.Offset, refused("ListOffsets", p.String(), answer.ErrorCode)
}

// outOfRange deals with a position that the log does not have. To go on elsewhere would lose records or decide some twice, without
// anybody knowing, so the runner ends, unless there was no offset at all yet.
func (u *unit) outOfRange(p *partition) error {
	first, err := u.listOffset(p, timestampEarliest)
	if err != nil {
		return u.pauseAfter(p, err)
	}
	next, err := u.listOffset(p, timestampLatest)
	if err != nil {
		return u.pauseAfter(p, err)
	}
	switch {
	case p.position < first && p.committed < 0:
		p.position = first // retention was faster than the start of a new group
		return nil
	case p.position >= first && p.position <= next, p.stumbles < 5:
		return u.pauseAfter(p, refused("Fetch", p.String(), int16(kafka.OffsetOutOfRange)))
	case p.position < first:
		return fatal("%s: the next record to read is at offset %d, but the topic now begins at %d: %d offsets were removed before they were decided. "+
			"If they are given up, set the offset of group %s deliberately (kafka-consumer-groups --reset-offsets) and start again",
			p, p.position, first, first-p.position, u.cfg.Group)
	default:
		return fatal("%s: the next record to read is at offset %d, but the topic ends at %d: it was created anew, or has lost records. "+
			"Set the offset of group %s deliberately (kafka-consumer-groups --reset-offsets) and start again", p, p.position, next,
			u.cfg.Group)
	}
}

func (u *unit) pauseAfter(p *partition, err error) error {
	if classify(err) == classFatal {
		return err
	}
	p.stumbles++
	p.pausedUntil = time.Now().Add(pause(p.stumbles))
	u.log.Warn("a partition's offset is out of range; looking again", p.field(), zap.Int64("offset", p.position), zap.Error(err))
	return nil
}
