package codec

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"reflect"
	"strings"
	"testing"

	"verdict/processor"
)

const wholeEvent = `{"event_id":"01J2FTXCPX3BJ0GFZ2F09BTF7R","provider":"fourthline","product":"identity_verification",` +
	`"product_variant":"face","verification_id":"e220a839-6f0c-4b7e-9b57-0d8f6f3a2b11","subject_ref":"cust-929196",` +
	`"journey_ref":"j-1","account":"acc-7","status":" completed\t","codes":[4170,"IDVV_5150","13O1",123456789012345678901234567890],"risk_code":500,` +
	`"attempt":2,"environment":"sandbox","integration":"api","occurred_at":"2026-11-21T11:00:00.1234567+01:00",` +
	`"metadata":{"tenant":"t-1","br\u0061nd":"b\n"},"unknown":{"deep":[{"er":[1,2.5e3,true,null]}]}}`

func wholeDecoded() processor.Event {
	return processor.Event{
		EventID: "01J2FTXCPX3BJ0GFZ2F09BTF7R", Provider: "fourthline", Product: "identity_verification", ProductVariant: "face",
		VerificationID: "e220a839-6f0c-4b7e-9b57-0d8f6f3a2b11", SubjectRef: "cust-929196", JourneyRef: "j-1", Status: "completed",
		Account:  "acc-7",
		Codes:    []string{"4170", "IDVV_5150", "13O1", "123456789012345678901234567890"},
		RiskCode: 500, HasRiskCode: true, Attempt: 2, Environment: processor.EnvironmentSandbox, Integration: processor.IntegrationAPI,
		OccurredAt: 1_795_255_200_123_456, HasOccurredAt: true,
		Metadata: []processor.Pair{{Key: "tenant", Value: "t-1"}, {Key: "brand", Value: "b\n"}},
	}
}

func decodeText(t *testing.T, text string) (processor.Event, error) {
	t.Helper()
	var e processor.Event
	value := []byte(text)
	err := NewDecoder(DecoderOptions{Formats: builtIn()}).Decode(&processor.Record{Topic: "idv.raw.v1", Value: value}, &e)
	if string(value) != text { // the event may share it
		t.Errorf("decoding changed the value to %q", value)
	}
	return e, err
}

func reasonOf(t *testing.T, err error) processor.RejectionReason {
	t.Helper()
	var r *processor.Rejection
	if !errors.As(err, &r) {
		t.Fatalf("got %v, want a rejection", err)
	}
	return r.Reason
}

func TestJSONWhole(t *testing.T) {
	e, err := decodeText(t, wholeEvent)
	if err != nil {
		t.Fatal(err)
	}
	if want := wholeDecoded(); !reflect.DeepEqual(e, want) {
		t.Errorf("got  %+v\nwant %+v", e, want)
	}
}

// One event after another through the same decoder: nothing of the first is left in the second.
func TestJSONReuse(t *testing.T) {
	d := NewDecoder(DecoderOptions{})
	var e processor.Event
	for _, text := range []string{wholeEvent, `{"provider":"a"`, `{"provider":"a","product":"b","verification_id":"c","status":"d"}`} {
		e.Reset()
		_ = d.Decode(&processor.Record{Value: []byte(text)}, &e)
	}
	want := processor.Event{Provider: "a", Product: "b", VerificationID: "c", Status: "d", Codes: []string{}, Metadata: []processor.Pair{}}
	if !reflect.DeepEqual(e, want) {
		t.Errorf("got %+v, want %+v", e, want)
	}
}

