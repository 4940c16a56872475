package codec

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"sync"

	"github.com/hamba/avro/v2"

	"verdict/processor"
	"verdict/schemas"
)

// OutputReader reads the values of the output topics back: decisions, billing events, risk events and overdue notices,
// in both formats. It is for programs that read what Verdict has written. It is safe for concurrent use.
type OutputReader struct {
	registry *Registry
	limits   Limits
	shapes   [processor.NumRoutes]*outputShape
	json     sync.Pool // of *jsonReader

	mu    sync.RWMutex
	parts map[writtenBy]*outputPart
}

// writtenBy is a route and the id of the schema that one of its values was written by.
type writtenBy struct {
	route processor.Route
	id    uint32
}

// NewOutputReader makes a reader. The registry, which it does not own, finds the schemas of Avro values; nil: there is
// none, and all values must be JSON.
func NewOutputReader(registry *Registry) (*OutputReader, error) {
	r := &OutputReader{registry: registry, limits: Limits{}.withDefaults(), parts: map[writtenBy]*outputPart{}}
	r.json.New = func() any { return new(jsonReader) }
	for _, route := range processor.EncodedRoutes() {
		file := route.Spec().Schema
		schema, err := parseSchema(schemas.Text(file), &avro.SchemaCache{})
		if err != nil {
			return nil, fmt.Errorf("schemas/%s: %w", file, err)
		}
		if r.shapes[route], err = newOutputShape("", schema); err != nil {
			return nil, fmt.Errorf("schemas/%s: %w", file, err)
		}
	}
	return r, nil
}

// Read fills d from a value of the route, which its first byte tells to be Avro or JSON. It sets what the route carries
// and leaves the rest zero; that includes the vocabulary, which no output names, and Reason.RiskBearing, which only
// risk events tell, and of known codes alone: an unlisted code is in each of them, whether it bears on risk or not.
// What a later version of the schema has is read over: unknown fields, and unknown symbols, which become UNSPECIFIED.
// The texts of d are its own.
//
// An error that is ErrRegistryUnavailable may pass. Any other says what is wrong with the value or with its schema, and
// d is not to be used.
func (r *OutputReader) Read(ctx context.Context, route processor.Route, value []byte, d *processor.Decision) error {
	if int(route) >= processor.NumRoutes || r.shapes[route] == nil {
		return notEncoded(route)
	}
	clear(d.Reasons)
	clear(d.Metadata)
	*d = processor.Decision{Reasons: d.Reasons[:0], Metadata: d.Metadata[:0]}
	if err := r.read(ctx, route, value, d); err != nil {
		return fmt.Errorf("the %s cannot be read: %w", route.Spec().Noun, err)
	}
	if route == processor.RouteRisk {
		for i := range d.Reasons {
			d.Reasons[i].RiskBearing = d.Reasons[i].Known
		}
	}
	return nil
}

func (r *OutputReader) read(ctx context.Context, route processor.Route, value []byte, d *processor.Decision) error {
	switch {
	case len(value) == 0:
		return errors.New("it has no value: a tombstone, by which the record of that key was removed")
	case value[0] != avroMagic:
		j := r.json.Get().(*jsonReader)
		defer r.json.Put(j)
		defer j.release()
		return j.readOutput(r.shapes[route], value, d)
	case len(value) < avroHeaderSize:
		return errors.New("malformed Avro: the value ends inside of the 5 bytes of the wire header")
	}
	part, err := r.part(ctx, writtenBy{route, binary.BigEndian.Uint32(value[1:])})
	if err != nil {
		return err
	}
	return part.readValue(value, r.limits, d)
}

// part finds how to read a schema, at the registry if need be.
func (r *OutputReader) part(ctx context.Context, by writtenBy) (*outputPart, error) {
	r.mu.RLock()
	part := r.parts[by]
	r.mu.RUnlock()
	if part != nil {
		return part, nil
	}
	if r.registry == nil {
		return nil, fmt.Errorf("it is Avro with schema id %d, and no schema registry is configured: "+
			"name it (registry.url)", by.id)
	}
	schema, err := r.registry.schema(ctx, int(by.id))
	if err != nil {
		return nil, err
	}
	if part, err = bindOutput(r.shapes[by.route], schema); err != nil {
		return nil, fmt.Errorf("the schema with id %d is not that of a %s: %w", by.id, by.route.Spec().Noun, err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.parts) >= maxEntries { // more than any cluster has
		clear(r.parts)
	}
	r.parts[by] = part
	return part, nil
}
