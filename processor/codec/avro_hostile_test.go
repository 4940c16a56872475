package codec

import (
	"encoding/binary"
	"math"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/hamba/avro/v2"

	"verdict/processor"
	"verdict/schemas"
)

// hostileSchema has every type twice where it matters: in fields that are read and in fields that are read over.
var hostileSchema = needed(
	`{"name":"codes","type":{"type":"array","items":["int","string"]}}`,
	`{"name":"metadata","type":{"type":"map","values":"string"}}`,
	`{"name":"s","type":{"type":"array","items":"string"}}`,
	`{"name":"m","type":{"type":"map","values":"long"}}`,
	`{"name":"n","type":{"type":"array","items":"null"}}`,
	`{"name":"nn","type":{"type":"array","items":{"type":"array","items":{"type":"record","name":"Nothing","fields":[]}}}}`,
	`{"name":"y","type":["null","bytes",{"type":"record","name":"Tree","fields":[{"name":"left","type":["null","Tree"]},`+
		`{"name":"right","type":["null","Tree"]}]}]}`,
)

// hostileRest is a body of hostileSchema's fields behind the needed ones: one byte each.
var hostileRest = []string{"\x00", "\x00", "\x00", "\x00", "\x00", "\x00", "\x00"}

func hostileBody(at int, bytes string) []byte {
	parts := append([]string{neededBody}, hostileRest...)
	parts[at+1] = bytes
	return []byte(strings.Join(parts, ""))
}

func number(n int64) string { return string(binary.AppendVarint(nil, n)) }

// hostileCounts are item counts, lengths and sizes that no value holds.
var hostileCounts = []int64{65_537, 1 << 20, 1 << 31, 1 << 40, 1 << 62, math.MaxInt64, math.MinInt64, -1 << 62, -1 << 40, -1 << 31, -1}

func TestAvroHostileCounts(t *testing.T) {
	plan := planOf(t, hostileSchema)
	if _, err := readBody(plan, hostileBody(0, "\x00")); err != nil {
		t.Fatalf("the harmless body: %v", err)
	}
	for at := range hostileRest {
		for _, n := range hostileCounts {
			for _, bytes := range []string{number(n), number(n) + "\x00", number(n) + number(1<<40), number(n) + number(-5),
				number(2) + number(n), number(-2) + number(n) + "\x00", "\x02" + number(n)} {
				body := hostileBody(at, bytes)
				allocated := measure(t, func() {
					if _, err := readBody(plan, body); err == nil || reasonOf(t, err) != processor.ReasonMalformedAvro {
						t.Errorf("field %d, %x: got %v, want malformed_avro", at, bytes, err)
					}
				})
				if allocated > 64<<10 {
					t.Errorf("field %d, %x: allocated %d bytes", at, bytes, allocated)
				}
			}
		}
	}
}

// measure runs f, which must not take long, and says how many bytes were allocated meanwhile.
func measure(t *testing.T, f func()) uint64 {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	start := time.Now()
	f()
	if took := time.Since(start); took > 2*time.Second {
		t.Errorf("took %v", took)
	}
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// What takes no bytes is not walked, however often it is said to be there: each of the inner arrays claims 65,536
// items.
func TestAvroNestedNothing(t *testing.T) {
	inner := number(65_536) + "\x00"
	body := hostileBody(5, number(65_536)+strings.Repeat(inner, 65_536)+"\x00")
	measure(t, func() {
		if _, err := readBody(planOf(t, hostileSchema), body); err != nil {
			t.Error(err)
		}
	})
}

func TestAvroMalformed(t *testing.T) {
	big := strings.Repeat("x", 1<<20+1)
	for _, c := range []struct{ name, schema, body, want string }{
		{"short", needed(), "\x02a\x02b\x02c\x04d", "the value ends inside of a field, at byte 12"},
		{"empty", needed(), "", "the value ends inside of a field, at byte 5"},
		{"trailing", needed(), neededBody + "\x00", "something follows the last field, at byte 13"},
		{"negative length", needed(), "\x01a", "a length is negative, at byte 6"},
		{"long varint", needed(), strings.Repeat("\x80", 9) + "\x02", "a number is too long, at byte 15"},
		{"UTF-8", needed(), "\x02\xff\x02b\x02c\x02d", "a string is not valid UTF-8, at byte 7"},
		{"UTF-8 of a skipped string", needed(`{"name":"x","type":"string"}`), neededBody + "\x02\xff", "a string is not valid UTF-8, at byte 15"},
		{"boolean", needed(`{"name":"x","type":"boolean"}`), neededBody + "\x02", "a boolean is neither 0 nor 1, at byte 14"},
		{"int", needed(`{"name":"x","type":"int"}`), neededBody + "\x80\x80\x80\x80\x10", "an int has more than 32 bits, at byte 18"},
		{"union", needed(`{"name":"x","type":["null","int"]}`), neededBody + "\x04", "a union has no member of this number, at byte 14"},
		{"negative union", needed(`{"name":"x","type":["null","int"]}`), neededBody + "\x01", "a union has no member of this number, at byte 14"},
		{"enum", needed(`{"name":"x","type":{"type":"enum","name":"E","symbols":["A"]}}`), neededBody + "\x02",
			"an enum has no member of this number, at byte 14"},
		{"float", needed(`{"name":"x","type":"float"}`), neededBody + "123", "the value ends inside of a field, at byte 13"},
		{"fixed", needed(`{"name":"x","type":{"type":"fixed","name":"X","size":1000000000}}`), neededBody + "1",
			"the value ends inside of a field, at byte 13"},
		{"block size", needed(`{"name":"x","type":{"type":"array","items":"int"}}`), neededBody + "\x01\x04\x02\x00\x00",
			"the items of a block do not fill its size, at byte 16"},
		{"string of 1 MiB and one", needed(`{"name":"x","type":"string"}`), neededBody + number(1<<20+1) + big,
			"a string or bytes value is longer than the limit of 1048576 bytes, at byte 17"},
		{"65,537 items that are there", needed(`{"name":"x","type":{"type":"array","items":"int"}}`),
			neededBody + number(65_536) + strings.Repeat("\x02", 65_536) + "\x02\x02\x00",
			"an array or map has more items than the limit of 65536, at byte 65553"},
		{"bottomless", needed(`{"name":"x","type":{"type":"record","name":"R","fields":[{"name":"a","type":"R"},{"name":"b","type":"R"}]}}`),
			neededBody, "nested deeper than 64 levels, at byte 13"},
		{"deep", needed(`{"name":"x","type":["null",{"type":"record","name":"R","fields":[{"name":"a","type":["null","R"]}]}]}`),
			neededBody + strings.Repeat("\x02", 40) + "\x00", "nested deeper than 64 levels, at byte 45"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := readBody(planOf(t, c.schema), []byte(c.body))
			if want := "malformed_avro: " + c.want; err == nil || err.Error() != want {
				t.Errorf("got  %v\nwant %s", err, want)
			}
		})
	}
}

