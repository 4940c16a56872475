package faults

import (
	"fmt"
	"iter"
	"maps"
	"slices"
	"unique"

	"verdict/processor"
)

const madeSeed = 77

// madeUp is a faultless observation of n events over two raw partitions, and what was sent.
func madeUp(n int) ([]event, *observation) { return made(n, promise{}) }

func made(n int, p promise) ([]event, *observation) {
	l := newLedger(madeSeed, 2)
	l.once = p.atLeastOnce
	l.slots = slices.Delete(l.slots, 5, len(l.slots)-5) // few at a time, so that each has several events
	o := &observation{committed: map[int32]int64{}, raw: rawView{fate: map[place]fate{}}}
	for range n {
		e := l.next()
		o.inputs = append(o.inputs, inputRecord{partition: e.partition, offset: o.committed[e.partition], event: e.n,
			timestamp: e.created/1e6 + int64(e.n)*700})
		o.committed[e.partition]++
	}
	events := l.all()
	c := &checker{seed: madeSeed, events: events, o: o, promise: p, report: &report{}, folds: make([]fold, n),
		now: newFolder(events), all: newFolder(events), position: map[int32]inputRecord{}, ids: map[int32]string{},
		bySource: map[rawPlace]int32{}, noticed: map[notice]bool{}}
	c.readInputs()
	c.foldInputs()
	for i := range events {
		c.publish(&events[i])
	}
	if !p.atLeastOnce {
		c.tellOverdue()
		c.remember()
	}
	return events, o
}

// publish writes what has to come out of an event.
func (c *checker) publish(e *event) {
	o, in, v, t := c.o, c.position[e.n], varieties[e.variety], &c.folds[e.n]
	switch t.kind {
	case foldRejected:
		o.write(deadLetters, outputRecord{event: e.n, key: e.verification(madeSeed), value: e.json(madeSeed),
			sourcePartition: in.partition, sourceOffset: in.offset})
		return
	case foldDecided:
	default:
		return
	}
	id := fmt.Sprintf("decision of %d", e.n)
	c.ids[e.n] = id
	r := outputRecord{event: -1, key: e.verification(madeSeed), decisionID: id,
		verification: unique.Make(e.verification(madeSeed)), attempt: e.attempt}
	o.write(decisions, r.as(decisions, e.key%3, func(r *outputRecord) {
		r.event, r.sourcePartition, r.sourceOffset = e.n, in.partition, in.offset
		r.lifecycle = lifecycle{Sequence: t.sequence, Transition: t.transition, Current: t.current}
		if before, known := c.ids[t.previous]; known && t.sequence > 1 {
			r.lifecycle.Previous = &before
		}
	}, &v))
	if t.moves {
		o.write(table, r.as(table, e.key%2, func(r *outputRecord) { r.key = e.tableKey(madeSeed) }, &v))
	}
	if t.bills {
		charge := fmt.Sprintf("charge of %d in %d", e.attempt, e.key)
		o.write(billing, r.as(billing, e.key%2, func(r *outputRecord) {
			r.key, r.chargeID, r.since = charge, charge, c.occurred(t.since)
		}, &v))
	}
	if v.risks {
		o.write(risk, r.as(risk, e.key%2, func(*outputRecord) {}, &v))
	}
}

// tellOverdue writes a notice of each word that was not answered in time, or not at all.
func (c *checker) tellOverdue() {
	c.o.until = 1 << 60
	for key := range c.all.keysInOrder() {
		for _, w := range c.all.stories[key].words {
			e := c.events[w.said]
			deadline := w.since + overdueAfter
			if e.variety != videoPending || w.ended && w.endedAt <= deadline {
				continue
			}
			c.noticed[notice{key, e.attempt, deadline}] = true
			c.o.write(overdue, outputRecord{event: -1, key: e.verification(madeSeed), partition: key % 2,
				attempt:    e.attempt,
				decisionID: c.ids[w.said], deadline: deadline * 1000})
		}
	}
}

func (f *folder) keysInOrder() iter.Seq[int32] {
	return slices.Values(slices.Sorted(maps.Keys(f.stories)))
}

// remember writes the changelog.
func (c *checker) remember() {
	view := &stateView{stored: map[stateKey]stored{}, positions: map[int32]cut{}}
	c.o.numbers = map[int32]int64{}
	for partition, offset := range c.o.committed {
		c.o.numbers[partition] = 9
		view.positions[partition] = cut{offset, 9}
	}
	for key, s := range c.now.stories {
		e, v := c.now.of(s.seen[0])
		view.stored[stateKey{e.partition, processor.KeyOf(v.provider, v.product, e.verification(madeSeed))}] =
			c.stored(key, s)
	}
	c.o.state = view
}

// as is the record as a topic has it.
func (r outputRecord) as(topic output, partition int32, change func(*outputRecord), v *variety) outputRecord {
	r.partition, r.says = partition, unique.Make(v.says(topic))
	change(&r)
	return r
}

// write appends a committed record.
func (o *observation) write(topic output, r outputRecord) {
	for _, before := range o.outputs[topic] {
		if before.partition == r.partition {
			r.offset = max(r.offset, before.offset+1)
		}
	}
	o.outputs[topic] = append(o.outputs[topic], r)
	o.raw.fate[place{topic, r.partition, r.offset}] = fateCommitted
}

