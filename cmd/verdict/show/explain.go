package show

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"verdict/cmd/verdict/screen"
	"verdict/processor"
	"verdict/rules"
	"verdict/rules/wording"
)

// Because says which rule of the catalog gave one part of a decision.
type Because struct {
	// About is outcome, final, ended, category, signature, billing, retry, anomaly, lifecycle or charge.
	About string `json:"about"`
	Value string `json:"value"`
	Rule  string `json:"rule"`  // the basis, or the code that says it; "" for an anomaly
	Words string `json:"words"` // what the rule says, in the catalog's words
}

// explainLine gives the rules behind what became of a line. Of a repeat nothing is said but what it repeats: its
// decision was explained.
func explainLine(catalog *rules.Catalog, l *Line) []Because {
	d := l.Result.Decision
	story := explainStory(collect(catalog.Vocabulary(d.Provider, d.Product), d), l)
	if l.Result.Effects.Repeat {
		return story
	}
	return append(explain(catalog, d), story...)
}

// explain gives the rules behind a decision. It invents none: the bases are the decision's own, the words the
// catalog's. `ended` is there where it differs from `final`, and the signature where a code says something of one.
func explain(catalog *rules.Catalog, d *processor.Decision) []Because {
	x := collect(catalog.Vocabulary(d.Provider, d.Product), d)
	parts := []Because{
		{"outcome", d.Outcome.String(), d.OutcomeBasis, originWords(d.OutcomeBasis) + ": " + x.outcomeWords()},
		x.final(),
	}
	if d.Ended != d.Final {
		parts = append(parts, x.ended())
	}
	parts = append(parts, x.category())
	if d.Signature == rules.SignatureOpen || d.Signature == rules.SignatureFailed {
		parts = append(parts, x.signature())
	}
	parts = append(parts,
		Because{"billing", d.Billing.Flag.String(), d.Billing.Basis,
			originWords(d.Billing.Basis) + ": " + x.billingWords()},
		Because{"retry", retryText(d), d.Retry.Basis, originWords(d.Retry.Basis) + ": " + x.retryWords()})
	return append(parts, x.anomalies(catalog)...)
}

// originWords says who made a rule, by its basis.
func originWords(basis string) string {
	origin, _, _ := strings.Cut(basis, ":")
	switch origin {
	case rules.OriginSource.String():
		return "the provider's page"
	case rules.OriginReading.String():
		return "our reading of the provider's page"
	case rules.OriginPolicy.String():
		return "our policy"
	case rules.OriginOperator.String():
		return "the operator's own rule"
	}
	return "unnamed origin"
}

// evidence is a decision beside what the catalog says about its parts.
type evidence struct {
	v      *rules.Vocabulary
	d      *processor.Decision
	status *rules.Status // nil if the vocabulary lacks it
	rule   *rules.Rule
	codes  []*rules.Code // of the decision's reasons, in their order
}

func collect(v *rules.Vocabulary, d *processor.Decision) *evidence {
	x := &evidence{v: v, d: d, status: v.Status(d.ProviderStatus), rule: &v.Unrecognized}
	if x.status != nil {
		x.rule = x.status.RuleWith(d.Risk.Code, d.HasRisk)
	}
	for _, r := range d.Reasons {
		x.codes = append(x.codes, v.Code(r.Code, &rules.Code{}))
	}
	return x
}

// belongs says whether the provider's page has the code with this status.
func (x *evidence) belongs(c *rules.Code) bool {
	return x.status != nil && c.Statuses&x.status.Mask != 0
}

// each joins what is said of the codes that something is said of; of many, only the first.
func (x *evidence) each(say func(*rules.Code) string) string {
	const most = 3
	texts := x.said(say)
	if more := len(texts) - most; more > 0 {
		texts = append(texts[:most], "and "+wording.Count(more, "code")+" more of the kind")
	}
	return strings.Join(texts, "; ")
}

// all is each without an end: for what nobody should have to look up.
func (x *evidence) all(say func(*rules.Code) string) string { return strings.Join(x.said(say), "; ") }

