package show

import "verdict/rules"

// The catalog as JSON, for scripts. The names are those of the decision contract where it has them.

type catalogView struct {
	RulesVersion string           `json:"rules_version"`
	Vocabularies []vocabularyView `json:"vocabularies"`
}

type vocabularyView struct {
	Name         string        `json:"name"`
	Provider     string        `json:"provider"`
	Product      string        `json:"product"`
	Title        string        `json:"title"`
	Sources      []string      `json:"sources"`
	CodePrefixes []string      `json:"code_prefixes"`
	Statuses     []statusView  `json:"statuses"`
	RiskCodes    []riskView    `json:"risk_codes"`
	Billing      []billingView `json:"billing"` // in order: the first that holds counts, the last always does
	Ranges       []rangeView   `json:"ranges"`
	Codes        []codeView    `json:"codes"`
}

type statusView struct {
	Name            string     `json:"name"`
	Aliases         []string   `json:"aliases"`
	Meaning         string     `json:"meaning"`
	RiskCode        *int32     `json:"risk_code"`      // one entry for each risk code that decides
	WithRiskCode    string     `json:"with_risk_code"` // any, this, none, unknown
	Outcome         string     `json:"outcome"`
	Basis           string     `json:"outcome_basis"`
	Final           bool       `json:"final"`
	FinalOnNewCase  bool       `json:"final_on_new_case"`
	ReportAvailable bool       `json:"report_available"`
	CodeExpected    bool       `json:"code_expected"`
	Billing         []string   `json:"billing"` // names of the rules that can hold here, in order
	Retry           retryViews `json:"retry"`
}

// retryViews is the advice by integration.
type retryViews struct {
	SDK     retryView `json:"sdk"`
	API     retryView `json:"api"`
	Unnamed retryView `json:"unnamed"`
}

type retryView struct {
	Advice  string   `json:"advice"`
	Scope   string   `json:"scope"`
	Actions []string `json:"actions"`
	Basis   string   `json:"basis"`
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
}

type rangeView struct {
	From      int64    `json:"from"`
	To        int64    `json:"to"`
	Blocks    bool     `json:"blocks_approval"`
	Statuses  []string `json:"statuses"`
	RiskCodes []int32  `json:"risk_codes"`
	Reason    string   `json:"reason"`
	Basis     string   `json:"basis"`
}

type riskView struct {
	Code  int32  `json:"code"`
	Level string `json:"level"`
	Label string `json:"label"`
}

type codeView struct {
	Code        string   `json:"code"`
	Known       bool     `json:"known"`
	Series      string   `json:"series"`
	Category    string   `json:"category"`
	Effect      string   `json:"effect"`
	Statuses    []string `json:"statuses"`
	RiskCodes   []int32  `json:"risk_codes"`
	NoRetry     bool     `json:"no_retry"`
	Blocks      bool     `json:"blocks_approval"`
	RiskBearing bool     `json:"risk_bearing"`
	Disclosable bool     `json:"disclosable"`
	Actions     []string `json:"actions"`
	Meaning     string   `json:"meaning"`
	Action      string   `json:"provider_advice"`
	Basis       string   `json:"basis"`

	Advice *retryViews `json:"advice"` // its own, for an identity that is approved or in review; null if none
}

func catalogJSON(catalog *rules.Catalog) catalogView {
	view := catalogView{RulesVersion: catalog.Version}
	for _, v := range catalog.Vocabularies() {
		view.Vocabularies = append(view.Vocabularies, vocabularyJSON(v))
	}
	return view
}

func vocabularyJSON(v *rules.Vocabulary) vocabularyView {
	view := vocabularyView{
		Name: v.Name, Provider: v.Provider, Product: v.Product, Title: v.Title, Sources: sourceNames(v),
		CodePrefixes: append([]string{}, v.CodePrefixes...),
		RiskCodes:    []riskView{}, Billing: []billingView{}, Ranges: []rangeView{},
	}
	for _, s := range v.Statuses {
		view.Statuses = append(view.Statuses, statusJSON(v, s)...)
	}
	for _, r := range v.RiskCodes {
		view.RiskCodes = append(view.RiskCodes, riskView{r.Code, r.Level.String(), r.Label})
	}
	for _, b := range v.Billing {
		view.Billing = append(view.Billing, billingView{
			b.Name, b.Flag.String(), b.Basis, append([]string{}, b.Statuses...), append([]int32{}, b.RiskCodes...),
			append([]string{}, b.Variants...), b.MinAttempt, b.MaxAttempt,
		})
	}
	for _, r := range v.Ranges {
		view.Ranges = append(view.Ranges, rangeView{
			r.From, r.To, r.Blocks, append([]string{}, statusesOf(v, r.Statuses)...),
			append([]int32{}, r.RiskCodes...), r.Reason, r.Basis,
		})
	}
	for _, c := range v.Codes {
		view.Codes = append(view.Codes, codeJSON(v, c))
	}
	return view
}

func statusJSON(v *rules.Vocabulary, s *rules.Status) []statusView {
	entry := func(risk *int32, with string, r *rules.Rule) statusView {
		return statusView{
			Name: s.Name, Aliases: append([]string{}, s.Aliases...), Meaning: s.Meaning,
			RiskCode: risk, WithRiskCode: with,
			Outcome: r.Outcome.String(), Basis: r.OutcomeBasis, Final: r.Final, FinalOnNewCase: r.FinalOnNewCase,
			ReportAvailable: r.ReportAvailable, CodeExpected: r.Expects != 0, Billing: billingNames(r),
			Retry: retryJSON(&r.Retry),
		}
	}
	if s.Rule != nil {
		return []statusView{entry(nil, "any", s.Rule)}
	}
	entries := []statusView{entry(nil, "none", s.RiskMissing)}
	for _, r := range v.RiskCodes {
		if rule := s.ByRisk[r.Code]; rule != nil {
			entries = append(entries, entry(&r.Code, "this", rule))
		}
	}
	return append(entries, entry(nil, "unknown", s.RiskUnknown))
}

func billingNames(r *rules.Rule) []string {
	names := []string{}
	for _, b := range r.Billing {
		names = append(names, b.Name)
	}
	return names
}

func retryJSON(r *[3]rules.Retry) retryViews {
	view := func(i rules.Integration) retryView {
		return retryView{r[i].Advice.String(), r[i].Scope.String(), actionNames(r[i].Actions), r[i].Basis}
	}
	return retryViews{view(rules.IntegrationSDK), view(rules.IntegrationAPI), view(rules.IntegrationUnspecified)}
}

func codeJSON(v *rules.Vocabulary, c *rules.Code) codeView {
	view := codeView{
		Code: c.Text, Known: c.Known, Series: c.Series, Category: c.Category.String(), Effect: c.Effect.String(),
		Statuses: append([]string{}, statusesOf(v, c.Statuses)...), RiskCodes: append([]int32{}, c.RiskCodes...),
		NoRetry: c.NoRetry, Blocks: c.Blocks, RiskBearing: c.RiskBearing, Disclosable: c.Disclosable,
		Actions: actionNames(c.Actions), Meaning: c.Meaning, Action: c.Action, Basis: c.Basis,
	}
	if c.Advice != nil {
		own := retryJSON(c.Advice)
		view.Advice = &own
	}
	return view
}
