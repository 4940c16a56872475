package codec

import (
	"testing"

	"github.com/twmb/franz-go/pkg/sr"

	"verdict/processor"
	"verdict/schemas"
)

// The header goes before the topic, the topic before any other topic.
func TestProduct(t *testing.T) {
	named := func(value string) []processor.Header {
		return []processor.Header{{Key: HeaderProduct, Value: []byte(value)}}
	}
	twice := append(named("first"), named("last")...)
	for _, c := range []struct {
		topic   string
		headers []processor.Header
		want    string // "" is a rejection
	}{
		{"topic", nil, "of the topic"},
		{"other", nil, "of any other"},
		{"none", nil, ""},
		{"topic", named("of the header"), "of the header"},
		{"none", named("of the header"), "of the header"},
		{"topic", twice, "last"},
		{"topic", named(""), "of the topic"},
		{"none", named(" "), ""},
		{"topic", []processor.Header{{Key: HeaderProduct}}, "of the topic"},
	} {
		for _, f := range []string{"fourthline", Auto} {
			d := NewDecoder(DecoderOptions{Formats: builtIn(), Topics: map[string]TopicOptions{
				"topic": {Format: f, Product: "of the topic"}, "none": {Format: f}, "": {Format: f, Product: "of any other"},
			}})
			var e processor.Event
			err := d.Decode(&processor.Record{Topic: c.topic, Headers: c.headers, Value: []byte(notification)}, &e)
			const missing = "missing_field: product (a setting of the topic, or the record header verdict-product) is absent, null or blank"
			switch {
			case c.want == "" && (err == nil || err.Error() != missing):
				t.Errorf("%+v: %v", c, err)
			case c.want != "" && (err != nil || e.Product != c.want || e.Provider != "fourthline"):
				t.Errorf("%+v: product %s, %v", c, e.Product, err)
			}
		}
	}
}

// A body that names its product is not to be told another one.
func TestProductOfOthersStays(t *testing.T) {
	for _, name := range []string{"yousign", "auto"} {
		d := NewDecoder(DecoderOptions{
			Formats: builtIn(), Topics: map[string]TopicOptions{"": {Format: name, Product: "document_authentication"}},
		})
		var e processor.Event
		r := &processor.Record{
			Value:   []byte(`{"data":{"identity_video":{"id":"v-1","status":"approved"}}}`),
			Headers: []processor.Header{{Key: HeaderProduct, Value: []byte("identity_verification")}},
		}
		if err := d.Decode(r, &e); err != nil || e.Product != "video" || e.Provider != "yousign" {
			t.Errorf("%s: %s/%s, %v", name, e.Provider, e.Product, err)
		}
	}
}

