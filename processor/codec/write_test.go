package codec

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hamba/avro/v2"
	"pgregory.net/rapid"

	"verdict/processor"
	"verdict/schemas"
)

// example has each part of a decision that there may be, but for a few optional texts and a lifecycle: decision.json
// shows the latter null, decision-lifecycle.json set.
func example() *processor.Decision {
	d := &processor.Decision{
		EventID: "01J2FTXCPX3BJ0GFZ2F09BTF7R", Provider: "fourthline", Product: "identity_verification", VerificationID: "e220a839",
		SubjectRef: "cust-929196", Account: "acc-7", Attempt: 1, Environment: processor.EnvironmentLive, ProviderStatus: "completed",
		OutcomeBasis: "reading:fourthline-idv/status/completed/risk/500", Final: true, Ended: true, PrimaryCode: "5150", HasRisk: true,
		ReportAvailable: true, OccurredAt: 1_795_255_200_123_000, OccurredAtSource: processor.OccurredAtSourceProvider,
		RulesVersion: "2026.11.0+3f9a2c", Source: processor.Source{Topic: "idv.raw.v1", Partition: 3, Offset: 12345},
	}
	d.ID[0], d.ChargeID[0] = 0xb7, 0xc1
	d.Reasons = []processor.Reason{
		{Code: "4170", Series: "rejection", Known: true, RiskBearing: true},
		{Code: "5150", Series: "fraud", Known: true, RiskBearing: true},
		{Code: "8999", Series: "new series", NoRetry: true, Disclosable: true}, // unlisted, of a range
		{Code: "13\"O1"},
	}
	find(&d.Signature, "FAILED")
	find(&d.Outcome, "DECLINED")
	find(&d.Category, "FRAUD")
	find(&d.Reasons[0].Category, "RISK")
	find(&d.Reasons[1].Category, "FRAUD")
	find(&d.Reasons[2].Category, "IDENTITY_MISMATCH")
	find(&d.Reasons[3].Category, "UNKNOWN")
	find(&d.Reasons[0].Effect, "NEGATIVE")
	find(&d.Reasons[1].Effect, "NEGATIVE")
	find(&d.Reasons[2].Effect, "NEGATIVE")
	find(&d.Reasons[3].Effect, "NEUTRAL")
	d.Risk.Code = 500
	find(&d.Risk.Level, "UNACCEPTABLE")
	find(&d.Billing.Flag, "UNDETERMINED")
	d.Billing.Basis = "source:fourthline-idv/billing/silent"
	d.FlagSince = 1_795_168_800_000_000
	find(&d.Retry.Advice, "DO_NOT_RETRY")
	find(&d.Retry.Scope, "NONE")
	d.Retry.Actions = d.Retry.Actions.With(2).With(3)
	d.RetryFields = []string{"kycDocument.expirationDate", "person.birthDate"}
	d.RetryExpiresAt, d.HasRetryExpiry = 1_795_256_100_123_000, true
	d.Retry.Basis = "reading:fourthline-idv/status/completed/risk/500"
	d.Anomalies.Add(processor.AnomalyUnknownCode)
	d.Anomalies.Add(processor.AnomalyKeyMismatch)
	d.Metadata = []processor.Pair{{Key: "brand", Value: "b"}, {Key: "tenant", Value: "t-1"}}
	return d
}

// followed is the example as a decision that other ones about its verification came before.
func followed() *processor.Decision {
	d := example()
	d.HasLifecycle = true
	d.Lifecycle = processor.Lifecycle{Sequence: 3, Transition: processor.TransitionReversed, Current: true}
	d.Lifecycle.Previous[0] = 0xa6
	d.Retry.Actions, d.RetryFields, d.RetryExpiresAt, d.HasRetryExpiry = 0, nil, 0, false
	return d
}

// goldens are the decisions whose exact bytes are kept, by the name of their files. The table of verifications has no
// encoding of its own, and so no files: TestTheTableHasTheDecisionsBytes.
func goldens() map[string]goldenOutput {
	outputs := map[string]goldenOutput{"decision-lifecycle": {processor.RouteDecision, followed()}}
	for _, route := range processor.EncodedRoutes() {
		outputs[route.String()] = goldenOutput{route, example()}
	}
	outputs["overdue"] = goldenOutput{processor.RouteOverdue, notice()}
	delete(outputs, processor.RouteVerification.String())
	return outputs
}

