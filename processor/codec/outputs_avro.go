package codec

import (
	"fmt"

	"github.com/hamba/avro/v2"

	"verdict/processor"
)

// outputPart is a part of a writer schema, with what it is of an output. It is made once for each schema.
type outputPart struct {
	shape *outputShape // nil: read over it
	node  *avroNode
	parts []outputPart // fields of a record, branches of a union, the item of an array
}

// bindOutput finds the parts of an output in a writer schema, whose fields may be in any order and more than we know.
func bindOutput(shape *outputShape, schema avro.Schema) (*outputPart, error) {
	record, ok := schema.(*avro.RecordSchema)
	if !ok {
		return nil, fmt.Errorf("its type is %s, not record", schema.Type())
	}
	c := avroCompiler{named: map[string]*avroNode{}}
	root := c.compile(record)
	c.judge()
	c.prune()
	part, err := shape.bind(root)
	return &part, err
}

func (s *outputShape) bind(n *avroNode) (outputPart, error) {
	p := outputPart{shape: s, node: n}
	switch {
	case s == nil, n.kind == avro.Null:
		return p, nil
	case n.kind == avro.Union:
		for _, branch := range n.types {
			if err := p.add(s, branch); err != nil {
				return p, err
			}
		}
		return p, nil
	case !s.fits(n):
		return p, fmt.Errorf("its field %s is a %s, which cannot be read", s.path, n.kind)
	case s.item != nil:
		return p, p.add(s.item, n.item)
	case s.members == nil:
		return p, nil
	}
	var found uint64
	for _, f := range n.fields {
		member := s.members[f.name]
		if err := p.add(member, f.node); err != nil {
			return p, err
		}
		if member != nil {
			found |= member.bit
		}
	}
	if missing := s.missing(found); missing != "" {
		return p, fmt.Errorf("it has no field %s", missing)
	}
	return p, nil
}

func (p *outputPart) add(s *outputShape, n *avroNode) error {
	part, err := s.bind(n)
	p.parts = append(p.parts, part)
	return err
}

// fits says whether values of the type can be read.
func (s *outputShape) fits(n *avroNode) bool {
	switch {
	case s.members != nil:
		return n.kind == avro.Record
	case s.item != nil:
		return n.kind == avro.Array
	case s.isMap:
		return n.kind == avro.Map && n.item.isText()
	case s.field.flag != nil:
		return n.kind == avro.Boolean
	case n.unit > 0:
		return s.field.text != nil && s.field.number != nil // a time
	case s.field.text != nil:
		return n.isText()
	default:
		return n.isInt()
	}
}

// outputCursor reads an output.
type outputCursor struct {
	avroCursor
	decision *processor.Decision
}

func (p *outputPart) readValue(value []byte, limits Limits, d *processor.Decision) error {
	c := outputCursor{avroCursor{text: string(value), at: avroHeaderSize, limits: limits}, d}
	c.read(p)
	if c.left() > 0 {
		c.fail("something follows the last field")
	}
	if c.failed() {
		return fmt.Errorf("malformed Avro: %s", c.problem)
	}
	return nil
}

func (c *outputCursor) read(p *outputPart) {
	s, n := p.shape, p.node
	switch {
	case s == nil:
		c.skip(n)
	case n.kind == avro.Null:
		if s.needed {
			c.fail("%s is null", s.path)
		}
	case n.kind == avro.Union:
		if i := c.index(false, len(n.types), "a union"); i >= 0 {
			c.read(&p.parts[i])
		}
	case s.members != nil:
		s.begin(c.decision)
		for i := range p.parts {
			c.read(&p.parts[i])
		}
	case s.item != nil:
		c.readItems(p)
	case s.isMap:
		c.readPairs(p)
	default:
		c.readScalar(s, n)
	}
}

func (c *outputCursor) readItems(p *outputPart) {
	for b := (avroBlock{}); c.next(&b, p.node.item, false); {
		for i := 0; i < b.items && !c.failed(); i++ {
			c.read(&p.parts[0])
		}
	}
}

func (c *outputCursor) readPairs(p *outputPart) {
	for b := (avroBlock{}); c.next(&b, p.node.item, true); {
		for i := 0; i < b.items && !c.failed(); i++ {
			key := c.string()
			value, ok := c.readText(p.node.item)
			if !ok {
				c.fail("a value of %s is not valid UTF-8", p.shape.path)
			}
			p.shape.field.pair(c.decision, key, value)
		}
	}
}

func (c *outputCursor) readScalar(s *outputShape, n *avroNode) {
	f, ok := &s.field, true
	switch {
	case f.flag != nil:
		*f.flag(c.decision) = c.bool()
	case n.unit > 0:
		ok = f.number(c.decision, c.micros(n))
	case f.text != nil:
		var value string
		if value, ok = c.readText(n); ok {
			ok = f.text(c.decision, value)
		}
	default:
		ok = f.number(c.decision, c.integer(n))
	}
	if !ok {
		c.fail("%s is not %s", s.path, f.wanted)
	}
}
