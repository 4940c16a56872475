package transact

import (
	"context"

	"verdict/processor/kafka/cluster"
)

// Delivery is what one transaction holds, or at least once one batch: outputs, and where it moves the group to.
type Delivery struct {
	Outputs Outputs
	Offsets []Offset
	Rules   string    // the version of the rules that it is by, for the offsets' Mark; "": none
	Refused []Refused // after a Deliver that failed: what is too large for the brokers
	// Ends says of some partitions how far they go: at least so far, before Deliver, and behind what was published,
	// after it, where a broker said so. Whoever wants to know puts them in.
	Ends map[Key]int64
	Lost []Key // after a Deliver that failed: partitions that ended before what Ends said

	announcement *announcement // of its transaction; nil: not yet
}

// Reset empties the delivery and keeps its memory.
func (d *Delivery) Reset() {
	d.Outputs.reset()
	clear(d.Ends)
	*d = Delivery{Outputs: d.Outputs, Offsets: d.Offsets[:0], Ends: d.Ends}
}

// Deliver publishes the outputs and commits the offsets, in one transaction, or at least once beside each other. It
// takes as long as a transaction may stay open at most, and ends when ctx does. After an error nothing of it counts:
// the transaction is open, or its end is unknown, and Begin or Abandon ends it.
func (s *Session) Deliver(ctx context.Context, d *Delivery) error {
	ctx, cancel := context.WithTimeout(ctx, s.who.Timeout)
	defer cancel()
	if err := d.Outputs.deflate(); err != nil {
		_ = d.endAnnouncement()
		return cluster.Fatal("compress a batch: %w", err)
	}
	if s.who.TransactionalID == "" {
		return s.deliverAtLeastOnce(ctx, d)
	}
	err := s.deliverOnce(ctx, d)
	s.ended(err)
	return err
}

// ended notes whether a transaction has come to its end: it has, or somebody else has ended it.
func (s *Session) ended(err error) {
	c := cluster.Classify(err)
	s.open = c != cluster.ClassNone && c != cluster.ClassFenced
}

// deliverOnce is one transaction. The order is the protocol's: partitions and group before records and offsets, and all
// of them before the end. Records and offsets don't wait for each other.
func (s *Session) deliverOnce(ctx context.Context, d *Delivery) error {
	if err := s.begin(ctx, d); err != nil {
		return err
	}
	if err := s.publishInTransaction(ctx, d); err != nil {
		return err
	}
	return s.step(ctx, func(ctx context.Context) error { return s.endTransaction(ctx, true) })
}

func (s *Session) publishInTransaction(ctx context.Context, d *Delivery) error {
	if s.who.Group == "" {
		return s.publish(ctx, d)
	}
	return s.publishBeside(ctx, d, s.commitOffsetsInTransaction)
}

// deliverAtLeastOnce commits offsets of batches before this one, so that neither waits for the other.
func (s *Session) deliverAtLeastOnce(ctx context.Context, d *Delivery) error {
	if len(d.Offsets) == 0 {
		return s.publish(ctx, d)
	}
	return s.publishBeside(ctx, d, s.commitOffsets)
}

// publishBeside publishes a batch and has offsets committed, side by side, and returns the error that decides.
func (s *Session) publishBeside(ctx context.Context, d *Delivery, commit func(context.Context, *Delivery) error) error {
	published := make(chan error, 1)
	go func() { published <- s.publish(ctx, d) }()
	err := s.step(ctx, func(ctx context.Context) error { return commit(ctx, d) })
	return cluster.WorseOf(err, <-published)
}
