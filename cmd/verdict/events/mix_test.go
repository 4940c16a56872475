package events

import (
	"encoding/json"
	"math"
	"testing"

	"verdict/rules"
)

// TestMix: as much goes wrong as was asked for: repeats have the id of the event that they repeat, a late event is
// older than what came before it, and a final answer is followed by another one.
func TestMix(t *testing.T) {
	const n = 20_000
	g := NewGenerator(rules.Embedded(), 1, GeneratorStart)
	g.Mix = Mix{Repeats: 0.3, Late: 0.1, Reversed: 0.05}
	ids, newest, ends := map[string]bool{}, map[string]string{}, map[string]rules.Outcome{}
	repeated, late, final, reversed := 0, 0, 0, 0
	for range n {
		line := g.Next()
		var e generatedEvent
		if err := json.Unmarshal(line.Value, &e); err != nil || e.EventID == "" {
			continue // malformed
		}
		if ids[e.EventID] {
			repeated++
			continue
		}
		ids[e.EventID] = true
		if e.OccurredAt < newest[line.Key] {
			late++
			continue
		}
		newest[line.Key] = e.OccurredAt
		if rule := ruleOf(t, &e); rule.Final {
			final++
			if before, ended := ends[line.Key]; ended && before != rule.Outcome {
				reversed++
			}
			ends[line.Key] = rule.Outcome
		}
	}
	within := func(what string, got, of int, least, most float64) {
		t.Helper()
		if share := float64(got) / float64(of); share < least || share > most {
			t.Errorf("%d of %d are %s, want a share of %g to %g", got, of, what, least, most)
		}
	}
	within("repeated", repeated, n, 0.25, 0.35)
	within("late", late, n-repeated, 0.02, 0.1) // of those that another follows
	within("reversed", reversed, final, 0.02, 0.08)
}

func TestMixCheck(t *testing.T) {
	for _, m := range []Mix{{}, UsualMix, {1, 1, 1}} {
		if err := m.Check(); err != nil {
			t.Errorf("%v: %v", m, err)
		}
	}
	for _, m := range []Mix{{Repeats: -0.1}, {Late: 1.1}, {Reversed: math.NaN()}, {Repeats: 30}} {
		if m.Check() == nil {
			t.Errorf("%v is no mix", m)
		}
	}
}
