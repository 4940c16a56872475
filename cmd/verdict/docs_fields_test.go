package main

import (
	"encoding/json"
	"strings"
	"testing"
)

// avroType is a type of an Avro schema, as far as a page tells of it.
type avroType struct {
	Name    string          `json:"type"` // a primitive's, or what kind of type it is
	Named   string          `json:"name"`
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

// fieldTable lists the fields of a schema's record with those of the records inside, under their whole names.
func fieldTable(t *testing.T, schema string) string {
	t.Helper()
	return table([]string{"field", "type", "meaning"}, fieldRows(t, "", readType(t, json.RawMessage(schema)).Fields))
}

func fieldRows(t *testing.T, under string, fields []avroField) [][]string {
	t.Helper()
	var rows [][]string
	for _, f := range fields {
		if f.Doc == "" {
			t.Errorf("the field %s%s has no doc in its schema", under, f.Name)
		}
		is, inside, words := readType(t, f.Type), under+f.Name+".", ""
		if is.Name == "array" {
			item := readType(t, is.Items)
			words, inside, is.Fields = "array of "+item.words(t), under+f.Name+"[].", item.Fields
		} else {
			words = is.words(t)
		}
		if is.Null {
			words += " or null"
		}
		rows = append(rows, []string{"`" + under + f.Name + "`", words, f.Doc})
		rows = append(rows, fieldRows(t, inside, is.Fields)...)
	}
	return rows
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
		return "`" + is.Named + "`"
	case is.Name == "map":
		return "map of " + readType(t, is.Values).words(t)
	case strings.ToUpper(is.Name[:1]) == is.Name[:1]: // a named type, declared further up
		return "`" + is.Name + "`"
	}
	return is.Name
}
