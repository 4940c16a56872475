package transact

import (
	"context"
	"fmt"
	"time"

	"github.com/segmentio/kafka-go/protocol/addoffsetstotxn"
	"github.com/segmentio/kafka-go/protocol/addpartitionstotxn"
	"github.com/segmentio/kafka-go/protocol/endtxn"
	"github.com/segmentio/kafka-go/protocol/offsetcommit"
	"github.com/segmentio/kafka-go/protocol/txnoffsetcommit"

	"verdict/processor/kafka/cluster"
	"verdict/processor/kafka/wire"
)

// Offset is where the group goes on in a partition of a raw topic.
type Offset struct {
	Topic     string
	Partition int32
	Next      int64
	// Note is told beside the offset, with its Mark.
	Note Note
}

// mark is the metadata of an offset that is committed now.
func (s *Session) mark(o Offset, rules string) string {
	return Mark{Rules: rules, Time: time.Now().UnixMilli(), TransactionalID: s.who.TransactionalID,
		Note: o.Note}.String()
}

func (s *Session) addPartitions(ctx context.Context, keys []Key) error {
	topics := cluster.ByTopic(keys, func(k Key) string { return k.Topic },
		func(topic string) wire.AddPartitionsTopic { return wire.AddPartitionsTopic{Name: topic} },
		func(t *wire.AddPartitionsTopic, k Key) { t.Partitions = append(t.Partitions, k.Partition) })
	res, err := cluster.AskCoordinator[*addpartitionstotxn.Response](ctx, s.client, s.ownTransaction(),
		&wire.AddPartitionsRequest{
			TransactionalID: s.who.TransactionalID, ProducerID: s.producer.ID, ProducerEpoch: s.producer.Epoch,
			Topics: topics,
		})
	if err != nil {
		return err
	}
	var worst error
	for _, topic := range res.Results {
		for _, p := range topic.Results {
			worst = cluster.WorseOf(worst, refusedPartition("AddPartitionsToTxn", topic.Name, p.PartitionIndex,
				p.ErrorCode))
		}
	}
	return worst
}

func (s *Session) addOffsets(ctx context.Context) error {
	res, err := cluster.AskCoordinator[*addoffsetstotxn.Response](ctx, s.client, s.ownTransaction(),
		&wire.AddOffsetsRequest{
			TransactionalID: s.who.TransactionalID, ProducerID: s.producer.ID, ProducerEpoch: s.producer.Epoch,
			GroupID: s.who.Group,
		})
	if err != nil {
		return err
	}
	return cluster.Refused("AddOffsetsToTxn", s.what(), res.ErrorCode)
}

// noLeaderEpoch: 0 would be taken for an epoch, and a Java consumer of the group would see a truncation in it.
const noLeaderEpoch = -1

func (s *Session) commitOffsetsInTransaction(ctx context.Context, d *Delivery) error {
	topics := cluster.ByTopic(d.Offsets, func(o Offset) string { return o.Topic },
		func(topic string) wire.TransactionOffsetsTopic { return wire.TransactionOffsetsTopic{Name: topic} },
		func(t *wire.TransactionOffsetsTopic, o Offset) {
			t.Partitions = append(t.Partitions, wire.TransactionOffset{Partition: o.Partition, CommittedOffset: o.Next,
				CommittedLeaderEpoch: noLeaderEpoch, CommittedMetadata: s.mark(o, d.Rules)})
		})
	res, err := cluster.AskCoordinator[*txnoffsetcommit.Response](ctx, s.client, s.group(),
		&wire.TransactionOffsetsRequest{
			TransactionalID: s.who.TransactionalID, GroupID: s.who.Group, ProducerID: s.producer.ID,
			ProducerEpoch: s.producer.Epoch,
			GenerationID:  s.who.Generation, MemberID: s.who.Member, Topics: topics,
		})
	if err != nil {
		return err
	}
	var worst error
	for _, topic := range res.Topics {
		for _, p := range topic.Partitions {
			worst = cluster.WorseOf(worst, refusedPartition("TxnOffsetCommit", topic.Name, p.Partition, p.ErrorCode))
		}
	}
	return worst
}

func (s *Session) commitOffsets(ctx context.Context, d *Delivery) error {
	topics := cluster.ByTopic(d.Offsets, func(o Offset) string { return o.Topic },
		func(topic string) wire.OffsetsTopic { return wire.OffsetsTopic{Name: topic} },
		func(t *wire.OffsetsTopic, o Offset) {
			t.Partitions = append(t.Partitions, wire.Offset{PartitionIndex: o.Partition, CommittedOffset: o.Next,
				CommittedLeaderEpoch: noLeaderEpoch, CommittedMetadata: s.mark(o, d.Rules)})
		})
	res, err := cluster.AskCoordinator[*offsetcommit.Response](ctx, s.client, s.group(), &wire.OffsetsRequest{
		GroupID: s.who.Group, GenerationID: s.who.Generation, MemberID: s.who.Member, RetentionTimeMs: -1,
		Topics: topics,
	})
	if err != nil {
		return err
	}
	var worst error
	for _, topic := range res.Topics {
		for _, p := range topic.Partitions {
			worst = cluster.WorseOf(worst, refusedPartition("OffsetCommit", topic.Name, p.PartitionIndex, p.ErrorCode))
		}
	}
	return worst
}

func (s *Session) endTransaction(ctx context.Context, commit bool) error {
	res, err := cluster.AskCoordinator[*endtxn.Response](ctx, s.client, s.ownTransaction(), &wire.EndRequest{
		TransactionalID: s.who.TransactionalID, ProducerID: s.producer.ID, ProducerEpoch: s.producer.Epoch,
		Committed: commit,
	})
	if err != nil {
		return err
	}
	return cluster.Refused("EndTxn", s.what(), res.ErrorCode)
}

func refusedPartition(api, topic string, partition int32, code int16) error {
	if code == 0 {
		return nil
	}
	return cluster.Refused(api, fmt.Sprintf("%s/%d", topic, partition), code)
}

func (s *Session) ownTransaction() cluster.Coordinated {
	return cluster.TransactionOf(s.who.TransactionalID)
}

func (s *Session) group() cluster.Coordinated { return cluster.GroupOf(s.who.Group) }
