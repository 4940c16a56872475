package screen

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestTable(t *testing.T) {
	var table Table
	table.Row("NAME", "MEANING")
	table.Row("one", "the first of all the numbers that people count with")
	table.Row("two", "", "more")
	table.Row("  3", "é")
	for width, want := range map[int]string{
		1000: "NAME  MEANING\none   the first of all the numbers that people count with\ntwo                                                        more\n  3   é\n",
		40: "NAME  MEANING\none   the first of all the numbers\n      that people count with\n" +
			"two                                 more\n  3   é\n",
	} {
		if got := table.text(width); got != want {
			t.Errorf("%d columns:\n%s\nwant\n%s", width, got, want)
		}
	}
}

// Where columns cannot be narrow enough, the last one goes below, and nothing is lost.
func TestNarrowTable(t *testing.T) {
	var table Table
	table.Row("STATUS", "OUTCOME", "MEANING")
	table.Row("inconsistent_data", "RESUBMISSION_REQUIRED", "the data has inconsistencies, which the person can mend")
	table.Row("new", "PENDING", "")
	got := table.text(45)
	want := "STATUS             OUTCOME\n    MEANING\ninconsistent_data  RESUBMISSION_REQUIRED\n" +
		"    the data has inconsistencies, which the\n    person can mend\nnew                PENDING\n"
	if got != want {
		t.Errorf("\n%s\nwant\n%s", got, want)
	}
	for line := range strings.SplitSeq(got, "\n") {
		if utf8.RuneCountInString(line) > 45 {
			t.Errorf("too wide: %s", line)
		}
	}
}

// Where words are too long for their columns, they are broken behind a stroke, and only where they must be.
func TestTableBreaksWords(t *testing.T) {
	var table Table
	table.Row("STATUS", "ENDED", "BILLING", "MEANING")
	table.Row("resubmission_requested", "no", "BILLABLE|UNDETERMINED", "")
	table.Row("completed", "yes", "BILLABLE", "it is over")
	for width, want := range map[int]string{
		52: "STATUS                  ENDED  BILLING\n    MEANING\n" +
			"resubmission_requested  no     BILLABLE|UNDETERMINED\ncompleted               yes    BILLABLE\n    it is over\n",
		51: "STATUS                 ENDED  BILLING\n    MEANING\n" +
			"resubmission_          no     BILLABLE|UNDETERMINED\nrequested\n" +
			"completed              yes    BILLABLE\n    it is over\n",
		36: "STATUS          ENDED  BILLING\n    MEANING\n" +
			"resubmission_   no     BILLABLE|\nrequested              UNDETERMINED\n" +
			"completed       yes    BILLABLE\n    it is over\n",
	} {
		if got := table.text(width); got != want {
			t.Errorf("%d columns:\n%s\nwant\n%s", width, got, want)
		}
	}
}

func TestSqueeze(t *testing.T) {
	for width, want := range map[int]string{18: "fourthline-docauth", 12: "fourth…cauth", 5: "fo…th"} {
		if got := Squeeze("fourthline-docauth", width); got != want {
			t.Errorf("%d columns: %q, want %q", width, got, want)
		}
	}
}

// TestNotes: a note takes no part in the columns' widths.
func TestNotes(t *testing.T) {
	var table Table
	table.Row("  CODE", "MEANING")
	table.Note(0, "")
	table.Note(0, "one series of codes")
	table.Row("  1", "good")
	table.Note(1, "and what it asks for")
	for width, want := range map[int]string{
		80: "  CODE  MEANING\n\none series of codes\n  1     good\n        and what it asks for\n",
		20: "  CODE  MEANING\n\none series of codes\n  1     good\n        and what it\n        asks for\n",
		12: "  CODE\n    MEANING\n\none series\nof codes\n  1\n    good\n        and\n        what\n        it\n        asks\n        for\n",
	} {
		if got := table.text(width); got != want {
			t.Errorf("%d columns:\n%s\nwant\n%s", width, got, want)
		}
	}
}
