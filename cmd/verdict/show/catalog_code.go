package show

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"verdict/cmd/verdict/screen"
	"verdict/rules"
)

// WriteCode tells all about a code, as a table or as JSON; also about one that the catalog does not list.
func WriteCode(w io.Writer, v *rules.Vocabulary, text string, asJSON bool) error {
	var unlisted rules.Code
	c := v.Code(text, &unlisted)
	if asJSON {
		return screen.WriteJSON(w, codeJSON(v, c))
	}
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
	t.Row("retry", screen.Either(c.NoRetry, "the provider says that the client cannot retry", "-"))
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
	for _, r := range v.RiskCodes {
		if strconv.Itoa(int(r.Code)) == c.Text {
			fmt.Fprintf(w,
				"\n%d is a risk code of %s (%s, %q): `verdict catalog %s` shows what each status means with it.\n",
				r.Code, v.Name, r.Level, r.Label, v.Name)
		}
	}
	return nil
}
