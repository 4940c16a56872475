//go:build unix

package faults

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"unique"
)

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
			change: func(e []event, o *observation) { o.unread(e) }},
		"not read to the end": {change: func(e []event, o *observation) { o.unread(e) },
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
		"input twice": {change: func(e []event, o *observation) { o.sendTwice(e) },
			want: []wrong{wrongInput, strange}},
	} {
		t.Run(name, func(t *testing.T) {
			events, o := made(400, c.promise)
			c.change(events, o)
			got := found(check(madeSeed, events, o, c.promise))
			want := map[wrong]bool{}
			forget(got, c.want)
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

// TestCheckerCatchesEachWrongOfTheStory: what comes again, places in a story, charges, the table, the changelog, and
// what
// is overdue. Each is found, and nothing else.
func TestCheckerCatchesEachWrongOfTheStory(t *testing.T) {
	type change func(t *testing.T, events []event, o *observation)
	for name, c := range map[string]struct {
		change change
		want   wrong
	}{
		"a repetition is decided": {func(_ *testing.T, e []event, o *observation) {
			n := slices.IndexFunc(e, func(e event) bool { return e.of != e.n })
			i := slices.IndexFunc(o.outputs[decisions], func(r outputRecord) bool { return r.event == e[n].of })
			again(o, decisions, i, func(r *outputRecord) {
				r.sourcePartition, r.sourceOffset = o.inputs[n].partition,
					o.inputs[n].offset
			})
		}, repeatDecided},
		"sequence": {func(_ *testing.T, _ []event, o *observation) { o.outputs[decisions][9].lifecycle.Sequence++ },
			otherPlace},
		"transition": {func(_ *testing.T, _ []event,
			o *observation) {
			o.outputs[decisions][9].lifecycle.Transition = "LATER"
		}, otherPlace},
		"current": {func(_ *testing.T, _ []event, o *observation) {
			o.outputs[decisions][9].lifecycle.Current = !o.outputs[decisions][9].lifecycle.Current
		}, otherPlace},
		"previous": {func(_ *testing.T, _ []event, o *observation) {
			other := "another"
			o.outputs[decisions][9].lifecycle.Previous = &other
		}, otherPlace},
		"charged again": {func(t *testing.T, e []event, o *observation) {
			billed := map[string]bool{}
			for _, r := range o.outputs[billing] {
				billed[r.decisionID] = true
			}
			for _, r := range o.outputs[decisions] {
				if v := &varieties[e[r.event].variety]; v.ended && !billed[r.decisionID] {
					last := len(o.outputs[billing])
					again(o, billing, last-1, func(b *outputRecord) {
						b.decisionID, b.says, b.verification, b.attempt = r.decisionID, unique.Make(v.says(billing)),
							r.verification, r.attempt
						b.chargeID = fmt.Sprintf("charge of %d in %d", r.attempt, e[r.event].key)
						b.key = b.chargeID
					})
					return
				}
			}
			t.Fatal("all are billed")
		}, chargedAgain},
		"table lacks": {func(_ *testing.T, e []event, o *observation) {
			o.drop(table, slices.IndexFunc(o.outputs[table], func(r outputRecord) bool { return followed(e, o, &r) }))
		}, tableMissing},
		"table is behind": {func(_ *testing.T, _ []event, o *observation) {
			last := &o.outputs[table][len(o.outputs[table])-1]
			o.outputs[table] = append(o.outputs[table], outputRecord{decisionID: "another", key: last.key})
		}, tableBehind},
		"late in the table": {func(t *testing.T, e []event, o *observation) {
			for _, r := range o.outputs[decisions] {
				if r.lifecycle.Transition == "LATE" {
					late := e[r.event]
					r.event, r.partition, r.key = -1, late.key%2, late.tableKey(madeSeed)
					r.says = unique.Make(varieties[late.variety].says(table))
					o.write(table, r)
					return
				}
			}
			t.Fatal("none is late")
		}, lateMoved},
		"state lacks": {func(_ *testing.T, _ []event, o *observation) { delete(o.state.stored, o.aKey()) },
			stateMissing},
		"state has another": {func(_ *testing.T, _ []event,
			o *observation) {
			o.state.stored[stateKey{partition: 9}] = stored{}
		},
			stateOrphan},
		"word in the state":     {changed(func(s *stored) { s.decisionID = "another" }), stateDiffers},
		"sequence in the state": {changed(func(s *stored) { s.sequence++ }), stateDiffers},
		"count in the state":    {changed(func(s *stored) { s.same-- }), stateDiffers},
		"charge in the state":   {changed(func(s *stored) { s.charges[0].flag += "x" }), stateDiffers},
		"mark in the state":     {changed(func(s *stored) { s.overdue = !s.overdue }), stateDiffers},
		"last in the state":     {changed(func(s *stored) { s.lastOffset-- }), stateDiffers},
		"unread state": {func(_ *testing.T, _ []event, o *observation) { o.state.unread = []string{"a record"} },
			stateUnread},
		"position": {func(_ *testing.T, _ []event, o *observation) { o.state.positions[1] = cut{1, 9} },
			positionDiffers},
		"number": {func(_ *testing.T, _ []event, o *observation) { o.numbers[1]-- }, positionDiffers},
		"no position": {func(_ *testing.T, _ []event, o *observation) { delete(o.state.positions, 0) },
			positionDiffers},
		"told twice": {func(_ *testing.T, _ []event, o *observation) { again(o, overdue, 1, nil) }, overdueTwice},
		"told of no word": {func(_ *testing.T, _ []event, o *observation) {
			again(o, overdue, 1, func(r *outputRecord) { r.deadline += 1000 })
		}, overdueOrphan},
		"told of no decision": {func(_ *testing.T, _ []event, o *observation) {
			again(o, overdue, 1, func(r *outputRecord) { r.decisionID = "another" })
		}, overdueOrphan},
		"told too soon": {func(t *testing.T, e []event, o *observation) { o.answerInTime(t, e) }, overdueAnswered},
		"not told": {func(_ *testing.T, _ []event, o *observation) {
			o.drop(overdue, slices.IndexFunc(o.outputs[overdue], func(r outputRecord) bool { return o.stands(&r) }))
		}, overdueMissed},
	} {
		t.Run(name, func(t *testing.T) {
			events, o := madeUp(2000)
			c.change(t, events, o)
			got := found(check(madeSeed, events, o, promise{}))
			allowed := map[string][]wrong{"table is behind": {tableOrphan, strange}, "late in the table": {tableBehind},
				"told too soon": {stateDiffers}, "not told": {stateDiffers}, "told of no word": {strange}}
			for _, w := range allowed[name] {
				delete(got, w)
			}
			if !maps.Equal(got, map[wrong]bool{c.want: true}) {
				t.Errorf("found %v, want %v", names(got), c.want)
			}
		})
	}
}

func (o *observation) aKey() stateKey {
	return slices.MinFunc(slices.Collect(maps.Keys(o.state.stored)), func(a, b stateKey) int {
		return bytes.Compare(a.key[:], b.key[:])
	})
}

func changed(change func(*stored)) func(*testing.T, []event, *observation) {
	return func(_ *testing.T, _ []event, o *observation) {
		s := o.state.stored[o.aKey()]
		change(&s)
		o.state.stored[o.aKey()] = s
	}
}

// followed says whether the table has a later record of the same verification.
func followed(_ []event, o *observation, r *outputRecord) bool {
	later := false
	for i := range o.outputs[table] {
		if other := &o.outputs[table][i]; other.key == r.key {
			later = other.decisionID != r.decisionID
		}
	}
	return later
}

// stands says whether a notice is about the word that still is one.
func (o *observation) stands(r *outputRecord) bool {
	for _, s := range o.state.stored {
		if s.overdue && s.decisionID == r.decisionID {
			return true
		}
	}
	return false
}

// answerInTime writes a notice of a word that was answered before its deadline.
func (o *observation) answerInTime(t *testing.T, events []event) {
	f := newFolder(events)
	for i := range o.inputs {
		f.take(&o.inputs[i])
	}
	for key := range f.keysInOrder() {
		for _, w := range f.stories[key].words {
			e := events[w.said]
			if e.variety == videoPending && w.ended && w.endedAt <= w.since+overdueAfter {
				o.write(overdue, outputRecord{event: -1, key: e.verification(madeSeed), partition: key % 2,
					attempt:    e.attempt,
					decisionID: fmt.Sprintf("decision of %d", e.n), deadline: (w.since + overdueAfter) * 1000})
				return
			}
		}
	}
	t.Fatal("none was answered in time")
}

// TestCheckerLooksAtEachTopic: order, place and content, in each of the outputs that have them.
func TestCheckerLooksAtEachTopic(t *testing.T) {
	for topic := range overdue { // notices have a test of their own
		changes := map[string]struct {
			change func(events []event, o *observation)
			want   wrong
		}{
			"reordered":             {func(e []event, o *observation) { o.swapOrder(e, topic) }, reordered},
			"key in two partitions": {func(e []event, o *observation) { o.moved(e, topic) }, reordered},
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
				got, want := found(check(madeSeed, events, o, promise{})), map[wrong]bool{c.want: true}
				if forget(got, []wrong{c.want}); !maps.Equal(got, want) {
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
