package processor

import (
	"slices"
	"time"

	"verdict/rules"
)

// Lifecycle places a decision among those about its verification.
type Lifecycle struct {
	Sequence   int64 // counts the verification's decisions, from 1
	Transition Transition
	Current    bool // it is the current word about the verification
	Previous   ID   // the decision that was the current word before; zero for the first
}

// Transition says how an event follows what is known of its verification.
type Transition uint8

// Transitions.
const (
	TransitionUnspecified Transition = iota
	TransitionFirst
	TransitionAdvanced
	TransitionUnchanged
	TransitionRepeated
	TransitionLate
	TransitionReopened
	TransitionReversed
	TransitionUnexpected
)

// NumTransitions bounds arrays that are indexed by Transition.
const NumTransitions = int(TransitionUnexpected) + 1

var transitionNames = []string{
	"UNSPECIFIED", "FIRST", "ADVANCED", "UNCHANGED", "REPEATED", "LATE", "REOPENED", "REVERSED", "UNEXPECTED",
}

func (t Transition) String() string { return rules.SymbolOf(transitionNames, t) }

// Transitions lists every value but UNSPECIFIED.
func Transitions() []Transition { return rules.ValuesOf[Transition](transitionNames) }

// Effects are what a fold has published, beside what it has written into the decision.
type Effects struct {
	Repeat bool // the event was seen before: there is no decision
	Table  bool // the decision is the current word, or says anew what that means since the rules have changed
	Bill   bool // the facts of its charge are new
	// Forgotten says that nothing is known of a verification whose event is older than what is remembered: it may have
	// been forgotten. The event is LATE.
	Forgotten bool
	// ChargeLost says that the event would decide a charge of an attempt that is no longer remembered.
	ChargeLost bool
}

// fold is one event on its way into the memory of its verification.
type fold struct {
	v      *rules.Vocabulary
	status *rules.Status // nil: the vocabulary lacks it
	name   string        // of the status, whichever way it was spelt
	e      *Event
	r      *Record
	d      *Decision
	m      *Memory

	content  uint64
	mark     Fingerprint
	alone    bool // known by its content alone
	stepBack bool // the flow leads from it to the current word, and no time says otherwise
	standing Standing
	why      Why
}

// Fold takes a decided event into what is remembered of its verification, m, and completes the decision by it: its
// lifecycle, its ids where they depend on what came before, its anomalies and when its charge got its flag. It is pure:
// what it does depends on its arguments alone. retention is how long an event is remembered; 0: for ever.
//
// What is known in the end, and what is charged, does not depend on how often events come, nor, where the provider
// gives them a time, in which order.
func Fold(v *rules.Vocabulary, e *Event, r *Record, retention time.Duration, d *Decision, m *Memory) Effects {
	f := fold{v: v, e: e, r: r, d: d, m: m}
	return f.take(retention)
}

// take is Fold. It leaves in why what decided.
func (f *fold) take(retention time.Duration) Effects {
	e, d, m := f.e, f.d, f.m
	if f.status, f.name = f.v.Status(e.Status), e.Status; f.status != nil {
		f.name = f.status.Name
	}
	f.content = contentOf(f.name, d)
	f.why.Identity = identifiedBy(e)
	f.alone = f.why.Identity == IdentityContent
	f.mark = fingerprintOf(identityOf(e, f.why.Identity, f.content), f.content)
	d.HasLifecycle, d.Lifecycle = true, Lifecycle{}
	if m.Word.There {
		d.Lifecycle.Previous = m.Word.DecisionID
	}
	if f.seenBefore() {
		return f.repeat()
	}
	f.stand()
	effects := f.place(retention)
	effects.Bill, effects.ChargeLost = f.charge(effects)
	m.Sequence = min(m.Sequence+1, mostSequence)
	d.Lifecycle.Sequence = int64(m.Sequence)
	m.touch(f.r)
	return effects
}

// seenBefore says whether the event is a repeat. One that is not, though something of it was seen, gets ids of its own.
func (f *fold) seenBefore() bool {
	seen := f.m.Seen[:f.m.NumSeen]
	same := slices.Index(seen, f.mark)
	first := slices.IndexFunc(seen, f.mark.sameEvent)
	changed := !f.alone && first >= 0 && seen[first] != f.mark
	if changed {
		f.d.ID = changedID(f.d, f.content)
	}
	switch {
	case f.alone && same < 0:
		// Had it come before all that is remembered, its id would be taken.
		if len(seen) == SeenEvents {
			f.isOccurrence()
		}
		return false
	case f.alone:
		f.why.Directly = seen[len(seen)-1] == f.mark || f.m.Word.There && seen[f.m.WordSeen] == f.mark
		if !f.isNews(f.why.Directly) {
			return true
		}
		f.isOccurrence()
		return false
	case same >= 0:
		return true
	}
	f.d.Anomalies.addIf(changed, AnomalyEventChanged)
	return false
}

