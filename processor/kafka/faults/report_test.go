//go:build unix

package faults

import (
	"fmt"
	"strings"
)

// wrong is a way in which an observation can break the promise.
type wrong int

const (
	lost wrong = iota
	duplicated
	notRemovable
	reordered
	billingMissing
	billingOrphan
	riskMissing
	riskOrphan
	undone
	ahead
	behind
	abortedVisible
	hidden
	stillOpen
	altered
	otherBytes
	unsent
	repeatDecided
	otherPlace
	chargedAgain
	tableMissing
	tableOrphan
	lateMoved
	tableBehind
	stateMissing
	stateOrphan
	stateDiffers
	stateUnread
	positionDiffers
	overdueTwice
	overdueAnswered
	overdueMissed
	overdueOrphan
	strange
	wrongInput
	numWrongs
)

var wrongNames = [numWrongs]string{
	"lost: neither decision nor dead letter", "duplicated", "repetitions that decision_id does not remove",
	"reordered per key",
	"decisions without their billing event", "billing events without their decision",
	"decisions without their risk event",
	"risk events without their decision", "offsets past undone work", "done work past the offsets",
	"partitions not read to their end",
	"records of aborted transactions visible", "committed records not visible", "transactions still open",
	"outputs that do not say what their event calls for", "dead letters with other bytes than their record",
	"records of producers' aborted transactions read",
	"repetitions decided again", "decisions with another place in their story",
	"billing events without new facts",
	"words that the table has not had", "table records without their decision",
	"late or unchanged events in the table", "verifications whose table record is not their word",
	"verifications that the changelog lacks", "changelog records of no verification",
	"verifications that the changelog has otherwise", "changelog records that cannot be read",
	"position records that are not the group's offset",
	"overdue notices told twice", "overdue notices though answered in time",
	"overdue words not told", "overdue notices of no word",
	"records that should not be there",
	"faults of the suite's own input",
}

func (w wrong) String() string { return wrongNames[w] }

var (
	missing = map[output]wrong{billing: billingMissing, risk: riskMissing, table: tableMissing}
	orphans = map[output]wrong{billing: billingOrphan, risk: riskOrphan, table: tableOrphan}
)

// report is what check found.
type report struct {
	promise      promise
	sent         int
	read         [numOutputs]int
	repeated     int // records that are there again, of which nothing is published
	stories      int // verifications in the changelog
	removable    int // repetitions that decision_id removes (dead letters: the coordinates)
	transactions int // commit markers in the outputs
	aborted      int // records of aborted transactions in the logs

	count    [numWrongs]int
	evidence [numWrongs][]string // the first few of each
}

const maxEvidence = 5

func (r *report) add(w wrong, format string, args ...any) {
	r.count[w]++
	if len(r.evidence[w]) < maxEvidence {
		r.evidence[w] = append(r.evidence[w], fmt.Sprintf(format, args...))
	}
}

// ok says whether nothing is wrong.
func (r *report) ok() bool { return r.count == [numWrongs]int{} }

// table is the report for people.
func (r *report) table() string {
	var b strings.Builder
	row := func(name string, n int) { fmt.Fprintf(&b, "  %-52s %9d\n", name, n) }
	row("raw records", r.sent)
	for o := range numOutputs {
		row(o.String()+" (read committed)", r.read[o])
	}
	if r.promise.atLeastOnce {
		row("repetitions that decision_id removes", r.removable)
	} else {
		row("repetitions, counted", r.repeated)
		row("verifications in the changelog", r.stories)
		row("commit markers in the outputs", r.transactions)
		row("records of aborted transactions in the logs", r.aborted)
	}
	b.WriteString("  " + strings.Repeat("-", 62) + "\n")
	for w := range numWrongs {
		row(w.String(), r.count[w])
		for _, text := range r.evidence[w] {
			fmt.Fprintf(&b, "      %s\n", text)
		}
	}
	return b.String()
}
