package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"verdict/cmd/verdict/show"
)

// TestExplain: each kind of record leads to its raw record and to what was published for it, and by the rules that have
// decided it nothing differs; by others, what differs is told.
func TestExplain(t *testing.T) {
	t.Parallel()
	s := newStoryStage(t)
	p := s.start()
	now := time.Now()
	pending := s.sayRaw("v-1", pendingOne, time.Time{})
	approved := s.sayRaw("v-1", approvedOne, now)
	declined := s.sayRaw("v-2", declinedTwo, now)
	unknown := s.sayRaw("v-3", unknownThree, now)
	old := s.sayRaw("v-4", strings.ReplaceAll(pendingOne, "v-1", "v-4"), now.Add(-50*time.Hour))
	overdue := s.placesOf("idv.overdue.v1", "v-4", 1)[0]
	decided := s.placesOf("idv.decisions.v1", "v-1", 2)
	s.stop(p)

	t.Run("decisions", func(t *testing.T) {
		for i, raw := range []string{pending, approved} {
			e := s.explained(exitOK, decided[i])
			if e.Record.Kind != "decision" || placeText(e.Raw) != raw || e.Result != show.ExplainedSame {
				t.Errorf("%s is explained as %+v", decided[i], e)
			}
			found := s.explained(exitOK, raw)
			if found.Record.Kind != "raw record" || placeText(found.Published.Record) != decided[i] ||
				found.Published.Copies != 1 {
				t.Errorf("%s is explained as %+v", raw, found.Published)
			}
			if string(found.Published.Decision) != string(e.Published.Decision) {
				t.Errorf("from both sides the decision is %s and %s", e.Published.Decision, found.Published.Decision)
			}
		}
		lifecycle := because(t, s.explained(exitOK, approved).Published, "lifecycle")
		if lifecycle.Value != "ADVANCED" || !strings.Contains(lifecycle.Words, "decision 2, and its current word") {
			t.Errorf("its place is told as %+v", lifecycle)
		}
	})
	t.Run("other outputs", func(t *testing.T) {
		for place, want := range map[string][2]string{
			s.placesOf("idv.verifications.v1", "v-2", 1)[0]: {"current word", declined},
			s.placesOf("idv.billing.v1", "v-2", 1)[0]:       {"billing event", declined},
			s.placesOf("idv.risk.v1", "v-2", 1)[0]:          {"risk event", declined},
			overdue:                                         {"overdue notice", old},
		} {
			e := s.explained(exitOK, place)
			if e.Record.Kind != want[0] || placeText(e.Raw) != want[1] || e.Result != show.ExplainedSame {
				t.Errorf("%s is explained as %+v", place, e)
			}
			if place == overdue { // it does not say what the outcome is
				continue
			}
			if b := because(t, e.Published, "outcome"); b.Rule == "" {
				t.Errorf("%s: no rule is told for its outcome: %+v", place, b)
			}
		}
		if b := because(t, s.explained(exitOK, overdue).Published, "overdue"); !strings.Contains(b.Words, "ask the provider") {
			t.Errorf("the notice is explained as %+v", b)
		}
	})
	t.Run("a dead letter", func(t *testing.T) {
		letter := s.placesOf("idv.deadletter.v1", "v-3", 1)[0]
		for _, place := range []string{letter, unknown} {
			e := s.explained(exitOK, place)
			if e.Published.Rejected == nil || e.Published.Rejected.Reason != "unknown_vocabulary" ||
				placeText(e.Published.Record) != letter || placeText(e.Raw) != unknown ||
				e.Present.Rejected == nil || e.Result != show.ExplainedSame {
				t.Errorf("%s is explained as %+v", place, e)
			}
		}
		catalog, err := filepath.Abs("testdata/kestrel")
		if err != nil {
			t.Fatal(err)
		}
		e := s.explained(exitRejected, letter, "--set", "catalog.overlay="+rulesWith(t, catalog+"/kestrel-person.yaml"))
		if e.Result != show.ExplainedDiffers || e.Present.Decision == nil {
			t.Errorf("by rules that have the provider it is explained as %+v", e)
		}
	})
	t.Run("other rules", func(t *testing.T) { explainByOtherRules(t, s, declined) })
	t.Run("text", func(t *testing.T) {
		text, _ := s.command(exitOK, "explain", approved)
		contains(t, text, approved+": a raw record of ", "Published: the decision "+decided[1], "APPROVED [source:",
			"say the same\nCompared without lifecycle; id and sequence are the published ones.")
		lacks(t, text, `"provider"`)
		text, _ = s.command(exitOK, "explain", "--payload", approved)
		contains(t, text, "key: v-1\n", "value: "+approvedOne)
		if e := s.explained(exitOK, "--payload", approved); e.Payload == nil || e.Payload.Value.Text != approvedOne {
			t.Errorf("the payload is %+v", e.Payload)
		}
		if e := s.explained(exitOK, approved); e.Payload != nil {
			t.Error("a payload is told that nobody asked for")
		}
	})
}

// rulesWith makes an overlay of one file, which may be another's.
func rulesWith(t *testing.T, file string) string {
	t.Helper()
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, filepath.Base(file)), readFile(t, file))
	return dir
}

func explainByOtherRules(t *testing.T, s *storyStage, declined string) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "own.yaml"), []byte(ownRules), 0o600); err != nil {
		t.Fatal(err)
	}
	set := []string{"--set", "catalog.overlay=" + dir}
	want := []string{"billing.flag", "billing.basis"}
	for _, place := range []string{declined, s.placesOf("idv.decisions.v1", "v-2", 1)[0],
		s.placesOf("idv.billing.v1", "v-2", 1)[0]} {
		e := s.explained(exitRejected, append(set, place)...)
		if len(e.Differences) != 1 {
			t.Fatalf("%s: what differs is %+v", place, e.Differences)
		}
		d := e.Differences[0]
		if e.Result != show.ExplainedDiffers || !slices.Equal(d.Fields, want) || d.Published != "UNDETERMINED" ||
			d.Present != "BILLABLE" || d.PresentBasis != "operator:fourthline-idv/billing/refused" {
			t.Errorf("%s: what differs is %+v", place, d)
		}
		// The words of the rules that decided are not those of the present ones.
		if b := because(t, e.Published, "billing"); strings.Contains(b.Words, "rule refused") || b.Value != "UNDETERMINED" {
			t.Errorf("%s: its billing is explained as %+v", place, b)
		}
	}
	// A risk event has nothing of billing.
	if e := s.explained(exitOK, append(set, s.placesOf("idv.risk.v1", "v-2", 1)[0])...); e.Result != show.ExplainedSame {
		t.Errorf("the risk event differs in %+v", e.Differences)
	}
	text, _ := s.command(exitRejected, append([]string{"explain", declined}, set...)...)
	contains(t, text, "say something else\n  billing.flag, billing.basis\n", "published  UNDETERMINED [source:",
		"now        BILLABLE [operator:fourthline-idv/billing/refused]")
}
