package rules

import (
	"strconv"

	"go.yaml.in/yaml/v3"
)

func (r *vocabularyReader) ranges(f *fields) {
	for _, n := range f.list("ranges") {
		row, ok := r.fields(n, rangeKeys)
		if !ok {
			continue
		}
		from, to := row.need("from"), row.need("to")
		rng := r.codeRange(row)
		origin := enum[Origin](row, "origin", originNames)
		if from == nil || to == nil {
			continue
		}
		first, ok1 := r.number(from, "from", maxCode)
		last, ok2 := r.number(to, "to", maxCode)
		if !ok1 || !ok2 {
			continue
		}
		rng.From, rng.To = first, last
		rng.Basis = row.basis(origin, r.v.Name+"/range/"+rng.text())
		r.addRange(from, rng)
	}
}

// codeRange reads all of a range but its bounds.
func (r *vocabularyReader) codeRange(row *fields) *Range {
	rng := &Range{
		RiskCodes: r.riskCodeRefs(row, "risk_codes"),
		Category:  enum[Category](row, "category", categoryNames[:CategoryNone]), Effect: row.effect(),
		NoRetry: row.flag("no_retry"), Blocks: row.flag("blocks_approval"), Disclosable: row.flag("disclosable"),
		Signature: row.signature(), Explains: anyCause, Reason: row.text("reason"),
	}
	row.need("statuses")
	statuses := r.statusRefs(row, "statuses")
	rng.Statuses = maskOf(statuses)
	r.checkRiskCodes(row, rng.RiskCodes, statuses)
	r.checkNoRetry(row, statuses)
	if n := row.values["series"]; n != nil {
		var bit uint64
		rng.Series, bit = r.seriesRef(n, "series")
		rng.Explains |= bit
	}
	if rng.Signature == SignatureOpen {
		r.report(row.values["signature"], "a range does not know which step of the signature is open; write FAILED, "+
			"or list each code by itself")
	}
	r.checkFlags(row, rng.Category, rng.Effect, rng.Blocks)
	return rng
}

func (g *Range) text() string {
	return strconv.FormatInt(g.From, 10) + "-" + strconv.FormatInt(g.To, 10)
}

func (r *vocabularyReader) addRange(n *yaml.Node, rng *Range) {
	if rng.From > rng.To {
		r.report(n, "range %s is reversed; write from: %d, to: %d", rng.text(), rng.To, rng.From)
		return
	}
	for i, other := range r.v.Ranges {
		if rng.From <= other.To && other.From <= rng.To {
			r.report(n, "range %s overlaps range %s%s; a code belongs to one at most", rng.text(), other.text(),
				r.elsewhere(n, r.rangeNodes[i]))
			return
		}
	}
	r.v.Ranges = append(r.v.Ranges, rng)
	r.rangeNodes = append(r.rangeNodes, n)
}
