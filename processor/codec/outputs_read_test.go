package codec

import (
	"encoding/hex"
	"errors"
	"net/http"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/hamba/avro/v2"
	"github.com/twmb/franz-go/pkg/sr"
	"pgregory.net/rapid"

	"verdict/processor"
	"verdict/schemas"
)

// reader reads what avroEncoder writes, without a registry.
func outputReader(t testing.TB) *OutputReader {
	t.Helper()
	r, err := NewOutputReader(nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, route := range processor.EncodedRoutes() {
		know(t, r, route, schemaIDs()[route], schemas.Text(route.Spec().Schema))
	}
	return r
}

// know makes the reader know a writer schema.
func know(t testing.TB, r *OutputReader, route processor.Route, id int, text string) {
	t.Helper()
	part, err := bindText(r, route, text)
	if err != nil {
		t.Fatal(err)
	}
	r.parts[writtenBy{route, uint32(id)}] = part
}

func bindText(r *OutputReader, route processor.Route, text string) (*outputPart, error) {
	schema, err := parseSchema(text, &avro.SchemaCache{})
	if err != nil {
		return nil, err
	}
	return bindOutput(r.shapes[route], schema)
}

// carried is what a route carries of a decision.
func carried(route processor.Route, d *processor.Decision) processor.Decision {
	if route == processor.RouteOverdue {
		return carriedByNotice(d)
	}
	whole := route == processor.RouteDecision || route == processor.RouteVerification
	c := *d
	c.Reasons, c.Overdue = nil, processor.Overdue{}
	for _, r := range d.Reasons {
		switch {
		case whole:
			r.RiskBearing = false
			c.Reasons = append(c.Reasons, r)
		case route == processor.RouteRisk && (r.RiskBearing || !r.Known):
			r.RiskBearing = r.Known
			c.Reasons = append(c.Reasons, r)
		}
	}
	var none processor.Decision
	if route != processor.RouteBilling {
		c.ChargeID, c.FlagSince = none.ChargeID, 0
	}
	if !whole {
		c.EventID, c.OutcomeBasis, c.ReportAvailable = "", "", false
		c.Ended, c.Signature, c.HasLifecycle, c.Lifecycle = false, 0, false, none.Lifecycle
		c.Retry, c.RetryFields, c.RetryExpiresAt, c.HasRetryExpiry = none.Retry, nil, 0, false
	}
	switch route {
	case processor.RouteBilling:
		c.Final, c.Risk.Level = false, 0
	case processor.RouteRisk:
		c.Billing, c.Source = none.Billing, none.Source
	default:
	}
	return c
}

func same(a, b processor.Decision) bool {
	empty := func(d *processor.Decision) {
		d.Reasons, d.Metadata = slices.Concat(d.Reasons), slices.Concat(d.Metadata) // nil if empty
		d.RetryFields = slices.Concat(d.RetryFields)
	}
	empty(&a)
	empty(&b)
	return reflect.DeepEqual(a, b)
}

// Whatever a decision holds, each route's value gives back what the route carries, in both formats.
func TestOutputsAreReadBack(t *testing.T) {
	reader := outputReader(t)
	for name, encoder := range map[string]processor.Encoder{"JSON": NewJSONEncoder(), "Avro": avroEncoder(t)} {
		for _, route := range processor.EncodedRoutes() {
			t.Run(name+" "+route.String(), func(t *testing.T) {
				var got processor.Decision // used again for each
				rapid.Check(t, func(rt *rapid.T) {
					d := drawDecision(rt)
					value, err := encoder.Append(route, nil, d)
					if err != nil {
						rt.Fatal(err)
					}
					if err := reader.Read(t.Context(), route, value, &got); err != nil {
						rt.Fatal(err)
					}
					clear(value) // the decision must not share it
					if want := carried(route, d); !same(got, want) {
						rt.Fatalf("got  %+v\nwant %+v", got, want)
					}
				})
			})
		}
	}
}

func TestGoldenBytesAreReadBack(t *testing.T) {
	reader := outputReader(t)
	for name, golden := range goldens() {
		text, err := os.ReadFile("testdata/" + name + ".json")
		if err != nil {
			t.Fatal(err)
		}
		digits, err := os.ReadFile("testdata/" + name + ".avro.hex")
		if err != nil {
			t.Fatal(err)
		}
		bytes, err := hex.DecodeString(strings.TrimSpace(string(digits)))
		if err != nil {
			t.Fatal(err)
		}
		for _, value := range [][]byte{text, bytes} {
			var got processor.Decision
			if err := reader.Read(t.Context(), golden.route, value, &got); err != nil {
				t.Errorf("%s: %v", value, err)
			} else if want := carried(golden.route, golden.decision); !same(got, want) {
				t.Errorf("%s\ngot  %+v\nwant %+v", value, got, want)
			}
		}
	}
}

func TestUnreadableOutputs(t *testing.T) {
	text, err := os.ReadFile("testdata/decision.json")
	if err != nil {
		t.Fatal(err)
	}
	with := func(old, changed string) string {
		if !strings.Contains(string(text), old) {
			t.Fatalf("there is no %s", old)
		}
		return strings.Replace(string(text), old, changed, 1)
	}
	reader := outputReader(t)
	for value, want := range map[string]string{
		"":                         "it has no value: a tombstone",
		"{":                        "malformed JSON: the value ends inside of the document, at byte 1",
		"[]":                       "the top-level value is an array, not an object",
		"7":                        "the top-level value is not an object",
		string(text) + "{}":        "something follows the object",
		`{}`:                       "decision_id is missing",
		with(`,"final":true`, ""):  "final is missing",
		with(`true`, `"true"`):     "final is not true or false",
		with(`b7000000`, `x7`):     "decision_id is not a UUID",
		with(`"DECLINED"`, `null`): "", // it has a default
		with(`"attempt":1`, `"attempt":2147483648`):                                                      "attempt is not an integer of 32 bits",
		with(`"attempt":1`, `"attempt":1.0`):                                                             "attempt is not an integer of 32 bits",
		with(`"attempt":1`, `"attempt":null`):                                                            "attempt is null",
		with(`"offset":12345`, `"offset":9223372036854775808`):                                           "source.offset is not an integer of 64 bits",
		with(`"code":"4170"`, `"code":4170`):                                                             "reasons.code is not a string",
		with(`"metadata":{`, `"metadata":{"x":1,`):                                                       "metadata is not an object of strings",
		with(`"actions":[`, `"actions":[null,`):                                                          "retry.actions is null",
		with(`"actions":[`, `"actions":[[],`):                                                            "retry.actions is not a symbol",
		with(`"anomalies":[`, `"anomalies":{},"x":[`):                                                    "anomalies is not an array",
		with(`"risk":{`, `"risk":[],"x":{`):                                                              "risk is not an object",
		with(`"2026-11-21T10:00:00.123Z"`, `1795255200123000`):                                           "occurred_at is not a time",
		with(`"2026-11-21T10:00:00.123Z"`, `"21-11-2026 10:00"`):                                         "occurred_at is not a time",
		with(`{"decision_id"`, `{"x":`+strings.Repeat("[", 65)+strings.Repeat("]", 65)+`,"decision_id"`): "nested deeper than 64 levels",
		"\x00":                      "ends inside of the 5 bytes",
		"\x00\x00\x00\x00\x0b":      "the value ends inside of a field",
		"\x00\x00\x00\x00\x0b\x02x": "decision_id is not a UUID, at byte 7",
		"\x00\x00\x00\x00\x07abc":   "Avro with schema id 7, and no schema registry is configured",
	} {
		var d processor.Decision
		err := reader.Read(t.Context(), processor.RouteDecision, []byte(value), &d)
		if want == "" && err == nil {
			continue
		}
		if err == nil || want == "" || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), "the decision cannot be read: ") {
			t.Errorf("%q\ngot  %v\nwant %s", value, err, want)
		}
	}
	for _, route := range []processor.Route{processor.RouteUnspecified, processor.RouteDeadLetter, 99} {
		var d processor.Decision
		if err := reader.Read(t.Context(), route, []byte("{}"), &d); err == nil {
			t.Errorf("%s is read", route)
		}
	}
}

