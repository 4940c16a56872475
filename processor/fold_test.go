package processor_test

import (
	"bytes"
	"strconv"
	"strings"
	"testing"
	"time"

	"verdict/processor"
	"verdict/rules"
)

func tell(t *testing.T, options processor.Options, lines ...line) *story {
	t.Helper()
	c := smallCatalog(t)
	s := newStory(t, c, c.Vocabulary("acme", "id"), options)
	s.tellLines(t, lines)
	return s
}

func builtIn(t *testing.T, short string, lines ...line) *story {
	t.Helper()
	s := newStory(t, rules.Embedded(), vocabulary(t, short), processor.Options{})
	s.tellLines(t, lines)
	return s
}

// lastCharge is what a reader knows of the one charge that a story has: its latest record.
func (s *story) lastCharge(t *testing.T) charged {
	t.Helper()
	for _, c := range s.charges {
		if c.id != s.charges[0].id {
			t.Errorf("two charges: %s and %s", s.charges[0].id, c.id)
		}
	}
	return s.charges[len(s.charges)-1]
}

// An inconclusive result, an audit that declines it a day later, and the first notification delivered again: what was
// said last counts, in the table and for the charge, and the charge is dated by the decline.
func TestAnOldNotificationComesAgain(t *testing.T) {
	s := builtIn(t, "ubble",
		line{"inconclusive 61301 id=ue-1 t=0", "FIRST 1 current table NOT_BILLABLE"},
		line{"declined 62301 id=ue-2 t=33000", "REVERSED 2 current table UNDETERMINED REVERSED"},
		line{"inconclusive 61301 id=ue-1 t=0", "REPEATED 0"})
	if c := s.lastCharge(t); c.facts.outcome != rules.OutcomeDeclined || c.since != at(33000) {
		t.Errorf("the charge is %+v", c)
	}
	if last := s.table[len(s.table)-1]; last.Outcome != rules.OutcomeDeclined || len(s.table) != 2 {
		t.Errorf("the table has %s in %d records", last.Outcome, len(s.table))
	}
	d := s.published
	if len(d) != 2 || d[1].Lifecycle.Previous != d[0].ID || !d[0].Lifecycle.Previous.IsZero() {
		t.Errorf("%d decisions, previous %v", len(d), d[1].Lifecycle.Previous)
	}
}

// The provider gives neither an id nor a time: a review that became an approval, and the review delivered again.
func TestAReviewComesAgainAfterItsApproval(t *testing.T) {
	s := builtIn(t, "idv",
		line{"pending", "FIRST 1 current table"},
		line{"completed risk=300", "ADVANCED 2 current table UNDETERMINED"},
		line{"completed risk=200", "REVERSED 3 current table UNDETERMINED REVERSED"},
		line{"completed risk=300", "REPEATED 0"},
		line{"pending", "REPEATED 0"})
	if c := s.lastCharge(t); c.facts.outcome != rules.OutcomeApproved || len(s.charges) != 2 {
		t.Errorf("the charge is %+v in %d records", c, len(s.charges))
	}
	if last := s.table[len(s.table)-1]; last.Outcome != rules.OutcomeApproved {
		t.Errorf("the table has %s", last.Outcome)
	}
}

// By its status a resubmission is the end, by its codes it may go on: that is taken, and marked.
func TestAResubmissionGoesOn(t *testing.T) {
	builtIn(t, "idv",
		line{"inconsistent_data 1021", "FIRST 1 current table UNDETERMINED"},
		line{"completed risk=200", "REOPENED 2 current table UNDETERMINED UNEXPECTED_TRANSITION"})
	builtIn(t, "docauth",
		line{"inconsistent_data 3620", "FIRST 1 current table UNDETERMINED"},
		line{"pending", "REOPENED 2 current table"},
		line{"inconsistent_data 3620", "ADVANCED 3 current table"},
		line{"inconsistent_data 3105", "REOPENED 4 current table"}, // that code asks for a new case
		line{"pending", "REPEATED 0"})
}

