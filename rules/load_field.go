package rules

import "slices"

// maxFields is how many names fit into a FieldSet: one bit each.
const maxFields = 64

// namedFields are the fields of a code. Their bits follow the sorted names of the whole vocabulary, which are known
// only when all codes are read.
type namedFields struct {
	code  *Code
	names []string
}

// fieldNames reads the provider's own names of what the code's actions correct.
func (r *vocabularyReader) fieldNames(f *fields, c *Code) {
	var names []string
	for _, n := range f.list("fields") {
		name := r.text(n, "an entry of fields")
		if name == "" {
			continue
		}
		_, there := slices.BinarySearch(r.v.Fields, name)
		switch {
		case !isName(name, anyCaseLetters):
			r.report(n, "the field name is %s; write letters, digits, dots, underscores and dashes, at most %d, "+
				"for example person.birthDate", quoted(name), maxName)
		case slices.Contains(names, name):
			r.report(n, "fields has %s twice; keep one", quoted(name))
		case !there && len(r.v.Fields) == maxFields:
			r.report(n, "a vocabulary has at most %d different fields, and %s is one more; remove it", maxFields, name)
		default:
			names = append(names, name)
			if at, there := slices.BinarySearch(r.v.Fields, name); !there {
				r.v.Fields = slices.Insert(r.v.Fields, at, name)
			}
		}
	}
	if len(names) == 0 {
		return
	}
	if !f.has("actions") && !c.acts() {
		r.report(f.values["fields"], "fields say what the actions correct, and the code has no actions; "+
			"add actions, or remove fields")
	}
	r.fieldsOfCodes = append(r.fieldsOfCodes, namedFields{c, names})
}

// placeFields gives each code the bits of its fields. In a code's own advice they go with the actions.
func (r *vocabularyReader) placeFields() {
	for _, named := range r.fieldsOfCodes {
		var set FieldSet
		for _, name := range named.names {
			at, _ := slices.BinarySearch(r.v.Fields, name)
			set |= 1 << at
		}
		if named.code.Advice == nil {
			named.code.Fields = set
			continue
		}
		for i := range named.code.Advice {
			if t := &named.code.Advice[i]; t.Actions != 0 {
				t.Fields = set
			}
		}
	}
}
