package processor_test

import (
	"errors"
	"fmt"
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

// drawnRule is a billing rule as a test writes it, and judges it by itself. The zero values are no condition.
type drawnRule struct {
	flag                         string
	statuses, variants, accounts []string
	risks                        []int32
	least, most                  int32
	from, until                  time.Time
}

var (
	drawnTexts = []string{"a", "b", "c"}
	drawnDates = []time.Time{
		time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC), time.Date(2026, 12, 1, 0, 0, 0, 0, time.FixedZone("", 3600)),
		time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC), time.Date(2027, 1, 1, 0, 0, 0, 0, time.FixedZone("", -5*3600)),
	}
	sampleStatuses = []string{"open", "unclear", "done"}
)

// some draws none, one or a few of all, in their order.
func some[V any](t *rapid.T, name string, all []V) (drawn []V) {
	for i, v := range all {
		if rapid.IntRange(0, 3).Draw(t, fmt.Sprint(name, i)) == 0 {
			drawn = append(drawn, v)
		}
	}
	return drawn
}

func anyRule(t *rapid.T) drawnRule {
	b := drawnRule{
		flag:     rapid.SampledFrom([]string{"BILLABLE", "NOT_BILLABLE", "UNDETERMINED"}).Draw(t, "flag"),
		statuses: some(t, "status", sampleStatuses), variants: some(t, "variant", drawnTexts),
		accounts: some(t, "account", drawnTexts), least: rapid.Int32Range(0, 3).Draw(t, "least"),
	}
	if b.flag == "BILLABLE" && rapid.IntRange(0, 9).Draw(t, "careless") > 0 {
		b.statuses = []string{rapid.SampledFrom([]string{"open", "done"}).Draw(t, "charged")}
	}
	if b.statuses == nil || slices.Equal(b.statuses, []string{"done"}) {
		b.risks = some(t, "risk", []int32{200, 500})
	}
	if rapid.Bool().Draw(t, "ends") {
		b.most = max(b.least, 1) + rapid.Int32Range(0, 1).Draw(t, "most")
	}
	first := rapid.IntRange(-1, len(drawnDates)-1).Draw(t, "from")
	if first >= 0 {
		b.from = drawnDates[first]
	}
	if last := rapid.IntRange(first+1, len(drawnDates)).Draw(t, "until"); last < len(drawnDates) {
		b.until = drawnDates[last]
	}
	return b
}

// row is the rule as an operator writes it.
func (b *drawnRule) row(name string) string {
	var when []string
	add := func(key string, values []string) {
		if len(values) > 0 {
			when = append(when, key+": ["+strings.Join(values, ", ")+"]")
		}
	}
	add("status", b.statuses)
	add("risk_code", strings.Fields(strings.Trim(fmt.Sprint(b.risks), "[]")))
	add("product_variant", b.variants)
	add("account", b.accounts)
	switch {
	case b.least > 0 && b.most > 0:
		when = append(when, fmt.Sprintf("attempt: {from: %d, to: %d}", b.least, b.most))
	case b.least > 0:
		when = append(when, fmt.Sprintf("attempt: {from: %d}", b.least))
	case b.most > 0:
		when = append(when, fmt.Sprintf("attempt: {to: %d}", b.most))
	}
	text := "    - {name: " + name
	if !b.from.IsZero() {
		text += ", from: " + b.from.Format(time.RFC3339)
	}
	if !b.until.IsZero() {
		text += ", until: " + b.until.Format(time.RFC3339)
	}
	if when != nil {
		text += ", when: {" + strings.Join(when, ", ") + "}"
	}
	return text + ", flag: " + b.flag + ", origin: operator}\n"
}

// takes says whether the rule is for an event, by what it says and nothing else.
func (b *drawnRule) takes(e *processor.Event) bool {
	in := func(texts []string, text string) bool { return texts == nil || slices.Contains(texts, text) }
	at := time.UnixMicro(e.RecordTime)
	return in(b.statuses, e.Status) && in(b.variants, e.ProductVariant) && in(b.accounts, e.Account) &&
		(b.risks == nil || e.HasRiskCode && e.Status == "done" && slices.Contains(b.risks, e.RiskCode)) &&
		e.Attempt >= b.least && (b.most == 0 || e.Attempt <= b.most) &&
		!at.Before(b.from) && (b.until.IsZero() || at.Before(b.until))
}

