package rules

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// maxMembers bounds the members of an envelope; an event has 13 fields that they can fill.
const maxMembers = 64

// members reads what an event takes from a body.
func (e *envelopeRow) members(f *fields) {
	f.need("members")
	rows := e.atMost(f, "members", f.list("members"), maxMembers)
	before := e.mistakes.n
	for _, n := range rows {
		row, ok := e.fields(n, memberKeys)
		if !ok {
			continue
		}
		m := Member{As: enum[As](row, "as", asNames)}
		if path := row.need("path"); path != nil {
			m.Path = e.path(path, "path")
			e.insideOfOthers(path, m.Path)
		}
		e.fieldOf(row, &m)
		e.nameOf(row, &m)
		e.rows[memberBasis(e.Name, m.Path)] = e.filePlace(n)
		e.Members = append(e.Members, m)
	}
	for _, field := range requiredFields {
		if e.mistakes.n == before && f.has("members") && len(e.filling(field)) == 0 {
			e.report(f.values["members"], "no member fills %s, without which no event can be decided; add one", field)
		}
	}
}

// insideOfOthers reports a path that cannot be read because of another one.
func (e *envelopeRow) insideOfOthers(n *yaml.Node, path string) {
	for _, other := range e.Members {
		switch {
		case path == "" || other.Path == "":
		case path == other.Path:
			e.report(n, "path %s is read already; keep one member of it", quoted(path))
			return
		case strings.HasPrefix(path, other.Path+"."), strings.HasPrefix(other.Path, path+"."):
			e.report(n, "path %s cannot be read beside %s: one is inside of the other; remove one", quoted(path),
				quoted(other.Path))
			return
		}
	}
}

// fieldOf reads which field of the event a member fills, and whether it can.
func (e *envelopeRow) fieldOf(row *fields, m *Member) {
	n := row.need("field")
	if n == nil {
		return
	}
	var names []string
	for _, r := range readers {
		names = append(names, r.field)
		if r.field == n.Value && n.Kind == yaml.ScalarNode {
			m.Field = r.field
			e.readAs(row, m, r.agreeing, r.alone)
		}
	}
	if m.Field == "" {
		e.report(n, "field is %s%s; write one of: %s", kindOf(n), suggestion(n.Value, names), listed(names))
	}
}

// readAs holds a member against the ways in which its field can be read, and against the members before it.
func (e *envelopeRow) readAs(row *fields, m *Member, agreeing, alone []As) {
	if m.As == AsUnspecified {
		return // it has its mistake
	}
	together := slices.Contains(agreeing, m.As)
	if !together && !slices.Contains(alone, m.As) {
		var names []string
		for _, as := range slices.Concat(agreeing, alone) {
			names = append(names, as.String())
		}
		e.report(row.values["as"], "%s cannot be read as %s; write one of: %s", m.Field, m.As, listed(names))
		return
	}
	for _, other := range e.filling(m.Field) {
		if !together || !slices.Contains(agreeing, other.As) {
			e.report(row.values["field"], "%s is filled from %s already, read as %s; keep one", m.Field,
				quoted(other.Path), other.As)
			return
		}
	}
}

// filling are the members so far that fill a field.
func (e *envelopeRow) filling(field string) (members []Member) {
	for _, m := range e.Members {
		if m.Field == field {
			members = append(members, m)
		}
	}
	return members
}

// nameOf reads the name that some readers need.
func (e *envelopeRow) nameOf(row *fields, m *Member) {
	named := m.As == AsCodesIn || m.As == AsVariant
	switch {
	case m.As == AsUnspecified:
	case named && !row.has("name"):
		e.report(row.node, "a member read as %s needs the key name: with codes_in what the code is called in each "+
			"object, with variant the variant", m.As)
	case named:
		m.Name = row.line("name")
	case row.has("name"):
		e.report(row.values["name"], "name is for codes_in and variant; remove it")
	}
}
