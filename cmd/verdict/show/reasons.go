package show

import (
	"strings"

	"verdict/processor"
)

// ReasonFields are the fields of one reason, but its code.
var ReasonFields = []struct {
	Name string
	Same func(a, b *processor.Reason) bool
}{
	{"reasons.series", func(a, b *processor.Reason) bool { return a.Series == b.Series }},
	{"reasons.category", func(a, b *processor.Reason) bool { return a.Category == b.Category }},
	{"reasons.effect", func(a, b *processor.Reason) bool { return a.Effect == b.Effect }},
	{"reasons.no_retry", func(a, b *processor.Reason) bool { return a.NoRetry == b.NoRetry }},
	{"reasons.disclosable", func(a, b *processor.Reason) bool { return a.Disclosable == b.Disclosable }},
	{"reasons.known", func(a, b *processor.Reason) bool { return a.Known == b.Known }},
}

// ReasonPair is a code that two decisions explain in different ways; nil: the one does not have it.
type ReasonPair struct{ Old, New *processor.Reason }

// Code is the code.
func (p *ReasonPair) Code() string {
	if p.New != nil {
		return p.New.Code
	}
	return p.Old.Code
}

// ReasonPairs appends the codes that differ. Both decisions list each code once.
func ReasonPairs(pairs []ReasonPair, was, is *processor.Decision) []ReasonPair {
	for i := range was.Reasons {
		r := &was.Reasons[i]
		if other := ReasonOf(is, i, r.Code); other == nil || !sameReason(r, other) {
			pairs = append(pairs, ReasonPair{r, other})
		}
	}
	for i := range is.Reasons {
		if r := &is.Reasons[i]; ReasonOf(was, i, r.Code) == nil {
			pairs = append(pairs, ReasonPair{nil, r})
		}
	}
	return pairs
}

// ReasonOf finds a code, which mostly has the same place.
func ReasonOf(d *processor.Decision, place int, code string) *processor.Reason {
	if place < len(d.Reasons) && d.Reasons[place].Code == code {
		return &d.Reasons[place]
	}
	for i := range d.Reasons {
		if d.Reasons[i].Code == code {
			return &d.Reasons[i]
		}
	}
	return nil
}

func sameReason(a, b *processor.Reason) bool {
	for i := range ReasonFields {
		if !ReasonFields[i].Same(a, b) {
			return false
		}
	}
	return true
}

// ReasonText is all that is said of a code but what it is called; of none, "none".
func ReasonText(r *processor.Reason) string {
	if r == nil {
		return "none"
	}
	words := []string{r.Category.String(), r.Effect.String()}
	for _, word := range []struct {
		there bool
		text  string
	}{{r.Series != "", "series " + r.Series}, {r.NoRetry, "no_retry"}, {r.Disclosable, "disclosable"},
		{!r.Known, "not listed"}} {
		if word.there {
			words = append(words, word.text)
		}
	}
	return strings.Join(words, ", ")
}
