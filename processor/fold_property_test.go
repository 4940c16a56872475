package processor_test

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"verdict/processor"
	"verdict/rules"
)

// What is known in the end, and what is charged, depends neither on the order of arrival nor on repetition, where the
// provider gives the times. It is what the contract says of the events, compared pair by pair.
func TestWhatIsKnownDoesNotDependOnTheOrder(t *testing.T) {
	overEach(t, func(t *rapid.T, c *rules.Catalog, v *rules.Vocabulary) {
		events := timedEvents(t, v)
		model := newWant(t, c, v, events)
		remembered := rapid.SampledFrom([]time.Duration{0, retention * time.Millisecond}).Draw(t, "retention")
		s := newStory(t, c, v, processor.Options{Retention: remembered})
		for _, e := range shuffled(t, events) {
			s.tell(e)
		}
		m, word := s.memory(), model.word()
		if m.Word.Outcome != word.Outcome || m.Word.Attempt != word.Attempt || m.Word.OccurredAt != word.OccurredAt ||
			m.Word.Final != word.Final || m.Word.Signature != word.Signature {
			t.Fatalf("the word is %+v, wanted\n%s", m.Word, say(word))
		}
		if row := &s.table[len(s.table)-1]; content(v, row) != content(v, word) {
			t.Fatalf("the table says %s, wanted %s", content(v, row), content(v, word))
		}
		got, want := s.latest(), model.charges()
		if slices.ContainsFunc(v.Billing, func(b rules.BillingRule) bool { return b.Dated() }) {
			withoutPrices(got) // TestThePriceIsThatOfTheFirst
			withoutPrices(want)
		}
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("charges %+v, wanted %+v", got, want)
		}
	})
}

// All that is told again is a repeat: nothing is published, and what is known stays.
func TestAStoryToldAgainChangesNothing(t *testing.T) {
	overEach(t, func(t *rapid.T, c *rules.Catalog, v *rules.Vocabulary) {
		events := timedEvents(t, v)
		s := newStory(t, c, v, processor.Options{})
		for _, e := range events {
			s.tell(e)
		}
		before, published := s.memory(), len(s.published)
		for _, e := range shuffled(t, events) {
			if got := became(s.tell(e)); got != "REPEATED 0" || len(s.result.Outputs) > 0 {
				t.Fatalf("%s, %d outputs", got, len(s.result.Outputs))
			}
		}
		after := s.memory()
		if after.LastOffset != s.offset-1 || after.LastSeen < before.LastSeen || after.Word.Same < before.Word.Same {
			t.Fatalf("seen last at offset %d, %d times", after.LastOffset, after.Word.Same)
		}
		after.LastOffset, after.LastSeen, after.Word.Same = before.LastOffset, before.LastSeen, before.Word.Same
		if after != before || len(s.published) != published {
			t.Fatalf("before %+v\nafter  %+v", before, after)
		}
	})
}

// anyTold draws any event that may come next: with and without id and time, ids again with other content, and times
// from long ago or far ahead.
func anyTold(t *rapid.T, c *cast) processor.Event {
	e := c.event(t)
	e.EventID = rapid.SampledFrom([]string{"", "", "e1", "e2", "e3", "e4"}).Draw(t, "id")
	e.Account = rapid.SampledFrom([]string{"", "x"}).Draw(t, "account")
	if rapid.Bool().Draw(t, "has time") {
		times := append([]int64{at(-31 * 86400), at(3 * 86400)}, c.times...)
		e.OccurredAt, e.HasOccurredAt = rapid.SampledFrom(times).Draw(t, "time"), true
	}
	return e
}