type goldenOutput struct {
	route    processor.Route
	decision *processor.Decision
}

// find sets an enum to the value of a symbol; without one it stays unspecified, which the golden bytes show.
func find[E interface {
	~uint8
	String() string
}](e *E, symbol string) {
	for n := range 256 {
		if E(n).String() == symbol {
			*e = E(n)
		}
	}
}

// schemaIDs gives the decision's schema the id 11, the next one 12, and so on. As in a registry, one schema has one id,
// whichever topics it is of.
func schemaIDs() (ids SchemaIDs) {
	known := map[string]int{}
	for _, route := range processor.EncodedRoutes() {
		schema := route.Spec().Schema
		if known[schema] == 0 {
			known[schema] = 11 + len(known)
		}
		ids[route] = known[schema]
	}
	return ids
}

func avroEncoder(t testing.TB) *AvroEncoder {
	t.Helper()
	e, err := NewAvroEncoder(schemaIDs())
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// The exact bytes of both formats. When they are meant to change, UPDATE_GOLDEN=1 writes the files anew.
func TestGoldenBytes(t *testing.T) {
	for name, golden := range goldens() {
		for ending, encoder := range map[string]processor.Encoder{"json": NewJSONEncoder(), "avro.hex": avroEncoder(t)} {
			got, err := encoder.Append(golden.route, []byte("before"), golden.decision)
			if err != nil {
				t.Fatal(err)
			}
			got, ok := bytes.CutPrefix(got, []byte("before"))
			if !ok {
				t.Errorf("%s: what was there before is lost", name)
			}
			if ending == "avro.hex" {
				got = []byte(hex.EncodeToString(got))
			}
			file := "testdata/" + name + "." + ending
			if os.Getenv("UPDATE_GOLDEN") != "" {
				if err := os.WriteFile(file, append(got, '\n'), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if string(got)+"\n" != string(want) {
				t.Errorf("%s: got  %s\nwant %s", file, got, want)
			}
		}
	}
}

// A record of the table of verifications has the bytes of the decision that it is about.
func TestTheTableHasTheDecisionsBytes(t *testing.T) {
	for name, encoder := range map[string]processor.Encoder{"JSON": NewJSONEncoder(), "Avro": avroEncoder(t)} {
		for _, d := range []*processor.Decision{example(), followed()} {
			decision, err := encoder.Append(processor.RouteDecision, nil, d)
			if err != nil {
				t.Fatal(err)
			}
			if row, err := encoder.Append(processor.RouteVerification, nil, d); err != nil || !bytes.Equal(row, decision) {
				t.Errorf("%s: %v\ndecision %s\ntable    %s", name, err, decision, row)
			}
		}
	}
}

// Whatever a decision holds, another Avro reader finds in the Avro value what a JSON reader finds in the JSON value.
func TestAvroEqualsJSON(t *testing.T) {
	oneBlock := avro.Config{DisableBlockSizeHeader: true}.Freeze() // as the encoder writes
	binaryEncoder, textEncoder := avroEncoder(t), NewJSONEncoder()
	for _, route := range processor.EncodedRoutes() {
		schema := avro.MustParse(schemas.Text(route.Spec().Schema))
		t.Run(route.String(), func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				d := drawDecision(t)
				value, err := binaryEncoder.Append(route, nil, d)
				if err != nil {
					t.Fatal(err)
				}
				if header := []byte{0, 0, 0, 0, byte(schemaIDs()[route])}; !bytes.HasPrefix(value, header) {
					t.Fatalf("the header is %x, want %x", value[:5], header)
				}
				var fromAvro any
				reader := avro.NewReader(nil, 0).Reset(value[5:])
				reader.ReadVal(schema, &fromAvro)
				if reader.Error != nil {
					t.Fatal(reader.Error)
				}
				if again, err := oneBlock.Marshal(schema, fromAvro); err != nil || len(again) != len(value)-5 {
					t.Fatalf("%d bytes behind the header, and %d written again (%v)", len(value)-5, len(again), err)
				}
				text, err := textEncoder.Append(route, nil, d)
				if err != nil {
					t.Fatal(err)
				}
				var fromJSON any
				decoder := json.NewDecoder(bytes.NewReader(text))
				decoder.UseNumber()
				if err := decoder.Decode(&fromJSON); err != nil {
					t.Fatalf("%v: %s", err, text)
				}
				if got := plain(fromAvro); !reflect.DeepEqual(got, fromJSON) {
					t.Fatalf("Avro %v\nJSON %v", got, fromJSON)
				}
			})
		})
	}
}

