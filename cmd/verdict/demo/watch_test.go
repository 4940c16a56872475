package demo

import (
	"strings"
	"testing"

	"verdict/cmd/verdict/events"
)

// One event is not "1 events".
func TestIntroducesOneEvent(t *testing.T) {
	for file, want := range map[string]string{"": "\n1 sample event, read", "b.jsonl": "\n1 event of b.jsonl, read"} {
		var out strings.Builder
		d := &demo{Options: Options{Events: make([]events.Line, 1), File: file, Once: true, Out: &out}}
		d.introduce()
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in %s", want, out.String())
		}
	}
}

// TestShownInOrder: the output topics are read side by side, the lines come in the order of the input.
func TestShownInOrder(t *testing.T) {
	var out strings.Builder
	w := &watcher{out: &out, early: map[int64]entry{}, head: true, raw: 6}
	for _, offset := range []int64{2, 0, 1, 4, 5, 3} {
		w.show(offset, entry{line: string(rune('a' + offset))})
	}
	if got := strings.ReplaceAll(out.String(), "\n", ""); got != "abcdef" {
		t.Errorf("%q", got)
	}
}
