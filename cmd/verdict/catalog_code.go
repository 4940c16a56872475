package main

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"verdict/rules"
)

// writeCode tells all about a code, as a table or as JSON; also about one that the catalog does not list.
func writeCode(w io.Writer, v *rules.Vocabulary, text string, asJSON bool) error {
	var unlisted rules.Code
	c := v.Code(text, &unlisted)
	if asJSON {
		return writeJSON(w, codeJSON(v, c))
	}
	t := &table{}
	meaning := orDash(c.Meaning)
	if !c.Known {
		meaning = "not listed; an event with it is decided by its status, with the anomaly UNKNOWN_CODE"
	}
	t.row("code", v.Name+" "+printable(c.Text))
	t.row("meaning", meaning)
	t.row("series", orDash(c.Series))
	t.row("category", c.Category.String())
	t.row("effect", c.Effect.String())
	t.row("with status", orDash(strings.Join(statusesOf(v, c.Statuses), ", ")))
	t.row("with risk code", either(len(c.RiskCodes) == 0, "any or none", joinInts(c.RiskCodes)))
	t.row("blocks approval", yesNo(c.Blocks))
	t.row("risk event", yesNo(c.RiskBearing))
	t.row("shown to person", either(c.Disclosable, "allowed", "never"))
	t.row("retry", either(c.NoRetry, "the provider says that the client cannot retry", "-"))
	t.row("provider advises", orDash(c.Action))
	t.row("actions", orDash(strings.Join(actionNames(c.Actions), ", ")))
	t.row("scope", either(c.Scope == rules.ScopeUnspecified, "-", c.Scope.String()))
	if c.Advice != nil {
		t.row("own advice", adviceText(*c.Advice))
	}
	t.row("basis", orDash(c.Basis))
	if err := t.write(w); err != nil {
		return err
	}
	for _, r := range v.RiskCodes {
		if strconv.Itoa(int(r.Code)) == c.Text {
			fmt.Fprintf(w, "\n%d is a risk code of %s (%s, %q): `verdict catalog %s` shows what each status means with it.\n",
				r.Code, v.Name, r.Level, r.Label, v.Name)
		}
	}
	return nil
}
