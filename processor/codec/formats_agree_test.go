package codec

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"verdict/processor"
	"verdict/schemas"
)

// One event, written as JSON and as Avro by other implementations, is the same event.
func TestFormatsAgree(t *testing.T) {
	plan, decoder := planOf(t, schemas.RawEvent), NewDecoder(DecoderOptions{})
	rapid.Check(t, func(rt *rapid.T) {
		inJSON, inAvro := drawRaw(rt)
		text, err := json.Marshal(inJSON)
		if err != nil {
			rt.Fatal(err)
		}
		var fromJSON processor.Event
		jsonErr := decoder.Decode(&processor.Record{Value: text}, &fromJSON)
		fromAvro, avroErr := readBody(plan, marshal(t, schemas.RawEvent, inAvro))
		if fmt.Sprint(jsonErr) != fmt.Sprint(avroErr) {
			rt.Fatalf("JSON: %v\nAvro: %v", jsonErr, avroErr)
		}
		if jsonErr == nil && !reflect.DeepEqual(byKey(fromJSON), byKey(fromAvro)) {
			rt.Fatalf("JSON: %+v\nAvro: %+v", fromJSON, fromAvro)
		}
	})
}

// byKey makes events comparable whose metadata came in any order.
func byKey(e processor.Event) any {
	metadata := map[string]string{}
	for _, p := range e.Metadata {
		metadata[p.Key] = p.Value
	}
	e.Metadata = nil
	return []any{e, metadata}
}

// drawRaw makes the same raw event for both writers, valid for the most part.
func drawRaw(t *rapid.T) (inJSON, inAvro map[string]any) {
	inJSON, inAvro = map[string]any{}, map[string]any{}
	for _, name := range []string{"provider", "product", "verification_id", "status"} {
		s := rapid.OneOf(rapid.StringN(1, 8, -1), rapid.SampledFrom([]string{"v", "", " "})).Draw(t, name)
		inJSON[name], inAvro[name] = s, s
	}
	for _, name := range []string{"event_id", "subject_ref", "journey_ref", "product_variant", "account"} {
		inAvro[name] = nil
		if rapid.Bool().Draw(t, name+" is there") {
			s := rapid.String().Draw(t, name)
			inJSON[name], inAvro[name] = s, s
		}
	}
	for _, name := range []string{"risk_code", "attempt"} {
		inAvro[name] = nil
		if rapid.Bool().Draw(t, name+" is there") {
			n := rapid.IntRange(-1, 1000).Draw(t, name)
			inJSON[name], inAvro[name] = n, n
		}
	}
	codes := []any{}
	for range rapid.IntRange(0, 5).Draw(t, "codes") {
		if rapid.Bool().Draw(t, "a number") {
			codes = append(codes, rapid.IntRange(-1, 9999).Draw(t, "code"))
		} else {
			codes = append(codes, rapid.OneOf(rapid.String(), rapid.Just(strconv.Itoa(1301))).Draw(t, "code"))
		}
	}
	inJSON["codes"], inAvro["codes"] = codes, codes
	environment := rapid.SampledFrom([]string{"UNSPECIFIED", "LIVE", "SANDBOX"}).Draw(t, "environment")
	integration := rapid.SampledFrom([]string{"UNSPECIFIED", "SDK", "API"}).Draw(t, "integration")
	inJSON["environment"], inAvro["environment"] = environment, environment
	inJSON["integration"], inAvro["integration"] = integration, integration
	micros := rapid.Int64Range(minMicros, maxMicros).Draw(t, "occurred_at")
	inJSON["occurred_at"] = time.UnixMicro(micros).UTC().Format(time.RFC3339Nano)
	inAvro["occurred_at"] = map[string]any{"long.timestamp-micros": micros}
	metadata := map[string]any{}
	for range rapid.IntRange(0, 34).Draw(t, "entries") {
		metadata[rapid.String().Draw(t, "key")] = rapid.String().Draw(t, "value")
	}
	inJSON["metadata"], inAvro["metadata"] = metadata, metadata
	return inJSON, inAvro
}

// A decoder and the encoders are shared: what one goroutine does is not seen by another.
func TestConcurrentUse(t *testing.T) {
	decoder, encoder := NewDecoder(DecoderOptions{}), avroEncoder(t)
	want, _ := encoder.Append(processor.RouteDecision, nil, example())
	var all sync.WaitGroup
	for n := range 8 {
		all.Go(func() {
			id := strconv.Itoa(n)
			value := []byte(`{"provider":"a","product":"b","verification_id":"` + id + `","status":"st\u0061tus"}`)
			for range 300 {
				var e processor.Event
				if err := decoder.Decode(&processor.Record{Value: value}, &e); err != nil || e.VerificationID != id || e.Status != "status" {
					t.Errorf("got %+v, %v", e, err)
					return
				}
				if got, _ := encoder.Append(processor.RouteDecision, nil, example()); !bytes.Equal(got, want) {
					t.Errorf("got %x, want %x", got, want)
					return
				}
			}
		})
	}
	all.Wait()
}
