package codec

import (
	"slices"
	"strings"
	"testing"
)

func record(fields string) string {
	return `{"type":"record","name":"R","namespace":"n","fields":[` + fields + `]}`
}

func decimal(precision string) string {
	return `{"type":"bytes","logicalType":"decimal","precision":` + precision + `}`
}

func fixed(size string) string {
	return `{"type":"fixed","name":"F","namespace":"n","size":` + size + `}`
}

func enum(more string) string {
	return `{"type":"enum","name":"E","namespace":"n","symbols":["A","B"` + more + `}`
}

// doubtful are the doubts of TestUnreadable, by its names; where there are none, none.
var doubtful = map[string]string{
	"times that were numbers": "field a is written as long and read as timestamp-micros (long)",
	"numbers that were times": "field a is written as timestamp-micros (long) and read as long",
	"a text with a form":      "field a is written as uuid (string) and read as string",
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
		"the same":     {record(`{"name":"a","type":"int"}`), record(`{"name":"a","type":"int"}`), nil},
		"a field less": {record(``), record(`{"name":"a","type":"int"}`), nil},
		"a field more": {
			record(`{"name":"a","type":"int"}`),
			record(``),
			[]string{"field a is not written, and the reader's has no default"},
		},
		"with a default": {record(`{"name":"a","type":"int","default":1}`), record(``), nil},
		"an alias": {
			record(`{"name":"b","type":"int","aliases":["a"]}`),
			record(`{"name":"a","type":"int"}`),
			nil,
		},
		"a wider number": {record(`{"name":"a","type":"long"}`), record(`{"name":"a","type":"int"}`), nil},
		"a narrower number": {
			record(`{"name":"a","type":"int"}`),
			record(`{"name":"a","type":"long"}`),
			[]string{"field a is written as long and read as int"},
		},
		"two places": {
			record(`{"name":"a","type":"string"},{"name":"b","type":"int"}`),
			record(`{"name":"a","type":"int"}`),
			[]string{"field a is written as int and read as string", "field b is not written, and the reader's has no default"}},
		"an enum's symbol that has no default": {
			record(`{"name":"a","type":` + enum(`]`) + `}`),
			record(`{"name":"a","type":` + enum(`,"C"]`) + `}`),
			[]string{"field a may be written as C, which the reader's n.E lacks, and it has no default"}},
		"an enum's symbol that falls to the default": {record(`{"name":"a","type":` + enum(`],"default":"A"`) + `}`),
			record(`{"name":"a","type":` + enum(`,"C"],"default":"A"`) + `}`), nil},
		"null": {
			record(`{"name":"a","type":"int"}`),
			record(`{"name":"a","type":["null","int"]}`),
			[]string{"field a may be written as null, which the reader does not take"},
		},
		"null no more": {record(`{"name":"a","type":["null","int"]}`), record(`{"name":"a","type":"int"}`), nil},
		"in a branch": {
			record(`{"name":"a","type":["null","int"]}`),
			record(`{"name":"a","type":["null","string"]}`),
			[]string{"field a may be written as string, which the reader does not take"},
		},
		"within a list": {
			`{"type":"array","items":` + record(`{"name":"a","type":"int"}`) + `}`,
			`{"type":"array","items":` + record(``) + `}`,
			[]string{"field [].a is not written, and the reader's has no default"},
		},
		"within a map": {
			record(`{"name":"m","type":{"type":"map","values":"int"}}`),
			record(`{"name":"m","type":{"type":"map","values":"string"}}`),
			[]string{"field m{} is written as string and read as int"}},
		"another time": {record(`{"name":"a","type":` + millis + `}`), record(`{"name":"a","type":` + micros + `}`),
			[]string{"field a is written as timestamp-micros (long) and read as timestamp-millis (long): it would be taken for another value"}},
		"another time in a branch": {
			record(`{"name":"a","type":["null",` + millis + `]}`),
			record(`{"name":"a","type":["null",` + micros + `]}`),
			[]string{"field a is written as timestamp-micros (long) and read as timestamp-millis (long): it would be taken for another value"}},
		"times that were numbers": {
			record(`{"name":"a","type":["null",` + micros + `]}`),
			record(`{"name":"a","type":["null","long"]}`),
			nil,
		},
		"numbers that were times": {
			record(`{"name":"a","type":"long"}`),
			record(`{"name":"a","type":` + micros + `}`),
			nil,
		},
		"a text with a form": {
			record(`{"name":"a","type":"string"}`),
			record(`{"name":"a","type":{"type":"string","logicalType":"uuid"}}`),
			nil,
		},
		"other decimals": {
			record(`{"name":"a","type":` + decimal(`9,"scale":2`) + `}`),
			record(`{"name":"a","type":` + decimal(`9,"scale":3`) + `}`),
			[]string{"field a is written as decimal of 9 digits, 3 behind the point (bytes) and read as decimal of " +
				"9 digits, 2 behind the point (bytes): it would be taken for another value"}},
		"another size": {
			record(`{"name":"a","type":` + fixed("8") + `}`),
			record(`{"name":"a","type":` + fixed("16") + `}`),
			[]string{"field a is written as fixed n.F of 16 bytes and read as fixed n.F of 8 bytes"}},
		"another record": {
			record(``),
			`{"type":"record","name":"Q","namespace":"n","fields":[]}`,
			[]string{"the value is written as record n.Q and read as n.R"},
		},
		"a string": {record(``), `"string"`, []string{"the value is written as string and read as record n.R"}},
		"itself":   {tree(`"int"`), tree(`"string"`), []string{"field v is written as string and read as int"}},
	} {
		t.Run(name, func(t *testing.T) {
			reader, writer := parse(t, c.reader), parse(t, c.writer)
			got, doubts := unreadable(reader, writer)
			if !slices.Equal(got, c.want) {
				t.Errorf("got  %q\nwant %q", got, c.want)
			}
			if want := doubtful[name]; strings.Join(doubts, "|") != want {
				t.Errorf("doubts %q, want %q", doubts, want)
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
		"a doc": {
			record(`{"name":"a","type":"int"}`),
			record(`{"name":"a","type":"int","doc":"text"}`),
			[]string{"docs, aliases or the order of fields only"},
		},
		"fields": {
			record(`{"name":"a","type":"int"}`),
			record(`{"name":"b","type":["null","string"],"default":null},{"name":"c","type":"int"}`),
			[]string{"b: added, null or string, default null", "c: added, int, no default", "a: removed"}},
		"a type": {
			record(`{"name":"a","type":"int"}`),
			record(`{"name":"a","type":["null","int"]}`),
			[]string{"a: was int, is null or int"},
		},
		"a default": {
			record(`{"name":"a","type":"int"}`),
			record(`{"name":"a","type":"int","default":3}`),
			[]string{"a: had no default, has default 3"},
		},
		"symbols": {
			record(`{"name":"a","type":["null",` + enum(`]`) + `]}`),
			record(`{"name":"a","type":["null",` + enum(`,"C","D"],"default":"A"`) + `]}`),
			[]string{"a: symbols added: C, D", `a: the symbol for unknown ones was "", is "A"`}},
		"a size": {
			record(`{"name":"a","type":` + fixed("8") + `}`),
			record(`{"name":"a","type":` + fixed("16") + `}`),
			[]string{"a: was fixed n.F of 8 bytes, is fixed n.F of 16 bytes"},
		},
		"a precision": {
			record(`{"name":"a","type":` + decimal(`9,"scale":2`) + `}`),
			record(`{"name":"a","type":` + decimal(`12,"scale":2`) + `}`),
			[]string{"a: was decimal of 9 digits, 2 behind the point (bytes), is decimal of 12 digits, 2 behind the point (bytes)"}},
		"symbols less": {enum(`,"C"]`), enum(`]`), []string{"the value: symbols removed: C"}},
		"within": {
			record(`{"name":"l","type":{"type":"array","items":{"type":"record","name":"S","fields":[]}}}`),
			record(`{"name":"l","type":{"type":"array","items":{"type":"record","name":"S","fields":[` +
				`{"name":"x","type":"boolean","default":false}]}}}`),
			[]string{"l[].x: added, boolean, default false"},
		},
		"items": {
			`{"type":"map","values":"int"}`,
			`{"type":"map","values":"long"}`,
			[]string{"the value: was map of int, is map of long", "{}: was int, is long"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			if got := differences(parse(t, c.before), parse(t, c.after)); !slices.Equal(got, c.want) {
				t.Errorf("got  %q\nwant %q", got, c.want)
			}
		})
	}
}
