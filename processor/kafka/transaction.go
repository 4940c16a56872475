package kafka

import (
	"context"
	"fmt"
	"time"

	"github.com/segmentio/kafka-go/protocol/addoffsetstotxn"
	"github.com/segmentio/kafka-go/protocol/addpartitionstotxn"
	"github.com/segmentio/kafka-go/protocol/endtxn"
	"github.com/segmentio/kafka-go/protocol/offsetcommit"
	"github.com/segmentio/kafka-go/protocol/txnoffsetcommit"
)

// commit publishes what the batch holds and moves the group's offsets, in one transaction or (at least once) one after the
// other. After an error nothing of the batch counts; settle says how to go on.
func (u *unit) commit() error {
	start := time.Now()
	ctx, cancel := context.WithTimeout(u.drain, u.cfg.TransactionTimeout)
	defer cancel()
	if err := u.outputs.deflate(); err != nil {
		return fatal("compress a batch: %w", err)
	}
	deliver := u.deliverOnce
	if u.cfg.Delivery == DeliveryAtLeastOnce {
		deliver = u.deliverAtLeastOnce
	}
	if err := deliver(ctx); err != nil {
		return err
	}
	u.committed(start)
	return nil
}

// deliverOnce is one transaction. The order is the protocol's: partitions before records, the group before its offsets.
func (u *unit) deliverOnce(ctx context.Context) error {
	u.batch.begun = true
	if !u.outputs.empty() {
		if err := u.step(ctx, u.addPartitions); err != nil {
			return err
		}
		if err := u.publish(ctx); err != nil {
			return err
		}
	}
	if err := u.step(ctx, u.addOffsets); err != nil {
		return err
	}
	if err := u.step(ctx, u.commitOffsetsInTransaction); err != nil {
		return err
	}
	err := u.step(ctx, func(ctx context.Context) error { return u.endTransaction(ctx, true) })
	if err == nil {
		u.batch.begun = false
	}
	return err
}

func (u *unit) deliverAtLeastOnce(ctx context.Context) error {
	if err := u.publish(ctx); err != nil {
		return err
	}
	return u.step(ctx, u.commitOffsets)
}

// step repeats one request of a transaction until it is answered, or the transaction would have timed out.
func (u *unit) step(ctx context.Context, request func(context.Context) error) error {
	err := u.persist(ctx, func() error { return request(ctx) })
	if classify(err) == classRetry {
		return gaveUp{err}
	}
	return err
}

func (u *unit) addPartitions(ctx context.Context) error {
	req := &addpartitionstotxn.Request{TransactionalID: u.producer.transactionalID, ProducerID: u.producer.id,
		ProducerEpoch: u.producer.epoch}
	topics := map[string]int{}
	for _, key := range u.outputs.keys {
		i, ok := topics[key.topic]
		if !ok {
			i = len(req.Topics)
			topics[key.topic] = i
			req.Topics = append(req.Topics, addpartitionstotxn.RequestTopic{Name: key.topic})
		}
		req.Topics[i].Partitions = append(req.Topics[i].Partitions, key.partition)
	}
	res, err := ask[*addpartitionstotxn.Response](ctx, u.client, req)
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
	res, err := ask[*addoffsetstotxn.Response](ctx, u.client, &addoffsetstotxn.Request{
		TransactionalID: u.producer.transactionalID, ProducerID: u.producer.id, ProducerEpoch: u.producer.epoch, GroupID: u.cfg.Group,
	})
	if err != nil {
		return err
	}
	return refused("AddOffsetsToTxn", u.producer.what(), res.ErrorCode)
}

// noLeaderEpoch: 0 would be taken for an epoch, and a Java consumer of the group would see a truncation in it.
const noLeaderEpoch = -1

func (u *unit) commitOffsetsInTransaction(ctx context.Context) error {
	req := &txnoffsetcommit.Request{
		TransactionalID: u.producer.transactionalID, GroupID: u.cfg.Group, ProducerID: u.producer.id, ProducerEpoch: u.producer.epoch,
		GenerationID: u.member.generation, MemberID: u.member.member,
	}
	for _, p := range u.moved() {
		if n := len(req.Topics); n == 0 || req.Topics[n-1].Name != p.topic {
			req.Topics = append(req.Topics, txnoffsetcommit.RequestTopic{Name: p.topic})
		}
		topic := &req.Topics[len(req.Topics)-1]
		topic.Partitions = append(topic.Partitions, txnoffsetcommit.RequestPartition{
			Partition: p.id, CommittedOffset: p.position, CommittedLeaderEpoch: noLeaderEpoch,
			CommittedMetadata: u.producer.transactionalID,
		})
	}
	res, err := ask[*txnoffsetcommit.Response](ctx, u.client, req)
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

func (u *unit) commitOffsets(ctx context.Context) error {
	req := &offsetcommit.Request{
		GroupID: u.cfg.Group, GenerationID: u.member.generation, MemberID: u.member.member, RetentionTimeMs: -1,
	}
	for _, p := range u.moved() {
		if n := len(req.Topics); n == 0 || req.Topics[n-1].Name != p.topic {
			req.Topics = append(req.Topics, offsetcommit.RequestTopic{Name: p.topic})
		}
		topic := &req.Topics[len(req.Topics)-1]
		topic.Partitions = append(topic.Partitions, offsetcommit.RequestPartition{
			PartitionIndex: p.id, CommittedOffset: p.position, CommittedLeaderEpoch: noLeaderEpoch,
		})
	}
	res, err := ask[*offsetcommit.Response](ctx, u.client, req)
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

// moved lists the partitions whose offset a commit changes.
func (u *unit) moved() []*partition {
	var moved []*partition
	for _, p := range u.partitions {
		if p.position != p.committed {
			moved = append(moved, p)
		}
	}
	return moved
}

func (u *unit) endTransaction(ctx context.Context, commit bool) error {
	res, err := ask[*endtxn.Response](ctx, u.client, &endtxn.Request{
		TransactionalID: u.producer.transactionalID, ProducerID: u.producer.id, ProducerEpoch: u.producer.epoch, Committed: commit,
	})
	if err != nil {
		return err
	}
	return refused("EndTxn", u.producer.what(), res.ErrorCode)
}

// committed counts a batch that is safely on the brokers, and makes room for the next.
func (u *unit) committed(start time.Time) {
	now := time.Now()
	for _, p := range u.moved() {
		p.committed = p.position
		clear(p.tooLarge)
		u.metrics.setLag(p)
	}
	u.metrics.transactions.WithLabelValues(resultCommitted).Inc()
	u.metrics.batchRecords.Observe(float64(u.batch.records))
	u.metrics.commitTime.Observe(now.Sub(start).Seconds())
	u.metrics.batchSeconds.Observe(now.Sub(u.batch.opened).Seconds())
	u.tally.report(u.metrics, now)
	u.outputs.reset()
	u.tally.reset()
	u.batch = batch{}
	u.failures = 0
}
