package rules

import (
	"math"
	"slices"
	"time"
)

// BillingRule gives the flag of the events that it matches; the first match counts.
type BillingRule struct {
	Name  string
	Flag  BillingFlag
	Basis string
	// From is the first moment of the events that the rule is for, and Until the first after them, both in whole
	// seconds and with the zone that they were written in. A zero time is no bound.
	From, Until time.Time
	// Conditions; an empty one matches all.
	Statuses   []string // status names (not aliases)
	RiskCodes  []int32
	Variants   []string // product_variant
	Accounts   []string // the provider's account that is invoiced
	MinAttempt int32    // 0: no bound
	MaxAttempt int32    // 0: no bound

	from, until int64 // the same as From and Until, as in Billed.At; 0: no bound
	otherwise   bool  // it is for what no other rule is for
	always      bool  // beside status and risk code it has no condition
}

// Billed is what a billing rule asks of an event beside its status and risk code.
type Billed struct {
	Variant, Account string
	Attempt          int32
	At               int64 // when it occurred, in microseconds since 1970 UTC
}

// compile prepares Matches.
func (b *BillingRule) compile() {
	if !b.From.IsZero() {
		b.from = b.From.UnixMicro()
	}
	if !b.Until.IsZero() {
		b.until = b.Until.UnixMicro()
	}
	b.always = !b.Dated() && len(b.Variants) == 0 && len(b.Accounts) == 0 && b.MinAttempt <= 1 && b.MaxAttempt == 0
}

// Dated says whether the rule is for the events of a time only.
func (b *BillingRule) Dated() bool { return !b.From.IsZero() || !b.Until.IsZero() }

// Matches says whether the rule holds for an event. Status and risk code were compared when the catalog was compiled.
func (b *BillingRule) Matches(e *Billed) bool {
	return b.always || b.matchesTime(e.At) && b.matchesAttempt(e.Attempt) &&
		isAmong(b.Variants, e.Variant) && isAmong(b.Accounts, e.Account)
}

func (b *BillingRule) matchesAttempt(n int32) bool {
	return n >= b.MinAttempt && (b.MaxAttempt == 0 || n <= b.MaxAttempt)
}

func (b *BillingRule) matchesTime(at int64) bool {
	return (b.from == 0 || at >= b.from) && (b.until == 0 || at < b.until)
}

// firstDate is the earlier of a moment and those at which the rule begins and ends; 0: neither is.
func (b *BillingRule) firstDate(first int64) int64 {
	for _, date := range [...]int64{b.from, b.until} {
		if date != 0 && (first == 0 || date < first) {
			first = date
		}
	}
	return first
}

// isAmong says whether a condition that lists texts holds.
func isAmong(texts []string, text string) bool {
	return len(texts) == 0 || slices.Contains(texts, text)
}

// span is the time of the events that the rule is for: from the first moment to the one after the last.
func (b *BillingRule) span() (from, until int64) {
	from, until = math.MinInt64, math.MaxInt64
	if b.from != 0 {
		from = b.from
	}
	if b.until != 0 {
		until = b.until
	}
	return from, until
}

// covered says whether earlier rules take all that b matches, at a place where all hold: one of them does, or several
// that differ in their dates and leave no time between them.
func (b *BillingRule) covered(earlier []*billingDraft) bool {
	taken, end := b.span() // what occurred before taken is none of b's
	for {
		reached := taken
		for _, e := range earlier {
			if from, until := e.span(); from <= taken && until > reached && e.coversButDates(b) {
				reached = until
			}
		}
		switch {
		case reached >= end:
			return true
		case reached == taken:
			return false
		}
		taken = reached
	}
}

// coversButDates says whether b matches all that other matches, if both are for events of all times.
func (b *BillingRule) coversButDates(other *BillingRule) bool {
	if b.MinAttempt > max(other.MinAttempt, 1) {
		return false
	}
	if b.MaxAttempt > 0 && (other.MaxAttempt == 0 || other.MaxAttempt > b.MaxAttempt) {
		return false
	}
	return containsAll(b.Variants, other.Variants) && containsAll(b.Accounts, other.Accounts)
}

// containsAll says whether a condition that lists texts holds wherever another one does.
func containsAll(texts, others []string) bool {
	if len(texts) == 0 {
		return true
	}
	for _, text := range others {
		if !slices.Contains(texts, text) {
			return false
		}
	}
	return len(others) > 0
}