// A time that no text can say is not read, in whichever field and format it stands.
func TestTimesOutsideOfTheYears(t *testing.T) {
	reader := outputReader(t)
	fields := map[string]struct {
		route processor.Route
		of    func(*processor.Decision) *int64
	}{
		"occurred_at":      {processor.RouteRisk, func(d *processor.Decision) *int64 { return &d.OccurredAt }},
		"flag_since":       {processor.RouteBilling, func(d *processor.Decision) *int64 { return &d.FlagSince }},
		"since":            {processor.RouteOverdue, func(d *processor.Decision) *int64 { return &d.Overdue.Since }},
		"deadline":         {processor.RouteOverdue, func(d *processor.Decision) *int64 { return &d.Overdue.Deadline }},
		"retry.expires_at": {processor.RouteDecision, func(d *processor.Decision) *int64 { return &d.RetryExpiresAt }},
	}
	for name, field := range fields {
		for micros, readable := range map[int64]bool{
			minMicros: true, maxMicros: true, minMicros - 1: false, maxMicros + 1: false,
		} {
			d := example()
			*field.of(d) = micros
			value, err := avroEncoder(t).Append(field.route, nil, d)
			if err != nil {
				t.Fatal(err)
			}
			var got processor.Decision
			err = reader.Read(t.Context(), field.route, value, &got)
			switch want := name + " is not a time within the years 1 to 9999"; {
			case readable && (err != nil || *field.of(&got) != micros):
				t.Errorf("%s %d: %v, read as %d", name, micros, err, *field.of(&got))
			case !readable && (err == nil || !strings.Contains(err.Error(), want)):
				t.Errorf("%s %d: got %v, want %s", name, micros, err, want)
			}
		}
	}
	text, err := NewJSONEncoder().Append(processor.RouteDecision, nil, example())
	if err != nil {
		t.Fatal(err)
	}
	late := strings.Replace(string(text), `"expires_at":"2026-11-21T10:15:00.123Z"`,
		`"expires_at":"9999-12-31T23:59:59-01:00"`, 1)
	var d processor.Decision
	if err := reader.Read(t.Context(), processor.RouteDecision, []byte(late), &d); err == nil {
		t.Errorf("a time zone takes it to the year 10000, and it is read as %d", d.RetryExpiresAt)
	}
}

