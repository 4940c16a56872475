package diff

import (
	"cmp"
	"fmt"
	"hash/maphash"
	"slices"
	"time"

	"verdict/cmd/verdict/show"
	"verdict/processor"
	"verdict/rules"
)

// Flags that no decision has.
const (
	flagNone    = rules.BillingFlagUnspecified // no billing event
	flagUnknown = rules.BillingFlag(255)       // there may have been one, before what was read or taken since
)

// charge is what both sides say of a charge after the last event of it.
type charge struct {
	old, new  rules.BillingFlag
	of        uint16 // provider and product
	month     int16  // since year 0
	partition int32
	offset    int64 // of the last event that gave it a flag on either side
	at        int64 // when that was, in microseconds
}

// charges are those of which the sides say something else. Where a side's past is not known from a memory, it is all
// of them.
type charges struct {
	all       bool
	stateless bool // of a charge's records that of the latest event counts, else the last
	table     map[uint64]charge
	products  [][2]string // provider and product, by charge.of
	topic     string
	lines     bool // of a file
}

var seed = maphash.MakeSeed()

// chargeOf identifies the charge of a decision.
func chargeOf(d *processor.Decision) uint64 {
	return maphash.Comparable(seed, struct {
		provider, product, variant, verification string
		attempt                                  int32
	}{d.Provider, d.Product, d.ProductVariant, d.VerificationID, d.Attempt})
}

// take notes what a record has done to charges. With pastUnknown, the old side may have had a flag that is not known.
func (c *charges) take(r *processor.Record, was, is *said, s *sides, pastUnknown bool) {
	if is.billed {
		is.charge = chargeOf(is.decision)
		c.set(is.charge, is.decision, r, was, is, s, pastUnknown)
	}
	if !was.billed && (!was.billedUnknown || pastUnknown || !c.mayCount(was.charge)) {
		return
	}
	d := was.decision
	if s.old != nil {
		was.charge = chargeOf(d)
	}
	if !is.billed || is.charge != was.charge {
		c.set(was.charge, d, r, was, is, s, pastUnknown)
	}
}

// set notes the flags of one charge, that of d.
func (c *charges) set(id uint64, d *processor.Decision, r *processor.Record, was, is *said, s *sides,
	pastUnknown bool) {
	old, now, oldKnown, nowKnown := s.flags(id, d, was, is)
	at, month := d.OccurredAt, monthOf(d.OccurredAt)
	if s.old == nil && d == was.decision { // of what is published only the month is known
		at, month = r.Timestamp*1000, was.month
	}
	e, there := c.table[id]
	switch {
	case !there && !c.all && oldKnown && nowKnown && old == now:
		return
	case !there:
		e = charge{of: c.product(d)}
		if pastUnknown && s.old == nil {
			e.old = flagUnknown
		}
	case c.stateless && at <= e.at:
		return
	}
	if was.billedUnknown && id == was.charge && c.mayCount(id) {
		e.old = flagUnknown
	}
	if oldKnown {
		e.old = old
	}
	if nowKnown {
		e.new = now
	}
	e.month, e.at = month, at
	e.partition, e.offset = r.Partition, r.Offset
	c.table[id] = e
	c.topic = r.Topic
}

// flags are those that the sides give a charge, that of d, by a record, or remember of it; false: none.
func (s *sides) flags(id uint64, d *processor.Decision, was, is *said) (
	old, now rules.BillingFlag, oldKnown, nowKnown bool,
) {
	old, oldKnown = flagOf(was, id)
	now, nowKnown = flagOf(is, id)
	if !oldKnown && s.old != nil {
		old, oldKnown = flagIn(&s.oldResult, &s.newResult, d)
	}
	if !nowKnown && s.newResult.Decision != nil {
		// What is published does not say all that finds a charge in a memory; the new side's decision does.
		of := d
		if s.old == nil {
			of = s.newResult.Decision
		}
		now, nowKnown = flagIn(&s.newResult, &s.oldResult, of)
	}
	return old, now, oldKnown, nowKnown
}

