//go:build unix

package faults

import "verdict/processor"

// foldInputs tells the stories of all raw records in their order. What is behind the group's offset is folded as well,
// so that work past the offsets is known for what it is; where the stories are is asked before that.
func (c *checker) foldInputs() {
	if c.promise.atLeastOnce {
		c.foldNothing()
		return
	}
	for i := range c.o.inputs {
		in := &c.o.inputs[i]
		if in.event < 0 || int(in.event) >= len(c.events) || in.gone ||
			c.folds[in.event].kind != foldNone {
			continue
		}
		c.folds[in.event] = c.all.take(in)
		if c.folds[in.event].kind == foldRepeated {
			c.report.repeated++
		}
		if in.offset < c.o.committed[in.partition] {
			c.now.take(in)
		}
	}
}

// foldNothing: without state each record is decided by itself.
func (c *checker) foldNothing() {
	for _, in := range c.o.inputs {
		if in.event < 0 || int(in.event) >= len(c.events) {
			continue
		}
		c.all.at[in.event] = in.timestamp
		t := &c.folds[in.event]
		v := &varieties[c.events[in.event].variety]
		if t.kind = foldDecided; v.rejected {
			t.kind = foldRejected
		}
		t.bills = v.ended
	}
}

// compareLifecycle looks whether a decision knows its place.
func (c *checker) compareLifecycle(r *outputRecord) {
	n, known := c.decided[r.decisionID]
	if !known {
		return // it is strange already
	}
	t := &c.folds[n]
	before := ""
	if t.kind == foldDecided && !c.promise.atLeastOnce && t.previous >= 0 {
		before = c.ids[t.previous]
	}
	want := lifecycle{Sequence: t.sequence, Transition: t.transition, Current: t.current}
	got, previous := r.lifecycle, ""
	if got.Previous != nil {
		previous, got.Previous = *got.Previous, nil
	}
	if got != want || previous != before {
		c.report.add(otherPlace, "decisions %d/%d of event %d is %+v after %q instead of %+v after %q", r.partition,
			r.offset, n, got, previous, want, before)
	}
}

// compareTable looks whether a reader of the table has the current word of each verification.
func (c *checker) compareTable() {
	if c.promise.atLeastOnce {
		return
	}
	latest := map[string]string{}
	for _, r := range c.o.outputs[table] {
		latest[r.key] = r.decisionID
	}
	for key, s := range c.now.stories {
		if s.table < 0 {
			continue
		}
		name := c.events[s.table].tableKey(c.seed)
		if got, want := latest[name], c.ids[s.table]; got != want {
			c.report.add(tableBehind, "the table has decision %q of key %d instead of %q, of event %d", got, key, want,
				s.table)
		}
	}
}

// overdueAfter is how long the next word after a video's pending may take in the catalog that the instances have.
const overdueAfter = 5000 // ms

// notice is a word that has been told as overdue.
type notice struct {
	key, attempt int32
	deadline     int64 // ms
}

// readNotices looks whether each word that was overdue has been told once, and no other.
func (c *checker) readNotices() {
	c.noticed = map[notice]bool{}
	for _, r := range c.o.outputs[overdue] {
		c.report.read[overdue]++
		n, known := c.decided[r.decisionID]
		if !known || c.events[n].variety != videoPending {
			c.report.add(overdueOrphan, "overdue notices %d/%d is about no word that can be overdue", r.partition,
				r.offset)
			continue
		}
		e := &c.events[n]
		w := c.all.pendingSince(e.key, r.attempt, r.deadline/1000-overdueAfter)
		if w == nil || r.deadline%1000 != 0 || r.key != e.verification(c.seed) {
			c.report.add(overdueOrphan,
				"overdue notices %d/%d of event %d has the deadline %d, which no word of it has",
				r.partition, r.offset, n, r.deadline)
			continue
		}
		told := notice{e.key, r.attempt, r.deadline / 1000}
		if c.noticed[told] {
			c.report.add(overdueTwice, "overdue notices %d/%d: the word of event %d has been told", r.partition,
				r.offset, n)
		}
		c.noticed[told] = true
		if w.ended && w.endedAt <= told.deadline {
			c.report.add(overdueAnswered,
				"overdue notices %d/%d: the word of event %d was answered %d ms before its deadline",
				r.partition, r.offset, n, told.deadline-w.endedAt)
		}
	}
	for key, s := range c.now.stories {
		if s.word < 0 || c.events[s.word].variety != videoPending || c.cannotBeTold(s.word) {
			continue
		}
		if deadline := s.since + overdueAfter; deadline < c.o.until && !c.noticed[notice{key, c.events[s.word].attempt,
			deadline}] {
			c.report.add(overdueMissed, "the word of event %d, of key %d, was overdue at %d, and it was not told",
				s.word,
				key, deadline)
		}
	}
}

