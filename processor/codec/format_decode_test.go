package codec

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"verdict/processor"
	"verdict/rules"
)

func TestFormatNames(t *testing.T) {
	if got := strings.Join(builtIn().Names(), " "); got != "canonical checkout fourthline ubble-v2 veriff-decision "+
		"veriff-event yousign auto" {
		t.Errorf("formats %s", got)
	}
	if got := strings.Join(builtIn().WithoutProduct(), " "); got != "fourthline auto" {
		t.Errorf("without product: %s", got)
	}
	for _, name := range builtIn().Names() {
		if f, ok := builtIn().Find(name); !ok || f.String() != name {
			t.Errorf("%s is found as %s, %v", name, f, ok)
		}
	}
	for _, name := range []string{"", "unspecified", "Yousign", "yousign "} {
		if f, ok := builtIn().Find(name); ok || f != (Format{}) || f.Products() != nil {
			t.Errorf("%q is found as %s", name, f)
		}
	}
}

const notification = `{"verificationId":"v-1","status":"new"}`

func TestTopicWithoutFormat(t *testing.T) {
	d := NewDecoder(DecoderOptions{Topics: map[string]TopicOptions{"known": {Format: Auto}, "unknown": {Format: "nobody's"}}})
	for _, name := range []string{"other", "unknown"} {
		err := d.Decode(&processor.Record{Topic: name, Value: []byte(notification)}, new(processor.Event))
		var rejection *processor.Rejection
		if err == nil || errors.As(err, &rejection) {
			t.Errorf("%s: %v: a topic that is not configured is no fault of its records", name, err)
		}
	}
}

// Avro begins with a zero byte, and only the canonical envelope comes as Avro.
func TestAvroIsCanonical(t *testing.T) {
	for _, format := range builtIn().Names() {
		want := "malformed_json"
		if format == Canonical || format == Auto {
			want = "unknown_schema"
		}
		err := formatDecoder(format).Decode(&processor.Record{Value: []byte{0, 0, 0, 0, 7, 1}}, new(processor.Event))
		if got := reasonOf(t, err).String(); got != want {
			t.Errorf("%s: %s, want %s", format, got, want)
		}
	}
}

// goldenBodies are all examples of a format.
func goldenBodies(t testing.TB, format string) [][]byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "formats", format+".jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	return bytes.Split(bytes.TrimSuffix(text, []byte("\n")), []byte("\n"))
}

// What a format reads, auto reads as the same or refuses; it never reads it as another's.
func TestAutoReadsAsTheFormatDoes(t *testing.T) {
	auto := formatDecoder(Auto)
	for _, format := range builtIn().Names() {
		if format == Canonical || format == Auto {
			continue
		}
		own, read := formatDecoder(format), 0
		for i, body := range goldenBodies(t, format) {
			if bytes.HasPrefix(body, []byte(`{"provider":`)) {
				continue // the canonical envelope, which this format refuses
			}
			var want, got processor.Event
			ownErr := own.Decode(&processor.Record{Value: body}, &want)
			err := auto.Decode(&processor.Record{Value: body}, &got)
			switch {
			case err == nil && (ownErr != nil || !reflect.DeepEqual(got, want)):
				t.Errorf("%s line %d: auto reads %+v, the format %+v, %v", format, i+1, got, want, ownErr)
			case err == nil:
				read++
			case ownErr == nil && reasonOf(t, err) != processor.ReasonUnknownVocabulary:
				t.Errorf("%s line %d: the format reads it, auto says %v", format, i+1, err)
			}
		}
		if read < 3 {
			t.Errorf("auto reads only %d examples of %s", read, format)
		}
	}
}

// The order in which a provider writes its members changes nothing, not even what is wrong.
func TestMembersInAnyOrder(t *testing.T) {
	type parts = []string
	bodies := map[string]parts{
		"yousign": {`"event_id":"e"`, `"event_time":"1763633885"`, `"sandbox":true`, `"data":{"identity_video":{"id":"v","status":"failed","status_codes":[1]}}`, `"x":{"sandbox":1}`},
		"checkout": {`"id":"e"`, `"created_on":"2026-11-20T17:31:00Z"`, `"data":{"identity_verification_id":"v","status":"declined","response_codes":[{"code":62301}]}`,
			`"version":"1.2.0"`},
		"fourthline": {`"verificationId":"v"`, `"status":"pending"`, `"verificationStatus":"pending"`, `"riskCode":200`},
		"ubble-v2":   {`"specversion":"2.0"`, `"time":"yesterday"`, `"id":7`, `"data":{"status":"approved"}`},
	}
	rapid.Check(t, func(rt *rapid.T) {
		name := rapid.SampledFrom([]string{"yousign", "checkout", "fourthline", "ubble-v2"}).Draw(rt, "format")
		members := bodies[name]
		shuffled := rapid.Permutation(members).Draw(rt, "members")
		one := decodedText(t, name, []byte("{"+strings.Join(members, ",")+"}"))
		other := decodedText(t, name, []byte("{"+strings.Join(shuffled, " ,\n ")+"}"))
		if one != other {
			rt.Fatalf("%s\nand\n%s", one, other)
		}
	})
}

