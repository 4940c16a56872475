package processor_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"pgregory.net/rapid"

	"verdict/processor"
	"verdict/rules"
)

// Whatever an overlay says and the loader accepts: nothing in the sandbox is charged, nothing INCONCLUSIVE is, and what
// the built-in catalog calls INCONCLUSIVE stays so.
func TestNoOverlayChargesTrialsOrWhatHasNoResult(t *testing.T) {
	oneGoroutine(t)
	accepted, charged := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		builtIn := anyVocabulary(t)
		text := anyOverlay(t, builtIn)
		catalog, err := rules.LoadOver(nil, fstest.MapFS{"own.yaml": {Data: []byte(text)}})
		if err != nil {
			return
		}
		accepted++
		v := catalog.Vocabulary(builtIn.Provider, builtIn.Product)
		for _, s := range v.Statuses {
			for _, risk := range append([]int32{0}, riskCodes(v)...) {
				for _, environment := range []processor.Environment{processor.EnvironmentLive, processor.EnvironmentSandbox} {
					e := &processor.Event{Provider: v.Provider, Product: v.Product, VerificationID: "v", Status: s.Name,
						RiskCode: risk, HasRiskCode: risk != 0, Environment: environment}
					var d, before processor.Decision
					processor.Decide(v, e, &d)
					processor.Decide(builtIn, e, &before)
					billable := d.Billing.Flag == rules.BillingFlagBillable
					if billable && (environment == processor.EnvironmentSandbox || d.Outcome == rules.OutcomeInconclusive) ||
						before.Outcome == rules.OutcomeInconclusive && d.Outcome != rules.OutcomeInconclusive {
						t.Fatalf("with\n%s\n%s", text, say(&d))
					}
					if billable && before.Billing.Flag != rules.BillingFlagBillable {
						charged++
					}
				}
			}
		}
	})
	if accepted < 20 || charged < 20 {
		t.Errorf("%d overlays were accepted, and charged %d events more: too few to tell", accepted, charged)
	}
}

// anyOverlay draws a few rows that an operator may write, sound ones and others.
func anyOverlay(t *rapid.T, v *rules.Vocabulary) string {
	var statuses []string
	for _, s := range v.Statuses {
		statuses = append(statuses, s.Name)
	}
	some := func(what string) string {
		return strings.Join(rapid.SliceOfNDistinct(rapid.SampledFrom(statuses), 1, 3, rapid.ID).Draw(t, what), ", ")
	}
	flag := rapid.SampledFrom([]string{"BILLABLE", "BILLABLE", "NOT_BILLABLE", "UNDETERMINED"})
	var b strings.Builder
	fmt.Fprintf(&b, "vocabulary: %s\nbilling:\n  rules:\n", v.Name)
	for i := range rapid.IntRange(1, 3).Draw(t, "rules") {
		when := "status: [" + some("when") + "]"
		if rapid.IntRange(0, 3).Draw(t, "any status") == 0 {
			when = "attempt: {from: 1}"
		}
		fmt.Fprintf(&b, "    - {name: own-%d, when: {%s}, flag: %s, origin: operator}\n", i, when, flag.Draw(t, "flag"))
	}
	if rapid.IntRange(0, 3).Draw(t, "otherwise") == 0 {
		fmt.Fprintf(&b, "  otherwise: {flag: %s, origin: operator}\n", flag.Draw(t, "flag"))
	}
	if rapid.IntRange(0, 2).Draw(t, "change a status") > 0 {
		return b.String()
	}
	rule := rapid.SampledFrom([]string{
		"outcome: DECLINED, final: true, retry: {advice: DO_NOT_RETRY, scope: NONE, origin: operator}",
		"outcome: REVIEW, retry: {advice: AWAIT_REVIEW, scope: NONE, origin: operator}",
		"outcome: INCONCLUSIVE, retry: {advice: RETRY, scope: NEW_VERIFICATION, origin: operator}",
		"ended: true", "report_available: true", "final: true",
	}).Draw(t, "rule")
	b.WriteString("statuses:\n")
	if codes := riskCodes(v); codes != nil && rapid.Bool().Draw(t, "by risk") {
		fmt.Fprintf(&b, "  - {name: completed, by_risk: {%d: {%s, origin: operator}}}\n",
			rapid.SampledFrom(codes).Draw(t, "risk code"), rule)
		return b.String()
	}
	alias := rapid.SampledFrom([]string{"own", "inconclusive", "checks_inconclusive"}).Draw(t, "alias")
	fmt.Fprintf(&b, "  - {name: %s, aliases: [%s], %s, origin: operator}\n",
		rapid.SampledFrom(statuses).Draw(t, "status"), alias, rule)
	return b.String()
}

func riskCodes(v *rules.Vocabulary) (codes []int32) {
	for _, r := range v.RiskCodes {
		codes = append(codes, r.Code)
	}
	return codes
}
