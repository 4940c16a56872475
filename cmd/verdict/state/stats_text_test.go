package state

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// Each partition has one line in each of the two tables, within 80 columns, however long its names and numbers are.
func TestStatsFitAScreen(t *testing.T) {
	offset, clock := int64(123_456_789_012), "2026-11-27T17:51:46.123Z"
	part := partStats{Partition: 1023, Offset: &offset, Keys: 12_345_678, Bytes: 4321 << 20, Log: 123_456_789_012,
		Position: &positionView{Offset: offset, Number: offset, Clock: &clock, Since: clock,
			Writer: "our-group-verdict-deployment-7c9d8f6b5-abcde-0"}}
	tool := part
	tool.Position = &positionView{Offset: 1, Number: 1, Clock: &clock, Writer: "our-group-state-tool"}
	topic := topicStats{RawTopic: "raw", Changelog: "log", Partitions: []partStats{part, tool}}
	var b strings.Builder
	if err := topic.write(&b, "our-group"); err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(b.String()) {
		if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > 80 {
			t.Errorf("a line has %d columns: %s", n, line)
		}
	}
	for _, part := range []string{"abcde-0\n", "  state-tool\n"} {
		if !strings.Contains(b.String(), part) {
			t.Errorf("%q is missing in\n%s", part, b.String())
		}
	}
	if n := strings.Count(b.String(), "\n"); n != 7 {
		t.Errorf("%d lines, want a head and two tables of 3", n)
	}
}