func TestJSONOptional(t *testing.T) {
	const start = `{"provider":"yousign","product":"video","verification_id":"v","status":"approved"`
	absent, err := decodeText(t, start+`}`)
	if err != nil {
		t.Fatal(err)
	}
	for _, rest := range []string{
		`,"event_id":null,"product_variant":null,"account":null,"subject_ref":null,"journey_ref":null,"codes":null,"risk_code":null,"attempt":null,` +
			`"environment":null,"integration":null,"occurred_at":null,"metadata":null}`,
		`,"event_id":"","product_variant":"","account":"","subject_ref":"","journey_ref":"","codes":[],"environment":"","integration":"",` +
			`"occurred_at":"","metadata":{}}`,
		`,"event_id":" ","product_variant":"\t\u00a0","account":"\n","subject_ref":"  ","journey_ref":"\u2003\n"}`,
		`,"event_id":"   ","subject_ref":" "}`,
		`,"environment":"UNSPECIFIED","integration":"UNSPECIFIED"}` + " \r\n\t",
	} {
		if e, err := decodeText(t, start+rest); err != nil || !reflect.DeepEqual(e, absent) {
			t.Errorf("%s: got %+v, %v; want %+v", rest, e, err, absent)
		}
	}
	e, err := decodeText(t, start+`,"environment":"LIVE","integration":"SDK"}`)
	if err != nil || e.Environment != processor.EnvironmentLive || e.Integration != processor.IntegrationSDK {
		t.Errorf("upper case: got %+v, %v", e, err)
	}
}

func TestMalformedLines(t *testing.T) {
	text, err := os.ReadFile("testdata/malformed.txt")
	if err != nil {
		t.Fatal(err)
	}
	for i, line := range strings.Split(strings.TrimSuffix(string(text), "\n"), "\n") {
		if strings.HasPrefix(line, "#") {
			continue
		}
		want, value, _ := strings.Cut(line, "\t")
		_, err := decodeText(t, value)
		got := "(decoded)"
		if err != nil {
			got = reasonOf(t, err).String()
		}
		if got != want {
			t.Errorf("testdata/malformed.txt:%d: got %v, want %s", i+1, err, want)
		}
	}
}

func TestJSONDetail(t *testing.T) {
	const start = `{"provider":"yousign","product":"video","verification_id":"v","status":"secret"`
	many := strings.Repeat(`,1`, 65_536)
	for _, c := range []struct{ value, want string }{
		{" \n", "empty_value: the value has only white space"},
		{start + `,"codes":[1,2,-3]}`, "invalid_field: codes[2] is neither a string nor an integer that is not negative"},
		{start + `,"metadata":{"a":"b","c":{}}}`, "invalid_field: metadata[1] is not a string"},
		{start + `,"codes":[1` + many + `]}`, "invalid_field: codes has too many items"},
		{start + `,"metadata":{"a":"` + strings.Repeat("x", 4096) + `"}}`, "invalid_field: metadata has more than 4096 bytes of keys and values"},
		{start + `,"status":"secret"}`, "malformed_json: a name occurs twice in one object, at byte 80"},
		{start + `,"secret`, "malformed_json: the value ends inside of the document, at byte 87"},
		{start + `} secret`, "malformed_json: something follows the object, at byte 80"},
		{`["secret"]`, "malformed_json: the top-level value is an array, not an object (write each item as a record of its own), at byte 10"},
		{`"secret"`, "malformed_json: the top-level value is not an object, at byte 8"},
		{"\xef\xbb\xbf" + start + "}", "malformed_json: it begins with a byte order mark (write UTF-8 without one), at byte 0"},
		{`{"event_name":"secret","data":{"identity_video":{"id":"secret"}}}`, "missing_field: provider is absent, null or blank; " +
			"it looks like yousign: set that format, or auto, for the topic (decide: --input yousign)"},
		{`{"verificationId":"secret","status":"completed"}`, "missing_field: provider is absent, null or blank; " +
			"it looks like fourthline: set that format, or auto, for the topic (decide: --input fourthline)"},
		{`{"data":"secret"}`, "missing_field: provider is absent, null or blank"},
		{`{"provider":" ","verificationId":"secret","status":"completed"}`, "missing_field: provider is absent, null or blank"},
		{start + `,"x":` + strings.Repeat("[", 64) + strings.Repeat("]", 64) + `}`, "malformed_json: nested deeper than 64 levels, at byte 148"},
		{start + `,secret}`, "malformed_json: not valid JSON, at byte 80"},
		{start + ",\"x\":\"secret\xff\"}", "malformed_json: not valid JSON, at byte 91"},
		// A fault of a field, and a document that is malformed behind it: the document's fault counts.
		{start + `,"codes":[-1],"x":secret}`, "malformed_json: not valid JSON, at byte 97"},
	} {
		_, err := decodeText(t, c.value)
		if err == nil || err.Error() != c.want {
			t.Errorf("%.100s: got  %v\nwant %s", c.value, err, c.want)
		}
		if err != nil && strings.Contains(err.Error(), "secret") {
			t.Errorf("%.100s: the detail quotes the record: %v", c.value, err)
		}
	}
}