// Whatever comes in whatever order, these hold after each event.
func TestEachStepOfAStory(t *testing.T) {
	overEach(t, func(t *rapid.T, c *rules.Catalog, v *rules.Vocabulary) {
		cast := drawCast(t, v, 4)
		options := processor.Options{
			Retention: 30 * 24 * time.Hour, PublishRepeats: rapid.Bool().Draw(t, "publish repeats"),
		}
		s := newStory(t, c, v, options)
		for range rapid.IntRange(1, 25).Draw(t, "length") {
			before, published := s.memory(), len(s.published)
			res := s.tell(anyTold(t, &cast))
			after := s.memory()
			brokenStep(t, res, &before, &after, len(s.published)-published, options.PublishRepeats)
			soundMemory(t, &after)
		}
		lastOf := map[processor.ID]chargeFacts{}
		for _, charge := range s.charges {
			if facts, there := lastOf[charge.id]; there && facts == charge.facts {
				t.Fatalf("a charge is published twice with %+v", facts)
			}
			lastOf[charge.id] = charge.facts
			f := charge.facts
			free := f.outcome == rules.OutcomeInconclusive || f.env == processor.EnvironmentSandbox
			if free && f.flag == rules.BillingFlagBillable {
				t.Fatalf("charged: %+v", f)
			}
		}
	})
}

// brokenStep fails if one event's decision does not fit what was known before and is known after it.
func brokenStep(t *rapid.T, res *processor.Result, before, after *processor.Memory, published int, repeats bool) {
	l, anomalies := res.Decision.Lifecycle, res.Decision.Anomalies
	repeated := l.Transition == processor.TransitionRepeated
	wantPublished := number(!repeated || repeats)
	sequence := before.Sequence + uint32(number(!repeated))
	switch {
	case published != wantPublished:
		t.Fatalf("%s: %d decisions are published", l.Transition, published)
	case after.Sequence != sequence, !repeated && l.Sequence != int64(sequence), repeated && l.Sequence != 0:
		t.Fatalf("%s: sequence %d, after %d in memory", l.Transition, l.Sequence, before.Sequence)
	case l.Previous != before.Word.DecisionID:
		t.Fatalf("%s: previous is %s, not %s", l.Transition, l.Previous, before.Word.DecisionID)
	case l.Current != (after.Word != before.Word && after.Word.DecisionID == res.Decision.ID && !repeated):
		t.Fatalf("%s: current is %v; word\n%+v, then\n%+v", l.Transition, l.Current, before.Word, after.Word)
	case res.Effects.Table != (l.Current && l.Transition != processor.TransitionUnchanged):
		t.Fatalf("%s: in the table %v, current %v", l.Transition, res.Effects.Table, l.Current)
	case before.Word.Closes && !after.Word.Closes && after.Word.Attempt == before.Word.Attempt:
		t.Fatalf("%s: it was closed, and is open", l.Transition)
	case before.Word.There && (!after.Word.There || after.Word.Attempt < before.Word.Attempt):
		t.Fatalf("%s: the word is gone, or of an earlier attempt", l.Transition)
	case repeated && (res.Effects.Bill || after.Charges != before.Charges || after.Seen != before.Seen):
		t.Fatalf("a repeat moves something")
	case res.Effects.Bill && after.Charges == before.Charges:
		t.Fatalf("charged, and nothing is remembered of it")
	case anomalies.Has(processor.AnomalyReversed) != (l.Transition == processor.TransitionReversed):
		t.Fatalf("%s, anomalies %b", l.Transition, anomalies)
	case l.Transition == processor.TransitionUnexpected && !anomalies.Has(processor.AnomalyUnexpectedTransition):
		t.Fatalf("%s, anomalies %b", l.Transition, anomalies)
	case l.Transition == processor.TransitionUnspecified:
		t.Fatalf("no transition")
	}
}

