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

func TestSqueeze(t *testing.T) {
	for width, want := range map[int]string{18: "fourthline-docauth", 12: "fourth…cauth", 5: "fo…th"} {
		if got := Squeeze("fourthline-docauth", width); got != want {
			t.Errorf("%d columns: %q, want %q", width, got, want)
		}
	}
}
