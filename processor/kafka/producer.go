package kafka

import (
	"context"
	"time"

	"verdict/processor/kafka/cluster"
)

// producer is a unit's identity towards the brokers: a transactional id (none with at_least_once), and for it the producer id,
// epoch and sequence numbers by which brokers tell a repeated batch from a new one.
type producer struct {
	transactionalID string
	cluster.Producer
	sequences map[outputKey]int32 // the next one
}

// outputKey is a partition of the output topic of a route.
type outputKey struct {
	topic     string
	partition int32
}

// begin asks for a new epoch. It fences whoever had the transactional id, aborts what that one left open, and waits until
// a commit under way has come to its end.
func (p *producer) begin(ctx context.Context, c *cluster.Client, timeout time.Duration) error {
	next, err := cluster.InitProducer(ctx, c, p.transactionalID, timeout)
	if err == nil {
		*p = producer{transactionalID: p.transactionalID, Producer: next, sequences: map[outputKey]int32{}}
	}
	return err
}

func (p *producer) what() string { return cluster.Whose(p.transactionalID) }

// take returns the sequence number of a batch of n records for a partition, and moves on. Numbers wrap at 2^31.
func (p *producer) take(key outputKey, n int32) int32 {
	s := p.sequences[key]
	p.sequences[key] = int32((uint32(s) + uint32(n)) & 0x7fffffff)
	return s
}
