package show

import (
	"fmt"
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
	t := &screen.Table{}
	t.Row("UNLISTED", "SERIES", "CATEGORY", "EFFECT", "FLAGS", "WHERE AND WHY")
	for _, r := range v.Ranges {
		t.Row(rangeText(r), screen.OrDash(r.Series), r.Category.String(), r.Effect.String(), rangeFlags(r), rangeWords(v, r))
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

// stepTable says what codes add to the advice of their status.
func stepTable(v *rules.Vocabulary) *screen.Table {
	t := &screen.Table{}
	t.Row("CODE", "SCOPE", "ACTIONS", "FIELDS")
	for _, c := range v.Codes {
		if c.Actions != 0 || c.Scope != rules.ScopeUnspecified {
			t.Row(c.Text, scopeText(c.Scope), screen.OrDash(strings.Join(actionNames(c.Actions), ", ")),
				screen.OrDash(fieldsText(v, c.Fields)))
		}
	}
	return t
}

// signatureTable says what codes advise themselves, beside an identity that was verified.
func signatureTable(v *rules.Vocabulary) *screen.Table {
	t := &screen.Table{}
	t.Row("CODE", "SIGNATURE", "RETRY", "SCOPE", "ACTIONS")
	for _, c := range v.Codes {
		if c.Advice == nil {
			continue
		}
		said := c.Signature.String()
		for _, cells := range adviceCells(c.Text, c.Advice, false) {
			t.Row(cells[0], said, cells[1], cells[2], cells[3])
			said = ""
		}
	}
	return t
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
