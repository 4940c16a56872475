package processor_test

import (
	"testing"

	"verdict/processor"
	"verdict/rules"
)

// DO_NOT_RETRY beats all: also where the status says it and a blocking code stands beside it that does not belong there.
func TestDoNotRetryOfAStatusBeatsABlockingCode(t *testing.T) {
	v := rules.Embedded().Vocabulary("ubble", "identity_verification")
	var d processor.Decision
	processor.Decide(v, &processor.Event{VerificationID: "v", Status: "inconclusive", Codes: []string{"71901", "62301"}}, &d)
	if d.Outcome != rules.OutcomeInconclusive || d.Retry.Advice != rules.AdviceDoNotRetry || d.Retry.Actions != 0 {
		t.Errorf("%s with %+v", d.Outcome, d.Retry)
	}
}
