package diff

import (
	"time"

	"verdict/cmd/verdict/show"
	"verdict/processor"
)

// times are those of the events: a billing rule for a later time shows nothing of itself here.
type times struct {
	last    int64 // of all decided events, in microseconds; 0: there was none
	undated int   // events with no time of their own
}

// take notes when an event was, by a side that decides it by rules. What is published keeps no time.
func (t *times) take(was, is *said, oldDecides bool) {
	d := is.decision
	if d == nil && oldDecides {
		d = was.decision
	}
	if d == nil {
		return
	}
	t.last = max(t.last, d.OccurredAt)
	if d.OccurredAtSource == processor.OccurredAtSourceRecord {
		t.undated++
	}
}

// fillTimes writes into a report when the events were, and which of the new billing rules are for later ones.
func (c *comparison) fillTimes(report *show.Diff) {
	report.Times.Undated, report.Times.LaterRules = c.times.undated, []show.DiffLater{}
	switch {
	case c.Topic != "":
		report.Times.DatedBy = "by the times of their records"
	case c.Time.Equal(c.Now):
		report.Times.DatedBy = "by the clock, " + stamp(c.Time) + ": --at dates them otherwise"
	default:
		report.Times.DatedBy = "by --at, " + stamp(c.Time)
	}
	if c.times.last == 0 {
		return
	}
	last := time.UnixMicro(c.times.last)
	report.Times.Last = stamp(last)
	for _, v := range c.New.Catalog.Vocabularies() {
		for i := range v.Billing {
			if b := &v.Billing[i]; b.From.After(last) {
				report.Times.LaterRules = append(report.Times.LaterRules, show.DiffLater{Basis: b.Basis,
					From: b.From.Format(time.RFC3339), Place: placeOf(c.New, b.Basis)})
			}
		}
	}
}