// What the body names goes before the header, the header before the topic, the topic before any other topic.
func TestIntegration(t *testing.T) {
	of := func(integration processor.Integration) TopicOptions {
		return TopicOptions{Format: Auto, Product: "identity_verification", Integration: integration}
	}
	d := NewDecoder(DecoderOptions{Formats: builtIn(), Topics: map[string]TopicOptions{
		"topic": of(processor.IntegrationAPI), "none": of(processor.IntegrationUnspecified), "": of(processor.IntegrationSDK),
	}})
	const bad = "invalid_field: the record header verdict-integration is neither sdk nor api"
	for _, c := range []struct{ topic, header, body, want string }{
		{"topic", "", "", "api"},
		{"other", "", "", "sdk"},
		{"none", "", "", "unspecified"},
		{"topic", "sdk", "", "sdk"},
		{"topic", "SDK", "", "sdk"},
		{"none", "api", "", "api"},
		{"topic", "UNSPECIFIED", "", "api"},
		{"topic", "ios", "", bad},
		{"none", " sdk\t", "", "sdk"},
		{"topic", " ", "", "api"},
		{"topic", "s dk", "", bad},
		{"topic", "", `,"integration":"sdk"`, "sdk"},
		{"topic", "api", `,"integration":"sdk"`, "sdk"},
		{"topic", "ios", `,"integration":"sdk"`, "sdk"}, // nobody asks the header
		{"topic", "", `,"integration":"UNSPECIFIED"`, "api"},
		{"topic", "sdk", `,"integration":""`, "sdk"},
		{"topic", "sdk", `,"integration":null`, "sdk"},
		{"topic", "sdk", `,"integration":"ios"`, "invalid_field: integration is neither sdk nor api"},
		{"topic", "ios", `,"attempt":"x"`, "invalid_field: attempt is not an integer from 1 to 2147483647"}, // the body's fault first
	} {
		bodies := []string{`{"provider":"a","product":"b","verification_id":"c","status":"d"` + c.body + `}`}
		if c.body == "" {
			bodies = append(bodies, notification, `{"data":{"identity_video":{"id":"v-1","status":"approved"}}}`,
				`{"specversion":"2.0","data":{"identity_verification_id":"v-1","status":"approved"}}`)
		}
		for _, body := range bodies {
			r := &processor.Record{Topic: c.topic, Value: []byte(body)}
			if c.header != "" {
				r.Headers = []processor.Header{{Key: HeaderIntegration, Value: []byte("first")}, {Key: HeaderIntegration, Value: []byte(c.header)}}
			}
			var e processor.Event
			err := d.Decode(r, &e)
			got := e.Integration.String()
			if err != nil {
				got = err.Error()
			}
			if got != c.want {
				t.Errorf("%+v of %s: got %s", c, body, got)
			}
		}
	}
	r := &processor.Record{Topic: "topic", Value: []byte(notification), Headers: []processor.Header{{Key: HeaderIntegration}}}
	var e processor.Event
	if err := d.Decode(r, &e); err != nil || e.Integration != processor.IntegrationAPI {
		t.Errorf("an empty header: %s, %v", e.Integration, err)
	}
}

// What the body names goes before the header, the header before the topic, the topic before any other topic.
func TestAccount(t *testing.T) {
	d := NewDecoder(DecoderOptions{Formats: builtIn(), Topics: map[string]TopicOptions{
		"topic": {Format: Auto, Account: "of the topic"}, "none": {Format: Auto}, "": {Format: Auto, Account: "of any other"},
	}})
	const canonical = `{"provider":"a","product":"b","verification_id":"c","status":"d"}`
	const body = `{"data":{"identity_video":{"id":"v-1","status":"approved","workspace_id":"own"}}}`
	for _, c := range []struct{ topic, header, value, want string }{
		{"topic", "", canonical, "of the topic"},
		{"other", "", canonical, "of any other"},
		{"none", "", canonical, ""},
		{"none", " of the header ", canonical, "of the header"},
		{"topic", "of the header", canonical, "of the header"},
		{"topic", " ", canonical, "of the topic"},
		{"topic", "\xff", canonical, "invalid_field: the record header verdict-account is not UTF-8"},
		{"topic", "of the header", body, "own"},
		{"topic", "\xff", body, "own"}, // nobody asks the header
	} {
		r := &processor.Record{Topic: c.topic, Value: []byte(c.value)}
		if c.header != "" {
			r.Headers = []processor.Header{{Key: HeaderAccount, Value: []byte("first")}, {Key: HeaderAccount, Value: []byte(c.header)}}
		}
		var e processor.Event
		err := d.Decode(r, &e)
		got := e.Account + e.OutsideAccount
		if err != nil {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("%+v: got %s", c, got)
		}
	}
}

// An Avro record without an integration takes the same.
func TestIntegrationOfAvro(t *testing.T) {
	s := newStage(t)
	s.fake.SeedSchema("raw", 1, 77, sr.Schema{Schema: schemas.RawEvent})
	d := NewDecoder(DecoderOptions{
		Registry: s.client, Topics: map[string]TopicOptions{"": {Integration: processor.IntegrationSDK}},
	})
	for symbol, want := range map[string]processor.Integration{
		"API": processor.IntegrationAPI, "UNSPECIFIED": processor.IntegrationSDK,
	} {
		raw := rawEvent()
		raw["integration"] = symbol
		value := append([]byte{0, 0, 0, 0, 77}, marshal(t, schemas.RawEvent, raw)...)
		var e processor.Event
		err := d.Decode(&processor.Record{Value: value}, &e)
		if err != nil || e.Integration != want {
			t.Errorf("%s: %s, %v", symbol, e.Integration, err)
		}
	}
}
