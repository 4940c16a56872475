package codec_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"pgregory.net/rapid"

	"verdict/processor"
	"verdict/processor/codec"
	"verdict/rules"
)

// Whatever an overlay says of envelopes and the loader accepts: a body of a built-in provider that was recognised is
// recognised as before, and one that was read makes the same event, but for fields that no built-in member fills. So
// above all what is a trial stays one, and no status comes from elsewhere.
func TestNoOverlayReadsBuiltInBodiesOtherwise(t *testing.T) {
	if testing.Short() {
		t.Skip("one goroutine: nothing for the race detector")
	}
	before := builtIn(t)
	accepted, read := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		overlay := anyEnvelope(t)
		catalog, err := rules.LoadOver(nil, fstest.MapFS{"own.yaml": {Data: []byte(overlay)}})
		if err != nil {
			return
		}
		after, err := codec.NewFormats(catalog)
		if err != nil {
			return
		}
		accepted++
		for _, e := range rules.Embedded().Envelopes() {
			for range 10 {
				body := anyBody(t, e)
				if was := before.Recognise(body).String(); was != "" && after.Recognise(body).String() != was {
					t.Fatalf("with\n%s\n%s is %q and no longer %q", overlay, body, after.Recognise(body), was)
				}
				was, got := said(before, e, body), said(after, e, body)
				if got == "" && bytes.Contains(body, []byte(added)) {
					continue // a member of the overlay may read it, and find it wrong
				}
				if was != "" && was != got {
					t.Fatalf("with\n%s\n%s is\n%s\nand no longer\n%s", overlay, body, got, was)
				}
				if was != "" {
					read++
				}
			}
		}
	})
	if accepted < 5 || read < 50 {
		t.Errorf("%d overlays were accepted, and %d bodies read: too few to tell", accepted, read)
	}
}

// said is what an event has of the fields that an envelope fills; "" if the body cannot be read.
func said(formats *codec.Formats, envelope *rules.Envelope, body []byte) string {
	d := codec.NewDecoder(codec.DecoderOptions{Formats: formats, Topics: map[string]codec.TopicOptions{
		"": {Format: envelope.Name, Product: "identity_verification"}}})
	var e processor.Event
	if d.Decode(&processor.Record{Value: body}, &e) != nil {
		return ""
	}
	fields := map[string]any{
		"verification_id": e.VerificationID, "status": e.Status, "event_id": e.EventID, "subject_ref": e.SubjectRef,
		"journey_ref": e.JourneyRef, "product_variant": e.ProductVariant, "account": e.Account, "codes": e.Codes,
		"risk_code": e.RiskCode, "attempt": e.Attempt, "environment": e.Environment, "integration": e.Integration,
		"occurred_at": e.OccurredAt,
	}
	text := e.Provider + " " + e.Product
	for _, m := range envelope.Members {
		text += fmt.Sprintf(" %s=%v", m.Field, fields[m.Field])
	}
	return text
}

// pathsOf are those of members and shapes.
func pathsOf(e *rules.Envelope) []string {
	paths := slices.Concat(e.Shapes...)
	for _, m := range e.Members {
		paths = append(paths, m.Path)
	}
	return slices.Compact(slices.Sorted(slices.Values(paths)))
}

// added is a path that no built-in envelope has, for a member of an overlay.
const added = "added"