// A field that the schema lets be null is read where it is not, though it must be there.
func TestNullInANeededField(t *testing.T) {
	reader := outputReader(t)
	know(t, reader, processor.RouteRisk, 50, strings.Replace(schemas.Text("risk.avsc"),
		`{"name": "decision_id", "type": "string"`, `{"name": "decision_id", "type": ["null", "string"]`, 1))
	value, err := avroEncoder(t).Append(processor.RouteRisk, nil, example())
	if err != nil {
		t.Fatal(err)
	}
	var d processor.Decision
	there := append([]byte{0, 0, 0, 0, 50, 2}, value[avroHeaderSize:]...)
	if err := reader.Read(t.Context(), processor.RouteRisk, there, &d); err != nil || d.ID != example().ID {
		t.Errorf("got %v, %s", err, d.ID)
	}
	absent := append([]byte{0, 0, 0, 0, 50, 0}, value[avroHeaderSize+37:]...)
	if err := reader.Read(t.Context(), processor.RouteRisk, absent, &d); err == nil || !strings.Contains(err.Error(), "decision_id is null") {
		t.Errorf("got %v", err)
	}
}

// Schemas come from the registry, each once.
func TestOutputsByTheRegistrysSchemas(t *testing.T) {
	s := newStage(t)
	ids, err := s.client.Register(t.Context(), subjects)
	if err != nil {
		t.Fatal(err)
	}
	s.fake.SeedSchema("other", 1, 77, sr.Schema{Schema: schemas.RawEvent})
	encoder, err := NewAvroEncoder(ids)
	if err != nil {
		t.Fatal(err)
	}
	reader, err := NewOutputReader(s.client)
	if err != nil {
		t.Fatal(err)
	}
	var d processor.Decision
	for range 2 {
		for _, route := range processor.EncodedRoutes() {
			value, err := encoder.Append(route, nil, example())
			if err != nil {
				t.Fatal(err)
			}
			if err := reader.Read(t.Context(), route, value, &d); err != nil || !same(d, carried(route, example())) {
				t.Errorf("%s: %v, %+v", route, err, d)
			}
			s.fail(answer(http.StatusInternalServerError, "")) // it has all that it needs
			if err := reader.Read(t.Context(), route, value, &d); err != nil {
				t.Errorf("%s, known before: %v", route, err)
			}
			s.fail(nil)
		}
	}
	for id, want := range map[byte]string{77: "the schema with id 77 is not that of a decision: it has no field decision_id", 88: "does not know schema id 88"} {
		err := reader.Read(t.Context(), processor.RouteDecision, []byte{0, 0, 0, 0, id, 0}, &d)
		if err == nil || errors.Is(err, ErrRegistryUnavailable) || !strings.Contains(err.Error(), want) {
			t.Errorf("schema %d: got %v, want %s", id, err, want)
		}
	}
	s.fail(answer(http.StatusInternalServerError, ""))
	if err := reader.Read(t.Context(), processor.RouteDecision, []byte{0, 0, 0, 0, 66, 0}, &d); !errors.Is(err, ErrRegistryUnavailable) {
		t.Errorf("without an answer: %v", err)
	}
}

