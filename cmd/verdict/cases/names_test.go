package cases_test

import (
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"verdict/cmd/verdict/cases"
	"verdict/processor/codec"
	"verdict/rules"
)

// rowLine is a place in a file of the built-in catalog.
var rowLine = regexp.MustCompile(`((?:yousign|fourthline|ubble)-\w+\.yaml):\d+`)

// TestNamesAreThoseOfTheSchemas: what a case may expect, and what an event may have, is what the schemas say.
func TestNamesAreThoseOfTheSchemas(t *testing.T) {
	for _, output := range rules.CaseOutputs() {
		file := output
		if output == "verification" {
			file = "decision"
		}
		if got, want := rules.CaseFields(output), schemaFields(t, file); !slices.Equal(got, want) {
			t.Errorf("%s: cases know\n%v\nthe schema has\n%v", output, got, want)
		}
	}
	got := rules.EventFields()
	slices.Sort(got)
	if want := schemaFields(t, "raw"); !slices.Equal(got, want) {
		t.Errorf("an event has\n%v\nthe schema has\n%v", got, want)
	}
}

// schemaFields lists the fields of a schema, with those below them, sorted.
func schemaFields(t *testing.T, name string) []string {
	t.Helper()
	content, err := os.ReadFile("../../../schemas/" + name + ".avsc")
	if err != nil {
		t.Fatal(err)
	}
	var schema any
	if err := json.Unmarshal(content, &schema); err != nil {
		t.Fatal(err)
	}
	paths := fieldsBelow(schema, "")
	slices.Sort(paths)
	return paths
}

func fieldsBelow(schema any, before string) (paths []string) {
	switch schema := schema.(type) {
	case []any: // a union
		for _, one := range schema {
			paths = append(paths, fieldsBelow(one, before)...)
		}
	case map[string]any:
		fields, ok := schema["fields"].([]any)
		if !ok { // an array, or a type within a type
			if schema["items"] != nil {
				return fieldsBelow(schema["items"], before)
			}
			return fieldsBelow(schema["type"], before)
		}
		for _, one := range fields {
			field := one.(map[string]any)
			path := before + field["name"].(string)
			paths = append(append(paths, path), fieldsBelow(field["type"], path+".")...)
		}
	}
	return paths
}

// TestUnknownWordsOfCases: formats, integrations and reasons are held against what the program has.
func TestUnknownWordsOfCases(t *testing.T) {
	formats, err := codec.NewFormats(rules.Embedded())
	if err != nil {
		t.Fatal(err)
	}
	err = cases.Check(load(t, `
defaults: {topic: {integration: skd}}
cases:
  - name: one
    topic: {format: yousing, integration: api}
    body: '{}'
    expect: {rejected: mising_field}
  - name: two
    body: '{}'
    expect: {rejected: malformed_json}
  - name: three
    body: '{}'
    expect: {rejected: malformed_json}
`), formats)
	want := []string{
		"cases/mine.yaml:5:21: the format yousing is unknown (did you mean yousign?); write canonical, ",
		"cases/mine.yaml:7:24: the reason mising_field is unknown (did you mean missing_field?); write empty_value, ",
		"cases/mine.yaml:2:33: the integration skd is unknown (did you mean sdk?); write sdk or api",
	}
	got := strings.Split(err.Error(), "\n")
	if len(got) != len(want) {
		t.Fatalf("it says\n%v", err)
	}
	for i := range want {
		if !strings.HasPrefix(got[i], want[i]) {
			t.Errorf("it says\n%s\nnot\n%s...", got[i], want[i])
		}
	}
}
