package rules

import (
	"slices"

	"go.yaml.in/yaml/v3"
)

// riskKind is that of the rules of by_risk, which their mapping tells apart.
var riskKind = rowKind{what: "rule"}

// row makes one row of the base's and the overlay's. It stands where the overlay's does, unless that changes nothing.
func (m *merger) row(kind rowKind, base, own *yaml.Node) *yaml.Node {
	switch {
	case base.Kind != yaml.MappingNode:
		if own.Kind == yaml.MappingNode {
			m.statedElsewhere(base, own)
		}
		return base
	case own.Kind != yaml.MappingNode:
		m.reportAt(own, "this %s is %s; write a mapping with %s and what differs from %s", kind.what, kindOf(own),
			listed(kind.keys), m.base.placeOf(base))
		return base
	case kind.what == "envelope":
		return m.envelope(base, own)
	}
	before := len(m.changes)
	m.markOver(own, m.base.placeOf(base))
	merged := m.inPlaceOf(own, &yaml.Node{Kind: yaml.MappingNode, Content: slices.Clone(base.Content)})
	ruleChanges := false
	for i := 0; i < len(own.Content); i += 2 {
		key, value := own.Content[i], own.Content[i+1]
		switch {
		case m.odd(own, i):
		case slices.Contains(kind.keys, key.Value):
			at := indexOf(merged, key.Value)
			if sameValue("", merged.Content[at+1], value) || m.change(value) {
				merged.Content[at], merged.Content[at+1] = key, value
			}
		case key.Value == "by_risk":
			m.byRisk(merged, key, value)
		case key.Value == "aliases":
			m.join(merged, key, value)
		case m.set(merged, key, value):
			ruleChanges = ruleChanges || !slices.Contains(besidesOrigin, key.Value)
			m.originsWithin(base, key.Value, value)
		}
	}
	if len(m.changes) == before {
		return base
	}
	if ruleChanges {
		m.origin(kind, base, own)
	}
	return merged
}

// byRisk lays the rules of a status by risk code over the base's.
func (m *merger) byRisk(base, key, value *yaml.Node) {
	old := valueOf(base, key.Value)
	if old == nil || isEmpty(value) {
		m.set(base, key, value)
		return
	}
	if value.Kind != yaml.MappingNode {
		m.reportAt(value, "by_risk is %s; write a mapping from each risk code, missing and unknown to a rule",
			kindOf(value))
		return
	}
	for i := 0; i < len(value.Content); i += 2 {
		risk, rule := value.Content[i], value.Content[i+1]
		if m.odd(value, i) {
			continue
		}
		at := indexOf(old, risk.Value)
		if at < 0 {
			if m.set(old, risk, rule) && m.base.inBase(old) {
				m.newRiskRule(old, rule)
			}
			continue
		}
		if rule.Kind != yaml.MappingNode || !m.base.inBase(old.Content[at+1]) {
			m.set(old, risk, rule)
			continue
		}
		if merged := m.row(riskKind, old.Content[at+1], rule); merged != old.Content[at+1] {
			old.Content[at], old.Content[at+1] = risk, merged
		} else if !sameValue("", old.Content[at], risk) && m.change(risk) {
			old.Content[at] = risk // which its reader refuses
		}
	}
}

// join adds the overlay's texts to the base's.
func (m *merger) join(base, key, value *yaml.Node) {
	list := m.list(base, key, value)
	if list == nil {
		return
	}
	for _, text := range value.Content {
		there := slices.ContainsFunc(list.Content, func(n *yaml.Node) bool {
			return m.base.inBase(n) && sameValue("", n, text)
		})
		if !there && m.change(text) {
			list.Content = append(list.Content, text)
		}
	}
	m.keep(base, key, list)
}

// billing lays the overlay's billing policy over the base's.
func (m *merger) billing(base, key, value *yaml.Node) {
	old := valueOf(base, key.Value)
	if old == nil || isEmpty(value) {
		m.set(base, key, value)
		return
	}
	if value.Kind != yaml.MappingNode {
		m.reportAt(value, "%s is %s; write a mapping with: %s", key.Value, kindOf(value), "rules, otherwise")
		return
	}
	for i := 0; i < len(value.Content); i += 2 {
		key, policy := value.Content[i], value.Content[i+1]
		otherwise := valueOf(old, "otherwise")
		switch {
		case m.odd(value, i):
		case key.Value == "rules":
			m.rows(old, key, policy, rowKinds["rules"])
		case key.Value == "otherwise" && otherwise != nil && m.base.inBase(otherwise) &&
			policy.Kind == yaml.MappingNode && !isEmpty(policy):
			merged := m.row(rowKind{what: "otherwise"}, otherwise, policy)
			old.Content[indexOf(old, "otherwise")+1] = merged
		default:
			m.set(old, key, policy)
		}
	}
}

// newRules holds that the new billing rules of a vocabulary are in one file, so that their order is written somewhere,
// and that each says whose it is: it takes from the base's rules what it matches. Those of a second file are left out.
func (m *merger) newRules(billing, list *yaml.Node, added []*yaml.Node) bool {
	for _, row := range added {
		if m.base.inBase(billing) && row.Kind == yaml.MappingNode {
			m.operator(row, "this comes before the billing rules of the base")
		}
		for _, other := range list.Content {
			if m.isNew(other) && m.files[other] != m.files[row] {
				m.reportAt(row, "new billing rules of this vocabulary are at %s, too, and their order counts; "+
					"write them into one file", m.base.placeOf(other))
				return false
			}
		}
	}
	return true
}

// isNew says whether a row is the overlay's alone.
func (m *merger) isNew(row *yaml.Node) bool { return !m.base.inBase(row) && m.over[row] == "" }
