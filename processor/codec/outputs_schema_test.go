package codec

import (
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/hamba/avro/v2"

	"verdict/processor"
	"verdict/schemas"
)

// laterSchema is a later version of the decision's schema: fields in another order and of wider types, new ones, and
// a new symbol before the others.
var laterSchema = strings.NewReplacer(
	`"symbols": ["UNSPECIFIED", "PENDING"`, `"symbols": ["UNSPECIFIED", "LATER", "PENDING"`,
	`"UNKNOWN_STATUS", "UNKNOWN_CODE"`, `"LATER", "UNKNOWN_STATUS", "UNKNOWN_CODE"`,
	`{"name": "attempt", "type": "int"`, `{"name": "attempt", "type": "long"`,
	`"fields": [`+"\n"+`    {"name": "decision_id"`, `"fields": [`+"\n"+
		`    {"name": "tree", "default": null, "type": ["null", {"type": "record", "name": "Tree", "fields": [`+
		`{"name": "next", "type": ["null", "Tree"]}, {"name": "list", "type": {"type": "array", "items": "double"}}]}]},`+
		`{"name": "final", "type": "boolean"}, {"name": "decision_id"`,
	`{"name": "final", "type": "boolean", "doc": "The provider will not change its answer for this attempt. `+
		`A REVIEW can be final: the provider is done then, you are not."},`, "",
).Replace(schemas.Text(processor.RouteDecision.Spec().Schema))

// writeLater writes example as a later version might, with the symbols at these places of its enums.
func writeLater(t testing.TB, outcome, anomaly string) []byte {
	t.Helper()
	d := example()
	none := map[string]any{"next": nil, "list": []any{1.5}}
	return append([]byte{0, 0, 0, 0, 99}, marshal(t, laterSchema, map[string]any{
		"tree":        map[string]any{"idv.verdict.v1.Tree": map[string]any{"next": map[string]any{"idv.verdict.v1.Tree": none}, "list": []any{}}},
		"decision_id": d.ID.String(), "event_id": d.EventID, "provider": d.Provider, "product": d.Product, "product_variant": nil,
		"account":         nil,
		"verification_id": d.VerificationID, "subject_ref": d.SubjectRef, "journey_ref": nil, "attempt": int64(d.Attempt),
		"environment": "LIVE", "provider_status": d.ProviderStatus, "outcome": outcome, "outcome_basis": d.OutcomeBasis,
		"final": true, "ended": true, "signature": "OPEN", "lifecycle": nil, "primary_code": nil, "category": "FRAUD", "reasons": []any{}, "risk": nil,
		"billing": map[string]any{"flag": "BILLABLE", "basis": "b"},
		"retry": map[string]any{
			"advice": "RETRY", "scope": "NONE", "actions": []any{"UPLOAD_SELFIE"}, "fields": []any{"f"}, "expires_at": nil, "basis": "b",
		},
		"report_available": false, "anomalies": []any{anomaly, "KEY_MISMATCH"}, "occurred_at": time.UnixMicro(7),
		"occurred_at_source": "RECORD", "rules_version": "r", "source": map[string]any{"topic": "t", "partition": 1, "offset": int64(2)},
		"metadata": map[string]any{"k": "v"},
	})...)
}

