package processor_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"pgregory.net/rapid"

	"verdict/processor"
	"verdict/rules"
)

// Stories are told of one verification, event by event, each through Process as in a running program.

// smallCatalog has one vocabulary, with one of each that the flow of statuses makes a difference of.
func smallCatalog(t testing.TB) *rules.Catalog {
	t.Helper()
	c, err := rules.Load(fstest.MapFS{
		"catalog.yaml": {Data: []byte("version: small\n")},
		"acme-id.yaml": {Data: []byte(acme)},
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

const acme = `
vocabulary: acme-id
provider: acme
product: id
title: A vocabulary for tests
sources:
  - {name: acme, title: "Nobody's page", read: 2026-11, dated: "never"}
series:
  - {name: redo}
  - {name: sign}
risk_codes:
  - {code: 1, label: low, level: LOW}
  - {code: 2, label: medium, level: MEDIUM}
  - {code: 3, label: high, level: HIGH}
  - {code: 9, label: unacceptable, level: UNACCEPTABLE}
statuses:
  - {name: open, aliases: [opened], meaning: m, outcome: PENDING, origin: source, final: false,
     retry: {advice: WAIT, scope: SAME_VERIFICATION, origin: source}}
  - {name: busy, meaning: m, outcome: PENDING, origin: source, final: false,
     retry: {advice: WAIT, scope: SAME_VERIFICATION, origin: source}}
  - {name: redo, meaning: m, outcome: RESUBMISSION_REQUIRED, origin: source, final: on_new_case, ended: true,
     retry: {advice: RETRY, scope: SAME_VERIFICATION, origin: source}}
  - name: done
    meaning: m
    by_risk:
      1: {outcome: APPROVED, origin: source, final: true,
          retry: {advice: NOT_APPLICABLE, scope: NONE, origin: source}}
      2: {outcome: REVIEW, origin: source, final: true, retry: {advice: AWAIT_REVIEW, scope: NONE, origin: source}}
      3: {outcome: REVIEW, origin: source, final: true, retry: {advice: AWAIT_REVIEW, scope: NONE, origin: source}}
      9: {outcome: DECLINED, origin: source, final: true,
          retry: {advice: DO_NOT_RETRY, scope: NONE, origin: source}}
      missing: {outcome: REVIEW, origin: source, final: false, ended: true,
                retry: {advice: AWAIT_REVIEW, scope: NONE, origin: source}}
      unknown: {outcome: REVIEW, origin: source, final: false, ended: true,
                retry: {advice: AWAIT_REVIEW, scope: NONE, origin: source}}
  - {name: failed, meaning: m, outcome: DECLINED, origin: source, final: true,
     retry: {advice: OPTIONAL, scope: NEW_VERIFICATION, origin: source}}
  - {name: void, meaning: m, outcome: INCONCLUSIVE, origin: source, final: true,
     retry: {advice: RETRY, scope: NEW_VERIFICATION, origin: source}}
  - {name: asks, meaning: m, outcome: RESUBMISSION_REQUIRED, origin: source, final: false,
     retry: {advice: RETRY, scope: SAME_VERIFICATION, origin: source}}
flow:
  - {from: [open], to: [busy, void], origin: source}
  - {from: [busy], to: [redo, asks, done, failed, void], origin: source}
  - {from: [asks], to: [asks, busy], origin: source}
  - {from: [redo], final: false, to: [busy], reopens: true, origin: source}
  - {from: [redo], final: false, to: [failed], reopens: true, unexpected: true, origin: reading, reason: "r"}
  - {from: [done], final: false, to: [done], origin: source}
  - {from: [done], signature: OPEN, to: [done], reopens: true, origin: source}
billing:
  rules:
    - {name: nothing, when: {status: [void]}, flag: NOT_BILLABLE, origin: source}
    - {name: silent, when: {status: [redo]}, flag: UNDETERMINED, origin: source}
  otherwise: {name: all, flag: BILLABLE, origin: source}
codes:
  - {code: 11, statuses: [redo], series: redo, category: DATA, meaning: m}
  - {code: 12, statuses: [redo], series: redo, category: DATA, scope: NEW_VERIFICATION, meaning: m}
  - {code: 13, statuses: [busy], series: redo, category: VALIDATION, effect: POSITIVE, meaning: m}
  - code: 21
    statuses: [done]
    series: sign
    category: SIGNATURE
    signature: OPEN
    meaning: m
    retry:
      sdk: {advice: WAIT, scope: SAME_VERIFICATION, origin: source}
      api: {advice: RETRY_WITH_CHANGES, scope: SAME_VERIFICATION, actions: [INCLUDE_SIGNATURE], origin: source}
      unnamed: {advice: CONDITIONAL, scope: SAME_VERIFICATION, actions: [INCLUDE_SIGNATURE], origin: source}
`

// remembered is what is known of a partition's verifications, in a map.
type remembered map[processor.Key]processor.Memory

func (known remembered) Recall(key processor.Key, m *processor.Memory) (found bool) {
	*m, found = known[key]
	return found
}

// story is what has been told of verifications, and what was published of it.
type story struct {
	t         rapid.TB
	v         *rules.Vocabulary
	event     processor.Event // that is told next
	processor *processor.Processor
	known     remembered
	offset    int64
	result    processor.Result
	published []processor.Decision
	table     []processor.Decision
	charges   []charged
}

// charged is a billing event.
type charged struct {
	id    processor.ID
	facts chargeFacts
	since int64
}

// chargeFacts is what one charge says.
type chargeFacts struct {
	flag    rules.BillingFlag
	outcome rules.Outcome
	status  string
	risk    string
	env     processor.Environment
	account string
}

const retention = 30 * 24 * 60 * 60 * 1000 // of a story, in milliseconds

// storyStart is the timestamp of a story's first record, in milliseconds; the others follow a second apart.
const storyStart = 1_795_255_200_000

func newStory(t rapid.TB, c *rules.Catalog, v *rules.Vocabulary, options processor.Options) *story {
	s := &story{t: t, v: v, known: remembered{}}
	s.processor = processor.New(c, eventDecoder{&s.event}, fixedEncoder{}, options)
	return s
}

// record is the raw record of the next event.
func (s *story) record() *processor.Record {
	return &processor.Record{
		Topic: "raw", Partition: 3, Offset: s.offset, Timestamp: storyStart + 1000*s.offset,
		Key: []byte(s.event.VerificationID), Value: []byte("x"),
	}
}

// tell lets an event come next.
func (s *story) tell(e processor.Event) *processor.Result {
	s.event = e
	s.event.Provider, s.event.Product, s.event.VerificationID = s.v.Provider, s.v.Product, or(e.VerificationID, "v-1")
	return s.process(s.record())
}

func (s *story) process(r *processor.Record) *processor.Result {
	s.offset++
	res := &s.result
	if err := s.processor.Process(r, s.known, res); err != nil {
		s.t.Fatalf("%v", err)
	}
	if res.Followed {
		s.known[res.Key] = res.Memory
	}
	for _, out := range res.Outputs {
		d := *res.Decision
		d.Reasons, d.RetryFields = slices.Concat(d.Reasons), slices.Concat(d.RetryFields) // nil if empty
		switch out.Route {
		case processor.RouteDecision:
			s.published = append(s.published, d)
		case processor.RouteVerification:
			s.table = append(s.table, d)
		case processor.RouteBilling:
			s.charges = append(s.charges, charged{d.ChargeID, factsOf(s.v, &d), d.FlagSince})
		default:
		}
	}
	return res
}

// memory is what is remembered of the verification of the event told last.
func (s *story) memory() processor.Memory { return s.known[s.result.Key] }

func factsOf(v *rules.Vocabulary, d *processor.Decision) chargeFacts {
	f := chargeFacts{d.Billing.Flag, d.Outcome, d.ProviderStatus, "none", d.Environment, d.Account}
	if status := v.Status(d.ProviderStatus); status != nil {
		f.status = status.Name
	}
	if d.HasRisk {
		f.risk = fmt.Sprint(d.Risk.Code)
	}
	return f
}

// became says in a line what became of the event told last: transition, sequence, whether it is the current word and in
// the table, its charge and the anomalies that come from what is known.
func became(res *processor.Result) string {
	d := res.Decision
	if !d.HasLifecycle {
		return "no state" + routesOf(res)
	}
	text := fmt.Sprint(d.Lifecycle.Transition, " ", d.Lifecycle.Sequence)
	if d.Lifecycle.Current {
		text += " current"
	}
	text += routesOf(res)
	for _, a := range []processor.Anomaly{
		processor.AnomalyUnexpectedTransition, processor.AnomalyEventChanged, processor.AnomalyReversed,
	} {
		if d.Anomalies.Has(a) {
			text += " " + a.String()
		}
	}
	if res.Effects.Forgotten {
		text += " forgotten"
	}
	if res.Effects.ChargeLost {
		text += " lost"
	}
	return text
}

func routesOf(res *processor.Result) string {
	var text strings.Builder
	for _, out := range res.Outputs {
		switch out.Route {
		case processor.RouteVerification:
			text.WriteString(" table")
		case processor.RouteBilling:
			text.WriteString(" " + res.Decision.Billing.Flag.String())
		default:
		}
	}
	return text.String()
}

// at is a provider's time, in microseconds: so many seconds after the story's start.
func at(seconds int64) int64 { return storyStart*1000 + seconds*1_000_000 }

// line is an event in the words of event, and what becomes of it.
type line struct{ event, want string }

// tellLines tells a story and compares what becomes of each event. In a line's event "id=x" is the provider's id, and
// "t=N" its time, in seconds after the story's start.
func (s *story) tellLines(t testing.TB, lines []line) {
	t.Helper()
	for i, l := range lines {
		e := storyEvent(t, l.event)
		if got := became(s.tell(e)); got != l.want {
			t.Errorf("%d: %s\ngot  %s\nwant %s", i, l.event, got, l.want)
		}
	}
}

func storyEvent(t testing.TB, text string) processor.Event {
	t.Helper()
	var own processor.Event
	words := strings.Fields(text)
	rest := words[:0]
	for _, word := range words {
		var seconds int64
		switch key, value, _ := strings.Cut(word, "="); {
		case key == "id":
			own.EventID = value
		case key == "account":
			own.Account = value
		case key == "variant":
			own.ProductVariant = value
		case key == "v":
			own.VerificationID = value
		case scan(word, "t=%d", &seconds):
			own.OccurredAt, own.HasOccurredAt = at(seconds), true
		default:
			rest = append(rest, word)
		}
	}
	e := *event(t, strings.Join(rest, " "))
	e.EventID, e.VerificationID = own.EventID, own.VerificationID
	e.Account, e.ProductVariant = own.Account, own.ProductVariant
	e.OccurredAt, e.HasOccurredAt = own.OccurredAt, own.HasOccurredAt
	return e
}

// oneGoroutine leaves a long test out where -short has only what the race detector may find something in.
func oneGoroutine(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("one goroutine: nothing for the race detector")
	}
}