func (x *evidence) said(say func(*rules.Code) string) (texts []string) {
	for _, c := range x.codes {
		if text := say(c); text != "" {
			texts = append(texts, text)
		}
	}
	return texts
}

// statusName names the status, with its risk code where that decides.
func (x *evidence) statusName() string {
	switch {
	case x.status == nil:
		return "an unknown status"
	case x.status.Rule != nil:
		return "status " + x.status.Name
	case x.d.HasRisk:
		return "status " + x.status.Name + " with risk code " + strconv.Itoa(int(x.d.Risk.Code))
	}
	return "status " + x.status.Name + " without a risk code"
}

func (x *evidence) category() Because {
	b := Because{About: "category", Value: x.d.Category.String(), Words: "no code came with the event"}
	if len(x.codes) == 0 {
		return b
	}
	b.Rule, b.Words = "code "+x.d.PrimaryCode, x.codeWords(x.d.PrimaryCode)
	if more := len(x.codes) - 1; more > 0 {
		b.Words += "; it counts more than " + wording.Count(more, "other code")
	}
	return b
}

func (x *evidence) codeWords(text string) string {
	c := x.v.Code(text, &rules.Code{})
	if c.Known {
		return "series " + seriesText(x.v, c.Series) + ", " + c.Meaning
	}
	if r := x.v.RangeOf(c); r != nil {
		return "the catalog does not list this code; its range " + rangeText(r) + " tells: " + r.Reason
	}
	return "the catalog does not list this code, and no range has it"
}

func (x *evidence) signature() Because {
	b := Because{About: "signature", Value: x.d.Signature.String()}
	said := x.each(func(c *rules.Code) string {
		if !x.belongs(c) || c.Signature != x.d.Signature {
			return ""
		}
		if b.Rule == "" {
			b.Rule = "code " + c.Text
		}
		return "code " + c.Text + ", " + screen.Either(c.Known, c.Meaning, "not listed, by its range")
	})
	b.Words = said + ": " + signatureMeanings[x.d.Signature]
	if !slices.ContainsFunc(x.codes, func(c *rules.Code) bool { return c.Known && c.Signature == x.d.Signature }) {
		b.Words = said + ": our policy, as nobody has said how to go on from it"
	}
	return b
}

func (x *evidence) billingWords() string {
	words := billingFlagMeanings[x.d.Billing.Flag]
	if x.d.Environment == processor.EnvironmentSandbox {
		return "a trial is never charged"
	}
	for i := range x.v.Billing {
		if b := &x.v.Billing[i]; b.Basis == x.d.Billing.Basis {
			return fmt.Sprintf("%s (rule %s%s)", words, b.Name, x.billingDates(b))
		}
	}
	return words
}

// billingDates says which time was compared with the dates of a rule, or of those before it, where that is not plain to
// see.
func (x *evidence) billingDates(b *rules.BillingRule) string {
	tooFarAhead := x.d.TooFarAhead()
	whose := "the provider's time"
	switch {
	case !b.Dated() && !tooFarAhead:
		return ""
	case tooFarAhead:
		whose = "the record's time, as the event's own is more than a day after it"
	case x.d.OccurredAtSource == processor.OccurredAtSourceRecord:
		whose = "the record's time, as the event has none"
	}
	return fmt.Sprintf(" %s: the event is of %s, %s", cmp.Or(datesText(b), "without a date"), timeText(x.d.PricedAt),
		whose)
}

func writeExplanation(w io.Writer, parts []Because, p screen.Paint, width int) error {
	const indent = "             "
	for _, b := range parts {
		said := strings.Fields(screen.Printable(b.Value))
		if b.Rule != "" {
			said = append(said, p.As(screen.Dim, screen.Printable("["+b.Rule+"]")))
		}
		words := screen.Wrap(screen.Printable(b.Words), width, indent)
		_, err := fmt.Fprintf(w, "  %-9s  %s\n%s%s\n", b.About, screen.WrapItems(said, width, indent), indent, words)
		if err != nil {
			return err
		}
	}
	_, err := fmt.Fprintln(w)
	return err
}

// pathOf is a basis without its origin.
func pathOf(basis string) string {
	_, path, _ := strings.Cut(basis, ":")
	return path
}