func TestLaterSchema(t *testing.T) {
	reader := outputReader(t)
	know(t, reader, processor.RouteDecision, 99, laterSchema)
	for symbol, want := range map[string]string{"LATER": "UNSPECIFIED", "DECLINED": "DECLINED"} {
		var d processor.Decision
		if err := reader.Read(t.Context(), processor.RouteDecision, writeLater(t, symbol, "LATER"), &d); err != nil {
			t.Fatal(err)
		}
		if d.Outcome.String() != want || !d.Final || d.VerificationID != example().VerificationID || d.Source.Offset != 2 {
			t.Errorf("%s: got %+v", symbol, d)
		}
		if !d.Anomalies.Has(processor.AnomalyUnspecified) || !d.Anomalies.Has(processor.AnomalyKeyMismatch) || d.Anomalies.Len() != 2 {
			t.Errorf("%s: anomalies %b", symbol, d.Anomalies)
		}
	}
	text, err := os.ReadFile("testdata/decision.json")
	if err != nil {
		t.Fatal(err)
	}
	later := strings.NewReplacer(`"DECLINED"`, `"LATER"`, `{"decision_id"`, `{"new":{"a":[1,{}]},"decision_id"`, `"final":true,`, "",
		`"code":"4170",`, `"code":"4170","new":null,`, `"metadata":`, `"final":true,"metadata":`).Replace(string(text))
	var d processor.Decision
	if err := reader.Read(t.Context(), processor.RouteDecision, []byte(later), &d); err != nil {
		t.Fatal(err)
	}
	want := carried(processor.RouteDecision, example())
	want.Outcome = 0
	if !same(d, want) {
		t.Errorf("got  %+v\nwant %+v", d, want)
	}
}

// What was written before a field was added lacks it.
func TestEarlierValue(t *testing.T) {
	text, err := os.ReadFile("testdata/risk.json")
	if err != nil {
		t.Fatal(err)
	}
	earlier := strings.NewReplacer(`"risk":{"code":500,"level":"UNACCEPTABLE"},`, "", `"subject_ref":"cust-929196",`, "").Replace(string(text))
	want := carried(processor.RouteRisk, example())
	want.HasRisk, want.Risk, want.SubjectRef = false, processor.Risk{}, ""
	var d processor.Decision
	if err := outputReader(t).Read(t.Context(), processor.RouteRisk, []byte(earlier), &d); err != nil || !same(d, want) {
		t.Errorf("%v\ngot  %+v\nwant %+v", err, d, want)
	}
}

// A schema of something else is refused as a whole, before any value is read by it.
func TestSchemasThatAreNoOutputs(t *testing.T) {
	reader := outputReader(t)
	decision := schemas.Text("decision.avsc")
	for text, want := range map[string]string{
		`"string"`:                "its type is string, not record",
		schemas.RawEvent:          "it has no field decision_id",
		schemas.Text("risk.avsc"): "it has no field event_id",
		strings.Replace(decision, `"name": "final", "type": "boolean"`, `"name": "final", "type": "int"`, 1):                                                                    "its field final is a int, which cannot be read",
		strings.Replace(decision, `"name": "final", "type": "boolean"`, `"name": "final", "type": "null"`, 1):                                                                   "it has no field final",
		strings.Replace(decision, `"name": "no_retry"`, `"name": "noretry"`, 1):                                                                                                 "it has no field reasons.no_retry",
		strings.Replace(decision, `{"name": "occurred_at", "type": {"type": "long", "logicalType": "timestamp-micros"}`, `{"name": "occurred_at", "type": {"type": "long"}`, 1): "its field occurred_at is a long",
		strings.Replace(decision, `{"name": "attempt", "type": "int"`, `{"name": "attempt", "type": {"type":"int","logicalType":"date"}`, 1):                                    "its field attempt is a int",
	} {
		if _, err := bindText(reader, processor.RouteDecision, text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.80s: got %v, want %s", text, err, want)
		}
	}
}

// TestOutputShapeHasABitForEachNeed: a field beyond them would count as there, whatever the value holds.
func TestOutputShapeHasABitForEachNeed(t *testing.T) {
	for n, want := range map[int]bool{64: true, 65: false} {
		fields := strings.Builder{}
		for i := range n {
			path := "needed_" + strconv.Itoa(i)
			outputFields[path] = outputField{}
			defer delete(outputFields, path)
			fields.WriteString(`,{"name":"` + path + `","type":"string"}`)
		}
		schema, err := avro.Parse(`{"type":"record","name":"Wide` + strconv.Itoa(n) + `","fields":[` +
			fields.String()[1:] + `]}`)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := newOutputShape("", schema); (err == nil) != want {
			t.Errorf("%d needed fields: %v", n, err)
		}
	}
}