// Each proper beginning of a value is malformed.
func TestAvroTruncated(t *testing.T) {
	plan := planOf(t, schemas.RawEvent)
	body := marshal(t, schemas.RawEvent, rawEvent())
	for n := range body {
		if _, err := readBody(plan, body[:n]); err == nil || reasonOf(t, err) != processor.ReasonMalformedAvro {
			t.Fatalf("%d of %d bytes: got %v", n, len(body), err)
		}
	}
}

func TestAvroHeader(t *testing.T) {
	d := NewDecoder(DecoderOptions{})
	for value, want := range map[string]processor.RejectionReason{
		"\x00":                 processor.ReasonMalformedAvro,
		"\x00\x00\x00\x00":     processor.ReasonMalformedAvro,
		"\x00\x00\x00\x00\x01": processor.ReasonUnknownSchema, // no registry is configured
	} {
		var e processor.Event
		if err := d.Decode(&processor.Record{Value: []byte(value)}, &e); err == nil || reasonOf(t, err) != want {
			t.Errorf("%x: got %v, want %v", value, err, want)
		}
	}
}

func FuzzAvro(f *testing.F) {
	plan := planOf(f, hostileSchema)
	for at := range hostileRest {
		for _, n := range hostileCounts {
			f.Add(hostileBody(at, number(n)))
			f.Add(hostileBody(at, number(-2)+number(n)))
		}
	}
	f.Add(hostileBody(0, "\x04\x00\x02\x02\x02x\x00"))
	f.Add(hostileBody(6, "\x04\x02\x00\x00\x00"))
	limits := Limits{CollectionItems: 1000, StringBytes: 1000}
	f.Fuzz(func(t *testing.T, body []byte) {
		var e processor.Event
		rejection := plan.read(append(make([]byte, avroHeaderSize), body...), &e, limits)
		if rejection == nil && (e.Provider == "" || len(e.Codes) > 1000 || len(e.Metadata) > maxMetadataEntries) {
			t.Fatalf("accepted: %+v", e)
		}
		if rejection != nil && rejection.Reason != processor.ReasonMalformedAvro && rejection.Reason != processor.ReasonInvalidField &&
			rejection.Reason != processor.ReasonMissingField {
			t.Fatal(rejection)
		}
	})
}

// Any text may be a writer schema, and any bytes its value: the reader ends, and never claims more than there is.
func FuzzAvroSchema(f *testing.F) {
	f.Add(schemas.RawEvent, []byte(neededBody))
	f.Add(hostileSchema, hostileBody(0, "\x00"))
	f.Add(needed(`{"name":"x","type":{"type":"array","items":{"type":"fixed","name":"Z","size":0}}}`), []byte(neededBody+number(1<<40)))
	f.Fuzz(func(t *testing.T, text string, body []byte) {
		schema, err := parseSchema(text, &avro.SchemaCache{})
		if err != nil {
			return
		}
		plan, err := newAvroPlan(schema)
		if err != nil {
			return
		}
		var e processor.Event
		rejection := plan.read(append(make([]byte, avroHeaderSize), body...), &e, Limits{}.withDefaults())
		if rejection == nil && (e.Provider == "" || e.Product == "" || e.VerificationID == "" || e.Status == "") {
			t.Fatalf("accepted without a needed field: %+v", e)
		}
	})
}
