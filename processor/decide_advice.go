package processor

import "verdict/rules"

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
	own := &rule.Retry[e.Integration]
	switch {
	case f.noRetry.there:
		return rules.Retry{Advice: rules.AdviceDoNotRetry, Scope: rules.ScopeNone, Basis: f.noRetry.basis}
	case own.Advice == rules.AdviceDoNotRetry:
		return *own
	case f.misplaced:
		return v.MisplacedRetry
	case d.Outcome == rules.OutcomeReview && f.objects(v):
		return v.ReviewRetry
	case f.unclear && signable(d.Outcome):
		return v.SignatureRetry
	case f.failed && d.Outcome == rules.OutcomeApproved:
		return f.failRetry.retry()
	case f.open && !f.failed && signable(d.Outcome):
		return f.openRetry.retry()
	case f.ask() && own.TakesActions():
		return f.shape(*own)
	default:
		return *own
	}
}

// signable says whether an identity is, or may be, good enough that its signature matters.
func signable(o rules.Outcome) bool { return o == rules.OutcomeApproved || o == rules.OutcomeReview }

// ask says whether codes ask for anything that they may add: beside a refusal they may not.
func (f *findings) ask() bool { return !f.refused && (f.asked.there() || f.steps.there()) }

// shape lets the codes add to a status's advice what they ask for, as far as it fits the scope. Only an advice to try
// again gets its scope from them, and becomes one with changes: any other stays the status's word, as codes that ask
// for something are out of their place there. What codes make of an advice to try again is by their basis; what they
// make of any other, by that of status and code of which the page says less.
func (f *findings) shape(retry rules.Retry) rules.Retry {
	before := retry
	again := retry.TriesAgain()
	if again {
		retry.Scope = max(retry.Scope, f.scope)
	}
	asked := f.asked
	if retry.Scope == rules.ScopeSameVerification {
		asked.add(f.steps)
	}
	retry.Actions |= asked.actions
	retry.Fields |= asked.fields
	if again && retry.Actions != 0 {
		retry.Advice = rules.AdviceRetryWithChanges
	}
	if retry != before && (again || asked.by.origin >= retry.Origin) {
		retry.Basis, retry.Origin = asked.by.basis, asked.by.origin
	}
	return retry
}

// combined joins the advice of several codes. Strongest is that which counts; of equals, the one whose basis sorts
// first, so that the codes' order does not matter.
type combined struct {
	strongest *rules.Retry // nil: no code has any
	scope     rules.Scope
	actions   rules.ActionSet
	fields    rules.FieldSet
}

func (c *combined) add(r *rules.Retry) {
	if c.strongest == nil || stronger(r, c.strongest) {
		c.strongest = r
	}
	c.scope = max(c.scope, r.Scope)
	c.actions |= r.Actions
	c.fields |= r.Fields
}

func stronger(a, b *rules.Retry) bool {
	if sa, sb := adviceStrength[a.Advice], adviceStrength[b.Advice]; sa != sb {
		return sa > sb
	}
	return a.Basis < b.Basis
}

// adviceStrength orders the advice that a code may bring.
var adviceStrength = [...]int{
	rules.AdviceConditional: 4, rules.AdviceRetryWithChanges: 3, rules.AdviceRetry: 2, rules.AdviceWait: 1,
	rules.AdviceUnknown: 0,
}

// retry is what the codes say together. It must not be called where none has said anything.
func (c *combined) retry() rules.Retry {
	r := *c.strongest
	r.Scope, r.Actions, r.Fields = c.scope, c.actions, c.fields
	return r
}
