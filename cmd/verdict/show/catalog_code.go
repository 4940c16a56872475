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
	risk := riskCode(v, c.Text)
	if risk != nil && !c.Known { // and so the risk code was meant
		fmt.Fprintf(screen.Wrapped(w, 0), "%s Of %d among the codes, where it is not listed:\n\n", riskText(v, risk),
			risk.Code)
		risk = nil
	}
	t := &screen.Table{}
	t.Row("code", v.Name+" "+screen.Printable(c.Text))
	codeMeaningRows(t, v, c)
	t.Row("series", seriesText(v, c.Series))
	t.Row("category", c.Category.String())
	t.Row("effect", c.Effect.String())
	t.Row("with status", screen.Either(c.Statuses == 0, "not known", strings.Join(statusesOf(v, c.Statuses), ", ")))
	if byRisk(v, c) {
		t.Row("with risk code", screen.Either(len(c.RiskCodes) == 0, "any or none", joinInts(c.RiskCodes)))
	}
	codeFlagRows(t, v, c)
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
	if risk != nil {
		fmt.Fprintf(screen.Wrapped(w, 0), "\n%s\n", riskText(v, risk))
	}
	return nil
}

func riskText(v *rules.Vocabulary, r *rules.RiskCode) string {
	return fmt.Sprintf("%d is a risk code of %s (%s, %q): `verdict catalog %s` shows what each status means with it.",
		r.Code, v.Name, r.Level, r.Label, v.Name)
}

func codeMeaningRows(t *screen.Table, v *rules.Vocabulary, c *rules.Code) {
	if c.Known {
		t.Row("meaning", c.Meaning)
		return
	}
	t.Row("meaning", "not listed; an event with it has the anomaly UNKNOWN_CODE")
	if r := v.RangeOf(c); r != nil {
		t.Row("its range", rangeText(r)+": "+r.Reason)
		return
	}
	t.Row("its range", "none: nothing is known of it, and the status decides")
}

// byRisk says whether a code goes with a status whose result is in the risk code.
func byRisk(v *rules.Vocabulary, c *rules.Code) bool {
	return slices.ContainsFunc(v.Statuses, func(s *rules.Status) bool {
		return c.Statuses&s.Mask != 0 && s.Rule == nil
	})
}

// codeFlagRows have the names that the catalog's files have, and beside each what it comes to.
func codeFlagRows(t *screen.Table, v *rules.Vocabulary, c *rules.Code) {
	known := c.Known || c.Statuses != 0
	said := func(is bool, yes string) string {
		return screen.Either(is, "yes: "+yes, screen.Either(known, "no", "not known"))
	}
	blocks := said(c.Blocks, "never part of an approval")
	if d := withApproval(v, c); d != nil {
		stands := d.Outcome == rules.OutcomeApproved
		t.Row("with an approval", screen.Either(stands, "the approval stands",
			d.Outcome.String()+": "+collect(v, d).outcomeWords()))
		blocks += screen.Either(stands || c.Blocks, "", ", but an approval with it is a REVIEW all the same")
	}
	t.Row("blocks_approval", blocks)
	if c.AsksReview {
		t.Row("asks_review", "yes: a person should look before an approval stands")
	}
	bears := said(c.RiskBearing, "part of the risk event")
	if !c.RiskBearing && !c.Known {
		bears += "; where there is a risk event it has the code, as it has all that are not listed"
	}
	t.Row("risk_bearing", bears)
	t.Row("disclosable", screen.Either(c.Disclosable, "yes: the person may be told", "no: never tell the person"))
	t.Row("no_retry", said(c.NoRetry, "the provider forbids a retry"))
	if c.Refusal {
		t.Row("refusal", "yes: the person refused, beside it no code adds an action")
	}
	if c.Signature != rules.SignatureUnspecified {
		t.Row("signature", c.Signature.String()+": "+signatureMeanings[c.Signature])
	}
}

// codeAdviceRows say what the provider recommends for the code, and what the code adds to decisions.
func codeAdviceRows(t *screen.Table, v *rules.Vocabulary, c *rules.Code) {
	t.Row("provider recommends", screen.OrDash(c.Action))
	if text := asksFor(v, c); text != "" {
		t.Row("asks for", text)
	}
}

// asksFor says what a code adds to the advice of its status; "" if nothing.
func asksFor(v *rules.Vocabulary, c *rules.Code) string {
	var parts []string
	if c.Scope != rules.ScopeUnspecified {
		parts = append(parts, c.Scope.String())
	}
	text := strings.Join(append(parts, actionNames(c.Actions)...), ", ")
	if c.Fields != 0 {
		text += "; fields " + fieldsText(v, c.Fields)
	}
	return text
}

// writeDecided shows what is decided about an event that has only this code, beside each status that it goes with and
// beside an approval.
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
	row("STATUS/RISK CODE", "INTEGRATION", "OUTCOME", "RETRY")
	for _, d := range list {
		row(strings.Join(d.places, ", "), screen.Either(d.integration == "", "any", d.integration), d.outcome, d.retry)
	}
	if t.Size() < 2 {
		return nil
	}
	fmt.Fprintf(screen.Wrapped(w, 2), "\nWhat is decided about an event with this code alone:\n")
	if err := t.Write(w); err != nil {
		return err
	}
	writeRecommended(w, v, c)
	return nil
}

// writeRecommended says what the provider recommends for the statuses of a code.
func writeRecommended(w io.Writer, v *rules.Vocabulary, c *rules.Code) {
	overruled := screen.Either(c.NoRetry, " (this code overrules it: no retry)", "")
	for _, s := range v.Statuses {
		if c.Statuses&s.Mask != 0 && s.Action != "" {
			fmt.Fprintf(screen.Wrapped(w, 2), "\nFor %s the provider recommends: %s%s.\n", s.Name, s.Action, overruled)
		}
	}
}
