package rules

import (
	"slices"

	"go.yaml.in/yaml/v3"
)

// envelope lays an envelope over one of the base. That goes on to be read as it is: shapes, examples, and members for
// fields that it leaves empty can be added, and nothing of it can be changed. With another path to the status, to the
// codes or to whether it is a trial, bodies of today would mean something else, and no rule would show it.
func (m *merger) envelope(base, own *yaml.Node) *yaml.Node {
	before := len(m.changes)
	m.markOver(own, m.base.placeOf(base))
	merged := m.inPlaceOf(own, &yaml.Node{Kind: yaml.MappingNode, Content: slices.Clone(base.Content)})
	for i := 0; i < len(own.Content); i += 2 {
		key, value := own.Content[i], own.Content[i+1]
		old := valueOf(merged, key.Value)
		switch {
		case m.odd(own, i), key.Value == "name":
		case slices.Contains([]string{"members", "shapes", "examples"}, key.Value):
			m.addToEnvelope(merged, key, value)
		case old == nil:
			m.set(merged, key, value)
		case !sameValue(key.Value, old, value):
			m.reportAt(value, "%s of an envelope of the base cannot be changed (%s); write an envelope of another name",
				key.Value, m.base.placeOf(old))
		}
	}
	if len(m.changes) == before {
		return base
	}
	return merged
}

// addToEnvelope adds what the base's list lacks.
func (m *merger) addToEnvelope(base, key, value *yaml.Node) {
	list := m.list(base, key, value)
	if list == nil {
		return
	}
	there := slices.Clone(list.Content)
	for _, item := range value.Content {
		same := func(old *yaml.Node) bool { return sameValue("", old, item) }
		switch {
		case slices.ContainsFunc(there, same):
		case key.Value == "members" && m.takesFromBase(there, item):
		case m.change(item):
			list.Content = append(list.Content, item)
		}
	}
	m.keep(base, key, list)
}

// takesFromBase reports a member for a path that the base reads, or for a field that it fills.
func (m *merger) takesFromBase(members []*yaml.Node, own *yaml.Node) bool {
	for _, old := range members {
		for _, key := range []string{"path", "field"} {
			was, is := valueOf(old, key), valueOf(own, key)
			if was == nil || is == nil || was.Value != is.Value {
				continue
			}
			m.reportAt(own, "the base reads the %s %s already (%s), and an overlay cannot read it in another way; "+
				"remove this member, or write an envelope of another name", key, quoted(is.Value), m.base.placeOf(old))
			return true
		}
	}
	return false
}

// statedElsewhere reports an envelope that the base only names in this vocabulary, as it is another one's.
func (m *merger) statedElsewhere(name, own *yaml.Node) {
	for _, s := range m.sheets {
		list := valueOf(s.root, "envelopes")
		if list == nil {
			continue
		}
		for _, row := range list.Content {
			if n := valueOf(row, "name"); n != nil && n.Value == name.Value {
				m.reportAt(own, "the base only names envelope %s here (%s), and states it in vocabulary %s (%s); "+
					"write this row into a file of that vocabulary", name.Value, m.base.placeOf(name), s.name(),
					s.placeOf(n))
			}
		}
	}
}
