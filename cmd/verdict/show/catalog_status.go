package show

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"verdict/cmd/verdict/screen"
	"verdict/rules"
)

func statusPage(v *rules.Vocabulary, s *rules.Status) *Page {
	return &Page{func(w io.Writer) error { return writeStatus(w, v, s) }, statusPageJSON(v, s)}
}

func writeStatus(w io.Writer, v *rules.Vocabulary, s *rules.Status) error {
	t := &screen.Table{}
	t.Row("status", v.Name+" "+s.Name)
	t.Row("also spelt", screen.OrDash(strings.Join(s.Aliases, ", ")))
	t.Row("meaning", s.Meaning)
	t.Row("provider recommends", screen.OrDash(s.Action))
	if s.Rule != nil {
		ruleRows(t, v, s)
	}
	nextRows(t, v, s)
	t.Row("codes", screen.OrDash(codesWith(v, s)))
	if err := t.Write(w); err != nil {
		return err
	}
	tables := []*screen.Table{adviceTable(s)}
	if s.Rule == nil {
		tables = []*screen.Table{byRiskTable(v, s), adviceTable(s)}
	}
	for _, t := range tables {
		fmt.Fprintln(w)
		if err := t.Write(w); err != nil {
			return err
		}
	}
	return writeSources(w, v)
}

func ruleRows(t *screen.Table, v *rules.Vocabulary, s *rules.Status) {
	r := s.Rule
	t.Row("outcome", r.Outcome.String())
	t.Row("basis", r.OutcomeBasis)
	t.Row("final", screen.Either(r.FinalOnNewCase, "only if a code asks for a NEW_VERIFICATION", yesNo(r.Final)))
	t.Row("ended", yesNo(r.Ended)+screen.Either(r.Ended, ", so it has a billing event", ", so it has no billing event"))
	t.Row("billing", chargeText(r))
	t.Row("report", screen.Either(r.ReportAvailable, "the provider has one", "-"))
	if r.Expects != 0 {
		t.Row("expects", "a NEGATIVE code"+expectedSeries(v, s, r)+"; without one, the anomaly REASON_MISSING")
	} else {
		t.Row("expects", "no code")
	}
}

// expectedSeries names the series of the codes that explain a rule; "" where any code that belongs to the status does.
func expectedSeries(v *rules.Vocabulary, s *rules.Status, r *rules.Rule) string {
	names := seriesExpected(v, s, r)
	if names == nil {
		return " that belongs to it"
	}
	return " of the series " + screen.OrList(names)
}

// seriesExpected is nil where any NEGATIVE code that belongs to the status will do.
func seriesExpected(v *rules.Vocabulary, s *rules.Status, r *rules.Rule) []string {
	var names []string
	others := false
	add := func(series string, statuses, explains uint64, effect rules.Effect) {
		switch {
		case statuses&s.Mask == 0 || effect != rules.EffectNegative:
		case explains&r.Expects == 0:
			others = true
		case !slices.Contains(names, series):
			names = append(names, series)
		}
	}
	for _, c := range v.Codes {
		add(c.Series, c.Statuses, c.Explains, c.Effect)
	}
	for _, g := range v.Ranges {
		add(g.Series, g.Statuses, g.Explains, g.Effect)
	}
	if !others {
		return nil
	}
	return names
}

func byRiskTable(v *rules.Vocabulary, s *rules.Status) *screen.Table {
	t := &screen.Table{}
	t.Row("RISK CODE", "OUTCOME", "FINAL", "ENDED", "REPORT", "BILLING", "EXPECTS", "BASIS")
	for _, p := range riskPlaces(s) {
		r := p.rule
		expects := "-"
		if r.Expects != 0 {
			expects = "a code" + expectedSeries(v, s, r)
		}
		t.Row(p.name, r.Outcome.String(), finalText(r), yesNo(r.Ended), yesNo(r.ReportAvailable), billingFlags(r),
			expects, r.OutcomeBasis)
	}
	return t
}

// adviceTable says what is advised, and who says so.
func adviceTable(s *rules.Status) *screen.Table {
	t := &screen.Table{}
	t.Row(screen.Either(s.Rule == nil, "RISK CODE", "INTEGRATION"), "ADVICE", "SCOPE", "ACTIONS", "BASIS")
	rows := func(name string, r *rules.Rule) {
		all := adviceCells(name, &r.Retry)
		if len(all) == 1 {
			t.Row(append(all[0], adviceBasis(&r.Retry[rules.IntegrationUnspecified]))...)
			return
		}
		if s.Rule == nil {
			t.Row(name, "by integration", "", "")
		}
		for i, cells := range all[1:] {
			t.Row(append(cells, adviceBasis(&r.Retry[integrationNames[i].value]))...)
		}
	}
	if s.Rule != nil {
		rows("any", s.Rule)
	}
	for _, p := range riskPlaces(s) {
		rows(p.name, p.rule)
	}
	return t
}

func adviceBasis(r *rules.Retry) string {
	if r.ExpiresAfter > 0 {
		return r.Basis + ", the time " + r.ExpiryBasis
	}
	return r.Basis
}

// codesWith says which codes may come with a status, by series.
func codesWith(v *rules.Vocabulary, s *rules.Status) string {
	var order []string
	counts := map[string]int{}
	ends := map[string][2]string{}
	for _, c := range v.Codes {
		if c.Statuses&s.Mask == 0 {
			continue
		}
		if counts[c.Series] == 0 {
			order = append(order, c.Series)
			ends[c.Series] = [2]string{c.Text, c.Text}
		}
		counts[c.Series]++
		ends[c.Series] = [2]string{ends[c.Series][0], c.Text}
	}
	var texts []string
	for _, name := range order {
		first, last := ends[name][0], ends[name][1]
		texts = append(texts, name+" "+screen.Either(first == last, first,
			strconv.Itoa(counts[name])+" from "+first+" to "+last))
	}
	return strings.Join(texts, ", ")
}
