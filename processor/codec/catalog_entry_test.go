package codec

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/hamba/avro/v2"

	"verdict/rules"
	"verdict/schemas"
)

const entrySchemaID = 21

// entryOf has one of each field of a kind that may have it.
func entryOf(kind rules.EntryKind) *rules.Entry {
	e := &rules.Entry{Kind: kind, Provider: "yousign", Product: "video", Vocabulary: "yousign-video"}
	switch kind {
	case rules.EntryStatus:
		e.Name, e.AliasOf, e.Meaning = "verified", "approved", "the person is who \"they\" say"
		e.Outcome, e.Final, e.Ended = rules.OutcomeApproved, true, true
		e.Basis = "source:yousign-video/status/approved"
	case rules.EntryRiskCode:
		e.Name, e.Label, e.RiskLevel = "400", "high_risk", rules.RiskLevelHigh
	case rules.EntryCode:
		e.Name, e.Meaning, e.Recommendation = "1301", "blurred", "take another picture"
		e.Series, e.Category, e.Effect = "document capture", rules.CategoryDocumentCapture, rules.EffectNegative
		e.NoRetry, e.AsksReview, e.RiskBearing = true, true, true
		e.Actions = e.Actions.With(rules.ActionUploadSelfie).With(rules.ActionImproveCapture)
		e.Basis = "policy:yousign-video/code/1301"
	case rules.EntryRange:
		e.Name, e.First, e.Last, e.Meaning = "0-999999999999999999", 0, 999_999_999_999_999_999, "why"
		e.Category, e.Effect, e.Blocks, e.Disclosable = rules.CategoryUnknown, rules.EffectNeutral, true, true
		e.Basis = "operator:yousign-video/range/0-999999999999999999"
	default: // none
	}
	return e
}

// The exact bytes of both formats, one line a kind. When they are meant to change, UPDATE_GOLDEN=1 writes them anew.
func TestCatalogGoldenBytes(t *testing.T) {
	var text, binary []byte
	for _, kind := range rules.EntryKinds() {
		var err error
		if text, err = AppendCatalogJSON(text, entryOf(kind)); err != nil {
			t.Fatal(err)
		}
		text = append(text, '\n')
		binary = append(hex.AppendEncode(binary, AppendCatalogAvro(nil, entrySchemaID, entryOf(kind))), '\n')
	}
	for file, got := range map[string][]byte{"catalog_entry.json": text, "catalog_entry.avro.hex": binary} {
		file = "testdata/" + file
		if os.Getenv("UPDATE_GOLDEN") != "" {
			if err := os.WriteFile(file, got, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s: got\n%s\nwant\n%s", file, got, want)
		}
	}
}

// Of each entry of the catalog another Avro reader finds the same as a JSON reader, and nothing behind the last field.
func TestCatalogAvroEqualsJSON(t *testing.T) {
	schema := avro.MustParse(schemas.Text(CatalogSchema))
	oneBlock := avro.Config{DisableBlockSizeHeader: true}.Freeze() // as the encoder writes
	entries := rules.Embedded().Entries()
	for _, kind := range rules.EntryKinds() {
		entries = append(entries, entryOf(kind))
	}
	for _, e := range entries {
		value := AppendCatalogAvro(nil, entrySchemaID, e)
		if !bytes.HasPrefix(value, []byte{0, 0, 0, 0, entrySchemaID}) {
			t.Fatalf("%s: the header is %x", e.Key(), value[:5])
		}
		var fromAvro, fromJSON any
		reader := avro.NewReader(nil, 0).Reset(value[5:])
		if reader.ReadVal(schema, &fromAvro); reader.Error != nil {
			t.Fatalf("%s: %v", e.Key(), reader.Error)
		}
		if again, err := oneBlock.Marshal(schema, fromAvro); err != nil || !bytes.Equal(again, value[5:]) {
			t.Fatalf("%s: %x, written again %x (%v)", e.Key(), value[5:], again, err)
		}
		text, err := AppendCatalogJSON(nil, e)
		if err != nil {
			t.Fatal(err)
		}
		decoder := json.NewDecoder(bytes.NewReader(text))
		decoder.UseNumber()
		if err := decoder.Decode(&fromJSON); err != nil {
			t.Fatalf("%s: %v in %s", e.Key(), err, text)
		}
		if got := plainEntry(fromAvro); !reflect.DeepEqual(got, fromJSON) {
			t.Fatalf("Avro %v\nJSON %v", got, fromJSON)
		}
	}
}

// plainEntry turns what the Avro reader makes into what the JSON reader makes: a branch of a union is its value.
func plainEntry(v any) any {
	fields := v.(map[string]any)
	for name, value := range fields {
		if branch, ok := value.(map[string]any); ok {
			for _, inner := range branch {
				value = inner
			}
		}
		fields[name] = plain(value)
	}
	return fields
}

func TestCatalogEntryInvalidText(t *testing.T) {
	e := entryOf(rules.EntryCode)
	e.Meaning = "\xff"
	if got, err := AppendCatalogJSON([]byte("x"), e); err == nil || string(got) != "x" {
		t.Errorf("got %q, %v", got, err)
	}
}

// The schema is registered under the topic's name, once, and found there without being registered.
func TestCatalogSchemaInTheRegistry(t *testing.T) {
	s := newStage(t)
	_, err := s.client.LookUpCatalog(t.Context(), "idv.catalog.v1")
	if !errors.Is(err, ErrNotRegistered) || !strings.Contains(err.Error(), "subject idv.catalog.v1-value") ||
		!strings.Contains(err.Error(), "schemas/catalog_entry.avsc") {
		t.Errorf("before: %v", err)
	}
	id, err := s.client.RegisterCatalog(t.Context(), "idv.catalog.v1")
	if err != nil {
		t.Fatal(err)
	}
	again, err := s.client.RegisterCatalog(t.Context(), "idv.catalog.v1")
	if err != nil || again != id {
		t.Errorf("registered again: %d, %v; want %d", again, err, id)
	}
	if found, err := s.client.LookUpCatalog(t.Context(), "idv.catalog.v1"); err != nil || found != id {
		t.Errorf("looked up: %d, %v; want %d", found, err, id)
	}
}
