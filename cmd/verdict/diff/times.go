package diff

import (
	"time"

	"verdict/cmd/verdict/show"
	"verdict/processor"
)

// times are those that the events' prices go by: a billing rule for a later time shows nothing of itself here.
type times struct {
	last    map[product]int64 // of all decided events, in microseconds
	undated int               // events with no time of their own
	ahead   int               // events whose time is too far ahead of their records' to be believed
}

// product is a provider's, which has a vocabulary of its own.
type product struct{ provider, product string }

// take notes when an event was, by a side that decides it by rules. What is published keeps no time.
func (t *times) take(was, is *said, oldDecides bool) {
	d := is.decision
	if d == nil && oldDecides {
		d = was.decision
	}
	if d == nil {
		return
	}
	of := product{d.Provider, d.Product}
	t.last[of] = max(t.last[of], d.PricedAt)
	switch {
	case d.OccurredAtSource == processor.OccurredAtSourceRecord:
		t.undated++
	case d.TooFarAhead():
		t.ahead++
	}
}

// fillTimes writes into a report when the events were, and which of the new billing rules are for later ones.
func (c *comparison) fillTimes(report *show.Diff) {
	report.Times.Undated, report.Times.Ahead = c.times.undated, c.times.ahead
	report.Times.LaterRules = []show.DiffLater{}
	switch {
	case c.Topic != "":
		report.Times.DatedBy = "by the times of their records"
	case c.Time.Equal(c.Now):
		report.Times.DatedBy = "by the clock, " + stamp(c.Time) + ": --at dates them otherwise"
	default:
		report.Times.DatedBy = "by --at, " + stamp(c.Time)
	}
	if len(c.times.last) == 0 {
		return
	}
	for _, v := range c.New.Catalog.Vocabularies() {
		last, some := c.times.last[product{v.Provider, v.Product}]
		for i := range v.Billing {
			b := &v.Billing[i]
			if b.From.IsZero() || some && b.From.UnixMicro() <= last {
				continue
			}
			later := show.DiffLater{Basis: b.Basis, From: b.From.Format(time.RFC3339), Place: placeOf(c.New, b.Basis)}
			if some {
				later.Last = stamp(time.UnixMicro(last))
			}
			report.Times.LaterRules = append(report.Times.LaterRules, later)
		}
	}
}
