//go:build unix

package faults

import (
	"cmp"
	"slices"
)

// The suite's own story of a verification: what has to become of its raw records, one after the other. It is made from
// the rules of the contract, shares no code with the program, and knows no more than the suite sends: events with ids,
// the provider's times or none, two flows of statuses.

// fold says what has to become of one raw record.
type fold struct {
	kind       foldKind
	sequence   int64
	transition string
	current    bool
	previous   int32 // the event that was the word before; -1: none was
	moves      bool  // it becomes the word, so that the table has it
	bills      bool
	since      int32 // the event from which the charge's flag dates
}

type foldKind uint8

const (
	foldNone     foldKind = iota // it was not there to be read
	foldDecided                  // a decision
	foldRejected                 // a dead letter
	foldRepeated                 // counted, and nothing else
)

// story is what is known of a verification.
type story struct {
	seen       []int32 // events
	sequence   int64
	lastOffset int64
	word       int32 // the event that is the word; -1: none
	table      int32 // the event whose decision the table has
	since      int64 // when the word was first said, by its record, ms
	same       int   // how often
	charges    []charge
	words      []spokenWord // one after the other
}

// charge is what is known of an attempt's.
type charge struct {
	attempt        int32
	decides, since int32 // events
}

// spokenWord is a word, and the place where another one took its place.
type spokenWord struct {
	said    int32 // the event that first said it
	since   int64 // ms
	ended   bool
	endedAt int64 // ms, when the record that ended it was there: its producer may have made it long before
}

// step is what may follow a status.
type step struct {
	to      []string
	reopens bool
}

// flows is what may follow what, of the statuses that the suite sends.
var flows = map[string]step{
	"pending":           {to: []string{"approved", "declined", "inconclusive", "inconsistent_data", "completed"}},
	"inconsistent_data": {to: []string{"pending", "completed"}, reopens: true},
}

// leads says whether the flow leads from one status to another, also over others in between.
func leads(from, to string) bool {
	open, seen := []string{from}, map[string]bool{}
	for len(open) > 0 {
		next := flows[open[0]].to
		open = open[1:]
		if slices.Contains(next, to) {
			return true
		}
		for _, status := range next {
			if !seen[status] {
				seen[status] = true
				open = append(open, status)
			}
		}
	}
	return false
}

// folder folds the raw records of all partitions.
type folder struct {
	events  []event
	stories map[int32]*story // by key
	at      []int64          // by event: the timestamp of its record, ms
	places  []int64          // by event: its offset
}

func newFolder(events []event) *folder {
	return &folder{events: events, stories: map[int32]*story{}, at: make([]int64, len(events)),
		places: make([]int64, len(events))}
}

// take says what has to become of the next record of a partition.
func (f *folder) take(in *inputRecord) fold {
	e := &f.events[in.event]
	f.at[e.n], f.places[e.n] = in.timestamp, in.offset
	if varieties[e.variety].rejected {
		return fold{kind: foldRejected} // touches nothing
	}
	s := f.stories[e.key]
	if s == nil {
		s = &story{word: -1, table: -1}
		f.stories[e.key] = s
	}
	s.lastOffset = in.offset
	if slices.ContainsFunc(s.seen, func(n int32) bool { return f.events[n].of == e.of }) {
		if s.word >= 0 && f.same(s.word, e.n) {
			s.same++
		}
		return fold{kind: foldRepeated}
	}
	s.seen = append(s.seen, e.n)
	s.sequence++
	t := fold{kind: foldDecided, sequence: s.sequence, previous: s.word, transition: f.transition(s, e)}
	t.moves = t.transition != "LATE" && t.transition != "UNCHANGED"
	switch {
	case t.moves:
		f.speak(s, e, in.timestamp)
	case t.transition == "UNCHANGED":
		s.same++
		if f.over(e.n, s.word) {
			s.word = e.n
		}
	}
	t.current = s.word == e.n
	t.bills, t.since = f.bill(s, e)
	return t
}

