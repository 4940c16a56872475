package processor_test

import (
	"strings"
	"testing"

	"verdict/processor"
	"verdict/rules"
)

func TestMinimalHeaders(t *testing.T) {
	res := process(t, newProcessor(processor.Options{MinimalHeaders: true}), record(completed500))
	id := processor.DecisionID("fourthline", "identity_verification", "v-1", "e-1").String()
	want := "decision v-1 @v-1\n\tce_id=" + id + ":d:" + rules.Embedded().Version + "\n\tce_type=idv.decision.v1\n\ttraceparent=00-new\n"
	if got := show(res); !strings.HasPrefix(got, want) || strings.Count(got, "ce_") != 2*len(res.Outputs) {
		t.Errorf("published\n%s\nwanted it to begin with\n%s", got, want)
	}
}
