package processor_test

import (
	"cmp"
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
		{e.Environment == processor.EnvironmentSandbox && d.Billing.Flag != rules.BillingFlagNotBillable, "sandbox is charged"},
		{d.Outcome == rules.OutcomeInconclusive && d.Billing.Flag == rules.BillingFlagBillable, "INCONCLUSIVE is BILLABLE"},
		{d.Final && !d.Ended, "the end is not the end"},
		{d.Ended && (d.Outcome == rules.OutcomePending || d.Outcome == rules.OutcomeUnrecognized), "what is open has ended"},
		{d.Signature == rules.SignatureUnspecified, "it has no signature"},
		{d.Signature != rules.SignatureNone && e.Status != "completed", "a signature under another status than completed"},
		{d.Final && (d.Outcome == rules.OutcomePending || d.Outcome == rules.OutcomeUnrecognized), "what is open is final"},
		{(d.Outcome == rules.OutcomeUnrecognized) != d.Anomalies.Has(processor.AnomalyUnknownStatus), "UNRECOGNIZED without its anomaly"},
		{(d.Category == rules.CategoryNone) != (len(d.Reasons) == 0), "the category NONE does not go with no reasons"},
	} {
		if broken.is {
			return broken.what
		}
	}
	if d.Outcome == rules.OutcomeApproved {
		for _, code := range e.Codes {
			if what := wronglyApproved(v, e, code); what != "" {
				return what
			}
		}
	}
	return cmp.Or(brokenRetry(v, d), withheld(v, e, d), brokenReasons(d))
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
	case "veriff-idv":
		return 101 <= n && n <= 199 || 501 <= n && n <= 599
	case "fourthline-idv":
		return n/1000 == 4 || n/1000 == 5 || n/100 == 1 && !slices.Contains([]int{100, 102, 110, 120}, n)
	default:
		return n/1000 == 4 || n/1000 == 5
	}
}

// wronglyApproved says why an approval must not stand beside a code; "" if it may.
func wronglyApproved(v *rules.Vocabulary, e *processor.Event, code string) string {
	var unlisted rules.Code
	c := v.Code(code, &unlisted)
	belongs := c.Statuses&v.Status(e.Status).Mask != 0
	switch {
	case blocks(v, code):
		return "a blocking code is approved"
	case c.AsksReview:
		return "a code that asks for a review is approved"
	case !c.Known && c.Statuses == 0 && !v.AcceptUnlisted:
		return "a code that nothing is known of is approved"
	case c.Effect == rules.EffectNegative && !belongs:
		return "a negative code of another status is approved"
	}
	return ""
}

func brokenRetry(v *rules.Vocabulary, d *processor.Decision) string {
	retry := d.Retry
	none := retry.Advice == rules.AdviceDoNotRetry || retry.Advice == rules.AdviceAwaitReview || retry.Advice == rules.AdviceNotApplicable
	nobodyInvited := retry.Advice == rules.AdviceDoNotRetry || retry.Advice == rules.AdviceAwaitReview
	forbidden := slices.ContainsFunc(d.Reasons, func(r processor.Reason) bool { return r.NoRetry })
	blocked := slices.ContainsFunc(d.Reasons, func(r processor.Reason) bool { return blocks(v, r.Code) })
	switch {
	case forbidden && !nobodyInvited:
		return "somebody is invited whom a code forbids to retry"
	case blocked && !nobodyInvited && retry.Advice != rules.AdviceOptional:
		return "somebody is invited in spite of a blocking code"
	case none && (retry.Actions != 0 || retry.Scope != rules.ScopeNone):
		return fmt.Sprintf("%s has actions or a scope", retry.Advice)
	case retry.Actions == 0 && (len(d.RetryFields) > 0 || d.HasRetryExpiry):
		return "fields or a limit without actions"
	case !slices.IsSorted(d.RetryFields) || len(slices.Compact(slices.Clone(d.RetryFields))) < len(d.RetryFields):
		return "the fields are not sorted, or one is there twice"
	case retry.Advice == rules.AdviceRetry && retry.Actions != 0:
		return "RETRY has actions"
	case retry.Advice == rules.AdviceRetryWithChanges && retry.Actions == 0:
		return "RETRY_WITH_CHANGES has none"
	case d.Outcome == rules.OutcomeDeclined && retry.Advice == rules.AdviceRetryWithChanges:
		return "somebody who was declined is invited"
	}
	return ""
}

