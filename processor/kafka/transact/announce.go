package transact

import (
	"context"
	"time"
)

// announcement begins the transaction of a delivery that is still being filled, so that its records don't wait for that
// when it is due.
type announcement struct {
	keys   int       // how many of the delivery's first output partitions it names
	due    time.Time // when the delivery is to be sent off: from now on the coordinator's clock runs
	cancel context.CancelFunc
	done   chan error
}

// Announce begins the transaction of d, which is to be delivered at due, beside what its caller does next: d may be
// filled meanwhile.
func (s *Session) Announce(ctx context.Context, d *Delivery, due time.Time) {
	ctx, cancel := context.WithTimeout(ctx, s.who.Timeout)
	a := &announcement{keys: len(d.Outputs.keys), due: due, cancel: cancel, done: make(chan error, 1)}
	named := d.Outputs.keys[:a.keys:a.keys] // what is appended meanwhile comes behind
	d.announcement, s.open, s.opened = a, true, time.Now()
	go func() { a.done <- s.beginTransaction(ctx, named, true) }()
}

// Announced is when d is due, if its transaction has been announced.
func (d *Delivery) Announced() (due time.Time, ok bool) {
	if d.announcement == nil {
		return time.Time{}, false
	}
	return d.announcement.due, true
}

// Withdraw ends the transaction of a delivery that is not going to be sent off, if it has been announced. Nothing was
// written in it, so that it may be ended as it is, in its epoch: a new one would fence a process that has taken the
// transactional id over meanwhile. Only if it is not known what became of the announcement is that left to Abandon.
func (s *Session) Withdraw(ctx context.Context, d *Delivery) error {
	err := d.endAnnouncement()
	if err == nil {
		ctx, cancel := context.WithTimeout(ctx, s.who.Timeout)
		defer cancel()
		err = s.step(ctx, func(ctx context.Context) error { return s.endTransaction(ctx, false) })
	}
	s.ended(err)
	return err
}

// announceGrace is how long an announcement under way may still be answered. Without its answer, only a new epoch is
// sure to end it.
const announceGrace = 100 * time.Millisecond

// endAnnouncement waits for the announcement's end and says what became of it.
func (d *Delivery) endAnnouncement() error {
	a := d.announcement
	if a == nil {
		return nil
	}
	d.announcement = nil
	defer a.cancel()
	defer time.AfterFunc(announceGrace, a.cancel).Stop()
	return <-a.done
}

// begin makes sure that the coordinator knows all of the delivery's partitions, and the group.
func (s *Session) begin(ctx context.Context, d *Delivery) error {
	a := d.announcement
	if a == nil {
		s.open, s.opened = true, time.Now()
		return s.beginTransaction(ctx, d.Outputs.keys, true)
	}
	defer a.cancel()
	if err := <-a.done; err != nil {
		return err
	}
	return s.beginTransaction(ctx, d.Outputs.keys[a.keys:], false)
}

// beginTransaction tells the coordinator about output partitions and, if it does not know yet, the group. One after the
// other: while it writes one of them down, it refuses the other, and refuses what brokers ask it on behalf of records
// and offsets.
func (s *Session) beginTransaction(ctx context.Context, keys []Key, group bool) error {
	if len(keys) > 0 {
		if err := s.step(ctx, func(ctx context.Context) error { return s.addPartitions(ctx, keys) }); err != nil {
			return err
		}
	}
	if !group || s.who.Group == "" {
		return nil
	}
	return s.step(ctx, s.addOffsets)
}
