package main

import (
	"errors"
	"io"
	"strings"
	"testing"
	"time"
)

func TestSizes(t *testing.T) {
	for text, want := range map[string]size{"0": 0, "1024": kib, "1KiB": kib, "3 MiB": 3 * mib, "1_000": 1000, "2GiB": 2 * gib} {
		if got, err := parseSize(text); err != nil || got != want {
			t.Errorf("%s: %d, %v; want %d", text, got, err, want)
		}
	}
	for _, text := range []string{"", "MiB", "1MB", "1.5MiB", "one", "9999999999999"} {
		if got, err := parseSize(text); err == nil {
			t.Errorf("%q: %d, want an error", text, got)
		}
	}
	for n, want := range map[size]string{0: "0", 1023: "1023", kib: "1KiB", 1536: "1536", 8 * mib: "8MiB"} {
		if n.String() != want {
			t.Errorf("%d: %s, want %s", int(n), n, want)
		}
	}
}

func TestDurationsAreShort(t *testing.T) {
	for d, want := range map[time.Duration]string{
		5 * time.Minute: "5m", time.Hour: "1h", 90 * time.Second: "1m30s", 100 * time.Millisecond: "100ms", 10 * time.Second: "10s",
	} {
		if got := formatDuration(d); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

func TestNearestName(t *testing.T) {
	names := []string{"kafka.brokers", "kafka.group", "topics.raw"}
	for wrong, want := range map[string]string{
		"kafka.broker": "; did you mean kafka.brokers?", "Kafka.Group": "; did you mean kafka.group?", "xyzzy": keysAre,
		"group": "; did you mean kafka.group?", "kafka.nope": keysAre, "kafka.x": keysAre, "": keysAre, "kafka.": keysAre,
	} {
		if got := suggestion(wrong, names, keysAre); got != want {
			t.Errorf("%s: %s, want %s", wrong, got, want)
		}
	}
}

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
		lines := newLineReader(strings.NewReader(text))
		var got []string
		for {
			line, err := lines.next()
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
		lines := newLineReader(strings.NewReader(strings.Repeat("x", test.length) + test.end + "y"))
		if test.end != "\n" && test.end != "\r\n" {
			lines = newLineReader(strings.NewReader(strings.Repeat("x", test.length) + test.end))
		}
		lines.most = most
		line, err := lines.next()
		if err != nil || len(line) != min(test.length, most+1) || cap(line) > 2*most || lines.length != test.length || lines.cut() != test.cut {
			t.Errorf("%d and %q: %d bytes kept in %d, length %d, cut %t, error %v", test.length, test.end, len(line), cap(line), lines.length,
				lines.cut(), err)
		}
	}
}

func TestProvidersTextCannotSteerATerminal(t *testing.T) {
	if got := pad("a\x1b[2Jb\u202e\n", 10); got != "a?[2Jb??  " {
		t.Errorf("%q", got)
	}
	if got := pad("abcdefgh", 4); got != "abc…" {
		t.Errorf("%q", got)
	}
}
