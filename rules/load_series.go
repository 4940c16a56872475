package rules

import (
	"slices"

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
		row, ok := r.fields(n, "a series", "name", "title")
		if !ok {
			continue
		}
		s := Series{Name: row.text("name"), Title: row.optionalText("title")}
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
	return name, bit
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
	var names []string
	var mask uint64
	for _, n := range f.list(key) {
		name, bit := r.seriesRef(n, "an entry of "+key)
		if slices.Contains(names, name) {
			r.report(n, "%s has %s twice; keep one", key, quoted(name))
		}
		names = append(names, name)
		mask |= bit
	}
	return mask
}
