package events

import (
	"encoding/json"
	"testing"

	"verdict/cmd/verdict/config"
	"verdict/cmd/verdict/pipeline"
	"verdict/processor"
	"verdict/rules"
)

// TestGeneratedEvents looks at what a load test relies on: sizes, the share of malformed and repeated events, and that
// each verification's events are in order and end. Every vocabulary has its part.
func TestGeneratedEvents(t *testing.T) {
	const n = 20_000
	g := NewGenerator(rules.Embedded(), 1, GeneratorStart)
	ids := map[string]int{}
	history := map[string][]*rules.Rule{}
	products := map[string]int{}
	malformed, repeated := 0, 0
	for range n {
		line := g.Next()
		var e generatedEvent
		if err := json.Unmarshal(line.Value, &e); err != nil || e.EventID == "" {
			malformed++
			continue
		}
		if e.VerificationID != line.Key {
			t.Fatalf("the key %s is not that of %s", line.Key, line.Value)
		}
		if len(line.Value) < 270 || len(line.Value) > 450 {
			t.Errorf("%d bytes: %s", len(line.Value), line.Value)
		}
		if ids[e.EventID]++; ids[e.EventID] > 1 {
			repeated++
			continue
		}
		history[line.Key] = append(history[line.Key], ruleOf(t, &e))
		products[e.Product]++
	}
	if malformed < n/2000 || malformed > n/500 {
		t.Errorf("%d of %d are malformed, want about one in a thousand", malformed, n)
	}
	if repeated < n/200 || repeated > n/50 {
		t.Errorf("%d of %d are repeated, want about one in a hundred", repeated, n)
	}
	for id, said := range history {
		for i, rule := range said {
			if i > 0 && said[i-1].Final || i < len(said)-2 && rule.Outcome != rules.OutcomePending {
				t.Fatalf("%s goes on after its end: event %d of %d says %s", id, i, len(said), rule.Outcome)
			}
		}
	}
	for _, v := range rules.Embedded().Vocabularies() {
		if have := products[v.Product]; have < n/20 {
			t.Errorf("%d events of %s", have, v.Name)
		}
	}
}

// ruleOf is what the catalog says about an event.
func ruleOf(t *testing.T, e *generatedEvent) *rules.Rule {
	t.Helper()
	v := rules.Embedded().Vocabulary(e.Provider, e.Product)
	if v == nil || v.Status(e.Status) == nil {
		t.Fatalf("the catalog does not know %s %s %s", e.Provider, e.Product, e.Status)
	}
	s := v.Status(e.Status)
	if s.Rule != nil {
		return s.Rule
	}
	return s.ByRisk[int32(e.RiskCode)]
}

// TestGeneratedEventsAreDecided: all but the malformed ones, without a contradiction that a real provider would not
// send.
func TestGeneratedEventsAreDecided(t *testing.T) {
	cfg, err := config.Load(config.Sources{})
	if err != nil {
		t.Fatal(err)
	}
	core := pipeline.NewOffline(cfg, "test", pipeline.BuiltIn(), pipeline.Input{})
	g := NewGenerator(rules.Embedded(), 3, GeneratorStart)
	var res processor.Result
	outcomes := map[rules.Outcome]int{}
	for range 5000 {
		line := g.Next()
		if err := core.Process(&processor.Record{Topic: "-", Value: line.Value}, nil, &res); err != nil {
			t.Fatal(err)
		}
		if res.Decision == nil {
			continue
		}
		outcomes[res.Decision.Outcome]++
		if left := res.Decision.Anomalies &^ (1 << processor.AnomalyUnknownCode); left != 0 {
			a, _ := left.Next()
			t.Errorf("%s: %s", a, line.Value)
		}
	}
	for _, o := range rules.Outcomes() {
		if o != rules.OutcomeUnrecognized && outcomes[o] == 0 {
			t.Errorf("no event gave %s", o)
		}
	}
}
