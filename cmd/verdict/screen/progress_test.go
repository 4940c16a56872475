package screen

import (
	"bytes"
	"testing"
	"time"
)

func TestProgressIsSilentWithoutATerminal(t *testing.T) {
	var out bytes.Buffer
	p := NewProgress(&out, "x", 10)
	p.Show(5)
	p.End()
	if out.Len() > 0 {
		t.Errorf("wrote %q", out.String())
	}
}

func TestProgressLines(t *testing.T) {
	for total, want := range map[int]string{
		10: "publish    [###############...............]  50 %          5/s",
		5:  "publish    [##############################] 100 %          5/s",
		0:  "publish               5          5/s",
	} {
		if got := NewProgress(&bytes.Buffer{}, "publish", total).line(5, time.Second); got != want {
			t.Errorf("of %d: %q, not %q", total, got, want)
		}
	}
}
