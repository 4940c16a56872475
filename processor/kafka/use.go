package kafka

import (
	"slices"
	"sync/atomic"
	"time"

	"verdict/processor"
)

// current is the processor that decides now. It changes while the runner is at work; a batch that was opened before is
// the former one's to its end.
type current = atomic.Pointer[processor.Processor]

// Use has another processor decide, for as long as no other is given: each unit takes it for the next batch that it
// opens, be it for one that has failed and is decided again. At least once, a unit first commits what it has published,
// and decides what has failed by the processor of before: or else it could be published by both. Every unit commits
// its offsets then as they are, or with what they move on by, so that their Mark says by which rules they go on. It may
// be called before Run, and beside it.
//
// What the processor decides must go where the former one's outputs went, by the same options; its vocabularies, codes
// and deadlines may be others. Nothing is read again for that. An event that is delivered again is another one, with
// the anomaly EVENT_CHANGED, if these rules read something else in it.
func (r *Runner) Use(p *processor.Processor) {
	r.metrics.begin(p.Vocabularies()) // before any of theirs is counted
	r.current.Store(p)
}

// follow gives a batch that nothing is in yet to the processor that decides now, and has offsets that are marked with
// other rules committed as they are.
func (u *unit) follow() error {
	next := u.current.Load()
	if u.cfg.Delivery == DeliveryAtLeastOnce && next != u.batches.filling.processor {
		if u.partitions.repeat() {
			next = u.batches.filling.processor
		} else if err := u.settle(); err != nil {
			return err
		}
	}
	b := u.batches.filling
	if b.dirty {
		return nil
	}
	b.processor = next
	if !u.partitions.markOthers(b) {
		return nil
	}
	if u.cfg.Delivery == DeliveryExactlyOnce {
		b.touch()
	} else if u.owed.since.IsZero() {
		u.owed.since = time.Now()
	}
	return nil
}

// next is the processor of the batch that is opened after the one being filled. At least once it is the same until the
// loop follows another.
func (u *unit) next() *processor.Processor {
	if u.cfg.Delivery == DeliveryAtLeastOnce {
		return u.batches.filling.processor
	}
	return u.current.Load()
}

// settle has all that was processed published, and its offsets committed, before other rules decide. At least once,
// what is published and not committed yet is repeated after an error: by the same rules, or else one event would have
// two decisions, whose ids a reader that drops repeats cannot tell for one.
func (u *unit) settle() error {
	if u.batches.filling.dirty {
		if err := u.sendOff(); err != nil {
			return err
		}
	}
	if err := u.join(); err != nil {
		return err
	}
	return u.leaveNothing()
}

// repeat says whether some of what was processed before an error has not been processed again yet.
func (list partitions) repeat() bool {
	return slices.ContainsFunc(list, func(p *partition) bool {
		return max(p.position, 0) < p.reached && p.held.err == nil && !p.caughtUp()
	})
}
