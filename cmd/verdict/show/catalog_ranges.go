package show

import (
	"fmt"
	"slices"
	"strings"

	"verdict/cmd/verdict/screen"
	"verdict/rules"
)

func rangeTable(v *rules.Vocabulary) *screen.Table {
	t := &screen.Table{LeastLast: 40} // the reasons are sentences
	t.Row("NOT LISTED", "SERIES", "CATEGORY, EFFECT", "FLAGS", "WHERE AND WHY")
	for _, r := range v.Ranges {
		c := codeIn(r)
		t.Row(rangeText(r), screen.OrDash(r.Series), categoryText(c), flagsText(c), rangeWords(v, r))
	}
	return t
}

func rangeText(r *rules.Range) string { return fmt.Sprintf("%d-%d", r.From, r.To) }

// rangeWords says where a range's codes may stand, what they say of a signature, and why.
func rangeWords(v *rules.Vocabulary, r *rules.Range) string {
	text := goesWith(v, r.Statuses, r.RiskCodes) + screen.Either(r.Blocks, "; blocks an approval", "")
	if r.Signature != rules.SignatureUnspecified {
		text += "; signature " + r.Signature.String()
	}
	return text + "; " + r.Reason
}

// signatureTable says what codes advise themselves, beside an identity that was verified. Codes that say the same share
// their rows.
func signatureTable(v *rules.Vocabulary) *screen.Table {
	t := &screen.Table{}
	t.Row("SIGNATURE", "CODES", "INTEGRATION", "RETRY")
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
