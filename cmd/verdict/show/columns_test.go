package show

import (
	"strings"
	"testing"

	"verdict/cmd/verdict/screen"
	"verdict/rules"
)

func TestLinesFitOnAScreen(t *testing.T) {
	d, err := ParseDecision([]byte(`{"provider":"fourthline","product":"document_authentication","provider_status":"inconsistent_data_of_some_new_kind",
		"outcome":"RESUBMISSION_REQUIRED","category":"DOCUMENT_CAPTURE","reasons":[{"code":"3600"},{"code":"3601"}],"risk":{"code":500},
		"billing":{"flag":"NOT_BILLABLE"},"retry":{"advice":"RETRY_WITH_CHANGES"}}`))
	if err != nil {
		t.Fatal(err)
	}
	rejected := "the value has the shape of none of the formats: canonical (provider); yousign (data.identity_video)"
	for _, width := range []int{screen.LineWidth + 14, screen.LineWidth, 99, 82, 80, 75, 66, 60, 56} {
		c := columnsFor(width, width > 60)
		for _, text := range []string{
			d.Line(rules.Embedded(), screen.Paint{}, c), c.Head(), DeadLetterLine("v-1", "offset 123456", "unknown_vocabulary",
				rejected, screen.Paint{}, c), RepeatLine("v-1", "offset 123456", "of line 123456", screen.Paint{}, c),
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
		200: "VOCABULARY         STATUS/RISK CODES        OUTCOME      CATEGORY          BILLING      ADVICE",
		80:  "VOCABULARY         STATUS/RISK CODES      OUTCOME      BILLING      ADVICE",
		60:  "VOCABULARY      STATUS/RISK CODES  OUTCOME      ADVICE",
		10:  "VOCABULARY STATUS/RISK CODES  OUTCOME      ADVICE",
	} {
		if got := columnsFor(min(width, screen.LineWidth), false).Head(); got != want {
			t.Errorf("%d columns: %q, want %q", width, got, want)
		}
	}
}

// TestNarrowLinesWithID: the id is given up before what the event says.
func TestNarrowLinesWithID(t *testing.T) {
	for width, want := range map[int]string{
		114: "VERIFICATION  VOCABULARY         STATUS/RISK CODES        OUTCOME      CATEGORY          BILLING      ADVICE",
		97:  "VERIFICATION  VOCABULARY         STATUS/RISK CODES        OUTCOME      BILLING      ADVICE",
		86:  "VERIFICA… VOCABULARY         STATUS/RISK CODES  OUTCOME      BILLING      ADVICE",
		80:  "VOCABULARY         STATUS/RISK CODES      OUTCOME      BILLING      ADVICE",
		60:  "VOCABULARY      STATUS/RISK CODES  OUTCOME      ADVICE",
	} {
		if got := columnsFor(width, true).Head(); got != want {
			t.Errorf("%d columns: %q, want %q", width, got, want)
		}
	}
}

// TestNoCodeIsHidden: codes that have no room beside their status stand below it.
func TestNoCodeIsHidden(t *testing.T) {
	d, err := ParseDecision([]byte(`{"provider":"fourthline","product":"identity_verification","provider_status":"inconsistent_data",
		"environment":"SANDBOX","outcome":"RESUBMISSION_REQUIRED","reasons":[{"code":"3100"},{"code":"3204"},{"code":"3500"}],
		"retry":{"advice":"RETRY"}}`))
	if err != nil {
		t.Fatal(err)
	}
	got := d.Line(rules.Embedded(), screen.Paint{}, columnsFor(60, false))
	want := "fourthline-idv  inconsistent_data  RESUBMISSION retry\n                [sandbox] 3100, 3204, 3500"
	if got != want {
		t.Errorf("\n%s\nwant\n%s", got, want)
	}
}

// TestTransitionsShow: what is neither the first word nor the next step is named in the few columns of a terminal; a
// transition that tells an anomaly is no second note.
func TestTransitionsShow(t *testing.T) {
	for _, c := range []struct{ transition, previous, anomalies, want string }{
		{"FIRST", "", "", ""},
		{"ADVANCED", "p", "", ""},
		{"UNCHANGED", "p", "", "UNCHANGED: approved (line 3) says the same"},
		{"LATE", "p", "", "! LATE: approved (line 3) counts over it"},
		{"LATE", "", "", "! LATE: it is older than what is remembered"},
		{"REOPENED", "p", `"UNEXPECTED_TRANSITION"`, "! REOPENED: it goes on after approved (line 3)\n! unexpected transition"},
		{"REVERSED", "p", `"REVERSED"`, "! REVERSED: it takes back approved (line 3)"},
		{"UNEXPECTED", "p", `"UNEXPECTED_TRANSITION","KEY_MISMATCH"`,
			"! UNEXPECTED: no step leads to it from approved (line 3)\n! key mismatch"},
	} {
		d, err := ParseDecision([]byte(`{"provider":"yousign","product":"video","anomalies":[` + c.anomalies +
			`],"lifecycle":{"transition":"` + c.transition + `","previous":"` + c.previous + `"}}`))
		if err != nil {
			t.Fatal(err)
		}
		d.Follows = "approved (line 3)"
		columns := columnsFor(80, false)
		_, notes, _ := strings.Cut(d.Line(rules.Embedded(), screen.Paint{}, columns), "\n")
		indent := strings.Repeat(" ", columns.second())
		if got := strings.ReplaceAll(strings.TrimPrefix(notes, indent), "\n"+indent, "\n"); got != c.want {
			t.Errorf("%s: %q, want %q", c.transition, got, c.want)
		}
	}
}
