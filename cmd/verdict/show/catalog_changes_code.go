package show

import (
	"strings"

	"verdict/cmd/verdict/screen"
	"verdict/rules"
)

// codeProperties are all that a code's row says and that shapes a decision, by the names of the catalog's files.
var codeProperties = []struct {
	name string
	of   func(*rules.Vocabulary, *rules.Code) string
}{
	{"statuses", func(v *rules.Vocabulary, c *rules.Code) string {
		return strings.Join(statusesOf(v, c.Statuses), ", ")
	}},
	{"risk_codes", func(_ *rules.Vocabulary, c *rules.Code) string { return screen.OrDash(joinInts(c.RiskCodes)) }},
	{"series", func(_ *rules.Vocabulary, c *rules.Code) string { return screen.OrDash(c.Series) }},
	{"category", func(_ *rules.Vocabulary, c *rules.Code) string { return c.Category.String() }},
	{"effect", func(_ *rules.Vocabulary, c *rules.Code) string { return c.Effect.String() }},
	{"no_retry", func(_ *rules.Vocabulary, c *rules.Code) string { return yesNo(c.NoRetry) }},
	{"blocks_approval", func(_ *rules.Vocabulary, c *rules.Code) string { return yesNo(c.Blocks) }},
	{"asks_review", func(_ *rules.Vocabulary, c *rules.Code) string { return yesNo(c.AsksReview) }},
	{"refusal", func(_ *rules.Vocabulary, c *rules.Code) string { return yesNo(c.Refusal) }},
	{"risk_bearing", func(_ *rules.Vocabulary, c *rules.Code) string { return yesNo(c.RiskBearing) }},
	{"disclosable", func(_ *rules.Vocabulary, c *rules.Code) string { return yesNo(c.Disclosable) }},
	{"signature", func(_ *rules.Vocabulary, c *rules.Code) string {
		return screen.Either(c.Signature == rules.SignatureUnspecified, "-", c.Signature.String())
	}},
	{"scope", func(_ *rules.Vocabulary, c *rules.Code) string { return scopeText(c.Scope) }},
	{"actions", func(_ *rules.Vocabulary, c *rules.Code) string { return strings.Join(actionNames(c.Actions), ", ") }},
	{"fields", func(v *rules.Vocabulary, c *rules.Code) string { return fieldsText(v, c.Fields) }},
	{"retry", func(v *rules.Vocabulary, c *rules.Code) string {
		if c.Advice == nil {
			return ""
		}
		return retriesText(v, c.Advice)
	}},
}

// codeChanges names, for each property, the codes that both catalogs list and that differ in it.
func codeChanges(own, builtIn *rules.Vocabulary) (lines []string) {
	for _, property := range codeProperties {
		var names []string
		for _, b := range builtIn.Codes {
			o := own.Code(b.Text, &rules.Code{})
			if o.Known && property.of(own, o) != property.of(builtIn, b) {
				names = append(names, b.Text)
			}
		}
		lines = append(lines, named("code", "codes", "with another "+property.name, names)...)
	}
	return lines
}

// rangeChanges says of the ranges that both catalogs have what is otherwise.
func rangeChanges(own, builtIn *rules.Vocabulary) (lines []string) {
	for _, b := range builtIn.Ranges {
		for _, o := range own.Ranges {
			if o.From != b.From || o.To != b.To {
				continue
			}
			var parts []difference
			ours, theirs := codeIn(o), codeIn(b)
			for _, property := range codeProperties {
				parts = append(parts, difference{property.name, property.of(own, ours), property.of(builtIn, theirs)})
			}
			if text := otherwise(parts); text != "" {
				lines = append(lines, "range "+rangeText(b)+": "+text)
			}
		}
	}
	return lines
}

// codeIn is what a range says of each of its codes.
func codeIn(r *rules.Range) *rules.Code {
	return &rules.Code{
		Statuses: r.Statuses, RiskCodes: r.RiskCodes, Series: r.Series, Category: r.Category, Effect: r.Effect,
		NoRetry: r.NoRetry, Blocks: r.Blocks, RiskBearing: r.RiskBearing(),
		Disclosable: r.Disclosable, Signature: r.Signature,
	}
}
