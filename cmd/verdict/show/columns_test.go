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
				rejected, screen.Paint{}, c),
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
		if got := columnsFor(min(width, screen.LineWidth), false).Head(); got != want {
			t.Errorf("%d columns: %q, want %q", width, got, want)
		}
	}
}

// TestNarrowLinesWithID: at 80 columns all but the category is there.
func TestNarrowLinesWithID(t *testing.T) {
	for width, want := range map[int]string{
		114: "VERIFICATION  VOCABULARY         STATUS/RISK CODES        OUTCOME      CATEGORY         BILLING      RETRY",
		97:  "VERIFICATION  VOCABULARY         STATUS/RISK CODES        OUTCOME      BILLING      RETRY",
		80:  "VERIFICA… VOCABULARY   STATUS/RISK CODES  OUTCOME      BILLING      RETRY",
		60:  "VERIFICA… VOCABULARY STATUS/RISK CODES  OUTCOME      RETRY",
	} {
		if got := columnsFor(width, true).Head(); got != want {
			t.Errorf("%d columns: %q, want %q", width, got, want)
		}
	}
}
