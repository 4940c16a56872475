package show

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"verdict/cmd/verdict/screen"
	"verdict/rules"
)

func codePage(v *rules.Vocabulary, c *rules.Code) *Page {
	return &Page{func(w io.Writer) error { return writeCode(w, v, c) }, codePageJSON(v, c)}
}

func writeCode(w io.Writer, v *rules.Vocabulary, c *rules.Code) error {
	t := &screen.Table{}
	t.Row("code", v.Name+" "+screen.Printable(c.Text))
	codeMeaningRows(t, v, c)
	t.Row("series", seriesText(v, c.Series))
	t.Row("category", c.Category.String())
	t.Row("effect", c.Effect.String())
	t.Row("with status", screen.Either(c.Statuses == 0, "not known", strings.Join(statusesOf(v, c.Statuses), ", ")))
	t.Row("with risk code", screen.Either(len(c.RiskCodes) == 0, "any or none", joinInts(c.RiskCodes)))
	codeFlagRows(t, c)
	codeAdviceRows(t, v, c)
	t.Row("basis", screen.OrDash(c.Basis))
	if err := t.Write(w); err != nil {
		return err
	}
	if err := writeDecided(w, v, c); err != nil {
		return err
	}
	if err := writeSources(w, v); err != nil {
		return err
	}
	if r := riskCode(v, c.Text); r != nil {
		fmt.Fprintf(screen.Wrapped(w, 0),
			"\n%d is a risk code of %s (%s, %q): `verdict catalog %s` shows what each status means with it.\n",
			r.Code, v.Name, r.Level, r.Label, v.Name)
	}
	return nil
}

func codeMeaningRows(t *screen.Table, v *rules.Vocabulary, c *rules.Code) {
	if c.Known {
		t.Row("meaning", c.Meaning)
		return
	}
	t.Row("meaning", "not listed; an event with it has the anomaly UNKNOWN_CODE")
	if r := rangeOf(v, c); r != nil {
		t.Row("its range", rangeText(r)+": "+r.Reason)
		return
	}
	t.Row("its range", "none: the status decides, and an approval with it "+
		screen.Either(v.AcceptUnlisted, "stands", "becomes a REVIEW"))
}

func codeFlagRows(t *screen.Table, c *rules.Code) {
	t.Row("blocks approval", yesNo(c.Blocks))
	if c.AsksReview {
		t.Row("asks for review", "yes, an approval with it is a REVIEW")
	}
	t.Row("risk event", yesNo(c.RiskBearing))
	t.Row("shown to person", screen.Either(c.Disclosable, "allowed", "never"))
	t.Row("client may retry", screen.Either(c.NoRetry, "no, says the provider", "not said by the provider"))
	if c.Refusal {
		t.Row("refusal", "yes, beside it no code adds an action")
	}
	if c.Signature != rules.SignatureUnspecified {
		t.Row("signature", c.Signature.String()+": "+signatureMeanings[c.Signature])
	}
}

// codeAdviceRows say what the provider advises for the code, and what decisions make of it.
func codeAdviceRows(t *screen.Table, v *rules.Vocabulary, c *rules.Code) {
	t.Row("provider advises", screen.OrDash(c.Action))
	if c.Actions != 0 || c.Scope != rules.ScopeUnspecified {
		t.Row("it adds", itAdds(v, c))
	}
}

func itAdds(v *rules.Vocabulary, c *rules.Code) string {
	parts := actionNames(c.Actions)
	if c.Scope != rules.ScopeUnspecified {
		parts = append([]string{c.Scope.String()}, parts...)
	}
	text := strings.Join(parts, ", ")
	if c.Fields != 0 {
		text += " of " + fieldsText(v, c.Fields)
	}
	return text
}

// writeDecided shows what is decided about an event that has only this code, beside each status that it goes with.
func writeDecided(w io.Writer, v *rules.Vocabulary, c *rules.Code) error {
	t := &screen.Table{}
	list := decidedWith(v, c)
	depends := slices.ContainsFunc(list, func(d decided) bool { return d.integration != "" })
	row := func(places, integration, outcome, retry string) {
		if depends {
			t.Row(places, integration, outcome, retry)
		} else {
			t.Row(places, outcome, retry)
		}
	}
	row("DECIDED WITH", "BY", "OUTCOME", "RETRY")
	for _, d := range list {
		row(strings.Join(d.places, ", "), screen.Either(d.integration == "", "any", d.integration), d.outcome, d.retry)
	}
	if t.Size() < 2 {
		return nil
	}
	fmt.Fprintln(w)
	if err := t.Write(w); err != nil {
		return err
	}
	for _, s := range v.Statuses {
		if c.Statuses&s.Mask != 0 && s.Action != "" {
			fmt.Fprintf(screen.Wrapped(w, 2), "\nFor %s the provider recommends: %s.\n", s.Name, s.Action)
		}
	}
	return nil
}
