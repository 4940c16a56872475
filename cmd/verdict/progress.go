package main

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// progress is a bar on a terminal; elsewhere it is silent.
type progress struct {
	w     io.Writer
	what  string
	total int
	start time.Time
	next  time.Time // when to draw again
	shown bool
}

const progressWidth = 30

func newProgress(w io.Writer, what string, total int) *progress {
	p := &progress{w: w, what: what, total: max(total, 1), start: time.Now()}
	if !isTerminal(w) {
		p.w = nil
	}
	return p
}

// show draws the bar, ten times a second at most.
func (p *progress) show(done int) {
	now := time.Now()
	if p.w == nil || now.Before(p.next) {
		return
	}
	p.next, p.shown = now.Add(100*time.Millisecond), true
	full := progressWidth * min(done, p.total) / p.total
	rate := float64(done) / now.Sub(p.start).Seconds()
	fmt.Fprintf(p.w, "\r%-10s [%s%s] %3d %%  %9.0f/s", p.what, strings.Repeat("#", full), strings.Repeat(".", progressWidth-full),
		100*min(done, p.total)/p.total, rate)
}

// end wipes the bar away.
func (p *progress) end() {
	if p.shown {
		fmt.Fprint(p.w, "\r\x1b[K")
	}
}
