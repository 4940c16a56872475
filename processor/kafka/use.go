package kafka

import (
	"sync/atomic"
	"time"

	"verdict/processor"
)

// current is the processor that decides now. It changes while the runner is at work; a batch that was opened before is
// the former one's to its end.
type current = atomic.Pointer[processor.Processor]

// Use has another processor decide, for as long as no other is given: each unit takes it for the next batch that it
// opens, be it for one that has failed and is decided again. Every unit commits its offsets then as they are, or with
// what they move on by, so that their Mark says by which rules they go on. It may be called before Run, and beside it.
//
// What the processor decides must go where the former one's outputs went, by the same options; its vocabularies, codes
// and deadlines may be others. No event becomes a different one by that, and none is decided anew.
func (r *Runner) Use(p *processor.Processor) {
	r.metrics.zeroDecisions(p.Vocabularies()) // before any of theirs is counted
	r.current.Store(p)
}

// follow gives a batch that nothing is in yet to the processor that decides now, and has offsets that are marked with
// other rules committed as they are.
func (u *unit) follow() {
	b := u.batches.filling
	if b.dirty {
		return
	}
	b.processor = u.current.Load()
	if !u.partitions.markOthers(b) {
		return
	}
	if u.cfg.Delivery == DeliveryExactlyOnce {
		b.touch()
	} else if u.owed.since.IsZero() {
		u.owed.since = time.Now()
	}
}
