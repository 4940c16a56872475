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

func (p place) String() string {
	if p.hasRisk {
		return fmt.Sprintf("%s/%d", p.status.Name, p.risk)
	}
	return p.status.Name
}

// placesWith lists the places where a code may stand. Those without a risk code that decides are not among them.
func placesWith(v *rules.Vocabulary, c *rules.Code) []place {
	var places []place
	for _, s := range v.Statuses {
		switch {
		case c.Statuses&s.Mask == 0:
		case s.Rule != nil:
			places = append(places, place{status: s})
		default:
			for _, r := range v.RiskCodes {
				if s.ByRisk[r.Code] != nil && (len(c.RiskCodes) == 0 || slices.Contains(c.RiskCodes, r.Code)) {
					places = append(places, place{s, r.Code, true})
				}
			}
		}
	}
	return places
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
		list[i].places = append(list[i].places, p.String())
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
