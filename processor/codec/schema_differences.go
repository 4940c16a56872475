package codec

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/hamba/avro/v2"
)

// differences says in words what a schema has otherwise than the one before it, one line each. Texts for people in it
// count for nothing; where they are all, that is the one line.
func differences(before, after avro.Schema) []string {
	d := delta{seen: map[string]bool{}}
	d.walk("", before, after)
	if d.lines == nil {
		return []string{"docs, aliases or the order of fields only"}
	}
	return d.lines
}

type delta struct {
	lines []string
	seen  map[string]bool // named types
}

func (d *delta) add(format string, args ...any) {
	d.lines = append(d.lines, fmt.Sprintf(format, args...))
}

func (d *delta) walk(path string, before, after avro.Schema) {
	before, after = resolved(before), resolved(after)
	if shape(before) != shape(after) {
		d.add("%s: was %s, is %s", pathOrValue(path), shape(before), shape(after))
	}
	old := unionBranches(before)
	for _, branch := range unionBranches(after) {
		i := slices.IndexFunc(old, func(s avro.Schema) bool { return kind(s) == kind(branch) })
		if i >= 0 {
			d.within(path, old[i], branch)
		}
	}
}

// within compares what two types of the same kind hold.
func (d *delta) within(path string, before, after avro.Schema) {
	if named, ok := after.(avro.NamedSchema); ok {
		if d.seen[named.FullName()] {
			return
		}
		d.seen[named.FullName()] = true
	}
	switch a := after.(type) {
	case *avro.RecordSchema:
		d.records(path, before.(*avro.RecordSchema), a)
	case *avro.EnumSchema:
		d.enums(path, before.(*avro.EnumSchema), a)
	case *avro.ArraySchema:
		d.walk(path+"[]", before.(*avro.ArraySchema).Items(), a.Items())
	case *avro.MapSchema:
		d.walk(path+"{}", before.(*avro.MapSchema).Values(), a.Values())
	}
}

func (d *delta) records(path string, before, after *avro.RecordSchema) {
	if path != "" {
		path += "."
	}
	for _, field := range after.Fields() {
		i := slices.IndexFunc(before.Fields(), func(f *avro.Field) bool { return f.Name() == field.Name() })
		if i < 0 {
			d.add("%s: added, %s, %s", path+field.Name(), shape(field.Type()), defaultOf(field))
			continue
		}
		old := before.Fields()[i]
		if was, is := defaultOf(old), defaultOf(field); was != is {
			d.add("%s: had %s, has %s", path+field.Name(), was, is)
		}
		d.walk(path+field.Name(), old.Type(), field.Type())
	}
	for _, field := range before.Fields() {
		if !slices.ContainsFunc(after.Fields(), func(f *avro.Field) bool { return f.Name() == field.Name() }) {
			d.add("%s: removed", path+field.Name())
		}
	}
}

func (d *delta) enums(path string, before, after *avro.EnumSchema) {
	path = pathOrValue(path)
	lacks := func(e, other *avro.EnumSchema) (symbols []string) {
		for _, symbol := range e.Symbols() {
			if !slices.Contains(other.Symbols(), symbol) {
				symbols = append(symbols, symbol)
			}
		}
		return symbols
	}
	if added := lacks(after, before); added != nil {
		d.add("%s: symbols added: %s", path, strings.Join(added, ", "))
	}
	if removed := lacks(before, after); removed != nil {
		d.add("%s: symbols removed: %s", path, strings.Join(removed, ", "))
	}
	if before.Default() != after.Default() {
		d.add("%s: the symbol for unknown ones was %q, is %q", path, before.Default(), after.Default())
	}
}

func pathOrValue(path string) string {
	if path == "" {
		return "the value"
	}
	return path
}

// shape names a type with its branches or items, its size or its digits.
func shape(s avro.Schema) string {
	switch s := resolved(s).(type) {
	case *avro.UnionSchema:
		var names []string
		for _, branch := range unionBranches(s) {
			names = append(names, shape(branch))
		}
		return strings.Join(names, " or ")
	case *avro.ArraySchema:
		return "array of " + shape(s.Items())
	case *avro.MapSchema:
		return "map of " + shape(s.Values())
	case *avro.FixedSchema:
		return measured(s, fmt.Sprintf("%s of %d bytes", kind(s), s.Size()))
	case *avro.PrimitiveSchema:
		return measured(s, string(s.Type()))
	default:
		return kind(s)
	}
}

// measured names a type by its logical type too, if it has one.
func measured(s avro.Schema, bare string) string {
	meaning := logical(s)
	if decimal, ok := decimalOf(s); ok {
		meaning = fmt.Sprintf("decimal of %d digits, %d behind the point", decimal.Precision(), decimal.Scale())
	}
	if meaning == "" {
		return bare
	}
	return meaning + " (" + bare + ")"
}

func defaultOf(f *avro.Field) string {
	if !f.HasDefault() {
		return "no default"
	}
	text, err := json.Marshal(f.Default())
	if err != nil {
		return "another default"
	}
	return "default " + string(text)
}
