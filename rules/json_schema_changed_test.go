package rules_test

import (
	"io/fs"
	"os"
	"regexp"
	"slices"
	"testing"
	"testing/fstest"

	"go.yaml.in/yaml/v3"

	"verdict/rules"
)

// What a schema refuses, the loader refuses too, or an editor would underline what Verdict accepts; and a key that the
// loader needs or does not know, the schema needs or does not know. Held on each file that comes of changing one place
// of a valid one.
func TestSchemasAgreeWithTheLoader(t *testing.T) {
	oneGoroutine(t)
	sample := sampleText(t)
	version := &fstest.MapFile{Data: []byte("version: 1.0.0\n")}
	for _, c := range []struct {
		kind  string
		every int // of the changes, and of those the values: the others are left out, as all would take minutes
		oneIn int
		valid []byte
		load  func(content []byte) error
	}{
		{rules.SchemaCatalog, 1, 31, sample, func(content []byte) error {
			_, err := rules.Load(fstest.MapFS{"catalog.yaml": version, "sample.yaml": {Data: content}})
			return err
		}},
		{rules.SchemaCatalog, 1, 1, []byte("version: 1.0.0\nabout: x\n"), func(content []byte) error {
			_, err := rules.Load(fstest.MapFS{"catalog.yaml": {Data: content}, "sample.yaml": {Data: sample}})
			return err
		}},
		{rules.SchemaOverlay, 4, 31, sample, func(content []byte) error {
			base := fstest.MapFS{"catalog.yaml": version, "sample.yaml": {Data: sample}}
			_, err := rules.LoadOver(base, fstest.MapFS{"own.yaml": {Data: content}})
			return err
		}},
		{rules.SchemaCases, 1, 1, []byte(someCases), func(content []byte) error {
			_, err := rules.LoadCases(fstest.MapFS{"cases/a.yaml": {Data: content}})
			return err
		}},
	} {
		t.Run(c.kind, func(t *testing.T) {
			if err := c.load(c.valid); err != nil {
				t.Fatal(err)
			}
			schema, all, tried, refused := schemaOf(t, c.kind), 0, 0, 0
			changes(t, c.valid, c.oneIn, func(content []byte, keys bool) {
				if all++; all%c.every != 0 {
					return
				}
				tried++
				value, ok := valueOf(content)
				if !ok {
					t.Fatalf("this is no YAML:\n%s", content)
				}
				wrong := schema.Validate(value)
				if wrong == nil && !keys {
					return // the schema need not know all
				}
				err := c.load(content)
				switch {
				case wrong != nil && err == nil:
					t.Errorf("%v, and the loader accepts\n%s", wrong, content)
				case wrong == nil && err != nil && aboutKeys.MatchString(err.Error()):
					t.Errorf("the loader says %v, and the schema accepts\n%s", err, content)
				case wrong != nil:
					refused++
				}
			})
			t.Logf("of %d changes the schema refuses %d", tried, refused)
			if refused*3 < tried {
				t.Errorf("of %d changes the schema refuses %d only", tried, refused)
			}
		})
	}
}

var aboutKeys = regexp.MustCompile(`(?m)^\S+ (a|an|the|otherwise|billing|retry|expires|topic|defaults|expect)\b[^;]* ` +
	`(needs the key|has no key) \S+( \(|;|$)`)

func sampleText(t *testing.T) []byte {
	content, err := fs.ReadFile(os.DirFS("invalid/valid"), "sample.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// others are what a value is changed to.
var others = []string{
	"0", "-1", "1", "5000000000", "1.5", "true", "false", "null", `""`, `" "`, "word", "WORD", `"a\nb"`, "2026-11-20",
	"2026-11-20T10:00:00Z", "[]", "[word]", "[1]", "[[]]", "{}", "{word: 1}", "none", "OPEN",
}

// changes gives the file with one key removed or added, which it tells from the other changes, and with one value
// changed, each in turn; of the values, one in so many.
func changes(t *testing.T, valid []byte, oneIn int, try func(content []byte, keys bool)) {
	var document yaml.Node
	if err := yaml.Unmarshal(valid, &document); err != nil {
		t.Fatal(err)
	}
	write := func(keys bool) {
		content, err := yaml.Marshal(&document)
		if err != nil {
			t.Fatal(err)
		}
		try(content, keys)
	}
	var values []*yaml.Node
	for _, other := range others {
		var value yaml.Node
		if err := yaml.Unmarshal([]byte(other), &value); err != nil {
			t.Fatal(err)
		}
		values = append(values, value.Content[0])
	}
	var change func(n *yaml.Node)
	turn := 0
	change = func(n *yaml.Node) {
		own := *n
		for _, value := range values {
			if turn++; turn%oneIn == 0 {
				*n = *value
				write(false)
			}
		}
		*n = own
		if n.Kind == yaml.MappingNode {
			n.Content = slices.Concat(own.Content, []*yaml.Node{{Kind: yaml.ScalarNode, Value: "oddkey"},
				{Kind: yaml.ScalarNode, Value: "x"}})
			write(true)
			for i := 0; i < len(own.Content); i += 2 {
				n.Content = slices.Concat(own.Content[:i], own.Content[i+2:])
				write(true)
			}
			*n = own
		}
		for i, child := range n.Content {
			if n.Kind != yaml.MappingNode || i%2 == 1 {
				change(child)
			}
		}
	}
	change(document.Content[0])
}