// soundMemory fails if a memory contradicts itself.
func soundMemory(t *rapid.T, m *processor.Memory) {
	const contentBits = 1<<24 - 1
	switch {
	case m.NumSeen > processor.SeenEvents || m.NumSeen == 0 || m.NumCharges > processor.KeptCharges:
		t.Fatalf("%d seen, %d charges", m.NumSeen, m.NumCharges)
	case m.Word.There && m.WordSeen >= m.NumSeen:
		t.Fatalf("the word is number %d of %d seen", m.WordSeen, m.NumSeen)
	case m.Word.There && uint64(m.Seen[m.WordSeen])&contentBits != m.Word.Content&contentBits:
		t.Fatalf("number %d of those seen is not the word's", m.WordSeen)
	case m.Word.There && m.Word.Tie != uint16(m.Word.DecisionID[0])<<8|uint16(m.Word.DecisionID[1]):
		t.Fatalf("the word's tie is %x, its decision %s", m.Word.Tie, m.Word.DecisionID)
	case m.Word.There && m.Word.Same == 0:
		t.Fatal("the word was never said")
	}
	for i := range m.Charges {
		c := m.Charges[i]
		if i >= int(m.NumCharges) {
			if c != (processor.Charge{}) {
				t.Fatalf("%d charges, and one beyond them: %+v", m.NumCharges, c)
			}
			continue
		}
		if i > 0 {
			last := m.Charges[i-1]
			if c.Attempt > last.Attempt || c.Attempt == last.Attempt && c.Variant == last.Variant {
				t.Fatalf("charges are not sorted: %+v", m.Charges)
			}
		}
	}
}

// No two published decisions about what is known by its content alone share an id, however often it comes.
func TestOccurrencesHaveIDsOfTheirOwn(t *testing.T) {
	overEach(t, func(t *rapid.T, c *rules.Catalog, v *rules.Vocabulary) {
		cast := drawCast(t, v, 3)
		pool := rapid.SliceOfN(rapid.Custom(cast.event), 1, 12).Draw(t, "pool")
		s := newStory(t, c, v, processor.Options{})
		for _, e := range rapid.SliceOfN(rapid.SampledFrom(pool), 1, 40).Draw(t, "story") {
			s.tell(e)
		}
		ids := map[processor.ID]string{}
		for i := range s.published {
			d := &s.published[i]
			if other, twice := ids[d.ID]; twice {
				t.Fatalf("%s and %s are both %s", other, content(v, d), d.ID)
			}
			ids[d.ID] = content(v, d)
		}
	})
}

// Known by content alone: the same in a row is one decision, after something else it is another where the flow leads
// back to it, and a repeat where it does not.
func TestTheSameContentAgain(t *testing.T) {
	overEach(t, func(t *rapid.T, c *rules.Catalog, v *rules.Vocabulary) {
		cast := drawCast(t, v, 1)
		a, b := cast.event(t), cast.event(t)
		two := rapid.Permutation(v.Statuses).Draw(t, "statuses")[:2]
		to, from := two[0], two[1]
		a.Status, b.Status = spelling(t, to), spelling(t, from)
		s := newStory(t, c, v, processor.Options{})
		s.tell(a)
		first := s.memory().Word
		s.tell(a)
		selfStep := to.Repeats(first.Final, first.Signature)
		if got := s.result.Decision.Lifecycle.Transition == processor.TransitionRepeated; got == selfStep {
			t.Fatalf("in a row: repeated %v, a step to itself %v", got, selfStep)
		}
		s.tell(b)
		word := s.memory().Word
		s.tell(a)
		if word.Status == first.Status {
			return // b was late
		}
		leadsBack := from.Step(to, word.Final, word.Signature) != nil
		if got := s.result.Decision.Lifecycle.Transition != processor.TransitionRepeated; got != leadsBack {
			t.Fatalf("after %s: %s, the flow leads back: %v", b.Status, became(&s.result), leadsBack)
		}
	})
}

// The same story is followed in the same way, by whichever instance.
func TestFoldIsPure(t *testing.T) {
	overEach(t, func(t *rapid.T, c *rules.Catalog, v *rules.Vocabulary) {
		cast := drawCast(t, v, 3)
		stories := [2]*story{newStory(t, c, v, processor.Options{}), newStory(t, c, v, processor.Options{})}
		for range rapid.IntRange(1, 12).Draw(t, "length") {
			e := anyTold(t, &cast)
			stories[0].tell(e)
			stories[1].result = processor.Result{} // a used one remembers nothing
			stories[1].tell(e)
			if a, b := stories[0].memory(), stories[1].memory(); a != b {
				t.Fatalf("one knows %+v\nanother %+v", a, b)
			}
		}
		if !reflect.DeepEqual(stories[0].published, stories[1].published) {
			t.Fatal("the decisions differ")
		}
	})
}
