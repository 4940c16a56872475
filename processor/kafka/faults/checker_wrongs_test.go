//go:build unix

package faults

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"unique"
)

const madeSeed = 77

// madeUp is a faultless observation of n events over two raw partitions, and what was sent.
func madeUp(n int) ([]event, *observation) {
	l := newLedger(madeSeed, 2)
	l.keys = slices.Delete(l.keys, 5, len(l.keys)-5) // few keys, so that each has several events
	o := &observation{committed: map[int32]int64{}, raw: rawView{fate: map[place]fate{}}}
	for range n {
		e := l.next()
		in := inputRecord{e.partition, o.committed[e.partition], e.n}
		o.inputs = append(o.inputs, in)
		o.committed[e.partition]++
		v := varieties[e.variety]
		if v.rejected {
			o.write(deadLetters, outputRecord{event: e.n, key: e.verification(madeSeed), value: e.json(madeSeed),
				sourcePartition: in.partition, sourceOffset: in.offset})
			continue
		}
		r := outputRecord{event: -1, key: e.verification(madeSeed), decisionID: fmt.Sprintf("decision of %d", e.n),
			verification: unique.Make(e.verification(madeSeed)), attempt: e.seq + 1}
		o.write(decisions, r.as(decisions, e.key%3, func(r *outputRecord) {
			r.event, r.sourcePartition, r.sourceOffset = e.n, in.partition, in.offset
		}, &v))
		if v.bills {
			charge := fmt.Sprintf("charge of %d", e.n)
			o.write(billing, r.as(billing, e.key%2, func(r *outputRecord) { r.key, r.chargeID = charge, charge }, &v))
		}
		if v.risks {
			o.write(risk, r.as(risk, e.key%2, func(*outputRecord) {}, &v))
		}
	}
	return l.all(), o
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
		func(r outputRecord) bool { return varieties[events[r.event].variety].bills == want })
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

// moved has the last record of a topic in a partition of its own.
func (o *observation) moved(topic output) {
	last := o.outputs[topic][len(o.outputs[topic])-1]
	o.drop(topic, len(o.outputs[topic])-1)
	last.partition, last.offset = 17, 0
	o.write(topic, last)
}

