package cases

import (
	"fmt"
	"maps"
	"strconv"

	"verdict/processor"
	"verdict/rules"
)

// Coverage is which rows of a catalog cases name: an event has that status or code, or is charged by that rule. A
// case that is to do and fails does not count.
type Coverage struct {
	rows    map[any]bool // *rules.Status, *rules.Rule, *rules.Code, *rules.Range
	charges map[string]bool
}

// NewCoverage makes one of nothing yet.
func NewCoverage() *Coverage { return &Coverage{rows: map[any]bool{}, charges: map[string]bool{}} }

// note takes a decision in.
func (c *Coverage) note(catalog *rules.Catalog, res *processor.Result) {
	d := res.Decision
	if d == nil {
		return
	}
	v := catalog.Vocabulary(d.Provider, d.Product)
	if v == nil {
		return
	}
	c.charges[d.Billing.Basis] = true
	if s := v.Status(d.ProviderStatus); s != nil {
		c.rows[s] = true
		c.rows[s.RuleWith(d.Risk.Code, d.HasRisk)] = true
	}
	for i := range d.Reasons {
		var unlisted rules.Code
		code := v.Code(d.Reasons[i].Code, &unlisted)
		if code.Known {
			c.rows[code] = true
		} else if g := v.RangeOf(code); g != nil {
			c.rows[g] = true
		}
	}
}

func (c *Coverage) add(other *Coverage) {
	maps.Copy(c.rows, other.rows)
	maps.Copy(c.charges, other.charges)
}

// Unnamed are the rows of one kind of a vocabulary that no case names.
type Unnamed struct {
	Vocabulary, Kind string   // "code"
	Names            []string // as the catalog has them
}

// Unnamed lists the rows that no case names, by vocabulary. A billing rule that no listed status can meet needs none.
func (c *Coverage) Unnamed(catalog *rules.Catalog) (all []Unnamed) {
	for _, v := range catalog.Vocabularies() {
		for _, u := range []Unnamed{
			{v.Name, "status", c.statuses(v)}, {v.Name, "code", c.codes(v)}, {v.Name, "range", c.ranges(v)},
			{v.Name, "billing rule", c.billing(v)},
		} {
			if len(u.Names) > 0 {
				all = append(all, u)
			}
		}
	}
	return all
}

// statuses are named with each risk code that they have a rule for, as in "completed/500".
func (c *Coverage) statuses(v *rules.Vocabulary) (names []string) {
	for _, s := range v.Statuses {
		if !c.rows[s] {
			names = append(names, s.Name)
			continue
		}
		if s.Rule != nil {
			continue
		}
		for _, risk := range v.RiskCodes {
			if rule := s.ByRisk[risk.Code]; rule != nil && !c.rows[rule] {
				names = append(names, s.Name+"/"+strconv.Itoa(int(risk.Code)))
			}
		}
		if !c.rows[s.RiskMissing] {
			names = append(names, s.Name+"/missing")
		}
		if !c.rows[s.RiskUnknown] {
			names = append(names, s.Name+"/unknown")
		}
	}
	return names
}

func (c *Coverage) codes(v *rules.Vocabulary) (names []string) {
	for _, code := range v.Codes {
		if !c.rows[code] {
			names = append(names, code.Text)
		}
	}
	return names
}

func (c *Coverage) ranges(v *rules.Vocabulary) (names []string) {
	for _, g := range v.Ranges {
		if !c.rows[g] {
			names = append(names, fmt.Sprintf("%d-%d", g.From, g.To))
		}
	}
	return names
}

func (c *Coverage) billing(v *rules.Vocabulary) (names []string) {
	met := map[string]bool{}
	for _, s := range v.Statuses {
		for _, rule := range rulesOf(s) {
			for i := range rule.Billing {
				met[rule.Billing[i].Basis] = true
			}
		}
	}
	for i := range v.Billing {
		if b := &v.Billing[i]; met[b.Basis] && !c.charges[b.Basis] {
			names = append(names, b.Name)
		}
	}
	return names
}

// rulesOf are all that a status says, with and without risk codes.
func rulesOf(s *rules.Status) []*rules.Rule {
	if s.Rule != nil {
		return []*rules.Rule{s.Rule}
	}
	all := []*rules.Rule{s.RiskMissing, s.RiskUnknown}
	for _, rule := range s.ByRisk {
		all = append(all, rule)
	}
	return all
}
