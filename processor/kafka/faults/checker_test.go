//go:build unix

package faults

import (
	"slices"
	"unique"
)

// observation is what was read back. Slices are in the order of partition and offset.
type observation struct {
	inputs    []inputRecord
	outputs   [numOutputs][]outputRecord // as a reader of committed records sees them
	committed map[int32]int64            // offsets of the group, by raw partition
	numbers   map[int32]int64            // with state: which transaction of the partition's each is of
	raw       rawView
	state     *stateView // what the changelog says; nil: there is no state
	until     int64      // ms: all that was overdue before has had its time to be told; 0: not asked

	removedBelow map[int32]int64 // offsets where raw partitions that were cut short begin
}

// inputRecord is one record of the raw topic.
type inputRecord struct {
	partition int32
	offset    int64
	event     int32 // -1: not one of the suite's
	timestamp int64 // ms; by the broker's clock when it was appended
	gone      bool  // removed before anybody read it
}

// output is a topic that Verdict writes.
type output int

const (
	decisions output = iota
	billing
	risk
	deadLetters
	table
	overdue
	numOutputs
)

func (o output) String() string {
	return [...]string{"decisions", "billing", "risk", "dead letters", "table", "overdue notices"}[o]
}

// outputRecord is one record that Verdict wrote.
type outputRecord struct {
	partition       int32
	offset          int64
	event           int32 // decisions and dead letters; -1: none of the suite's
	key             string
	decisionID      string                 // all but dead letters, as what follows
	says            unique.Handle[content] // interned, as there are few and many records
	verification    unique.Handle[string]
	attempt         int32
	lifecycle       lifecycle // decisions
	since           int64     // billing: flag_since, in microseconds since 1970
	deadline        int64     // overdue notices: likewise
	chargeID        string    // billing
	sourcePartition int32     // decisions and dead letters
	sourceOffset    int64
	value           []byte // dead letters
}

// promise is what the run had to keep.
type promise struct {
	atLeastOnce bool // duplicates are allowed, if decision_id removes them
	whileDown   bool // in the midst of a run, all instances being down: what is not committed yet need not be done
}

// check compares what was sent with what came out. It knows nothing of how Verdict works.
func check(seed uint64, events []event, o *observation, p promise) *report {
	c := &checker{seed: seed, events: events, o: o, promise: p, report: &report{promise: p},
		done: make([]int32, len(events)), folds: make([]fold, len(events)), now: newFolder(events),
		all:      newFolder(events),
		position: map[int32]inputRecord{}, bySource: map[rawPlace]int32{}, charged: map[string]attemptOf{}}
	c.readInputs()
	c.foldInputs()
	c.readDecisions()
	c.readDeadLetters()
	c.compareOffsets()
	c.follow(billing, func(n int32) bool { return c.folds[n].bills })
	c.follow(risk, func(n int32) bool { return c.folds[n].kind == foldDecided && varieties[events[n].variety].risks })
	c.follow(table, func(n int32) bool { return c.folds[n].moves })
	c.compareTable()
	c.readNotices()
	c.compareState()
	c.readRaw()
	return c.report
}

type checker struct {
	seed    uint64
	events  []event
	o       *observation
	promise promise
	report  *report

	done     []int32 // by event: how often it was decided or became a dead letter
	folds    []fold  // by event: what has to become of it
	now      *folder // of what is committed: where the stories are
	all      *folder // also of what is not
	position map[int32]inputRecord
	bySource map[rawPlace]int32
	ids      map[int32]string     // the decision_id of each event
	decided  map[string]int32     // the event of each decision_id
	charged  map[string]attemptOf // what each charge_id stands for
	noticed  map[notice]bool
}

// rawPlace is where a raw record is.
type rawPlace struct {
	partition int32
	offset    int64
}

type attemptOf struct{ key, attempt int32 }

func (c *checker) readInputs() {
	for _, in := range c.o.inputs {
		if in.event < 0 || int(in.event) >= len(c.events) {
			c.report.add(wrongInput, "raw %d/%d is none of the suite's records", in.partition, in.offset)
			continue
		}
		if before, twice := c.position[in.event]; twice {
			c.report.add(wrongInput, "event %d is twice in the raw topic, at %d/%d and %d/%d",
				in.event, before.partition, before.offset, in.partition, in.offset)
		}
		c.position[in.event] = in
		c.bySource[rawPlace{in.partition, in.offset}] = in.event
	}
	for n := range c.events {
		if _, ok := c.position[int32(n)]; !ok && !c.promise.whileDown {
			c.report.add(wrongInput, "event %d never reached the raw topic", n)
		}
	}
	c.report.sent = len(c.o.inputs)
}