func TestALatePendingMovesNothing(t *testing.T) {
	s := builtIn(t, "yousign",
		line{"approved id=y-e2 t=60", "FIRST 1 current table BILLABLE"},
		line{"verified id=y-e2 t=60", "REPEATED 0"}, // another spelling of the same
		line{"pending id=y-e1 t=0", "LATE 2"})
	last := s.table[len(s.table)-1]
	if last.Outcome != rules.OutcomeApproved || len(s.table) != 1 || len(s.charges) != 1 {
		t.Errorf("the table has %s in %d records, %d charges", last.Outcome, len(s.table), len(s.charges))
	}
	if late := s.published[1]; late.Lifecycle.Previous != s.published[0].ID {
		t.Errorf("the late one follows %s", late.Lifecycle.Previous)
	}
}

// What becomes of an event, by the flow of its vocabulary. Where an event has neither id nor time it is known by its
// content alone.
func TestTransitions(t *testing.T) {
	for name, lines := range map[string][]line{
		"a whole story": {
			{"open", "FIRST 1 current table"},
			{"opened", "REPEATED 0"}, // an alias says the same
			{"busy", "ADVANCED 2 current table"},
			{"busy 13", "ADVANCED 3 current table"}, // the same status with another code
			{"done risk=1", "ADVANCED 4 current table BILLABLE"},
			{"done risk=1", "REPEATED 0"},
		},
		"steps between were missed": {
			{"open id=a t=1", "FIRST 1 current table"},
			{"failed id=b t=2", "ADVANCED 2 current table BILLABLE"},
		},
		"the same from another event": {
			{"busy id=a t=1", "FIRST 1 current table"},
			{"busy id=b t=3", "UNCHANGED 2 current"},
			{"busy id=c t=2", "UNCHANGED 3"},
			{"busy t=4", "UNCHANGED 4 current"},
			{"busy t=4", "REPEATED 0"},
		},
		"content alone, in a row": {
			{"busy", "FIRST 1 current table"},
			{"busy", "REPEATED 0"},
		},
		"content alone, where the flow leads back": {
			{"redo 11", "FIRST 1 current table UNDETERMINED"},
			{"busy", "REOPENED 2 current table"},
			{"redo 11", "ADVANCED 3 current table"}, // and the charge says the same as before
			{"redo 11", "REPEATED 0"},
			{"busy", "REOPENED 4 current table"},
		},
		"content alone, and what came between is late": {
			{"busy", "FIRST 1 current table"},
			{"redo 11", "ADVANCED 2 current table UNDETERMINED"},
			{"open", "LATE 3"},
			{"redo 11", "REPEATED 0"},
		},
		"content alone, where it does not": {
			{"open", "FIRST 1 current table"},
			{"busy", "ADVANCED 2 current table"},
			{"done risk=1", "ADVANCED 3 current table BILLABLE"},
			{"open", "REPEATED 0"},
			{"busy", "REPEATED 0"},
		},
		"content alone, where the flow has a step to itself": {
			{"asks", "FIRST 1 current table"},
			{"asks", "UNCHANGED 2 current"},
			{"done risk=1 21", "ADVANCED 3 current table BILLABLE"}, // the signature is open
			{"done risk=1 21", "UNCHANGED 4 current"},
			{"done risk=1", "REOPENED 5 current table"},
			{"done risk=1", "REPEATED 0"},
			{"done risk=1 21", "REPEATED 0"}, // from an answer that is not open there is no step
		},
		"provider's ids, A B A": {
			{"redo 11 id=a", "FIRST 1 current table UNDETERMINED"},
			{"busy id=b", "REOPENED 2 current table"},
			{"redo 11 id=a", "REPEATED 0"},
		},
		"an id again with other content": {
			{"busy id=a t=1", "FIRST 1 current table"},
			{"done risk=1 id=a t=2", "ADVANCED 2 current table BILLABLE EVENT_CHANGED"},
			{"done risk=1 id=a t=2", "REPEATED 0"},
			{"busy id=a t=1", "REPEATED 0"},
			{"failed id=a t=3", "REVERSED 3 current table BILLABLE EVENT_CHANGED REVERSED"},
		},
		"what came late comes again, though its status may repeat itself": {
			{"done risk=1", "FIRST 1 current table BILLABLE"},
			{"asks", "LATE 2"},
			{"asks", "REPEATED 0"},
		},
		"a new attempt begins anew": {
			{"busy", "FIRST 1 current table"},
			{"open attempt=2", "ADVANCED 2 current table"},
		},
		"another end with an open signature is no step back": {
			{"done risk=1", "FIRST 1 current table BILLABLE"},
			{"done risk=2 21", "REVERSED 2 current table BILLABLE REVERSED"},
		},
		"a higher attempt": {
			{"done risk=1 t=9", "FIRST 1 current table BILLABLE"},
			{"open attempt=2 t=1", "ADVANCED 2 current table"},
			{"failed attempt=2 t=2", "ADVANCED 3 current table BILLABLE"},
			{"void attempt=1 t=10", "LATE 4 NOT_BILLABLE"}, // it still decides the charge of its own attempt
			{"done risk=9 attempt=1 t=8", "LATE 5"},
		},
		"only two attempts are remembered": {
			{"failed attempt=1 t=1", "FIRST 1 current table BILLABLE"},
			{"failed attempt=3 t=3", "ADVANCED 2 current table BILLABLE"},
			{"failed attempt=2 t=2", "LATE 3 BILLABLE"},
			{"void attempt=1 t=4", "LATE 4 lost"},
			{"void attempt=2 t=4", "LATE 5 NOT_BILLABLE"},
		},
		"variants are charged apart": {
			{"failed variant=face t=1", "FIRST 1 current table BILLABLE"},
			{"void variant=voice t=2", "REVERSED 2 current table NOT_BILLABLE REVERSED"},
			{"void variant=face t=2", "LATE 3 NOT_BILLABLE"},
		},
		"of three variants of an attempt two are remembered": {
			{"failed variant=a t=1", "FIRST 1 current table BILLABLE"},
			{"failed variant=b t=2", "ADVANCED 2 current table BILLABLE"},
			{"failed variant=c t=3", "ADVANCED 3 current table lost"},
			{"failed variant=c attempt=2 t=1", "ADVANCED 4 current table BILLABLE"},
			{"void variant=b t=5", "LATE 5 NOT_BILLABLE"},
			{"void variant=a t=5", "LATE 6 lost"}, // it was known the longest
		},
		"of two ends the later counts": {
			{"done risk=1 t=5", "FIRST 1 current table BILLABLE"},
			{"failed t=4", "LATE 2"},
			{"failed t=6", "REVERSED 3 current table BILLABLE REVERSED"},
			{"done risk=2 t=7", "REVERSED 4 current table BILLABLE REVERSED"},
			{"done risk=3 t=8", "UNEXPECTED 5 current table BILLABLE UNEXPECTED_TRANSITION"},
		},
		"of two at one time the graver counts": {
			{"done risk=1 t=5", "FIRST 1 current table BILLABLE"},
			{"void t=5", "LATE 2"},
			{"done risk=2 t=5", "REVERSED 3 current table BILLABLE REVERSED"},
			{"failed t=5", "REVERSED 4 current table BILLABLE REVERSED"},
		},
		"what nothing follows counts whatever the times": {
			{"done t=5", "FIRST 1 current table BILLABLE"},
			{"failed t=1", "UNEXPECTED 2 current table BILLABLE UNEXPECTED_TRANSITION"}, // no step leads there
			{"busy t=9", "LATE 3"},
			{"redo 12 t=0", "LATE 4"}, // that code asks for a new case, but it was earlier
		},
		"a step back without times": {
			{"busy", "FIRST 1 current table"},
			{"open", "LATE 2"},
			{"open id=x t=1", "LATE 3"},
		},
		"no step back with times": {
			{"busy t=1", "FIRST 1 current table"},
			{"open t=2", "UNEXPECTED 2 current table UNEXPECTED_TRANSITION"},
		},
		"what is reopened": {
			{"redo 11 t=1", "FIRST 1 current table UNDETERMINED"},
			{"busy t=2", "REOPENED 2 current table"},
			{"redo 11 t=3", "ADVANCED 3 current table"}, // and the charge says the same as before
			{"done t=4", "REOPENED 4 current table BILLABLE"},
			{"done risk=1 t=5", "ADVANCED 5 current table BILLABLE"},
		},
		"what is reopened, though nothing should follow": {
			{"redo 11 t=1", "FIRST 1 current table UNDETERMINED"},
			{"failed t=2", "REOPENED 2 current table BILLABLE UNEXPECTED_TRANSITION"},
		},
		"a status that nobody knows": {
			{"busy t=1", "FIRST 1 current table"},
			{"strange t=2", "ADVANCED 2 current table UNDETERMINED"},
			{"stranger t=3", "ADVANCED 3 current table UNDETERMINED"},
			{"done risk=1 t=1", "ADVANCED 4 current table BILLABLE"}, // an end counts over it, whatever the times
			{"stranger t=9", "LATE 5"},
		},
		"a status that nobody knows, by its content alone": {
			{"busy", "FIRST 1 current table"},
			{"strange", "ADVANCED 2 current table UNDETERMINED"},
			{"busy", "ADVANCED 3 current table"},
			{"strange", "ADVANCED 4 current table"},
			{"strange", "REPEATED 0"},
			{"strange 11", "ADVANCED 5 current table"},
			{"strange", "REPEATED 0"}, // the same status
		},
		"a charge rests on an unknown status until an end is known": {
			{"strange t=9", "FIRST 1 current table UNDETERMINED"},
			{"redo 11 t=1", "LATE 2 UNDETERMINED"},
			{"done t=2", "LATE 3 BILLABLE"},
			{"stranger t=10", "ADVANCED 4 current table"},
			{"redo 11 t=3", "LATE 5 UNDETERMINED"},
		},
		"an end without a time, and a late one that led to it": {
			{"done risk=7", "FIRST 1 current table BILLABLE"},
			{"redo 11", "LATE 2"}, // the flow leads from it to the word, so it was before: the charge stays too
		},
		"a sandbox is a fact of its own": {
			{"failed t=1", "FIRST 1 current table BILLABLE"},
			{"failed sandbox t=2", "ADVANCED 2 current table NOT_BILLABLE"},
		},
		"another account": {
			{"failed id=a t=1 account=x", "FIRST 1 current table BILLABLE"},
			{"failed id=b t=2 account=y", "UNCHANGED 2 current BILLABLE"},
			{"failed id=c t=1 account=z", "UNCHANGED 3"},
		},
	} {
		t.Run(name, func(t *testing.T) { tell(t, processor.Options{}, lines...) })
	}
}

