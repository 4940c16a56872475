package rules

import (
	"cmp"
	"slices"

	"go.yaml.in/yaml/v3"
)

// maxCode is the largest number that lookup reads.
const maxCode = 999_999_999_999_999_999

func (r *vocabularyReader) codes(f *fields) {
	if f.need("codes") == nil {
		return
	}
	rows := f.longList("codes")
	r.v.Codes = make([]*Code, 0, len(rows))
	for _, n := range rows {
		r.code(n)
	}
	r.placeFields()
	slices.SortFunc(r.v.Codes, func(a, b *Code) int { return cmp.Compare(a.Number, b.Number) })
}

// code reads one row of codes.
func (r *vocabularyReader) code(n *yaml.Node) {
	f, ok := r.fields(n, codeKeys)
	if !ok {
		return
	}
	c := &Code{
		Known:    true,
		Category: enum[Category](f, "category", categoryNames[:CategoryUnknown]), Effect: f.effect(),
		NoRetry: f.flag("no_retry"), Blocks: f.flag("blocks_approval"), RiskBearing: f.flag("risk_bearing"),
		Disclosable: f.flag("disclosable"), Refusal: f.flag("refusal"), AsksReview: f.flag("asks_review"),
		Signature: f.signature(), Explains: anyCause,
		RiskCodes: r.riskCodeRefs(f, "risk_codes"), Meaning: f.text("meaning"),
		Action: f.optionalText("action"), Actions: r.actions(f),
	}
	if n := f.need("series"); n != nil {
		var bit uint64
		c.Series, bit = r.seriesRef(n, "series")
		c.Explains |= bit
	}
	r.codeStatuses(f, c)
	number := f.need("code")
	if number == nil {
		return
	}
	if c.Number, ok = r.number(number, "a code", maxCode); !ok {
		return
	}
	c.Text = number.Value
	r.codeAdvice(f, c)
	r.fieldNames(f, c)
	r.checkCode(f, c)
	c.Rank = c.rank()
	if r.v.codes[c.Text] != nil {
		r.report(number, "code %s is listed twice; keep one", c.Text)
		return
	}
	r.v.codes[c.Text] = c
	r.v.Codes = append(r.v.Codes, c)
}

// effect reads the optional effect of a code or range: most are bad news.
func (f *fields) effect() Effect {
	if !f.has("effect") {
		return EffectNegative
	}
	return enum[Effect](f, "effect", effectNames)
}

// signature reads what a code or range says of the signature; UNSPECIFIED if nothing. None of them says NONE.
func (f *fields) signature() Signature {
	if !f.has("signature") {
		return SignatureUnspecified
	}
	s := enum[Signature](f, "signature", signatureNames[SignatureNone:])
	if s == 0 {
		return SignatureUnspecified
	}
	return s + SignatureNone
}

func (r *vocabularyReader) codeStatuses(f *fields, c *Code) {
	f.need("statuses")
	statuses := r.statusRefs(f, "statuses")
	c.Statuses = maskOf(statuses)
	r.checkRiskCodes(f, c.RiskCodes, statuses)
	r.checkNoRetry(f, statuses)
}

// checkNoRetry reports a code or range that forbids a retry while the case is open: nobody could act, and nothing would
// ever end it.
func (r *vocabularyReader) checkNoRetry(f *fields, statuses []*Status) {
	if n := f.values["no_retry"]; n == nil || n.Value != "true" {
		return
	}
	for _, s := range statuses {
		if s.Rule != nil && s.Rule.Outcome == OutcomePending {
			r.report(f.values["no_retry"], "no_retry with status %s, whose outcome is PENDING, leaves a case open "+
				"that nobody may go on with; remove no_retry or that status", quoted(s.Name))
		}
	}
}

// checkRiskCodes reports the risk codes of a code or range that comes with statuses which have none.
func (r *vocabularyReader) checkRiskCodes(f *fields, risks []int32, statuses []*Status) {
	if len(risks) == 0 || len(statuses) == 0 {
		return
	}
	if !slices.ContainsFunc(statuses, func(s *Status) bool { return s.ByRisk != nil }) {
		r.report(f.values["risk_codes"],
			"none of these statuses has by_risk, so no risk code comes with them; remove risk_codes")
	}
}

// codeAdvice reads what a code adds to its status's advice, or the advice that it brings itself. A row says what the
// provider's page says, unless it names another origin.
func (r *vocabularyReader) codeAdvice(f *fields, c *Code) {
	path := r.v.Name + "/code/" + c.Text
	origin := OriginSource
	if f.has("origin") {
		origin = enum[Origin](f, "origin", originNames)
	}
	c.Basis, c.Origin = f.basis(origin, path), origin
	if c.AsksReview && (origin == OriginSource || origin == OriginReading) && !r.asked(f.values["asks_review"]) {
		r.report(f.values["asks_review"], "no page asks for a review of an approval, and the code's origin is %s; "+
			"write origin: policy or origin: operator", origin)
	}
	if f.has("scope") {
		c.Scope = enum[Scope](f, "scope", scopeNames)
		if c.Scope == ScopeNone || c.Scope == ScopeUnknown {
			r.report(f.values["scope"],
				"scope of a code is %s; write SAME_VERIFICATION, NEW_VERIFICATION, or nothing", c.Scope)
		}
	}
	if !f.has("retry") {
		return
	}
	own := r.retries(f.values["retry"], path)
	c.Advice = &own
	for _, t := range own {
		if !combines(t.Advice) {
			r.report(f.values["retry"],
				"a code's own advice is %s; write WAIT, RETRY, RETRY_WITH_CHANGES or, if unnamed, CONDITIONAL",
				t.Advice)
			break
		}
	}
	if c.Actions != 0 || c.Scope != ScopeUnspecified {
		r.report(f.values["retry"], "a code with retry has its actions and scope in there; move them")
	}
}

// combines says whether the advice can stand beside that of other codes.
func combines(a Advice) bool {
	switch a {
	case AdviceWait, AdviceRetry, AdviceRetryWithChanges, AdviceConditional, AdviceUnspecified:
		return true
	default:
		return false
	}
}
