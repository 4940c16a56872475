package show

import (
	"strconv"

	"verdict/processor"
)

// Line is one line of the input, and what became of it.
type Line struct {
	Number int // from 1
	Result *processor.Result
	Unread Unread

	// Before is what was known of its verification; only where Result.Followed.
	Before *processor.Memory
	// Repeats is the line whose decision this one repeats; 0: none of these.
	Repeats int
}

func (l *Line) name() string { return "line " + strconv.Itoa(l.Number) }
