package codec

import (
	"slices"
	"testing"
)

func record(fields string) string {
	return `{"type":"record","name":"R","namespace":"n","fields":[` + fields + `]}`
}

func enum(more string) string {
	return `{"type":"enum","name":"E","namespace":"n","symbols":["A","B"` + more + `}`
}

// Each place that a reader cannot read is told; what the library would read is not, but for another logical type.
func TestUnreadable(t *testing.T) {
	const micros = `{"type":"long","logicalType":"timestamp-micros"}`
	const millis = `{"type":"long","logicalType":"timestamp-millis"}`
	tree := func(value string) string {
		return record(`{"name":"next","type":["null","n.R"]},{"name":"v","type":` + value + `}`)
	}
	for name, c := range map[string]struct {
		reader, writer string
		want           []string
	}{
		"the same":          {record(`{"name":"a","type":"int"}`), record(`{"name":"a","type":"int"}`), nil},
		"a field less":      {record(``), record(`{"name":"a","type":"int"}`), nil},
		"a field more":      {record(`{"name":"a","type":"int"}`), record(``), []string{"field a is not written, and the reader's has no default"}},
		"with a default":    {record(`{"name":"a","type":"int","default":1}`), record(``), nil},
		"an alias":          {record(`{"name":"b","type":"int","aliases":["a"]}`), record(`{"name":"a","type":"int"}`), nil},
		"a wider number":    {record(`{"name":"a","type":"long"}`), record(`{"name":"a","type":"int"}`), nil},
		"a narrower number": {record(`{"name":"a","type":"int"}`), record(`{"name":"a","type":"long"}`), []string{"field a is written as long and read as int"}},
		"two places": {record(`{"name":"a","type":"string"},{"name":"b","type":"int"}`), record(`{"name":"a","type":"int"}`),
			[]string{"field a is written as int and read as string", "field b is not written, and the reader's has no default"}},
		"an enum's symbol that has no default": {record(`{"name":"a","type":` + enum(`]`) + `}`), record(`{"name":"a","type":` + enum(`,"C"]`) + `}`),
			[]string{"field a may be written as C, which the reader's n.E lacks, and it has no default"}},
		"an enum's symbol that falls to the default": {record(`{"name":"a","type":` + enum(`],"default":"A"`) + `}`),
			record(`{"name":"a","type":` + enum(`,"C"],"default":"A"`) + `}`), nil},
		"null":          {record(`{"name":"a","type":"int"}`), record(`{"name":"a","type":["null","int"]}`), []string{"field a may be written as null, which the reader does not take"}},
		"null no more":  {record(`{"name":"a","type":["null","int"]}`), record(`{"name":"a","type":"int"}`), nil},
		"in a branch":   {record(`{"name":"a","type":["null","int"]}`), record(`{"name":"a","type":["null","string"]}`), []string{"field a may be written as string, which the reader does not take"}},
		"within a list": {`{"type":"array","items":` + record(`{"name":"a","type":"int"}`) + `}`, `{"type":"array","items":` + record(``) + `}`, []string{"field [].a is not written, and the reader's has no default"}},
		"within a map": {record(`{"name":"m","type":{"type":"map","values":"int"}}`), record(`{"name":"m","type":{"type":"map","values":"string"}}`),
			[]string{"field m{} is written as string and read as int"}},
		"another time": {record(`{"name":"a","type":` + millis + `}`), record(`{"name":"a","type":` + micros + `}`),
			[]string{"field a is written as timestamp-micros (long) and read as timestamp-millis (long): it would be taken for another value"}},
		"another time in a branch": {record(`{"name":"a","type":["null",` + millis + `]}`), record(`{"name":"a","type":["null",` + micros + `]}`),
			[]string{"field a is written as timestamp-micros (long) and read as timestamp-millis (long): it would be taken for another value"}},
		"another record": {record(``), `{"type":"record","name":"Q","namespace":"n","fields":[]}`, []string{"the value is written as record n.Q and read as n.R"}},
		"a string":       {record(``), `"string"`, []string{"the value is written as string and read as record n.R"}},
		"itself":         {tree(`"int"`), tree(`"string"`), []string{"field v is written as string and read as int"}},
	} {
		t.Run(name, func(t *testing.T) {
			reader, writer := parse(t, c.reader), parse(t, c.writer)
			got := unreadable(reader, writer)
			if !slices.Equal(got, c.want) {
				t.Errorf("got  %q\nwant %q", got, c.want)
			}
			if fits(reader, writer) != nil && got == nil {
				t.Error("the library cannot read it")
			}
		})
	}
}

func TestDifferences(t *testing.T) {
	for name, c := range map[string]struct {
		before, after string
		want          []string
	}{
		"a doc": {record(`{"name":"a","type":"int"}`), record(`{"name":"a","type":"int","doc":"text"}`), []string{"docs, aliases or the order of fields only"}},
		"fields": {record(`{"name":"a","type":"int"}`), record(`{"name":"b","type":["null","string"],"default":null},{"name":"c","type":"int"}`),
			[]string{"b: added, null or string, default null", "c: added, int, no default", "a: removed"}},
		"a type":    {record(`{"name":"a","type":"int"}`), record(`{"name":"a","type":["null","int"]}`), []string{"a: was int, is null or int"}},
		"a default": {record(`{"name":"a","type":"int"}`), record(`{"name":"a","type":"int","default":3}`), []string{"a: had no default, has default 3"}},
		"symbols": {record(`{"name":"a","type":["null",` + enum(`]`) + `]}`), record(`{"name":"a","type":["null",` + enum(`,"C","D"],"default":"A"`) + `]}`),
			[]string{"a: symbols added: C, D", `a: the symbol for unknown ones was "", is "A"`}},
		"symbols less": {enum(`,"C"]`), enum(`]`), []string{"the value: symbols removed: C"}},
		"within":       {record(`{"name":"l","type":{"type":"array","items":{"type":"record","name":"S","fields":[]}}}`), record(`{"name":"l","type":{"type":"array","items":{"type":"record","name":"S","fields":[{"name":"x","type":"boolean","default":false}]}}}`), []string{"l[].x: added, boolean, default false"}},
		"items":        {`{"type":"map","values":"int"}`, `{"type":"map","values":"long"}`, []string{"the value: was map of int, is map of long", "{}: was int, is long"}},
	} {
		t.Run(name, func(t *testing.T) {
			if got := differences(parse(t, c.before), parse(t, c.after)); !slices.Equal(got, c.want) {
				t.Errorf("got  %q\nwant %q", got, c.want)
			}
		})
	}
}
