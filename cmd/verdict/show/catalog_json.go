package show

import (
	"time"

	"verdict/rules"
)

// The catalog as JSON, for scripts. The names are those of the decision contract where it has them, and otherwise those
// of the catalog's files.

type catalogView struct {
	RulesVersion string           `json:"rules_version"`
	Vocabularies []vocabularyView `json:"vocabularies"`
}

type vocabularyView struct {
	Name         string         `json:"name"`
	Provider     string         `json:"provider"`
	Product      string         `json:"product"`
	Title        string         `json:"title"`
	Sources      []sourceView   `json:"sources"`
	CodePrefixes []string       `json:"code_prefixes"`
	Unlisted     string         `json:"unlisted_code_on_approval"` // review or accept
	Series       []seriesView   `json:"series"`
	Statuses     []statusView   `json:"statuses"`
	Flow         []stepView     `json:"flow"`
	RiskCodes    []riskView     `json:"risk_codes"`
	Billing      []billingView  `json:"billing"` // in order: the first that holds counts, the last always does
	Ranges       []rangeView    `json:"ranges"`
	Codes        []codeView     `json:"codes"`
	Envelopes    []envelopeView `json:"envelopes"`
}

type sourceView struct {
	Name  string `json:"name"`
	Title string `json:"title"`
	URL   string `json:"url"`
	Read  string `json:"read"`
	Dated string `json:"dated"`
}

type seriesView struct {
	Name  string `json:"name"`
	Title string `json:"title"`
}

type billingView struct {
	Name       string   `json:"name"`
	Flag       string   `json:"flag"`
	Basis      string   `json:"basis"`
	Statuses   []string `json:"statuses"` // an empty condition matches all
	RiskCodes  []int32  `json:"risk_codes"`
	Variants   []string `json:"product_variants"`
	MinAttempt int32    `json:"min_attempt"` // 0: no bound
	MaxAttempt int32    `json:"max_attempt"` // 0: no bound
	Accounts   []string `json:"accounts"`
	From       *string  `json:"from"`  // RFC 3339; null: no bound
	Until      *string  `json:"until"` // the first moment that it is not for
}

type riskView struct {
	Code  int32  `json:"code"`
	Level string `json:"level"`
	Label string `json:"label"`
}

func catalogJSON(catalog *rules.Catalog) catalogView {
	view := catalogView{RulesVersion: catalog.Version}
	for _, v := range catalog.Vocabularies() {
		view.Vocabularies = append(view.Vocabularies, vocabularyJSON(v, catalog.EnvelopesOf(v)))
	}
	return view
}

func vocabularyJSON(v *rules.Vocabulary, envelopes []*rules.Envelope) vocabularyView {
	view := vocabularyView{
		Name: v.Name, Provider: v.Provider, Product: v.Product, Title: v.Title, Sources: sourcesJSON(v),
		CodePrefixes: list(v.CodePrefixes), Unlisted: "review",
		Series: []seriesView{}, RiskCodes: []riskView{}, Billing: []billingView{}, Ranges: []rangeView{},
		Flow: []stepView{}, Envelopes: envelopesJSON(envelopes),
	}
	if v.AcceptUnlisted {
		view.Unlisted = "accept"
	}
	for _, s := range v.Series {
		view.Series = append(view.Series, seriesView(s))
	}
	for _, s := range v.Statuses {
		view.Statuses = append(view.Statuses, statusJSON(v, s)...)
		view.Flow = append(view.Flow, flowJSON(v, s)...)
	}
	for _, r := range v.RiskCodes {
		view.RiskCodes = append(view.RiskCodes, riskView{r.Code, r.Level.String(), r.Label})
	}
	for _, b := range v.Billing {
		view.Billing = append(view.Billing, billingView{
			b.Name, b.Flag.String(), b.Basis, list(b.Statuses), list(b.RiskCodes), list(b.Variants), b.MinAttempt,
			b.MaxAttempt, list(b.Accounts), dateOrNull(b.From), dateOrNull(b.Until),
		})
	}
	for _, r := range v.Ranges {
		view.Ranges = append(view.Ranges, rangeJSON(v, r))
	}
	for _, c := range v.Codes {
		view.Codes = append(view.Codes, codeJSON(v, c))
	}
	return view
}

func sourcesJSON(v *rules.Vocabulary) []sourceView {
	views := []sourceView{}
	for _, s := range v.Sources {
		views = append(views, sourceView(s))
	}
	return views
}

// dateOrNull is a date as the catalog's file has it, as null where there is none.
func dateOrNull(t time.Time) *string {
	if t.IsZero() {
		return nil
	}
	return orNull(t.Format(time.RFC3339))
}

// list is items, as [] where there are none.
func list[T any](items []T) []T { return append([]T{}, items...) }

// orNull is a text, as null where there is none.
func orNull(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}