// sampleBilling is the small catalog of the loader's fixtures with these billing rules.
func sampleBilling(drawn []drawnRule) (*rules.Catalog, error) {
	const written = "  rules:\n"
	content, err := os.ReadFile("../rules/invalid/valid/sample.yaml")
	if err != nil {
		return nil, err
	}
	before, after, _ := strings.Cut(string(content), written)
	_, after, ok := strings.Cut(after, "  otherwise:")
	if !ok {
		return nil, errors.New("the sample has no billing rules")
	}
	text := before + written
	for i := range drawn {
		text += drawn[i].row(fmt.Sprint("r", i))
	}
	return rules.Load(fstest.MapFS{
		"catalog.yaml": {Data: []byte("version: 2026.11.0\n")}, "sample.yaml": {Data: []byte(text + "  otherwise:" + after)},
	})
}

// everyKind calls f with an event of each kind that the drawn rules can tell from others.
func everyKind(f func(e *processor.Event)) {
	var times []int64
	for _, date := range drawnDates {
		times = append(times, date.UnixMicro()-1, date.UnixMicro())
	}
	texts := append([]string{""}, drawnTexts...)
	for _, status := range sampleStatuses {
		for _, risk := range []int32{0, 200, 500} {
			for _, variant := range texts {
				for _, account := range texts {
					for attempt := range int32(5) {
						for _, at := range times {
							f(&processor.Event{Status: status, RiskCode: risk, HasRiskCode: risk > 0, RecordTime: at,
								ProductVariant: variant, Account: account, Attempt: attempt + 1})
						}
					}
				}
			}
		}
	}
}

// The first billing rule that is for an event decides, whatever the loader has left out where it can't match; no
// INCONCLUSIVE and no trial is charged; and what the loader refuses is for no event, or would charge an INCONCLUSIVE.
func TestRandomBillingRules(t *testing.T) {
	oneGoroutine(t)
	loaded, refused := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		drawn := rapid.SliceOfN(rapid.Custom(anyRule), 1, 5).Draw(t, "rules")
		for i := range drawn {
			if strings.Contains(drawn[i].row("x"), "name: x, flag") {
				drawn[i].from = drawnDates[0] // a rule needs a condition
			}
		}
		catalog, err := sampleBilling(drawn)
		if mistakes, ok := errors.AsType[rules.Mistakes](err); ok {
			refused++
			checkRefusal(t, drawn, mistakes)
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		loaded++
		v := catalog.Vocabularies()[0]
		everyKind(func(e *processor.Event) { checkBilling(t, v, drawn, e) })
	})
	if loaded == 0 || refused == 0 {
		t.Errorf("%d catalogs were taken and %d refused", loaded, refused)
	}
}

func firstOf(drawn []drawnRule, e *processor.Event) int {
	return slices.IndexFunc(drawn, func(b drawnRule) bool { return b.takes(e) })
}

func checkBilling(t *rapid.T, v *rules.Vocabulary, drawn []drawnRule, e *processor.Event) {
	want := "UNDETERMINED policy:sample/billing/rest"
	if i := firstOf(drawn, e); i >= 0 {
		want = fmt.Sprintf("%s operator:sample/billing/r%d", drawn[i].flag, i)
	}
	var d processor.Decision
	processor.Decide(v, e, &d)
	if got := d.Billing.Flag.String() + " " + d.Billing.Basis; got != want {
		t.Fatalf("%+v: %s, wanted %s", e, got, want)
	}
	if d.Outcome == rules.OutcomeInconclusive && d.Billing.Flag == rules.BillingFlagBillable {
		t.Fatalf("%+v: an INCONCLUSIVE is charged", e)
	}
	e.Environment = processor.EnvironmentSandbox
	if processor.Decide(v, e, &d); d.Billing.Flag != rules.BillingFlagNotBillable {
		t.Fatalf("%+v: a trial is %s", e, d.Billing.Flag)
	}
}

func checkRefusal(t *rapid.T, drawn []drawnRule, mistakes rules.Mistakes) {
	used, charged := map[int]bool{}, false
	everyKind(func(e *processor.Event) {
		used[firstOf(drawn, e)] = true
		charged = charged || e.Status == "unclear" && slices.ContainsFunc(drawn, func(b drawnRule) bool {
			return b.flag == "BILLABLE" && b.takes(e)
		})
	})
	for i := range drawn {
		name := fmt.Sprintf("billing rule \"r%d\" never holds", i)
		if used[i] && strings.Contains(mistakes.Error(), name) {
			t.Fatalf("rule %d is for some event:\n%v", i, mistakes)
		}
	}
	if strings.Contains(mistakes.Error(), "INCONCLUSIVE") && !charged {
		t.Fatalf("no INCONCLUSIVE would be charged:\n%v", mistakes)
	}
}
