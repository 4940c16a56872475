package processor

import (
	"testing"

	"verdict/rules"
)

// TestEachRuleIsNamed: of two standings that differ in all that a rule and those after it look at, the rule decides, in
// both directions, and is named.
func TestEachRuleIsNamed(t *testing.T) {
	low := Standing{Attempt: 1, Timed: true, OccurredAt: 1, Outcome: rules.OutcomePending, Tie: 1}
	high := Standing{Attempt: 2, Closes: true, Ended: true, Timed: true, OccurredAt: 2, Outcome: rules.OutcomeDeclined, Tie: 2}
	for _, c := range []struct {
		by   Precedence
		even func(a, b *Standing) // makes equal what decided before
	}{
		{PrecedenceAttempt, func(_, _ *Standing) {}},
		{PrecedenceClosingEnd, func(a, b *Standing) { a.Attempt = b.Attempt }},
		{PrecedenceTime, func(a, b *Standing) { a.Closes = b.Closes }},
		{PrecedenceEnd, func(a, b *Standing) { a.OccurredAt = b.OccurredAt }},
		{PrecedenceOutcome, func(a, b *Standing) { a.Ended = b.Ended }},
		{PrecedenceID, func(a, b *Standing) { a.Outcome = b.Outcome }},
	} {
		c.even(&low, &high)
		if over, by := high.counts(&low); !over || by != c.by {
			t.Errorf("the higher counts: %v by %d, want %d", over, by, c.by)
		}
		if over, by := low.counts(&high); over || by != c.by {
			t.Errorf("the lower counts: %v by %d, want %d", over, by, c.by)
		}
	}
	// Without times to compare the later to arrive counts, whichever it is.
	low.Timed = false
	for _, pair := range [][2]*Standing{{&low, &high}, {&high, &low}} {
		if over, by := pair[0].counts(pair[1]); !over || by != PrecedenceArrival {
			t.Errorf("the later to arrive counts: %v by %d", over, by)
		}
	}
	// An unknown status gives a charge up to an end, however old that is.
	unknown, end := Charge{Standing: high}, Charge{Standing: low}
	unknown.Ended, end.Ended = false, true
	if over, by := end.counts(&unknown); !over || by != PrecedenceEnd {
		t.Errorf("an end counts over an unknown status: %v by %d", over, by)
	}
}
