package main

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"verdict/cmd/verdict/screen"
	"verdict/cmd/verdict/show"
	"verdict/schemas"
)

// avroType is a type of an Avro schema, as far as a page tells of it.
type avroType struct {
	Name    string          `json:"type"` // a primitive's, or what kind of type it is
	Named   string          `json:"name"`
	Doc     string          `json:"doc"`
	Symbols []string        `json:"symbols"`
	Logical string          `json:"logicalType"`
	Fields  []avroField     `json:"fields"`
	Items   json.RawMessage `json:"items"`
	Values  json.RawMessage `json:"values"`
	Null    bool            `json:"-"` // may be null as well
}

type avroField struct {
	Name string          `json:"name"`
	Doc  string          `json:"doc"`
	Type json.RawMessage `json:"type"`
}

// fieldsOf lists the fields of a schema's record with those of the records inside, under their whole names: each with
// its type and meaning.
func fieldsOf(t *testing.T, schema string) [][]string {
	t.Helper()
	return fieldRows(t, "", readType(t, json.RawMessage(schemas.Text(schema+".avsc"))).Fields)
}

// fieldTable is a table of fields with the first sentence of each doc, which a row has room for, and below it what else
// the docs say. Fields that say the same as one of the decision are only named.
func fieldTable(fields, decision [][]string) string {
	var rows [][]string
	var same []string
	more := ""
	for _, f := range fields {
		if slices.ContainsFunc(decision, func(d []string) bool { return slices.Equal(d, f) }) {
			same = append(same, f[0])
			continue
		}
		first, rest, _ := strings.Cut(f[2], ". ")
		rows = append(rows, []string{f[0], f[1], strings.TrimSuffix(first, ".")})
		if rest != "" {
			more += "\n- " + screen.Wrap(f[0]+": "+rest, widestLine, "  ")
		}
	}
	text := table([]string{"field", "type", "meaning"}, rows)
	if more != "" {
		text += "\n\nMore about some of them:\n" + more
	}
	if same != nil {
		text += "\n\n" + screen.Wrap("As in a decision: "+strings.Join(same, ", ")+".", widestLine, "")
	}
	return text
}

func fieldRows(t *testing.T, under string, fields []avroField) [][]string {
	t.Helper()
	var rows [][]string
	for _, f := range fields {
		if f.Doc == "" {
			t.Errorf("the field %s%s has no doc in its schema", under, f.Name)
		}
		is, inside := readType(t, f.Type), under+f.Name+"."
		words := is.words(t)
		if is.Name == "array" {
			is, inside = readType(t, is.Items), under+f.Name+"[]."
		}
		if is.Null {
			words += " or null"
		}
		rows = append(rows, []string{"`" + under + f.Name + "`", words, strings.ReplaceAll(f.Doc, "<", "\\<")})
		rows = append(rows, fieldRows(t, inside, is.Fields)...)
		is.checkSymbols(t)
	}
	return rows
}

// checkSymbols: whatever symbol a record may have is explained in the schema and on the page, in the words that show
// has. Only raw events have an Integration, which the page tells in words of its own.
func (is avroType) checkSymbols(t *testing.T) {
	t.Helper()
	if is.Name != "enum" || is.Named == "Integration" {
		return
	}
	told, doc := []string{"UNSPECIFIED"}, ""
	for _, e := range show.Enums() {
		for _, s := range e.Symbols {
			if e.Name == is.Named {
				told = append(told, s.Name)
				doc += s.Name + ": " + s.Words + ". "
			}
		}
	}
	if !slices.Equal(told, is.Symbols) {
		t.Errorf("a schema's enum %s has the symbols %v, the page has %v", is.Named, is.Symbols, told)
	}
	if want := strings.TrimSpace(doc); is.Doc != want {
		t.Errorf("a schema's enum %s has the doc\n%s\nwanted (write it there, and into schemas/history)\n%s", is.Named, is.Doc, want)
	}
}

// sectionOf is the heading of the page that an enum's symbols are under.
var sectionOf = map[string]string{
	"Outcome": "outcome", "Signature": "signature", "Category": "reasons-and-category", "Effect": "reasons-and-category",
	"RiskLevel": "risk", "BillingFlag": "billing", "Advice": "retry-advice", "Scope": "retry-advice",
	"Action": "retry-advice", "Anomaly": "anomalies", "Transition": "lifecycle", "Environment": "where-and-when",
	"OccurredAtSource": "where-and-when", "EntryKind": "the-catalog",
}

func typeLink(name string) string {
	if section := sectionOf[name]; section != "" {
		return "[" + name + "](#" + section + ")"
	}
	return "`" + name + "`"
}

func readType(t *testing.T, text json.RawMessage) avroType {
	t.Helper()
	var is avroType
	var union []json.RawMessage
	switch {
	case json.Unmarshal(text, &is.Name) == nil:
	case json.Unmarshal(text, &union) == nil:
		is = readUnion(t, union)
	default:
		if err := json.Unmarshal(text, &is); err != nil {
			t.Fatalf("the type %s of a schema cannot be read: %v", text, err)
		}
	}
	return is
}

// readUnion reads the one type that may be null, or several simple ones.
func readUnion(t *testing.T, union []json.RawMessage) (is avroType) {
	t.Helper()
	var names []string
	null := false
	for _, text := range union {
		one := readType(t, text)
		if one.Name == "null" {
			null = true
			continue
		}
		is = one
		names = append(names, one.words(t))
	}
	if len(names) > 1 {
		is = avroType{Name: strings.Join(names, " or ")}
	}
	is.Null = null
	return is
}

func (is avroType) words(t *testing.T) string {
	t.Helper()
	switch {
	case is.Logical == "timestamp-micros":
		return "time"
	case is.Name == "enum", is.Name == "record":
		return typeLink(is.Named)
	case is.Name == "map":
		return "map of " + readType(t, is.Values).words(t)
	case is.Name == "array":
		return "array of " + readType(t, is.Items).words(t)
	case strings.ToUpper(is.Name[:1]) == is.Name[:1]: // a named type, declared further up
		return typeLink(is.Name)
	}
	return is.Name
}
