package demo

import (
	"strings"
	"testing"
)

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