// readDecisions finds records that should not be there, repetitions and changes of order.
func (c *checker) readDecisions() {
	c.decided = make(map[string]int32, len(c.events))
	c.ids = make(map[int32]string, len(c.events))
	order := newOrder()
	for _, r := range c.o.outputs[decisions] {
		e := c.expected(decisions, &r, false)
		if e == nil {
			continue
		}
		if first, seen := c.ids[e.n]; seen {
			c.repeated(decisions, &r, e, first)
			continue
		}
		if other, taken := c.decided[r.decisionID]; taken {
			c.report.add(strange, "events %d and %d have the same decision_id", other, e.n)
		}
		c.ids[e.n], c.decided[r.decisionID] = r.decisionID, e.n
		c.inOrder(decisions, &r, e, order)
	}
	for i := range c.o.outputs[decisions] { // now that the ids of those before are known
		c.compareLifecycle(&c.o.outputs[decisions][i])
	}
}

func (c *checker) readDeadLetters() {
	order := newOrder()
	for _, r := range c.o.outputs[deadLetters] {
		e := c.expected(deadLetters, &r, true)
		if e == nil {
			continue
		}
		if c.done[e.n] > 1 {
			c.repeated(deadLetters, &r, e, "")
			continue
		}
		c.inOrder(deadLetters, &r, e, order)
	}
}

// expected finds the event of a decision or a dead letter and compares the two; nil if it should not be in this topic.
func (c *checker) expected(topic output, r *outputRecord, rejected bool) *event {
	if r.event >= neverSent {
		c.report.add(unsent, "%s %d/%d is about a record of an aborted transaction of its producer", topic, r.partition,
			r.offset)
		return nil
	}
	if r.event < 0 || int(r.event) >= len(c.events) {
		c.report.add(strange, "%s %d/%d is about none of the suite's events", topic, r.partition, r.offset)
		return nil
	}
	e := &c.events[r.event]
	if at, known := c.bySource[rawPlace{r.sourcePartition, r.sourceOffset}]; known && c.events[at].of == e.n {
		e = &c.events[at] // another record of it, if its first was removed before
		if c.folds[at].kind == foldRepeated {
			c.report.add(repeatDecided, "%s %d/%d: event %d was decided again, as its repetition at %d/%d", topic,
				r.partition, r.offset, e.of, r.sourcePartition, r.sourceOffset)
			return nil
		}
	}
	if varieties[e.variety].rejected != rejected {
		c.report.add(strange, "%s %d/%d: event %d belongs elsewhere", topic, r.partition, r.offset, e.n)
		return nil
	}
	if r.key != e.verification(c.seed) {
		c.report.add(strange, "%s %d/%d: event %d has the key of another verification", topic, r.partition, r.offset,
			e.n)
	}
	c.atSource(topic, r, e)
	c.compare(topic, r, e)
	c.done[e.n]++
	c.report.read[topic]++
	return e
}

// repeated counts a record that is there again. At least once, a repetition with the same id is allowed; dead letters
// carry the coordinates of their original instead.
func (c *checker) repeated(topic output, r *outputRecord, e *event, firstID string) {
	switch {
	case !c.promise.atLeastOnce:
		c.report.add(duplicated, "%s %d/%d: event %d is there again", topic, r.partition, r.offset, e.n)
	case r.decisionID != firstID:
		c.report.add(notRemovable, "%s %d/%d: event %d is there again with another decision_id", topic, r.partition,
			r.offset, e.n)
	default:
		c.report.removable++
	}
}

// compareOffsets looks for input that the group has passed without its work being done, and for work ahead of the
// offsets.
func (c *checker) compareOffsets() {
	ends := map[int32]int64{}
	for _, in := range c.o.inputs {
		ends[in.partition] = max(ends[in.partition], in.offset+1)
		if in.event < 0 || int(in.event) >= len(c.events) {
			continue
		}
		if c.folds[in.event].kind == foldRepeated {
			continue // nothing tells, but that the state counts it
		}
		done := c.done[in.event] > 0
		passed := in.offset < c.o.committed[in.partition]
		if !done && !c.promise.whileDown {
			c.report.add(lost, "event %d (raw %d/%d) has no decision and no dead letter", in.event, in.partition,
				in.offset)
		}
		if !done && passed {
			c.report.add(undone, "raw %d/%d is below the committed offset %d, and event %d is not done",
				in.partition, in.offset, c.o.committed[in.partition], in.event)
		}
		if done && !passed && !c.promise.atLeastOnce {
			c.report.add(ahead, "raw %d/%d is not below the committed offset %d, and event %d is done",
				in.partition, in.offset, c.o.committed[in.partition], in.event)
		}
	}
	for partition, end := range ends {
		if got := c.o.committed[partition]; got != end && !c.promise.whileDown {
			c.report.add(behind, "raw partition %d ends at %d, the group stands at %d", partition, end, got)
		}
	}
}

