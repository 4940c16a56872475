package rules

import (
	"strconv"
	"strings"
	"testing"
)

// What a decision names has its entry: each spelling of a status, each risk code, each code.
func TestEntriesAreWhatDecisionsName(t *testing.T) {
	entries := map[string]*Entry{}
	for _, e := range Embedded().Entries() {
		if entries[e.Key()] != nil {
			t.Errorf("%s is there twice", e.Key())
		}
		entries[e.Key()] = e
	}
	want := 0
	need := func(v *Vocabulary, kind, name, basis string) {
		want++
		key := v.Provider + "/" + v.Product + "/" + kind + "/" + name
		if e := entries[key]; e == nil || e.Vocabulary != v.Name || e.Name != name || e.Basis != basis {
			t.Errorf("%s: %+v, want the basis %q", key, e, basis)
		}
	}
	for _, v := range Embedded().Vocabularies() {
		for _, s := range v.Statuses {
			basis := ""
			if s.Rule != nil {
				basis = s.Rule.OutcomeBasis
			}
			for _, spelling := range append([]string{s.Name}, s.Aliases...) {
				need(v, "status", spelling, basis)
			}
		}
		for _, r := range v.RiskCodes {
			need(v, "risk_code", strconv.Itoa(int(r.Code)), v.Status("completed").ByRisk[r.Code].OutcomeBasis)
		}
		for _, c := range v.Codes {
			need(v, "code", c.Text, c.Basis)
		}
		for _, r := range v.Ranges {
			need(v, "range", r.text(), r.Basis)
		}
	}
	if len(entries) != want {
		t.Errorf("%d entries, want %d", len(entries), want)
	}
}

func TestEntriesSayWhatTheirRowsSay(t *testing.T) {
	entries := map[string]*Entry{}
	for _, e := range Embedded().Entries() {
		entries[e.Key()] = e
	}
	verified := entries["yousign/video/status/verified"]
	if verified == nil || verified.AliasOf != "approved" || verified.Outcome != OutcomeApproved || !verified.Final ||
		verified.Meaning != entries["yousign/video/status/approved"].Meaning {
		t.Errorf("another spelling: %+v", verified)
	}
	if e := entries["fourthline/identity_verification/status/completed"]; e.Outcome != OutcomeUnspecified || e.Final {
		t.Errorf("a status whose outcome is in its risk code: %+v", e)
	}
	if e := entries["fourthline/identity_verification/risk_code/500"]; e.Outcome != OutcomeDeclined || !e.Final ||
		e.RiskLevel != RiskLevelUnacceptable || e.Label != "completed_unacceptable_risk" {
		t.Errorf("a risk code: %+v", e)
	}
	if e := entries["fourthline/identity_verification/code/4120"]; e.Category != CategoryEligibility || !e.Blocks ||
		!e.RiskBearing || !e.Disclosable || e.NoRetry || e.Effect != EffectNegative || !strings.Contains(e.Meaning, "under age") {
		t.Errorf("a code: %+v", e)
	}
	if e := entries["yousign/video/range/2000-2999"]; e.First != 2000 || e.Last != 2999 || !e.Blocks ||
		e.Category != CategoryUnknown || e.Meaning == "" {
		t.Errorf("a range: %+v", e)
	}
	// A code of the signature has its actions in advice of its own.
	if e := entries["fourthline/identity_verification/code/6002"]; e.Actions == 0 {
		t.Errorf("a code with advice of its own: %+v", e)
	}
}

// A risk code that does not mean the same beside each status says no outcome.
func TestARiskCodeOfTwoStatuses(t *testing.T) {
	rule := func(o Outcome) map[int32]*Rule { return map[int32]*Rule{7: {Outcome: o, OutcomeBasis: "source:x"}} }
	v := &Vocabulary{Statuses: []*Status{{ByRisk: rule(OutcomeApproved)}, {ByRisk: rule(OutcomeReview)}}}
	if e := v.riskEntry(&RiskCode{Code: 7}); e.Outcome != OutcomeUnspecified || e.Basis != "" {
		t.Errorf("of two: %+v", e)
	}
	v.Statuses = v.Statuses[1:]
	if e := v.riskEntry(&RiskCode{Code: 7}); e.Outcome != OutcomeReview || e.Basis != "source:x" {
		t.Errorf("of one: %+v", e)
	}
}
