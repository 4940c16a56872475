package show

import (
	"strings"

	"verdict/processor"
	"verdict/rules"
)

// Difference is a part of a decision in which what is published and what the present rules say differ.
type Difference struct {
	Fields []string `json:"fields"`         // by their names in the contract
	Code   string   `json:"code,omitempty"` // of a reason
	// Hidden says that the values are the event's own and not told.
	Hidden         bool   `json:"values_hidden,omitempty"`
	Published      string `json:"published,omitempty"`
	PublishedBasis string `json:"published_basis,omitempty"`
	Present        string `json:"present,omitempty"`
	PresentBasis   string `json:"present_basis,omitempty"`
}

// Differences lists in what a decision that was published differs from what the present rules make of the same record
// alone: without lifecycle, ids and whatever else depends on the events before.
func Differences(published, present *processor.Decision) (list []Difference) {
	was, is := withoutPast(published), withoutPast(present)
	for i := range Parts {
		p := &Parts[i]
		d := Difference{Fields: fieldsApart(p.Fields, was, is)}
		if d.Fields == nil {
			continue
		}
		d.Published, d.Present = p.Text(was), p.Text(is)
		if p.Basis != nil {
			d.PublishedBasis, d.PresentBasis = p.Basis(was), p.Basis(is)
		}
		list = append(list, d)
	}
	for i := range OwnFields {
		if names := fieldsApart([]Field{OwnFields[i].Field}, was, is); names != nil {
			list = append(list, Difference{Fields: names, Hidden: true})
		}
	}
	for _, pair := range ReasonPairs(nil, was, is) {
		list = append(list, Difference{Fields: pair.fieldsApart(), Code: CodeText(pair.Code()),
			Published: ReasonText(pair.Old), Present: ReasonText(pair.New)})
	}
	return list
}

func withoutPast(d *processor.Decision) *processor.Decision {
	alone := *d
	alone.Anomalies &= ownAnomalies
	return &alone
}

func fieldsApart(fields []Field, was, is *processor.Decision) (names []string) {
	for i := range fields {
		if f := &fields[i]; !f.Past && !f.Same(was, is) {
			names = append(names, f.Name)
		}
	}
	return names
}

// fieldsApart are the fields of the reason that differ; where one decision has no such reason, all of it.
func (p *ReasonPair) fieldsApart() (names []string) {
	if p.Old == nil || p.New == nil {
		return []string{"reasons"}
	}
	for _, f := range ReasonFields {
		if !f.Same(p.Old, p.New) {
			names = append(names, f.Name)
		}
	}
	return names
}

// name is the difference's own, for a person.
func (d *Difference) name() string {
	text := strings.Join(d.Fields, ", ")
	if d.Code != "" {
		text += " of code " + d.Code
	}
	return text
}

// side is what one of both says, with the rule.
func (d *Difference) side(value, basis string) string {
	if basis != "" {
		return value + " [" + basis + "]"
	}
	return value
}

// OverdueDifferences says what the present rules would write into an overdue notice instead; nil: the same.
func OverdueDifferences(catalog *rules.Catalog, d *processor.Decision) []Difference {
	was := Difference{Published: timeText(d.Overdue.Deadline), PublishedBasis: d.Overdue.Basis, Present: "no limit"}
	var status *rules.Status
	if v := catalog.Vocabulary(d.Provider, d.Product); v != nil {
		status = v.Status(d.ProviderStatus)
	}
	if status != nil && status.OverdueAfter > 0 {
		was.Present = timeText(d.Overdue.Since + status.OverdueAfter.Microseconds())
		was.PresentBasis = status.OverdueBasis
	}
	if was.Present != was.Published {
		was.Fields = append(was.Fields, "deadline")
	}
	if was.PresentBasis != was.PublishedBasis {
		was.Fields = append(was.Fields, "overdue_basis")
	}
	if was.Fields == nil {
		return nil
	}
	return []Difference{was}
}
