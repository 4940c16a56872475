package main

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"verdict/rules"
)

// TestDemoLeavesNothingBehind: cluster, registry, server and runner all end, and no goroutine stays.
func TestDemoLeavesNothingBehind(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	var out, errs strings.Builder
	if code := run([]string{"demo", "--once"}, streams{strings.NewReader(""), &out, &errs}); code != exitOK {
		t.Fatalf("exit code %d\n%s%s", code, out.String(), errs.String())
	}
	if errs.Len() > 0 {
		t.Errorf("stderr: %s", errs.String())
	}
}

// TestShownInOrder: the output topics are read side by side, the lines come in the order of the input.
func TestShownInOrder(t *testing.T) {
	var out strings.Builder
	w := &watcher{out: &out, early: map[int64]string{}, head: true}
	for _, offset := range []int64{2, 0, 1, 4, 5, 3} {
		w.show(offset, string(rune('a'+offset)))
	}
	if got := strings.ReplaceAll(out.String(), "\n", ""); got != "abcdef" {
		t.Errorf("%q", got)
	}
}

// TestSamplesShowEverything: the samples are the first thing that a person sees.
func TestSamplesShowEverything(t *testing.T) {
	events, err := sampleEvents()
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, line := range events {
		var e generatedEvent
		if json.Unmarshal(line.value, &e) == nil {
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

func TestLinesFitOnAScreen(t *testing.T) {
	d, err := parseDecision([]byte(`{"provider":"fourthline","product":"document_authentication","provider_status":"inconsistent_data_of_some_new_kind",
		"outcome":"RESUBMISSION_REQUIRED","category":"DOCUMENT_CAPTURE","reasons":[{"code":"3600"},{"code":"3601"}],"risk":{"code":500},
		"billing":{"flag":"NOT_BILLABLE"},"retry":{"advice":"RETRY_WITH_CHANGES"}}`))
	if err != nil {
		t.Fatal(err)
	}
	rejected := "the value has the shape of none of the formats: canonical (provider); yousign (data.identity_video)"
	for _, width := range []int{lineWidth, 99, 82, 80, 75, 60, 56} {
		c := columnsFor(width)
		for _, text := range []string{
			d.line(rules.Embedded(), paint{}, c), c.head(), deadLetterLine("offset 123456", "unknown_vocabulary", rejected, paint{}, c),
		} {
			for line := range strings.SplitSeq(text, "\n") {
				if n := len([]rune(line)); n > width {
					t.Errorf("%d columns, there are %d: %s", n, width, line)
				}
			}
		}
	}
}

// TestNarrowLines: the outcome and the advice are always there, whole.
func TestNarrowLines(t *testing.T) {
	for width, want := range map[int]string{
		200: "VOCABULARY         STATUS/RISK CODES        OUTCOME      CATEGORY         BILLING      RETRY",
		80:  "VOCABULARY         STATUS/RISK CODES      OUTCOME      BILLING      RETRY",
		60:  "VOCABULARY      STATUS/RISK CODES  OUTCOME      RETRY",
		10:  "VOCABULARY STATUS/RISK CODES  OUTCOME      RETRY",
	} {
		if got := columnsFor(width).head(); got != want {
			t.Errorf("%d columns: %q, want %q", width, got, want)
		}
	}
}
