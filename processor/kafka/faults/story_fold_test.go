//go:build unix

package faults

import (
	"fmt"
	"strings"
	"testing"
)

// TestFold: stories by hand, and what has to become of each event: transition, whether it is billed (+), the word in
// the
// end.
func TestFold(t *testing.T) {
	const minute = int64(60_000_000)
	for name, c := range map[string]struct {
		untimed bool
		events  []event // of: which it repeats, from 1; occurred: in created, minutes
		want    string
	}{
		"to its end": {events: []event{{variety: videoPending, created: 1}, {variety: videoApproved, created: 2}},
			want: "FIRST ADVANCED+"},
		"again": {events: []event{{variety: videoPending, created: 1}, {of: 1}, {variety: videoApproved, created: 2},
			{of: 1},
			{of: 3}}, want: "FIRST repeated ADVANCED+ repeated repeated"},
		"the same anew": {events: []event{{variety: videoApproved, created: 1}, {variety: videoApproved, created: 2}},
			want: "FIRST+ UNCHANGED"},
		"late": {events: []event{{variety: videoApproved, created: 2}, {variety: videoPending, created: 1},
			{variety: videoPending, created: 3}, {variety: videoInconclusive, created: 1}},
			want: "FIRST+ LATE LATE LATE"},
		"reversed": {events: []event{{variety: videoApproved, created: 1}, {variety: videoInconclusive, created: 2},
			{variety: videoApproved, created: 3}}, want: "FIRST+ REVERSED+ REVERSED+"},
		"another attempt": {events: []event{{variety: videoApproved, created: 1}, {variety: videoPending, created: 2,
			attempt: 2},
			{variety: videoInconclusive, created: 3}, {variety: videoApproved, created: 4, attempt: 2}},
			want: "FIRST+ ADVANCED LATE+ ADVANCED+"},
		"too old to be charged": {events: []event{{variety: videoApproved, created: 1, attempt: 2},
			{variety: videoApproved, created: 2, attempt: 3}, {variety: videoApproved, created: 3, attempt: 1}},
			want: "FIRST+ ADVANCED+ LATE"},
		"reopened": {events: []event{{variety: caseInconsistent, created: 1}, {variety: casePending, created: 2},
			{variety: caseApproved, created: 3}}, want: "FIRST+ REOPENED ADVANCED+"},
		"back": {events: []event{{variety: caseInconsistent, created: 2}, {variety: casePending, created: 1}},
			want: "FIRST+ LATE"},
		"without times": {untimed: true, events: []event{{variety: caseInconsistent}, {variety: casePending},
			{variety: caseDeclined}, {variety: casePending}, {variety: caseApproved}},
			want: "FIRST+ REOPENED ADVANCED+ LATE REVERSED+"},
		"a reject": {events: []event{{variety: videoPending, created: 1}, {variety: brokenOff}, {variety: videoApproved,
			created: 2}}, want: "FIRST rejected ADVANCED+"},
	} {
		t.Run(name, func(t *testing.T) {
			for i := range c.events {
				e := &c.events[i]
				if e.of > 0 {
					*e = c.events[e.of-1]
				} else {
					e.of = int32(i)
				}
				e.n, e.timed, e.attempt = int32(i), !c.untimed, max(e.attempt, 1)
			}
			for i := range c.events {
				c.events[i].created *= minute * 1000
			}
			f := newFolder(c.events)
			var got []string
			for i := range c.events {
				told := f.take(&inputRecord{event: int32(i), offset: int64(i), timestamp: int64(i)})
				got = append(got, told.String())
			}
			if strings.Join(got, " ") != c.want {
				t.Errorf("got %s, want %s", strings.Join(got, " "), c.want)
			}
		})
	}
}

func (t fold) String() string {
	switch t.kind {
	case foldRepeated:
		return "repeated"
	case foldRejected:
		return "rejected"
	default:
		return fmt.Sprint(t.transition, map[bool]string{true: "+"}[t.bills])
	}
}
