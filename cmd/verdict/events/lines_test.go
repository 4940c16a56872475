package events

import (
	"errors"
	"io"
	"strings"
	"testing"
)

func TestLines(t *testing.T) {
	long := strings.Repeat("x", 3<<20)
	for text, want := range map[string][]string{
		"":               nil,
		"\n":             {""},
		"a":              {"a"},
		"a\n":            {"a"},
		"a\r\nb\r\n":     {"a", "b"},
		"a\n\n\nb":       {"a", "", "", "b"},
		"a\rb\n":         {"a\rb"},
		long + "\nb\n\n": {long, "b", ""},
	} {
		lines := NewReader(strings.NewReader(text))
		var got []string
		for {
			line, err := lines.Next()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, string(line))
		}
		if strings.Join(got, "\n") != strings.Join(want, "\n") || len(got) != len(want) {
			t.Errorf("%.20q: %d lines, want %d", text, len(got), len(want))
		}
	}
}

// Of a line above the bound no more than one byte above it is kept, and its length is that of the whole line.
func TestLongLines(t *testing.T) {
	const most = 70_000 // more than the reader's buffer
	for _, test := range []struct {
		length int
		end    string
		cut    bool
	}{
		{most, "\n", false}, {most, "\r\n", false}, {most, "", false}, {most + 1, "\n", true}, {most + 1, "\r\n", true},
		{most + 2, "\r", true}, {most * 50, "\n", true},
	} {
		lines := NewReader(strings.NewReader(strings.Repeat("x", test.length) + test.end + "y"))
		if test.end != "\n" && test.end != "\r\n" {
			lines = NewReader(strings.NewReader(strings.Repeat("x", test.length) + test.end))
		}
		lines.Most = most
		line, err := lines.Next()
		if err != nil || len(line) != min(test.length, most+1) || cap(line) > 2*most || lines.Length != test.length ||
			lines.Cut() != test.cut {
			t.Errorf("%d and %q: %d bytes kept in %d, length %d, cut %t, error %v", test.length, test.end, len(line),
				cap(line), lines.Length,
				lines.Cut(), err)
		}
	}
}
