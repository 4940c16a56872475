package events

import (
	"encoding/json"
	"slices"
	"testing"

	"verdict/rules"
)

// TestSamplesShowEverything: the samples are the first thing that a person sees.
func TestSamplesShowEverything(t *testing.T) {
	events, err := Samples()
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, line := range events {
		var e generatedEvent
		if json.Unmarshal(line.Value, &e) == nil {
			seen[e.Product+" "+e.Status] = true
		}
	}
	for _, v := range rules.Embedded().Vocabularies() {
		if !slices.Contains(sampleFiles, "samples/"+v.Name+".jsonl") {
			continue
		}
		for _, s := range v.Statuses {
			if !seen[v.Product+" "+s.Name] {
				t.Errorf("no sample of %s has the status %s", v.Name, s.Name)
			}
		}
	}
}