// branches are the names of what may be null.
var branches = []string{
	"string", "int", "long.timestamp-micros", "idv.verdict.v1.Risk", "idv.verdict.v1.Lifecycle",
}

// plain turns what the Avro reader makes into what the JSON reader makes.
func plain(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for branch, inner := range v { // a union's branch by its name
			if len(v) == 1 && slices.Contains(branches, branch) {
				return plain(inner)
			}
		}
		for k := range v {
			v[k] = plain(v[k])
		}
		return v
	case []any:
		for i := range v {
			v[i] = plain(v[i])
		}
		return v
	case int, int64:
		return json.Number(fmt.Sprint(v))
	case time.Time:
		return string(processor.AppendTime(nil, v.UnixMicro()))
	default:
		return v
	}
}

func TestJSONInvalidText(t *testing.T) {
	d := example()
	d.ProviderStatus = "\xff"
	for _, route := range processor.EncodedRoutes() {
		if got, err := NewJSONEncoder().Append(route, []byte("x"), d); err == nil || string(got) != "x" {
			t.Errorf("%s: got %q, %v", route, got, err)
		}
	}
}

// What is not UTF-8 is found at any place: texts are looked at in steps of eight bytes, and then at the rest.
func TestJSONInvalidTextAtAnyPlace(t *testing.T) {
	for length := 1; length <= 17; length++ {
		for at := range length {
			d := example()
			text := []byte(strings.Repeat("x", length))
			text[at] = 0xff
			d.SubjectRef = string(text)
			if got, err := NewJSONEncoder().Append(processor.RouteDecision, nil, d); err == nil {
				t.Errorf("byte %d of %d: got %q", at+1, length, got)
			}
		}
	}
}

func TestAvroEncoderNeedsIDs(t *testing.T) {
	for _, id := range []int{0, -1, 1 << 31} {
		ids := schemaIDs()
		ids[processor.RouteDecision] = id
		if _, err := NewAvroEncoder(ids); err == nil || !strings.Contains(err.Error(), "has no registry id") {
			t.Errorf("%v: got %v", ids, err)
		}
	}
}

// A route that is off has no schema's id, and nothing is written for it by mistake.
func TestAvroEncoderOfARouteThatIsOff(t *testing.T) {
	ids := schemaIDs()
	ids[processor.RouteBilling] = 0
	e, err := NewAvroEncoder(ids)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := e.Append(processor.RouteBilling, nil, example()); err == nil || got != nil {
		t.Errorf("got %q, %v", got, err)
	}
	if _, err := e.Append(processor.RouteRisk, nil, example()); err != nil {
		t.Error(err)
	}
}

// Dead letters are the original bytes: no encoder writes them.
func TestRoutesWithoutAValue(t *testing.T) {
	for _, encoder := range []processor.Encoder{NewJSONEncoder(), avroEncoder(t)} {
		for _, route := range []processor.Route{processor.RouteUnspecified, processor.RouteDeadLetter, 200} {
			if got, err := encoder.Append(route, []byte("x"), example()); err == nil || string(got) != "x" {
				t.Errorf("%s: got %q, %v", route, got, err)
			}
		}
	}
}

func TestContentTypes(t *testing.T) {
	if got := avroEncoder(t).ContentType() + " " + NewJSONEncoder().ContentType(); got != "application/avro application/json" {
		t.Error(got)
	}
}

func BenchmarkEncode(b *testing.B) {
	for name, encoder := range map[string]processor.Encoder{"JSON": NewJSONEncoder(), "Avro": avroEncoder(b)} {
		b.Run(name, func(b *testing.B) {
			d := example()
			var dst []byte
			b.ReportAllocs()
			for b.Loop() {
				var err error
				if dst, err = encoder.Append(processor.RouteDecision, dst[:0], d); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
