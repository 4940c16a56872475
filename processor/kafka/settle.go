package kafka

import "time"

// At least once, offsets follow the outputs: beside the batches that come later, so that no batch waits for them, and by themselves
// when none comes.

// offsetsEvery is how long offsets may be behind what has been published, while brokers answer. A crash repeats so much.
const offsetsEvery = 50 * time.Millisecond

// settleAt is when to commit offsets, if there are any to commit.
func (u *unit) settleAt() time.Time { return u.owing.Add(offsetsEvery) }

func (u *unit) toSettle() bool { return !u.owing.IsZero() && !time.Now().Before(u.settleAt()) }

// markPublished gives a batch the offsets of those before it to commit, if it is time, and notes where it ends itself.
func (u *unit) markPublished(b *batch) {
	due := u.toSettle()
	left := false
	for _, p := range u.partitions {
		if due && p.closed != p.claimed {
			b.offsets = append(b.offsets, mark{p, p.closed})
			p.claimed = p.closed
		}
		p.closed = p.position
		left = left || p.closed != p.claimed
	}
	switch {
	case !left:
		u.owing = time.Time{}
	case due || u.owing.IsZero():
		u.owing = time.Now()
	}
}

// leaveNothing commits the offsets of all that has been published, when the unit ends: or else the next owner would repeat it. What
// the batch holds is the next owner's.
func (u *unit) leaveNothing() error {
	if u.owing.IsZero() {
		return nil
	}
	u.batch.reset()
	u.owing = time.Now().Add(-offsetsEvery)
	if err := u.commitAnyway(); err != nil {
		return err
	}
	return u.join()
}
