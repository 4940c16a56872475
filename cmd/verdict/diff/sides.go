package diff

import (
	"verdict/cmd/verdict/show"
	"verdict/processor"
	"verdict/processor/state"
)

// said is what one side makes of a record: a decision, a repeat, a dead letter, or nothing that is known.
type said struct {
	decision *processor.Decision // also of a repeat; nil for a dead letter
	repeat   bool
	rejected processor.RejectionReason // of a dead letter
	unknown  bool                      // nothing was published, for whatever reason
	noFormat bool                      // the side does not know how such values are read

	// own are the hashes of what is the event's own, where that is not in decision.
	own *[show.NumOwn]uint16
	// billed says that a billing event came of it, of this charge.
	billed bool
	charge uint64
	// billedUnknown says that none was found, but one may have come of it, of that charge.
	billedUnknown bool

	month int16 // of the event, where decision does not say it; 0: it does
}

// decided says whether there is a decision that is no repeat.
func (s *said) decided() bool { return s.decision != nil && !s.repeat }

// becomes names it for a person.
func (s *said) becomes() string {
	switch {
	case s.rejected != processor.ReasonUnspecified:
		return show.DeadLetterOf + s.rejected.String()
	case s.noFormat:
		return show.DeadLetterOf + "unknown format"
	case s.repeat:
		return "repeat"
	case s.unknown:
		return "nothing"
	}
	return decision
}

// decision is what becomes of an event that is decided.
const decision = "decision"

// take is what a processor has made of a record.
func (s *said) take(res *processor.Result) {
	*s = said{decision: res.Decision, repeat: res.Effects.Repeat, billed: res.Effects.Bill}
	if res.Rejection != nil {
		s.rejected = res.Rejection.Reason
	}
}

// memories are what the sides know of the verifications of one partition. Mostly they know the same: what the old side
// knows is kept apart only where it is something else.
type memories struct {
	shared *state.Store // of the new side
	apart  *state.Store // of the old side

	// What the new side has known of the verification at hand, before its event.
	key   processor.Key
	there bool
	known processor.Memory

	isApart bool // what the old side knows of it is kept apart

	unsettled int // records since what was put was let stand
}

func newMemories(o state.Options) *memories {
	return &memories{shared: state.New(o), apart: state.New(o)}
}

// advance moves the partition's clock.
func (m *memories) advance(millis int64) {
	m.shared.Advance(millis)
	m.apart.Advance(millis)
}

// settle lets what was put stand, now and then: nothing is ever taken back here.
func (m *memories) settle() {
	if m.unsettled++; m.unsettled < settleEvery {
		return
	}
	m.unsettled = 0
	m.shared.Commit(m.shared.Seal())
	m.apart.Commit(m.apart.Seal())
}

// settleEvery is how many records may be put before.
const settleEvery = 1024

func (m *memories) free() {
	m.shared.Free()
	m.apart.Free()
}

// newKnown and oldKnown are what each side's processor looks verifications up in.
type (
	newKnown struct{ *memories }
	oldKnown struct{ *memories }
)

func (k newKnown) Recall(key processor.Key, to *processor.Memory) bool {
	m := k.memories
	m.key = key
	m.there = m.shared.Recall(key, &m.known)
	if m.there {
		*to = m.known
	}
	return m.there
}

func (k oldKnown) Recall(key processor.Key, to *processor.Memory) bool {
	m := k.memories
	if m.isApart = m.apart.Recall(key, to); m.isApart {
		return true
	}
	if m.key != key {
		return m.shared.Recall(key, to)
	}
	if m.there {
		*to = m.known
	}
	return m.there
}

// keep remembers what both sides know after a record.
func (m *memories) keep(was, is *processor.Result) {
	same := was.Followed && is.Followed && was.Key == is.Key
	switch {
	case is.Followed && !same:
		m.keepApart(is)
	case same && !m.isApart && was.Memory == is.Memory:
		was = nil
	}
	if is.Followed {
		m.shared.Put(is.Key, &is.Memory)
	}
	if was != nil && was.Followed {
		m.apart.Put(was.Key, &was.Memory)
	}
}

// keepApart keeps for the old side what was known of a verification before an event that only the new side follows.
func (m *memories) keepApart(is *processor.Result) {
	var old processor.Memory
	if m.apart.Recall(is.Key, &old) {
		return
	}
	if m.there {
		old = m.known
	} else {
		// Nothing was: a memory of nothing, that is forgotten when the new side's is.
		old = processor.Memory{LastSeen: is.Memory.LastSeen}
	}
	m.apart.Put(is.Key, &old)
}

// sides decide records by the rules of both sides, each with what it knows.
type sides struct {
	old, new  *processor.Processor // old is nil where the old side is what is published
	stateless bool
	// Sides whose rules have no format of the name that the records are read by.
	oldLacks, newLacks bool

	oldResult, newResult processor.Result
}

// process decides a record. Where the old side is what is published, it is left alone.
func (s *sides) process(r *processor.Record, m *memories, was, is *said) error {
	var before, after processor.Known
	if !s.stateless {
		before, after = oldKnown{m}, newKnown{m}
	}
	defer m.settle()
	m.key, m.there, m.isApart = processor.Key{}, false, false
	key := r.Key
	if s.newLacks {
		s.newResult, *is = processor.Result{}, said{noFormat: true}
	} else {
		if err := s.new.Process(r, after, &s.newResult); err != nil {
			return err
		}
		is.take(&s.newResult)
	}
	if s.old == nil {
		if s.newResult.Followed {
			m.shared.Put(s.newResult.Key, &s.newResult.Memory)
		}
		return nil
	}
	r.Key = key // a line's key is made of its event
	if s.oldLacks {
		s.oldResult, *was = processor.Result{}, said{noFormat: true}
	} else {
		if err := s.old.Process(r, before, &s.oldResult); err != nil {
			return err
		}
		was.take(&s.oldResult)
	}
	m.keep(&s.oldResult, &s.newResult)
	return nil
}

// tooLarge makes a dead letter of a record on both sides.
func (s *sides) tooLarge(r *processor.Record, detail string, was, is *said) {
	s.new.TooLarge(r, detail, &s.newResult)
	is.take(&s.newResult)
	s.old.TooLarge(r, detail, &s.oldResult)
	was.take(&s.oldResult)
}
