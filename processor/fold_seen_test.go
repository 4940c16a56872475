package processor_test

import (
	"testing"

	"verdict/processor"
)

// A new occurrence of what is known by its content alone has ids of its own, by where it was read; a further delivery
// of that one has the same.
func TestOccurrences(t *testing.T) {
	s := tell(t, processor.Options{PublishRepeats: true},
		line{"redo 11", "FIRST 1 current table UNDETERMINED"},
		line{"busy", "REOPENED 2 current table"},
		line{"redo 11", "ADVANCED 3 current table"},
		line{"redo 11", "REPEATED 0"})
	first, again, repeat := s.published[0], s.published[2], s.published[3]
	if first.ID == again.ID || first.EventID == again.EventID {
		t.Errorf("the second occurrence is %s of event %s, as the first", again.ID, again.EventID)
	}
	if repeat.ID != again.ID {
		t.Errorf("the repeat is of %s, not of %s", repeat.ID, again.ID)
	}
	if want := processor.DecisionID("acme", "id", "v-1", again.EventID); again.ID != want {
		t.Errorf("decision %s, but %s by its event", again.ID, want)
	}
	if s.memory().Word.Same != 2 {
		t.Errorf("it has come %d times", s.memory().Word.Same)
	}
}

func TestChangedEvent(t *testing.T) {
	s := tell(t, processor.Options{PublishRepeats: true},
		line{"busy id=a t=1", "FIRST 1 current table"},
		line{"done risk=1 id=a t=2", "ADVANCED 2 current table BILLABLE EVENT_CHANGED"},
		line{"busy id=a t=1", "REPEATED 0"},
		line{"done risk=1 id=a t=2", "REPEATED 0"})
	d := s.published
	if d[0].ID != processor.DecisionID("acme", "id", "v-1", "a") || d[1].ID == d[0].ID || d[1].EventID != "a" {
		t.Errorf("decisions %s and %s of event %s", d[0].ID, d[1].ID, d[1].EventID)
	}
	if d[2].ID != d[0].ID || d[3].ID != d[1].ID {
		t.Errorf("the repeats are %s and %s, not %s and %s", d[2].ID, d[3].ID, d[0].ID, d[1].ID)
	}
}

// A repeat that is published is a decision and nothing else.
func TestPublishedRepeats(t *testing.T) {
	s := tell(t, processor.Options{PublishRepeats: true},
		line{"failed id=a t=1", "FIRST 1 current table BILLABLE"},
		line{"failed id=a t=1", "REPEATED 0"})
	if len(s.published) != 2 || len(s.result.Outputs) != 1 {
		t.Fatalf("%d decisions, and %d outputs of the repeat", len(s.published), len(s.result.Outputs))
	}
	repeat := s.published[1]
	if repeat.ID != s.published[0].ID || repeat.Lifecycle.Previous != s.published[0].ID || repeat.Lifecycle.Current {
		t.Errorf("the repeat is %s, %+v", repeat.ID, repeat.Lifecycle)
	}
	s.tellLines(t, []line{{"void id=b t=2", "REVERSED 2 current table NOT_BILLABLE REVERSED"}})
}

// Events that came before the last eight are no longer recognized, but the current word's always is.
func TestWhatIsSeen(t *testing.T) {
	lines := []line{{"failed id=word t=100", "FIRST 1 current table BILLABLE"}}
	for i := range 9 {
		lines = append(lines, line{"busy id=late" + itoa(i) + " t=" + itoa(i), "LATE " + itoa(i+2)})
	}
	s := tell(t, processor.Options{}, append(lines,
		line{"failed id=word t=100", "REPEATED 0"},
		line{"busy id=late8 t=8", "REPEATED 0"},
		line{"busy id=late2 t=2", "REPEATED 0"},
		line{"busy id=late1 t=1", "LATE 11"})...)
	last := s.published[len(s.published)-1]
	if want := processor.DecisionID("acme", "id", "v-1", "late1"); last.ID != want {
		t.Errorf("what is not recognized is %s, its decision was %s", last.ID, want)
	}
}

// What comes again as another occurrence is remembered once.
func TestOccurrencesTakeNoRoom(t *testing.T) {
	s := tell(t, processor.Options{}, line{"redo 11", "FIRST 1 current table UNDETERMINED"})
	for range 10 {
		s.tell(storyEvent(t, "busy"))
		s.tell(storyEvent(t, "redo 11"))
	}
	if m := s.memory(); m.NumSeen != 2 || m.WordSeen != 1 || m.Sequence != 21 {
		t.Errorf("%d events are remembered, the word's is number %d", m.NumSeen, m.WordSeen)
	}
}

// Room is made for the event that becomes the word, too: then that of the word before may go.
func TestTheOldestEventGoes(t *testing.T) {
	lines := []line{{"busy id=first t=100", "FIRST 1 current table"}}
	for i := range 7 {
		lines = append(lines, line{"open id=late" + itoa(i) + " t=" + itoa(i), "LATE " + itoa(i+2)})
	}
	tell(t, processor.Options{}, append(lines,
		line{"failed id=word t=200", "ADVANCED 9 current table BILLABLE"},
		line{"open id=late0 t=0", "REPEATED 0"},
		line{"busy id=first t=100", "LATE 10"})...)
}
