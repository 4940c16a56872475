package screen

import (
	"bytes"
	"testing"
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
