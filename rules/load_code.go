package rules

import (
	"cmp"
	"slices"
	"strconv"

	"go.yaml.in/yaml/v3"
)

// maxCode is the largest number that lookup reads.
const maxCode = 999_999_999_999_999_999

func (r *vocabularyReader) ranges(f *fields) {
	for _, n := range f.list("ranges") {
		row, ok := r.fields(n, "a range", "from", "to", "statuses", "risk_codes", "blocks_approval", "origin", "reason")
		if !ok {
			continue
		}
		from, to := row.need("from"), row.need("to")
		rng := &Range{
			Blocks: row.flag("blocks_approval"), Reason: row.text("reason"),
			RiskCodes: r.riskCodeRefs(row, "risk_codes"),
		}
		row.need("statuses")
		rng.Statuses = maskOf(r.statusRefs(row, "statuses"))
		origin := enum[Origin](row, "origin", originNames)
		if from == nil || to == nil {
			continue
		}
		first, ok1 := r.number(from, "from", maxCode)
		last, ok2 := r.number(to, "to", maxCode)
		if !ok1 || !ok2 {
			continue
		}
		rng.From, rng.To = first, last
		rng.Basis = basis(origin, r.v.Name+"/range/"+rng.text())
		r.addRange(from, rng)
	}
}

func (g *Range) text() string {
	return strconv.FormatInt(g.From, 10) + "-" + strconv.FormatInt(g.To, 10)
}

func (r *vocabularyReader) addRange(n *yaml.Node, rng *Range) {
	if rng.From > rng.To {
		r.report(n, "range %s is reversed; write from: %d, to: %d", rng.text(), rng.To, rng.From)
		return
	}
	for _, other := range r.v.Ranges {
		if rng.From <= other.To && other.From <= rng.To {
			r.report(n, "range %s overlaps range %s; a code belongs to one at most", rng.text(), other.text())
			return
		}
	}
	r.v.Ranges = append(r.v.Ranges, rng)
}

func (r *vocabularyReader) codes(f *fields) {
	if f.need("codes") == nil {
		return
	}
	rows := f.longList("codes")
	r.v.Codes = make([]*Code, 0, len(rows))
	for _, n := range rows {
		r.code(n)
	}
	slices.SortFunc(r.v.Codes, func(a, b *Code) int { return cmp.Compare(a.Number, b.Number) })
}

// code reads one row of codes.
func (r *vocabularyReader) code(n *yaml.Node) {
	f, ok := r.fields(n, "a code", "code", "statuses", "series", "category", "effect", "blocks_approval",
		"risk_bearing", "disclosable", "no_retry", "risk_codes", "scope", "actions", "retry", "origin", "meaning",
		"action")
	if !ok {
		return
	}
	c := &Code{
		Known: true, Series: f.text("series"),
		Category: enum[Category](f, "category", categoryNames[:CategoryUnknown]), Effect: EffectNegative,
		NoRetry: f.flag("no_retry"), Blocks: f.flag("blocks_approval"), RiskBearing: f.flag("risk_bearing"),
		Disclosable: f.flag("disclosable"), RiskCodes: r.riskCodeRefs(f, "risk_codes"), Meaning: f.text("meaning"),
		Action: f.optionalText("action"), Actions: r.actions(f),
	}
	if f.has("effect") {
		c.Effect = enum[Effect](f, "effect", effectNames)
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
	r.checkCode(f, c)
	c.Rank = c.rank()
	if r.v.codes[c.Text] != nil {
		r.report(number, "code %s is listed twice; keep one", c.Text)
		return
	}
	r.v.codes[c.Text] = c
	r.v.Codes = append(r.v.Codes, c)
}

func (r *vocabularyReader) codeStatuses(f *fields, c *Code) {
	f.need("statuses")
	statuses := r.statusRefs(f, "statuses")
	c.Statuses = maskOf(statuses)
	if len(c.RiskCodes) == 0 || len(statuses) == 0 {
		return
	}
	if !slices.ContainsFunc(statuses, func(s *Status) bool { return s.ByRisk != nil }) {
		r.report(f.values["risk_codes"],
			"none of the code's statuses has by_risk, so no risk code comes with them; remove risk_codes")
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
	c.Basis = basis(origin, path)
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

// checkCode reports flags that contradict each other.
func (r *vocabularyReader) checkCode(f *fields, c *Code) {
	if c.Blocks && c.Effect != EffectNegative && c.Effect != EffectUnspecified {
		r.report(f.values["effect"],
			"a code that blocks approval has the effect %s; write NEGATIVE, or remove blocks_approval", c.Effect)
	}
	if g := r.v.rangeOf(c.Number); g != nil && g.Blocks && !c.Blocks {
		r.report(f.values["code"], "range %s blocks approval and code %s does not; write blocks_approval: true",
			g.text(), c.Text)
	}
	if c.Category == CategoryFraud && !c.Blocks {
		r.report(f.node, "a code of category FRAUD must never be part of an approval; write blocks_approval: true")
	}
	if (c.Blocks || bearsRisk(c.Category)) && !c.RiskBearing {
		r.report(f.node, "a code that blocks approval, or that is FRAUD, BEHAVIOR, SCREENING, REJECTION or COPY, "+
			"belongs in the risk event; write risk_bearing: true")
	}
	r.checkAdvice(f, c)
}

// checkAdvice reports what a code may not add to the advice.
func (r *vocabularyReader) checkAdvice(f *fields, c *Code) {
	if c.Disclosable && isSecret(c.Category) {
		r.report(f.values["disclosable"], "a reason of category %s must not be disclosed; remove disclosable",
			c.Category)
	}
	acts := c.Actions != 0 || c.Advice != nil && c.Advice[0].Actions|c.Advice[1].Actions|c.Advice[2].Actions != 0
	if acts && !c.Disclosable {
		r.report(f.node, "a reason that may not be disclosed cannot shape an action; "+
			"remove the actions, or write disclosable: true")
	}
	if c.NoRetry && (acts || c.Scope != ScopeUnspecified || c.Advice != nil) {
		r.report(f.values["no_retry"], "no_retry contradicts actions, scope and retry; keep one side")
	}
}

// bearsRisk lists the categories that risk analytics always sees.
func bearsRisk(c Category) bool { return isSecret(c) || c == CategoryCopy }

// isSecret lists the categories that the person is never told about.
func isSecret(c Category) bool {
	switch c {
	case CategoryFraud, CategoryBehavior, CategoryScreening, CategoryRejection:
		return true
	default:
		return false
	}
}
