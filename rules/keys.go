package rules

import "slices"

// mapping is a kind of mapping in a file: what texts call it, and the keys that it may have. The readers go by these
// tables, and so does the JSON Schema for editors: a key is in both or in neither.
type mapping struct {
	what  string // "a code"
	keys  []key
	names []string // of keys, in the order in which texts list them

	// laid says that an overlay's is laid over that of the base with the same values of the keys by. It needs no other
	// keys.
	laid bool
	by   []string
	rule form // what holds between the keys, for the schema alone: the readers have code for it; nil if nothing
}

// key is one key of a mapping.
type key struct {
	name   string
	needed bool
	value  form
	about  string // for whoever points at the key in an editor
}

// Whether a mapping must have a key.
const needed, optional = true, false

func mappingOf(what string, keys ...key) *mapping {
	m := &mapping{what: what, keys: keys}
	for _, k := range keys {
		m.names = append(m.names, k.name)
	}
	return m
}

// laidOver says by which keys an overlay's mapping finds what it is laid over; by none if there is one place for it.
func (m *mapping) laidOver(by ...string) *mapping {
	m.laid, m.by = true, by
	return m
}

func (m *mapping) where(rule form) *mapping {
	m.rule = rule
	return m
}

// required lists the keys that a mapping must have: of an overlay's, those that lead to what it changes.
func (m *mapping) required(overlay bool) (names []string) {
	for _, k := range m.keys {
		if k.needed && (!overlay || !m.laid || slices.Contains(m.by, k.name)) {
			names = append(names, k.name)
		}
	}
	return names
}
