package processor_test

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"verdict/processor"
	"verdict/rules"
)

var basisForm = regexp.MustCompile(`^(source|reading|policy):[a-z-]+(/[a-z0-9_-]+)+$`)

// violated says which invariant a decision breaks; "" if none.
func violated(v *rules.Vocabulary, e *processor.Event, d *processor.Decision) string {
	for _, broken := range []struct {
		is   bool
		what string
	}{
		{d.Outcome == rules.OutcomeUnspecified, "it has no outcome"},
		{d.Category == rules.CategoryUnspecified, "it has no category"},
		{d.Billing.Flag == rules.BillingFlagUnspecified, "it has no billing flag"},
		{d.Retry.Advice == rules.AdviceUnspecified || d.Retry.Scope == rules.ScopeUnspecified, "it has no retry advice"},
		{!basisForm.MatchString(d.OutcomeBasis), "the outcome has basis " + d.OutcomeBasis},
		{!basisForm.MatchString(d.Billing.Basis), "the billing flag has basis " + d.Billing.Basis},
		{!basisForm.MatchString(d.Retry.Basis), "the retry advice has basis " + d.Retry.Basis},
		{d.Outcome == rules.OutcomeApproved && slices.ContainsFunc(e.Codes, func(c string) bool { return blocks(v, c) }),
			"a blocking code is approved"},
		{e.Environment == processor.EnvironmentSandbox && d.Billing.Flag != rules.BillingFlagNotBillable, "sandbox is charged"},
		{d.Outcome == rules.OutcomeInconclusive && d.Billing.Flag == rules.BillingFlagBillable, "INCONCLUSIVE is BILLABLE"},
		{d.Final && (d.Outcome == rules.OutcomePending || d.Outcome == rules.OutcomeUnrecognized), "what is open is final"},
		{(d.Outcome == rules.OutcomeUnrecognized) != d.Anomalies.Has(processor.AnomalyUnknownStatus), "UNRECOGNIZED without its anomaly"},
		{(d.Category == rules.CategoryNone) != (len(d.Reasons) == 0), "the category NONE does not go with no reasons"},
	} {
		if broken.is {
			return broken.what
		}
	}
	if what := brokenRetry(v, d); what != "" {
		return what
	}
	return brokenReasons(d)
}

// blocks reads a code as the contract says, apart from the catalog's own lookup.
func blocks(v *rules.Vocabulary, code string) bool {
	if v.Name == "yousign-video" {
		code = strings.TrimPrefix(code, "IDVV_")
	}
	digits := strings.TrimLeft(code, "0")
	if strings.Trim(digits, "0123456789") != "" {
		return false
	}
	n, err := strconv.Atoi(digits)
	if err != nil {
		return false
	}
	switch v.Name {
	case "yousign-video":
		return n/1000 == 2
	case "ubble-idv":
		return n/1000 == 62 || n/1000 == 72
	default:
		return n/1000 == 4 || n/1000 == 5
	}
}

func brokenRetry(v *rules.Vocabulary, d *processor.Decision) string {
	retry := d.Retry
	forbidden := slices.ContainsFunc(d.Reasons, func(r processor.Reason) bool { return r.NoRetry })
	none := retry.Advice == rules.AdviceDoNotRetry || retry.Advice == rules.AdviceAwaitReview || retry.Advice == rules.AdviceNotApplicable
	switch {
	case none && (retry.Actions != 0 || retry.Scope != rules.ScopeNone):
		return fmt.Sprintf("%s has actions or a scope", retry.Advice)
	case forbidden && retry.Advice != rules.AdviceDoNotRetry:
		return "a code that forbids a retry does not"
	case retry.Advice == rules.AdviceRetry && retry.Actions != 0:
		return "RETRY has actions"
	case retry.Advice == rules.AdviceRetryWithChanges && retry.Actions == 0:
		return "RETRY_WITH_CHANGES has none"
	}
	// Whatever may reach the person comes from the status or from a reason that may be disclosed.
	allowed := rules.ActionSet(0).With(rules.ActionShareVerificationURL).With(rules.ActionSubmitDataAndFiles)
	for _, r := range d.Reasons {
		if !r.Disclosable {
			continue
		}
		var unlisted rules.Code
		c := v.Code(r.Code, &unlisted)
		allowed |= c.Actions
		if c.Advice != nil {
			allowed |= c.Advice[0].Actions | c.Advice[1].Actions | c.Advice[2].Actions
		}
	}
	if retry.Actions&^allowed != 0 {
		return "an action comes from a reason that is not disclosable"
	}
	return ""
}

