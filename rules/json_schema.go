package rules

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// What there is a JSON Schema of.
const (
	SchemaCatalog = "catalog" // files of a catalog, and catalog.yaml itself
	SchemaOverlay = "overlay"
	SchemaCases   = "cases"
)

// Schemas lists what JSONSchema knows.
func Schemas() []string { return []string{SchemaCatalog, SchemaOverlay, SchemaCases} }

// JSONSchema is the schema of files of a kind, one of Schemas, for editors: JSON Schema, draft 2020-12, complete in
// itself. It accepts all that the loader accepts, and refuses much of what the loader refuses. The error is that there
// is no such kind.
func JSONSchema(kind string) ([]byte, error) {
	s := &schemaWriter{overlay: kind == SchemaOverlay, defs: object{}}
	var root object
	switch kind {
	case SchemaCatalog:
		root = s.root("Verdict: rules", "A vocabulary: what the statuses and codes of a provider's product mean. Or "+
			"catalog.yaml, the version.", byKey([]string{"version"}, versionKeys, vocabularyKeys))
	case SchemaOverlay:
		root = s.root("Verdict: own rules", "What differs from the catalog, in one vocabulary. A row gives its key "+
			"and the fields that change; a row that the catalog lacks gives all.", vocabularyKeys.form)
	case SchemaCases:
		root = s.root("Verdict: cases", "Events, and what must be published for each.", caseFileKeys.form)
	default:
		return nil, fmt.Errorf("there is no schema %q; write one of: %s", kind, listed(Schemas()))
	}
	var text bytes.Buffer
	to := json.NewEncoder(&text)
	to.SetEscapeHTML(false)
	to.SetIndent("", "  ")
	if err := to.Encode(root); err != nil {
		return nil, err
	}
	return text.Bytes(), nil
}

// schemaWriter makes one schema.
type schemaWriter struct {
	overlay bool
	defs    object // of each kind of mapping, by its name
}

func (s *schemaWriter) root(title, about string, file form) object {
	return and(file(s), object{
		"$schema": "https://json-schema.org/draft/2020-12/schema", "title": title, "description": about,
		"$defs": s.defs,
	})
}

// define keeps a schema under a name, and refers to it.
func (s *schemaWriter) define(name string, schema form) object {
	if _, there := s.defs[name]; !there {
		s.defs[name] = nil // it may refer to itself
		s.defs[name] = schema(s)
	}
	return object{"$ref": "#/$defs/" + name}
}

// articles are what a definition's name leaves out of what texts call the mapping.
var articles = []string{"a ", "an ", "the "}

// form is a reference to the mapping's definition.
func (m *mapping) form(s *schemaWriter) object {
	name := m.what
	if at := slices.IndexFunc(articles, func(a string) bool { return strings.HasPrefix(name, a) }); at >= 0 {
		name = strings.TrimPrefix(name, articles[at])
	}
	return s.define(strings.ReplaceAll(name, " ", "_"), m.schema)
}

func (m *mapping) schema(s *schemaWriter) object {
	properties := object{}
	for _, k := range m.keys {
		properties[k.name] = and(k.value(s), object{"description": k.about})
	}
	schema := object{"type": "object", "properties": properties, "additionalProperties": false}
	if required := m.required(s.overlay); len(required) > 0 {
		schema["required"] = required
	}
	if m.rule != nil {
		schema = and(schema, m.rule(s))
	}
	return schema
}
