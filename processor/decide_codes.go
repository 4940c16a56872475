package processor

import (
	"cmp"
	"slices"
	"strings"

	"verdict/rules"
)

// findings is what all codes of an event say together.
type findings struct {
	contradicts bool    // one must not be part of an approval, or is negative and the provider's page has it elsewhere
	misplaced   bool    // one that blocks or forbids a retry stands where the provider's page does not have it
	unlisted    bool    // one that neither a row nor a range knows
	refused     bool    // the person did
	asksReview  witness // wants a person to look before an approval stands
	noRetry     witness // says that the client can't retry, where the page has it
	explains    uint64  // what the negative ones that belong to the status may be the cause of

	scope rules.Scope // NEW_VERIFICATION beats SAME_VERIFICATION
	asked asked       // by codes
	steps asked       // of the same verification: a new one does not repeat them

	open, failed         bool     // what is said of the signature
	unclear              bool     // an unlisted code says so, and not how to go on
	openRetry, failRetry combined // from codes with advice of their own
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

// asked is what codes ask for together: actions, the fields that these correct, or a scope alone.
type asked struct {
	actions rules.ActionSet
	fields  rules.FieldSet
	by      advisor
}

func (a *asked) there() bool { return a.by.origin != rules.OriginUnspecified }

func (a *asked) add(b asked) {
	a.actions |= b.actions
	a.fields |= b.fields
	if b.by.origin > a.by.origin || b.by.origin == a.by.origin && b.by.number < a.by.number {
		a.by = b.by
	}
}

// advisor is the code that what several ask for is ascribed to: the one that the page says least of, so that nothing of
// ours goes by the page's name; of equals the lowest.
type advisor struct {
	origin rules.Origin // UNSPECIFIED: no code asks for anything
	number int64
	basis  string
}

// weigh explains each code in d.Reasons, sorted and once, picks the primary one and gathers what they say together.
func (f *findings) weigh(v *rules.Vocabulary, e *Event, status *rules.Status, d *Decision) {
	d.PrimaryCode, d.Category = "", rules.CategoryNone
	clear(d.Reasons)
	d.Reasons = d.Reasons[:0]
	var rank uint8
	var number int64
	var unlisted rules.Code
	for i, text := range e.Codes {
		c := v.Code(text, &unlisted)
		d.Reasons = append(d.Reasons, Reason{
			Code: c.Text, Series: c.Series, Category: c.Category, Effect: c.Effect, NoRetry: c.NoRetry,
			Disclosable: c.Disclosable, Known: c.Known, RiskBearing: c.RiskBearing, number: c.Number,
		})
		if i == 0 || c.Rank < rank || c.Rank == rank && before(c.Number, c.Text, number, d.PrimaryCode) {
			d.PrimaryCode, d.Category, rank, number = c.Text, c.Category, c.Rank, c.Number
		}
		if !c.Known {
			f.addUnlisted(v, c, d)
		}
		f.add(c, e, status, d)
	}
	if len(d.Reasons) > 1 {
		slices.SortFunc(d.Reasons, compareReasons)
		d.Reasons = slices.CompactFunc(d.Reasons, func(a, b Reason) bool { return a.Code == b.Code })
	}
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

// addUnlisted weighs what only unlisted codes can be.
func (f *findings) addUnlisted(v *rules.Vocabulary, c *rules.Code, d *Decision) {
	d.Anomalies.Add(AnomalyUnknownCode)
	if v.ListedElsewhere(c) {
		d.Anomalies.Add(AnomalyWrongProductSuspected)
	}
	f.unlisted = f.unlisted || c.Statuses == 0 // every range names its statuses
}

// add weighs a code, listed or described by its range. Where a code belongs is asked of a known status only.
func (f *findings) add(c *rules.Code, e *Event, status *rules.Status, d *Decision) {
	belongs := status != nil && c.Statuses&status.Mask != 0
	outside := status != nil && !belongs && c.Statuses != 0
	contradictsRisk := len(c.RiskCodes) > 0 && e.HasRiskCode && !slices.Contains(c.RiskCodes, e.RiskCode)
	d.Anomalies.addIf(outside, AnomalyCodeNotAllowedForStatus)
	d.Anomalies.addIf(contradictsRisk, AnomalyCodeContradictsRisk)
	negative := c.Effect == rules.EffectNegative
	f.contradicts = f.contradicts || c.Blocks || negative && (outside || contradictsRisk)
	f.misplaced = f.misplaced || (c.Blocks || c.NoRetry) && (!belongs || contradictsRisk)
	if c.AsksReview {
		f.asksReview.add(c)
	}
	f.refused = f.refused || c.Refusal
	if belongs {
		f.addInPlace(c, e, negative)
	} else if c.Advice != nil {
		f.addOutOfPlace(c, &c.Advice[e.Integration])
	}
	if c.Actions != 0 || c.Scope != rules.ScopeUnspecified {
		f.asked.add(asked{c.Actions, c.Fields, advisor{c.Origin, c.Number, c.Basis}})
		f.scope = max(f.scope, c.Scope)
	}
}

// addInPlace weighs what a code says only beside a status that it belongs to.
func (f *findings) addInPlace(c *rules.Code, e *Event, negative bool) {
	if negative {
		f.explains |= c.Explains
	}
	if c.NoRetry {
		f.noRetry.add(c)
	}
	if c.Signature != rules.SignatureUnspecified {
		f.addSignature(c, e)
	}
}

func (f *findings) addSignature(c *rules.Code, e *Event) {
	failed := c.Signature == rules.SignatureFailed
	f.failed = f.failed || failed
	f.open = f.open || !failed
	switch {
	case c.Advice == nil:
		f.unclear = true
	case failed:
		f.failRetry.add(&c.Advice[e.Integration])
	default:
		f.openRetry.add(&c.Advice[e.Integration])
	}
}

// addOutOfPlace weighs a signature code beside a status that knows of no signature: what it asks for is kept.
func (f *findings) addOutOfPlace(c *rules.Code, own *rules.Retry) {
	a := asked{own.Actions, own.Fields, advisor{own.Origin, c.Number, own.Basis}}
	if own.Scope == rules.ScopeNewVerification {
		f.asked.add(a)
		f.scope = own.Scope
	} else {
		f.steps.add(a)
	}
}

// signature is what the codes say of it. One that failed is not mended by repeating a step.
func (f *findings) signature() rules.Signature {
	switch {
	case f.failed:
		return rules.SignatureFailed
	case f.open:
		return rules.SignatureOpen
	default:
		return rules.SignatureNone
	}
}

// objects says whether a code speaks against an approval, so that a person should look.
func (f *findings) objects(v *rules.Vocabulary) bool {
	return f.contradicts || f.asksReview.there || f.unlisted && !v.AcceptUnlisted
}

// objection is the basis of a REVIEW that was an approval.
func (f *findings) objection(v *rules.Vocabulary) string {
	switch {
	case f.contradicts:
		return v.ContradictedBasis
	case f.asksReview.there:
		return f.asksReview.basis
	default:
		return v.UnlistedBasis
	}
}

// unexplained says whether the rule expects a cause and no code gives one. A code that nothing is known of may be it.
func (f *findings) unexplained(rule *rules.Rule) bool {
	return rule.Expects != 0 && f.explains&rule.Expects == 0 && !f.unlisted
}