// isNews says whether what is known by its content alone, and was seen, is another occurrence of it: the flow goes from
// the current word to it. Directly after itself, or while it is the current word, since what came between is late, only
// a step from a status to itself makes it one.
func (f *fold) isNews(directly bool) bool {
	w := &f.m.Word
	from := f.v.StatusByHash(w.Status)
	switch {
	case !w.There:
		return false
	case directly:
		return f.status != nil && w.Content == f.content && f.status.Repeats(w.Final, w.Signature)
	case from == nil || f.status == nil:
		return w.Status != f.statusHash() // an unknown status may come from, and go to, any
	}
	return from.Step(f.status, w.Final, w.Signature) != nil
}

// isOccurrence gives an event that is known by its content alone an id by where it was read.
func (f *fold) isOccurrence() {
	f.d.EventID = occurrenceID(f.d.EventID, f.r).String()
	f.d.ID = DecisionID(f.d.Provider, f.d.Product, f.d.VerificationID, f.d.EventID)
}

// repeat counts the event, and leaves all else as it is.
func (f *fold) repeat() Effects {
	w := &f.m.Word
	if w.There && w.Content == f.content {
		w.Same = min(w.Same, 254) + 1
		if f.alone {
			f.d.ID = w.DecisionID // the word may be a later occurrence, which has an id of its own
		}
	}
	f.m.touch(f.r)
	f.d.Lifecycle.Transition = TransitionRepeated
	return Effects{Repeat: true}
}

// stand finds what the event's place depends on.
func (f *fold) stand() {
	d, e := f.d, f.e
	f.standing = Standing{
		Attempt: d.Attempt, Ended: d.Ended, OccurredAt: d.OccurredAt, Outcome: d.Outcome,
		Closes: f.status != nil && f.status.Closes(d.Final, d.Signature),
		Timed:  e.HasOccurredAt && !isFarAhead(e.OccurredAt, recordTime(f.r.Timestamp)),
		Tie:    uint16(d.ID[0])<<8 | uint16(d.ID[1]),
	}
}

func (f *fold) statusHash() uint32 {
	if f.status != nil {
		return f.status.Hash
	}
	return rules.StatusHash(f.v.Name, f.name)
}

// place gives the event its transition, and makes it the current word where it counts over that.
func (f *fold) place(retention time.Duration) (effects Effects) {
	m, l := f.m, &f.d.Lifecycle
	switch {
	case !m.Word.There && f.tooOld(retention):
		l.Transition = TransitionLate
		effects.Forgotten = true
	case !m.Word.There:
		l.Transition = TransitionFirst
	case m.Word.Content == f.content:
		l.Transition = TransitionUnchanged
		m.Word.Same = min(m.Word.Same, 254) + 1
	default:
		l.Transition = f.transition()
	}
	unchanged := l.Transition == TransitionUnchanged
	effects.Table = !unchanged && l.Transition != TransitionLate
	l.Current = effects.Table || unchanged && f.countsOver(&m.Word)
	m.see(f.mark, l.Current)
	if !l.Current {
		return effects
	}
	w := f.word()
	if unchanged {
		w.takesOver(&m.Word)
		effects.Table = w.meansOtherThan(&m.Word)
	}
	m.Word = w
	return effects
}

// takesOver keeps, for a word that says the same as the one before, since when that has been said, and whether more is
// overdue.
func (w *Word) takesOver(before *Word) {
	w.Since, w.Same, w.Overdue = before.Since, before.Same, before.Overdue
	w.keepTime(&before.Standing)
}

// keepTime keeps the provider's time of what said the same before, where the event has none of its own: a poll that was
// answered with the same would let something older count over it.
func (a *Standing) keepTime(before *Standing) {
	if !a.Timed && before.Timed {
		a.Timed, a.OccurredAt = true, before.OccurredAt
	}
}

