package kafka

import (
	"context"

	"github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/protocol/initproducerid"
)

// producer is a unit's identity towards the brokers: a transactional id (none with at_least_once), and for it the producer id,
// epoch and sequence numbers by which brokers tell a repeated batch from a new one.
type producer struct {
	transactionalID string
	id              int64
	epoch           int16
	sequences       map[outputKey]int32 // the next one
}

// outputKey is a partition of the output topic of a route.
type outputKey struct {
	topic     string
	partition int32
}

// begin asks for a new epoch. It fences whoever had the transactional id, aborts what that one left open, and waits until
// a commit under way has come to its end.
func (p *producer) begin(ctx context.Context, c *client, timeoutMillis int32) error {
	res, err := ask[*initproducerid.Response](ctx, c, &initproducerid.Request{
		TransactionalID: p.transactionalID, TransactionTimeoutMs: timeoutMillis, ProducerID: -1, ProducerEpoch: -1,
	})
	if err != nil {
		return err
	}
	if err := refused("InitProducerId", p.what(), res.ErrorCode); err != nil {
		return err
	}
	*p = producer{transactionalID: p.transactionalID, id: res.ProducerID, epoch: res.ProducerEpoch, sequences: map[outputKey]int32{}}
	return nil
}

// fenced tells, after an error 47 or 90, whether another process has taken the transactional id over (true) or this one's
// transaction merely timed out.
func (p *producer) fenced(ctx context.Context, c *client, timeoutMillis int32) (bool, error) {
	if p.transactionalID == "" {
		return false, nil
	}
	res, err := ask[*initproducerid.Response](ctx, c, &initproducerid.Request{
		TransactionalID: p.transactionalID, TransactionTimeoutMs: timeoutMillis, ProducerID: p.id, ProducerEpoch: p.epoch,
	})
	if err != nil {
		return false, err
	}
	switch code := kafka.Error(res.ErrorCode); code {
	case kafka.ProducerFenced, kafka.InvalidProducerEpoch:
		return true, nil
	default:
		return false, refused("InitProducerId", p.what(), res.ErrorCode)
	}
}

func (p *producer) what() string {
	if p.transactionalID == "" {
		return "no transactional id"
	}
	return "transactional id " + p.transactionalID
}

// take returns the sequence number of a batch of n records for a partition, and moves on. Numbers wrap at 2^31.
func (p *producer) take(key outputKey, n int32) int32 {
	s := p.sequences[key]
	p.sequences[key] = int32((uint32(s) + uint32(n)) & 0x7fffffff)
	return s
}
