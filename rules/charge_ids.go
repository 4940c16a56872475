package rules

import (
	"fmt"
	"slices"
)

// chargeFields are what a charge_id is made of, beside the provider and the product.
var chargeFields = []string{"verification_id", "product_variant", "attempt"}

// ChargeIDChange is a part of charge_id that two catalogs read otherwise from the bodies of one envelope.
type ChargeIDChange struct {
	Envelope, Field string

	Basis string // of the member that is new, or else of the envelope: for Where alone
	File  string // where that stands
	Line  int
}

// String says it in words, and what to do.
func (c *ChargeIDChange) String() string {
	return fmt.Sprintf("envelope %s: %s is read otherwise (%s:%d), which also changes what was charged already: it is "+
		"part of charge_id. What comes again of a verification, or corrects it, would be charged a second time, under "+
		"another charge_id: leave the envelope as it was, or write one of another name for bodies that another shape "+
		"tells from these; if it is meant, settle what was charged before by its verification_id",
		c.Envelope, c.Field, c.File, c.Line)
}

// ChargeIDChanges lists what after reads otherwise than before did. Left out is an envelope that only one of them has.
func ChargeIDChanges(before, after *Catalog) (all []*ChargeIDChange) {
	for _, is := range after.envelopes {
		i := slices.IndexFunc(before.envelopes, func(e *Envelope) bool { return e.Name == is.Name })
		if i < 0 {
			continue
		}
		was := before.envelopes[i]
		for _, field := range chargeFields {
			added := is.fillingOnly(field, was)
			if len(added) == 0 && len(was.fillingOnly(field, is)) == 0 {
				continue
			}
			c := &ChargeIDChange{Envelope: is.Name, Field: field, Basis: envelopeBasis(is.Name)}
			if len(added) > 0 {
				c.Basis = memberBasis(is.Name, added[0].Path)
			}
			c.File, c.Line = after.Where(c.Basis)
			all = append(all, c)
		}
	}
	return all
}

// fillingOnly are the members that fill a field and that another envelope does not have.
func (e *Envelope) fillingOnly(field string, other *Envelope) (members []Member) {
	for _, m := range e.Members {
		if m.Field == field && !slices.Contains(other.Members, m) {
			members = append(members, m)
		}
	}
	return members
}

// envelopeBasis and memberBasis are by which Where knows them. No decision has these.
func envelopeBasis(name string) string { return "envelope:" + name }

func memberBasis(envelope, path string) string { return "envelope:" + envelope + "/" + path }
