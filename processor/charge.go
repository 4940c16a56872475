package processor

import "verdict/rules"

// charge keeps the charge of the event's attempt, and says whether its facts are new. That does not depend on the whole
// story: an event that is LATE there may still decide the charge of its own attempt.
func (f *fold) charge(placed Effects) (bill, lost bool) {
	if !f.d.Charges() || placed.Forgotten {
		return false, false
	}
	next := Charge{Variant: variantOf(f.d), Facts: factsOf(f.name, f.d), Flag: f.d.Billing.Flag,
		FlagSince: f.d.PricedAt, Standing: f.standing}
	f.d.FlagSince = next.FlagSince
	kept := f.m.ChargeOf(f.d)
	if kept == nil {
		return f.m.keep(&next)
	}
	f.why.Decides, f.why.ChargeBy = next.counts(kept)
	// What led to the current word decides no charge that an end has decided: it says what was before.
	if f.stepBack && kept.Ended {
		f.why.Decides, f.why.ChargeBy = false, PrecedenceFlow
	}
	if next.saysTheSame(kept) && f.hasDates(&next, kept) {
		if f.reprices(&next, kept) {
			return true, false
		}
	} else if next.Flag == kept.Flag {
		next.FlagSince = kept.FlagSince
	}
	if !f.why.Decides {
		return false, false
	}
	f.d.FlagSince = next.FlagSince
	bill = next.differs(kept)
	if !bill {
		next.keepTime(&kept.Standing)
	}
	*kept = next
	return bill, false
}

// ChargeOf finds what is remembered of the charge of a decision's attempt; nil: nothing is.
func (m *Memory) ChargeOf(d *Decision) *Charge {
	variant := variantOf(d)
	for i := range m.Charges[:m.NumCharges] {
		if kept := &m.Charges[i]; kept.Attempt == d.Attempt && kept.Variant == variant {
			return kept
		}
	}
	return nil
}

// keep remembers a charge that is new. Where there is no room, that of the lowest attempt goes, of several the one
// known the longest; if none is of a lower attempt, this one was forgotten or never known: which of the two cannot be
// told, and nothing is charged for it.
func (m *Memory) keep(c *Charge) (bill, lost bool) {
	if m.NumCharges == KeptCharges && m.Charges[KeptCharges-1].Attempt >= c.Attempt {
		return false, true
	}
	at := 0
	for at < int(m.NumCharges) && m.Charges[at].Attempt > c.Attempt {
		at++
	}
	m.NumCharges = min(m.NumCharges+1, KeptCharges)
	copy(m.Charges[at+1:], m.Charges[at:])
	m.Charges[at] = *c
	return true, false
}

// counts is that of two ends of one attempt, about its charge. An unrecognized status decides it only until an end is
// known.
func (c *Charge) counts(kept *Charge) (over bool, by Precedence) {
	if c.Ended != kept.Ended {
		return c.Ended, PrecedenceEnd
	}
	return c.Standing.counts(&kept.Standing)
}

// reprices settles which of two ends that say the same gives the charge its flag, and since when: the one that occurred
// first, as what is said again of an end, months later perhaps, is no other charge. At an equal price, too, the time of
// the first is kept: one that comes later, and occurred in between at another price, does not count. It says whether
// there is a charge to publish though what is known decides it: the price of an end that has come late is another.
func (f *fold) reprices(next, kept *Charge) bool {
	if !next.Timed || next.FlagSince >= f.pricedAt(kept) {
		next.Flag, next.FlagSince = kept.Flag, kept.FlagSince
		return false
	}
	if next.Flag == kept.Flag { // which what was said before may have had earlier still
		next.FlagSince = min(next.FlagSince, kept.FlagSince)
	}
	if f.why.Decides {
		return false
	}
	other := next.Flag != kept.Flag
	kept.Flag, kept.FlagSince = next.Flag, next.FlagSince
	return other
}

// pricedAt is when the first end occurred that said what the charge says, and which f says again. That is since when it
// has its flag, unless it has taken that over from an end that said something else: then the price of that time is
// another. The first is not remembered there, and the latest is taken for it.
func (f *fold) pricedAt(kept *Charge) int64 {
	if bill(f.rule(), f.e, f.d, kept.FlagSince).Flag == kept.Flag {
		return kept.FlagSince
	}
	return kept.OccurredAt
}

// hasDates says whether the price of what both say depends on when it occurred, as far as they do: a date that is still
// to come changes nothing. Where it does not, another flag for the same comes from other rules, which go for what comes
// from then on.
func (f *fold) hasDates(next, kept *Charge) bool {
	if f.status == nil {
		return false
	}
	first := f.rule().FirstDate
	return first != 0 && first <= max(next.FlagSince, kept.FlagSince, kept.OccurredAt)
}

// rule is that of the status, which the vocabulary has, and the risk code.
func (f *fold) rule() *rules.Rule { return f.status.RuleWith(f.d.Risk.Code, f.d.HasRisk) }

// saysTheSame says whether the facts are the same but for the flag, which then is another price.
func (c *Charge) saysTheSame(kept *Charge) bool {
	return c.Outcome == kept.Outcome && c.Facts == kept.Facts
}

// differs says whether the charge says something else. Codes and anomalies are none of its facts.
func (c *Charge) differs(kept *Charge) bool {
	return c.Flag != kept.Flag || !c.saysTheSame(kept)
}
