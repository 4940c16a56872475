package rules

// checkCode reports flags that contradict each other.
func (r *vocabularyReader) checkCode(f *fields, c *Code) {
	r.checkFlags(f, c.Category, c.Effect, c.Blocks)
	// Most codes of a blocking range block too; one that does not says so, or a forgotten flag would approve.
	if g := r.v.rangeOf(c.Number); g != nil && g.Blocks && !f.has("blocks_approval") {
		r.report(f.values["code"], "range %s blocks approval and code %s does not say whether it does; "+
			"write blocks_approval: true, or blocks_approval: false if an approval may have it", g.text(), c.Text)
	}
	if (c.Blocks || bearsRisk(c.Category)) && !c.RiskBearing {
		r.report(f.node, "a code that blocks approval, or that is FRAUD, BEHAVIOR, SCREENING, RISK, REJECTION, "+
			"IDENTITY_MISMATCH or COPY, belongs in the risk event; write risk_bearing: true")
	}
	if c.AsksReview && c.Blocks {
		r.report(f.values["asks_review"],
			"blocks_approval makes each approval with this code a review already; remove asks_review")
	}
	r.checkAdvice(f, c)
	r.checkSignature(f, c)
}

// checkFlags reports what neither a code nor a range may be.
func (r *vocabularyReader) checkFlags(f *fields, category Category, effect Effect, blocks bool) {
	if marks := f.negativeMarks(); len(marks) > 0 && effect != EffectNegative && effect != EffectUnspecified {
		r.report(f.values["effect"], "%s with %s has the effect %s; write NEGATIVE, or remove %s",
			f.what, listed(marks), effect, listed(marks))
	}
	if blocks && f.has("signature") {
		r.report(f.values["signature"], "signature is what an approval may have, and blocks_approval what it may not; "+
			"keep one side")
	}
	if category == CategoryFraud && !blocks {
		r.report(f.node, "%s of category FRAUD must never be part of an approval; write blocks_approval: true", f.what)
	}
	if n := f.values["disclosable"]; n != nil && n.Value == "true" && isSecret(category) {
		r.report(n, "a reason of category %s must not be disclosed; remove disclosable", category)
	}
}

// negativeMarks lists the keys of a code or range that only bad news has.
func (f *fields) negativeMarks() (marks []string) {
	for _, key := range []string{"blocks_approval", "no_retry", "refusal"} {
		if n := f.values[key]; n != nil && n.Value == "true" {
			marks = append(marks, key)
		}
	}
	if f.has("signature") {
		marks = append(marks, "signature")
	}
	return marks
}

// checkAdvice reports what a code may not add to the advice.
func (r *vocabularyReader) checkAdvice(f *fields, c *Code) {
	advises := c.Actions != 0 || c.Scope != ScopeUnspecified || c.Advice != nil
	if c.NoRetry && advises {
		r.report(f.values["no_retry"], "no_retry contradicts actions, scope and retry; keep one side")
	}
	if c.Refusal && (advises || c.NoRetry || c.Blocks) {
		r.report(f.values["refusal"], "refusal contradicts actions, scope, retry, no_retry and blocks_approval: "+
			"nothing mends that the person did not want to, who may want to later, and it is no suspicion; "+
			"keep one side")
	}
}

// checkSignature reports where what a code says of the signature is not what its own advice mends.
func (r *vocabularyReader) checkSignature(f *fields, c *Code) {
	switch {
	case c.Signature != SignatureUnspecified && c.Advice == nil:
		r.report(f.values["signature"], "a code with signature needs its own advice; write retry, or remove signature")
	case c.Advice != nil && !f.has("signature"):
		r.report(f.values["retry"], "a code with retry says what became of the signature; "+
			"write signature: OPEN or signature: FAILED, or write actions and scope instead of retry")
	case c.Signature == SignatureOpen && c.advises(ScopeNewVerification):
		r.report(f.values["signature"], "signature OPEN means that this verification can end it, and the code's "+
			"advice has scope NEW_VERIFICATION; write FAILED, or scope SAME_VERIFICATION")
	case c.Signature == SignatureFailed && c.advises(ScopeSameVerification):
		r.report(f.values["signature"], "signature FAILED means that only a new verification can mend it, and the "+
			"code's advice has scope SAME_VERIFICATION; write OPEN, or scope NEW_VERIFICATION")
	}
}

// advises says whether the code's own advice has this scope, for any integration.
func (c *Code) advises(s Scope) bool {
	return c.Advice != nil && (c.Advice[0].Scope == s || c.Advice[1].Scope == s || c.Advice[2].Scope == s)
}

// acts says whether the code brings an action, by itself or in its own advice.
func (c *Code) acts() bool {
	return c.Actions != 0 || c.Advice != nil && c.Advice[0].Actions|c.Advice[1].Actions|c.Advice[2].Actions != 0
}

// bearsRisk lists the categories that risk analytics always sees.
func bearsRisk(c Category) bool { return isSecret(c) || c == CategoryCopy }

// isSecret lists the categories that the person is never told about.
func isSecret(c Category) bool {
	switch c {
	case CategoryFraud, CategoryBehavior, CategoryScreening, CategoryRisk, CategoryRejection, CategoryIdentityMismatch:
		return true
	default:
		return false
	}
}