// Whatever bytes come, reading them ends in an error or in a decision that is written and read again as the same.
func FuzzOutputs(f *testing.F) {
	reader := outputReader(f)
	know(f, reader, processor.RouteDecision, 99, laterSchema)
	f.Add(uint8(processor.RouteDecision), writeLater(f, "LATER", "LATER"))
	for _, encoder := range []processor.Encoder{NewJSONEncoder(), avroEncoder(f)} {
		for _, route := range processor.EncodedRoutes() {
			value, err := encoder.Append(route, nil, example())
			if err != nil {
				f.Fatal(err)
			}
			f.Add(uint8(route), value)
		}
	}
	f.Fuzz(func(t *testing.T, route uint8, value []byte) {
		r := processor.Route(route % uint8(processor.NumRoutes))
		var d, again processor.Decision
		if reader.Read(t.Context(), r, value, &d) != nil {
			return
		}
		for _, encoder := range []processor.Encoder{NewJSONEncoder(), avroEncoder(t)} {
			written, err := encoder.Append(r, nil, &d)
			if err != nil {
				t.Fatal(err)
			}
			if err := reader.Read(t.Context(), r, written, &again); err != nil || !same(d, again) {
				t.Fatalf("%v\nread  %+v\nagain %+v", err, d, again)
			}
		}
	})
}

func BenchmarkReadOutputs(b *testing.B) {
	reader := outputReader(b)
	for name, encoder := range map[string]processor.Encoder{"JSON": NewJSONEncoder(), "Avro": avroEncoder(b)} {
		b.Run(name, func(b *testing.B) {
			value, err := encoder.Append(processor.RouteDecision, nil, example())
			if err != nil {
				b.Fatal(err)
			}
			var d processor.Decision
			b.ReportAllocs()
			for b.Loop() {
				if err := reader.Read(b.Context(), processor.RouteDecision, value, &d); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
