package processor_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"verdict/processor"
	"verdict/rules"
)

// What two random billing policies bill otherwise, of what has occurred, is what deciding an event of each kind by both
// shows.
func TestBillingChangesOfRandomRules(t *testing.T) {
	changed := 0
	rapid.Check(t, func(t *rapid.T) {
		var pair [2]*rules.Catalog
		for i := range pair {
			c, err := sampleBilling(rapid.SliceOfN(rapid.Custom(anyRule), 1, 3).Draw(t, "rules"))
			if err != nil {
				return // the loader's affair
			}
			pair[i] = c
		}
		now := rapid.SampledFrom(drawnDates).Draw(t, "now")
		got, want := map[string]bool{}, map[string]bool{}
		for _, c := range rules.BillingChanges(pair[0], pair[1], now) {
			for _, place := range c.Places {
				got[fmt.Sprint(c.Was.Basis, " ", c.Is.Basis, " ", place)] = true
			}
		}
		everyKind(func(e *processor.Event) {
			var was, is processor.Decision
			processor.Decide(pair[0].Vocabularies()[0], e, &was)
			processor.Decide(pair[1].Vocabularies()[0], e, &is)
			if e.RecordTime < now.UnixMicro() && was.Billing.Flag != is.Billing.Flag {
				for _, place := range samplePlaces(e) {
					want[fmt.Sprint(was.Billing.Basis, " ", is.Billing.Basis, " ", place)] = true
				}
			}
		})
		if !maps.Equal(got, want) {
			t.Fatalf("told: %q\nto be seen: %q", slices.Sorted(maps.Keys(got)), slices.Sorted(maps.Keys(want)))
		}
		changed += len(want)
	})
	if changed == 0 {
		t.Error("no policy differed from another")
	}
}

// samplePlaces names what an event of everyKind stands for: a status that is undecided is unclear, and what is done
// without a risk code is done with an unknown one too, as no billing rule of the sample tells them apart.
func samplePlaces(e *processor.Event) []string {
	switch {
	case e.Status == "unclear":
		return []string{"status unclear", "status undecided"}
	case e.Status != "done":
		return []string{"status " + e.Status}
	case e.HasRiskCode:
		return []string{fmt.Sprintf("status done with risk code %d", e.RiskCode)}
	}
	return []string{"status done without a risk code", "status done with an unknown risk code"}
}

func TestBillingChangesInWords(t *testing.T) {
	day := func(n int) time.Time { return time.Date(2026, 12, n, 0, 0, 0, 0, time.UTC) }
	open := drawnRule{flag: "NOT_BILLABLE", statuses: []string{"open"}}
	load := func(before ...drawnRule) *rules.Catalog {
		c, err := sampleBilling(append(before, open))
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	old, done := load(), []string{"done"}
	const words = "which also changes what has occurred already: status done with an unknown risk code, " +
		"status done without a risk code, status done with risk code 200 and 1 more: BILLABLE, and so far UNDETERMINED " +
		"by rule rest. A late event or a correction would be charged otherwise than those before it: if this is new, " +
		"write a from that is still to come"
	for name, test := range map[string]struct {
		own  *rules.Catalog
		want []string
	}{
		"without a date": {load(drawnRule{flag: "BILLABLE", statuses: done}),
			[]string{"sample: billing rule r0 (sample.yaml:51) has no from, " + words}},
		"from a past day": {load(drawnRule{flag: "BILLABLE", statuses: done, from: day(4)}),
			[]string{"sample: billing rule r0 (sample.yaml:51) has a from that is past, " + words}},
		"from now":           {load(drawnRule{flag: "BILLABLE", statuses: done, from: day(5)}), nil},
		"from a day to come": {load(drawnRule{flag: "BILLABLE", statuses: done, from: day(6)}), nil},
		"by another name":    {load(drawnRule{flag: "NOT_BILLABLE", accounts: []string{"a"}, statuses: open.statuses}), nil},
		"the same":           {old, nil},
	} {
		var got []string
		for _, c := range rules.BillingChanges(old, test.own, day(5)) {
			got = append(got, c.String())
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%s:\n%q, wanted\n%q", name, got, test.want)
		}
	}
}
