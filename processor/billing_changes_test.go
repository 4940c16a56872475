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

// What two random billing policies bill otherwise, of what has occurred and is charged at all, is what deciding an
// event of each kind by both shows.
func TestBillingChangesOfRandomRules(t *testing.T) {
	oneGoroutine(t)
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
			if e.RecordTime < now.UnixMicro() && was.Charges() && was.Billing.Flag != is.Billing.Flag {
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

// samplePlaces names what an event of everyKind that is charged stands for: a status that is undecided is unclear.
func samplePlaces(e *processor.Event) []string {
	if e.Status == "unclear" {
		return []string{"status unclear", "status undecided"}
	}
	return []string{fmt.Sprintf("status %s with risk code %d", e.Status, e.RiskCode)}
}

func TestBillingChangesInWords(t *testing.T) {
	day := func(n int) time.Time { return time.Date(2026, 12, n, 0, 0, 0, 0, time.UTC) }
	load := func(drawn ...drawnRule) *rules.Catalog {
		c, err := sampleBilling(drawn)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	open := func(flag string, accounts ...string) drawnRule {
		return drawnRule{flag: flag, accounts: accounts, statuses: []string{"open"}}
	}
	free, done := open("NOT_BILLABLE"), []string{"done"}
	old := load(free)
	const words = "which also changes what has occurred already: status done with risk code 200, " +
		"status done with risk code 500: BILLABLE, and so far UNDETERMINED by rule rest. A late event or a correction would be charged otherwise than those before it: if this is new, " +
		"write a from that is still to come"
	for name, test := range map[string]struct {
		own  *rules.Catalog
		want []string
	}{
		"without a date": {load(drawnRule{flag: "BILLABLE", statuses: done}, free),
			[]string{"sample: billing rule r0 (sample.yaml:51) has no from, " + words}},
		"from a past day": {load(drawnRule{flag: "BILLABLE", statuses: done, from: day(4)}, free),
			[]string{"sample: billing rule r0 (sample.yaml:51) has a from that is past, " + words}},
		"from now":           {load(drawnRule{flag: "BILLABLE", statuses: done, from: day(5)}, free), nil},
		"for what is no end": {load(open("UNDETERMINED")), nil},
		"from a day to come": {load(drawnRule{flag: "BILLABLE", statuses: done, from: day(6)}, free), nil},
		"by another name":    {load(open("NOT_BILLABLE", "a"), free), nil},
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

// A code can make an end of what the status leaves open, and then it is charged.
func TestBillingChangesOfEndsByCodes(t *testing.T) {
	const end = "what is an end now (overlay/own.yaml:2) was none, which also changes what has occurred already: "
	const noEnd = "what is no end now (overlay/own.yaml:2) was one, which also changes what has occurred already: "
	const minor = "vocabulary: ubble-idv\ncodes: [{code: 61101, no_retry: true, origin: operator}]\n"
	const open = "vocabulary: fourthline-docauth\nstatuses: [{name: invalid_data, ended: false, origin: operator}]\n"
	const charged = "billing: {rules: [{name: r, when: {status: [retry_required]}, flag: BILLABLE, origin: operator}]}\n"
	const free = "billing: {rules: [{name: r, until: 2026-12-06T00:00:00Z, when: {status: [retry_required]}, " +
		"flag: NOT_BILLABLE, origin: operator}]}\n"
	for name, test := range map[string]struct {
		was, is, event string
		want           []string
	}{
		"a code": {"", minor, "ubble-idv retry_required 61101",
			[]string{end + "status retry_required with code 61101: UNDETERMINED, and so far no charge."}},
		"codes of a range": {"", "vocabulary: veriff-idv\nranges: [{from: 601, to: 699, no_retry: true, " +
			"origin: operator}]\n", "veriff-idv resubmission_requested 650", []string{end +
			"status resubmission_requested with one of the codes 601 to 699: UNDETERMINED, and so far no charge."}},
		"beside a code that asks for a new case": {open, open + "billing: {rules: [{name: r, when: {status: " +
			"[invalid_data]}, flag: BILLABLE, origin: operator}]}\n", "fourthline-docauth invalid_data 3500",
			[]string{"billing rule r (overlay/own.yaml:3) has no from, which also changes what has occurred already: " +
				"status invalid_data with a code that makes it an end: BILLABLE, and so far UNDETERMINED by rule silent."}},
		"an end by a code alone": {"", open, "fourthline-docauth invalid_data 1", []string{noEnd +
			"status invalid_data: no charge, and so far UNDETERMINED by rule silent."}},
		"a code no more": {minor, "vocabulary: ubble-idv\ncodes: [{code: 61101, no_retry: false, origin: operator}]\n",
			"ubble-idv retry_required 61101",
			[]string{noEnd + "status retry_required with code 61101: no charge, and so far UNDETERMINED by rule silent."}},
		"at another price": {minor, minor + charged, "ubble-idv retry_required 61101",
			[]string{"billing rule r (overlay/own.yaml:3) has no from, which also changes what has occurred already: " +
				"status retry_required with a code that makes it an end: BILLABLE, and so far UNDETERMINED by rule silent."}},
		"a code that is free so far": {"", minor + free, "ubble-idv retry_required 61101", nil},
	} {
		was, is := rules.Embedded(), overBuiltIn(t, test.is)
		if test.was != "" {
			was = overBuiltIn(t, test.was)
		}
		var got []string
		for _, c := range rules.BillingChanges(was, is, billingNow) {
			_, text, _ := strings.Cut(c.String(), ": ")
			text, _, _ = strings.Cut(text, " A late")
			got = append(got, text)
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%s:\n%q, wanted\n%q", name, got, test.want)
		}
		if charge, before := chargeBy(is, test.event), chargeBy(was, test.event); (charge != before) != (got != nil) {
			t.Errorf("%s: %s, before %s", name, charge, before)
		}
	}
}

func overBuiltIn(t *testing.T, overlay string) *rules.Catalog {
	t.Helper()
	c, err := rules.LoadOver(nil, fstest.MapFS{"own.yaml": {Data: []byte(overlay)}})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// chargeBy is what an event with a status and a code is charged, before billingNow. What is free is not told apart from
// what has no charge.
func chargeBy(c *rules.Catalog, event string) string {
	words := strings.Fields(event)
	for _, v := range c.Vocabularies() {
		var d processor.Decision
		processor.Decide(v, &processor.Event{Status: words[1], Codes: words[2:], RecordTime: billingNow.UnixMicro() - 1}, &d)
		if v.Name == words[0] && d.Charges() && d.Billing.Flag != rules.BillingFlagNotBillable {
			return d.Billing.Flag.String()
		}
	}
	return "none"
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
