package show

import "verdict/rules"

type rangeView struct {
	From        int64    `json:"from"`
	To          int64    `json:"to"`
	Series      *string  `json:"series"`
	Category    string   `json:"category"`
	Effect      string   `json:"effect"`
	Statuses    []string `json:"statuses"`
	RiskCodes   []int32  `json:"risk_codes"`
	NoRetry     bool     `json:"no_retry"`
	Blocks      bool     `json:"blocks_approval"`
	RiskBearing bool     `json:"risk_bearing"`
	Disclosable bool     `json:"disclosable"`
	Signature   *string  `json:"signature"` // OPEN or FAILED; null: its codes say nothing of one
	Reason      string   `json:"reason"`
	Basis       string   `json:"basis"`
}

type codeView struct {
	Code        string      `json:"code"`
	Known       bool        `json:"known"`
	Series      *string     `json:"series"`
	Category    string      `json:"category"`
	Effect      string      `json:"effect"`
	Statuses    []string    `json:"statuses"`
	RiskCodes   []int32     `json:"risk_codes"`
	NoRetry     bool        `json:"no_retry"`
	Blocks      bool        `json:"blocks_approval"`
	AsksReview  bool        `json:"asks_review"`
	Refusal     bool        `json:"refusal"`
	RiskBearing bool        `json:"risk_bearing"`
	Disclosable bool        `json:"disclosable"`
	Signature   *string     `json:"signature"` // OPEN or FAILED; null: it says nothing of one
	Scope       *string     `json:"scope"`     // that it adds to the advice of its status
	Actions     []string    `json:"actions"`   // likewise
	Fields      []string    `json:"fields"`    // likewise
	Retry       *retryViews `json:"retry"`     // its own advice, for an identity that is APPROVED or in REVIEW
	Meaning     string      `json:"meaning"`
	Action      string      `json:"action"` // what the provider recommends; "" if nothing
	Basis       string      `json:"basis"`
}

type codePageView struct {
	Vocabulary string        `json:"vocabulary"`
	Sources    []sourceView  `json:"sources"`
	Code       codeView      `json:"code"`
	Range      *rangeView    `json:"range"` // of a code that is not listed; null if there is none
	Decided    []decidedView `json:"decided"`
}

// decidedView is what an event gets that has this code alone, beside a status that it goes with or an approval.
type decidedView struct {
	Status      string    `json:"status"`
	RiskCode    *int32    `json:"risk_code"`
	Integration *string   `json:"integration"` // null: the event does not name it
	Outcome     string    `json:"outcome"`
	Basis       string    `json:"outcome_basis"`
	Final       bool      `json:"final"`
	Ended       bool      `json:"ended"`
	Signature   string    `json:"signature"`
	Retry       retryView `json:"retry"`
}

func codePageJSON(v *rules.Vocabulary, c *rules.Code) codePageView {
	view := codePageView{
		Vocabulary: v.Name, Sources: sourcesJSON(v), Code: codeJSON(v, c), Decided: []decidedView{},
	}
	if r := v.RangeOf(c); r != nil {
		g := rangeJSON(v, r)
		view.Range = &g
	}
	for _, p := range placesWith(v, c) {
		for _, i := range integrationNames {
			d := decideAt(v, p, c.Text, i.value)
			entry := decidedView{
				Status: p.status.Name, Outcome: d.Outcome.String(), Basis: d.OutcomeBasis,
				Final: d.Final, Ended: d.Ended, Signature: d.Signature.String(), Retry: retryJSON(v, &d.Retry),
			}
			if p.hasRisk {
				entry.RiskCode = &p.risk
			}
			if i.value != rules.IntegrationUnspecified {
				entry.Integration = &i.name
			}
			view.Decided = append(view.Decided, entry)
		}
	}
	return view
}

func codeJSON(v *rules.Vocabulary, c *rules.Code) codeView {
	view := codeView{
		Code: c.Text, Known: c.Known,
		Series: orNull(c.Series), Category: c.Category.String(), Effect: c.Effect.String(),
		Statuses: list(statusesOf(v, c.Statuses)), RiskCodes: list(c.RiskCodes),
		NoRetry: c.NoRetry, Blocks: c.Blocks, AsksReview: c.AsksReview, Refusal: c.Refusal, RiskBearing: c.RiskBearing,
		Disclosable: c.Disclosable, Signature: signatureJSON(c.Signature), Actions: actionNames(c.Actions),
		Fields: v.AppendFields([]string{}, c.Fields), Meaning: c.Meaning, Action: c.Action, Basis: c.Basis,
	}
	if c.Scope != rules.ScopeUnspecified {
		view.Scope = orNull(c.Scope.String())
	}
	if c.Advice != nil {
		own := retriesJSON(v, c.Advice)
		view.Retry = &own
	}
	return view
}

func rangeJSON(v *rules.Vocabulary, r *rules.Range) rangeView {
	return rangeView{
		From: r.From, To: r.To, Series: orNull(r.Series), Category: r.Category.String(), Effect: r.Effect.String(),
		Statuses: list(statusesOf(v, r.Statuses)), RiskCodes: list(r.RiskCodes),
		NoRetry: r.NoRetry, Blocks: r.Blocks, RiskBearing: r.RiskBearing(), Disclosable: r.Disclosable,
		Signature: signatureJSON(r.Signature), Reason: r.Reason, Basis: r.Basis,
	}
}

func signatureJSON(s rules.Signature) *string {
	if s == rules.SignatureUnspecified {
		return nil
	}
	return orNull(s.String())
}
