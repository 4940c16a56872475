package cases

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"verdict/rules"
)

// compareOutput compares what is published with the fields that it must have. Only those are read.
func (r *runner) compareOutput(want *rules.Expected, output []byte) error {
	var object map[string]json.RawMessage
	if err := json.Unmarshal(output, &object); err != nil {
		return err
	}
	for i := range want.Fields {
		name := want.Fields[i].Name
		value, err := parse(object[name])
		if err != nil {
			return err
		}
		field := name
		if want.Output == "billing" && (name == "flag" || name == "basis" || name == "flag_since") {
			field = "billing"
		}
		r.compareValue(&want.Fields[i], want.Output+"."+name, field, value)
	}
	return nil
}

// parse reads JSON with numbers as they are written.
func parse(text []byte) (value any, err error) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	return value, decoder.Decode(&value)
}

// compareValue compares a value and all below it. field is the decision's field that it is part of; of a reason it is
// "reasons" and the code: "reasons 1301".
func (r *runner) compareValue(want *rules.Want, path, field string, got any) {
	switch items, isList := got.([]any); {
	case want.Kind == rules.WantObject:
		if object, ok := got.(map[string]any); ok {
			for i := range want.Parts {
				part := &want.Parts[i]
				r.compareValue(part, path+"."+part.Name, field, object[part.Name])
			}
			return
		}
	case want.Kind == rules.WantList && isList && len(items) == len(want.Parts) && hasObjects(items):
		for i := range items {
			r.compareValue(&want.Parts[i], fmt.Sprintf("%s[%d]", path, i), fieldOfItem(field, items[i]), items[i])
		}
		return
	case same(want, got):
		return
	}
	r.differ(want.Line, path, wantText(want), gotText(got), field)
}

func fieldOfItem(field string, item any) string {
	if object, ok := item.(map[string]any); ok && field == "reasons" {
		code, _ := scalar(object["code"])
		return field + " " + code
	}
	return field
}

func hasObjects(items []any) bool {
	if len(items) == 0 {
		return false
	}
	_, ok := items[0].(map[string]any)
	return ok
}

// same compares a value without fields. A text, a number and a truth value are the same where their letters are, so
// that a code may be written without quotes.
func same(want *rules.Want, got any) bool {
	switch want.Kind {
	case rules.WantNull:
		return got == nil
	case rules.WantText:
		text, ok := scalar(got)
		return ok && text == want.Text
	case rules.WantList:
		items, ok := got.([]any)
		if !ok || len(items) != len(want.Parts) {
			return false
		}
		for i := range items {
			if !same(&want.Parts[i], items[i]) {
				return false
			}
		}
		return true
	case rules.WantObject: // has fields
	}
	return false
}

func scalar(value any) (text string, ok bool) {
	switch value := value.(type) {
	case string:
		return value, true
	case json.Number:
		return value.String(), true
	case bool:
		return strconv.FormatBool(value), true
	}
	return "", false
}

// wantText writes what is wanted as a case does.
func wantText(want *rules.Want) string {
	parts := make([]string, len(want.Parts))
	for i := range want.Parts {
		parts[i] = wantText(&want.Parts[i])
		if name := want.Parts[i].Name; name != "" {
			parts[i] = name + ": " + parts[i]
		}
	}
	switch want.Kind {
	case rules.WantNull:
		return "null"
	case rules.WantObject:
		return "{" + strings.Join(parts, ", ") + "}"
	case rules.WantList:
		return "[" + strings.Join(parts, ", ") + "]"
	case rules.WantText:
	}
	return shown(want.Text)
}

// gotText writes a value likewise. Of a large object it has the code alone, by which a person knows a reason.
func gotText(got any) string {
	switch got := got.(type) {
	case nil:
		return "null"
	case map[string]any:
		return objectText(got)
	case []any:
		items := make([]string, len(got))
		for i := range got {
			items[i] = gotText(got[i])
		}
		return "[" + strings.Join(items, ", ") + "]"
	}
	text, _ := scalar(got)
	return shown(text)
}

func objectText(object map[string]any) string {
	names := slices.Sorted(maps.Keys(object))
	if code, ok := object["code"]; ok && len(names) > 3 {
		return "{code: " + gotText(code) + ", ...}"
	}
	for i, name := range names {
		names[i] = name + ": " + gotText(object[name])
	}
	return "{" + strings.Join(names, ", ") + "}"
}

// shown keeps a text apart from null and none, and a terminal from obeying it.
func shown(text string) string {
	if text == "" || text == "null" || text == "none" || strconv.Quote(text) != `"`+text+`"` {
		return strconv.Quote(text)
	}
	return text
}