func TestCheckerCatchesEachWrong(t *testing.T) {
	type change func(events []event, o *observation)
	for name, c := range map[string]struct {
		change  change
		promise promise
		want    []wrong
	}{
		"nothing":       {change: func([]event, *observation) {}},
		"nothing, down": {change: func([]event, *observation) {}, promise: promise{whileDown: true}},
		"lost decision": {change: func(e []event, o *observation) { o.drop(decisions, o.billed(e, false)) },
			want: []wrong{lost, undone}},
		"lost decision, bill": {change: func(e []event, o *observation) { o.dropDecisionOnly(e) },
			want: []wrong{lost, undone, billingOrphan}},
		"lost dead letter": {change: func(_ []event, o *observation) { o.drop(deadLetters, 0) },
			want: []wrong{lost, undone}},
		"doubled decision": {change: func(_ []event, o *observation) { again(o, decisions, 7, nil) },
			want: []wrong{duplicated}},
		"doubled billing": {change: func(_ []event, o *observation) { again(o, billing, 3, nil) },
			want: []wrong{duplicated}},
		"doubled risk": {change: func(_ []event, o *observation) { again(o, risk, 3, nil) },
			want: []wrong{duplicated}},
		"doubled dead letter": {change: func(_ []event, o *observation) { again(o, deadLetters, 1, nil) },
			want: []wrong{duplicated}},
		"doubled, at least once": {promise: promise{atLeastOnce: true}, change: func(_ []event, o *observation) {
			again(o, decisions, 7, nil)
			again(o, billing, 3, nil)
			again(o, deadLetters, 1, nil)
		}},
		"doubled with another id": {promise: promise{atLeastOnce: true}, want: []wrong{notRemovable},
			change: func(e []event, o *observation) {
				again(o, decisions, o.billed(e, false), func(r *outputRecord) { r.decisionID = "another" })
			}},
		"lost, at least once": {promise: promise{atLeastOnce: true}, want: []wrong{lost, undone},
			change: func(e []event, o *observation) { o.drop(decisions, o.billed(e, false)) }},
		"billing missing": {change: func(_ []event, o *observation) { o.drop(billing, 2) },
			want: []wrong{billingMissing}},
		"billing without": {want: []wrong{billingOrphan},
			change: func(_ []event, o *observation) { o.write(billing, outputRecord{decisionID: "none"}) }},
		"billing not called for": {change: func(e []event, o *observation) { o.bill(e) }, want: []wrong{billingOrphan}},
		"risk missing": {change: func(_ []event, o *observation) { o.drop(risk, 2) },
			want: []wrong{riskMissing}},
		"risk without": {change: func(_ []event, o *observation) { o.write(risk, outputRecord{decisionID: "none"}) },
			want: []wrong{riskOrphan}},
		"offset past undone work, down": {promise: promise{whileDown: true}, want: []wrong{undone},
			change: func(e []event, o *observation) { o.drop(decisions, o.billed(e, false)) }},
		"work past the offsets, down": {promise: promise{whileDown: true}, want: []wrong{ahead},
			change: func(_ []event, o *observation) { o.committed[1]-- }},
		"not read to the end": {change: func(_ []event, o *observation) { o.committed[1]-- },
			want: []wrong{ahead, behind}},
		"aborted visible": {change: func(_ []event, o *observation) { o.fateOf(decisions, 4, fateAborted) },
			want: []wrong{abortedVisible}},
		"open visible": {change: func(_ []event, o *observation) { o.fateOf(risk, 4, fateOpen) },
			want: []wrong{abortedVisible}},
		"not in the log": {change: func(_ []event, o *observation) { o.fateOf(risk, 4, fateUnknown) },
			want: []wrong{strange}},
		"committed and hidden": {change: func(_ []event,
			o *observation) {
			o.raw.fate[place{risk, 9, 9}] = fateCommitted
		}, want: []wrong{hidden}},
		"still open": {change: func(_ []event,
			o *observation) {
			o.raw.open = []string{"decisions 0: producer 1"}
		}, want: []wrong{stillOpen}},
		"never sent": {change: func(_ []event,
			o *observation) {
			o.write(decisions, outputRecord{event: neverSent + 3})
		}, want: []wrong{unsent}},
		"dead letter's source": {change: func(_ []event, o *observation) { o.outputs[deadLetters][2].sourceOffset++ },
			want: []wrong{strange}},
		"same charge for two": {change: func(_ []event, o *observation) { o.shareCharge() }, want: []wrong{strange}},
		"foreign decision": {change: func(_ []event, o *observation) { o.write(decisions, outputRecord{event: -1}) },
			want: []wrong{strange}},
		"wrong key": {change: func(_ []event, o *observation) { o.outputs[decisions][2].key = "another" },
			want: []wrong{strange}},
		"wrong source": {change: func(_ []event, o *observation) { o.outputs[decisions][2].sourceOffset++ },
			want: []wrong{strange}},
		"same id for two": {change: func(_ []event, o *observation) { o.shareID() },
			want: []wrong{strange, billingMissing, riskMissing}},
		"rejected was decided": {want: []wrong{lost, undone, strange},
			change: func(_ []event, o *observation) {
				o.outputs[deadLetters][0].event = o.outputs[decisions][0].event
			}},
		"input twice": {change: func(_ []event, o *observation) { o.inputs[8].event = o.inputs[9].event },
			want: []wrong{wrongInput, strange}},
	} {
		t.Run(name, func(t *testing.T) {
			events, o := madeUp(400)
			c.change(events, o)
			got := found(check(madeSeed, events, o, c.promise))
			want := map[wrong]bool{}
			for _, w := range c.want {
				want[w] = true
			}
			if name == "same id for two" { // what follows from it depends on the two events
				delete(got, billingMissing)
				delete(got, riskMissing)
				delete(got, billingOrphan)
				delete(got, riskOrphan)
				want = map[wrong]bool{strange: true}
			}
			if !maps.Equal(got, want) {
				t.Errorf("found %v, want %v", names(got), names(want))
			}
		})
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
	a.key, a.chargeID = b.key, b.chargeID
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

// TestCheckerLooksAtEachTopic: order, place and content, in each of the outputs that have them.
func TestCheckerLooksAtEachTopic(t *testing.T) {
	for topic := range numOutputs {
		changes := map[string]struct {
			change func(events []event, o *observation)
			want   wrong
		}{
			"reordered":             {func(e []event, o *observation) { o.swapOrder(e, topic) }, reordered},
			"key in two partitions": {func(_ []event, o *observation) { o.moved(topic) }, reordered},
			"another's key":         {func(_ []event, o *observation) { o.outputs[topic][2].key = "another" }, strange},
			"crossed":               {func(_ []event, o *observation) { o.cross(topic) }, altered},
			"outcome": {func(_ []event,
				o *observation) {
				o.say(topic, 3, func(c *content) { c.outcome = "REVIEW" })
			}, altered},
			"final": {func(_ []event,
				o *observation) {
				o.say(topic, 3, func(c *content) { c.final = !c.final })
			}, altered},
			"risk code": {func(_ []event, o *observation) { o.say(topic, 3, func(c *content) { c.riskCode++ }) },
				altered},
			"reasons": {func(_ []event,
				o *observation) {
				o.say(topic, 3, func(c *content) { c.reasons += "x" })
			}, altered},
			"billing flag": {func(_ []event, o *observation) { o.say(topic, 3, func(c *content) { c.flag += "x" }) },
				altered},
			"attempt": {func(_ []event, o *observation) { o.outputs[topic][4].attempt++ }, altered},
			"verification": {func(_ []event,
				o *observation) {
				o.outputs[topic][4].verification = unique.Make("another")
			}, altered},
			"another's bytes": {func(_ []event,
				o *observation) {
				o.outputs[topic][1].value = o.outputs[topic][2].value
			}, otherBytes},
			"a byte": {func(_ []event, o *observation) { o.outputs[topic][1].value[9] ^= 1 }, otherBytes},
			"a byte too many": {func(_ []event,
				o *observation) {
				o.outputs[topic][1].value = append(o.outputs[topic][1].value, ' ')
			}, otherBytes},
		}
		for name, c := range changes {
			if dead := topic == deadLetters; dead && c.want == altered || !dead && c.want == otherBytes {
				continue // dead letters say nothing, the others are not compared byte for byte
			}
			t.Run(fmt.Sprintf("%s, %s", topic, name), func(t *testing.T) {
				events, o := madeUp(800)
				c.change(events, o)
				if got, want := found(check(madeSeed, events, o, promise{})),
					(map[wrong]bool{c.want: true}); !maps.Equal(got, want) {
					t.Errorf("found %v, want %v", names(got), names(want))
				}
			})
		}
	}
}

func TestReportShowsWhatIsWrong(t *testing.T) {
	events, o := madeUp(400)
	again(o, decisions, 7, nil)
	r := check(madeSeed, events, o, promise{})
	if r.ok() {
		t.Fatal("a doubled decision passes")
	}
	for _, want := range []string{"duplicated                                                   1", "is there again"} {
		if !strings.Contains(r.table(), want) {
			t.Errorf("the table lacks %q:\n%s", want, r.table())
		}
	}
}