func TestJSONDepthAllowed(t *testing.T) {
	text := `{"provider":"a","product":"b","verification_id":"c","status":"d","x":` + strings.Repeat("[", 63) + strings.Repeat("]", 63) + `}`
	if _, err := decodeText(t, text); err != nil {
		t.Error(err)
	}
}

func TestMetadataEntries(t *testing.T) {
	text := func(n int) string {
		var b bytes.Buffer
		b.WriteString(`{"provider":"a","product":"b","verification_id":"c","status":"d","metadata":{`)
		for i := range n {
			if i > 0 {
				b.WriteByte(',')
			}
			b.WriteString(`"k` + strings.Repeat("x", i) + `":"v"`)
		}
		b.WriteString("}}")
		return b.String()
	}
	if _, err := decodeText(t, text(32)); err != nil {
		t.Errorf("32 entries: %v", err)
	}
	if _, err := decodeText(t, text(33)); err == nil || reasonOf(t, err) != processor.ReasonInvalidField {
		t.Errorf("33 entries: got %v", err)
	}
}

func FuzzJSON(f *testing.F) {
	f.Add([]byte(wholeEvent))
	f.Add([]byte(`{"provider":"a","codes":[1,"x",{"a":[]}],"metadata":{"a":"b"}}`))
	f.Add([]byte(` { "st\u0061tus" : "\"\\" , "provider":"a","product":"b","verification_id":"c" , "codes" : [ ] , "x" : [ [ ] , { } , -1e3 ] } `))
	d := NewDecoder(DecoderOptions{})
	f.Fuzz(func(t *testing.T, value []byte) {
		var e processor.Event
		err := d.Decode(&processor.Record{Value: value}, &e)
		var r *processor.Rejection
		if err != nil && !errors.As(err, &r) {
			t.Fatalf("not a rejection: %v", err)
		}
		if err != nil {
			return
		}
		// Another JSON reader finds the same texts under these names.
		var members map[string]json.RawMessage
		if err := json.Unmarshal(value, &members); err != nil {
			t.Fatalf("accepted what is not valid: %v", err)
		}
		for name, got := range map[string]string{
			"provider": e.Provider, "product": e.Product, "verification_id": e.VerificationID, "status": e.Status,
		} {
			var want string
			err := json.Unmarshal(members[name], &want)
			if name == "status" {
				want = strings.TrimSpace(want)
			}
			if err != nil || got != want {
				t.Fatalf("%s: got %q, want %q (%v)", name, got, want, err)
			}
		}
		var codes []json.RawMessage
		_ = json.Unmarshal(members["codes"], &codes)
		if len(codes) != len(e.Codes) {
			t.Fatalf("%d codes, want %d", len(e.Codes), len(codes))
		}
	})
}

func BenchmarkDecodeJSON(b *testing.B) {
	d := NewDecoder(DecoderOptions{})
	r := &processor.Record{Topic: "idv.raw.v1", Value: []byte(`{"event_id":"3ceaaf30-8142-48ea-91d9-3080f9b439fc","provider":"fourthline",` +
		`"product":"identity_verification","verification_id":"9dfb369b-ab13-4fae-a276-55daa05f1119","subject_ref":"cust-137967",` +
		`"journey_ref":"j-2206","status":"completed","codes":[4170,5150],"risk_code":500,"environment":"live","integration":"api",` +
		`"occurred_at":"2026-11-20T08:01:03.643Z"}`)}
	var e processor.Event
	b.ReportAllocs()
	for b.Loop() {
		e.Reset()
		if err := d.Decode(r, &e); err != nil {
			b.Fatal(err)
		}
	}
}
