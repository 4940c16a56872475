package codec

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"sort"
	"strings"
	"testing"

	"github.com/hamba/avro/v2"

	"verdict/processor"
	"verdict/rules"
	"verdict/schemas"
)

// published are the schemas by the names of their files: the raw event's, the catalog's, and that of each route.
var published = func() map[string]string {
	texts := map[string]string{"raw": schemas.RawEvent, "catalog_entry": schemas.Text(CatalogSchema)}
	for _, route := range processor.EncodedRoutes() {
		file := route.Spec().Schema
		texts[strings.TrimSuffix(file, ".avsc")] = schemas.Text(file)
	}
	return texts
}()

func parse(t *testing.T, text string) avro.Schema {
	t.Helper()
	schema, err := avro.ParseWithCache(text, "", &avro.SchemaCache{})
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

func TestCheckSchemas(t *testing.T) {
	if err := CheckSchemas(); err != nil {
		t.Error(err)
	}
}

func symbols[E interface {
	~uint8
	String() string
}](zero E) []string {
	var all []string
	for n := range count(zero) {
		all = append(all, strings.ToUpper(E(n).String()))
	}
	return all
}

// The index of a symbol is the number of the Go constant, in each schema that has the enum, and the default is the zero
// value.
func TestSymbols(t *testing.T) {
	var d processor.Decision
	var r processor.Reason
	var e processor.Event
	var action, _ = d.Retry.Actions.With(1).Next()
	want := map[string][]string{
		"Environment": symbols(d.Environment), "Outcome": symbols(d.Outcome), "Category": symbols(d.Category),
		"Effect": symbols(r.Effect), "RiskLevel": symbols(d.Risk.Level), "BillingFlag": symbols(d.Billing.Flag),
		"Advice": symbols(d.Retry.Advice), "Scope": symbols(d.Retry.Scope), "Action": symbols(action - 1),
		"Anomaly": symbols(processor.AnomalyUnspecified), "OccurredAtSource": symbols(d.OccurredAtSource),
		"Integration": symbols(e.Integration), "Signature": symbols(d.Signature),
		"Transition": symbols(d.Lifecycle.Transition), "EntryKind": symbols(rules.EntryUnspecified),
	}
	seen := map[string]bool{}
	for name, text := range published {
		walk(parse(t, text), func(enum *avro.EnumSchema) {
			seen[enum.Name()] = true
			if !reflect.DeepEqual(enum.Symbols(), want[enum.Name()]) {
				t.Errorf("%s: %s has the symbols %v, the code %v", name, enum.Name(), enum.Symbols(), want[enum.Name()])
			}
			if len(enum.Symbols()) > 64 {
				t.Errorf("%s: %s has %d symbols; the encoder writes an index as one byte", name, enum.Name(), len(enum.Symbols()))
			}
			if enum.Default() != "UNSPECIFIED" || enum.Symbols()[0] != "UNSPECIFIED" {
				t.Errorf("%s: the default of %s is %q", name, enum.Name(), enum.Default())
			}
		})
	}
	for name := range want {
		if !seen[name] {
			t.Errorf("no schema has the enum %s", name)
		}
	}
}

func walk(schema avro.Schema, visit func(*avro.EnumSchema)) {
	switch s := schema.(type) {
	case *avro.EnumSchema:
		visit(s)
	case *avro.RecordSchema:
		for _, f := range s.Fields() {
			walk(f.Type(), visit)
		}
	case *avro.ArraySchema:
		walk(s.Items(), visit)
	case *avro.UnionSchema:
		for _, t := range s.Types() {
			walk(t, visit)
		}
	}
}

// Each published version stays readable with the newest schema, and what is written with the newest stays readable with
// each: the registry's FULL_TRANSITIVE. The newest version is the current schema, byte for byte.
func TestHistory(t *testing.T) {
	for name, current := range published {
		dir := filepath.Join("..", "..", "schemas", "history", name)
		files, err := os.ReadDir(dir)
		if err != nil || len(files) == 0 {
			t.Fatalf("%s has no published version (%v)", name, err)
		}
		for n := 1; n <= len(files); n++ {
			file := filepath.Join(dir, fmt.Sprintf("v%d.avsc", n))
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatalf("versions are named v1.avsc, v2.avsc and so on: %v", err)
			}
			if err := fullyCompatible(t, current, string(text)); err != nil {
				t.Errorf("schemas/%s.avsc and %s: %v", name, file, err)
			}
			if n == len(files) && string(text) != current {
				t.Errorf("schemas/%s.avsc differs from %s: a change is a new version, so add the next file there", name, file)
			}
		}
	}
}

