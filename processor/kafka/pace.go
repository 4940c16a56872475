package kafka

import "time"

// The pace of a unit: when the batch that is being filled is announced and committed, and how long brokers gather records for it.

const (
	// While a batch is being filled, a broker gathers so many bytes or waits until the batch's next step, so that a trickle of records
	// isn't fetched one by one.
	gatherBytes = 64 << 10
	leastGather = 2 * time.Millisecond
	// answerTime is how much later than usual an answer may be and still be waited for.
	answerTime = 2 * time.Millisecond
)

// takeStep announces or commits the batch when it is time, or the offsets of those before. While a batch is under way the next one has
// to wait anyway.
func (u *unit) takeStep() error {
	if at, ok := u.stepAt(); !ok || time.Now().Before(at) {
		return nil
	}
	if u.toSettle() {
		return u.commitAnyway()
	}
	if u.toAnnounce() && time.Now().Before(u.due()) {
		u.announce()
		return nil
	}
	return u.commit()
}

// stepAt is when to take the next step, if there is one to take.
func (u *unit) stepAt() (time.Time, bool) {
	switch {
	case u.flying != nil:
		return time.Time{}, false
	case !u.batch.dirty:
		return u.settleAt(), !u.owing.IsZero()
	}
	at := u.batchStepAt()
	if !u.owing.IsZero() && u.settleAt().Before(at) {
		at = u.settleAt()
	}
	return at, true
}

// batchStepAt is when to take the batch's next step, or a little later if brokers were asked to answer by then: what they have gathered
// belongs to the batch.
func (u *unit) batchStepAt() time.Time {
	at := u.nextStep()
	last := at
	for _, until := range u.gathering {
		if late := until.Add(u.late + answerTime); !until.After(at) && late.After(last) {
			last = late
		}
	}
	return last
}

// nextStep is when the batch, which holds something, is to be announced, or else committed.
func (u *unit) nextStep() time.Time {
	if u.toAnnounce() {
		return u.announceAt()
	}
	return u.due()
}

// due is when to commit the batch. Once it has been announced that stands, whatever comes up.
func (u *unit) due() time.Time {
	if a := u.batch.announcement; a != nil {
		return a.due
	}
	return u.batch.opened.Add(u.interval())
}

// catchUpFactor: behind the end of a partition, larger transactions are worth more than an early commit.
const catchUpFactor = 4

// interval is how old a batch becomes.
func (u *unit) interval() time.Duration {
	if u.behind() {
		return catchUpFactor * u.cfg.CommitInterval
	}
	return u.cfg.CommitInterval
}

// toAnnounce says whether the batch's transaction is still to be announced, once none is under way: a transactional id has one at a
// time.
func (u *unit) toAnnounce() bool {
	return u.cfg.Delivery == DeliveryExactlyOnce && u.batch.announcement == nil
}

// announceAt is when to announce the batch, if it has not been delivered before.
func (u *unit) announceAt() time.Time { return u.due().Add(-u.ahead()) }

// ahead is how long before the batch is due it is announced; 0 where there are no transactions.
func (u *unit) ahead() time.Duration {
	if u.cfg.Delivery == DeliveryAtLeastOnce {
		return 0
	}
	return min(u.cfg.CommitInterval/2, announceAhead)
}

// gatherTime is how long a broker may gather records for the batch: until its next step, less what answers take.
func (u *unit) gatherTime() time.Duration {
	now := time.Now()
	opened := u.batch.opened
	if !u.batch.dirty {
		opened = now // what was just fetched begins it
	}
	until := opened.Add(u.cfg.CommitInterval)
	if ahead := until.Add(-u.ahead()); u.batch.announcement == nil && now.Add(leastGather).Before(ahead) {
		until = ahead
	}
	return max(until.Sub(now)-u.late, leastGather).Truncate(time.Millisecond) // which is what the protocol can say
}

// gathered notes that a broker has answered, and how late.
func (u *unit) gathered(leader int32) {
	until, ok := u.gathering[leader]
	delete(u.gathering, leader)
	if late := time.Since(until); ok && late > 0 { // or else it had enough before
		u.late = min((u.late+late)/2, u.cfg.CommitInterval/4)
	}
}
