package rules

import (
	"cmp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// flow reads the steps that the provider's statuses take. An empty list is for a provider that announces nothing but
// ends: nothing follows any of them.
func (r *vocabularyReader) flow(f *fields, sound bool) {
	n := f.need("flow")
	if n == nil || len(r.v.Statuses) > maxStatuses {
		return
	}
	if n.Kind != yaml.SequenceNode || len(n.Content) > 0 {
		before := r.mistakes.n
		for _, row := range f.list("flow") {
			r.flowRow(row, sound)
		}
		sound = sound && r.mistakes.n == before
	}
	if sound {
		r.unmentioned(n)
	}
	r.v.reach()
	for _, s := range r.v.Statuses {
		slices.SortStableFunc(s.Steps, func(a, b Step) int { return cmp.Compare(b.exactness(), a.exactness()) })
		r.v.turns(s)
	}
}

// flowRow reads one row: a step from each of its statuses to each other of them.
func (r *vocabularyReader) flowRow(n *yaml.Node, sound bool) {
	before := r.mistakes.n
	f, ok := r.fields(n, stepKeys)
	if !ok {
		return
	}
	from, to := r.oneOrMoreStatuses(f, "from"), r.oneOrMoreStatuses(f, "to")
	step := Step{
		NotFinal: r.onlyWith(f, "final", "false", "!!bool", "only from an answer that is not final"),
		OnOpen:   r.onlyWith(f, "signature", SignatureOpen.String(), "!!str", "only while the signature is OPEN"),
		Reopens:  f.flag("reopens"), Unexpected: f.flag("unexpected"), Reason: f.optionalText("reason"),
	}
	step.origin = enum[Origin](f, "origin", originNames)
	if step.Unexpected && !f.has("reason") {
		r.report(f.values["unexpected"],
			"a step that is unexpected needs the key reason: what speaks against it, and why it is taken all the same")
	}
	if sound && r.mistakes.n == before {
		for _, s := range from {
			r.checkStep(f, s, &step)
		}
	}
	for _, s := range from {
		for _, next := range to {
			if s.hasLike(next, &step) {
				r.report(n, "a step from %s to %s, from the same answers, stands above already; keep one",
					quoted(s.Name), quoted(next.Name))
				return
			}
			step.To = next.Mask
			step.Basis = f.basis(step.origin, r.v.Name+"/flow/"+s.Name+"/"+next.Name+step.condition())
			s.Steps = append(s.Steps, step)
		}
	}
}

// oneOrMoreStatuses reads a required list of statuses, or one without the brackets.
func (r *vocabularyReader) oneOrMoreStatuses(f *fields, key string) []*Status {
	n := f.need(key)
	if n != nil && n.Kind == yaml.ScalarNode {
		f.values[key] = r.layer.inPlaceOf(n, &yaml.Node{Kind: yaml.SequenceNode, Content: []*yaml.Node{n}})
	}
	return r.statusRefs(f, key)
}

// onlyWith reads a condition of a step, which has one value; false without it.
func (r *vocabularyReader) onlyWith(f *fields, key, value, tag, meaning string) bool {
	n := f.values[key]
	if n == nil {
		return false
	}
	if n.Kind != yaml.ScalarNode || n.Value != value || n.Tag != tag {
		r.report(n, "%s of a step is %s; write %s: %s if it starts %s, or remove the key",
			key, kindOf(n), key, value, meaning)
		return false
	}
	return true
}

// condition is the end of a step's basis: a status may have several steps to the same one.
func (s *Step) condition() string {
	path := ""
	if s.NotFinal {
		path += "/not-final"
	}
	if s.OnOpen {
		path += "/signature-open"
	}
	return path
}

// hasLike says whether a step leads from the status to another from the same answers as this one.
func (s *Status) hasLike(to *Status, other *Step) bool {
	return slices.ContainsFunc(s.Steps, func(step Step) bool {
		return step.To&to.Mask != 0 && step.exactness() == other.exactness()
	})
}

// sameStepWith is how an overlay changes what its step does.
const sameStepWith = "write this step from %s under flow in this file too, with reopens: %v and origin: operator"

// checkStep reports what contradicts the answers of the status that a step starts from.
func (r *vocabularyReader) checkStep(f *fields, s *Status, step *Step) {
	can := r.answersOf(s)
	switch {
	case step.NotFinal && !can.beFinal:
		r.inOverlay(removesNothing).report(f.values["final"],
			"no answer of status %s is ever final; remove final", quoted(s.Name))
	case step.NotFinal && !can.stayOpen:
		r.inOverlay(removesNothing).report(f.values["final"],
			"each answer of status %s is final, so this step never starts; remove final, or the step", quoted(s.Name))
	case !step.NotFinal && !step.Reopens && can.beFinalByRule:
		r.inOverlay(sameStepWith, quoted(s.Name), true).report(f.values["from"],
			"an answer of status %s can be final, and this step goes on from it; write reopens: true, or final: false "+
				"if it starts only from an answer that is not final", quoted(s.Name))
	}
	if step.Reopens && !can.end {
		r.inOverlay(sameStepWith, quoted(s.Name), false).report(f.values["reopens"],
			"status %s never ends the attempt, so nothing reopens; remove reopens", quoted(s.Name))
	}
	if step.OnOpen && !r.leavesSignatureOpen(s) {
		r.inOverlay(removesNothing).report(f.values["signature"],
			"no code with signature OPEN comes with status %s; remove signature", quoted(s.Name))
	}
}

// answers is what the answers of a status can be: final, because a rule says so or a code forbids a retry, not final,
// and the end of the attempt.
type answers struct{ beFinalByRule, beFinal, stayOpen, end bool }

func (r *vocabularyReader) answersOf(s *Status) (can answers) {
	for _, at := range r.places {
		if at.status != s {
			continue
		}
		rule := at.rule
		can.beFinalByRule = can.beFinalByRule || rule.Final || rule.FinalOnNewCase
		can.beFinal = can.beFinal || rule.Outcome == OutcomeResubmissionRequired && r.v.forbidsRetry(s)
		can.stayOpen = can.stayOpen || !rule.Final
		can.end = can.end || rule.Ended
	}
	can.beFinal = can.beFinal || can.beFinalByRule
	can.end = can.end || can.beFinal
	return can
}

// forbidsRetry says whether a code or range that forbids a retry comes with the status: it makes a resubmission final.
func (v *Vocabulary) forbidsRetry(s *Status) bool {
	return slices.ContainsFunc(v.Codes, func(c *Code) bool { return c.NoRetry && c.Statuses&s.Mask != 0 }) ||
		slices.ContainsFunc(v.Ranges, func(g *Range) bool { return g.NoRetry && g.Statuses&s.Mask != 0 })
}

func (r *vocabularyReader) leavesSignatureOpen(s *Status) bool {
	return slices.ContainsFunc(r.v.Codes, func(c *Code) bool {
		return c.Signature == SignatureOpen && c.Statuses&s.Mask != 0
	})
}

// unmentioned reports the statuses that no step leads to or from: each event with one would be unexpected.
func (r *vocabularyReader) unmentioned(n *yaml.Node) {
	var mentioned uint64
	for _, s := range r.v.Statuses {
		for i := range s.Steps {
			mentioned |= s.Mask | s.Steps[i].To
		}
	}
	for _, s := range r.v.Statuses {
		switch {
		case mentioned&s.Mask != 0:
		case mentioned != 0:
			r.inOverlay("write under flow in this file what it follows, {from: STATUS, to: %s, origin: operator}, "+
				"and what follows it", quoted(s.Name)).
				report(n, "no step leads to status %s or from it; add what it follows, and what follows it",
					quoted(s.Name))
		case r.answersOf(s).stayOpen:
			r.report(n, "flow is empty, and status %s is not final; add what follows it", quoted(s.Name))
		}
	}
}

// turns orders the steps of a status by what they do, by who says so, and by the name of where they lead, for the
// choice of one with others between: the rows of a file, and of the files of an overlay, have no order that counts.
// Those that lead to the same status stay as they are, the more exact ones first.
func (v *Vocabulary) turns(s *Status) {
	order := make([]*Step, len(s.Steps))
	for i := range s.Steps {
		order[i] = &s.Steps[i]
	}
	name := func(step *Step) string {
		at := slices.IndexFunc(v.Statuses, func(s *Status) bool { return s.Mask == step.To })
		return v.Statuses[at].Name
	}
	slices.SortStableFunc(order, func(a, b *Step) int {
		return cmp.Or(falseFirst(a.Unexpected, b.Unexpected), falseFirst(a.Reopens, b.Reopens),
			cmp.Compare(a.origin, b.origin), strings.Compare(name(a), name(b)))
	})
	for i, step := range order {
		step.turn = i
	}
}

func falseFirst(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	default:
		return 1
	}
}

// reach completes the steps by what may follow in turn, whatever the conditions of the steps between.
func (v *Vocabulary) reach() {
	var reached [maxStatuses]uint64 // from each status, in one step or more
	for grown := true; grown; {
		grown = false
		for i, s := range v.Statuses {
			before := reached[i]
			for k := range s.Steps {
				step := &s.Steps[k]
				step.Reach = step.To
				for j, next := range v.Statuses {
					if step.To&next.Mask != 0 {
						step.Reach |= reached[j]
					}
				}
				reached[i] |= step.Reach
			}
			grown = grown || reached[i] != before
		}
	}
}