// Nothing is known of a verification, and its event is older than what is remembered: it moves nothing, and neither the
// table nor a charge is made from it, but what follows is the first word.
func TestForgottenVerification(t *testing.T) {
	old := retention/1000 + 1
	options := processor.Options{Retention: retention * time.Millisecond}
	s := tell(t, options,
		line{"failed id=a t=-" + itoa(old), "LATE 1 forgotten"},
		line{"failed id=a t=-" + itoa(old), "REPEATED 0"},
		line{"strange id=b t=-" + itoa(old), "LATE 2 forgotten"},
		line{"done risk=1 id=c t=0", "FIRST 3 current table BILLABLE"},
		line{"failed id=d t=-" + itoa(old), "LATE 4"})
	if !s.published[0].Lifecycle.Previous.IsZero() || !s.published[2].Lifecycle.Previous.IsZero() {
		t.Error("there was no word before the first")
	}
	tell(t, options, line{"failed id=a t=-" + itoa(old-10), "FIRST 1 current table BILLABLE"})
	tell(t, processor.Options{}, line{"failed id=a t=-" + itoa(old), "FIRST 1 current table BILLABLE"})
}

func itoa(n int) string { return strconv.Itoa(n) }

// A provider's clock that is more than a day ahead of ours is none: it must not win for ever.
func TestTimeFromFarAhead(t *testing.T) {
	const day = 24 * 60 * 60
	tell(t, processor.Options{},
		line{"done risk=1 t=" + itoa(day+1), "FIRST 1 current table BILLABLE"},
		line{"failed t=1", "REVERSED 2 current table BILLABLE REVERSED"},
		line{"done risk=2 t=" + itoa(2*day), "REVERSED 3 current table BILLABLE REVERSED"},
		line{"void t=2", "REVERSED 4 current table NOT_BILLABLE REVERSED"})
	tell(t, processor.Options{},
		line{"done risk=1 t=" + itoa(day-1), "FIRST 1 current table BILLABLE"},
		line{"failed t=1", "LATE 2"})
}

