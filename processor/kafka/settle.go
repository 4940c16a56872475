package kafka

import "time"

// offsetsEvery is how long offsets may follow behind the outputs, at least once. Within it neither a batch that is published nor the
// next one waits for them; a crash repeats so much more.
const offsetsEvery = 50 * time.Millisecond

// toSettle says whether the batch that is closed now takes offsets along. In a transaction it has to.
func (u *unit) toSettle() bool {
	return u.cfg.Delivery == DeliveryExactlyOnce || time.Since(u.settled) >= offsetsEvery
}

// settleUp commits the offsets of what has been published, if that is still to be done, with whatever the batch holds.
func (u *unit) settleUp() error {
	if !u.owing {
		return nil
	}
	u.settled = time.Time{}
	if !u.batch.dirty {
		u.batch.opened = time.Now()
	}
	return u.commit()
}

// leaveNothing does so when the generation ends, or else the next owner would repeat it.
func (u *unit) leaveNothing() error {
	if err := u.settleUp(); err != nil {
		return err
	}
	return u.join()
}
