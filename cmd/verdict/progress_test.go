package main

import (
	"bytes"
	"testing"
)

func TestProgressIsSilentWithoutATerminal(t *testing.T) {
	var out bytes.Buffer
	p := newProgress(&out, "x", 10)
	p.show(5)
	p.end()
	if out.Len() > 0 {
		t.Errorf("wrote %q", out.String())
	}
}
