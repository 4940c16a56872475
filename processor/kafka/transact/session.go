package transact

import (
	"context"
	"errors"
	"time"

	"github.com/segmentio/kafka-go"

	"verdict/processor/kafka/cluster"
)

// Session is an identity towards the brokers: a transactional id (none at least once), and for it the producer id,
// epoch and sequence numbers by which brokers tell a repeated batch from a new one. It has one transaction at a time.
// But for TransactionalID, its methods are for one goroutine after the other: whoever has a delivery done beside it
// waits for that before the next call.
type Session struct {
	client *cluster.Client
	retry  *cluster.Retry
	who    Identity

	producer  cluster.Producer
	sequences map[Key]int32 // the next one
	open      bool          // the coordinator may know of a transaction that has not come to its end
	opened    time.Time     // when the last transaction began; zero: none did
}

// Identity says for whom a session writes.
type Identity struct {
	// TransactionalID fences whoever had it before; "": at least once, without transactions.
	TransactionalID string
	// Group is the consumer group whose offsets are committed, Member and Generation fence that: offsets of another one
	// are refused. Without a group a delivery has no offsets.
	Group      string
	Member     string
	Generation int32
	// Timeout is how long a transaction may stay open before the coordinator aborts it.
	Timeout time.Duration
}

// Key is a partition of an output topic.
type Key struct {
	Topic     string
	Partition int32
}

// NewSession makes a session; nothing is asked before Begin.
func NewSession(c *cluster.Client, retry *cluster.Retry, who Identity) *Session {
	return &Session{client: c, retry: retry, who: who}
}

// TransactionalID is "" at least once.
func (s *Session) TransactionalID() string { return s.who.TransactionalID }

// Open says whether a transaction may have been left open, once Deliver or Withdraw has returned: a new epoch, of this
// session or of another one, ends it.
func (s *Session) Open() bool { return s.open }

// Begin asks for a new epoch, for as long as ctx lives. It fences whoever had the transactional id, aborts what that
// one left open, and waits until a commit under way has come to its end.
func (s *Session) Begin(ctx context.Context) error {
	return s.retry.Do(ctx, func() error {
		next, err := cluster.InitProducer(ctx, s.client, s.who.TransactionalID, s.who.Timeout)
		if err == nil {
			s.producer, s.sequences, s.open = next, map[Key]int32{}, false
		}
		return err
	})
}

// Fenced tells, after an epoch was refused, whether another process has taken the transactional id over (true) or this
// one's transaction merely timed out.
func (s *Session) Fenced(ctx context.Context) (bool, error) {
	fenced, err := cluster.Fenced(ctx, s.client, s.who.TransactionalID, s.who.Timeout, s.producer)
	if fenced && err == nil {
		s.open = false // it is another one's now
	}
	return fenced, err
}

// MayHaveTimedOut says whether the last transaction is old enough for the coordinator to have ended it by its timeout.
// A younger one was ended by somebody else, also where Fenced says otherwise: some brokers give a new epoch to whoever
// had the transactional id once.
func (s *Session) MayHaveTimedOut() bool {
	return !s.opened.IsZero() && time.Since(s.opened) >= s.who.Timeout
}

// Abandon ends an open transaction that will not be finished, so that the partitions' next owner need not wait for its
// timeout. It is a courtesy; the timeout would do.
func (s *Session) Abandon(ctx context.Context) error {
	if !s.open {
		return nil
	}
	// A new epoch, not EndTxn: a Produce that is still on its way must not find the old one valid.
	return cluster.Fence(ctx, s.client, s.who.TransactionalID, s.who.Timeout)
}

// step repeats one request of a transaction until it is answered, or the transaction would have timed out. A topic that
// a broker does not know may be new to it; if it still is after a while, it was deleted, and the next transaction is to
// leave it out.
func (s *Session) step(ctx context.Context, request func(context.Context) error) error {
	began := time.Now()
	err := s.retry.Do(ctx, func() error {
		err := request(ctx)
		if errors.Is(err, kafka.NotCoordinatorForGroup) { // nor for a transactional id
			s.client.ForgetCoordinators()
		}
		if errors.Is(err, kafka.UnknownTopicOrPartition) && time.Since(began) > cluster.StalledAfter {
			return cluster.GiveUp(err)
		}
		return err
	})
	if cluster.Classify(err) == cluster.ClassRetry {
		if !errors.Is(ctx.Err(), context.Canceled) { // nobody waits for it any more
			s.retry.Stalled(err)
		}
		return cluster.GiveUp(err)
	}
	return err
}

func (s *Session) what() string { return cluster.Whose(s.who.TransactionalID) }

// take returns the sequence number of a batch of n records for a partition, and moves on. Numbers wrap at 2^31.
func (s *Session) take(key Key, n int32) int32 {
	at := s.sequences[key]
	s.sequences[key] = int32((uint32(at) + uint32(n)) & 0x7fffffff)
	return at
}