func brokenReasons(d *processor.Decision) string {
	primary := len(d.Reasons) == 0
	for i, r := range d.Reasons {
		primary = primary || r.Code == d.PrimaryCode && r.Category == d.Category
		if r.Category == rules.CategoryUnspecified || r.Effect == rules.EffectUnspecified {
			return "a reason has no category or effect"
		}
		if i > 0 && compareCodes(d.Reasons[i-1].Code, r.Code) >= 0 {
			return "the reasons are not sorted, or one is there twice"
		}
		if !r.Known && !d.Anomalies.Has(processor.AnomalyUnknownCode) {
			return "an unknown code without its anomaly"
		}
	}
	if !primary {
		return "the primary code is no reason"
	}
	return ""
}

// compareCodes sorts by number, unreadable ones last.
func compareCodes(a, b string) int {
	number := func(s string) int {
		if n, err := strconv.Atoi(s); err == nil && n >= 0 && strings.Trim(s, "0123456789") == "" && len(s) <= 18 {
			return n
		}
		return rules.NumberUnreadable
	}
	if x, y := number(a), number(b); x != y {
		return x - y
	}
	return strings.Compare(a, b)
}

// Every code of every vocabulary under every status (those it may accompany and those it may not), with every risk
// code, one that nobody lists and none, for each integration and environment.
func TestEveryCombinationHoldsTheInvariants(t *testing.T) {
	allowed, decisions := 0, 0
	for _, v := range rules.Embedded().Vocabularies() {
		codes := []string{"", "999999", "x"}
		for _, c := range v.Codes {
			codes = append(codes, c.Text)
		}
		for _, code := range codes {
			for _, s := range append(slices.Clone(v.Statuses), &rules.Status{Name: "never heard of"}) {
				var unlisted rules.Code
				if s.Mask&v.Code(code, &unlisted).Statuses != 0 {
					allowed++
				}
				decisions += decideAll(t, v, s.Name, code)
			}
		}
	}
	// Each of document authentication's ten sendbacks comes with two statuses, and so does one code of ubble's.
	if allowed != 222+10+77+1 {
		t.Errorf("%d pairs of a code and a status that it may accompany, wanted 310", allowed)
	}
	t.Logf("%d decisions", decisions)
}

func decideAll(t *testing.T, v *rules.Vocabulary, status, code string) int {
	n := 0
	for _, risk := range []int32{-1, 0, 200, 300, 400, 500, 999} {
		for _, integration := range []rules.Integration{rules.IntegrationUnspecified, rules.IntegrationSDK, rules.IntegrationAPI} {
			for _, environment := range []processor.Environment{processor.EnvironmentUnspecified, processor.EnvironmentSandbox} {
				e := processor.Event{Status: status, Integration: integration, Environment: environment}
				if code != "" {
					e.Codes = []string{code}
				}
				if risk >= 0 {
					e.RiskCode, e.HasRiskCode = risk, true
				}
				var d processor.Decision
				processor.Decide(v, &e, &d)
				if what := violated(v, &e, &d); what != "" {
					t.Errorf("%s %s %s risk %d %s: %s", v.Name, status, code, risk, integration, what)
				}
				n++
			}
		}
	}
	return n
}