// withheld says which documented action of a listed code under its own status is not in the advice, although no rule
// of the contract that goes before says why; "" if none.
func withheld(v *rules.Vocabulary, e *processor.Event, d *processor.Decision) string {
	status := v.Status(e.Status)
	if status == nil {
		return ""
	}
	if d.Retry.Advice == rules.AdviceDoNotRetry ||
		strings.HasSuffix(d.Retry.Basis, "/misplaced-code") || strings.HasSuffix(d.Retry.Basis, "/review-by-code") ||
		strings.HasSuffix(d.Retry.Basis, "/unlisted-signature-code") {
		return ""
	}
	var codes []*rules.Code
	for _, r := range d.Reasons {
		var unlisted rules.Code
		c := v.Code(r.Code, &unlisted)
		if c.Refusal {
			return "" // no code adds an action
		}
		if c.Statuses&status.Mask != 0 {
			codes = append(codes, c)
		}
	}
	for _, c := range codes {
		actions := c.Actions
		if c.Advice != nil {
			actions |= c.Advice[e.Integration].Actions
		}
		failed := d.Signature == rules.SignatureFailed &&
			(c.Signature == rules.SignatureOpen || d.Outcome == rules.OutcomeReview)
		if actions&^d.Retry.Actions != 0 && !failed {
			return "the advice lacks what code " + c.Text + " asks for"
		}
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
	if allowed != 222+10+77+1+56 {
		t.Errorf("%d pairs of a code and a status that it may accompany, wanted 366", allowed)
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

// One code of each kind, alike in all that decides, and none, one, two or three of them together, under every status,
// with every risk code and integration.
func TestEveryCombinationOfKindsHoldsTheInvariants(t *testing.T) {
	for _, v := range rules.Embedded().Vocabularies() {
		t.Run(v.Name, func(t *testing.T) {
			t.Parallel()
			kinds := kindsOf(v)
			decisions := 0
			for _, s := range append(slices.Clone(v.Statuses), &rules.Status{Name: "never heard of"}) {
				forCombinations(kinds, func(codes []string) {
					decisions += decideKinds(t, v, s.Name, codes)
				})
			}
			t.Logf("%d kinds of codes, %d decisions", len(kinds), decisions)
		})
	}
}

// kindsOf picks a code of each kind: listed ones, unlisted ones of each range, and what no range knows.
func kindsOf(v *rules.Vocabulary) []string {
	texts := []string{"999999", "x"}
	for _, c := range v.Codes {
		texts = append(texts, c.Text)
	}
	for _, r := range v.Ranges {
		for n := r.To; n >= r.From; n-- {
			var unlisted rules.Code
			if text := strconv.FormatInt(n, 10); !v.Code(text, &unlisted).Known {
				texts = append(texts, text)
				break
			}
		}
	}
	seen := map[string]bool{}
	return slices.DeleteFunc(texts, func(text string) bool {
		var unlisted rules.Code
		c := v.Code(text, &unlisted)
		kind := fmt.Sprint(c.Known, c.Effect, c.NoRetry, c.Blocks, c.RiskBearing, c.Refusal, c.AsksReview, c.Signature,
			c.Explains, c.Statuses, c.RiskCodes, c.Actions != 0, c.Fields != 0, c.Scope, c.Rank)
		again := seen[kind]
		seen[kind] = true
		return again
	})
}

// forCombinations calls f with none, one, two and three different ones of all, in one order each.
func forCombinations(all []string, f func([]string)) {
	f(nil)
	for i := range all {
		f([]string{all[i]})
		for j := range i {
			f([]string{all[i], all[j]})
			for k := range j {
				f([]string{all[i], all[j], all[k]})
			}
		}
	}
}

func decideKinds(t *testing.T, v *rules.Vocabulary, status string, codes []string) int {
	var d processor.Decision
	n := 0
	risks := []int32{-1, 200, 300, 500, 999}
	if v.RiskCodes == nil {
		risks = risks[:2] // none and one: no risk code decides
	}
	for _, risk := range risks {
		for _, integration := range []rules.Integration{rules.IntegrationUnspecified, rules.IntegrationSDK, rules.IntegrationAPI} {
			e := processor.Event{Status: status, Codes: codes, Integration: integration}
			if risk >= 0 {
				e.RiskCode, e.HasRiskCode = risk, true
			}
			processor.Decide(v, &e, &d)
			if what := violated(v, &e, &d); what != "" {
				t.Fatalf("%s %s %v risk %d %s: %s", v.Name, status, codes, risk, integration, what)
			}
			n++
		}
	}
	return n
}
