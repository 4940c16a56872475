package processor

import (
	"cmp"
	"slices"
	"strings"

	"verdict/rules"
)

// sandboxBasis: a trial is never charged, whatever the policy says.
const sandboxBasis = "policy:billing/sandbox"

// Decide says what an event means, by the rules of its vocabulary. It is total and depends on nothing else: every
// combination of status, codes and risk code gives a decision. d is overwritten except for what Process fills in
// (ids, source, version, metadata, time); its slices are reused.
func Decide(v *rules.Vocabulary, e *Event, d *Decision) {
	d.Anomalies = 0
	copyFacts(v, e, d)
	status, rule := findRule(v, e, d)
	f := weighCodes(v, e, status, d)

	d.Outcome, d.OutcomeBasis = rule.Outcome, rule.OutcomeBasis
	if rule.Outcome == rules.OutcomeApproved && f.blocks {
		d.Outcome, d.OutcomeBasis = rules.OutcomeReview, v.ContradictedBasis
		d.Anomalies.Add(AnomalyApprovalContradicted)
	}
	if rule.Expects != 0 && len(d.Reasons) == 0 {
		d.Anomalies.Add(AnomalyReasonMissing)
	}
	d.Final = rule.Final || rule.FinalOnNewCase && f.scope == rules.ScopeNewVerification
	d.ReportAvailable = rule.ReportAvailable
	d.Billing = bill(rule, e)
	d.Retry = advise(v, rule, e, d.Outcome, &f)
}

func copyFacts(v *rules.Vocabulary, e *Event, d *Decision) {
	d.Vocabulary = v.Name
	d.EventID = e.EventID
	d.Provider, d.Product, d.ProductVariant = v.Provider, v.Product, e.ProductVariant
	d.VerificationID, d.SubjectRef, d.JourneyRef = e.VerificationID, e.SubjectRef, e.JourneyRef
	d.Attempt, d.Environment = e.attempt(), e.environment()
	d.ProviderStatus = e.Status
	d.HasRisk, d.Risk = e.HasRiskCode, Risk{}
	if !e.HasRiskCode {
		return
	}
	d.Risk = Risk{Code: e.RiskCode, Level: rules.RiskLevelUnknown}
	if known := v.RiskCode(e.RiskCode); known != nil {
		d.Risk.Level = known.Level
	} else {
		d.Anomalies.Add(AnomalyUnknownRiskCode)
	}
}

// findRule finds what the status says, or the status with its risk code. The status is nil if the vocabulary lacks it.
func findRule(v *rules.Vocabulary, e *Event, d *Decision) (*rules.Status, *rules.Rule) {
	status := v.Status(e.Status)
	if status == nil {
		d.Anomalies.Add(AnomalyUnknownStatus)
		return nil, &v.Unrecognized
	}
	if status.Rule != nil {
		if e.HasRiskCode {
			d.Anomalies.Add(AnomalyRiskCodeNotAllowed)
		}
		return status, status.Rule
	}
	if !e.HasRiskCode {
		d.Anomalies.Add(AnomalyRiskCodeMissing)
		return status, status.RiskMissing
	}
	if rule := status.ByRisk[e.RiskCode]; rule != nil {
		return status, rule
	}
	d.Anomalies.Add(AnomalyUnknownRiskCode)
	return status, status.RiskUnknown
}

// findings is what all codes of an event say together.
type findings struct {
	blocks    bool        // one must not be part of an approval
	misplaced bool        // one that blocks stands where the provider's page does not have it
	noRetry   witness     // says that the client can't retry
	scope     rules.Scope // NEW_VERIFICATION beats SAME_VERIFICATION
	actions   rules.ActionSet
	advisor   witness     // brought actions or a scope
	own       rules.Retry // combined from codes with advice of their own
}

// witness is the lowest code that says something. It holds no *rules.Code, so that an unlisted one stays off the heap.
type witness struct {
	there  bool
	number int64
	basis  string
}

func (w *witness) add(c *rules.Code) {
	if !w.there || c.Number < w.number {
		*w = witness{true, c.Number, c.Basis}
	}
}

// weighCodes explains each code in d.Reasons, sorted and once, picks the primary one and gathers what they say
// together.
func weighCodes(v *rules.Vocabulary, e *Event, status *rules.Status, d *Decision) findings {
	d.PrimaryCode, d.Category = "", rules.CategoryNone
	clear(d.Reasons)
	d.Reasons = d.Reasons[:0]
	var f findings
	var rank uint8
	var number int64
	for i, text := range e.Codes {
		var unlisted rules.Code
		c := v.Code(text, &unlisted)
		d.Reasons = append(d.Reasons, Reason{
			Code: c.Text, Series: c.Series, Category: c.Category, Effect: c.Effect, NoRetry: c.NoRetry,
			Disclosable: c.Disclosable, Known: c.Known, RiskBearing: c.RiskBearing, number: c.Number,
		})
		if i == 0 || c.Rank < rank || c.Rank == rank && before(c.Number, c.Text, number, d.PrimaryCode) {
			d.PrimaryCode, d.Category, rank, number = c.Text, c.Category, c.Rank, c.Number
		}
		f.add(c, e, status, d)
	}
	if len(d.Reasons) > 1 {
		slices.SortFunc(d.Reasons, compareReasons)
		d.Reasons = slices.CompactFunc(d.Reasons, func(a, b Reason) bool { return a.Code == b.Code })
	}
	return f
}

