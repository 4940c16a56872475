package codec

import (
	"strings"

	"verdict/rules"
)

// member is a value that an event takes. A null counts as absent.
type member struct {
	path  string // names from the top, with a dot between
	field field
	read  reader
}

// reader reads the value that comes next, whose first byte is first and not that of null, into a field. What is wrong
// is a fault of the draft.
type reader func(j *jsonReader, f field, first byte)

// compiledFormat is an envelope whose members are a tree. Names that it does not mention are read over, whatever they
// hold, and nothing of them leaves: an event has only what a member puts there.
type compiledFormat struct {
	*rules.Envelope
	root  node
	names [numFields]string // of the fields, as the provider calls them
}

// node is a member, or an object on the way to members.
type node struct {
	path     string
	member   *member
	children map[string]*node
	fields   uint32 // bit n: field n is below
	// alike are the fields that a child is for, by its name in small letters without separators.
	alike map[string]uint32
}

func compile(e *rules.Envelope) *compiledFormat {
	c := &compiledFormat{Envelope: e, names: [numFields]string{
		fieldProduct: "product (a setting of the topic, or the record header " + HeaderProduct + ")",
	}}
	for i := range e.Members {
		m := &e.Members[i]
		c.add(&member{path: m.Path, field: fieldOf(m.Field), read: readerOf(m, c.otherPaths(m))})
	}
	return c
}

// otherPaths are those of all members that fill the same field, if there are several: the first one is first.
func (c *compiledFormat) otherPaths(m *rules.Member) []string {
	var paths []string
	for i := range c.Members {
		if c.Members[i].Field == m.Field {
			paths = append(paths, c.Members[i].Path)
		}
	}
	return paths
}

func (c *compiledFormat) add(m *member) {
	if c.names[m.field] != "" {
		c.names[m.field] += " or "
	}
	c.names[m.field] += m.path
	n := &c.root
	for name := range strings.SplitSeq(m.path, ".") {
		n.fields |= 1 << m.field
		child := n.children[name]
		if child == nil {
			child = &node{path: strings.TrimPrefix(n.path+"."+name, ".")}
			if n.children == nil {
				n.children, n.alike = map[string]*node{}, map[string]uint32{}
			}
			n.children[name] = child
		}
		n.alike[string(fold(nil, name))] |= 1 << m.field
		n = child
	}
	n.member = m
}

// readProvider reads the body of a provider. Product is what stands in where the body does not name it.
func (j *jsonReader) readProvider(c *compiledFormat, product string) {
	e := j.draft.event
	e.Provider, e.Product = c.Provider, c.Product
	if c.Product == "" {
		e.Product = product
	}
	j.draft.names = &c.names
	j.walker.peek()
	j.readMembers(&c.root)
}

// readMembers reads an object, which comes next. A name that is not read counts as a misspelt one only if nothing but
// case and separators are wrong: a provider has many others, and spells its own right.
func (j *jsonReader) readMembers(n *node) {
	var stack [maxAlike]byte
	for j.walker.open(); j.walker.more(); {
		name := j.readText()
		child := n.children[name]
		switch {
		case child == nil:
			j.draft.alike |= n.alike[string(fold(stack[:0], name))]
		case child.member != nil:
			j.draft.seen |= 1 << child.member.field
		}
		first := j.walker.peek()
		switch {
		case child == nil || first == 'n':
			j.walker.skip()
		case child.member != nil:
			j.draft.place = child.path
			child.member.read(j, child.member.field, first)
		case first == '{':
			j.readMembers(child)
		default:
			j.draft.place = child.path
			j.draft.faultAll(child.fields, "is not an object")
			j.walker.skip()
		}
	}
}
