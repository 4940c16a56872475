package events

import (
	"fmt"
	"slices"

	"verdict/rules"
)

// product is what the events of one vocabulary may say, as the catalog has it.
type product struct {
	vocabulary *rules.Vocabulary
	prefixes   []string // of codes
	integrated bool     // its advice depends on the integration
	begin      []*report
	ends       []ending
	shares     int // of all ends
}

// report is one thing that an event may say: a status, perhaps with a risk code, and codes that may come with it.
type report struct {
	spellings    []string
	risk         int
	codes        []string
	outcome      rules.Outcome
	codeExpected bool
	final        bool
}

// ending is all reports with one outcome.
type ending struct {
	share   int
	reports []*report
}

// endShares are how often each outcome is the end, among those that a vocabulary has.
var endShares = []struct {
	outcome rules.Outcome
	share   int
}{
	{rules.OutcomeApproved, 74}, {rules.OutcomeDeclined, 10}, {rules.OutcomeInconclusive, 14},
	{rules.OutcomeResubmissionRequired, 14}, {rules.OutcomeReview, 6},
}

// productsOf knows what each vocabulary's events may say. One without an end is left out.
func productsOf(catalog *rules.Catalog) []*product {
	var products []*product
	for _, v := range catalog.Vocabularies() {
		p := &product{vocabulary: v, prefixes: v.CodePrefixes}
		all := reportsOf(v)
		for _, r := range all {
			if r.outcome == rules.OutcomePending {
				p.begin = append(p.begin, r)
			}
		}
		for _, s := range endShares {
			reports := slices.DeleteFunc(slices.Clone(all), func(r *report) bool { return r.outcome != s.outcome })
			if len(reports) > 0 {
				p.ends = append(p.ends, ending{s.share, reports})
				p.shares += s.share
			}
		}
		p.integrated = slices.ContainsFunc(v.Statuses, func(s *rules.Status) bool {
			return s.Rule != nil &&
				s.Rule.Retry[rules.IntegrationSDK].Advice != s.Rule.Retry[rules.IntegrationAPI].Advice
		})
		if p.ends != nil {
			products = append(products, p)
		}
	}
	return products
}

func reportsOf(v *rules.Vocabulary) []*report {
	var all []*report
	for _, s := range v.Statuses {
		add := func(risk int32, rule *rules.Rule) {
			all = append(all, &report{
				spellings: append([]string{s.Name}, s.Aliases...), risk: int(risk),
				codes:   codesWith(v, s, risk, rule),
				outcome: rule.Outcome, codeExpected: rule.Expects != 0, final: rule.Final || rule.FinalOnNewCase,
			})
		}
		if s.Rule != nil {
			add(0, s.Rule)
			continue
		}
		for _, r := range v.RiskCodes {
			if rule := s.ByRisk[r.Code]; rule != nil {
				add(r.Code, rule)
			}
		}
	}
	return all
}

// codesWith are codes that contradict neither status nor risk code. What went badly has a reason, what went well has
// none.
func codesWith(v *rules.Vocabulary, s *rules.Status, risk int32, rule *rules.Rule) []string {
	var codes []string
	for _, c := range v.Codes {
		fits := c.Statuses&s.Mask != 0 && (len(c.RiskCodes) == 0 || slices.Contains(c.RiskCodes, risk))
		negative := c.Effect == rules.EffectNegative
		if rule.Expects != 0 {
			fits = fits && c.Explains&rule.Expects != 0
		}
		switch rule.Outcome {
		case rules.OutcomeApproved:
			fits = fits && !negative
		case rules.OutcomeDeclined, rules.OutcomeInconclusive, rules.OutcomeResubmissionRequired:
			fits = fits && negative
		default: // what has no result yet, or an open one: all codes of the status
		}
		if fits {
			codes = append(codes, c.Text)
		}
	}
	return codes
}

// verification is one that is under way: what all its events share and the steps still to come.
type verification struct {
	product *product
	event   generatedEvent
	steps   []*report
	last    *report // what was said last; nil at the begin
}

// begin starts a verification of a random product.
func (g *Generator) begin() *verification {
	p := pick(g, g.products...)
	v := &verification{product: p, event: generatedEvent{
		Provider: p.vocabulary.Provider, Product: p.vocabulary.Product,
		VerificationID: g.uuid(),
		SubjectRef:     fmt.Sprintf("cust-%06d", g.random.IntN(1_000_000)),
		JourneyRef:     fmt.Sprintf("journey-%08x", g.random.Uint32()),
		Metadata: map[string]string{
			"channel": pick(g, "web", "web", "ios", "android"), "country": pick(g, "FR", "NL", "DE", "ES", "IT", "PT"),
		},
	}}
	if p.integrated {
		v.event.Integration = pick(g, "sdk", "sdk", "api")
	}
	if g.random.IntN(50) == 0 {
		v.event.Environment = "sandbox"
	}
	if g.random.IntN(8) == 0 {
		v.event.Attempt = 2
	}
	v.steps = g.course(p)
	return v
}

// course is what a verification of a product goes through.
func (g *Generator) course(p *product) []*report {
	var steps []*report
	for i, r := range p.begin {
		// The first is always told, the last mostly; of those between, little is heard.
		if i == 0 || i == len(p.begin)-1 && g.random.IntN(4) > 0 || g.random.IntN(10) == 0 {
			steps = append(steps, r)
		}
	}
	end := g.end(p)
	steps = append(steps, end)
	if !end.final && g.random.IntN(2) == 0 { // a new try, which comes to an end
		if again := g.end(p); again.final {
			steps = append(steps, again)
		}
	}
	return steps
}

func (g *Generator) end(p *product) *report {
	n := g.random.IntN(p.shares)
	for _, e := range p.ends {
		if n -= e.share; n < 0 {
			return pick(g, e.reports...)
		}
	}
	return p.ends[0].reports[0] // never: the shares are those of the ends
}

func pick[T any](g *Generator, from ...T) T { return from[g.random.IntN(len(from))] }
