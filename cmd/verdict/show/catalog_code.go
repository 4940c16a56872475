package show

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"verdict/cmd/verdict/screen"
	"verdict/processor"
	"verdict/rules"
)

func codePage(v *rules.Vocabulary, c *rules.Code) *Page {
	return &Page{func(w io.Writer) error { return writeCode(w, v, c) }, codeJSON(v, c)}
}

func writeCode(w io.Writer, v *rules.Vocabulary, c *rules.Code) error {
	t := &screen.Table{}
	meaning := screen.OrDash(c.Meaning)
	if !c.Known {
		meaning = "not listed; an event with it is decided by its status, with the anomaly UNKNOWN_CODE"
	}
	t.Row("code", v.Name+" "+screen.Printable(c.Text))
	t.Row("meaning", meaning)
	t.Row("series", screen.OrDash(c.Series))
	t.Row("category", c.Category.String())
	t.Row("effect", c.Effect.String())
	t.Row("with status", screen.OrDash(strings.Join(statusesOf(v, c.Statuses), ", ")))
	t.Row("with risk code", screen.Either(len(c.RiskCodes) == 0, "any or none", joinInts(c.RiskCodes)))
	t.Row("blocks approval", yesNo(c.Blocks))
	t.Row("risk event", yesNo(c.RiskBearing))
	t.Row("shown to person", screen.Either(c.Disclosable, "allowed", "never"))
	t.Row("client may retry", screen.Either(c.NoRetry, "no, says the provider", "not said by the provider"))
	t.Row("decided retry", adviceWith(v, c))
	t.Row("provider advises", screen.OrDash(c.Action))
	t.Row("actions", screen.OrDash(strings.Join(actionNames(c.Actions), ", ")))
	t.Row("scope", screen.Either(c.Scope == rules.ScopeUnspecified, "-", c.Scope.String()))
	if c.Advice != nil {
		t.Row("own advice", adviceText(*c.Advice))
	}
	t.Row("basis", screen.OrDash(c.Basis))
	if err := t.Write(w); err != nil {
		return err
	}
	if r := riskCode(v, c.Text); r != nil {
		fmt.Fprintf(screen.Wrapped(w, 0),
			"\n%d is a risk code of %s (%s, %q): `verdict catalog %s` shows what each status means with it.\n",
			r.Code, v.Name, r.Level, r.Label, v.Name)
	}
	return nil
}

// adviceWith is the retry advice that an event gets with this code alone, by the same code as a decision: where it
// depends on the status or the risk code, with each.
func adviceWith(v *rules.Vocabulary, c *rules.Code) string {
	var advice []string
	with := map[string][]string{} // places by advice
	add := func(s *rules.Status, risk int32, place string) {
		e := processor.Event{Status: s.Name, Codes: []string{c.Text}, RiskCode: risk, HasRiskCode: risk != 0}
		var d processor.Decision
		processor.Decide(v, &e, &d)
		text := retryValue(d.Retry)
		if with[text] == nil {
			advice = append(advice, text)
		}
		with[text] = append(with[text], place)
	}
	for _, s := range v.Statuses {
		switch {
		case c.Statuses&s.Mask == 0:
		case s.Rule != nil:
			add(s, 0, s.Name)
		default:
			for _, r := range v.RiskCodes {
				if s.ByRisk[r.Code] != nil && (len(c.RiskCodes) == 0 || slices.Contains(c.RiskCodes, r.Code)) {
					add(s, r.Code, fmt.Sprintf("%s/%d", s.Name, r.Code))
				}
			}
		}
	}
	if len(advice) == 1 {
		return advice[0]
	}
	var texts []string
	for _, a := range advice {
		texts = append(texts, a+" with "+screen.OrList(with[a]))
	}
	return screen.OrDash(strings.Join(texts, "; "))
}
