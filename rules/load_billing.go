package rules

import (
	"math"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// unknownStatusRule names the billing rule of a status that the vocabulary lacks.
const unknownStatusRule = "unknown_status"

// billingDraft is a billing rule, and its place in the file.
type billingDraft struct {
	BillingRule
	node, flag *yaml.Node
	faulty     bool // its conditions have a mistake, so where it holds is not known
	reachable  bool // it can match somewhere
}

// billing reads the billing policy: rules in order, the first match counts, and what holds otherwise.
func (r *vocabularyReader) billing(f *fields) {
	n := f.need("billing")
	if n == nil {
		return
	}
	policy, ok := r.fields(n, billingKeys)
	if !ok {
		return
	}
	before := r.mistakes.n
	names := map[string]bool{unknownStatusRule: true}
	var drafts []*billingDraft
	for _, n := range policy.list("rules") {
		if d := r.billingRule(n, names, true); d != nil {
			drafts = append(drafts, d)
		}
	}
	if n := policy.need("otherwise"); n != nil {
		if d := r.billingRule(n, names, false); d != nil {
			d.reachable = true // it is also for statuses that are added later
			drafts = append(drafts, d)
		}
	}
	for _, d := range drafts {
		r.v.Billing = append(r.v.Billing, d.BillingRule)
	}
	r.placeBilling(drafts)
	if r.soundPlaces && r.mistakes.n == before {
		r.unreachable(drafts)
	}
}

func (r *vocabularyReader) billingRule(n *yaml.Node, names map[string]bool, conditional bool) *billingDraft {
	kind := otherwiseKeys
	if conditional {
		kind = billingRuleKeys
	}
	f, ok := r.fields(n, kind)
	if !ok {
		return nil
	}
	d := &billingDraft{node: n, flag: f.values["flag"]}
	d.otherwise = !conditional
	d.Name = f.name("name")
	d.Flag = enum[BillingFlag](f, "flag", billingFlagNames)
	d.Basis = f.basis(enum[Origin](f, "origin", originNames), r.v.Name+"/billing/"+d.Name)
	if names[d.Name] {
		r.report(f.values["name"], "a billing rule %s is there already; give it another name", quoted(d.Name))
	}
	names[d.Name] = d.Name != ""
	if conditional {
		before := r.mistakes.n
		r.dates(f, d)
		r.when(f, d)
		d.faulty = r.mistakes.n > before
	}
	d.compile()
	return d
}

// when reads the conditions of a billing rule. One with a date needs no other.
func (r *vocabularyReader) when(f *fields, d *billingDraft) {
	if !f.has("when") && (f.has("from") || f.has("until")) {
		return
	}
	n := f.need("when")
	if n == nil {
		return
	}
	when, ok := r.fields(n, whenKeys)
	if !ok {
		return
	}
	if len(when.values) == 0 {
		r.report(n, "when is empty; name a condition, or move the rule to otherwise")
	}
	for _, s := range r.statusRefs(when, "status") {
		d.Statuses = append(d.Statuses, s.Name)
	}
	d.RiskCodes = r.riskCodeRefs(when, "risk_code")
	d.Variants = r.sold(when, "product_variant")
	d.Accounts = r.sold(when, "account")
	if n := when.values["attempt"]; n != nil {
		r.attempts(n, d)
	}
}

// sold reads the variants or accounts that a rule is for, without white space around them, as it counts around no
// event's either.
func (r *vocabularyReader) sold(when *fields, key string) (texts []string) {
	for _, n := range when.textNodes(key) {
		text := strings.TrimSpace(n.Value)
		if text != n.Value {
			r.report(n, "%s %s has white space around it, which does not count; write %s", key, quoted(n.Value),
				quoted(text))
		}
		texts = append(texts, text)
	}
	return texts
}

func (r *vocabularyReader) attempts(n *yaml.Node, d *billingDraft) {
	f, ok := r.fields(n, attemptKeys)
	if !ok {
		return
	}
	if len(f.values) == 0 {
		r.report(n, "attempt is empty; write from, to or both, for example {from: 2}")
	}
	if n := f.values["from"]; n != nil {
		from, _ := r.number(n, "from", math.MaxInt32)
		d.MinAttempt = int32(from)
	}
	if n := f.values["to"]; n != nil {
		to, _ := r.number(n, "to", math.MaxInt32)
		d.MaxAttempt = int32(to)
		if d.MaxAttempt > 0 && d.MinAttempt > d.MaxAttempt {
			r.report(n, "attempts from %d to %d are reversed; write the lower number as from",
				d.MinAttempt, d.MaxAttempt)
		}
	}
}

// placeBilling gives each rule of the vocabulary the billing rules that can match there.
func (r *vocabularyReader) placeBilling(drafts []*billingDraft) {
	for _, at := range r.places {
		var before []*billingDraft
		for _, d := range drafts {
			if d.faulty || !d.holdsAt(at) || d.covered(before) {
				continue
			}
			before = append(before, d)
			d.reachable = true
			at.rule.Billing = append(at.rule.Billing, d.BillingRule)
			at.rule.FirstDate = d.firstDate(at.rule.FirstDate)
			if at.rule.Outcome == OutcomeInconclusive && d.Flag == BillingFlagBillable {
				r.report(d.flag, "this makes status %s, whose outcome is INCONCLUSIVE, BILLABLE, which it never is; "+
					"exclude that status", quoted(at.status.Name))
			}
		}
	}
}

// unreachable reports the billing rules that never match. That an overlay's rules leave nothing to one of the base is
// what they are there for.
func (r *vocabularyReader) unreachable(drafts []*billingDraft) {
	for _, d := range drafts {
		if !d.reachable && !r.inBase(d.node) {
			r.report(d.node, "billing rule %s never holds: its status and risk code do not meet, "+
				"or earlier rules take all it matches; correct it or remove it", quoted(d.Name))
		}
	}
}

func (b *BillingRule) holdsAt(at place) bool {
	if len(b.Statuses) > 0 && !slices.Contains(b.Statuses, at.status.Name) {
		return false
	}
	return len(b.RiskCodes) == 0 || at.hasRisk && slices.Contains(b.RiskCodes, at.risk)
}
