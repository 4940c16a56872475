package show

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"verdict/cmd/verdict/screen"
	"verdict/rules"
)

func statusPage(v *rules.Vocabulary, s *rules.Status) *Page {
	return &Page{func(w io.Writer) error { return writeStatus(w, v, s) }, statusJSON(v, s)}
}

func writeStatus(w io.Writer, v *rules.Vocabulary, s *rules.Status) error {
	t := &screen.Table{}
	t.Row("status", v.Name+" "+s.Name)
	t.Row("also spelt", screen.OrDash(strings.Join(s.Aliases, ", ")))
	t.Row("meaning", s.Meaning)
	if s.Rule != nil {
		ruleRows(t, s.Rule)
	}
	t.Row("codes", screen.OrDash(codesWith(v, s)))
	if err := t.Write(w); err != nil || s.Rule != nil {
		return err
	}
	by := &screen.Table{}
	by.Row("RISK CODE", "OUTCOME", "FINAL", "BILLING", "RETRY", "BASIS")
	row := func(name string, r *rules.Rule) {
		by.Row(name, r.Outcome.String(), finalText(r), billingFlags(r), adviceText(r.Retry), r.OutcomeBasis)
	}
	for _, code := range slices.Sorted(maps.Keys(s.ByRisk)) {
		row(strconv.Itoa(int(code)), s.ByRisk[code])
	}
	row("none", s.RiskMissing)
	row("another", s.RiskUnknown)
	fmt.Fprintln(w)
	return by.Write(w)
}

func ruleRows(t *screen.Table, r *rules.Rule) {
	t.Row("outcome", r.Outcome.String())
	t.Row("basis", r.OutcomeBasis)
	t.Row("final", finalText(r))
	t.Row("billing", billingFlags(r))
	t.Row("retry", adviceText(r.Retry))
	t.Row("without a code", screen.Either(r.Expects != 0, "the anomaly REASON_MISSING", "as expected"))
	t.Row("report", screen.Either(r.ReportAvailable, "the provider has one", "-"))
}

// codesWith names codes that may come with a status.
func codesWith(v *rules.Vocabulary, s *rules.Status) string {
	var names []string
	for _, c := range v.Codes {
		if c.Statuses&s.Mask != 0 {
			names = append(names, c.Text)
		}
	}
	return firstOf(names)
}
