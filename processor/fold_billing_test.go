package processor_test

import (
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"verdict/processor"
	"verdict/rules"
)

// datedBilling gives acme prices of its own for account x from a second after a story's start on, and for all from ten
// seconds after it on, until the old ones hold again.
var datedBilling = []string{"  otherwise: {name: all, flag: BILLABLE, origin: source}", `
    - {name: of_x, from: 2026-11-21T11:00:01+01:00, when: {account: [x]}, flag: NOT_BILLABLE, origin: operator}
    - {name: new, from: 2026-11-21T10:00:10Z, until: 2026-11-21T10:00:16Z, flag: UNDETERMINED, origin: operator}
  otherwise: {name: all, flag: BILLABLE, origin: source}`}

const newPrices, oldAgain = 10, 16 // seconds after a story's start

// What comes late, again or as a correction is charged by its own time, not by when it is decided.
func TestChargesGoByTheTimeOfTheEvent(t *testing.T) {
	for name, lines := range map[string][]line{
		"the last moment before, and the first after it": {
			{"failed id=a t=9", "FIRST 1 current table BILLABLE"},
			{"failed attempt=2 id=b t=10", "ADVANCED 2 current table UNDETERMINED"},
		},
		"a late end of an attempt of its own": {
			{"failed attempt=2 id=b t=12", "FIRST 1 current table UNDETERMINED"},
			{"failed id=a t=3", "LATE 2 BILLABLE"},
		},
		"a late end that what is known counts over": {
			{"failed id=b t=12", "FIRST 1 current table UNDETERMINED"},
			{"done risk=1 id=a t=3", "LATE 2"},
		},
		"a correction after the day": {
			{"failed id=a t=3", "FIRST 1 current table BILLABLE"},
			{"done risk=1 id=b t=12", "REVERSED 2 current table UNDETERMINED REVERSED"},
			{"failed id=a t=3", "REPEATED 0"},
		},
		"a correction of before the day, that comes after it": {
			{"failed id=a t=3", "FIRST 1 current table BILLABLE"},
			{"failed v=v-2 id=c t=12", "FIRST 1 current table UNDETERMINED"},
			{"done risk=1 id=b t=9", "REVERSED 2 current table BILLABLE REVERSED"},
		},
		"the same again after the day": {
			{"failed id=a t=3", "FIRST 1 current table BILLABLE"},
			{"failed id=b t=12", "UNCHANGED 2 current"},
			{"failed", "UNCHANGED 3 current"},
			{"done risk=1 id=c t=14", "REVERSED 4 current table UNDETERMINED REVERSED"},
		},
		"the first of what says the same comes late": {
			{"failed id=b t=12", "FIRST 1 current table UNDETERMINED"},
			{"failed id=a t=3", "UNCHANGED 2 BILLABLE"},
			{"failed id=c t=2", "UNCHANGED 3"},
			{"failed id=d t=13", "UNCHANGED 4 current"},
		},
		"the first of what says the same comes before the last, at the same price": {
			{"failed id=a t=17", "FIRST 1 current table BILLABLE"},
			{"failed id=b t=3", "UNCHANGED 2"},
			{"failed id=c t=12", "UNCHANGED 3"},
		},
		"an account of its own": {
			{"failed id=a t=0 account=x", "FIRST 1 current table BILLABLE"},
			{"failed attempt=2 id=b t=1 account=x", "ADVANCED 2 current table NOT_BILLABLE"},
			{"failed attempt=3 id=c t=12 account=x", "ADVANCED 3 current table NOT_BILLABLE"},
			{"failed attempt=4 id=d t=1 account=y", "ADVANCED 4 current table BILLABLE"},
		},
		"a trial and no result": {
			{"void id=a t=12", "FIRST 1 current table NOT_BILLABLE"},
			{"failed v=v-2 sandbox id=b t=12", "FIRST 1 current table NOT_BILLABLE"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := tell(t, processor.Options{})
			s.goOnBy(t, datedBilling...)
			s.tellLines(t, lines)
		})
	}
}

// withoutPrices leaves out of charges what depends on which of several ends that say the same came between others.
func withoutPrices(charges map[processor.ID]chargeFacts) {
	for id, facts := range charges {
		facts.flag = rules.BillingFlagUnspecified
		charges[id] = facts
	}
}

// What says the same again, in any order, and months later perhaps, is charged as the first of it to occur.
func TestThePriceIsThatOfTheFirst(t *testing.T) {
	dated := acmeBy(t, datedBilling...)
	v := dated.Vocabulary("acme", "id")
	rapid.Check(t, func(t *rapid.T) {
		near := rapid.SampledFrom([]int64{0, 1, newPrices - 1, newPrices, oldAgain - 1, oldAgain, oldAgain + 1})
		times := rapid.SliceOfNDistinct(near, 1, 7, rapid.ID).Draw(t, "times")
		account := rapid.SampledFrom([]string{"", "x"}).Draw(t, "account")
		s := newStory(t, dated, v, processor.Options{})
		for _, n := range times {
			s.tell(processor.Event{EventID: fmt.Sprint(n), Status: "failed", Account: account,
				OccurredAt: at(n), HasOccurredAt: true})
		}
		want := rules.BillingFlagBillable
		switch first := slices.Min(times); {
		case account == "x" && first >= 1:
			want = rules.BillingFlagNotBillable
		case first >= newPrices && first < oldAgain:
			want = rules.BillingFlagUndetermined
		}
		last := s.charges[len(s.charges)-1]
		if last.facts.flag != want {
			t.Fatalf("%s, wanted %s", last.facts.flag, want)
		}
	})
}

