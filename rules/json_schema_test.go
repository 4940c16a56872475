package rules_test

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/rogpeppe/go-internal/txtar"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"

	"verdict/rules"
)

// The files of schema/ are what JSONSchema makes.
func TestSchemaFiles(t *testing.T) {
	for _, kind := range rules.Schemas() {
		path := filepath.Join("schema", kind+".json")
		want, err := rules.JSONSchema(kind)
		if err != nil {
			t.Fatal(err)
		}
		if *update {
			if err := os.WriteFile(path, want, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s is not what the program makes (error %v); run make docs", path, err)
		}
	}
	if _, err := rules.JSONSchema("other"); err == nil {
		t.Error("there is a schema of what there is not")
	}
}

func TestBuiltInRulesMeetTheSchemas(t *testing.T) {
	for kind, pattern := range map[string]string{
		rules.SchemaCatalog: "catalog/*.yaml", rules.SchemaCases: "catalog/cases/*.yaml",
	} {
		paths, err := filepath.Glob(pattern)
		if err != nil || len(paths) < 5 {
			t.Fatalf("%d files, error %v", len(paths), err)
		}
		for _, path := range paths {
			content, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if err := schemaOf(t, kind).Validate(valueIn(t, content)); err != nil {
				t.Errorf("%s: %v", path, err)
			}
		}
	}
}

func TestSplitOverlaysMeetTheSchema(t *testing.T) {
	oneGoroutine(t)
	for _, content := range rules.SplitOverlays(t) {
		if err := schemaOf(t, rules.SchemaOverlay).Validate(valueIn(t, content)); err != nil {
			t.Errorf("%v\n%s", err, content)
		}
	}
}

// Each invalid fixture fails the schema of one of its files, or stands in a list with what it passes for all the same.
func TestSchemasRefuseInvalidFixtures(t *testing.T) {
	oneGoroutine(t)
	passed := map[string]bool{}
	for _, path := range append(fixtures(t), caseFixtures(t)...) {
		archive, err := txtar.ParseFile(path)
		if err != nil {
			t.Fatal(err)
		}
		name := strings.TrimSuffix(strings.TrimPrefix(path, "invalid/"), ".txtar")
		if !refused(t, filesOf(t, name, archive)) {
			passed[name] = true
			if !slices.Contains(beyondSchemas, name) {
				t.Errorf("the schema accepts the fixture %s", name)
			}
		}
	}
	for _, name := range beyondSchemas {
		if !passed[name] {
			t.Errorf("the schema refuses the fixture %s, or there is none; take it from the list", name)
		}
	}
}

// filesOf are a fixture's files, by the kind of their schema.
func filesOf(t *testing.T, name string, archive *txtar.Archive) map[string][][]byte {
	files := map[string][][]byte{}
	add := func(kind string, fsys fs.FS, pattern string) {
		paths, err := fs.Glob(fsys, pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range paths {
			content, err := fs.ReadFile(fsys, path)
			if err != nil {
				t.Fatal(err)
			}
			files[kind] = append(files[kind], content)
		}
	}
	if strings.HasPrefix(name, "cases/") {
		all := fstest.MapFS{}
		for _, f := range archive.Files {
			all[f.Name] = &fstest.MapFile{Data: f.Data}
		}
		add(rules.SchemaCases, all, "cases/*.yaml")
		return files
	}
	add(rules.SchemaCatalog, spoiled(t, archive), "*.yaml")
	if own := overlayOf(archive); own != nil {
		add(rules.SchemaOverlay, own, "*.yaml")
	}
	return files
}

// refused says whether an editor shows a mistake in one of the files: their schema's, or that of its YAML parser.
func refused(t *testing.T, files map[string][][]byte) bool {
	for kind, contents := range files {
		for _, content := range contents {
			value, ok := valueOf(content)
			if !ok || schemaOf(t, kind).Validate(value) != nil {
				return true
			}
		}
	}
	return false
}

var compiled = map[string]*jsonschema.Schema{}

func schemaOf(t *testing.T, kind string) *jsonschema.Schema {
	t.Helper()
	if schema := compiled[kind]; schema != nil {
		return schema
	}
	text, err := rules.JSONSchema(kind)
	if err != nil {
		t.Fatal(err)
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource(kind, document); err != nil {
		t.Fatal(err)
	}
	schema, err := compiler.Compile(kind)
	if err != nil {
		t.Fatal(err)
	}
	compiled[kind] = schema
	return schema
}

func valueIn(t *testing.T, content []byte) any {
	t.Helper()
	value, ok := valueOf(content)
	if !ok {
		t.Fatal("this is no YAML")
	}
	return value
}

// valueOf is what editors take a YAML document for; false if it is none.
func valueOf(content []byte) (any, bool) {
	var document yaml.Node
	if yaml.Unmarshal(content, &document) != nil || len(document.Content) == 0 {
		return nil, false
	}
	return jsonOf(document.Content[0])
}

func jsonOf(n *yaml.Node) (any, bool) {
	switch n.Kind {
	case yaml.AliasNode:
		return jsonOf(n.Alias)
	case yaml.SequenceNode:
		list := []any{}
		for _, item := range n.Content {
			value, ok := jsonOf(item)
			if !ok {
				return nil, false
			}
			list = append(list, value)
		}
		return list, true
	case yaml.MappingNode:
		object := map[string]any{}
		for i := 0; i < len(n.Content); i += 2 {
			key := n.Content[i]
			value, ok := jsonOf(n.Content[i+1])
			if _, twice := object[key.Value]; twice || !ok || key.Kind != yaml.ScalarNode {
				return nil, false
			}
			object[key.Value] = value
		}
		return object, true
	}
	var scalar any
	switch n.Tag {
	case "!!timestamp": // no type of JSON, nor of the YAML that editors read
		return n.Value, true
	case "!!int", "!!float":
		if json.Valid([]byte(n.Value)) {
			return json.Number(n.Value), true
		}
	}
	return scalar, n.Decode(&scalar) == nil
}
