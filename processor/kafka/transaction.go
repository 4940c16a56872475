package kafka

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/protocol/addoffsetstotxn"
	"github.com/segmentio/kafka-go/protocol/addpartitionstotxn"
	"github.com/segmentio/kafka-go/protocol/endtxn"
	"github.com/segmentio/kafka-go/protocol/offsetcommit"
	"github.com/segmentio/kafka-go/protocol/txnoffsetcommit"

	"verdict/processor/kafka/cluster"
	"verdict/processor/kafka/wire"
)

// step repeats one request of a transaction until it is answered, or the transaction would have timed out. A topic that a broker
// does not know may be new to it; if it still is after a while, it was deleted, and the next transaction is to leave it out.
func (u *unit) step(ctx context.Context, request func(context.Context) error) error {
	began := time.Now()
	err := u.persist(ctx, func() error {
		err := request(ctx)
		if errors.Is(err, kafka.NotCoordinatorForGroup) { // nor for a transactional id
			u.client.ForgetCoordinators()
		}
		if errors.Is(err, kafka.UnknownTopicOrPartition) && time.Since(began) > stalledAfter {
			return cluster.GiveUp(err)
		}
		return err
	})
	if cluster.Classify(err) == cluster.ClassRetry {
		if !errors.Is(ctx.Err(), context.Canceled) { // nobody waits for it any more
			u.status.stall(u, err)
		}
		return cluster.GiveUp(err)
	}
	return err
}

func (u *unit) addPartitions(ctx context.Context, keys []outputKey) error {
	req := &wire.AddPartitionsRequest{TransactionalID: u.producer.transactionalID, ProducerID: u.producer.ID,
		ProducerEpoch: u.producer.Epoch}
	topics := map[string]int{}
	for _, key := range keys {
		i, ok := topics[key.topic]
		if !ok {
			i = len(req.Topics)
			topics[key.topic] = i
			req.Topics = append(req.Topics, wire.AddPartitionsTopic{Name: key.topic})
		}
		req.Topics[i].Partitions = append(req.Topics[i].Partitions, key.partition)
	}
	res, err := cluster.AskCoordinator[*addpartitionstotxn.Response](ctx, u.client, u.ownTransaction(), req)
	if err != nil {
		return err
	}
	var worst error
	for _, topic := range res.Results {
		for _, p := range topic.Results {
			err := cluster.Refused("AddPartitionsToTxn", fmt.Sprintf("%s/%d", topic.Name, p.PartitionIndex), p.ErrorCode)
			worst = cluster.WorseOf(worst, err)
		}
	}
	return worst
}

func (u *unit) addOffsets(ctx context.Context) error {
	res, err := cluster.AskCoordinator[*addoffsetstotxn.Response](ctx, u.client, u.ownTransaction(), &wire.AddOffsetsRequest{
		TransactionalID: u.producer.transactionalID, ProducerID: u.producer.ID, ProducerEpoch: u.producer.Epoch, GroupID: u.cfg.Group,
	})
	if err != nil {
		return err
	}
	return cluster.Refused("AddOffsetsToTxn", u.producer.what(), res.ErrorCode)
}

// noLeaderEpoch: 0 would be taken for an epoch, and a Java consumer of the group would see a truncation in it.
const noLeaderEpoch = -1

func (u *unit) commitOffsetsInTransaction(ctx context.Context, offsets []mark) error {
	req := &wire.TransactionOffsetsRequest{
		TransactionalID: u.producer.transactionalID, GroupID: u.cfg.Group, ProducerID: u.producer.ID, ProducerEpoch: u.producer.Epoch,
		GenerationID: u.member.generation, MemberID: u.member.member,
	}
	for _, m := range offsets {
		p := m.partition
		if n := len(req.Topics); n == 0 || req.Topics[n-1].Name != p.topic {
			req.Topics = append(req.Topics, wire.TransactionOffsetsTopic{Name: p.topic})
		}
		topic := &req.Topics[len(req.Topics)-1]
		topic.Partitions = append(topic.Partitions, wire.TransactionOffset{
			Partition: p.id, CommittedOffset: m.offset, CommittedLeaderEpoch: noLeaderEpoch,
			CommittedMetadata: u.producer.transactionalID,
		})
	}
	res, err := cluster.AskCoordinator[*txnoffsetcommit.Response](ctx, u.client, u.group(), req)
	if err != nil {
		return err
	}
	var worst error
	for _, topic := range res.Topics {
		for _, p := range topic.Partitions {
			err := cluster.Refused("TxnOffsetCommit", fmt.Sprintf("%s/%d", topic.Name, p.Partition), p.ErrorCode)
			worst = cluster.WorseOf(worst, err)
		}
	}
	return worst
}

func (u *unit) commitOffsets(ctx context.Context, offsets []mark) error {
	req := &wire.OffsetsRequest{
		GroupID: u.cfg.Group, GenerationID: u.member.generation, MemberID: u.member.member, RetentionTimeMs: -1,
	}
	for _, m := range offsets {
		p := m.partition
		if n := len(req.Topics); n == 0 || req.Topics[n-1].Name != p.topic {
			req.Topics = append(req.Topics, wire.OffsetsTopic{Name: p.topic})
		}
		topic := &req.Topics[len(req.Topics)-1]
		topic.Partitions = append(topic.Partitions, wire.Offset{
			PartitionIndex: p.id, CommittedOffset: m.offset, CommittedLeaderEpoch: noLeaderEpoch,
		})
	}
	res, err := cluster.AskCoordinator[*offsetcommit.Response](ctx, u.client, u.group(), req)
	if err != nil {
		return err
	}
	var worst error
	for _, topic := range res.Topics {
		for _, p := range topic.Partitions {
			err := cluster.Refused("OffsetCommit", fmt.Sprintf("%s/%d", topic.Name, p.PartitionIndex), p.ErrorCode)
			worst = cluster.WorseOf(worst, err)
		}
	}
	return worst
}

func (u *unit) endTransaction(ctx context.Context, commit bool) error {
	res, err := cluster.AskCoordinator[*endtxn.Response](ctx, u.client, u.ownTransaction(), &wire.EndRequest{
		TransactionalID: u.producer.transactionalID, ProducerID: u.producer.ID, ProducerEpoch: u.producer.Epoch, Committed: commit,
	})
	if err != nil {
		return err
	}
	return cluster.Refused("EndTxn", u.producer.what(), res.ErrorCode)
}

func (u *unit) ownTransaction() cluster.Coordinated {
	return cluster.TransactionOf(u.producer.transactionalID)
}

func (u *unit) group() cluster.Coordinated { return cluster.GroupOf(u.cfg.Group) }
