package codec

import (
	"fmt"
	"slices"

	"github.com/hamba/avro/v2"
)

// avroPlan says how to read values of one writer schema. It is compiled once for each schema id and never changes.
type avroPlan struct {
	fields []avroField // of the top-level record, in the order in which they are written

	seen, alike uint32 // fields that the record has, and those that the names of others look like; see draft
}

// avroField is a field of a record. Fields that take no bytes are left out.
type avroField struct {
	name  string
	field field // fieldNone: read over it
	node  *avroNode
}

// avroNode is a type of a writer schema. A recursive schema makes a cycle of nodes.
type avroNode struct {
	kind   avro.Type
	empty  bool        // a value takes no bytes
	size   int         // of a fixed
	unit   int64       // of a timestamp: microseconds
	logic  bool        // of a number or of bytes: its logical type says that it is not what it looks like
	names  []string    // symbols of an enum
	item   *avroNode   // of an array or map
	types  []*avroNode // branches of a union
	fields []avroField // of a record

	judged bool // empty is known
}

// newAvroPlan compiles a schema. The error says what the envelope needs and the schema lacks.
func newAvroPlan(schema avro.Schema) (*avroPlan, error) {
	record, ok := schema.(*avro.RecordSchema)
	if !ok {
		return nil, fmt.Errorf("its type is %s, not record", schema.Type())
	}
	c := avroCompiler{named: map[string]*avroNode{}}
	root := c.compile(record)
	c.judge()
	plan, err := claim(record, root)
	c.prune()
	return plan, err
}

// claim finds the envelope's fields in the top-level record, and says which needed one is missing and which has a type
// that cannot be read. A record of the same type further inside is not the envelope: nothing is claimed there.
func claim(record *avro.RecordSchema, root *avroNode) (*avroPlan, error) {
	plan := &avroPlan{}
	for i, schemaField := range record.Fields() {
		f, n := fieldOf(schemaField.Name()), root.fields[i].node
		switch {
		case f == fieldNone:
			plan.alike |= 1 << alike(schemaField.Name())
		case f.foreign() && !n.fits(f):
			plan.alike |= 1 << f
			f = fieldNone
		}
		plan.seen |= 1 << f
		if f != fieldNone && !n.fits(f) {
			return nil, fmt.Errorf("its field %s cannot be read: the envelope needs %s there", f, wanted(f))
		}
		if !n.empty {
			plan.fields = append(plan.fields, avroField{schemaField.Name(), f, n})
		}
	}
	for f := fieldProvider; f <= lastRequired; f++ {
		if plan.seen&(1<<f) == 0 {
			return nil, fmt.Errorf("it has no field %s", f)
		}
	}
	return plan, nil
}

type avroCompiler struct {
	named map[string]*avroNode
	nodes []*avroNode
}

func (c *avroCompiler) judge() {
	for _, n := range c.nodes {
		n.judge()
	}
}

func (c *avroCompiler) prune() {
	for _, n := range c.nodes {
		n.prune()
	}
}

func (c *avroCompiler) compile(schema avro.Schema) *avroNode {
	n := &avroNode{kind: schema.Type()}
	if ref, ok := schema.(*avro.RefSchema); ok {
		return c.compileNamed(ref.Schema())
	}
	switch s := schema.(type) {
	case *avro.RecordSchema, *avro.EnumSchema, *avro.FixedSchema:
		return c.compileNamed(s.(avro.NamedSchema))
	case *avro.PrimitiveSchema:
		n.unit = timeUnit(s)
		n.logic = s.Type() != avro.String && (s.Logical() != nil || s.Prop("logicalType") != nil)
	case *avro.ArraySchema:
		n.item = c.compile(s.Items())
	case *avro.MapSchema:
		n.item = c.compile(s.Values())
	case *avro.UnionSchema:
		for _, t := range s.Types() {
			n.types = append(n.types, c.compile(t))
		}
	}
	c.nodes = append(c.nodes, n)
	return n
}

