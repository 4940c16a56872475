package pipeline

import (
	"bytes"
	"encoding/json"
	"testing"

	"verdict/cmd/verdict/config"
	"verdict/processor"
	"verdict/processor/codec"
)

// What a reader of each topic sees of one verification that is reported again and again, in both envelopes: a
// decision for each event id, and one charge.
func TestRepeatsAreChargedOnce(t *testing.T) {
	cfg, err := config.Load(config.Sources{})
	if err != nil {
		t.Fatal(err)
	}
	core := NewOffline(cfg, "test", BuiltIn(), Input{Format: codec.Auto})
	ubble := func(id, kind, at string) string {
		return `{"specversion":"2.0","type":"identity_verification_` + kind + `","subject":"idv_1","id":"` + id + `","time":"` + at +
			`","data":{"identity_verification_id":"idv_1","status":"declined","response_codes":[{"code":62301}]}}`
	}
	decisions, charges, risks, facts := map[string]int{}, map[string]int{}, 0, map[string]bool{}
	for _, body := range []string{
		ubble("evnt_1", "checks_completed", "2026-11-20T10:00:00Z"),
		ubble("evnt_1", "checks_completed", "2026-11-20T10:00:00Z"), // redelivered
		ubble("evnt_2", "report_created", "2026-11-20T10:05:00Z"),
		ubble("evnt_3", "audit_completed", "2026-11-21T09:00:00Z"),
		ubble("evnt_4", "anonymized", "2027-11-21T09:00:00Z"),
		`{"id":"evt_9","type":"identity_verification_checks_completed","version":"1.2.0","created_on":"2026-11-20T10:00:00.000Z",` +
			`"data":{"identity_verification_id":"idv_1","status":"declined","response_codes":[{"code":62301}]}}`,
	} {
		var res processor.Result
		if err := core.Process(&processor.Record{Topic: "raw", Value: []byte(body)}, nil, &res); err != nil {
			t.Fatal(err)
		}
		for _, out := range res.Outputs {
			switch out.Route {
			case processor.RouteDecision:
				decisions[res.Decision.ID.String()]++
				facts[decisionFacts(t, out.Value)] = true
			case processor.RouteBilling:
				charges[string(out.Key)]++
			case processor.RouteRisk:
				risks++
			case processor.RouteDeadLetter, processor.RouteUnspecified, processor.RouteVerification,
				processor.RouteOverdue:
				t.Errorf("on %s: %v", out.Route, res.Rejection)
			}
		}
	}
	if len(decisions) != 5 || len(charges) != 1 || risks != 6 || len(facts) != 1 {
		t.Errorf("%d decisions, %d charges, %d risk events, %d different facts; want 5, 1, 6 and 1", len(decisions),
			len(charges), risks, len(facts))
	}
}

// decisionFacts is a decision without what tells one event from another.
func decisionFacts(t *testing.T, value []byte) string {
	t.Helper()
	var facts map[string]any
	decoder := json.NewDecoder(bytes.NewReader(value))
	if err := decoder.Decode(&facts); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"decision_id", "event_id", "occurred_at", "source"} {
		delete(facts, name)
	}
	text, err := json.Marshal(facts)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
