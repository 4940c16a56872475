package show

import (
	"fmt"
	"slices"

	"verdict/processor"
	"verdict/rules"
)

// place is where a code may stand: beside a status, and a risk code where that decides.
type place struct {
	status  *rules.Status
	risk    int32
	hasRisk bool
}

// String is as the lines of verdict decide have it: status/risk code.
func (p place) String() string {
	switch {
	case p.hasRisk:
		return fmt.Sprintf("%s/%d", p.status.Name, p.risk)
	case p.status.Rule == nil:
		return p.status.Name + " without risk code"
	}
	return p.status.Name
}

func (p place) rule() *rules.Rule { return p.status.RuleWith(p.risk, p.hasRisk) }

// placesOfStatus lists a status alone, or with each risk code that decides and without one.
func placesOfStatus(v *rules.Vocabulary, s *rules.Status) []place {
	if s.Rule != nil {
		return []place{{status: s}}
	}
	var places []place
	for _, r := range v.RiskCodes {
		if s.ByRisk[r.Code] != nil {
			places = append(places, place{s, r.Code, true})
		}
	}
	return append(places, place{status: s})
}

// placesWith lists the places where a code may stand, and last the approvals, where what it does matters most, also
// where it may not stand there.
func placesWith(v *rules.Vocabulary, c *rules.Code) []place {
	var places, approvals []place
	for _, s := range v.Statuses {
		for _, p := range placesOfStatus(v, s) {
			fits := c.Statuses&s.Mask != 0 &&
				(len(c.RiskCodes) == 0 || !p.hasRisk || slices.Contains(c.RiskCodes, p.risk))
			switch {
			case fits:
				places = append(places, p)
			case p.rule().Outcome == rules.OutcomeApproved:
				approvals = append(approvals, p)
			}
		}
	}
	return append(places, approvals...)
}

// withApproval is what becomes of an approval by a code alone: of several approvals, of one that the code does not let
// stand. It is nil if the vocabulary has no approval.
func withApproval(v *rules.Vocabulary, c *rules.Code) (d *processor.Decision) {
	for _, s := range v.Statuses {
		for _, p := range placesOfStatus(v, s) {
			if p.rule().Outcome != rules.OutcomeApproved {
				continue
			}
			this := decideAt(v, p, c.Text, rules.IntegrationUnspecified)
			if d == nil || this.Outcome != rules.OutcomeApproved {
				d = this
			}
		}
	}
	return d
}

// decideAt is what an event gets that has this code alone, by the same code as any decision.
func decideAt(v *rules.Vocabulary, p place, code string, i rules.Integration) *processor.Decision {
	e := processor.Event{Status: p.status.Name, Codes: []string{code}, RiskCode: p.risk, HasRiskCode: p.hasRisk,
		Integration: i}
	d := &processor.Decision{}
	processor.Decide(v, &e, d)
	return d
}

// integrationNames are in the order in which pages show them; the name is for text.
var integrationNames = []struct {
	name  string
	value rules.Integration
}{
	{"sdk", rules.IntegrationSDK}, {"api", rules.IntegrationAPI}, {"not named", rules.IntegrationUnspecified},
}

// decided is what events get that have a code alone, and where they get it.
type decided struct {
	places      []string
	integration string // "" where it does not matter
	outcome     string
	retry       string
}

// decidedWith joins places where the same is decided.
func decidedWith(v *rules.Vocabulary, c *rules.Code) []decided {
	var list []decided
	add := func(p place, integration string, d *processor.Decision) {
		this := decided{integration: integration, outcome: d.Outcome.String(), retry: retryText(d)}
		i := slices.IndexFunc(list, func(x decided) bool {
			return x.integration == this.integration && x.outcome == this.outcome && x.retry == this.retry
		})
		if i < 0 {
			i = len(list)
			list = append(list, this)
		}
		name := p.String()
		if p.rule().Outcome == rules.OutcomeApproved {
			name += " (an approval)"
		}
		list[i].places = append(list[i].places, name)
	}
	for _, p := range placesWith(v, c) {
		unnamed := decideAt(v, p, c.Text, rules.IntegrationUnspecified)
		depends := false
		for _, i := range integrationNames {
			depends = depends || retryText(decideAt(v, p, c.Text, i.value)) != retryText(unnamed)
		}
		if !depends {
			add(p, "", unnamed)
			continue
		}
		for _, i := range integrationNames {
			add(p, i.name, decideAt(v, p, c.Text, i.value))
		}
	}
	return list
}
