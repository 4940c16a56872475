package show

import (
	"strings"
	"testing"
)

// TestEverySymbolHasWords: a new symbol needs one line of words, which tables of the docs and of the screen have room
// for.
func TestEverySymbolHasWords(t *testing.T) {
	const room = 78
	for _, e := range Enums() {
		if len(e.Symbols) == 0 {
			t.Errorf("%s has no symbols", e.Name)
		}
		told := map[string]string{}
		for _, s := range e.Symbols {
			if s.Words == "" || len(s.Words) > room || strings.ContainsAny(s.Words, "|\n") || strings.HasSuffix(s.Words, ".") {
				t.Errorf("%s %s: %q is no short line", e.Name, s.Name, s.Words)
			}
			if other := told[s.Words]; other != "" {
				t.Errorf("%s %s and %s: %q says the same of both", e.Name, other, s.Name, s.Words)
			}
			told[s.Words] = s.Name
		}
	}
}