// Where no answer comes back that was taken back, the charge is that of the last answer, at the price of its first
// time, in whichever order all were told.
func TestThePriceDoesNotDependOnTheOrder(t *testing.T) {
	oneGoroutine(t)
	c := acmeBy(t, "  otherwise: {name: all, flag: BILLABLE, origin: source}", `
    - {name: failed, until: 2026-11-21T10:00:10Z, when: {status: [failed]}, flag: NOT_BILLABLE, origin: operator}
    - {name: done, from: 2026-11-21T10:00:13Z, when: {status: [done]}, flag: NOT_BILLABLE, origin: operator}
  otherwise: {name: all, flag: BILLABLE, origin: source}`)
	v := c.Vocabulary("acme", "id")
	price := func(status string, at int64) rules.BillingFlag {
		if status == "failed" && at < 10 || status == "done" && at >= 13 {
			return rules.BillingFlagNotBillable
		}
		return rules.BillingFlagBillable
	}
	type answer struct {
		status string
		risk   int32
	}
	all := []answer{{"failed", 0}, {"done", 1}, {"done", 2}, {"done", 9}}
	moved := 0
	rapid.Check(t, func(t *rapid.T) {
		answers := rapid.Permutation(all).Draw(t, "answers")
		times := rapid.SliceOfNDistinct(rapid.Int64Range(0, 20), 2, 7, rapid.ID).Draw(t, "times")
		slices.Sort(times)
		var events []processor.Event
		said, first := 0, times[0]
		for i, n := range times {
			if i > 0 && said < len(answers)-1 && rapid.Bool().Draw(t, "another") {
				said, first = said+1, n
			}
			a := answers[said]
			events = append(events, processor.Event{EventID: fmt.Sprint(n), Status: a.status, RiskCode: a.risk,
				HasRiskCode: a.risk != 0, OccurredAt: at(n), HasOccurredAt: true})
		}
		s := newStory(t, c, v, processor.Options{})
		for _, e := range rapid.Permutation(events).Draw(t, "order") {
			s.tell(e)
		}
		want := price(answers[said].status, first)
		if got := s.charges[len(s.charges)-1].facts.flag; got != want {
			t.Fatalf("%s, wanted %s", got, want)
		}
		moved += number(want != price(answers[said].status, times[len(times)-1]))
	})
	if moved == 0 {
		t.Error("no answer was said again at another price")
	}
}

// Whether a date is told ahead of its day does not show in any charge before it, nor in when that dates from.
func TestADateThatIsStillToComeChangesNothing(t *testing.T) {
	later := acmeBy(t, "  otherwise: {name: all, flag: BILLABLE, origin: source}", `
    - {name: later, from: 2027-06-01T00:00:00Z, flag: NOT_BILLABLE, origin: operator}
  otherwise: {name: all, flag: BILLABLE, origin: source}`)
	undated := smallCatalog(t)
	rapid.Check(t, func(t *rapid.T) {
		cast := drawCast(t, undated.Vocabulary("acme", "id"), 3)
		events := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) processor.Event { return anyTold(t, &cast) }), 1, 25).
			Draw(t, "events")
		options := processor.Options{}
		with := newStory(t, later, later.Vocabulary("acme", "id"), options)
		without := newStory(t, undated, undated.Vocabulary("acme", "id"), options)
		for _, e := range events {
			with.tell(e)
			without.tell(e)
		}
		if !reflect.DeepEqual(with.charges, without.charges) {
			t.Fatalf("charged\n%+v\nand without the date\n%+v", with.charges, without.charges)
		}
	})
}

// An account's rule is for it whatever white space is around it, which is published.
func TestChargesOfAnAccountWithWhiteSpace(t *testing.T) {
	s := tell(t, processor.Options{})
	s.goOnBy(t, datedBilling...)
	e := storyEvent(t, "failed t=1")
	e.Account = " x\t"
	d := s.tell(e).Decision
	if d.Billing.Flag != rules.BillingFlagNotBillable || d.Account != e.Account {
		t.Errorf("account %q: %s", d.Account, d.Billing.Flag)
	}
}

