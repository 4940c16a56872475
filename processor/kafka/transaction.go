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
)

// step repeats one request of a transaction until it is answered, or the transaction would have timed out. A topic that a broker
// does not know may be new to it; if it still is after a while, it was deleted, and the next transaction is to leave it out.
func (u *unit) step(ctx context.Context, request func(context.Context) error) error {
	began := time.Now()
	err := u.persist(ctx, func() error {
		err := request(ctx)
		if errors.Is(err, kafka.NotCoordinatorForGroup) { // nor for a transactional id
			u.client.coordinators.forget()
		}
		if errors.Is(err, kafka.UnknownTopicOrPartition) && time.Since(began) > stalledAfter {
			return gaveUp{err}
		}
		return err
	})
	if classify(err) == classRetry {
		if !errors.Is(ctx.Err(), context.Canceled) { // nobody waits for it any more
			u.status.stall(u, err)
		}
		return gaveUp{err}
	}
	return err
}

func (u *unit) addPartitions(ctx context.Context, keys []outputKey) error {
	req := &addPartitionsRequest{TransactionalID: u.producer.transactionalID, ProducerID: u.producer.id,
		ProducerEpoch: u.producer.epoch}
	topics := map[string]int{}
	for _, key := range keys {
		i, ok := topics[key.topic]
		if !ok {
			i = len(req.Topics)
			topics[key.topic] = i
			req.Topics = append(req.Topics, addPartitionsTopic{Name: key.topic})
		}
		req.Topics[i].Partitions = append(req.Topics[i].Partitions, key.partition)
	}
	res, err := askCoordinator[*addpartitionstotxn.Response](ctx, u.client, u.ownTransaction(), req)
	if err != nil {
		return err
	}
	var worst error
	for _, topic := range res.Results {
		for _, p := range topic.Results {
			err := refused("AddPartitionsToTxn", fmt.Sprintf("%s/%d", topic.Name, p.PartitionIndex), p.ErrorCode)
			worst = worseOf(worst, err)
		}
	}
	return worst
}

// worseOf picks the error that decides; brokers answer 55 (not attempted) for the partitions beside the one that failed.
func worseOf(a, b error) error {
	if classify(b) > classify(a) {
		return b
	}
	return a
}

func (u *unit) addOffsets(ctx context.Context) error {
	res, err := askCoordinator[*addoffsetstotxn.Response](ctx, u.client, u.ownTransaction(), &addOffsetsRequest{
		TransactionalID: u.producer.transactionalID, ProducerID: u.producer.id, ProducerEpoch: u.producer.epoch, GroupID: u.cfg.Group,
	})
	if err != nil {
		return err
	}
	return refused("AddOffsetsToTxn", u.producer.what(), res.ErrorCode)
}

// noLeaderEpoch: 0 would be taken for an epoch, and a Java consumer of the group would see a truncation in it.
const noLeaderEpoch = -1

func (u *unit) commitOffsetsInTransaction(ctx context.Context, offsets []mark) error {
	req := &transactionOffsetsRequest{
		TransactionalID: u.producer.transactionalID, GroupID: u.cfg.Group, ProducerID: u.producer.id, ProducerEpoch: u.producer.epoch,
		GenerationID: u.member.generation, MemberID: u.member.member,
	}
	for _, m := range offsets {
		p := m.partition
		if n := len(req.Topics); n == 0 || req.Topics[n-1].Name != p.topic {
			req.Topics = append(req.Topics, transactionOffsetsTopic{Name: p.topic})
		}
		topic := &req.Topics[len(req.Topics)-1]
		topic.Partitions = append(topic.Partitions, transactionOffset{
			Partition: p.id, CommittedOffset: m.offset, CommittedLeaderEpoch: noLeaderEpoch,
			CommittedMetadata: u.producer.transactionalID,
		})
	}
	res, err := askCoordinator[*txnoffsetcommit.Response](ctx, u.client, u.group(), req)
	if err != nil {
		return err
	}
	var worst error
	for _, topic := range res.Topics {
		for _, p := range topic.Partitions {
			err := refused("TxnOffsetCommit", fmt.Sprintf("%s/%d", topic.Name, p.Partition), p.ErrorCode)
			worst = worseOf(worst, err)
		}
	}
	return worst
}

func (u *unit) commitOffsets(ctx context.Context, offsets []mark) error {
	req := &offsetsRequest{
		GroupID: u.cfg.Group, GenerationID: u.member.generation, MemberID: u.member.member, RetentionTimeMs: -1,
	}
	for _, m := range offsets {
		p := m.partition
		if n := len(req.Topics); n == 0 || req.Topics[n-1].Name != p.topic {
			req.Topics = append(req.Topics, offsetsTopic{Name: p.topic})
		}
		topic := &req.Topics[len(req.Topics)-1]
		topic.Partitions = append(topic.Partitions, offset{
			PartitionIndex: p.id, CommittedOffset: m.offset, CommittedLeaderEpoch: noLeaderEpoch,
		})
	}
	res, err := askCoordinator[*offsetcommit.Response](ctx, u.client, u.group(), req)
	if err != nil {
		return err
	}
	var worst error
	for _, topic := range res.Topics {
		for _, p := range topic.Partitions {
			err := refused("OffsetCommit", fmt.Sprintf("%s/%d", topic.Name, p.PartitionIndex), p.ErrorCode)
			worst = worseOf(worst, err)
		}
	}
	return worst
}

func (u *unit) endTransaction(ctx context.Context, commit bool) error {
	res, err := askCoordinator[*endtxn.Response](ctx, u.client, u.ownTransaction(), &endRequest{
		TransactionalID: u.producer.transactionalID, ProducerID: u.producer.id, ProducerEpoch: u.producer.epoch, Committed: commit,
	})
	if err != nil {
		return err
	}
	return refused("EndTxn", u.producer.what(), res.ErrorCode)
}
