package codec

import (
	"fmt"
	"slices"

	"github.com/hamba/avro/v2"
)

// unreadable says what a reader with one schema could not read of what is written with the other, one line for each
// place; none: it can read all. Whether two types fit is the library's to say. It says it of two whole schemas without
// a place, and passes over logical types: to take milliseconds for microseconds is no error, and wrong all the same.
// Doubts are where one has a logical type and the other none: a bare long may be meant as milliseconds, or as anything.
func unreadable(reader, writer avro.Schema) (problems, doubts []string) {
	p := pair{seen: map[[2]string]bool{}}
	p.walk("", reader, writer)
	if err := fits(reader, writer); err != nil && len(p.problems) == 0 {
		p.problems = append(p.problems, err.Error())
	}
	return p.problems, p.doubts
}

// fits asks a comparer of its own each time: it remembers answers by fingerprints, in which defaults do not count.
func fits(reader, writer avro.Schema) error {
	return avro.NewSchemaCompatibility().Compatible(reader, writer)
}

// pair walks a reader's and a writer's schema side by side.
type pair struct {
	problems []string
	doubts   []string
	seen     map[[2]string]bool // records, by their names: they may hold themselves
}

func (p *pair) problem(path, format string, args ...any) {
	p.problems = append(p.problems, place(path)+fmt.Sprintf(format, args...))
}

func place(path string) string {
	if path == "" {
		return "the value "
	}
	return "field " + path + " "
}

func (p *pair) walk(path string, reader, writer avro.Schema) {
	reader, writer = resolved(reader), resolved(writer)
	switch r := reader.(type) {
	case *avro.RecordSchema:
		if w, ok := writer.(*avro.RecordSchema); ok {
			p.records(path, r, w)
			return
		}
	case *avro.ArraySchema:
		if w, ok := writer.(*avro.ArraySchema); ok {
			p.walk(path+"[]", r.Items(), w.Items())
			return
		}
	case *avro.MapSchema:
		if w, ok := writer.(*avro.MapSchema); ok {
			p.walk(path+"{}", r.Values(), w.Values())
			return
		}
	}
	if reader.Type() == avro.Union || writer.Type() == avro.Union {
		p.unions(path, unionBranches(reader), unionBranches(writer))
		return
	}
	p.leaf(path, reader, writer)
}

func (p *pair) records(path string, reader, writer *avro.RecordSchema) {
	names := [2]string{reader.FullName(), writer.FullName()}
	if p.seen[names] {
		return
	}
	p.seen[names] = true
	if reader.Name() != writer.Name() && !slices.Contains(reader.Aliases(), writer.FullName()) {
		p.problem(path, "is written as record %s and read as %s", writer.FullName(), reader.FullName())
	}
	for _, field := range reader.Fields() {
		name := field.Name()
		if path != "" {
			name = path + "." + name
		}
		written := fieldFor(field, writer)
		switch {
		case written != nil:
			p.walk(name, field.Type(), written.Type())
		case !field.HasDefault():
			p.problem(name, "is not written, and the reader's has no default")
		}
	}
}

// fieldFor is the writer's field that a reader's takes, or nil.
func fieldFor(field *avro.Field, writer *avro.RecordSchema) *avro.Field {
	for _, f := range writer.Fields() {
		if f.Name() == field.Name() || slices.Contains(field.Aliases(), f.Name()) {
			return f
		}
	}
	return nil
}

// unions holds what may be written against that which the reader would take it as: a branch of the same kind, or else
// the first that fits.
func (p *pair) unions(path string, reader, writer []avro.Schema) {
	for _, written := range writer {
		like := func(s avro.Schema) bool { return kind(s) == kind(written) }
		i := slices.IndexFunc(reader, like)
		if i < 0 {
			i = slices.IndexFunc(reader, func(s avro.Schema) bool { return fits(s, written) == nil })
		}
		if i < 0 {
			p.problem(path, "may be written as %s, which the reader does not take", kind(written))
			continue
		}
		p.walk(path, reader[i], written)
	}
}

func (p *pair) leaf(path string, reader, writer avro.Schema) {
	if err := fits(reader, writer); err != nil {
		r, isEnum := reader.(*avro.EnumSchema)
		w, wasEnum := writer.(*avro.EnumSchema)
		if !isEnum || !wasEnum || r.FullName() != w.FullName() {
			p.problem(path, "is written as %s and read as %s", shape(writer), shape(reader))
			return
		}
		for _, symbol := range w.Symbols() {
			if !slices.Contains(r.Symbols(), symbol) {
				p.problem(path, "may be written as %s, which the reader's %s lacks, and it has no default", symbol,
					r.FullName())
			}
		}
		return
	}
	as := fmt.Sprintf("is written as %s and read as %s", shape(writer), shape(reader))
	switch r, w := logical(reader), logical(writer); {
	case r == w:
	case r == "" || w == "":
		p.doubts = append(p.doubts, place(path)+as)
	default:
		p.problem(path, "%s: it would be taken for another value", as)
	}
}

func resolved(s avro.Schema) avro.Schema {
	if ref, ok := s.(*avro.RefSchema); ok {
		return ref.Schema()
	}
	return s
}

// unionBranches are what a value may be written as, one by one.
func unionBranches(s avro.Schema) (all []avro.Schema) {
	union, ok := s.(*avro.UnionSchema)
	if !ok {
		return []avro.Schema{s}
	}
	for _, branch := range union.Types() {
		all = append(all, resolved(branch))
	}
	return all
}

// kind names a type as far as it can be told in a word or two: an enum by its name, a long by its logical type.
func kind(s avro.Schema) string {
	s = resolved(s)
	if named, ok := s.(avro.NamedSchema); ok {
		return string(s.Type()) + " " + named.FullName()
	}
	if l := logical(s); l != "" {
		return l + " (" + string(s.Type()) + ")"
	}
	return string(s.Type())
}

// logical is the logical type of a schema with all that says what its value is, or "".
func logical(s avro.Schema) string {
	if decimal, ok := decimalOf(s); ok {
		return fmt.Sprintf("decimal with %d digits behind the point", decimal.Scale())
	}
	if typed, ok := s.(avro.LogicalTypeSchema); ok && typed.Logical() != nil {
		return string(typed.Logical().Type())
	}
	return ""
}

func decimalOf(s avro.Schema) (*avro.DecimalLogicalSchema, bool) {
	typed, ok := s.(avro.LogicalTypeSchema)
	if !ok {
		return nil, false
	}
	decimal, ok := typed.Logical().(*avro.DecimalLogicalSchema)
	return decimal, ok
}
