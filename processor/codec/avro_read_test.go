package codec

import (
	"encoding/binary"
	"reflect"
	"strings"
	"testing"

	"github.com/hamba/avro/v2"

	"verdict/processor"
	"verdict/schemas"
)

// planOf compiles a schema with a parser cache of its own.
func planOf(t testing.TB, text string) *avroPlan {
	t.Helper()
	schema, err := parseSchema(text, &avro.SchemaCache{})
	if err != nil {
		t.Fatal(err)
	}
	plan, err := newAvroPlan(schema)
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

func readBody(p *avroPlan, body []byte) (processor.Event, error) {
	var e processor.Event
	value := append([]byte{0, 0, 0, 0, 7}, body...)
	rejection := p.read(value, &e, Limits{}.withDefaults())
	clear(value) // the event must not share the record's memory
	if rejection != nil {
		return e, rejection
	}
	return e, nil
}

// marshal writes a value by another implementation than the one that reads it.
func marshal(t testing.TB, schema string, value any) []byte {
	t.Helper()
	s, err := avro.ParseWithCache(schema, "", &avro.SchemaCache{})
	if err != nil {
		t.Fatal(err)
	}
	body, err := avro.Marshal(s, value)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

func rawEvent() map[string]any {
	return map[string]any{
		"event_id": "01J2FTXCPX3BJ0GFZ2F09BTF7R", "provider": "fourthline", "product": "identity_verification", "product_variant": "face",
		"verification_id": "e220a839-6f0c-4b7e-9b57-0d8f6f3a2b11", "subject_ref": "cust-929196", "journey_ref": "j-1", "status": "\ncompleted ",
		"account": "acc-7",
		"codes":   []any{4170, "IDVV_5150", "13O1", "123456789012345678901234567890"}, "risk_code": 500, "attempt": 2,
		"environment": "SANDBOX", "integration": "API", "occurred_at": map[string]any{"long.timestamp-micros": int64(1_795_255_200_123_456)},
		"metadata": map[string]any{"tenant": "t-1"},
	}
}

func TestAvroWhole(t *testing.T) {
	e, err := readBody(planOf(t, schemas.RawEvent), marshal(t, schemas.RawEvent, rawEvent()))
	if err != nil {
		t.Fatal(err)
	}
	want := wholeDecoded()
	want.Metadata = want.Metadata[:1]
	if !reflect.DeepEqual(e, want) {
		t.Errorf("got  %+v\nwant %+v", e, want)
	}
}

func TestAvroAbsent(t *testing.T) {
	body := marshal(t, schemas.RawEvent, map[string]any{
		"event_id": nil, "provider": "a", "product": "b", "product_variant": nil, "account": nil, "verification_id": "c", "subject_ref": nil,
		"journey_ref": nil, "status": "d", "codes": []any{}, "risk_code": nil, "attempt": nil, "environment": "UNSPECIFIED",
		"integration": "UNSPECIFIED", "occurred_at": nil, "metadata": map[string]any{},
	})
	e, err := readBody(planOf(t, schemas.RawEvent), body)
	if want := (processor.Event{Provider: "a", Product: "b", VerificationID: "c", Status: "d"}); err != nil || !reflect.DeepEqual(e, want) {
		t.Errorf("got %+v, %v; want %+v", e, err, want)
	}
}

// needed is a writer schema with the needed fields as strings, and others behind them.
func needed(others ...string) string {
	fields := []string{
		`{"name":"provider","type":"string"}`, `{"name":"product","type":"string"}`,
		`{"name":"verification_id","type":"string"}`, `{"name":"status","type":"string"}`,
	}
	return `{"type":"record","name":"Foreign","fields":[` + strings.Join(append(fields, others...), ",") + `]}`
}

// neededBody is the body of the needed fields.
const neededBody = "\x02a\x02b\x02c\x02d"

func TestAvroForeign(t *testing.T) {
	base := processor.Event{Provider: "a", Product: "b", VerificationID: "c", Status: "d"}
	with := func(change func(*processor.Event)) processor.Event {
		e := base
		change(&e)
		return e
	}
	for name, c := range map[string]struct {
		schema, body string
		want         processor.Event
	}{
		"other order, bytes, enum, nullable": {
			`{"type":"record","name":"F","fields":[{"name":"status","type":{"type":"enum","name":"S","symbols":["x","d"]}},
			{"name":"extra","type":"double"},{"name":"verification_id","type":["null","string"]},{"name":"product","type":"bytes"},
			{"name":"provider","type":["string","null"]}]}`,
			"\x02" + "12345678" + "\x02\x02c" + "\x02b" + "\x00\x02a", base,
		},
		"codes of long in sized blocks": {
			needed(`{"name":"codes","type":["null",{"type":"array","items":"long"}]}`),
			neededBody + "\x02" + "\x01\x04\xaa\x14" + "\x02\x02" + "\x00",
			with(func(e *processor.Event) { e.Codes = []string{"1301", "1"} }),
		},
		"codes of enum": {
			needed(`{"name":"codes","type":{"type":"array","items":{"type":"enum","name":"C","symbols":["IDVV_1301"]}}}`),
			neededBody + "\x02\x00\x00", with(func(e *processor.Event) { e.Codes = []string{"IDVV_1301"} }),
		},
		"time in milliseconds": {
			needed(`{"name":"occurred_at","type":{"type":"long","logicalType":"timestamp-millis"}}`),
			neededBody + "\x03", with(func(e *processor.Event) { e.OccurredAt, e.HasOccurredAt = -2000, true }),
		},
		"time in text": {
			needed(`{"name":"occurred_at","type":"string"}`),
			neededBody + "\x281970-01-01T00:00:01Z", with(func(e *processor.Event) { e.OccurredAt, e.HasOccurredAt = 1e6, true }),
		},
		"lower case environment, long risk code": {
			needed(`{"name":"environment","type":"string"}`, `{"name":"risk_code","type":"long"}`),
			neededBody + "\x08live" + "\xe8\x07",
			with(func(e *processor.Event) {
				e.Environment, e.RiskCode, e.HasRiskCode = processor.EnvironmentLive, 500, true
			}),
		},
		"a uuid, and a logical type that nobody knows, in texts": {
			needed(`{"name":"event_id","type":{"type":"string","logicalType":"uuid"}}`,
				`{"name":"subject_ref","type":{"type":"string","logicalType":"pseudonym"}}`),
			neededBody + "\x02e\x02s", with(func(e *processor.Event) { e.EventID, e.SubjectRef = "e", "s" }),
		},
		"blank optional texts": {
			needed(`{"name":"event_id","type":"string"}`, `{"name":"journey_ref","type":"bytes"}`), neededBody + "\x02 \x04\t ", base,
		},
		"a recursive extra, a fixed, an optional field that is always null": {
			needed(`{"name":"list","type":["null",{"type":"record","name":"L","fields":[{"name":"next","type":["null","L"]},{"name":"f",
			"type":{"type":"fixed","name":"X","size":2}}]}]}`, `{"name":"attempt","type":"null"}`),
			neededBody + "\x02" + "\x02" + "\x00xx" + "yy", base,
		},
		"the top-level record within itself": {
			needed(`{"name":"inner","type":["null","Foreign"]}`),
			neededBody + "\x02" + "\x02A\x02B\x02C\x02D\x00", base,
		},
		"an array of null": {
			needed(`{"name":"nothing","type":{"type":"array","items":"null"}}`),
			neededBody + "\x80\x80\x08\x00", base,
		},
	} {
		t.Run(name, func(t *testing.T) {
			e, err := readBody(planOf(t, c.schema), []byte(c.body))
			if err != nil || !reflect.DeepEqual(e, c.want) {
				t.Errorf("got %+v, %v; want %+v", e, err, c.want)
			}
		})
	}
}

func TestAvroInvalidFields(t *testing.T) {
	codes := `{"name":"codes","type":{"type":"array","items":["null","int","string","boolean"]}}`
	for _, c := range []struct{ schema, body, want string }{
		{needed(codes), neededBody + "\x04\x02\x02\x02\x01\x00", "invalid_field: codes[1] is neither a string nor an integer that is not negative"},
		{needed(codes), neededBody + "\x02\x00\x00", "invalid_field: codes[0] is neither a string nor an integer that is not negative"},
		{needed(codes), neededBody + "\x02\x06\x01\x00", "invalid_field: codes[0] is neither a string nor an integer that is not negative"},
		{needed(`{"name":"risk_code","type":"int"}`), neededBody + "\x01", "invalid_field: risk_code is not an integer from 0 to 2147483647"},
		{needed(`{"name":"attempt","type":"long"}`), neededBody + "\x00", "invalid_field: attempt is not an integer from 1 to 2147483647"},
		{needed(`{"name":"subject_ref","type":["null","string","int"]}`), neededBody + "\x04\x02",
			"invalid_field: subject_ref is not a string, bytes or enum without a logical type"},
		{needed(`{"name":"journey_ref","type":"bytes"}`), neededBody + "\x02\xff", "invalid_field: journey_ref is not valid UTF-8"},
		{needed(`{"name":"metadata","type":{"type":"map","values":["null","string"]}}`), neededBody + "\x02\x02k\x00\x00",
			"invalid_field: metadata[0] is not a string"},
		{needed(`{"name":"attempt","type":["null","int",{"type":"long","logicalType":"timestamp-micros"}]}`), neededBody + "\x04\x08",
			"invalid_field: attempt is not an int or long without a logical type"},
		{needed(`{"name":"codes","type":{"type":"array","items":["int",{"type":"long","logicalType":"timestamp-millis"}]}}`),
			neededBody + "\x02\x02\x08\x00", "invalid_field: codes[0] is neither a string nor an integer that is not negative"},
		{needed(`{"name":"metadata","type":{"type":"map","values":"string"}}`), neededBody + "\x04\x02k\x02v\x02k\x02v\x00",
			"invalid_field: metadata[1] has the same key as another entry"},
		{needed(`{"name":"occurred_at","type":{"type":"long","logicalType":"timestamp-millis"}}`),
			neededBody + string(binary.AppendVarint(nil, 1<<62)), "invalid_field: occurred_at is outside of the years 1 to 9999"},
		{needed(), "\x02a\x02b\x02 \x02d", "missing_field: verification_id is absent, null or blank"},
		{`{"type":"record","name":"F","fields":[{"name":"provider","type":"string"},{"name":"product","type":"string"},
			{"name":"verification_id","type":"string"},{"name":"status","type":["null","string"]}]}`, "\x02a\x02b\x02c\x00",
			"missing_field: status is absent, null or blank"},
	} {
		if _, err := readBody(planOf(t, c.schema), []byte(c.body)); err == nil || err.Error() != c.want {
			t.Errorf("%s: got  %v\nwant %s", c.schema, err, c.want)
		}
	}
}

func TestAvroIncompatible(t *testing.T) {
	for _, c := range []struct{ schema, want string }{
		{`"string"`, "its type is string, not record"},
		{`{"type":"record","name":"F","fields":[{"name":"provider","type":"string"}]}`, "it has no field product"},
		{strings.Replace(needed(), `"status","type":"string"`, `"status","type":"int"`, 1),
			"its field status cannot be read: the envelope needs a string, bytes or enum without a logical type there"},
		{strings.Replace(needed(), `"status","type":"string"`, `"status","type":"null"`, 1),
			"its field status cannot be read: the envelope needs a string, bytes or enum without a logical type there"},
		{needed(`{"name":"occurred_at","type":"long"}`),
			"its field occurred_at cannot be read: the envelope needs a timestamp-micros, a timestamp-millis or a string there"},
		{needed(`{"name":"codes","type":{"type":"array","items":"double"}}`),
			"its field codes cannot be read: the envelope needs an array of int, long, string, bytes or enum without a logical type there"},
		{needed(`{"name":"metadata","type":["null","string"]}`),
			"its field metadata cannot be read: the envelope needs a map of string, bytes or enum without a logical type there"},
		{needed(`{"name":"risk_code","type":"float"}`), "its field risk_code cannot be read: the envelope needs an int or long without a logical type there"},
	} {
		schema, err := parseSchema(c.schema, &avro.SchemaCache{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err = newAvroPlan(schema); err == nil || err.Error() != c.want {
			t.Errorf("%s: got  %v\nwant %s", c.schema, err, c.want)
		}
	}
}

// A value whose logical type says that it is something else is not read as what it looks like.
func TestAvroLogicalTypes(t *testing.T) {
	const number, text = "an int or long without a logical type", "a string, bytes or enum without a logical type"
	for _, c := range []struct{ field, schema, want string }{
		{"risk_code", `{"type":"long","logicalType":"timestamp-millis"}`, number},
		{"risk_code", `["null",{"type":"long","logicalType":"timestamp-micros"}]`, number},
		{"risk_code", `{"type":"int","logicalType":"date"}`, number},
		{"attempt", `{"type":"long","logicalType":"timestamp-micros"}`, number},
		{"attempt", `{"type":"long","logicalType":"timestamp-nanos"}`, number},
		{"codes", `{"type":"array","items":{"type":"long","logicalType":"timestamp-millis"}}`, "an array of int, long, string, bytes or enum without a logical type"},
		{"event_id", `{"type":"bytes","logicalType":"decimal","precision":9}`, text},
		{"subject_ref", `{"type":"bytes","logicalType":"big-decimal"}`, text},
		{"metadata", `{"type":"map","values":{"type":"bytes","logicalType":"decimal","precision":9}}`, "a map of string, bytes or enum without a logical type"},
	} {
		schema, err := parseSchema(needed(`{"name":"`+c.field+`","type":`+c.schema+`}`), &avro.SchemaCache{})
		if err != nil {
			t.Fatal(err)
		}
		want := "its field " + c.field + " cannot be read: the envelope needs " + c.want + " there"
		if _, err = newAvroPlan(schema); err == nil || err.Error() != want {
			t.Errorf("%s as %s: got  %v\nwant %s", c.field, c.schema, err, want)
		}
	}
}

func BenchmarkDecodeAvro(b *testing.B) {
	plan := planOf(b, schemas.RawEvent)
	event := rawEvent()
	event["codes"] = []any{4170, 5150}
	event["metadata"] = map[string]any{}
	value := append([]byte{0, 0, 0, 0, 7}, marshal(b, schemas.RawEvent, event)...)
	limits := Limits{}.withDefaults()
	var e processor.Event
	b.ReportAllocs()
	for b.Loop() {
		e.Reset()
		if rejection := plan.read(value, &e, limits); rejection != nil {
			b.Fatal(rejection)
		}
	}
}