// The events of a verification whose records have no key are in several partitions: no state is kept of them.
func TestRecordWithoutKey(t *testing.T) {
	s := tell(t, processor.Options{}, line{"failed id=a t=1", "FIRST 1 current table BILLABLE"})
	s.event.EventID, s.event.Status = "b", "void"
	r := s.record()
	r.Key = nil
	res := s.process(r)
	if got := became(res); got != "no state NOT_BILLABLE" || res.Followed || len(s.known) != 1 {
		t.Errorf("%s, followed %v, %d remembered", got, res.Followed, len(s.known))
	}
}

// Two verifications of one partition have nothing to do with each other.
func TestStoriesAreApart(t *testing.T) {
	s := tell(t, processor.Options{},
		line{"failed id=a t=1 v=one", "FIRST 1 current table BILLABLE"},
		line{"failed id=a t=1 v=two", "FIRST 1 current table BILLABLE"},
		line{"failed id=a t=1 v=one", "REPEATED 0"})
	if len(s.known) != 2 {
		t.Errorf("%d verifications are remembered", len(s.known))
	}
}

// The deadline of the next word counts from when the current one was first said.
func TestTheSameAgainMovesNoDeadline(t *testing.T) {
	s := tell(t, processor.Options{},
		line{"busy id=a t=1", "FIRST 1 current table"},
		line{"busy id=b t=2", "UNCHANGED 2 current"},
		line{"busy id=b t=2", "REPEATED 0"},
		line{"open id=c t=0", "LATE 3"})
	m := s.memory()
	if m.Word.Since != storyStart || m.Word.Offset != 1 || m.Word.Same != 3 || m.Word.DecisionID != s.published[1].ID {
		t.Errorf("the word is %+v", m.Word)
	}
	s.event.EventID = "late"
	r := s.record()
	r.Timestamp = 5000 // a producer's clock that went back
	if s.process(r); s.memory().LastSeen != m.LastSeen || s.memory().LastOffset != 4 {
		t.Errorf("last seen %d at offset %d", s.memory().LastSeen, s.memory().LastOffset)
	}
	if m.FirstSeen != storyStart/1000 || m.LastSeen != storyStart/1000+3 || m.LastOffset != 3 {
		t.Errorf("first seen %d, last %d at offset %d", m.FirstSeen, m.LastSeen, m.LastOffset)
	}
}

