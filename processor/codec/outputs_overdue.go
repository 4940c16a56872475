package codec

import "verdict/processor"

// An overdue notice in both formats, in the order of its schema's fields.

func (b avroBytes) overdueNotice(d *processor.Decision) avroBytes {
	o := &d.Overdue
	b = b.id(o.ID)
	b = b.who(d)
	b = b.id(d.ID)
	b = b.long(o.Sequence)
	b = b.long(o.Since)
	b = b.long(o.Deadline)
	b = b.text(o.Basis)
	b = append(b, symbol(o.Action))
	b = b.text(d.RulesVersion)
	b = b.source(d)
	return b.metadata(d)
}

func (w *jsonWriter) overdueNotice(d *processor.Decision) {
	o := &d.Overdue
	w.id(`{"overdue_id":"`, o.ID)
	w.who(d)
	w.id(`,"decision_id":"`, d.ID)
	w.int(`,"sequence":`, o.Sequence)
	w.time(`,"since":"`, o.Since)
	w.time(`,"deadline":"`, o.Deadline)
	w.text(`,"overdue_basis":`, o.Basis)
	w.symbol(`,"action":"`, o.Action.String())
	w.text(`,"rules_version":`, d.RulesVersion)
	w.source(d)
	w.metadata(d)
}
