package screen

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// Progress is a bar on a terminal, or how much is done where the end is not known; elsewhere it is silent.
type Progress struct {
	w     io.Writer
	what  string
	total int // 0: the end is not known
	start time.Time
	next  time.Time // when to draw again
	shown bool
}

const progressWidth = 30

// NewProgress makes a bar for a task of so many steps; 0 is without end.
func NewProgress(w io.Writer, what string, total int) *Progress {
	p := &Progress{w: w, what: what, total: total, start: time.Now()}
	if !IsTerminal(w) {
		p.w = nil
	}
	return p
}

// Show draws the bar, ten times a second at most.
func (p *Progress) Show(done int) {
	now := time.Now()
	if p.w == nil || now.Before(p.next) {
		return
	}
	p.next, p.shown = now.Add(100*time.Millisecond), true
	fmt.Fprint(p.w, "\r"+p.line(done, now.Sub(p.start)))
}

func (p *Progress) line(done int, took time.Duration) string {
	rate := float64(done) / took.Seconds()
	if p.total == 0 {
		return fmt.Sprintf("%-10s %12d  %9.0f/s", p.what, done, rate)
	}
	full := progressWidth * min(done, p.total) / p.total
	return fmt.Sprintf("%-10s [%s%s] %3d %%  %9.0f/s", p.what, strings.Repeat("#", full),
		strings.Repeat(".", progressWidth-full), 100*min(done, p.total)/p.total, rate)
}

// End wipes the bar away.
func (p *Progress) End() {
	if p.shown {
		fmt.Fprint(p.w, "\r\x1b[K")
	}
}
