package rules

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// merger lays one file of an overlay over one vocabulary of the base. What it cannot make sense of it puts into the
// tree as it is: whoever reads the tree then reports it, where it stands.
type merger struct {
	*layer
	own, base *page
	sheets    []*sheet // of all vocabularies
}

// rowKind is a kind of rows that are told apart by keys of theirs.
type rowKind struct {
	what string
	keys []string
}

// reportAt reports a mistake of the overlay's own, which nothing in the base has to do with.
func (m *merger) reportAt(n *yaml.Node, format string, args ...any) {
	m.own.reportAt(n.Line, n.Column, format, args...)
}

var rowKinds = map[string]rowKind{
	"sources": {"source", sourceKeys.by}, "series": {"series", seriesKeys.by},
	"risk_codes": {"risk code", riskCodeKeys.by}, "statuses": {"status", statusKeys.by},
	"ranges": {"range", rangeKeys.by}, "codes": {"code", codeKeys.by},
	"envelopes": {"envelope", envelopeKeys.by}, "rules": {"billing rule", billingRuleKeys.by},
}

func (m *merger) vocabulary(base, own *yaml.Node) {
	for i := 0; i < len(own.Content); i += 2 {
		key, value := own.Content[i], own.Content[i+1]
		kind, isList := rowKinds[key.Value]
		switch {
		case m.odd(own, i), key.Value == "vocabulary":
		case key.Value == "provider", key.Value == "product":
			m.fixed(base, key, value)
		case key.Value == "code_prefixes":
			m.join(base, key, value)
		case key.Value == "billing":
			m.billing(base, key, value)
		case key.Value == "flow":
			m.flow(base, key, value)
		case isList:
			m.rows(base, key, value, kind)
		default:
			m.set(base, key, value)
		}
	}
}

// odd reports a key that stands in the overlay's mapping twice, or is no text.
func (m *merger) odd(own *yaml.Node, i int) bool {
	switch key := own.Content[i]; {
	case key.Kind != yaml.ScalarNode:
		m.reportAt(key, "a key that is %s; write a text", kindOf(key))
	case valueOf(own, key.Value) != own.Content[i+1]:
		m.reportAt(key, "the key %s stands here twice; keep one", key.Value)
	default:
		return false
	}
	return true
}

// fixed holds that a vocabulary stays that of its product: with another, nothing would be there for its events.
func (m *merger) fixed(base, key, value *yaml.Node) {
	if old := valueOf(base, key.Value); old != nil && m.base.inBase(old) && !sameValue(key.Value, old, value) {
		m.reportAt(value, "the %s of this vocabulary is %s (%s), and an overlay cannot change it; remove the key, or "+
			"write a vocabulary of another name", key.Value, quoted(old.Value), m.base.placeOf(old))
		return
	}
	m.set(base, key, value)
}

// set gives a key of the base the overlay's value, and says whether that changes something.
func (m *merger) set(base, key, value *yaml.Node) bool {
	at := indexOf(base, key.Value)
	switch {
	case at < 0:
		if m.change(value) {
			base.Content = append(base.Content, key, value)
			return true
		}
	case !m.base.inBase(base.Content[at+1]):
		m.already(key, key.Value, base.Content[at+1])
	case isEmpty(value):
		m.empty(value, key.Value)
	case sameValue(key.Value, base.Content[at+1], value):
	case m.change(value):
		old := base.Content[at+1]
		m.markOver(value, m.base.placeOf(old))
		base.Content[at], base.Content[at+1] = key, value
		// Where they differ by quotes alone, nothing changes and it is a mistake, which its reader reports.
		return encoded(old, key.Value, false) != encoded(value, key.Value, false)
	}
	return false
}

// already reports what another row of the overlay says as well.
func (m *merger) already(n *yaml.Node, what string, other *yaml.Node) {
	m.reportAt(n, "the overlay has %s at %s already; keep one", what, m.base.placeOf(other))
}

func (m *merger) empty(n *yaml.Node, what string) {
	m.reportAt(n, "%s is empty, and an overlay removes nothing; write what holds instead, or leave it out", what)
}

func isEmpty(n *yaml.Node) bool {
	return len(n.Content) == 0 && (n.Kind != yaml.ScalarNode || strings.TrimSpace(n.Value) == "" || n.Tag == "!!null")
}

// indexOf finds a key in the content of a mapping; -1 if it is not there.
func indexOf(n *yaml.Node, key string) int {
	for i := 0; i < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return i
		}
	}
	return -1
}