// The order of an envelope's members, of which the catalog's version says nothing, changes no event: several for the
// codes give them in the order of the body.
func TestEnvelopeMembersInAnyOrder(t *testing.T) {
	decoders := func(turn bool) map[string]*Decoder {
		var envelopes []*rules.Envelope
		for _, e := range rules.Embedded().Envelopes() {
			own := *e
			own.Members = append(slices.Clone(e.Members), rules.Member{Path: "z", Field: "codes", As: rules.AsCode},
				rules.Member{Path: "a", Field: "codes", As: rules.AsCodes})
			if turn {
				slices.Reverse(own.Members)
			}
			envelopes = append(envelopes, &own)
		}
		all := map[string]*Decoder{}
		for _, e := range envelopes {
			all[e.Name] = NewDecoder(DecoderOptions{Formats: newFormats(envelopes), Topics: map[string]TopicOptions{
				"": {Format: e.Name, Product: "identity_verification"},
			}})
		}
		return all
	}
	one, other := decoders(false), decoders(true)
	read := 0
	for name := range one {
		for i, body := range goldenBodies(t, name) {
			if !bytes.HasPrefix(body, []byte("{")) || bytes.HasPrefix(body, []byte(`{"provider":`)) {
				continue
			}
			body = append([]byte(`{"z":1,"a":[3,2],`), body[1:]...)
			var got, want processor.Event
			err := one[name].Decode(&processor.Record{Value: body}, &want)
			turned := other[name].Decode(&processor.Record{Value: body}, &got)
			switch {
			case (err == nil) != (turned == nil), err == nil && !reflect.DeepEqual(got, want):
				t.Errorf("%s line %d: %+v, %v, and with members in another order %+v, %v", name, i+1, want, err, got, turned)
			case err == nil && strings.Join(want.Codes[:3], " ") != "1 3 2":
				t.Errorf("%s line %d: codes %v", name, i+1, want.Codes)
			case err == nil:
				read++
			}
		}
	}
	if read < 20 {
		t.Errorf("only %d bodies are read", read)
	}
}

// Both envelopes of one event are the same verification, so that it is charged once.
func TestBothEnvelopesOfOneEvent(t *testing.T) {
	ids := map[processor.ID]bool{}
	for format, body := range map[string]string{
		"ubble-v2": `{"specversion":"2.0","type":"identity_verification_checks_completed","subject":"idv_1","id":"evnt_1","time":"2026-11-20T17:31:00Z",` +
			`"data":{"identity_verification_id":"idv_1","status":"approved","response_codes":[{"code":10000}]}}`,
		"checkout": `{"id":"evt_2","type":"identity_verification_checks_completed","version":"1.2.0","created_on":"2026-11-20T17:31:00.000Z",` +
			`"data":{"identity_verification_id":"idv_1","status":"approved","response_codes":[{"code":10000}],"external_applicant_id":"eaplt_1"}}`,
	} {
		var e processor.Event
		if err := formatDecoder(format).Decode(&processor.Record{Value: []byte(body)}, &e); err != nil {
			t.Fatal(err)
		}
		ids[processor.ChargeID(e.Provider, e.Product, e.ProductVariant, e.VerificationID, max(e.Attempt, 1))] = true
	}
	if len(ids) != 1 {
		t.Errorf("%d charge ids", len(ids))
	}
}

// A decoder that is used for one record after another carries nothing over.
func TestFormatsReuse(t *testing.T) {
	for _, format := range builtIn().Names()[1:] {
		d := formatDecoder(format)
		for i, body := range goldenBodies(t, format) {
			var used, fresh processor.Event
			err := d.Decode(&processor.Record{Value: body}, &used)
			freshErr := formatDecoder(format).Decode(&processor.Record{Value: body}, &fresh)
			if err == nil && (freshErr != nil || !reflect.DeepEqual(used, fresh)) || err != nil && err.Error() != freshErr.Error() {
				t.Errorf("%s line %d: %+v %v, alone %+v %v", format, i+1, used, err, fresh, freshErr)
			}
		}
	}
}

func FuzzFormats(f *testing.F) {
	for n, format := range builtIn().Names() {
		if format != Canonical {
			for _, body := range goldenBodies(f, format) {
				f.Add(uint8(n), body)
			}
		}
	}
	f.Fuzz(func(t *testing.T, n uint8, value []byte) {
		all := builtIn().Names()
		var e processor.Event
		err := formatDecoder(all[int(n)%len(all)]).Decode(&processor.Record{Value: value}, &e)
		var rejection *processor.Rejection
		if err != nil && !errors.As(err, &rejection) {
			t.Fatalf("not a rejection: %v", err)
		}
		if err == nil && (e.Provider == "" || e.Product == "" || e.VerificationID == "" || e.Status == "") {
			t.Fatalf("accepted without a required field: %+v", e)
		}
	})
}

func BenchmarkDecodeFormats(b *testing.B) {
	for _, format := range builtIn().Names()[1:] {
		b.Run(format, func(b *testing.B) {
			d, r := formatDecoder(format), &processor.Record{Value: goldenBodies(b, format)[0]}
			var e processor.Event
			b.ReportAllocs()
			for b.Loop() {
				e.Reset()
				if err := d.Decode(r, &e); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
