package rules

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// vocabularyReader reads one vocabulary file, in the order series, risk codes, statuses, ranges, codes, flow,
// billing: what others refer to is read first, so that each reference can be checked as it is read.
type vocabularyReader struct {
	*page
	v         *Vocabulary
	others    []otherCatalog
	places    []place
	riskNodes map[int32]*yaml.Node
	// Where what was read stands, for the text of what contradicts it: in the order of the vocabulary, and by spelling.
	sourceNodes, rangeNodes []*yaml.Node
	spellings               map[string]*yaml.Node
	outcomes                map[*Rule]*yaml.Node

	hashes        map[uint32]string // vocabulary and name of each status that was read, of any file, by Status.Hash
	seriesBits    map[string]uint64
	fieldsOfCodes []namedFields
	// soundPlaces says that statuses and risk codes are without mistake. Only then can it be said that a billing rule
	// holds nowhere.
	soundPlaces bool
}

// place is where a rule applies: a status, or a status with a risk code.
type place struct {
	status  *Status
	risk    int32
	hasRisk bool
	rule    *Rule

	expected *yaml.Node // the rule's code_expected; nil if it has none
}

// vocabulary reads a vocabulary; nil if its name, provider or product is missing. What it returns may be used only if
// no mistake was reported.
func (p *page) vocabulary(root *yaml.Node, others []otherCatalog, hashes map[uint32]string) *Vocabulary {
	f, ok := p.fields(root, vocabularyKeys)
	if !ok {
		return nil
	}
	v := &Vocabulary{
		Name: f.name("vocabulary"), Provider: f.name("provider"), Product: f.name("product"), Title: f.text("title"),
		statuses: map[string]*Status{}, risks: map[int32]*RiskCode{}, codes: map[string]*Code{},
	}
	r := &vocabularyReader{
		page: p, v: v, riskNodes: map[int32]*yaml.Node{}, seriesBits: map[string]uint64{}, others: others,
		hashes: hashes, spellings: map[string]*yaml.Node{}, outcomes: map[*Rule]*yaml.Node{},
	}
	if n := f.values["vocabulary"]; n != nil {
		p.rows[v.Name] = p.filePlace(n)
	}
	r.sources(f)
	r.prefixes(f)
	r.unlistedOnApproval(f)
	r.series(f)
	before := p.mistakes.n
	r.riskCodes(f)
	r.statuses(f)
	r.soundPlaces = p.mistakes.n == before
	r.ranges(f)
	r.codes(f)
	sound := p.mistakes.n == before
	if sound {
		r.unexplained()
	}
	r.flow(f, sound)
	r.billing(f)
	v.fallbacks()
	if v.Name == "" || v.Provider == "" || v.Product == "" {
		return nil
	}
	return v
}

// claim reports a name that another file has as well.
func (l *loader) claim(s *sheet, key, what, cure string) bool {
	n := s.root
	if value := valueOf(s.root, key); value != nil {
		n = value
	}
	if other, taken := l.seen[what]; taken {
		s.report(n, "%s is in %s already; %s", what, other, cure)
		return true
	}
	l.seen[what] = s.placeOf(n)
	return false
}

// prefixes reads code_prefixes. A digit at the end would make one code look like another.
func (r *vocabularyReader) prefixes(f *fields) {
	for _, n := range f.textNodes("code_prefixes") {
		if last := n.Value[len(n.Value)-1]; '0' <= last && last <= '9' {
			r.report(n, "the code prefix %s ends in a digit; write what stands before the number", quoted(n.Value))
		}
		r.v.CodePrefixes = append(r.v.CodePrefixes, n.Value)
	}
	// The longest first: one prefix may be the beginning of another.
	slices.SortFunc(r.v.CodePrefixes, func(a, b string) int {
		return cmp.Or(cmp.Compare(len(b), len(a)), strings.Compare(a, b))
	})
}