// anyEnvelope draws an overlay that adds to a built-in envelope, changes it, or has one of its own.
func anyEnvelope(t *rapid.T) string {
	e := rapid.SampledFrom(rules.Embedded().Envelopes()).Draw(t, "envelope")
	vocabulary := rules.Embedded().Vocabulary(e.Provider, "identity_verification")
	if vocabulary == nil {
		vocabulary = rules.Embedded().Vocabulary(e.Provider, e.Product)
	}
	path := rapid.SampledFrom(append(pathsOf(e), "event_name", "type", "data.applicant_id", "clientId",
		"verification.vendorData"))
	member := func(what string) string {
		field := rapid.SampledFrom([]string{"status text", "codes codes", "codes code", "occurred_at time",
			"environment sandbox", "attempt integer", "journey_ref text_if_any"}).Draw(t, "field")
		name, as, _ := strings.Cut(field, " ")
		if rapid.Bool().Draw(t, "of its own") {
			return fmt.Sprintf("{path: %s, field: %s, as: %s}", added, name, as)
		}
		return fmt.Sprintf("{path: %s, field: %s, as: %s}", path.Draw(t, what), name, as)
	}
	ofOne := append(pathsOf(rapid.SampledFrom(rules.Embedded().Envelopes()).Draw(t, "other")), "type", "specversion")
	shape := rapid.SliceOfNDistinct(rapid.SampledFrom(ofOne), 1, 3, rapid.ID).Draw(t, "shape")
	text := "vocabulary: " + vocabulary.Name + "\nenvelopes:\n  - "
	if rapid.Bool().Draw(t, "own") {
		return text + fmt.Sprintf("{name: own, product: own, shapes: [[%s]], members: [{path: kk.id, field: verification_id, "+
			"as: text}, {path: kk.status, field: status, as: text}], examples: ['%s']}\n", strings.Join(shape, ", "),
			bodyWith(nil, append(shape, "kk.id", "kk.status"), func(string) any { return "x" }))
	}
	parts := []string{"name: " + e.Name}
	switch rapid.IntRange(0, 9).Draw(t, "part") {
	case 0:
		parts = append(parts, "product: "+rapid.SampledFrom([]string{"own", "topic"}).Draw(t, "product"))
	case 1, 2:
		parts = append(parts, "shapes: [["+strings.Join(shape, ", ")+"]]",
			fmt.Sprintf("examples: ['%s']", bodyWith([]byte(e.Examples[0].Text), shape, func(string) any { return "x" })))
	case 3, 4:
		parts = append(parts, "members: ["+strings.Join(withoutOne(t, e), ", ")+"]")
	default:
		parts = append(parts, "members: ["+member("path")+"]")
	}
	return text + "{" + strings.Join(parts, ", ") + "}\n"
}

// withoutOne are the members of an envelope but for one, as an overlay has them that was to take it away.
func withoutOne(t *rapid.T, e *rules.Envelope) (members []string) {
	for _, m := range e.Members {
		text := fmt.Sprintf("{path: %s, field: %s, as: %s", m.Path, m.Field, m.As)
		if m.Name != "" {
			text += ", name: " + m.Name
		}
		members = append(members, text+"}")
	}
	at := rapid.IntRange(0, len(members)-1).Draw(t, "left out")
	return slices.Delete(members, at, at+1)
}

// anyBody is an example of an envelope with other members of it besides, and without some names.
func anyBody(t *rapid.T, e *rules.Envelope) []byte {
	body := []byte(rapid.SampledFrom(e.Examples).Draw(t, "example").Text)
	var paths []string
	for _, m := range e.Members {
		if rapid.IntRange(0, 3).Draw(t, "has") == 0 {
			paths = append(paths, m.Path)
		}
	}
	if rapid.Bool().Draw(t, "added") {
		paths = append(paths, added)
	}
	return bodyWith(body, paths, func(path string) any {
		return rapid.SampledFrom([]any{nil, "x", "2026-11-20T17:31:00Z", 7, true, []any{1}}).Draw(t, path)
	})
}

// bodyWith puts values into an object.
func bodyWith(body []byte, paths []string, value func(path string) any) []byte {
	object := map[string]any{}
	if body != nil && json.Unmarshal(body, &object) != nil {
		panic("an example is no object")
	}
	for _, path := range paths {
		names := strings.Split(path, ".")
		in := object
		for _, name := range names[:len(names)-1] {
			inner, ok := in[name].(map[string]any)
			if !ok {
				inner = map[string]any{}
				in[name] = inner
			}
			in = inner
		}
		if _, there := in[names[len(names)-1]].(map[string]any); !there {
			in[names[len(names)-1]] = value(path)
		}
	}
	text, err := json.Marshal(object)
	if err != nil {
		panic(err)
	}
	return text
}