// Without a time of the provider's, the record's stands in.
func TestChargesGoByTheRecordsTime(t *testing.T) {
	s := tell(t, processor.Options{})
	s.goOnBy(t, datedBilling...)
	for s.offset = newPrices - 1; s.offset <= newPrices; {
		want := map[int64]string{newPrices - 1: "BILLABLE", newPrices: "UNDETERMINED"}[s.offset]
		e := storyEvent(t, "failed")
		e.VerificationID = want
		if got := s.tell(e).Decision.Billing.Flag.String(); got != want {
			t.Errorf("offset %d: %s, wanted %s", s.offset-1, got, want)
		}
	}
}

// A provider's time from more than a day after the record is none, for the price and its date as for the story.
func TestChargesGoByNoTimeFromFarAhead(t *testing.T) {
	const day = 24 * 60 * 60
	s := tell(t, processor.Options{})
	s.goOnBy(t, datedBilling...)
	for i, c := range []struct{ offset, time, charged int64 }{
		{newPrices - 1, newPrices + day, newPrices - 1}, {newPrices, 400 * day, newPrices},
		{newPrices, 1, 1}, {1, oldAgain - 1, oldAgain - 1},
	} {
		s.offset = c.offset
		e := storyEvent(t, "failed")
		e.VerificationID = fmt.Sprint(i)
		e.OccurredAt, e.HasOccurredAt = at(c.time), true
		want := rules.BillingFlagBillable
		if c.charged >= newPrices {
			want = rules.BillingFlagUndetermined
		}
		d := s.tell(e).Decision
		if d.Billing.Flag != want || d.FlagSince != at(c.charged) || d.OccurredAt != at(c.time) {
			t.Errorf("at %d, told at %d: %s since %d, wanted %s since %d", c.time, c.offset, d.Billing.Flag,
				(d.FlagSince-at(0))/1_000_000, want, c.charged)
		}
	}
}

// Rules with a date charge the same whenever they are taken over before that day, be it by one instance or by several,
// one after the other.
func TestDatedRulesChargeTheSameWheneverTheyAreLoaded(t *testing.T) {
	oneGoroutine(t)
	old, dated := smallCatalog(t), acmeBy(t, datedBilling...)
	v := dated.Vocabulary("acme", "id")
	moved := 0
	rapid.Check(t, func(t *rapid.T) {
		cast := drawCast(t, v, 3)
		cast.times = []int64{at(0), at(1), at(newPrices - 1), at(newPrices), at(oldAgain)}
		events := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) processor.Event { return anyTold(t, &cast) }), 1, 25).
			Draw(t, "events")
		early := 0 // events before the first that a dated rule may be for
		for early < len(events) {
			e := &events[early]
			of := at(int64(early))
			if e.HasOccurredAt {
				of = e.OccurredAt
			}
			if of >= at(1) {
				break
			}
			early++
		}
		release := rapid.IntRange(0, early).Draw(t, "release")
		options := processor.Options{Retention: 30 * 24 * time.Hour}
		always, later := newStory(t, dated, v, options), newStory(t, old, old.Vocabulary("acme", "id"), options)
		for i, e := range events {
			if i == release {
				later.processor = processor.New(dated, eventDecoder{&later.event}, fixedEncoder{}, options)
			}
			always.tell(e)
			later.tell(e)
		}
		if !reflect.DeepEqual(always.charges, later.charges) {
			t.Fatalf("charged\n%+v\nand, released after %d events,\n%+v", always.charges, release, later.charges)
		}
		for _, c := range always.charges {
			moved += number(c.facts.flag.String() == "UNDETERMINED" || c.facts.account == "x")
		}
	})
	if moved == 0 {
		t.Error("no charge went by a dated rule")
	}
}

// A charge dates from when it first had its flag, whatever is known of it later.
func TestFlagSince(t *testing.T) {
	s := builtIn(t, "yousign",
		line{"inconclusive 1301 id=a t=0", "FIRST 1 current table NOT_BILLABLE"},
		line{"declined 2301 id=b t=10", "REVERSED 2 current table BILLABLE REVERSED"},
		line{"approved id=c t=20", "REVERSED 3 current table BILLABLE REVERSED"},
		line{"approved id=d t=40", "UNCHANGED 4 current"},
		line{"declined 2301 id=e t=30", "LATE 5"}, // the end at 40 decides
		line{"inconclusive 1301 id=f t=50", "REVERSED 6 current table NOT_BILLABLE REVERSED"})
	var since []int64
	for _, c := range s.charges {
		since = append(since, (c.since-at(0))/1_000_000)
	}
	if want := []int64{0, 10, 10, 50}; !slices.Equal(since, want) {
		t.Errorf("the flags are since %v, wanted %v", since, want)
	}
}

// Rules that were corrected may give a charge another flag, when the provider says the same once more.
func TestChargeUnderOtherRules(t *testing.T) {
	s := tell(t, processor.Options{}, line{"failed id=a t=1", "FIRST 1 current table BILLABLE"})
	s.goOnBy(t, "status: [void]", "status: [void, failed]")
	s.tellLines(t, []line{
		{"failed id=a t=1", "REPEATED 0"},
		{"failed id=b t=2", "UNCHANGED 2 current NOT_BILLABLE"},
	})
}
