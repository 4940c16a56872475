package rules

import (
	"slices"
	"strconv"

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
	for _, n := range own.Content {
		m.asked[n] = true
	}
}

// asked says whether the row of a value was asked for origin: operator already, which may mend more than one mistake.
func (p *page) asked(n *yaml.Node) bool { return p.layer != nil && p.layer.asked[n] }

// origin holds that a row whose rule changes says so, if its kind has an origin.
func (m *merger) origin(kind rowKind, base, own *yaml.Node) {
	switch origin := valueOf(base, "origin"); {
	case origin != nil && origin.Value != OriginOperator.String():
		m.operator(own, "this changes "+m.base.placeOf(base)+", whose origin is "+origin.Value)
	case origin != nil && valueOf(own, "origin") != nil:
		m.operator(own, "this changes "+m.base.placeOf(base)+", whose origin is operator")
	case origin == nil && (kind.what == "code" || kind.what == "risk code"):
		m.operator(own, "this changes "+m.base.placeOf(base)+", whose origin is source unless it says otherwise")
	}
}

// originsWithin holds the same of the values of a row that have an origin of their own.
func (m *merger) originsWithin(base *yaml.Node, key string, own *yaml.Node) {
	old := valueOf(base, key)
	switch {
	case own.Kind != yaml.MappingNode:
	case key == "overdue_after" && old == nil:
		m.operator(own, "this adds to "+m.base.placeOf(base))
	case key == "overdue_after":
		m.origin(rowKind{}, old, own)
	case key == "retry" && old == nil:
		m.newAdvice(own, "this adds to "+m.base.placeOf(base))
	case key == "retry":
		m.advice(old, own)
	}
}

// newAdvice holds that advice which takes from the base says so, for each integration and with its expires.
func (m *merger) newAdvice(own *yaml.Node, why string) {
	advices := valuesOfKeys(own, integrationKeys[:])
	if advices == nil {
		advices = []*yaml.Node{own}
	}
	for _, advice := range advices {
		if advice.Kind != yaml.MappingNode {
			continue
		}
		m.operator(advice, why)
		if expires := valueOf(advice, "expires"); expires != nil && expires.Kind == yaml.MappingNode {
			m.operator(expires, why)
		}
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
		switch {
		case expires == nil || expires.Kind != yaml.MappingNode:
		case was == nil:
			m.operator(expires, "this adds to "+m.base.placeOf(old))
		case !sameValue("", was, expires):
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

// newRiskRule holds that a rule for a risk code which the base leaves to its rule unknown says whose it is.
func (m *merger) newRiskRule(byRisk, own *yaml.Node) {
	unknown := valueOf(byRisk, "unknown")
	if unknown == nil || own.Kind != yaml.MappingNode {
		return
	}
	why := "this takes from the rule unknown at " + m.placeInBase(unknown)
	m.operator(own, why)
	if retry := valueOf(own, "retry"); retry != nil {
		m.newAdvice(retry, why)
	}
}

// newCodes holds that each code which the base leaves to one of its ranges says whose it is. Outside of them a new row
// is what a new line of the provider's page asks for, and takes from no rule.
func (m *merger) newCodes(vocabulary *yaml.Node, added []*yaml.Node) {
	ranges := m.rangesOfBase(vocabulary)
	for _, row := range added {
		code, ok := plainNumber(valueOf(row, "code"))
		if !ok {
			continue
		}
		for _, g := range ranges {
			if g.first <= code && code <= g.last {
				m.operator(row, "this takes from the range at "+m.placeInBase(g.row))
			}
		}
	}
}

// placeInBase names the place of a row of the base, also where the overlay has changed that.
func (m *merger) placeInBase(n *yaml.Node) string {
	if place, changed := m.over[n]; changed {
		return place
	}
	return m.base.placeOf(n)
}

type rangeRow struct {
	row         *yaml.Node
	first, last int64
}

func (m *merger) rangesOfBase(vocabulary *yaml.Node) (ranges []rangeRow) {
	list := valueOf(vocabulary, "ranges")
	if list == nil {
		return nil
	}
	for _, row := range list.Content {
		first, ok1 := plainNumber(valueOf(row, "from"))
		last, ok2 := plainNumber(valueOf(row, "to"))
		if ok1 && ok2 && !m.isNew(row) {
			ranges = append(ranges, rangeRow{row, first, last})
		}
	}
	return ranges
}

func plainNumber(n *yaml.Node) (int64, bool) {
	if n == nil {
		return 0, false
	}
	number, err := strconv.ParseInt(n.Value, 10, 64)
	return number, err == nil
}

// newSteps holds that a row which adds a step to a status of the base says whose it is: what follows that status, and
// what ends it, is then another.
func (f *flowMerger) newSteps(row, whole *yaml.Node) {
	for _, from := range textsOf(row, "from") {
		if status := f.statuses[from.Value]; status != nil {
			f.operator(whole, "this adds a step to the status at "+f.placeInBase(status))
			return
		}
	}
}

// statusesOfBase are the rows of the base's statuses, by name.
func (m *merger) statusesOfBase(vocabulary *yaml.Node) map[string]*yaml.Node {
	found := map[string]*yaml.Node{}
	list := valueOf(vocabulary, "statuses")
	if list == nil {
		return found
	}
	for _, row := range list.Content {
		if name := valueOf(row, "name"); name != nil && !m.isNew(row) {
			found[name.Value] = row
		}
	}
	return found
}
