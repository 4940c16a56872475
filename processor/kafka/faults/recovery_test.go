//go:build unix

package faults

import (
	"fmt"
	"strings"
	"time"
)

// recovery is how long one fault kept decisions back.
type recovery struct {
	fault       string
	first, last time.Duration // until decisions came from the first of the partitions concerned, and from the last
	away        time.Duration // part of it in which nobody could have gone on
	limit       time.Duration // of last without away
	bound       string        // what bounds it
	err         error
}

func (r *recovery) failed() bool { return r.err != nil || r.last-r.away > r.limit }

func recoveryTable(rows []recovery) string {
	var b strings.Builder
	fmt.Fprintf(&b, "  %-26s %8s %8s %8s %8s  %s\n", "fault", "away", "first", "all", "limit", "bounded by")
	for _, r := range rows {
		mark := ""
		if r.failed() {
			mark = "  <-- FAILED"
		}
		first, last := fmt.Sprintf("%.1fs", r.first.Seconds()), fmt.Sprintf("%.1fs", r.last.Seconds())
		if r.err != nil {
			first, last = "-", "never"
		}
		fmt.Fprintf(&b, "  %-26s %7.1fs %8s %8s %7.0fs  %s%s\n", r.fault, r.away.Seconds(), first, last,
			r.limit.Seconds(), r.bound, mark)
	}
	return b.String()
}