// mayCount says whether a billing event of a charge that was not found may have counted: where one of it was found,
// so are those that came after it, and with state the latest counts.
func (c *charges) mayCount(id uint64) bool { return c.stateless || c.table[id].old == flagNone }

// monthOf is the month of a time in microseconds, in UTC, counted from year 0.
func monthOf(micros int64) int16 {
	at := time.UnixMicro(micros).UTC()
	return int16(at.Year()*12 + int(at.Month()) - 1)
}

// flagOf is the flag that a side has published for a charge by a record; false: none.
func flagOf(side *said, id uint64) (rules.BillingFlag, bool) {
	if !side.billed || side.charge != id {
		return flagNone, false
	}
	return side.decision.Billing.Flag, true
}

// flagIn is the flag that a side remembers of a decision's charge; false: none. Both sides' results are about the same
// verification, or the memory of the one does not say.
func flagIn(res, other *processor.Result, d *processor.Decision) (rules.BillingFlag, bool) {
	if !res.Followed || other.Followed && res.Key != other.Key {
		return flagNone, false
	}
	kept := res.Memory.ChargeOf(d)
	if kept == nil {
		return flagNone, false
	}
	return kept.Flag, true
}

func (c *charges) product(d *processor.Decision) uint16 {
	names := [2]string{d.Provider, d.Product}
	i := slices.Index(c.products, names)
	if i < 0 {
		i = len(c.products)
		c.products = append(c.products, names)
	}
	return uint16(i)
}

// fill writes the charges whose flag is another one into a report.
func (c *charges) fill(report *show.Diff) {
	type key struct {
		of       uint16
		month    int16
		old, new rules.BillingFlag
	}
	counted := map[key][]charge{}
	totals := map[key]int{}
	report.Charges = []show.DiffCharge{}
	for _, e := range c.table {
		if e.old == e.new {
			continue
		}
		if e.old == flagUnknown {
			report.Published.ChargesUnknown++
			continue
		}
		k := key{e.of, e.month, e.old, e.new}
		totals[k]++
		counted[k] = keepFirst(counted[k], e)
	}
	for k, n := range totals {
		report.ChargesDiffer += n
		row := show.DiffCharge{
			Provider: c.products[k.of][0], Product: c.products[k.of][1],
			Month: fmt.Sprintf("%04d-%02d", k.month/12, k.month%12+1),
			Old:   flagText(k.old), New: flagText(k.new), Effect: effectOf(k.old, k.new), Count: n,
		}
		for _, e := range counted[k] {
			row.Examples = append(row.Examples, show.DiffExample{Topic: c.topic, Partition: e.partition,
				Offset: e.offset, Line: c.lines})
		}
		report.Charges = append(report.Charges, row)
	}
	slices.SortFunc(report.Charges, func(a, b show.DiffCharge) int {
		return cmp.Or(cmp.Compare(a.Provider, b.Provider), cmp.Compare(a.Product, b.Product),
			cmp.Compare(a.Month, b.Month), cmp.Compare(a.Old, b.Old), cmp.Compare(a.New, b.New))
	})
}

// keepFirst keeps the first few charges by where they are.
func keepFirst(list []charge, e charge) []charge {
	at, _ := slices.BinarySearchFunc(list, e, func(a, b charge) int {
		return cmp.Or(cmp.Compare(a.partition, b.partition), cmp.Compare(a.offset, b.offset))
	})
	if at >= mostExamples {
		return list
	}
	list = slices.Insert(list, at, e)
	return list[:min(len(list), mostExamples)]
}

func flagText(f rules.BillingFlag) string {
	if f == flagNone {
		return "NONE"
	}
	return f.String()
}

// effectOf says what a change of a charge's flag does to the bill.
func effectOf(old, now rules.BillingFlag) string {
	switch {
	case now == rules.BillingFlagBillable:
		return "became charged"
	case old == rules.BillingFlagBillable && now == rules.BillingFlagUndetermined:
		return "no longer charged for certain"
	case old == rules.BillingFlagBillable:
		return "no longer charged"
	case now == rules.BillingFlagUndetermined:
		return "became undetermined"
	case old == rules.BillingFlagUndetermined:
		return "no longer undetermined"
	}
	return "not charged before either"
}