// drop takes away the i-th record of a topic.
func (o *observation) drop(topic output, i int) {
	r := o.outputs[topic][i]
	o.outputs[topic] = slices.Delete(o.outputs[topic], i, i+1)
	delete(o.raw.fate, place{topic, r.partition, r.offset})
}

func again(o *observation, topic output, i int, change func(*outputRecord)) {
	r := o.outputs[topic][i]
	if change != nil {
		change(&r)
	}
	o.write(topic, r)
}

func (o *observation) fateOf(topic output, i int, f fate) {
	r := o.outputs[topic][i]
	o.raw.fate[place{topic, r.partition, r.offset}] = f
}

// billed is the index of a decision that has a billing event, or (false) of one that has none.
func (o *observation) billed(events []event, want bool) int {
	return slices.IndexFunc(o.outputs[decisions],
		func(r outputRecord) bool { return varieties[events[r.event].variety].ended == want })
}

func (o *observation) dropDecisionOnly(events []event) {
	i := o.billed(events, true)
	o.drop(decisions, i)
}

// swapOrder gives the place of a key's first record in a topic to its second, and the other way round.
func (o *observation) swapOrder(events []event, topic output) {
	first := map[int32]int{}
	for i, r := range o.outputs[topic] {
		key := o.about(events, &r).key
		if j, ok := first[key]; ok {
			a, b := &o.outputs[topic][j], &o.outputs[topic][i]
			a.offset, b.offset = b.offset, a.offset
			*a, *b = *b, *a
			return
		}
		first[key] = i
	}
}

// about is the event of a record.
func (o *observation) about(events []event, r *outputRecord) event {
	if r.event >= 0 {
		return events[r.event]
	}
	i := slices.IndexFunc(o.outputs[decisions], func(d outputRecord) bool { return d.decisionID == r.decisionID })
	return events[o.outputs[decisions][i].event]
}

// cross gives what the first record of a topic says to the next one that says something else, and the other way round.
func (o *observation) cross(topic output) {
	a := &o.outputs[topic][0]
	for i := range o.outputs[topic] {
		if b := &o.outputs[topic][i]; a.says != b.says {
			a.says, b.says = b.says, a.says
			return
		}
	}
}

// say changes what a record says.
func (o *observation) say(topic output, i int, change func(*content)) {
	r := &o.outputs[topic][i]
	c := r.says.Value()
	change(&c)
	r.says = unique.Make(c)
}

// moved has a topic's last record of a key that has several in a partition of its own.
func (o *observation) moved(events []event, topic output) {
	records := o.outputs[topic]
	for i := len(records) - 1; i >= 0; i-- {
		key := o.about(events, &records[i]).key
		if slices.ContainsFunc(records[:i], func(r outputRecord) bool { return o.about(events, &r).key == key }) {
			last := records[i]
			o.drop(topic, i)
			last.partition, last.offset = 17, 0
			o.write(topic, last)
			return
		}
	}
}

// unread puts the group's offset of partition 1 back before the last record that something came of.
func (o *observation) unread(events []event) {
	for _, in := range slices.Backward(o.inputs) {
		if in.partition == 1 && events[in.event].of == in.event {
			o.committed[1] = in.offset
			return
		}
	}
}

// forget takes away what follows from another wrong: a story that lacks a decision is not what it should be.
func forget(got map[wrong]bool, but []wrong) {
	for w := otherPlace; w < strange; w++ {
		if !slices.Contains(but, w) {
			delete(got, w)
		}
	}
}

// bill writes a billing event, in all else right, for a decision that calls for none.
func (o *observation) bill(events []event) {
	d := o.outputs[decisions][o.billed(events, false)]
	e := events[d.event]
	o.write(billing, d.as(billing, e.key%2, func(r *outputRecord) { r.key, r.chargeID = "charge", "charge" },
		&varieties[e.variety]))
}

func (o *observation) shareCharge() {
	a, b := &o.outputs[billing][0], &o.outputs[billing][1]
	for i := range o.outputs[billing] {
		if b.chargeID == a.chargeID {
			b = &o.outputs[billing][i]
		}
	}
	a.key, a.chargeID = b.key, b.chargeID
}

// sendTwice has one reject in place of another.
func (o *observation) sendTwice(events []event) {
	var rejects []*inputRecord
	for i := range o.inputs {
		if varieties[events[o.inputs[i].event].variety].rejected {
			rejects = append(rejects, &o.inputs[i])
		}
	}
	rejects[0].event = rejects[1].event
}

func (o *observation) shareID() {
	o.outputs[decisions][0].decisionID = o.outputs[decisions][1].decisionID
}

func found(r *report) map[wrong]bool {
	got := map[wrong]bool{}
	for w := range numWrongs {
		if r.count[w] > 0 {
			got[w] = true
		}
	}
	return got
}

func names(set map[wrong]bool) []string {
	var list []string
	for w := range set {
		list = append(list, w.String())
	}
	slices.Sort(list)
	return list
}
