package show

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"verdict/cmd/verdict/screen"
	"verdict/rules"
)

func seriesTable(v *rules.Vocabulary) *screen.Table {
	t := &screen.Table{}
	t.Row("SERIES", "CODES", "AS THE PROVIDER'S PAGE HAS IT")
	for _, s := range v.Series {
		n := 0
		for _, c := range v.Codes {
			if c.Series == s.Name {
				n++
			}
		}
		t.Row(s.Name, strconv.Itoa(n), s.Title)
	}
	return t
}

func rangeTable(v *rules.Vocabulary) *screen.Table {
	t := &screen.Table{LeastLast: 40} // the reasons are sentences
	t.Row("UNLISTED", "SERIES", "CATEGORY", "EFFECT", "FLAGS", "WHERE AND WHY")
	for _, r := range v.Ranges {
		t.Row(rangeText(r), screen.OrDash(r.Series), r.Category.String(), r.Effect.String(), rangeFlags(r),
			rangeWords(v, r))
	}
	return t
}

func rangeText(r *rules.Range) string { return fmt.Sprintf("%d-%d", r.From, r.To) }

// rangeWords says where a range's codes may stand, what they say of a signature, and why.
func rangeWords(v *rules.Vocabulary, r *rules.Range) string {
	text := "with " + strings.Join(statusesOf(v, r.Statuses), ", ")
	if len(r.RiskCodes) > 0 {
		text += " and risk code " + joinInts(r.RiskCodes)
	}
	if r.Signature != rules.SignatureUnspecified {
		text += "; signature " + r.Signature.String()
	}
	return text + "; " + r.Reason
}

func codeTable(v *rules.Vocabulary) *screen.Table {
	t := &screen.Table{}
	t.Row("CODE", "SERIES", "CATEGORY", "EFFECT", "FLAGS", "MEANING")
	for _, c := range v.Codes {
		t.Row(c.Text, c.Series, c.Category.String(), c.Effect.String(), codeFlags(c), c.Meaning)
	}
	return t
}

// stepTable says what codes add to the advice of their status. Where no code names a scope or a field, there is no such
// column.
func stepTable(v *rules.Vocabulary) *screen.Table {
	scopes := slices.ContainsFunc(v.Codes, func(c *rules.Code) bool { return c.Scope != rules.ScopeUnspecified })
	row := func(code, scope, actions, fields string) []string {
		cells := []string{code}
		if scopes {
			cells = append(cells, scope)
		}
		cells = append(cells, actions)
		if len(v.Fields) > 0 {
			cells = append(cells, fields)
		}
		return cells
	}
	t := &screen.Table{}
	t.Row(row("CODE", "SCOPE", "ACTIONS", "FIELDS")...)
	for _, c := range v.Codes {
		if c.Actions != 0 || c.Scope != rules.ScopeUnspecified {
			t.Row(row(c.Text, scopeText(c.Scope), screen.OrDash(strings.Join(actionNames(c.Actions), ", ")),
				fieldsText(v, c.Fields))...)
		}
	}
	return t
}

// signatureTable says what codes advise themselves, beside an identity that was verified. Codes that say the same share
// their rows.
func signatureTable(v *rules.Vocabulary) *screen.Table {
	t := &screen.Table{}
	t.Row("SIGNATURE", "CODES", "BY", "RETRY")
	var done []string
	for _, c := range v.Codes {
		if c.Advice == nil || slices.Contains(done, c.Text) {
			continue
		}
		codes := saysTheSame(v, c)
		done = append(done, codes...)
		said, names := c.Signature.String(), strings.Join(codes, ", ")
		if sameForAll(c.Advice) {
			t.Row(said, names, "any", oneRetryText(v, &c.Advice[0]))
			continue
		}
		for _, i := range integrationNames {
			t.Row(said, names, i.name, oneRetryText(v, &c.Advice[i.value]))
			said, names = "", ""
		}
	}
	return t
}

// saysTheSame lists the codes that say the same of the signature, this one first.
func saysTheSame(v *rules.Vocabulary, c *rules.Code) (codes []string) {
	for _, other := range v.Codes {
		if other.Advice != nil && other.Signature == c.Signature &&
			retriesText(v, other.Advice) == retriesText(v, c.Advice) {
			codes = append(codes, other.Text)
		}
	}
	return codes
}

func codeFlags(c *rules.Code) string {
	return flagLetters(c.Blocks, c.AsksReview, c.RiskBearing, c.NoRetry, c.Refusal, !c.Disclosable)
}

// rangeFlags are those of the codes in a range.
func rangeFlags(r *rules.Range) string {
	return flagLetters(r.Blocks, false, r.Blocks, r.NoRetry, false, !r.Disclosable)
}

func flagLetters(blocks, asksReview, risk, noRetry, refusal, hidden bool) string {
	text := ""
	for _, f := range []struct {
		letter string
		is     bool
	}{{"B", blocks}, {"A", asksReview}, {"R", risk}, {"N", noRetry}, {"P", refusal}, {"H", hidden}} {
		text += screen.Either(f.is, f.letter, "-")
	}
	return text
}