func (f *folder) speak(s *story, e *event, now int64) {
	if last := len(s.words) - 1; last >= 0 {
		s.words[last].ended, s.words[last].endedAt = true, max(now, e.arrived)
	}
	s.words = append(s.words, spokenWord{said: e.n, since: now})
	s.word, s.table, s.since, s.same = e.n, e.n, now, 1
}

func (f *folder) of(n int32) (*event, *variety) {
	e := &f.events[n]
	return e, &varieties[e.variety]
}

// same says whether two events have the same content: all varieties differ in what counts as such.
func (f *folder) same(a, b int32) bool {
	return f.events[a].variety == f.events[b].variety && f.events[a].attempt == f.events[b].attempt
}

// transition is the first that holds.
func (f *folder) transition(s *story, e *event) string {
	if s.word < 0 {
		return "FIRST"
	}
	w, was := f.of(s.word)
	is := &varieties[e.variety]
	forward, back := leads(was.status, is.status), leads(is.status, was.status)
	switch {
	case f.same(s.word, e.n):
		return "UNCHANGED"
	case !f.over(e.n, s.word):
		return "LATE"
	case !(w.timed && e.timed) && w.attempt == e.attempt && !forward && back:
		return "LATE" // a step back
	case e.attempt > w.attempt:
		return "ADVANCED"
	case was.closes && is.ended && was.decision.outcome != is.decision.outcome:
		return "REVERSED"
	case forward && flows[was.status].reopens:
		return "REOPENED"
	case forward, was.status == is.status && was.riskCode == is.riskCode:
		return "ADVANCED"
	}
	return "UNEXPECTED"
}

var outcomeOrder = []string{"DECLINED", "REVIEW", "APPROVED", "INCONCLUSIVE", "RESUBMISSION_REQUIRED", "PENDING"}

// over says whether an event counts over one that came before it.
func (f *folder) over(n, before int32) bool {
	a, is := f.of(n)
	b, was := f.of(before)
	if a.attempt != b.attempt {
		return a.attempt > b.attempt
	}
	if is.closes != was.closes {
		return is.closes
	}
	if !a.timed || !b.timed {
		return true
	}
	if a.occurred() != b.occurred() {
		return a.occurred() > b.occurred()
	}
	if is.ended != was.ended {
		return is.ended
	}
	rank := func(v *variety) int { return slices.Index(outcomeOrder, v.decision.outcome) }
	return cmp.Compare(rank(is), rank(was)) < 0 // equal ones have equal content: then it does not matter
}

// keptCharges is of how many attempts charges may still change.
const keptCharges = 2

// bill says whether an event's charge is news, and from which event its flag dates.
func (f *folder) bill(s *story, e *event) (bool, int32) {
	is := &varieties[e.variety]
	if !is.ended {
		return false, 0
	}
	i := slices.IndexFunc(s.charges, func(c charge) bool { return c.attempt == e.attempt })
	if i < 0 {
		higher := 0
		for _, c := range s.charges {
			if c.attempt > e.attempt {
				higher++
			}
		}
		if higher >= keptCharges {
			return false, 0 // too old to be charged
		}
		s.charges = append(s.charges, charge{e.attempt, e.n, e.n})
		slices.SortFunc(s.charges, func(a, b charge) int { return cmp.Compare(b.attempt, a.attempt) })
		s.charges = s.charges[:min(len(s.charges), keptCharges)]
		return true, e.n
	}
	c := &s.charges[i]
	if !f.over(e.n, c.decides) {
		return false, 0
	}
	_, was := f.of(c.decides)
	c.decides = e.n
	if was.decision.flag != is.decision.flag {
		c.since = e.n
	}
	changed := was.decision.flag != is.decision.flag || was.decision.outcome != is.decision.outcome ||
		was.status != is.status || was.riskCode != is.riskCode
	return changed, c.since
}