// The table holds the decision in its own bytes, under a key that no other provider's verification has.
func TestRecordOfTheTable(t *testing.T) {
	s := tell(t, processor.Options{}, line{"busy id=a t=1", "FIRST 1 current table"})
	decision, row := s.result.Outputs[0], s.result.Outputs[1]
	ownKey := string(row.Key) == "acme/id/v-1" && string(row.PartitionKey) == "v-1"
	if !ownKey || !bytes.Equal(row.Value, decision.Value) {
		t.Errorf("key %s, partition key %s, value %s", row.Key, row.PartitionKey, row.Value)
	}
	headers := map[string]string{}
	for _, h := range row.Headers {
		headers[h.Key] = string(h.Value)
	}
	ownID := strings.HasPrefix(headers["ce_id"], s.published[0].ID.String()+":v:")
	if headers["ce_type"] != "idv.verification.v1" || !ownID || headers["ce_subject"] != "v-1" {
		t.Errorf("headers %v", headers)
	}
}

// A route that is switched off has no record, and nothing else changes.
func TestRoutesSwitchedOff(t *testing.T) {
	var off [processor.NumRoutes]bool
	off[processor.RouteVerification], off[processor.RouteBilling], off[processor.RouteRisk] = true, true, true
	s := tell(t, processor.Options{Off: off}, line{"failed id=a t=1", "FIRST 1 current"})
	if len(s.result.Outputs) != 1 || !s.result.Effects.Table || !s.result.Effects.Bill || s.memory().NumCharges != 1 {
		t.Errorf("%d outputs, effects %+v", len(s.result.Outputs), s.result.Effects)
	}
}