// fullyCompatible holds two schemas against each other as `verdict schemas` does: the library alone passes over logical
// types.
func fullyCompatible(t *testing.T, one, other string) error {
	a, b := parse(t, one), parse(t, other)
	for _, pair := range [][2]avro.Schema{{a, b}, {b, a}} {
		if problems, doubts := unreadable(pair[0], pair[1]); problems != nil || doubts != nil {
			return fmt.Errorf("%s", strings.Join(append(problems, doubts...), "; "))
		}
	}
	return nil
}

// The test above can fail: these changes are not allowed.
func TestHistoryRefuses(t *testing.T) {
	for what, change := range map[string]*strings.Replacer{
		"a removed field without default": strings.NewReplacer(
			`{"name": "rules_version", "type": "string", "doc": "Version of the catalog that decided."},`, "",
		),
		"another type": strings.NewReplacer(`{"name": "final", "type": "boolean"`, `{"name": "final", "type": "string"`),
		"a new field without default": strings.NewReplacer(
			`"fields": [`+"\n"+`    {"name": "decision_id"`, `"fields": [{"name":"new","type":"int"},{"name": "decision_id"`,
		),
		"another time":          strings.NewReplacer(`timestamp-micros`, `timestamp-millis`),
		"a number for the time": strings.NewReplacer(`{"type": "long", "logicalType": "timestamp-micros"}`, `"long"`),
	} {
		changed := change.Replace(published["decision"])
		if changed == published["decision"] {
			t.Fatalf("%s: nothing was changed", what)
		}
		if err := fullyCompatible(t, changed, published["decision"]); err == nil {
			t.Errorf("%s passes", what)
		}
	}
}

// Every record and every field says what it holds: what is written of the topics is made from these texts.
func TestEveryFieldHasADoc(t *testing.T) {
	for name, text := range published {
		checkDocs(t, name, parse(t, text))
	}
}

func checkDocs(t *testing.T, path string, schema avro.Schema) {
	t.Helper()
	switch s := schema.(type) {
	case *avro.RecordSchema:
		if s.Doc() == "" {
			t.Errorf("%s: the record has no doc", path)
		}
		for _, f := range s.Fields() {
			if f.Doc() == "" {
				t.Errorf("%s.%s has no doc", path, f.Name())
			}
			checkDocs(t, path+"."+f.Name(), f.Type())
		}
	case *avro.ArraySchema:
		checkDocs(t, path, s.Items())
	case *avro.UnionSchema:
		for _, branch := range s.Types() {
			checkDocs(t, path, branch)
		}
	}
}

// A type that several schemas have is the same in each, but for its doc.
func TestSharedTypes(t *testing.T) {
	type seenIn struct{ file, canonical string }
	seen := map[string]seenIn{}
	names := make([]string, 0, len(published))
	for name := range published {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		walk(parse(t, published[name]), func(enum *avro.EnumSchema) {
			before, ok := seen[enum.FullName()]
			if ok && before.canonical != enum.String() {
				t.Errorf("%s differs between %s and %s", enum.FullName(), before.file, name)
			}
			seen[enum.FullName()] = seenIn{name, enum.String()}
		})
	}
}
