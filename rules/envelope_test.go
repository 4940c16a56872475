package rules_test

import (
	"reflect"
	"testing"

	"verdict/rules"
)

// The built-in envelopes, whose events they are, and for which products they may be.
func TestEmbeddedEnvelopes(t *testing.T) {
	type row struct {
		name, provider, product string
		products                []string
	}
	var got []row
	for _, e := range rules.Embedded().Envelopes() {
		got = append(got, row{e.Name, e.Provider, e.Product, e.Products})
	}
	want := []row{
		{"checkout", "ubble", "identity_verification", []string{"identity_verification"}},
		{"fourthline", "fourthline", "", []string{"document_authentication", "identity_verification"}},
		{"ubble-v2", "ubble", "identity_verification", []string{"identity_verification"}},
		{"veriff-decision", "veriff", "identity_verification", []string{"identity_verification"}},
		{"veriff-event", "veriff", "identity_verification", []string{"identity_verification"}},
		{"yousign", "yousign", "video", []string{"video"}},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %v", got)
	}
}

func TestEnvelopeAsItIsWritten(t *testing.T) {
	envelopes := load(t, sample(t)).Envelopes()
	if len(envelopes) != 1 {
		t.Fatalf("%d envelopes", len(envelopes))
	}
	want := &rules.Envelope{
		Name: "acme", Provider: "acme", Product: "check", Products: []string{"check"},
		Shapes: [][]string{{"check.id", "check.state"}},
		Members: []rules.Member{
			{Path: "event", Field: "event_id", As: rules.AsText},
			{Path: "check.id", Field: "verification_id", As: rules.AsText},
			{Path: "check.state", Field: "status", As: rules.AsText},
			{Path: "check.result", Field: "status", As: rules.AsText},
			{Path: "check.codes", Field: "codes", As: rules.AsCodesIn, Name: "number"},
			{Path: "check.risk", Field: "risk_code", As: rules.AsInteger},
			{Path: "check.face", Field: "product_variant", As: rules.AsVariant, Name: "face"},
			{Path: "sent", Field: "occurred_at", As: rules.AsSeconds},
		},
		Examples: []rules.Example{{
			Text:  `{"event":"e-1","check":{"id":"c-1","state":"open","codes":[{"number":1301}]}}`,
			Place: rules.Place{File: "sample.yaml", Line: 91, Column: 9},
		}},
	}
	if !reflect.DeepEqual(envelopes[0], want) {
		t.Errorf("got  %+v\nwant %+v", envelopes[0], want)
	}
}

// A body has a shape by its names alone, at any value, and by all of them.
func TestFits(t *testing.T) {
	e := rules.Envelope{Shapes: [][]string{{"a.b", "c"}, {"d"}}}
	for body, want := range map[string]bool{
		`{"a":{"b":null},"c":0}`: true, `{"d":[]}`: true, `{"a":{"b":1}}`: false, `{"c":1}`: false, `{"a.b":1,"c":1}`: false,
		`{"a":[{"b":1}],"c":1}`: false, `{"x":{"d":1}}`: false, `{"D":1}`: false, `[{"d":1}]`: false, `null`: false, ``: false,
		`{"\u0064":1}`: true,
	} {
		if got := e.Fits([]byte(body)); got != want {
			t.Errorf("%s: %v", body, got)
		}
	}
}