// list finds the list of the base that the rows of the overlay's belong to; nil if there is nothing to lay over it. It
// is put into base, if that has none, when it has a row.
func (m *merger) list(base, key, value *yaml.Node) *yaml.Node {
	old := valueOf(base, key.Value)
	switch {
	case old != nil && isEmpty(value):
		m.empty(value, key.Value)
	case old != nil && value.Kind != yaml.SequenceNode:
		m.reportAt(value, "%s is %s; write a list: [...]", key.Value, kindOf(value))
	case value.Kind != yaml.SequenceNode, isEmpty(value):
		m.set(base, key, value)
	case key.Value != "codes" && len(value.Content) > maxEntries:
		m.reportAt(value, "%s has %d entries; it may have %d", key.Value, len(value.Content), maxEntries)
	case old == nil || old.Kind != yaml.SequenceNode:
		return m.inPlaceOf(value, &yaml.Node{Kind: yaml.SequenceNode})
	default:
		return old
	}
	return nil
}

// keep puts a list that list has made into the base.
func (m *merger) keep(base, key, list *yaml.Node) {
	if valueOf(base, key.Value) == nil && len(list.Content) > 0 {
		base.Content = append(base.Content, key, list)
	}
}

// rows lays rows over those of the same kind. New ones stand behind the base's; billing rules before them, as the first
// match counts.
func (m *merger) rows(base, key, value *yaml.Node, kind rowKind) {
	list := m.list(base, key, value)
	if list == nil {
		return
	}
	known := map[string]int{}
	for i, row := range list.Content {
		if name, ok := kind.nameOf(row); ok {
			known[name] = i
		}
	}
	var added []*yaml.Node
	addedBy := map[string]*yaml.Node{}
	for _, row := range value.Content {
		name, named := kind.nameOf(row)
		i, there := known[name]
		switch other := addedBy[name]; {
		case named && other != nil:
			m.already(row, kind.show(row), other)
		case named && there && !m.base.inBase(list.Content[i]):
			m.already(row, kind.show(row), list.Content[i])
		case named && there:
			list.Content[i] = m.row(kind, list.Content[i], row)
		case m.change(row):
			m.added[row] = kind.lacked(row, list)
			added = append(added, row)
			addedBy[name] = row
		}
	}
	if kind.what == "code" {
		m.newCodes(base, added)
	}
	switch {
	case key.Value != "rules":
		list.Content = append(list.Content, added...)
	case m.newRules(base, list, added):
		list.Content = append(added, list.Content...)
	}
	m.keep(base, key, list)
}

// nameOf joins the values of a row's keys; false if the row has not all of them. A text stands for itself. A number in
// quotes is the same name as one without: whoever reads the row then reports the quotes, and no other row is meant.
func (k rowKind) nameOf(row *yaml.Node) (string, bool) {
	if row.Kind == yaml.ScalarNode {
		return sized("", row.Value), true
	}
	values := make([]string, 0, len(k.keys))
	for _, key := range k.keys {
		n := valueOf(row, key)
		if n == nil || n.Kind != yaml.ScalarNode {
			return "", false
		}
		values = append(values, n.Value)
	}
	return sized("", values...), true
}

// show names a row for texts: "code 1301".
func (k rowKind) show(row *yaml.Node) string {
	if row.Kind == yaml.ScalarNode {
		return k.what + " " + quoted(row.Value)
	}
	var values []string
	for _, key := range k.keys {
		if n := valueOf(row, key); n != nil {
			values = append(values, n.Value)
		}
	}
	name := strings.Join(values, "-")
	if slices.Contains(k.keys, "name") {
		name = quoted(name)
	}
	return k.what + " " + name
}

// lacked says that the base has no such row, and which one may be meant.
func (k rowKind) lacked(row, list *yaml.Node) string {
	if _, named := k.nameOf(row); !named {
		return "; without " + listed(k.keys) + " this row names none of the base, so it is a new one"
	}
	name := valueOf(row, "name")
	if name == nil {
		return "; the base has no " + k.show(row) + ", so this row is a new one"
	}
	var names []string
	for _, other := range list.Content {
		if n := valueOf(other, "name"); n != nil {
			names = append(names, n.Value)
		}
	}
	return "; the base has no " + k.show(row) + suggestion(name.Value, names) + ", so this row is a new one"
}
