// Package cases tells whether rules decide what their cases say: events, or sequences of events, go through the
// processor as they do in a run, and what it would publish is compared with what a case expects.
package cases

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"

	"verdict/processor"
	"verdict/processor/codec"
	"verdict/processor/state"
	"verdict/rules"
)

// Answer is what became of a case.
type Answer struct {
	Case        *rules.Case
	Differences []Difference // none: all is as the case says
}

// Difference is one value that is not what a case wants.
type Difference struct {
	Event  int    // which of the case's events, from 0
	Line   int    // in the case's file
	Path   string // "decision.retry.actions"; "decision" where there is one or none
	Wanted string
	Got    string
	Rule   Rule // which decided; its basis is "" for what no rule of the catalog gives
}

// Rule is a rule and where it stands.
type Rule struct {
	Basis string
	File  string // "": no file states it
	Line  int
}

// Places says where a rule stands that a basis names, by a file's name for a person.
type Places func(basis string) (file string, line int)

// Decider decides the events of cases by a catalog. The processor must have that, a decoder by Topics and Keyed, and
// JSON output, with no route off.
type Decider struct {
	Processor *processor.Processor
	Catalog   *rules.Catalog
	Formats   *codec.Formats // the decoder's
	Where     Places
}

// run decides each case by itself, with nothing known before, and notes in seen what they name. An error means that it
// could not be found out.
func (d *Decider) run(list []*rules.Case, seen *Coverage) ([]Answer, error) {
	answers := make([]Answer, 0, len(list))
	var runners []*runner
	var running sync.WaitGroup
	for part := range slices.Chunk(list, max(1, (len(list)+1)/runtime.GOMAXPROCS(0))) {
		r := &runner{Decider: d, seen: NewCoverage()}
		runners = append(runners, r)
		running.Go(func() { r.runAll(part) })
	}
	running.Wait()
	for _, r := range runners {
		if r.err != nil {
			return nil, r.err
		}
		answers = append(answers, r.answers...)
		seen.add(r.seen)
	}
	return answers, nil
}

// runner runs some of the cases, beside others.
type runner struct {
	*Decider

	seen    *Coverage
	answers []Answer
	err     error

	result processor.Result
	event  int       // of the case at hand
	named  *Coverage // by it
	found  []Difference
}

func (r *runner) runAll(list []*rules.Case) {
	for _, c := range list {
		differences, err := r.run(c)
		if err != nil {
			r.err = fmt.Errorf("%s:%d: case %q: %w", c.File, c.Line, c.Name, err)
			return
		}
		answer := Answer{c, differences}
		if answer.verdict(false) != Todo { // that holds its rows to nothing
			r.seen.add(r.named)
		}
		r.answers = append(r.answers, answer)
	}
}

// run tells the events of a case, each with what the ones before have said, as a run keeps it.
func (r *runner) run(c *rules.Case) ([]Difference, error) {
	r.found, r.named = nil, NewCoverage()
	known := state.New(state.Options{})
	for i := range c.Events {
		e := &c.Events[i]
		r.event = i
		if !r.readable(e) {
			return r.found, nil
		}
		record := processor.Record{Topic: topicOf(&e.Topic), Offset: int64(i), Timestamp: e.At.UnixMilli(),
			Key: keyFor(e), Value: e.Value}
		if err := r.Processor.Process(&record, known, &r.result); err != nil {
			return nil, err
		}
		if r.result.Followed && i+1 < len(c.Events) { // nobody asks what is known in the end
			known.Put(r.result.Key, &r.result.Memory)
			known.Commit(known.Seal())
		}
		r.named.note(r.Catalog, &r.result)
		if err := r.compare(e); err != nil {
			return nil, err
		}
	}
	return r.found, nil
}

// readable notes a format that the rules do not have. Check refuses it in their own cases; those of the rules below may
// name one that is gone.
func (r *runner) readable(e *rules.CaseEvent) bool {
	name := e.Topic.Format
	if _, ok := r.Formats.Find(name); ok || name == "" {
		return true
	}
	r.found = append(r.found, Difference{Event: r.event, Line: e.Topic.FormatAt.Line, Path: "format", Wanted: name,
		Got: "none, as these rules have no such format"})
	return false
}

// compare finds what is otherwise than an event's case says.
func (r *runner) compare(e *rules.CaseEvent) error {
	if rejection := r.result.Rejection; rejection != nil || e.Rejected != "" {
		r.compareRejection(e, rejection)
		return nil
	}
	for i := range e.Expect {
		want := &e.Expect[i]
		value := r.output(want.Output)
		switch {
		case want.None && value != nil:
			r.differ(want.Line, want.Output, "none", "one", r.publishes(want.Output))
		case want.None:
		case value == nil:
			r.differ(want.Line, want.Output, "one", "none"+r.withheld(want.Output), r.publishes(want.Output))
		default:
			if err := r.compareOutput(want, value); err != nil {
				return fmt.Errorf("the %s is no JSON: %w", want.Output, err)
			}
		}
	}
	return nil
}

// withheld says which place among the verification's events keeps an output back.
func (r *runner) withheld(output string) string {
	switch transition := r.result.Decision.Lifecycle.Transition; {
	case !r.result.Followed:
	case transition == processor.TransitionRepeated,
		r.publishes(output) == "lifecycle" &&
			(transition == processor.TransitionLate || transition == processor.TransitionUnchanged):
		return ", as the event is " + transition.String()
	}
	return ""
}

// publishes is the field of the decision on which hangs whether there is one of an output.
func (r *runner) publishes(output string) string {
	switch {
	case output == "billing" && !r.result.Decision.Charges():
		return "ended"
	case output == "billing", output == "verification":
		return "lifecycle"
	}
	return ""
}

func (r *runner) compareRejection(e *rules.CaseEvent, rejection *processor.Rejection) {
	wanted := e.Rejected
	switch {
	case rejection == nil:
		r.differ(e.RejectedAt.Line, "rejected", wanted, "a decision: "+r.result.Decision.Outcome.String(), "outcome")
	case rejection.Reason.String() == wanted:
	case wanted == "":
		r.differ(e.Line, "rejected", "a decision", rejection.Error(), "")
	default:
		r.differ(e.RejectedAt.Line, "rejected", wanted, rejection.Error(), "")
	}
}

// output is what is published on a route; nil if nothing is.
func (r *runner) output(name string) []byte {
	for i := range r.result.Outputs {
		if out := &r.result.Outputs[i]; out.Route.String() == name {
			return out.Value
		}
	}
	return nil
}

// dated says of a charge that it does not go by the event's own time.
func (r *runner) dated() string {
	if !r.result.Decision.TooFarAhead() {
		return ""
	}
	return ", by the record's time (at), as the event's own is more than a day after it"
}

// differ notes a difference, and the rule behind a field of the decision; "" is none.
func (r *runner) differ(line int, path, wanted, got, field string) {
	if field == "billing" && strings.Contains(path, ".flag") { // flag and flag_since
		got += r.dated()
	}
	d := Difference{Event: r.event, Line: line, Path: path, Wanted: wanted, Got: got}
	if d.Rule.Basis = basisOf(r.Catalog, &r.result, field); d.Rule.Basis != "" {
		d.Rule.File, d.Rule.Line = r.Where(d.Rule.Basis)
	}
	r.found = append(r.found, d)
}
