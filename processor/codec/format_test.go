package codec

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"

	"verdict/processor"
	"verdict/rules"
)

var update = flag.Bool("update", false, "write testdata/formats/*.golden.jsonl anew, to be read before they are kept")

// Each format has a file of bodies, one a line, and what becomes of each: the event in the envelope's form, or the
// rejection. fourthline's bodies are read for the product of the topic.
func TestFormatsGolden(t *testing.T) {
	for _, format := range builtIn().Names() {
		if format == Canonical {
			continue // has its own tests
		}
		t.Run(format, func(t *testing.T) {
			base := filepath.Join("testdata", "formats", format)
			bodies, err := os.ReadFile(base + ".jsonl")
			if err != nil {
				t.Fatalf("each format has examples: %v", err)
			}
			var got bytes.Buffer
			for line := range bytes.SplitSeq(bytes.TrimSuffix(bodies, []byte("\n")), []byte("\n")) {
				got.WriteString(decodedText(t, format, line) + "\n")
			}
			golden := base + ".golden.jsonl"
			if *update {
				if err := os.WriteFile(golden, got.Bytes(), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatalf("%v: go test -run TestFormatsGolden ./processor/codec -update writes it", err)
			}
			compareLines(t, base+".jsonl", got.String(), string(want))
		})
	}
}

func compareLines(t *testing.T, file, got, want string) {
	t.Helper()
	gots, wants := strings.Split(got, "\n"), strings.Split(want, "\n")
	if len(gots) != len(wants) {
		t.Fatalf("%s has %d lines, its golden file %d", file, len(gots)-1, len(wants)-1)
	}
	for i := range gots {
		if gots[i] != wants[i] {
			t.Errorf("%s:%d:\ngot  %s\nwant %s", file, i+1, gots[i], wants[i])
		}
	}
}

// builtIn are the formats of the built-in catalog.
var builtIn = sync.OnceValue(func() *Formats {
	formats, err := NewFormats(rules.Embedded())
	if err != nil {
		panic(err)
	}
	return formats
})

// formatDecoder reads a built-in format, for a product where its values name none.
func formatDecoder(name string) *Decoder {
	o := TopicOptions{Format: name}
	if format, _ := builtIn().Find(name); format.Products() != nil {
		o.Product = "identity_verification"
	}
	return NewDecoder(DecoderOptions{Formats: builtIn(), Topics: map[string]TopicOptions{"": o}})
}

// decodedText decodes a body and writes what came of it.
func decodedText(t *testing.T, format string, body []byte) string {
	t.Helper()
	var e processor.Event
	value := bytes.Clone(body)
	err := formatDecoder(format).Decode(&processor.Record{Topic: "raw", Value: value}, &e)
	if !bytes.Equal(value, body) { // the event may share it
		t.Errorf("decoding changed the value to %q", value)
	}
	var rejection *processor.Rejection
	if errors.As(err, &rejection) {
		return line(t, map[string]string{"reason": rejection.Reason.String(), "detail": rejection.Detail})
	}
	if err != nil {
		t.Fatal(err)
	}
	text := line(t, envelope(&e))
	checkEnvelope(t, text, &e)
	return text
}

// checkEnvelope requires that the canonical envelope says the same as the provider's body did.
func checkEnvelope(t *testing.T, text string, want *processor.Event) {
	t.Helper()
	got, err := decodeText(t, text)
	if err != nil || !reflect.DeepEqual(got, *want) {
		t.Errorf("as a canonical event %s is\n%+v (%v), it came from\n%+v", text, got, err, *want)
	}
}

func line(t *testing.T, v any) string {
	t.Helper()
	var b strings.Builder
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		t.Fatal(err)
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// canonical is the envelope, in the order of the contract.
type canonical struct {
	EventID        string   `json:"event_id,omitempty"`
	Provider       string   `json:"provider"`
	Product        string   `json:"product"`
	VerificationID string   `json:"verification_id"`
	SubjectRef     string   `json:"subject_ref,omitempty"`
	JourneyRef     string   `json:"journey_ref,omitempty"`
	ProductVariant string   `json:"product_variant,omitempty"`
	Account        string   `json:"account,omitempty"`
	Status         string   `json:"status"`
	Codes          []string `json:"codes,omitempty"`
	RiskCode       *int32   `json:"risk_code,omitempty"`
	Environment    string   `json:"environment,omitempty"`
	OccurredAt     string   `json:"occurred_at,omitempty"`
}

func envelope(e *processor.Event) canonical {
	c := canonical{
		EventID: e.EventID, Provider: e.Provider, Product: e.Product, VerificationID: e.VerificationID, SubjectRef: e.SubjectRef,
		JourneyRef: e.JourneyRef, ProductVariant: e.ProductVariant, Account: e.Account, Status: e.Status, Codes: e.Codes,
	}
	if e.HasRiskCode {
		c.RiskCode = &e.RiskCode
	}
	if e.Environment != processor.EnvironmentUnspecified {
		c.Environment = e.Environment.String()
	}
	if e.HasOccurredAt {
		c.OccurredAt = string(processor.AppendTime(nil, e.OccurredAt))
	}
	return c
}