func compareReasons(a, b Reason) int {
	if c := cmp.Compare(a.number, b.number); c != 0 {
		return c
	}
	return strings.Compare(a.Code, b.Code)
}

func before(number int64, text string, other int64, otherText string) bool {
	return number < other || number == other && text < otherText
}

func (f *findings) add(c *rules.Code, e *Event, status *rules.Status, d *Decision) {
	outside := status != nil && c.Statuses&status.Mask == 0
	contradicts := len(c.RiskCodes) > 0 && !(e.HasRiskCode && slices.Contains(c.RiskCodes, e.RiskCode))
	if !c.Known {
		d.Anomalies.Add(AnomalyUnknownCode)
	} else if outside {
		d.Anomalies.Add(AnomalyCodeNotAllowedForStatus)
	}
	if contradicts {
		d.Anomalies.Add(AnomalyCodeContradictsRisk)
	}
	if c.Blocks {
		f.blocks = true
		f.misplaced = f.misplaced || status != nil && (outside || contradicts)
	}
	if !c.Known {
		return
	}
	if c.NoRetry {
		f.noRetry.add(c)
	}
	if c.Actions != 0 || c.Scope != rules.ScopeUnspecified {
		f.actions |= c.Actions
		f.scope = max(f.scope, c.Scope)
		f.advisor.add(c)
	}
	if c.Advice != nil {
		f.own = combine(f.own, c.Advice[e.Integration])
	}
}

// adviceStrength orders the advice of several codes; the strongest wins.
func adviceStrength(a rules.Advice) int {
	switch a {
	case rules.AdviceConditional:
		return 4
	case rules.AdviceRetryWithChanges:
		return 3
	case rules.AdviceRetry:
		return 2
	case rules.AdviceWait:
		return 1
	default:
		return 0
	}
}

// combine joins the advice of two codes. The basis is that of the stronger; of equals, the one that sorts first, so
// that the codes' order does not matter.
func combine(a, b rules.Retry) rules.Retry {
	if sa, sb := adviceStrength(a.Advice), adviceStrength(b.Advice); sb > sa || sb == sa && b.Basis < a.Basis {
		a, b = b, a
	}
	a.Scope = max(a.Scope, b.Scope)
	a.Actions |= b.Actions
	return a
}

// bill finds the billing flag: by the provider's status and risk code, never by our outcome.
func bill(rule *rules.Rule, e *Event) Billing {
	if e.Environment == EnvironmentSandbox {
		return Billing{rules.BillingFlagNotBillable, sandboxBasis}
	}
	for i := range rule.Billing {
		if b := &rule.Billing[i]; b.Matches(e.ProductVariant, e.attempt()) {
			return Billing{b.Flag, b.Basis}
		}
	}
	return Billing{rules.BillingFlagUndetermined, rule.OutcomeBasis}
}

// advise combines the rule's advice with what the codes add. The order of the cases is the order of precedence.
func advise(v *rules.Vocabulary, rule *rules.Rule, e *Event, outcome rules.Outcome, f *findings) rules.Retry {
	switch {
	case f.noRetry.there:
		return rules.Retry{Advice: rules.AdviceDoNotRetry, Scope: rules.ScopeNone, Basis: f.noRetry.basis}
	case rule.Retry[e.Integration].Advice == rules.AdviceDoNotRetry:
		return rule.Retry[e.Integration]
	case f.misplaced, f.blocks && outcome == rules.OutcomeReview:
		return v.MisplacedRetry
	case f.own.Advice != rules.AdviceUnspecified &&
		(outcome == rules.OutcomeApproved || outcome == rules.OutcomeReview):
		return f.own
	case rule.CodesAdvise && f.advisor.there:
		return adviseByCodes(rule.Retry[e.Integration], f)
	default:
		return rule.Retry[e.Integration]
	}
}

// adviseByCodes lets the codes' actions and scope shape a status's advice to try again.
func adviseByCodes(retry rules.Retry, f *findings) rules.Retry {
	retry.Actions |= f.actions
	if retry.Actions != 0 && retry.Advice == rules.AdviceRetry {
		retry.Advice = rules.AdviceRetryWithChanges
	}
	retry.Scope = max(retry.Scope, f.scope)
	retry.Basis = f.advisor.basis
	return retry
}
