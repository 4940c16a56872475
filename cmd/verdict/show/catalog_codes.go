package show

import (
	"fmt"
	"slices"
	"strings"

	"verdict/cmd/verdict/screen"
	"verdict/rules"
	"verdict/rules/wording"
)

// codeGroup is the codes of a series that go with the same statuses and risk codes and do the same to an approval.
type codeGroup struct {
	key   string
	codes []*rules.Code
}

// codeGroups are in the order of their first codes.
func codeGroups(v *rules.Vocabulary) (groups []*codeGroup) {
	for _, c := range v.Codes {
		key := c.Series + goesWith(v, c.Statuses, c.RiskCodes) + toApproval(v, c)
		i := slices.IndexFunc(groups, func(g *codeGroup) bool { return g.key == key })
		if i < 0 {
			i = len(groups)
			groups = append(groups, &codeGroup{key: key})
		}
		groups[i].codes = append(groups[i].codes, c)
	}
	return groups
}

func (g *codeGroup) heading(v *rules.Vocabulary) string {
	c := g.codes[0]
	return fmt.Sprintf("%s: %s %s; %s %s", seriesText(v, c.Series), wording.Count(len(g.codes), "code"),
		goesWith(v, c.Statuses, c.RiskCodes), screen.Either(len(g.codes) == 1, "it", "each"), toApproval(v, c))
}

func goesWith(v *rules.Vocabulary, statuses uint64, risks []int32) string {
	text := "with " + screen.OrList(statusesOf(v, statuses))
	if len(risks) > 0 {
		text += " and risk code " + screen.OrList(intTexts(risks))
	}
	return text
}

// toApproval says what becomes of an approval by a code alone.
func toApproval(v *rules.Vocabulary, c *rules.Code) string {
	switch d := withApproval(v, c); {
	case c.Blocks:
		return "blocks an approval"
	case d != nil && d.Outcome != rules.OutcomeApproved:
		return "makes an approval a REVIEW"
	}
	return "lets an approval stand"
}

// codeTable lists the codes by group. What a code asks for has a column where there is room for one; else it stands
// below the code, or below the last of several that ask for the same.
func codeTable(v *rules.Vocabulary, p screen.Paint, wide bool) *screen.Table {
	t := &screen.Table{}
	row := func(code, category, flags, meaning, asks string) {
		cells := []string{"  " + code, category, flags, meaning}
		if wide {
			cells = append(cells, asks)
		}
		t.Row(cells...)
	}
	row("CODE", "CATEGORY, EFFECT", "FLAGS", "MEANING", "ASKS FOR")
	for _, g := range codeGroups(v) {
		t.Note(0, "")
		t.Note(0, p.As(screen.Bold, g.heading(v)))
		first := 0
		for i, c := range g.codes {
			asks := asksInShort(v, c)
			row(c.Text, categoryText(c), flagsText(c), c.Meaning, asks)
			last := i == len(g.codes)-1 || asksInShort(v, g.codes[i+1]) != asks
			if last && !wide && asks != "" {
				t.Note(1, askers(g.codes[first:i+1])+asks)
			}
			if last {
				first = i + 1
			}
		}
	}
	return t
}

// askers names codes that ask for the same, where the row above does not name them.
func askers(codes []*rules.Code) string {
	verb := screen.Either(codes[0].Advice != nil, ": ", screen.Either(len(codes) == 1, "asks for ", " ask for "))
	if len(codes) == 1 {
		return strings.TrimPrefix(verb, ": ")
	}
	return fmt.Sprintf("%s-%s%s", codes[0].Text, codes[len(codes)-1].Text, verb)
}

// asksInShort is what a code asks for; of a signature code, where its own advice stands.
func asksInShort(v *rules.Vocabulary, c *rules.Code) string {
	asks := asksFor(v, c)
	if c.Advice == nil {
		return asks
	}
	return "signature " + c.Signature.String() + ", see SIGNATURE below" + screen.Either(asks == "", "", "; "+asks)
}

// categoryText names the effect only where it is not the usual one.
func categoryText(c *rules.Code) string {
	return c.Category.String() + screen.Either(c.Effect == rules.EffectNegative, "", ", "+c.Effect.String())
}

// codeFlags are the marks of codes in tables, in their order.
var codeFlags = []struct {
	letter, words string
	is            func(*rules.Code) bool
}{
	{"R", "risk_bearing: part of the risk event", func(c *rules.Code) bool { return c.RiskBearing }},
	{"D", "disclosable: the person may be told; without D never", func(c *rules.Code) bool { return c.Disclosable }},
	{"A", "asks_review: a person should look at an approval with it", func(c *rules.Code) bool { return c.AsksReview }},
	{"N", "no_retry: the provider forbids a retry", func(c *rules.Code) bool { return c.NoRetry }},
	{"P", "refusal by the person: beside it no code adds an action", func(c *rules.Code) bool { return c.Refusal }},
}

func flagsText(c *rules.Code) (text string) {
	for _, f := range codeFlags {
		if f.is(c) {
			text += f.letter
		}
	}
	return screen.OrDash(text)
}

// codeLegend explains the table of codes, and only the flags that it has.
func codeLegend(v *rules.Vocabulary) string {
	codes := slices.Clone(v.Codes)
	for _, r := range v.Ranges {
		codes = append(codes, codeIn(r))
	}
	text := "Codes, by the provider's series. An effect that is not written is NEGATIVE.\nFLAGS:\n"
	for _, f := range codeFlags {
		if slices.ContainsFunc(codes, f.is) {
			text += "  " + f.letter + "  " + f.words + "\n"
		}
	}
	return text
}
