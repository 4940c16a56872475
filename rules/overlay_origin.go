package rules

import (
	"slices"

	"go.yaml.in/yaml/v3"
)

// besidesOrigin are the keys of a row that its origin says nothing of: texts, and what has an origin of its own.
var besidesOrigin = []string{"meaning", "action", "reason", "aliases", "by_risk", "retry", "overdue_after"}

// operator holds that what changes a rule of the base says that it is the operator's: the origin begins the basis of
// each decision by it.
func (m *merger) operator(own *yaml.Node, why string) {
	at, origin := own, valueOf(own, "origin")
	if origin != nil {
		if at = origin; origin.Value == OriginOperator.String() {
			return
		}
	}
	m.reportAt(at, "%s; write origin: operator", why)
}

// origin holds that a row whose rule changes says so, if its kind has an origin.
func (m *merger) origin(kind rowKind, base, own *yaml.Node) {
	switch origin := valueOf(base, "origin"); {
	case origin != nil && origin.Value != OriginOperator.String():
		m.operator(own, "this changes "+m.base.placeOf(base)+", whose origin is "+origin.Value)
	case origin != nil && valueOf(own, "origin") != nil:
		m.operator(own, "this changes "+m.base.placeOf(base)+", whose origin is operator")
	case origin == nil && kind.what == "code":
		m.operator(own, "this changes "+m.base.placeOf(base)+", whose origin is source unless it says otherwise")
	}
}

// originsWithin holds the same of the values of a row that have an origin of their own.
func (m *merger) originsWithin(base *yaml.Node, key string, own *yaml.Node) {
	old := valueOf(base, key)
	if old == nil || own.Kind != yaml.MappingNode {
		return
	}
	switch key {
	case "overdue_after":
		m.origin(rowKind{}, old, own)
	case "retry":
		m.advice(old, own)
	}
}

// advice compares advice for all with such, and that for each integration with what held for it.
func (m *merger) advice(base, own *yaml.Node) {
	parts := []string{""}
	if slices.ContainsFunc(integrationKeys[:], func(key string) bool { return hasKey(own, key) }) {
		parts = integrationKeys[:]
	}
	for _, part := range parts {
		old, advice := adviceFor(base, part), adviceFor(own, part)
		if advice.Kind != yaml.MappingNode || part != "" && !hasKey(own, part) {
			continue
		}
		if !sameValue("", without(old, "expires"), without(advice, "expires")) {
			m.origin(rowKind{}, old, advice)
		}
		was, expires := valueOf(old, "expires"), valueOf(advice, "expires")
		if was != nil && expires != nil && !sameValue("", was, expires) {
			m.origin(rowKind{}, was, expires)
		}
	}
}

// adviceFor is the part of a retry for an integration. Where it has one advice for all, it is that, and where there is
// none for all, that for an unnamed one stands for it.
func adviceFor(retry *yaml.Node, integration string) *yaml.Node {
	if part := valueOf(retry, integration); part != nil {
		return part
	}
	if part := valueOf(retry, integrationKeys[IntegrationUnspecified]); part != nil && integration == "" {
		return part
	}
	return retry
}

// without is a mapping without one of its keys.
func without(n *yaml.Node, key string) *yaml.Node {
	at := indexOf(n, key)
	if at < 0 {
		return n
	}
	return &yaml.Node{Kind: n.Kind, Content: slices.Delete(slices.Clone(n.Content), at, at+2)}
}
