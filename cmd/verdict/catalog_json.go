package main

import "verdict/rules"

// The catalog as JSON, for scripts. The names are those of the decision contract where it has them.

type catalogView struct {
	RulesVersion string           `json:"rules_version"`
	Vocabularies []vocabularyView `json:"vocabularies"`
}

type vocabularyView struct {
	Name      string       `json:"name"`
	Provider  string       `json:"provider"`
	Product   string       `json:"product"`
	Title     string       `json:"title"`
	Statuses  []statusView `json:"statuses"`
	RiskCodes []riskView   `json:"risk_codes"`
	Codes     []codeView   `json:"codes"`
}

type statusView struct {
	Name     string   `json:"name"`
	Aliases  []string `json:"aliases"`
	Meaning  string   `json:"meaning"`
	RiskCode *int32   `json:"risk_code"` // one entry for each risk code that decides
	Outcome  string   `json:"outcome"`
	Basis    string   `json:"outcome_basis"`
	Final    bool     `json:"final"`
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
}

func catalogJSON(catalog *rules.Catalog) catalogView {
	view := catalogView{RulesVersion: catalog.Version}
	for _, v := range catalog.Vocabularies() {
		view.Vocabularies = append(view.Vocabularies, vocabularyJSON(v))
	}
	return view
}

func vocabularyJSON(v *rules.Vocabulary) vocabularyView {
	view := vocabularyView{Name: v.Name, Provider: v.Provider, Product: v.Product, Title: v.Title, RiskCodes: []riskView{}}
	for _, s := range v.Statuses {
		view.Statuses = append(view.Statuses, statusJSON(v, s)...)
	}
	for _, r := range v.RiskCodes {
		view.RiskCodes = append(view.RiskCodes, riskView{r.Code, r.Level.String(), r.Label})
	}
	for _, c := range v.Codes {
		view.Codes = append(view.Codes, codeJSON(v, c))
	}
	return view
}

func statusJSON(v *rules.Vocabulary, s *rules.Status) []statusView {
	entry := func(risk *int32, r *rules.Rule) statusView {
		return statusView{s.Name, append([]string{}, s.Aliases...), s.Meaning, risk, r.Outcome.String(), r.OutcomeBasis, r.Final}
	}
	if s.Rule != nil {
		return []statusView{entry(nil, s.Rule)}
	}
	entries := []statusView{entry(nil, s.RiskMissing)}
	for _, r := range v.RiskCodes {
		if rule := s.ByRisk[r.Code]; rule != nil {
			entries = append(entries, entry(&r.Code, rule))
		}
	}
	return entries
}

func codeJSON(v *rules.Vocabulary, c *rules.Code) codeView {
	return codeView{
		Code: c.Text, Known: c.Known, Series: c.Series, Category: c.Category.String(), Effect: c.Effect.String(),
		Statuses: append([]string{}, statusesOf(v, c.Statuses)...), RiskCodes: append([]int32{}, c.RiskCodes...),
		NoRetry: c.NoRetry, Blocks: c.Blocks, RiskBearing: c.RiskBearing, Disclosable: c.Disclosable,
		Actions: actionNames(c.Actions), Meaning: c.Meaning, Action: c.Action, Basis: c.Basis,
	}
}