// compileNamed compiles a type that a schema may name again, even inside of itself.
func (c *avroCompiler) compileNamed(schema avro.NamedSchema) *avroNode {
	if n := c.named[schema.FullName()]; n != nil {
		return n
	}
	n := &avroNode{kind: schema.Type()}
	c.named[schema.FullName()] = n
	c.nodes = append(c.nodes, n)
	switch s := schema.(type) {
	case *avro.EnumSchema:
		n.names = s.Symbols()
	case *avro.FixedSchema:
		n.size = s.Size()
	case *avro.RecordSchema:
		n.kind = avro.Record // an error type is written like a record
		for _, f := range s.Fields() {
			n.fields = append(n.fields, avroField{name: f.Name(), node: c.compile(f.Type())})
		}
	}
	return n
}

// timeUnit is the number of microseconds that one step of a timestamp stands for; 0 if it is none with a known zero
// point.
func timeUnit(s *avro.PrimitiveSchema) int64 {
	if s.Type() != avro.Long || s.Logical() == nil {
		return 0
	}
	switch s.Logical().Type() {
	case avro.TimestampMicros:
		return 1
	case avro.TimestampMillis:
		return 1000
	default:
		return 0
	}
}

// judge finds out whether values of the type take no bytes at all. Such values are never walked: a count of 2^40 of
// them would cost a sender nothing. A record that contains itself counts as not empty; it has no finite value anyway.
func (n *avroNode) judge() bool {
	if n.judged {
		return n.empty
	}
	n.judged = true
	switch n.kind {
	case avro.Null:
		n.empty = true
	case avro.Fixed:
		n.empty = n.size == 0
	case avro.Record:
		all := true
		for _, f := range n.fields {
			all = f.node.judge() && all
		}
		n.empty = all
	}
	return n.empty
}

// prune drops fields that take no bytes, so that each step of reading consumes something.
func (n *avroNode) prune() {
	kept := n.fields[:0]
	for _, f := range n.fields {
		if !f.node.empty {
			kept = append(kept, f)
		}
	}
	n.fields = kept
}

// fits says whether a value of the type can be read as the field; of a union, whether one of its branches can. An
// optional field may always be null.
func (n *avroNode) fits(f field) bool {
	switch n.kind {
	case avro.Union:
		return slices.ContainsFunc(n.types, func(branch *avroNode) bool {
			return branch.kind != avro.Null && branch.fits(f)
		}) || f > lastRequired && !slices.ContainsFunc(n.types, func(branch *avroNode) bool {
			return branch.kind != avro.Null
		})
	case avro.Null:
		return f > lastRequired
	}
	switch f {
	case fieldCodes:
		return n.kind == avro.Array && n.item.holds(func(item *avroNode) bool { return item.isText() || item.isInt() })
	case fieldMetadata:
		return n.kind == avro.Map && n.item.holds((*avroNode).isText)
	case fieldRiskCode, fieldAttempt:
		return n.isInt()
	case fieldOccurredAt:
		return n.isText() || n.unit > 0
	default:
		return n.isText()
	}
}

// holds says whether is holds for the type or, of a union, for one of its branches.
func (n *avroNode) holds(is func(*avroNode) bool) bool {
	return is(n) || n.kind == avro.Union && slices.ContainsFunc(n.types, is)
}

// isText takes a string of any logical type: it is a text all the same, for example of a uuid. Bytes with one are a
// decimal.
func (n *avroNode) isText() bool {
	return n.kind == avro.String || n.kind == avro.Bytes && !n.logic || n.kind == avro.Enum
}

// isInt takes no logical type, not even one that the library does not know: a timestamp or a date is no number to
// decide by.
func (n *avroNode) isInt() bool { return (n.kind == avro.Int || n.kind == avro.Long) && !n.logic }

// wanted names the types that fit a field.
func wanted(f field) string {
	switch f {
	case fieldCodes:
		return "an array of int, long, string, bytes or enum without a logical type"
	case fieldMetadata:
		return "a map of string, bytes or enum without a logical type"
	case fieldRiskCode, fieldAttempt:
		return "an int or long without a logical type"
	case fieldOccurredAt:
		return "a timestamp-micros, a timestamp-millis or a string"
	default:
		return "a string, bytes or enum without a logical type"
	}
}