// cannotBeTold says whether an event's raw record is gone: of its word no overdue notice can be made.
func (c *checker) cannotBeTold(n int32) bool {
	e, _ := c.now.of(n)
	return c.now.places[n] < c.o.removedBelow[e.partition]
}

// pendingSince is the pending word of an attempt that was first said at a time, ms.
func (f *folder) pendingSince(key, attempt int32, since int64) *spokenWord {
	words := f.stories[key].words
	for i := range words {
		if e := &f.events[words[i].said]; words[i].since == since && e.attempt == attempt && e.variety == videoPending {
			return &words[i]
		}
	}
	return nil
}

// compareState holds the changelog against the stories.
func (c *checker) compareState() {
	view := c.o.state
	if view == nil {
		return
	}
	for _, text := range view.unread {
		c.report.add(stateUnread, "%s", text)
	}
	c.report.stories = len(view.stored)
	wanted := make(map[stateKey]bool, len(view.stored))
	for key, s := range c.now.stories {
		e, v := c.now.of(s.seen[0])
		at := stateKey{e.partition, processor.KeyOf(v.provider, v.product, e.verification(c.seed))}
		wanted[at] = true
		got, known := view.stored[at]
		want := c.stored(key, s)
		if c.cannotBeTold(s.word) && !want.overdue {
			want.overdue = got.overdue // it is marked, so that it is not looked for again
		}
		if !known {
			c.report.add(stateMissing, "key %d, of %s, is not in partition %d", key, e.verification(c.seed),
				e.partition)
		} else if got != want {
			c.report.add(stateDiffers, "key %d, of %s: it has\n      %+v instead of\n      %+v", key,
				e.verification(c.seed),
				got, want)
		}
	}
	for at := range view.stored {
		if !wanted[at] {
			c.report.add(stateOrphan, "partition %d has a record of the key %x", at.partition, at.key)
		}
	}
	for partition, offset := range c.o.committed {
		want := cut{offset, c.o.numbers[partition]}
		if got, known := view.positions[partition]; offset >= 0 && got != want {
			c.report.add(positionDiffers, "partition %d: the group is at %+v, the position record at %+v (there: %t)",
				partition,
				want, got, known)
		}
	}
}

// stored is what has to be in the changelog of a story.
func (c *checker) stored(key int32, s *story) stored {
	w, was := c.now.of(s.word)
	m := stored{decisionID: c.ids[s.word], outcome: was.decision.outcome, attempt: w.attempt, timed: w.timed,
		occurred: c.occurred(s.word), offset: c.now.places[s.word], since: s.since, same: s.same,
		overdue:  c.noticed[notice{key, w.attempt, s.since + overdueAfter}] && w.variety == videoPending,
		sequence: s.sequence, seen: len(s.seen), lastOffset: s.lastOffset}
	for i, charge := range s.charges {
		_, v := c.now.of(charge.decides)
		m.charges[i] = storedCharge{attempt: charge.attempt, outcome: v.decision.outcome, flag: v.decision.flag,
			since: c.occurred(charge.since), occurred: c.occurred(charge.decides)}
	}
	return m
}
