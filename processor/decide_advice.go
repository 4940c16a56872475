package processor

import (
	"slices"

	"verdict/rules"
)

// advise gives d its retry advice: which it is, what it is to correct, and until when.
func advise(v *rules.Vocabulary, rule *rules.Rule, e *Event, f *findings, d *Decision) {
	d.Retry = adviceOf(v, rule, e, f, d)
	clear(d.RetryFields)
	d.RetryFields = v.AppendFields(d.RetryFields[:0], d.Retry.Fields)
	d.RetryExpiresAt, d.HasRetryExpiry = 0, false
	if d.Retry.ExpiresAfter > 0 && e.HasOccurredAt {
		d.RetryExpiresAt = e.OccurredAt + d.Retry.ExpiresAfter.Microseconds()
		d.HasRetryExpiry = d.RetryExpiresAt <= maxTimestamp*1000 // else behind the last time that can be written
	}
}

// adviceOf combines the rule's advice with what the codes add. The order of the cases is the order of precedence.
func adviceOf(v *rules.Vocabulary, rule *rules.Rule, e *Event, f *findings, d *Decision) rules.Retry {
	own := rule.Retry[e.Integration]
	switch {
	case f.noRetry.there:
		return rules.Retry{Advice: rules.AdviceDoNotRetry, Scope: rules.ScopeNone, Basis: f.noRetry.basis}
	case own.Advice == rules.AdviceDoNotRetry:
		return own
	case f.misplaced:
		return v.MisplacedRetry
	case f.objected, f.blocks && d.Outcome == rules.OutcomeReview:
		return v.ReviewRetry
	case f.failed && d.Outcome == rules.OutcomeApproved:
		return f.afterFailedSignature(v)
	case !f.failed && f.open && (d.Outcome == rules.OutcomeApproved || d.Outcome == rules.OutcomeReview):
		return f.openRetry
	case rule.CodesAdvise && f.advisor.there && !f.refused:
		return adviseByCodes(own, f)
	default:
		return own
	}
}

// afterFailedSignature is what the listed codes say; an unlisted one says only that it failed.
func (f *findings) afterFailedSignature(v *rules.Vocabulary) rules.Retry {
	if f.failRetry.Advice == rules.AdviceUnspecified {
		return v.SignatureRetry
	}
	return f.failRetry
}

// adviseByCodes lets the codes' actions and scope shape a status's advice to try again.
func adviseByCodes(retry rules.Retry, f *findings) rules.Retry {
	retry.Actions |= f.actions
	retry.Fields |= f.fields
	if retry.Actions != 0 && retry.Advice == rules.AdviceRetry {
		retry.Advice = rules.AdviceRetryWithChanges
	}
	retry.Scope = max(retry.Scope, f.scope)
	retry.Basis = f.advisor.basis
	return retry
}

// adviceStrength orders the advice of several codes; the strongest wins.
var adviceStrength = []rules.Advice{
	rules.AdviceWait, rules.AdviceRetry, rules.AdviceRetryWithChanges, rules.AdviceConditional,
}

// combine joins the advice of two codes. The basis is that of the stronger; of equals, the one that sorts first, so
// that the codes' order does not matter.
func combine(a, b rules.Retry) rules.Retry {
	sa, sb := slices.Index(adviceStrength, a.Advice), slices.Index(adviceStrength, b.Advice)
	if sb > sa || sb == sa && b.Basis < a.Basis {
		a, b = b, a
	}
	a.Scope = max(a.Scope, b.Scope)
	a.Actions |= b.Actions
	a.Fields |= b.Fields
	return a
}
