package codec

import (
	"context"
	"fmt"
	"strings"

	"github.com/hamba/avro/v2"
	"github.com/twmb/franz-go/pkg/sr"

	"verdict/processor"
	"verdict/schemas"
)

// maxReferences bounds the schemas that one schema may refer to, directly or not.
const maxReferences = 64

// find asks for the schema of an id and compiles it for raw events.
func (r *Registry) find(ctx context.Context, id int) (*avroPlan, error) {
	schema, err := r.schema(ctx, id)
	if err != nil {
		return nil, err
	}
	plan, err := newAvroPlan(schema)
	if err != nil {
		return nil, incompatible(id, err.Error())
	}
	return plan, nil
}

// schema asks for the schema of an id and for all that it refers to. A *processor.Rejection says that there is none, or
// that it is none of Avro's.
func (r *Registry) schema(ctx context.Context, id int) (avro.Schema, error) {
	var found sr.Schema
	err := r.ask(ctx, func(c *sr.Client) (err error) {
		found, err = c.SchemaByID(ctx, id)
		return checkText(found, err)
	})
	if isUnknown(err) {
		return nil, processor.Reject(processor.ReasonUnknownSchema,
			"the schema registry does not know schema id %d", id)
	}
	if err != nil {
		return nil, err
	}
	return r.parseAll(ctx, id, found)
}

// checkText refuses an answer that has no schema in it: whoever gave it is not a registry.
func checkText(s sr.Schema, err error) error {
	if err == nil && strings.TrimSpace(s.Schema) == "" {
		return fmt.Errorf("the answer has no schema in it")
	}
	return err
}

type subjectVersion struct {
	subject string
	version int
}

// schemaParser parses a schema after those it refers to.
type schemaParser struct {
	registry *Registry
	id       int
	cache    *avro.SchemaCache
	seen     map[subjectVersion]bool
}

// parseAll parses the schema with this id after all that it refers to.
func (r *Registry) parseAll(ctx context.Context, id int, s sr.Schema) (avro.Schema, error) {
	p := schemaParser{registry: r, id: id, cache: &avro.SchemaCache{}, seen: map[subjectVersion]bool{}}
	return p.parse(ctx, s)
}

func (p *schemaParser) incompatible(problem string) error { return incompatible(p.id, problem) }

func incompatible(id int, problem string) error {
	return processor.Reject(processor.ReasonIncompatibleSchema, "the schema with id %d: %s", id, problem)
}

func (p *schemaParser) parse(ctx context.Context, s sr.Schema) (avro.Schema, error) {
	if s.Type != sr.TypeAvro {
		return nil, p.incompatible("it is of type " + s.Type.String() + ", not AVRO")
	}
	for _, reference := range s.References {
		if err := p.parseReference(ctx, subjectVersion{reference.Subject, reference.Version}); err != nil {
			return nil, err
		}
	}
	schema, err := parseSchema(s.Schema, p.cache)
	if err != nil {
		return nil, p.incompatible("it, or one that it refers to, is not a valid Avro schema")
	}
	return schema, nil
}

// parseReference adds a referred schema's types to the cache. One that was seen before is there already, or is part of
// a circle, which the parser then refuses as an unknown type.
func (p *schemaParser) parseReference(ctx context.Context, at subjectVersion) error {
	if p.seen[at] {
		return nil
	}
	if p.seen[at] = true; len(p.seen) > maxReferences {
		return p.incompatible(fmt.Sprintf("it refers to more than %d others", maxReferences))
	}
	var found sr.SubjectSchema
	err := p.registry.ask(ctx, func(c *sr.Client) (err error) {
		found, err = c.SchemaByVersion(ctx, at.subject, at.version)
		return checkText(found.Schema, err)
	})
	if isUnknown(err) {
		return processor.Reject(processor.ReasonUnknownSchema,
			"the schema registry does not know subject %s version %d, which the schema with id %d refers to",
			at.subject, at.version, p.id)
	}
	if err != nil {
		return err
	}
	_, err = p.parse(ctx, found.Schema)
	return err
}

// CheckSchemas says whether each route that needs one has a schema that can be parsed. An error is a fault of the
// program.
func CheckSchemas() error {
	for _, route := range processor.EncodedRoutes() {
		file := route.Spec().Schema
		if _, err := parseSchema(schemas.Text(file), &avro.SchemaCache{}); err != nil {
			return fmt.Errorf("schemas/%s, of the route %s: %w", file, route, err)
		}
	}
	return nil
}

// parseSchema turns a panic of the archived parser into an error: the text is another system's.
func parseSchema(text string, cache *avro.SchemaCache) (schema avro.Schema, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("parse the schema: %v", p)
		}
	}()
	return avro.ParseWithCache(text, "", cache)
}
