package show

import "verdict/rules"

// A status has one entry, or one for each risk code that decides.
type statusView struct {
	Name            string     `json:"name"`
	Aliases         []string   `json:"aliases"`
	Meaning         string     `json:"meaning"`
	Action          string     `json:"action"` // what the provider recommends; "" if nothing
	RiskCode        *int32     `json:"risk_code"`
	WithRiskCode    string     `json:"with_risk_code"` // any, this, none, unknown
	Outcome         string     `json:"outcome"`
	Basis           string     `json:"outcome_basis"`
	Final           bool       `json:"final"`
	FinalOnNewCase  bool       `json:"final_on_new_case"`
	Ended           bool       `json:"ended"`
	ReportAvailable bool       `json:"report_available"`
	CodeExpected    bool       `json:"code_expected"`
	ExpectedSeries  []string   `json:"expected_series"` // empty: any code that belongs to the status will do
	Billing         []string   `json:"billing"`         // names of the rules that can hold here, in order
	Retry           retryViews `json:"retry"`
	OverdueAfter    *limitView `json:"overdue_after"` // null: no limit known; the same in all entries of a status
}

// retryViews is the advice by integration.
type retryViews struct {
	SDK     retryView `json:"sdk"`
	API     retryView `json:"api"`
	Unnamed retryView `json:"unnamed"`
}

type retryView struct {
	Advice  string     `json:"advice"`
	Scope   string     `json:"scope"`
	Actions []string   `json:"actions"`
	Fields  []string   `json:"fields"`
	Expires *limitView `json:"expires"` // null: no limit known
	Basis   string     `json:"basis"`
}

type limitView struct {
	After string `json:"after"` // for example 15m, from the event on
	Basis string `json:"basis"`
}

type statusPageView struct {
	Vocabulary string       `json:"vocabulary"`
	Sources    []sourceView `json:"sources"`
	Statuses   []statusView `json:"statuses"`
	Flow       []stepView   `json:"flow"` // from the status
}

func statusPageJSON(v *rules.Vocabulary, s *rules.Status) statusPageView {
	return statusPageView{v.Name, sourcesJSON(v), statusJSON(v, s), flowJSON(v, s)}
}

func statusJSON(v *rules.Vocabulary, s *rules.Status) []statusView {
	entry := func(risk *int32, with string, r *rules.Rule) statusView {
		view := statusView{
			Name: s.Name, Aliases: list(s.Aliases), Meaning: s.Meaning, Action: s.Action,
			RiskCode: risk, WithRiskCode: with,
			Outcome: r.Outcome.String(), Basis: r.OutcomeBasis, Final: r.Final, FinalOnNewCase: r.FinalOnNewCase,
			Ended: r.Ended, ReportAvailable: r.ReportAvailable,
			CodeExpected: r.Expects != 0, ExpectedSeries: []string{},
			Billing: billingNames(r), Retry: retriesJSON(v, &r.Retry),
		}
		if s.OverdueAfter > 0 {
			view.OverdueAfter = &limitView{durationText(s.OverdueAfter), s.OverdueBasis}
		}
		if r.Expects != 0 {
			view.ExpectedSeries = list(seriesExpected(v, s, r))
		}
		return view
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

func retriesJSON(v *rules.Vocabulary, r *[3]rules.Retry) retryViews {
	return retryViews{
		SDK: retryJSON(v, &r[rules.IntegrationSDK]), API: retryJSON(v, &r[rules.IntegrationAPI]),
		Unnamed: retryJSON(v, &r[rules.IntegrationUnspecified]),
	}
}

func retryJSON(v *rules.Vocabulary, r *rules.Retry) retryView {
	view := retryView{
		Advice: r.Advice.String(), Scope: r.Scope.String(), Actions: actionNames(r.Actions),
		Fields: v.AppendFields([]string{}, r.Fields), Basis: r.Basis,
	}
	if r.ExpiresAfter > 0 {
		view.Expires = &limitView{durationText(r.ExpiresAfter), r.ExpiryBasis}
	}
	return view
}
