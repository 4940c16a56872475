package main

import (
	"path/filepath"
	"testing"
	"time"
)

// TestExplainShowsNothingUnpublished: a dead letter that the present rules decide is shown without whatever the event
// says of its own: a name may be in any of that. explained asserts it for JSON and text.
func TestExplainShowsNothingUnpublished(t *testing.T) {
	t.Parallel()
	s := newStoryStage(t)
	s.settings = append(s.settings, "metadata.keys=who")
	p := s.start()
	raw := s.sayRaw("k", `{"provider":"kestrel","product":"person","verification_id":"Trillian-3","event_id":"e-Trillian",`+
		`"status":"Trillian passed","codes":["Trillian"],"subject_ref":"Trillian","journey_ref":"Trillian",`+
		`"metadata":{"who":"Trillian"},"name":"Trillian"}`, time.Time{})
	letter := s.placesOf("idv.deadletter.v1", "Trillian", 1)[0]
	s.stop(p)
	kestrel, err := filepath.Abs("testdata/kestrel/kestrel-person.yaml")
	if err != nil {
		t.Fatal(err)
	}
	set := []string{"--set", "catalog.overlay=" + rulesWith(t, kestrel)}
	for _, place := range []string{letter, raw} {
		e := s.explained(exitRejected, append(set, place)...)
		contains(t, string(e.Present.Decision), `"provider_status": "unreadable"`, `"primary_code": "unreadable"`)
		contains(t, because(t, e.Present, "category").Rule, "code unreadable")
		s.explained(exitRejected, append(set, "--payload", place)...)
	}
}
