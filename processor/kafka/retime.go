package kafka

import (
	"time"

	"verdict/processor"
)

// How deadlines are taken over where other rules say otherwise how long the next word may take: a little at a time, as
// a partition may know of millions of verifications, and records wait for the unit meanwhile. Until it is done, a word
// whose time is shorter now comes up late. None comes up early, and none twice: whatever comes up is held against the
// batch's rules, and told with a mark in the same transaction.
const (
	retimeEvery = 10 * time.Millisecond
	retimeMost  = 2000 // verifications of all of a unit's partitions
)

// retime takes the deadlines of the batch's processor over, slice by slice, and returns how long until the next one.
func (u *unit) retime(now time.Time) time.Duration {
	retiming := false
	for _, p := range u.partitions {
		if p.memory != nil && !p.waits() {
			retiming = p.memory.timeBy(u.batches.filling.processor) || retiming
		}
	}
	if !retiming {
		return overdueEvery
	}
	if wait := u.retimeAt.Sub(now); wait > 0 {
		return wait
	}
	u.retimeAt = now.Add(retimeEvery)
	for _, p := range u.partitions {
		if m := p.memory; m != nil && !p.waits() && m.retiming {
			m.retiming = m.store.Reschedule(retimeMost/len(u.partitions) + 1)
		}
	}
	return retimeEvery
}

// timeBy has a processor make the deadlines, and says whether some are still to be looked at anew.
func (m *memory) timeBy(p *processor.Processor) (retiming bool) {
	if m.timedBy != p {
		if !p.DeadlinesAs(m.timedBy) {
			m.store.Retime(p.Deadline)
			m.retiming = true
		}
		m.timedBy = p
	}
	return m.retiming
}
