package rules

import (
	"slices"

	"go.yaml.in/yaml/v3"
)

var stepKind = rowKind{"step", stepKeys.by}

// singleStep is a row of flow, taken for one of the statuses that it starts from and one that it leads to.
type singleStep struct{ whole, from, to *yaml.Node }

// singleSteps takes rows apart. A row whose statuses are not where they should be is none.
func singleSteps(rows []*yaml.Node) (steps []singleStep) {
	for _, row := range rows {
		for _, from := range textsOf(row, "from") {
			for _, to := range textsOf(row, "to") {
				steps = append(steps, singleStep{row, from, to})
			}
		}
	}
	return steps
}

// textsOf is a text, or the texts of a list; nil if it is neither, or longer than a vocabulary has statuses.
func textsOf(row *yaml.Node, key string) []*yaml.Node {
	n := valueOf(row, key)
	switch {
	case n == nil, len(n.Content) > maxStatuses:
		return nil
	case n.Kind == yaml.ScalarNode:
		return []*yaml.Node{n}
	case n.Kind != yaml.SequenceNode:
		return nil
	}
	isNoText := func(item *yaml.Node) bool { return item.Kind != yaml.ScalarNode }
	if slices.ContainsFunc(n.Content, isNoText) {
		return nil
	}
	return n.Content
}

// row is the step as a row of its own.
func (s singleStep) row() *yaml.Node {
	return rowWith(s.whole, []*yaml.Node{s.from}, []*yaml.Node{s.to})
}

// rowWith is a copy of a row of flow for other statuses.
func rowWith(row *yaml.Node, from, to []*yaml.Node) *yaml.Node {
	made := *row
	made.Content = slices.Clone(row.Content)
	for key, texts := range map[string][]*yaml.Node{"from": from, "to": to} {
		at := indexOf(row, key) + 1
		old := row.Content[at]
		made.Content[at] = &yaml.Node{Kind: yaml.SequenceNode, Line: old.Line, Column: old.Column, Content: texts}
	}
	return &made
}

// key is the same for the same step: from and to the same, and under the same conditions.
func (s singleStep) key() string {
	return sized("", s.from.Value, s.to.Value, s.condition("final"), s.condition("signature"))
}

func (s singleStep) condition(key string) string {
	if n := valueOf(s.whole, key); n != nil {
		return n.Value
	}
	return ""
}

// flowMerger lays steps over those of the base. A row may stand for several, of which some may be in the base: it is
// taken apart there, and so is the base's row.
type flowMerger struct {
	*merger
	list     *yaml.Node
	known    map[string]singleStep // those of list, by their keys
	statuses map[string]*yaml.Node // see statusesOfBase
}

func (m *merger) flow(base, key, value *yaml.Node) {
	f := &flowMerger{m, m.list(base, key, value), map[string]singleStep{}, m.statusesOfBase(base)}
	if f.list == nil {
		return
	}
	f.know(f.list.Content...)
	for _, row := range value.Content {
		steps := singleSteps([]*yaml.Node{row})
		if !slices.ContainsFunc(steps, f.knows) {
			f.add(row, row)
			continue
		}
		for _, step := range steps {
			if !f.step(step) {
				break
			}
		}
	}
	m.keep(base, key, f.list)
}

func (f *flowMerger) know(rows ...*yaml.Node) {
	for _, step := range singleSteps(rows) {
		f.known[step.key()] = step
	}
}

func (f *flowMerger) knows(step singleStep) bool { return f.known[step.key()].whole != nil }

// add puts a row, which is whole in the overlay's file, behind the others.
func (f *flowMerger) add(row, whole *yaml.Node) {
	if f.change(whole) {
		f.newSteps(row, whole)
		f.list.Content = append(f.list.Content, row)
		f.know(row)
	}
}

// step lays one step over the base's, or adds it; false if another row of the overlay has it.
func (f *flowMerger) step(step singleStep) bool {
	own := f.inPlaceOf(step.whole, step.row())
	f.inPlaceOf(step.whole, valueOf(own, "from"))
	f.inPlaceOf(step.whole, valueOf(own, "to"))
	if !f.knows(step) {
		f.add(own, step.whole)
		return true
	}
	other := f.known[step.key()]
	if !f.base.inBase(other.whole) {
		f.already(step.whole, "this step from "+quoted(step.from.Value)+" to "+quoted(step.to.Value), other.whole)
		return false
	}
	merged := f.row(stepKind, other.row(), own)
	if f.base.inBase(merged) {
		return true // it changes nothing
	}
	rest := other.others()
	at := slices.Index(f.list.Content, other.whole)
	f.list.Content = slices.Concat(f.list.Content[:at], []*yaml.Node{merged}, rest, f.list.Content[at+1:])
	f.know(append(rest, merged)...)
	return true
}

// others are the rest of the step's row: from its status to others, and from other statuses.
func (s singleStep) others() (rows []*yaml.Node) {
	from, to := textsOf(s.whole, "from"), textsOf(s.whole, "to")
	not := func(text *yaml.Node) func(*yaml.Node) bool {
		return func(n *yaml.Node) bool { return n == text }
	}
	if rest := slices.DeleteFunc(slices.Clone(to), not(s.to)); len(rest) > 0 {
		rows = append(rows, rowWith(s.whole, []*yaml.Node{s.from}, rest))
	}
	if rest := slices.DeleteFunc(slices.Clone(from), not(s.from)); len(rest) > 0 {
		rows = append(rows, rowWith(s.whole, rest, to))
	}
	return rows
}