// meansOtherThan says whether a word that says the same as the one before means something else: the rules have changed
// since.
func (w *Word) meansOtherThan(before *Word) bool {
	return w.Outcome != before.Outcome || w.Final != before.Final || w.Ended != before.Ended ||
		w.Signature != before.Signature
}

// tooOld says whether the event is older than anything that is remembered.
func (f *fold) tooOld(retention time.Duration) bool {
	return retention > 0 && f.e.HasOccurredAt && f.r.Timestamp >= 0 &&
		f.e.OccurredAt < recordTime(f.r.Timestamp)-retention.Microseconds()
}

// word is the event as the current word.
func (f *fold) word() Word {
	d := f.d
	return Word{
		There: true, DecisionID: d.ID, Content: f.content, Offset: f.r.Offset,
		Since: max(f.r.Timestamp, 0), Same: 1, Status: f.statusHash(), HasRisk: d.HasRisk, RiskCode: d.Risk.Code,
		Report: d.ReportAvailable, Signature: d.Signature, Final: d.Final, Standing: f.standing,
	}
}

// transition says how an event that says something else follows the current word. The order of the cases is the order
// of precedence.
func (f *fold) transition() Transition {
	d, w := f.d, &f.m.Word
	from := f.v.StatusByHash(w.Status)
	known := from != nil && f.status != nil
	if known {
		f.why.Step = from.Step(f.status, w.Final, w.Signature)
	}
	step := f.why.Step
	switch {
	case !f.countsOver(w), known && step == nil && f.stepsBack(from):
		return TransitionLate
	case f.standing.Attempt > w.Attempt:
		return TransitionAdvanced
	case w.Closes && f.standing.Ended && d.Outcome != w.Outcome:
		d.Anomalies.Add(AnomalyReversed)
		return TransitionReversed
	case step != nil:
		d.Anomalies.addIf(step.Unexpected, AnomalyUnexpectedTransition)
		if step.Reopens {
			return TransitionReopened
		}
		return TransitionAdvanced
	case !known:
		return TransitionAdvanced // an unknown status may come from, and go to, any
	case from == f.status && w.HasRisk == d.HasRisk && w.RiskCode == d.Risk.Code:
		return TransitionAdvanced // with other codes
	}
	d.Anomalies.Add(AnomalyUnexpectedTransition)
	return TransitionUnexpected
}

// countsOver says whether the event counts over the current word, and notes by which rule the one of them does.
func (f *fold) countsOver(w *Word) (over bool) {
	over, f.why.By = f.standing.counts(&w.Standing)
	return over
}

// stepsBack says, where not both events have the provider's time, whether the flow leads from the event to the current
// word. It does not lead the other way.
func (f *fold) stepsBack(from *rules.Status) bool {
	if f.standing.Timed && f.m.Word.Timed || f.standing.Attempt != f.m.Word.Attempt || f.status == from {
		return false
	}
	back := f.status.Step(from, f.d.Final, f.d.Signature)
	if back == nil {
		return false
	}
	f.stepBack, f.why.By, f.why.Step = true, PrecedenceFlow, back
	return true
}

// counts says whether what a stands for counts over b, which came before it, and by which rule. Where both have the
// provider's time it is a total order, so that what counts in the end does not depend on who comes first.
func (a *Standing) counts(b *Standing) (over bool, by Precedence) {
	switch {
	case a.Attempt != b.Attempt:
		return a.Attempt > b.Attempt, PrecedenceAttempt
	case a.Closes != b.Closes:
		return a.Closes, PrecedenceClosingEnd
	case !a.Timed || !b.Timed:
		return true, PrecedenceArrival
	case a.OccurredAt != b.OccurredAt:
		return a.OccurredAt > b.OccurredAt, PrecedenceTime
	case a.Ended != b.Ended:
		return a.Ended, PrecedenceEnd
	case a.Outcome != b.Outcome:
		return outcomeOrder[a.Outcome] > outcomeOrder[b.Outcome], PrecedenceOutcome
	}
	return a.Tie > b.Tie, PrecedenceID
}

// outcomeOrder says which of two outcomes counts, where all that comes before is equal: the graver.
var outcomeOrder = [...]uint8{
	rules.OutcomeDeclined: 7, rules.OutcomeReview: 6, rules.OutcomeApproved: 5, rules.OutcomeInconclusive: 4,
	rules.OutcomeResubmissionRequired: 3, rules.OutcomePending: 2, rules.OutcomeUnrecognized: 1,
}
