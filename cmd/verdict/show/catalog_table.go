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

func writeVocabulary(w io.Writer, v *rules.Vocabulary) error {
	head := screen.Wrapped(w, 2)
	fmt.Fprintf(head, "%s: %s (provider %s, product %s)\n", v.Name, v.Title, v.Provider, v.Product)
	fmt.Fprintf(head, "facts from: %s\n", strings.Join(sourceNames(v), ", "))
	if len(v.CodePrefixes) > 0 {
		fmt.Fprintf(head, "a code may begin with: %s\n", strings.Join(v.CodePrefixes, ", "))
	}
	for _, t := range []*screen.Table{statusTable(v), riskTable(v), billingTable(v), rangeTable(v), codeTable(v)} {
		if t.Size() < 2 {
			continue // nothing but the head
		}
		fmt.Fprintln(w)
		if err := t.Write(w); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(screen.Wrapped(w, 0),
		"\nBlocks, B: never part of an approval. R: part of the risk event. N: the provider allows no retry. "+
			"H: never shown to the person.\n`verdict catalog %s STATUS` and `... CODE` tell all about one.\n", v.Name)
	return err
}

func statusTable(v *rules.Vocabulary) *screen.Table {
	t := &screen.Table{}
	t.Row("STATUS", "OUTCOME", "FINAL", "BILLING", "RETRY", "MEANING")
	for _, s := range v.Statuses {
		name := strings.Join(append([]string{s.Name}, s.Aliases...), ", ")
		if s.Rule != nil {
			t.Row(ruleRow(name, s.Rule, s.Meaning)...)
			continue
		}
		t.Row(name, "by risk code", "", "", "", s.Meaning)
		for _, code := range slices.Sorted(maps.Keys(s.ByRisk)) {
			t.Row(ruleRow("  "+strconv.Itoa(int(code)), s.ByRisk[code], "")...)
		}
		t.Row(ruleRow("  none", s.RiskMissing, "")...)
		t.Row(ruleRow("  another", s.RiskUnknown, "")...)
	}
	return t
}

func ruleRow(name string, r *rules.Rule, meaning string) []string {
	return []string{name, r.Outcome.String(), finalText(r), billingFlags(r), adviceText(r.Retry), meaning}
}

func finalText(r *rules.Rule) string {
	return screen.Either(r.Final, "yes", screen.Either(r.FinalOnNewCase, "new case", "no"))
}

func billingFlags(r *rules.Rule) string {
	var flags []string
	for _, b := range r.Billing {
		if f := b.Flag.String(); !slices.Contains(flags, f) {
			flags = append(flags, f)
		}
	}
	return strings.Join(flags, "|")
}

// adviceText is one advice, or the three that depend on the integration.
func adviceText(r [3]rules.Retry) string {
	if r[0].Advice == r[1].Advice && r[1].Advice == r[2].Advice {
		return r[0].Advice.String()
	}
	return fmt.Sprintf("sdk %s, api %s", r[rules.IntegrationSDK].Advice, r[rules.IntegrationAPI].Advice)
}

func riskTable(v *rules.Vocabulary) *screen.Table {
	t := &screen.Table{}
	t.Row("RISK CODE", "LEVEL", "PROVIDER'S NAME")
	for _, r := range v.RiskCodes {
		t.Row(strconv.Itoa(int(r.Code)), r.Level.String(), r.Label)
	}
	return t
}

func billingTable(v *rules.Vocabulary) *screen.Table {
	t := &screen.Table{}
	t.Row("BILLING RULE", "FLAG", "WHEN", "BASIS")
	for i := range v.Billing {
		b := &v.Billing[i]
		t.Row(b.Name, b.Flag.String(), conditions(b), b.Basis)
	}
	return t
}

// conditions says when a billing rule holds; the first that does counts.
func conditions(b *rules.BillingRule) string {
	var texts []string
	add := func(what string, values []string) {
		if len(values) > 0 {
			texts = append(texts, what+" "+strings.Join(values, " or "))
		}
	}
	add("status", b.Statuses)
	add("risk code", intTexts(b.RiskCodes))
	add("variant", b.Variants)
	if b.MinAttempt > 0 {
		texts = append(texts, fmt.Sprintf("attempt from %d", b.MinAttempt))
	}
	if b.MaxAttempt > 0 {
		texts = append(texts, fmt.Sprintf("attempt up to %d", b.MaxAttempt))
	}
	return screen.Either(texts == nil, "no other rule holds", strings.Join(texts, ", "))
}

func rangeTable(v *rules.Vocabulary) *screen.Table {
	t := &screen.Table{}
	t.Row("UNLISTED", "BLOCKS", "WITH STATUS", "WITH RISK CODE", "WHY")
	for _, r := range v.Ranges {
		t.Row(fmt.Sprintf("%d-%d", r.From, r.To), yesNo(r.Blocks), strings.Join(statusesOf(v, r.Statuses), ", "),
			screen.Either(len(r.RiskCodes) == 0, "any or none", joinInts(r.RiskCodes)), r.Reason)
	}
	return t
}

func codeTable(v *rules.Vocabulary) *screen.Table {
	t := &screen.Table{}
	t.Row("CODE", "SERIES", "CATEGORY", "EFFECT", "FLAGS", "MEANING")
	for _, c := range v.Codes {
		t.Row(c.Text, c.Series, c.Category.String(), c.Effect.String(), codeFlags(c), c.Meaning)
	}
	return t
}

func codeFlags(c *rules.Code) string {
	text := ""
	for _, f := range []struct {
		letter string
		is     bool
	}{{"B", c.Blocks}, {"R", c.RiskBearing}, {"N", c.NoRetry}, {"H", !c.Disclosable}} {
		text += screen.Either(f.is, f.letter, "-")
	}
	return text
}

func statusesOf(v *rules.Vocabulary, mask uint64) []string {
	var names []string
	for _, s := range v.Statuses {
		if s.Mask&mask != 0 {
			names = append(names, s.Name)
		}
	}
	return names
}

func actionNames(set rules.ActionSet) []string {
	names := []string{}
	for set != 0 {
		var a rules.Action
		a, set = set.Next()
		names = append(names, a.String())
	}
	return names
}

func joinInts(numbers []int32) string { return strings.Join(intTexts(numbers), ", ") }

func intTexts(numbers []int32) []string {
	var texts []string
	for _, n := range numbers {
		texts = append(texts, strconv.Itoa(int(n)))
	}
	return texts
}

func yesNo(b bool) string { return screen.Either(b, "yes", "no") }

func sourceNames(v *rules.Vocabulary) (names []string) {
	for _, s := range v.Sources {
		names = append(names, s.Name)
	}
	return names
}
