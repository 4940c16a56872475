package show

import (
	"fmt"
	"io"
	"strings"

	"verdict/cmd/verdict/screen"
	"verdict/processor"
	"verdict/rules"
	"verdict/wording"
)

// Because says which rule of the catalog gave one part of a decision.
type Because struct {
	About string `json:"about"` // outcome, category, billing, retry
	Value string `json:"value"`
	Rule  string `json:"rule"`  // the basis, or the path of the code's row
	Words string `json:"words"` // what the rule says, in the catalog's words
}

// explain gives the rules behind a decision. It invents none: the bases are the decision's own, the words the
// catalog's.
func explain(catalog *rules.Catalog, d *processor.Decision) []Because {
	v := catalog.Vocabulary(d.Provider, d.Product)
	parts := []Because{
		{"outcome", d.Outcome.String(), d.OutcomeBasis, originWords(d.OutcomeBasis) + ": " + outcomeWords(v, d)},
		{"category", d.Category.String(), "", "no code came with the event"},
		{"billing", d.Billing.Flag.String(), d.Billing.Basis, originWords(d.Billing.Basis) + ": " + billingWords(v, d)},
		{"retry", retryValue(d.Retry), d.Retry.Basis, originWords(d.Retry.Basis) + ": " + adviceWords(v, d)},
	}
	if len(d.Reasons) > 0 {
		parts[1].Rule, parts[1].Words = "code "+d.PrimaryCode, codeWords(v, d.PrimaryCode)
		if more := len(d.Reasons) - 1; more > 0 {
			parts[1].Words += fmt.Sprintf("; it counts more than %s", wording.Count(more, "other code"))
		}
	}
	return parts
}

// originWords says who made a rule, by its basis.
func originWords(basis string) string {
	origin, _, _ := strings.Cut(basis, ":")
	switch origin {
	case "source":
		return "the provider's page"
	case "reading":
		return "our reading of the provider's page"
	case "policy":
		return "our policy"
	case "operator":
		return "the operator's own rule"
	}
	return "unnamed origin"
}

func outcomeWords(v *rules.Vocabulary, d *processor.Decision) string {
	status := v.Status(d.ProviderStatus)
	if status == nil {
		return "the catalog has no such status"
	}
	if d.Anomalies.Has(processor.AnomalyApprovalContradicted) {
		return "the provider approved, but with a code that must never be part of an approval"
	}
	text := "status " + status.Name + ", " + status.Meaning
	switch {
	case d.HasRisk && v.RiskCode(d.Risk.Code) != nil:
		text += fmt.Sprintf("; risk code %d, %s", d.Risk.Code, v.RiskCode(d.Risk.Code).Label)
	case d.HasRisk:
		text += "; the catalog has no such risk code"
	case status.Rule == nil:
		text += "; the event has none"
	}
	return text
}

func codeWords(v *rules.Vocabulary, text string) string {
	var unlisted rules.Code
	c := v.Code(text, &unlisted)
	switch {
	case c.Known:
		return fmt.Sprintf("series %s, %s", c.Series, c.Meaning)
	case c.Blocks:
		return "the catalog does not list this code, and none of its range may be part of an approval"
	}
	return "the catalog does not list this code"
}

var billingTexts = map[rules.BillingFlag]string{
	rules.BillingFlagBillable:     "the provider charges its client for this",
	rules.BillingFlagNotBillable:  "the provider does not charge its client for this",
	rules.BillingFlagUndetermined: "whether the provider charges its client is not known",
}

func billingWords(v *rules.Vocabulary, d *processor.Decision) string {
	if d.Environment == processor.EnvironmentSandbox {
		return "a trial is never charged"
	}
	for i := range v.Billing {
		if v.Billing[i].Basis == d.Billing.Basis {
			return fmt.Sprintf("%s (rule %s)", billingTexts[d.Billing.Flag], v.Billing[i].Name)
		}
	}
	return billingTexts[d.Billing.Flag]
}

func retryValue(r rules.Retry) string {
	parts := []string{r.Advice.String()}
	if r.Scope == rules.ScopeSameVerification || r.Scope == rules.ScopeNewVerification {
		parts = append(parts, r.Scope.String())
	}
	return strings.Join(append(parts, actionNames(r.Actions)...), ", ")
}

// adviceWords says whether the status or the codes gave the advice, and what the provider advises for those codes.
func adviceWords(v *rules.Vocabulary, d *processor.Decision) string {
	if strings.HasSuffix(d.Retry.Basis, "/blocking-code") {
		return "a code that must never be part of an approval came where it does not belong: a person should look first"
	}
	var texts []string
	own := ownAdvice(v, d)
	for _, r := range d.Reasons {
		var unlisted rules.Code
		c := v.Code(r.Code, &unlisted)
		if own && c.Advice != nil || !own && shapes(c, &d.Retry) {
			texts = append(texts, "code "+r.Code+", "+screen.Either(c.Action == "", c.Meaning, c.Action))
		}
	}
	text := "what the status asks for"
	switch {
	case len(texts) > 0:
		text = strings.Join(texts, "; ")
	case d.Outcome == rules.OutcomeUnrecognized:
		text = "nothing is known about this status"
	case len(d.Reasons) > 0:
		text += "; the codes add nothing"
	}
	if d.Retry.Advice == rules.AdviceConditional {
		text += "; it depends on the integration, sdk or api, which the event does not name"
	}
	return text
}

// ownAdvice says whether the advice is what codes bring themselves, all that do together. The basis is then the path
// of one of them, with the origin of its advice, which need not be that of its row.
func ownAdvice(v *rules.Vocabulary, d *processor.Decision) bool {
	for _, r := range d.Reasons {
		var unlisted rules.Code
		if c := v.Code(r.Code, &unlisted); c.Advice != nil && pathOf(c.Basis) == pathOf(d.Retry.Basis) {
			return true
		}
	}
	return false
}

// pathOf is a basis without its origin.
func pathOf(basis string) string {
	_, path, _ := strings.Cut(basis, ":")
	return path
}

// shapes says whether a code had a part in the advice.
func shapes(c *rules.Code, r *rules.Retry) bool {
	if r.Advice == rules.AdviceDoNotRetry {
		return c.NoRetry
	}
	return c.Known && (c.Basis == r.Basis || c.Disclosable && c.Actions&r.Actions != 0)
}

func writeExplanation(w io.Writer, parts []Because, p screen.Paint, width int) error {
	const indent = "            "
	for _, b := range parts {
		said := strings.Fields(screen.Printable(b.Value))
		if b.Rule != "" {
			said = append(said, p.As(screen.Dim, screen.Printable("["+b.Rule+"]")))
		}
		words := screen.Wrap(screen.Printable(b.Words), width, indent)
		_, err := fmt.Fprintf(w, "  %-8s  %s\n%s%s\n", b.About, screen.WrapItems(said, width, indent), indent, words)
		if err != nil {
			return err
		}
	}
	_, err := fmt.Fprintln(w)
	return err
}
