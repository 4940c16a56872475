package processor

import (
	"strings"

	"verdict/rules"
)

// sandboxBasis: a trial is never charged, whatever the policy says.
const sandboxBasis = "policy:billing/sandbox"

// Decide says what an event means, by the rules of its vocabulary. It is total and depends on nothing else: every
// combination of status, codes and risk code gives a decision. d is overwritten except for what Process fills in
// (ids, source, version, metadata); its slices are reused.
func Decide(v *rules.Vocabulary, e *Event, d *Decision) {
	d.Anomalies = 0
	copyFacts(v, e, d)
	status, rule := findRule(v, e, d)
	var f findings
	f.weigh(v, e, status, d)
	if f.unexplained(rule) {
		d.Anomalies.Add(AnomalyReasonMissing)
	}
	d.Signature = f.signature()
	d.ReportAvailable = rule.ReportAvailable
	d.PricedAt = e.chargedAt()
	d.Billing = bill(rule, e, d, d.PricedAt)
	conclude(v, rule, &f, d)
	advise(v, rule, e, &f, d)
}

func copyFacts(v *rules.Vocabulary, e *Event, d *Decision) {
	d.Vocabulary = v.Name
	d.EventID = e.EventID
	d.Provider, d.Product, d.ProductVariant = v.Provider, v.Product, e.ProductVariant
	d.Account, d.VerificationID = e.account(), e.VerificationID
	d.SubjectRef, d.JourneyRef = e.SubjectRef, e.JourneyRef
	d.Attempt, d.Environment = e.attempt(), e.environment()
	d.ProviderStatus = e.Status
	d.OccurredAt, d.OccurredAtSource = e.time()
	d.HasLifecycle, d.Lifecycle = false, Lifecycle{}
	d.HasRisk, d.Risk = e.HasRiskCode, Risk{}
	if !e.HasRiskCode {
		return
	}
	d.Risk = Risk{Code: e.RiskCode, Level: rules.RiskLevelUnknown}
	if known := v.RiskCode(e.RiskCode); known != nil {
		d.Risk.Level = known.Level
		return
	}
	d.Anomalies.Add(AnomalyUnknownRiskCode)
	if v.RiskListedElsewhere(e.RiskCode) {
		d.Anomalies.Add(AnomalyWrongProductSuspected)
	}
}

// findRule finds what the status says, or the status with its risk code. The status is nil if the vocabulary lacks it.
func findRule(v *rules.Vocabulary, e *Event, d *Decision) (*rules.Status, *rules.Rule) {
	status := v.Status(e.Status)
	if status == nil {
		d.Anomalies.Add(AnomalyUnknownStatus)
		return nil, &v.Unrecognized
	}
	rule := status.RuleWith(e.RiskCode, e.HasRiskCode)
	switch rule {
	case status.Rule:
		// A risk code that the vocabulary lacks is one fact and has its anomaly.
		d.Anomalies.addIf(e.HasRiskCode && d.Risk.Level != rules.RiskLevelUnknown, AnomalyRiskCodeNotAllowed)
	case status.RiskMissing:
		d.Anomalies.Add(AnomalyRiskCodeMissing)
	case status.RiskUnknown:
		d.Anomalies.Add(AnomalyUnknownRiskCode)
	}
	return status, rule
}

// conclude gives the outcome and whether it is the end, from what the status says and what its codes object.
func conclude(v *rules.Vocabulary, rule *rules.Rule, f *findings, d *Decision) {
	d.Outcome, d.OutcomeBasis = rule.Outcome, rule.OutcomeBasis
	d.Final = rule.Final || rule.FinalOnNewCase && f.scope == rules.ScopeNewVerification
	switch {
	case rule.Outcome == rules.OutcomeApproved && f.objects(v):
		d.Outcome, d.OutcomeBasis = rules.OutcomeReview, f.objection(v)
		if f.contradicts {
			d.Anomalies.Add(AnomalyApprovalContradicted)
		}
	case rule.Outcome == rules.OutcomeResubmissionRequired && f.noRetry.there:
		d.Outcome, d.OutcomeBasis, d.Final = rules.OutcomeDeclined, v.NoRetryBasis, true
	}
	d.Ended = rule.Ended || d.Final
}

// bill finds the billing flag: by the provider's status and risk code, never by our outcome, and by when it occurred,
// never by when it is decided.
func bill(rule *rules.Rule, e *Event, d *Decision, at int64) Billing {
	if e.Environment == EnvironmentSandbox {
		return Billing{rules.BillingFlagNotBillable, sandboxBasis}
	}
	asked := rules.Billed{ // white space around a text does not count, as around a header's
		Variant: strings.TrimSpace(e.ProductVariant), Account: strings.TrimSpace(d.Account), Attempt: d.Attempt, At: at,
	}
	for i := range rule.Billing {
		if b := &rule.Billing[i]; b.Matches(&asked) {
			return Billing{b.Flag, b.Basis}
		}
	}
	return Billing{rules.BillingFlagUndetermined, rule.OutcomeBasis}
}
