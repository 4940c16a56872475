package diff

import (
	"strings"

	"verdict/processor"
)

// reasonFields are the fields of one reason, but its code.
var reasonFields = []struct {
	name string
	same func(a, b *processor.Reason) bool
}{
	{"reasons.series", func(a, b *processor.Reason) bool { return a.Series == b.Series }},
	{"reasons.category", func(a, b *processor.Reason) bool { return a.Category == b.Category }},
	{"reasons.effect", func(a, b *processor.Reason) bool { return a.Effect == b.Effect }},
	{"reasons.no_retry", func(a, b *processor.Reason) bool { return a.NoRetry == b.NoRetry }},
	{"reasons.disclosable", func(a, b *processor.Reason) bool { return a.Disclosable == b.Disclosable }},
	{"reasons.known", func(a, b *processor.Reason) bool { return a.Known == b.Known }},
}

// reasonPair is a code that two decisions explain in different ways; nil: the one does not have it.
type reasonPair struct{ old, new *processor.Reason }

func (p *reasonPair) code() string {
	if p.new != nil {
		return p.new.Code
	}
	return p.old.Code
}

// reasonPairs appends the codes that differ. Both decisions list each code once.
func reasonPairs(pairs []reasonPair, was, is *processor.Decision) []reasonPair {
	for i := range was.Reasons {
		r := &was.Reasons[i]
		if other := reasonOf(is, i, r.Code); other == nil || !sameReason(r, other) {
			pairs = append(pairs, reasonPair{r, other})
		}
	}
	for i := range is.Reasons {
		if r := &is.Reasons[i]; reasonOf(was, i, r.Code) == nil {
			pairs = append(pairs, reasonPair{nil, r})
		}
	}
	return pairs
}

// reasonOf finds a code, which mostly has the same place.
func reasonOf(d *processor.Decision, place int, code string) *processor.Reason {
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
	for i := range reasonFields {
		if !reasonFields[i].same(a, b) {
			return false
		}
	}
	return true
}

func reasonText(r *processor.Reason) string {
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
