package screen

import "testing"

func TestProvidersTextCannotSteerATerminal(t *testing.T) {
	if got := Pad("a\x1b[2Jb\u202e\n", 10); got != "a?[2Jb??  " {
		t.Errorf("%q", got)
	}
	if got := Pad("abcdefgh", 4); got != "abc…" {
		t.Errorf("%q", got)
	}
}
