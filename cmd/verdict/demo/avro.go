package demo

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/twmb/franz-go/pkg/sr"
)

// avroReader reads values in the registry's wire format with nothing but the schema that the registry has: what a
// subscriber does. It is for the demonstration, whose values are Verdict's own; records from elsewhere are the codec's.
type avroReader struct {
	registry *sr.Client
	schemas  map[uint32]*avroSchema
}

type avroSchema struct {
	root  any
	named map[string]any // records, enums and fixed by name
}

func newAvroReader(url string) (*avroReader, error) {
	client, err := sr.NewClient(sr.URLs(url))
	return &avroReader{client, map[uint32]*avroSchema{}}, err
}

// toJSON turns a value into its JSON form: records and maps as objects, enums as their symbols, unions as what they
// hold.
func (a *avroReader) toJSON(ctx context.Context, value []byte) ([]byte, error) {
	if len(value) < 5 || value[0] != 0 {
		return nil, errors.New("the value is not in the registry's wire format")
	}
	schema, err := a.schema(ctx, binary.BigEndian.Uint32(value[1:]))
	if err != nil {
		return nil, err
	}
	c := &avroCursor{schema: schema, rest: value[5:]}
	decoded := c.read(schema.root)
	if c.err != nil {
		return nil, c.err
	}
	return json.Marshal(decoded)
}

func (a *avroReader) schema(ctx context.Context, id uint32) (*avroSchema, error) {
	if s := a.schemas[id]; s != nil {
		return s, nil
	}
	text, err := a.registry.SchemaByID(ctx, int(id))
	if err != nil {
		return nil, err
	}
	s := &avroSchema{named: map[string]any{}}
	if err := json.Unmarshal([]byte(text.Schema), &s.root); err != nil {
		return nil, err
	}
	s.collect(s.root)
	a.schemas[id] = s
	return s, nil
}

// collect finds the named types, under their short and full names.
func (s *avroSchema) collect(node any) {
	switch n := node.(type) {
	case []any:
		for _, one := range n {
			s.collect(one)
		}
	case map[string]any:
		if name, ok := n["name"].(string); ok && (n["type"] == "record" || n["type"] == "enum" ||
			n["type"] == "fixed") {
			s.named[name] = n
			if space, ok := n["namespace"].(string); ok {
				s.named[space+"."+name] = n
			}
		}
		for _, key := range []string{"type", "items", "values", "fields"} {
			s.collect(n[key])
		}
	}
}

// avroCursor reads one value; the first error stays.
type avroCursor struct {
	schema *avroSchema
	rest   []byte
	err    error
}

func (c *avroCursor) fail(format string, args ...any) any {
	if c.err == nil {
		c.err = fmt.Errorf("Avro: "+format, args...)
	}
	c.rest = nil
	return nil
}

func (c *avroCursor) read(node any) any {
	switch n := node.(type) {
	case string:
		if named := c.schema.named[n]; named != nil {
			return c.read(named)
		}
		return c.primitive(n)
	case []any:
		if i := c.long(); i >= 0 && int(i) < len(n) {
			return c.read(n[i])
		}
		return c.fail("a union has no such branch")
	case map[string]any:
		return c.complex(n)
	}
	return c.fail("the schema has an unreadable part")
}

func (c *avroCursor) complex(n map[string]any) any {
	switch n["type"] {
	case "record":
		object := map[string]any{}
		fields, _ := n["fields"].([]any)
		for _, f := range fields {
			field, _ := f.(map[string]any)
			name, _ := field["name"].(string)
			object[name] = c.read(field["type"])
		}
		return object
	case "enum":
		symbols, _ := n["symbols"].([]any)
		if i := c.long(); i >= 0 && int(i) < len(symbols) {
			return symbols[i]
		}
		return c.fail("an enum has no such symbol")
	case "array":
		items := []any{}
		c.blocks(func() { items = append(items, c.read(n["items"])) })
		return items
	case "map":
		object := map[string]any{}
		c.blocks(func() { key := c.text(); object[key] = c.read(n["values"]) })
		return object
	}
	return c.read(n["type"]) // a primitive with a logical type
}

func (c *avroCursor) primitive(name string) any {
	switch name {
	case "null":
		return nil
	case "boolean":
		return string(c.take(1)) == "\x01"
	case "int", "long":
		return c.long()
	case "string", "bytes":
		return c.text()
	}
	return c.fail("the type %s is none that Verdict writes", name)
}

// blocks reads the items of an array or map.
func (c *avroCursor) blocks(item func()) {
	for n := c.long(); n != 0 && c.err == nil; n = c.long() {
		if n < 0 {
			n = -n
			c.long() // the block's size in bytes
		}
		for ; n > 0 && c.err == nil; n-- {
			item()
		}
	}
}

func (c *avroCursor) long() int64 {
	n, length := binary.Varint(c.rest)
	if length <= 0 {
		c.fail("a number is cut short")
		return 0
	}
	c.rest = c.rest[length:]
	return n
}

func (c *avroCursor) text() string { return string(c.take(c.long())) }

func (c *avroCursor) take(n int64) []byte {
	if n < 0 || n > int64(len(c.rest)) {
		c.fail("a text is cut short")
		return nil
	}
	taken := c.rest[:n]
	c.rest = c.rest[n:]
	return taken
}
