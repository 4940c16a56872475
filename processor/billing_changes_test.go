package processor_test

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
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

// A status that becomes an end, or is one no more, has a charge or none also where no flag differs.
func TestBillingChangesOfEnds(t *testing.T) {
	const none = "final: false, retry: {advice: AWAIT_REVIEW, scope: NONE, origin: policy}}\n      unknown"
	ended := strings.Replace(none, "final: false", "final: false, ended: true", 1)
	const rest = "  otherwise: {name: rest"
	free := []string{rest, "    - {name: free, until: 2026-12-06T00:00:00Z, flag: NOT_BILLABLE, origin: operator}\n" +
		rest}
	for name, test := range map[string]struct {
		was, is []string // replacements
		want    string
	}{
		"the same": {[]string{none, ended}, []string{none, ended}, ""},
		"an end now": {nil, []string{none, ended}, "sample: what is an end now (sample.yaml:47) was none, which also " +
			"changes what has occurred already: status done without a risk code: UNDETERMINED, and so far no charge. A " +
			"late event or a correction would be charged otherwise than those before it: if this is new, write a " +
			"billing rule for it with an until that is still to come, flag NOT_BILLABLE"},
		"an end no more": {[]string{none, ended}, nil, "sample: what is no end now (sample.yaml:47) was one, which " +
			"also changes what has occurred already: status done without a risk code: no charge, and so far " +
			"UNDETERMINED by rule rest. A late event or a correction would be charged otherwise than those before it: " +
			"keep it an end; if it is to be charged no more, write a billing rule for it with a from that is still to " +
			"come, flag NOT_BILLABLE"},
		"an end that is free so far": {free, append([]string{none, ended}, free...), ""},
	} {
		var got string
		for _, c := range rules.BillingChanges(sampleBy(t, test.was...), sampleBy(t, test.is...), billingNow) {
			got += c.String()
		}
		if got != test.want {
			t.Errorf("%s:\n%q, wanted\n%q", name, got, test.want)
		}
	}
}

// What falls to otherwise can have no from.
func TestBillingChangesToOtherwise(t *testing.T) {
	const first = "    - {name: first, when: {product_variant: [face], attempt: {from: 1, to: 3}}, " +
		"flag: NOT_BILLABLE, origin: operator}\n"
	for want, replace := range map[string][]string{
		"leave rule first as it was, with an until that is still to come": {first, ""},
		"leave otherwise as it was, and write the flag in a rule, the last before it, with a from that is still to " +
			"come": {"flag: UNDETERMINED", "flag: NOT_BILLABLE"},
	} {
		changes := rules.BillingChanges(sampleBy(t), sampleBy(t, replace...), billingNow)
		if len(changes) != 1 || !strings.HasSuffix(changes[0].String(), ": if this is new, "+want) ||
			!strings.Contains(changes[0].String(), ") is for all times, which") {
			t.Errorf("%v, wanted %s", changes, want)
		}
	}
}

var billingNow = time.Date(2026, 12, 5, 0, 0, 0, 0, time.UTC)

// sampleBy is the small catalog of the loader's fixtures with some text replaced.
func sampleBy(t *testing.T, replace ...string) *rules.Catalog {
	t.Helper()
	content, err := os.ReadFile("../rules/invalid/valid/sample.yaml")
	if err != nil {
		t.Fatal(err)
	}
	c, err := rules.Load(fstest.MapFS{"catalog.yaml": {Data: []byte("version: 2026.11.0\n")},
		"sample.yaml": {Data: []byte(strings.NewReplacer(replace...).Replace(string(content)))}})
	if err != nil {
		t.Fatal(err)
	}
	return c
}
