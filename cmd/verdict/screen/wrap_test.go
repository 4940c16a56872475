package screen

import (
	"strings"
	"testing"
)

func TestProse(t *testing.T) {
	const text = "A paragraph in\nlines of its own.\n\n  verdict demo     see what it does, in this very process\n\nThe end."
	want := "A paragraph in lines\nof its own.\n\n  verdict demo\n    see what it does,\n    in this very\n    process\n\nThe end."
	if got := Prose(text, 21); got != want {
		t.Errorf("%q", got)
	}
	want = "  verdict demo     see what it does, in\n                   this very process\n"
	if got := Prose(text, 40); !strings.Contains(got, want) {
		t.Errorf("%q, want %q in it", got, want)
	}
}

// A word that is wider than the screen is not broken: it may be an address.
func TestLongWordsStayWhole(t *testing.T) {
	const word = "https://registry.example/subjects"
	for _, got := range []string{Prose(word, 10), Hang("see "+word, 10), Wrap("see "+word, 10, "")} {
		if !strings.Contains(got, word) {
			t.Errorf("%q", got)
		}
	}
}

func TestPaintTakesNoColumns(t *testing.T) {
	p := Paint{on: true}
	if n := columnsOf(p.As(Bold, "ab") + "c" + p.As(Red, "")); n != 3 {
		t.Errorf("%d columns", n)
	}
	w := &wrapped{w: &strings.Builder{}, width: 10, hang: 4}
	_, _ = w.Write([]byte(p.As(Green, "ok") + "  one two three\n  in a list\n\n"))
	want := "\x1b[32mok\x1b[0m  one\n    two\n    three\n  in a\n    list\n\n"
	if got := w.w.(*strings.Builder).String(); got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
