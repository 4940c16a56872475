package processor_test

import (
	"bytes"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"verdict/processor"
	"verdict/rules"
)

// catalogs are those that properties of the fold are shown over.
func catalogs(t *testing.T) map[string]*rules.Catalog {
	return map[string]*rules.Catalog{
		"small": smallCatalog(t), "built in": rules.Embedded(), "an operator's": operatorsCatalog(t),
		"dated": acmeBy(t, datedBilling...),
	}
}

// overEach checks a property over each vocabulary of each catalog.
func overEach(t *testing.T, property func(*rapid.T, *rules.Catalog, *rules.Vocabulary)) {
	t.Helper()
	for name, c := range catalogs(t) {
		for _, v := range c.Vocabularies() {
			t.Run(name+" "+v.Name, func(t *testing.T) {
				rapid.Check(t, func(t *rapid.T) { property(t, c, v) })
			})
		}
	}
}

// cast is what the events of one verification are made of: few of each, so that they meet.
type cast struct {
	statuses []string
	codes    []string
	risks    []int32           // 0: none
	attempts []processor.Event // attempt and variant
	times    []int64
}

func drawCast(t *rapid.T, v *rules.Vocabulary, attempts int) cast {
	c := cast{times: []int64{at(0), at(1), at(2)}}
	statuses := []string{"strange", "stranger"}
	for _, s := range v.Statuses {
		statuses = append(append(statuses, s.Name), s.Aliases...)
	}
	c.statuses = rapid.SliceOfN(rapid.SampledFrom(statuses), 1, 5).Draw(t, "status pool")
	c.risks = rapid.SliceOfN(rapid.SampledFrom([]int32{0, 1, 2, 3, 9, 200, 300, 400, 500}), 1, 3).Draw(t, "risk pool")
	all := []string{"999999"}
	for _, code := range v.Codes {
		all = append(all, code.Text)
	}
	c.codes = rapid.SliceOfN(rapid.SampledFrom(all), 1, 4).Draw(t, "code pool")
	for range attempts {
		c.attempts = append(c.attempts, processor.Event{
			Attempt:        rapid.Int32Range(0, 3).Draw(t, "attempt"),
			ProductVariant: rapid.SampledFrom([]string{"", "face"}).Draw(t, "variant"),
		})
	}
	return c
}

// spelling draws one of the spellings of a status.
func spelling(t *rapid.T, s *rules.Status) string {
	return rapid.SampledFrom(append([]string{s.Name}, s.Aliases...)).Draw(t, "spelling")
}

func (c *cast) event(t *rapid.T) processor.Event {
	e := rapid.SampledFrom(c.attempts).Draw(t, "of attempt")
	e.Status = rapid.SampledFrom(c.statuses).Draw(t, "status")
	e.Codes = rapid.SliceOfN(rapid.SampledFrom(c.codes), 0, 2).Draw(t, "codes")
	if risk := rapid.SampledFrom(c.risks).Draw(t, "risk"); risk > 0 {
		e.RiskCode, e.HasRiskCode = risk, true
	}
	environments := []processor.Environment{0, 0, 0, processor.EnvironmentSandbox}
	e.Environment = rapid.SampledFrom(environments).Draw(t, "environment")
	return e
}

// timedEvents draws different events with provider's times, at most as many as are recognized when they come again.
func timedEvents(t *rapid.T, v *rules.Vocabulary) []processor.Event {
	c := drawCast(t, v, processor.KeptCharges)
	var events []processor.Event
	for i := range rapid.IntRange(1, processor.SeenEvents).Draw(t, "events") {
		e := c.event(t)
		e.OccurredAt, e.HasOccurredAt = rapid.SampledFrom(c.times).Draw(t, "time"), true
		if rapid.Bool().Draw(t, "has id") {
			e.EventID = fmt.Sprint("e", i)
			e.Account = rapid.SampledFrom([]string{"", "x"}).Draw(t, "account")
		} else if status := v.Status(e.Status); status != nil {
			// Without an id, two that say the same at one time are one event: here, with one decision id.
			e.Status = status.Name
		}
		events = append(events, e)
	}
	return events
}

// shuffled draws any order and repetition of events, each at least once.
func shuffled(t *rapid.T, events []processor.Event) []processor.Event {
	again := rapid.SliceOfN(rapid.SampledFrom(events), 0, 8).Draw(t, "again")
	return rapid.Permutation(slices.Concat(events, again)).Draw(t, "order")
}

// want is the model: one verification's decisions by themselves, and which of them counts by the contract.
type want struct {
	v         *rules.Vocabulary
	decisions []processor.Decision
}

func newWant(t rapid.TB, c *rules.Catalog, v *rules.Vocabulary, events []processor.Event) *want {
	w := &want{v: v}
	for _, e := range events {
		s := newStory(t, c, v, processor.Options{}) // alone, it is the first
		s.tell(e)
		w.decisions = append(w.decisions, s.published[0])
	}
	return w
}

// order compares two decisions of one verification by which counts over the other.
func (w *want) order(a, b *processor.Decision) int {
	closes := func(d *processor.Decision) bool {
		s := w.v.Status(d.ProviderStatus)
		return s != nil && s.Closes(d.Final, d.Signature)
	}
	outcomes := []rules.Outcome{
		rules.OutcomeUnrecognized, rules.OutcomePending, rules.OutcomeResubmissionRequired, rules.OutcomeInconclusive,
		rules.OutcomeApproved, rules.OutcomeReview, rules.OutcomeDeclined,
	}
	for _, difference := range []int{
		int(a.Attempt) - int(b.Attempt), number(closes(a)) - number(closes(b)), int(a.OccurredAt - b.OccurredAt),
		number(a.Ended) - number(b.Ended), slices.Index(outcomes, a.Outcome) - slices.Index(outcomes, b.Outcome),
	} {
		if difference != 0 {
			return difference
		}
	}
	return bytes.Compare(a.ID[:], b.ID[:])
}

func number(is bool) int {
	if is {
		return 1
	}
	return 0
}

func (w *want) word() *processor.Decision {
	word := &w.decisions[0]
	for i := range w.decisions {
		if d := &w.decisions[i]; w.order(d, word) > 0 {
			word = d
		}
	}
	return word
}

// charges are the facts of each charge in the end.
func (w *want) charges() map[processor.ID]chargeFacts {
	decides := map[processor.ID]*processor.Decision{}
	for i := range w.decisions {
		d := &w.decisions[i]
		if !d.Charges() {
			continue
		}
		by := decides[d.ChargeID]
		if by == nil || d.Ended && !by.Ended || d.Ended == by.Ended && w.order(d, by) > 0 {
			decides[d.ChargeID] = d
		}
	}
	facts := map[processor.ID]chargeFacts{}
	for id, d := range decides {
		facts[id] = factsOf(w.v, d)
	}
	return facts
}

// latest are the charges as a reader adds them up: the latest record of each.
func (s *story) latest() map[processor.ID]chargeFacts {
	facts := map[processor.ID]chargeFacts{}
	for _, c := range s.charges {
		facts[c.id] = c.facts
	}
	return facts
}

// content is what a decision's event says, for comparing.
func content(v *rules.Vocabulary, d *processor.Decision) string {
	f := factsOf(v, d)
	codes := make([]string, 0, len(d.Reasons))
	for _, r := range d.Reasons {
		codes = append(codes, r.Code)
	}
	return fmt.Sprint(f.status, codes, f.risk, d.Attempt, d.ProductVariant, d.Environment)
}
