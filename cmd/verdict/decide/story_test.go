package decide

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"verdict/cmd/verdict/config"
	"verdict/cmd/verdict/pipeline"
	"verdict/cmd/verdict/show"
	"verdict/processor"
	"verdict/processor/codec"
	"verdict/rules"
)

// TestEveryStoryHasWords: whatever two events follow each other, with and without ids and times, in both orders and one
// of them again, what is said of it names a rule, and ends what it begins.
func TestEveryStoryHasWords(t *testing.T) {
	cfg, err := config.Load(config.Sources{})
	if err != nil {
		t.Fatal(err)
	}
	told, values := map[string]int{}, map[string]int{}
	for _, v := range rules.Embedded().Vocabularies() {
		var in bytes.Buffer
		events, n := eventsOf(v), 0
		for _, a := range events {
			for _, b := range events {
				for _, how := range []struct{ a, b string }{
					{"", ""}, {at(0), at(0)}, {at(0), at(1)}, {at(1), at(0)}, {at(0), ""},
					{`,"attempt":2`, ""}, {"", `,"attempt":2`}, {`,"event_id":"e"`, `,"event_id":"e"`}, {at(0), at(5000)},
				} {
					n++
					for _, event := range []string{a + how.a, b + how.b, a + how.a} {
						fmt.Fprintf(&in, `{"provider":%q,"product":%q,"verification_id":"v-%d",%s}`+"\n", v.Provider, v.Product,
							n, event)
					}
				}
			}
		}
		for _, because := range explanations(t, cfg, &in) {
			if because.About != "lifecycle" && because.About != "charge" {
				continue
			}
			told[because.About]++
			values[because.Value]++
			if w := because.Words; w == "" || strings.Contains(w, "unnamed") || strings.Contains(w, "  ") ||
				strings.Contains(w, "UNSPECIFIED") || strings.Contains(w, "line 0") || strings.HasSuffix(w, " ") {
				t.Fatalf("%s: %s %s: %q", v.Name, because.About, because.Value, w)
			}
		}
	}
	for _, transition := range processor.Transitions() {
		if values[transition.String()] == 0 {
			t.Errorf("nothing was %s", transition)
		}
	}
	if values["published"] == 0 || values["not published"] == 0 {
		t.Errorf("charges: %v", values)
	}
	t.Logf("%v %v", told, values)
}

// eventsOf are what the events of a vocabulary may say: each status with some risk codes, and an unknown one.
func eventsOf(v *rules.Vocabulary) []string {
	events := []string{`"status":"of_no_vocabulary"`}
	for _, s := range v.Statuses {
		events = append(events, fmt.Sprintf(`"status":%q`, s.Name), fmt.Sprintf(`"status":%q,"codes":[6002,3500]`, s.Name))
		for _, r := range v.RiskCodes {
			if s.Rule == nil {
				events = append(events, fmt.Sprintf(`"status":%q,"risk_code":%d`, s.Name, r.Code))
			}
		}
	}
	return events
}

func at(hours int) string {
	return `,"occurred_at":"` + time.Date(2026, 11, 20, hours, 0, 0, 0, time.UTC).Format(time.RFC3339) + `"`
}

func explanations(t *testing.T, cfg *config.Loaded, in io.Reader) (all []show.Because) {
	t.Helper()
	var out, errs bytes.Buffer
	if _, err := Run(Options{
		Config: cfg, Rules: pipeline.BuiltIn(), Version: "test", Input: pipeline.Input{Format: codec.Canonical},
		Time: time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC), JSON: true, Explain: true, In: in, Out: &out, Err: &errs,
	}); err != nil {
		t.Fatal(err)
	}
	for lines := json.NewDecoder(&out); ; {
		var line struct{ Explanation []show.Because }
		switch err := lines.Decode(&line); {
		case err == io.EOF:
			return all
		case err != nil:
			t.Fatal(err)
		case len(line.Explanation) == 0:
			t.Fatal("a line without an explanation")
		}
		all = append(all, line.Explanation...)
	}
}
