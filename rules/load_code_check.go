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
	r.checkAdvice(f, c)
}

// checkFlags reports what neither a code nor a range may be.
func (r *vocabularyReader) checkFlags(f *fields, category Category, effect Effect, blocks bool) {
	if blocks && effect != EffectNegative && effect != EffectUnspecified {
		r.report(f.values["effect"],
			"%s that blocks approval has the effect %s; write NEGATIVE, or remove blocks_approval", f.what, effect)
	}
	if category == CategoryFraud && !blocks {
		r.report(f.node, "%s of category FRAUD must never be part of an approval; write blocks_approval: true", f.what)
	}
	if n := f.values["disclosable"]; n != nil && n.Value == "true" && isSecret(category) {
		r.report(n, "a reason of category %s must not be disclosed; remove disclosable", category)
	}
}

// checkAdvice reports what a code may not add to the advice.
func (r *vocabularyReader) checkAdvice(f *fields, c *Code) {
	acts := c.acts()
	if c.NoRetry && (acts || c.Scope != ScopeUnspecified || c.Advice != nil) {
		r.report(f.values["no_retry"], "no_retry contradicts actions, scope and retry; keep one side")
	}
	if c.Refusal && (acts || c.Blocks) {
		r.report(f.values["refusal"], "refusal contradicts actions and blocks_approval: "+
			"nothing mends that the person did not want to, and it is no suspicion; keep one side")
	}
	switch {
	case c.Signature != SignatureUnspecified && c.Advice == nil:
		r.report(f.values["signature"], "a code with signature needs its own advice; write retry, or remove signature")
	case c.Advice != nil && !f.has("signature"):
		r.report(f.values["retry"], "a code with retry says what became of the signature; "+
			"write signature: OPEN or signature: FAILED, or write actions and scope instead of retry")
	}
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
