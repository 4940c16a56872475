package rules

import (
	"math/bits"

	"go.yaml.in/yaml/v3"
)

// maxSeries leaves the upper bits of Rule.Expects and Code.Explains for what is no series.
const maxSeries = 62

// anyCause is the bit of Code.Explains that every code and range has, whatever its series.
const anyCause uint64 = 1 << 63

// series reads the provider's groups of codes: bit n of a mask stands for the n-th of them.
func (r *vocabularyReader) series(f *fields) {
	f.need("series")
	rows := f.list("series")
	if len(rows) > maxSeries {
		r.report(rows[maxSeries], "a vocabulary has at most %d series, this one has %d; join some",
			maxSeries, len(rows))
	}
	for i, n := range rows {
		row, ok := r.fields(n, seriesKeys)
		if !ok {
			continue
		}
		s := Series{Name: row.line("name"), Title: row.optionalText("title")}
		switch {
		case s.Name == "":
		case r.seriesBits[s.Name] != 0:
			r.report(row.values["name"], "series %s is listed twice; keep one", quoted(s.Name))
		default:
			r.seriesBits[s.Name] = 1 << min(i, maxSeries)
			r.v.Series = append(r.v.Series, s)
		}
	}
}

// seriesRef reads the name of a series that the vocabulary has, and its bit.
func (r *vocabularyReader) seriesRef(n *yaml.Node, key string) (string, uint64) {
	name := r.text(n, key)
	return name, r.seriesBit(n, name)
}

// seriesBit finds the bit of a series by its name; 0 after a mistake.
func (r *vocabularyReader) seriesBit(n *yaml.Node, name string) uint64 {
	bit := r.seriesBits[name]
	// Without any series the vocabulary itself has the mistake, and saying it at each code would bury it.
	if name != "" && bit == 0 && len(r.v.Series) > 0 {
		names := make([]string, len(r.v.Series))
		for i, s := range r.v.Series {
			names[i] = s.Name
		}
		r.report(n, "the vocabulary has no series %s%s; write one of: %s, or add it to series first",
			quoted(name), suggestion(name, names), listed(names))
	}
	return bit
}

// expects reads code_expected: true for any cause, or a list of the series that a cause belongs to.
func (r *vocabularyReader) expects(f *fields) uint64 {
	const key = "code_expected"
	n := f.values[key]
	switch {
	case n == nil:
		return 0
	case n.Kind == yaml.SequenceNode:
		return r.expectedSeries(f, key)
	case n.Kind == yaml.ScalarNode && n.Tag == "!!bool":
		if f.flag(key) {
			return anyCause
		}
		return 0
	}
	r.report(n, "code_expected is %s; write true, false, or a list of series", kindOf(n))
	return 0
}

func (r *vocabularyReader) expectedSeries(f *fields, key string) uint64 {
	var mask uint64
	for _, n := range f.textNodes(key) {
		mask |= r.seriesBit(n, n.Value)
	}
	return mask
}

// unexplained reports the lists of code_expected that nothing can meet: each event would have the anomaly
// REASON_MISSING.
func (r *vocabularyReader) unexplained() {
	var causes [maxStatuses]uint64 // what the codes of each status explain
	for _, c := range r.v.Codes {
		addCauses(&causes, c.Statuses, c.Effect, c.Explains)
	}
	for _, g := range r.v.Ranges {
		addCauses(&causes, g.Statuses, g.Effect, g.Explains)
	}
	for _, at := range r.places {
		status := bits.TrailingZeros64(at.status.Mask)
		if at.expected != nil && at.expected.Kind == yaml.SequenceNode && at.rule.Expects&causes[status] == 0 {
			r.report(at.expected, "no NEGATIVE code or range of these series comes with status %s; "+
				"write series that do, or remove code_expected", quoted(at.status.Name))
		}
	}
}

func addCauses(causes *[maxStatuses]uint64, statuses uint64, effect Effect, explains uint64) {
	if effect != EffectNegative {
		return
	}
	for ; statuses != 0; statuses &= statuses - 1 {
		causes[bits.TrailingZeros64(statuses)] |= explains
	}
}
