package rules

import (
	"fmt"
	"slices"
)

// IdleCharge is a billing rule that is BILLABLE, and for nothing that ends an attempt: so nothing is charged by it.
type IdleCharge struct {
	Vocabulary string
	Rule       *BillingRule
	File       string // where it stands
	Line       int
	Places     []string // what it is for: statuses, each with its risk code where that decides
}

// String says it in words, and what to do.
func (c *IdleCharge) String() string {
	return fmt.Sprintf("%s: billing rule %s (%s:%d) is BILLABLE, and charges nothing: it is for what ends no attempt, "+
		"and only an end is charged: %s: name the status that ends it, or, if the provider's work on the attempt is "+
		"over with this one, write ended: true in its row", c.Vocabulary, c.Rule.Name, c.File, c.Line,
		firstPlaces(c.Places))
}

// IdleCharges lists those of after that before does not have.
func IdleCharges(before, after *Catalog) (all []*IdleCharge) {
	known := map[string]bool{}
	for _, c := range before.idleCharges() {
		known[c.Rule.Basis] = true
	}
	return slices.DeleteFunc(after.idleCharges(), func(c *IdleCharge) bool { return known[c.Rule.Basis] })
}

func (c *Catalog) idleCharges() (all []*IdleCharge) {
	for _, v := range c.vocabularies {
		codes := endingCodes(v, v)
		for i := range v.Billing {
			b := &v.Billing[i]
			if b.Flag != BillingFlagBillable {
				continue
			}
			if places := v.idlePlaces(b, codes); places != nil {
				idle := &IdleCharge{Vocabulary: v.Name, Rule: b, Places: places}
				idle.File, idle.Line = c.Where(b.Basis)
				all = append(all, idle)
			}
		}
	}
	return all
}

// idlePlaces are all that a billing rule is for; nil if some of it can be charged, or nothing is left to the rule.
func (v *Vocabulary) idlePlaces(b *BillingRule, codes []endingCode) (places []string) {
	for _, s := range v.Statuses {
		for _, risk := range risksOf(v) {
			rule, byRisk := v.ruleOf(s.Name, risk)
			holds := slices.ContainsFunc(rule.Billing, func(other BillingRule) bool { return other.Name == b.Name })
			if !holds || !byRisk && risk != noRisk {
				continue
			}
			at := ending{rule, s}
			if rule.charges() || slices.ContainsFunc(codes, func(c endingCode) bool { return at.charges(&c.is) }) {
				return nil
			}
			place := "status " + s.Name
			if byRisk {
				place += riskText(risk)
			}
			places = append(places, place)
		}
	}
	return places
}
