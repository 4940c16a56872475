package transact_test

import (
	"testing"

	"verdict/processor/kafka/transact"
)

func TestMarks(t *testing.T) {
	note := transact.Note{Number: 12, Partitions: 6}
	for text, want := range map[string]transact.Mark{
		"":         {},
		"g-i-0":    {TransactionalID: "g-i-0"},
		"g i-0":    {TransactionalID: "g i-0"},
		"g 1-i-0":  {TransactionalID: "g 1-i-0"},
		"2;g-i-0":  {TransactionalID: "2;g-i-0"},
		"2;a;b;c":  {TransactionalID: "2;a;b;c"},
		"3;a;17;c": {TransactionalID: "3;a;17;c"},
		"g-i-0 12 6": {TransactionalID: "g-i-0",
			Note: note},
		"2;2026.11.0+3f9a2c;1764288000123;g-i-0": {Rules: "2026.11.0+3f9a2c", Time: 1764288000123,
			TransactionalID: "g-i-0"},
		"2;2026.11.0+3f9a2c;1764288000123;g;h-i-0 12 6": {Rules: "2026.11.0+3f9a2c", Time: 1764288000123,
			TransactionalID: "g;h-i-0", Note: note},
		"2;;1764288000123;g-state-tool 12 6": {Time: 1764288000123, TransactionalID: "g-state-tool", Note: note},
		"2;v;1764288000123;":                 {Rules: "v", Time: 1764288000123}, // at least once
	} {
		got := transact.ParseMark(text)
		if got != want {
			t.Errorf("%q is read as %+v, want %+v", text, got, want)
		}
		if again := transact.ParseMark(got.String()); got.Time > 0 && (again != got || got.String() != text) {
			t.Errorf("%q is written as %q", text, got.String())
		}
	}
}
