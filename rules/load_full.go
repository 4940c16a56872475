package rules

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// judgeFull looks at bodies that no example shows: for each shape, one that has all members of its envelope as well,
// and all names that are in any of its examples. As a name more never takes a shape away, it stands for those that have
// some of them. Envelopes of one file are left out: who wrote them knows which of the names come together, as with
// ubble's two, which read each other's time.
func (r *envelopeReader) judgeFull() {
	around := map[string]uint64{}
	for _, e := range r.rows {
		members := e.shown
		for _, m := range e.Members {
			members |= r.around(around, m.Path)
		}
		for i, shape := range e.shapes {
			full := members
			for _, path := range e.Shapes[i] {
				full |= r.around(around, path)
			}
			r.tellApart(e, shape, full)
		}
	}
}

// around has the bits of the paths that a body has which has this one: those to the objects that it is in, too.
func (r *envelopeReader) around(known map[string]uint64, inner string) uint64 {
	found, there := known[inner]
	if there {
		return found
	}
	for path, bit := range r.paths {
		if path == inner || strings.HasPrefix(inner, path+".") {
			found |= bit
		}
	}
	known[inner] = found
	return found
}

// tellApart reports that a full body of an envelope, which has one of its shapes, has the shape of another one too.
func (r *envelopeReader) tellApart(e *envelopeRow, shape *yaml.Node, full uint64) {
	var others []string
	if full&r.paths[CanonicalMark] != 0 {
		others = append(others, canonicalOther)
	}
	for _, other := range r.rows {
		if other == e {
			continue
		}
		for i, mask := range other.masks {
			its := other.shapes[i]
			if full&mask != mask || e.inBase(shape) == other.inBase(its) && e.fileOf(shape) == other.fileOf(its) {
				continue
			}
			if e.inBase(shape) && !other.inBase(its) {
				other.report(its, "a body of envelope %s (%s) with all its members has this shape too, so that "+
					"nothing tells them apart; write one with a name that only %s has", e.Name, e.place(), other.Name)
				continue
			}
			others = append(others, other.Name+" ("+other.place()+")")
		}
	}
	if others = fewOf(slices.Compact(others)); others != nil {
		e.report(shape, "a body with this shape and all members of envelope %s has the shape of %s too, so that "+
			"nothing tells them apart; write shapes that do", e.Name, strings.Join(others, ", "))
	}
}
