package codec

import (
	"fmt"

	"github.com/hamba/avro/v2"

	"verdict/processor"
)

// outputShape is a part of what an output looks like, by its published schema. Both formats are read by it.
type outputShape struct {
	path    string // "" is the whole value
	field   outputField
	members map[string]*outputShape // of an object
	needs   []*outputShape          // the members that must be there, in the schema's order
	item    *outputShape            // of a list
	isMap   bool

	needed bool   // it must be there, as its schema has no default for it
	bit    uint64 // its place among the needs of its object; 0: it is not needed
}

func newOutputShape(path string, schema avro.Schema) (*outputShape, error) {
	s := &outputShape{path: path, field: outputFields[path]}
	var err error
	switch schema := schema.(type) {
	case *avro.RefSchema:
		return newOutputShape(path, schema.Schema())
	case *avro.UnionSchema: // of null and one other
		for _, branch := range schema.Types() {
			if branch.Type() != avro.Null {
				return newOutputShape(path, branch)
			}
		}
	case *avro.RecordSchema:
		err = s.addMembers(schema)
	case *avro.ArraySchema:
		if s.item, err = newOutputShape(path, schema.Items()); err == nil {
			s.item.needed = true
		}
	case *avro.MapSchema:
		s.isMap = true
	}
	if _, known := outputFields[path]; !known && path != "" {
		return nil, fmt.Errorf("the field %s goes nowhere: outputFields lacks it", path)
	}
	return s, err
}

func (s *outputShape) addMembers(schema *avro.RecordSchema) error {
	s.members = map[string]*outputShape{}
	for _, f := range schema.Fields() {
		path := f.Name()
		if s.path != "" {
			path = s.path + "." + path
		}
		member, err := newOutputShape(path, f.Type())
		if err != nil {
			return err
		}
		if member.needed = !f.HasDefault(); member.needed {
			if len(s.needs) == 64 {
				return fmt.Errorf("the field %s is needed as the 65th of its record: there are bits for 64", path)
			}
			member.bit = 1 << len(s.needs)
			s.needs = append(s.needs, member)
		}
		s.members[f.Name()] = member
	}
	return nil
}

// begin begins an object, or an item of a list.
func (s *outputShape) begin(d *processor.Decision) {
	if s.field.begin != nil {
		s.field.begin(d)
	}
}

// missing names the first needed member whose bit is not among those found; "" if all are.
func (s *outputShape) missing(found uint64) string {
	for _, member := range s.needs {
		if found&member.bit == 0 {
			return member.path
		}
	}
	return ""
}