// follow compares the records of billing or risk with the decisions that need one.
func (c *checker) follow(topic output, needs func(n int32) bool) {
	have := map[string]bool{}
	order := newOrder()
	for _, r := range c.o.outputs[topic] {
		c.report.read[topic]++
		n, known := c.decided[r.decisionID]
		if known {
			c.compare(topic, &r, &c.events[n])
			c.keyed(topic, &r, &c.events[n])
		}
		switch {
		case !known:
			c.report.add(orphans[topic], "%s %d/%d has no decision", topic, r.partition, r.offset)
		case !needs(n):
			c.report.add(c.uncalled(topic, n), "%s %d/%d: the decision of event %d (%s) calls for none", topic,
				r.partition, r.offset, n, c.folds[n].transition)
		case have[r.decisionID] && c.promise.atLeastOnce:
			c.report.removable++
		case have[r.decisionID]:
			c.report.add(duplicated, "%s %d/%d: event %d has it already", topic, r.partition, r.offset, n)
		default:
			c.inOrder(topic, &r, &c.events[n], order)
		}
		have[r.decisionID] = true
	}
	for id, n := range c.decided {
		if needs(n) && !have[id] {
			c.report.add(missing[topic], "event %d has a decision without %s", n, topic)
		}
	}
}

// uncalled is what is wrong about an output that its decision does not call for.
func (c *checker) uncalled(topic output, n int32) wrong {
	switch {
	case topic == table && c.folds[n].kind == foldDecided:
		return lateMoved
	case topic == billing && varieties[c.events[n].variety].ended:
		return chargedAgain
	}
	return orphans[topic]
}

// keyed looks at the key of a billing event, which is its charge_id, or of a risk event or a table's record.
func (c *checker) keyed(topic output, r *outputRecord, e *event) {
	want := e.verification(c.seed)
	if topic == table {
		want = e.tableKey(c.seed)
	}
	if topic == billing {
		want = r.chargeID
		of := attemptOf{e.key, e.attempt}
		if other, taken := c.charged[want]; taken && other != of {
			c.report.add(strange, "attempts %+v and %+v have the same charge_id", other, of)
		}
		c.charged[want] = of
		if since := c.occurred(c.folds[e.n].since); c.folds[e.n].sequence > 0 && c.folds[e.n].bills &&
			r.since != since {
			c.report.add(altered, "billing %d/%d of event %d dates its flag from %d instead of %d", r.partition,
				r.offset,
				e.n, r.since, since)
		}
	}
	if r.key != want {
		c.report.add(strange, "%s %d/%d: event %d has another's key", topic, r.partition, r.offset, e.n)
	}
}

// occurred is the time of a decision, in microseconds: the provider's, or that of the raw record.
func (c *checker) occurred(n int32) int64 {
	if c.events[n].timed {
		return c.events[n].occurred()
	}
	return c.all.at[n] * 1000
}

// readRaw compares what a reader of committed records was given with what the markers in the logs say.
func (c *checker) readRaw() {
	raw := &c.o.raw
	c.report.transactions, c.report.aborted = raw.commits, raw.abortedRecords
	for topic := range numOutputs {
		seen := make(map[place]bool, len(c.o.outputs[topic]))
		for _, r := range c.o.outputs[topic] {
			at := place{topic, r.partition, r.offset}
			seen[at] = true
			switch raw.fate[at] {
			case fateAborted:
				c.report.add(abortedVisible, "%s %d/%d was aborted", topic, r.partition, r.offset)
			case fateOpen:
				c.report.add(abortedVisible, "%s %d/%d is part of an open transaction", topic, r.partition, r.offset)
			case fateUnknown:
				c.report.add(strange, "%s %d/%d is not in the log", topic, r.partition, r.offset)
			case fateCommitted: // as it should be
			}
		}
		for at, fate := range raw.fate {
			if at.topic == topic && fate == fateCommitted && !seen[at] {
				c.report.add(hidden, "%s %d/%d was committed and is not readable", topic, at.partition, at.offset)
			}
		}
	}
	open := slices.Sorted(slices.Values(raw.open))
	for _, text := range open {
		c.report.add(stillOpen, "%s", text)
	}
}