// unlistedOnApproval reads the operator's switch. Unless it says accept, a code that nothing is known of makes an
// approval a REVIEW.
func (r *vocabularyReader) unlistedOnApproval(f *fields) {
	n := f.values["unlisted_code_on_approval"]
	switch {
	case n == nil || n.Kind == yaml.ScalarNode && n.Value == "review":
	case n.Kind == yaml.ScalarNode && n.Value == "accept":
		r.v.AcceptUnlisted = true
	default:
		r.report(n, "unlisted_code_on_approval is %s; write review or accept", kindOf(n))
	}
}

func (r *vocabularyReader) riskCodes(f *fields) {
	for _, n := range f.list("risk_codes") {
		row, ok := r.fields(n, riskCodeKeys)
		if !ok {
			continue
		}
		risk := &RiskCode{
			Label: row.text("label"), Level: enum[RiskLevel](row, "level", riskLevelNames[:RiskLevelUnknown]),
		}
		if row.has("origin") {
			enum[Origin](row, "origin", originNames)
		}
		number := row.need("code")
		if number == nil {
			continue
		}
		code, ok := r.number(number, "a risk code", math.MaxInt32)
		if !ok {
			continue
		}
		risk.Code = int32(code)
		if r.v.risks[risk.Code] != nil {
			r.report(number, "risk code %d is listed twice; keep one", code)
			continue
		}
		r.v.risks[risk.Code] = risk
		r.riskNodes[risk.Code] = number
		r.v.RiskCodes = append(r.v.RiskCodes, risk)
	}
	slices.SortFunc(r.v.RiskCodes, func(a, b *RiskCode) int { return cmp.Compare(a.Code, b.Code) })
}

// riskCodeRefs reads an optional list of risk codes that the vocabulary has.
func (r *vocabularyReader) riskCodeRefs(f *fields, key string) []int32 {
	var codes []int32
	for _, n := range f.list(key) {
		code, ok := r.number(n, "a risk code", math.MaxInt32)
		switch {
		case !ok:
		case r.v.risks[int32(code)] == nil:
			r.report(n, "the vocabulary has no risk code %d%s", code, r.riskCodesToWrite())
		case slices.Contains(codes, int32(code)):
			r.report(n, "%s has %d twice; keep one", key, code)
		default:
			codes = append(codes, int32(code))
		}
	}
	return codes
}

func (r *vocabularyReader) riskCodesToWrite() string {
	if len(r.v.RiskCodes) == 0 {
		return "; it has none, add it to risk_codes first"
	}
	texts := make([]string, len(r.v.RiskCodes))
	for i, c := range r.v.RiskCodes {
		texts[i] = fmt.Sprint(c.Code)
	}
	return "; write one of " + listed(texts) + ", or add it to risk_codes first"
}

// fallbacks adds the rules that no file states: that of a status which the vocabulary lacks, and Fallbacks.
func (v *Vocabulary) fallbacks() {
	unknown := "policy:" + v.Name + "/status/unknown"
	retry := Retry{Advice: AdviceUnknown, Scope: ScopeUnknown, Basis: unknown}
	v.Unrecognized = Rule{
		Outcome: OutcomeUnrecognized, OutcomeBasis: unknown,
		Retry: [3]Retry{retry, retry, retry},
		Billing: []BillingRule{{
			Name: unknownStatusRule, Flag: BillingFlagUndetermined,
			Basis: "policy:" + v.Name + "/billing/" + unknownStatusRule,
		}},
	}
	review := func(why string) Retry {
		return Retry{Advice: AdviceAwaitReview, Scope: ScopeNone, Basis: "policy:" + v.Name + "/" + why}
	}
	v.Fallbacks = Fallbacks{
		ContradictedBasis: "policy:" + v.Name + "/approval-contradicted",
		UnlistedBasis:     "policy:" + v.Name + "/unlisted-code-on-approval",
		NoRetryBasis:      "reading:" + v.Name + "/no-retry-code",
		MisplacedRetry:    review("misplaced-code"),
		ReviewRetry:       review("review-by-code"),
		SignatureRetry:    review("unlisted-signature-code"),
	}
}
