package codec_test

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"reflect"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"verdict/processor"
	"verdict/processor/codec"
	"verdict/rules"
	"verdict/schemas"
)

// foreign makes a writer's schema that has what is needed and more.
func foreign(fields ...string) string {
	const needed = `{"name":"provider","type":"string"},{"name":"product","type":"string"},{"name":"verification_id","type":"string"},{"name":"status","type":"string"}`
	return `{"type":"record","name":"Foreign","fields":[` + strings.Join(append([]string{needed}, fields...), ",") + `]}`
}

// foreignSchemas are what a registry may hold under ids 1 and on: ours, and what others could have put there.
var foreignSchemas = []string{
	schemas.RawEvent,
	foreign(`{"name":"codes","type":{"type":"array","items":["int","string","long"]}}`, `{"name":"metadata","type":{"type":"map","values":"string"}}`),
	foreign(`{"name":"x","type":{"type":"array","items":{"type":"array","items":"null"}}}`),
	foreign(`{"name":"x","type":{"type":"record","name":"R","fields":[{"name":"a","type":"R"},{"name":"b","type":"R"}]}}`),
	foreign(`{"name":"x","type":["null",{"type":"record","name":"T","fields":[{"name":"l","type":["null","T"]},{"name":"r","type":["null","T"]}]}]}`),
	foreign(`{"name":"x","type":{"type":"fixed","name":"F","size":2147483647}}`),
	foreign(`{"name":"x","type":{"type":"enum","name":"E","symbols":["A"]}}`, `{"name":"occurred_at","type":{"type":"long","logicalType":"timestamp-micros"}}`,
		`{"name":"attempt","type":"int"}`, `{"name":"risk_code","type":["null","int"]}`),
	foreign(`{"name":"x","type":{"type":"bytes","logicalType":"decimal","precision":2147483647,"scale":0}}`),
	`"string"`, `{"type":"array","items":"int"}`, `{"type":"record","name":"R","fields":[]}`, `{"type":`, `[]`,
}

// registry answers as a schema registry does.
func registry(tb testing.TB) *codec.Registry {
	tb.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, id, _ := strings.Cut(r.URL.Path, "/schemas/ids/")
		n, err := strconv.Atoi(id)
		if err != nil || n < 1 || n > len(foreignSchemas) {
			w.WriteHeader(http.StatusNotFound)
			_, _ = w.Write([]byte(`{"error_code":40403,"message":"Schema not found"}`))
			return
		}
		_ = json.NewEncoder(w).Encode(map[string]string{"schema": foreignSchemas[n-1]})
	}))
	tb.Cleanup(server.Close)
	client, err := codec.NewRegistry(codec.RegistryOptions{URLs: []string{server.URL}})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(client.Close)
	return client
}

// builtIn are the formats of the built-in catalog.
func builtIn(tb testing.TB) *codec.Formats {
	tb.Helper()
	formats, err := codec.NewFormats(rules.Embedded())
	if err != nil {
		tb.Fatal(err)
	}
	return formats
}

// wholeProcessors has, for each encoder, a processor of everything, whose topics are named like their formats.
func wholeProcessors(tb testing.TB) []*processor.Processor {
	tb.Helper()
	options := codec.DecoderOptions{Formats: builtIn(tb), Topics: map[string]codec.TopicOptions{}, Registry: registry(tb)}
	for _, name := range options.Formats.Names() {
		options.Topics[name] = codec.TopicOptions{Format: name}
		if slices.Contains(options.Formats.WithoutProduct(), name) {
			options.Topics[name] = codec.TopicOptions{Format: name, Product: "identity_verification"}
		}
	}
	decoder := codec.NewDecoder(options)
	var ids codec.SchemaIDs
	for route := range ids {
		ids[route] = route
	}
	avro, err := codec.NewAvroEncoder(ids)
	if err != nil {
		tb.Fatal(err)
	}
	o := processor.Options{MetadataKeys: []string{"k", "channel"}, MaxValueBytes: 1 << 20, Version: "test"}
	return []*processor.Processor{
		processor.New(rules.Embedded(), decoder, codec.NewJSONEncoder(), o), processor.New(rules.Embedded(), decoder, avro, o),
	}
}

// maxAllocated is what processing one record may allocate: what a value of 1 MiB may become, and what the test's
// registry needs beside it.
func maxAllocated(value []byte) uint64 { return 4<<20 + 64*uint64(len(value)) }

// Whatever bytes come: one decision with what belongs to it, or one dead letter with the bytes as they came; soon, with
// bounded memory, and the same each time.
func FuzzProcess(f *testing.F) {
	for _, seed := range hostileSeeds() {
		f.Add(seed.format, seed.timestamp, seed.key, seed.value)
	}
	processors, formats := wholeProcessors(f), builtIn(f).Names()
	f.Fuzz(func(t *testing.T, n uint8, timestamp int64, key, value []byte) {
		if len(value) > 4 && value[0] == 0 { // near the ids that the registry has, and some that it has not
			id := binary.BigEndian.Uint32(value[1:]) % uint32(len(foreignSchemas)+2)
			value = bytes.Clone(value)
			binary.BigEndian.PutUint32(value[1:], id)
		}
		r := &processor.Record{Topic: formats[int(n)%len(formats)], Partition: 3, Offset: 42, Timestamp: timestamp, Key: key, Value: value,
			Headers: []processor.Header{{Key: "k", Value: value}, {Key: "traceparent", Value: key}, {Key: "null"}}}
		for i, p := range processors {
			var first, second processor.Result
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			begin := time.Now()
			err := p.Process(r, nil, &first)
			if took := time.Since(begin); took > 5*time.Second {
				t.Fatalf("it took %s", took)
			}
			runtime.ReadMemStats(&after)
			if err != nil {
				t.Fatalf("neither decided nor rejected: %v", err)
			}
			if used := after.TotalAlloc - before.TotalAlloc; used > maxAllocated(value) {
				t.Fatalf("%d bytes were allocated for a value of %d", used, len(value))
			}
			oneOutcome(t, r, &first, i == 0)
			if err := p.Process(r, nil, &second); err != nil || !reflect.DeepEqual(first.Outputs, second.Outputs) {
				t.Fatalf("another time something else comes out (%v)", err)
			}
		}
	})
}

func oneOutcome(t *testing.T, r *processor.Record, res *processor.Result, inJSON bool) {
	t.Helper()
	var count [processor.NumRoutes]int
	for i := range res.Outputs {
		count[res.Outputs[i].Route]++
		if inJSON && res.Rejection == nil && !json.Valid(res.Outputs[i].Value) {
			t.Fatalf("the %s is not valid JSON", res.Outputs[i].Route)
		}
	}
	want := [processor.NumRoutes]int{processor.RouteDeadLetter: 1}
	switch {
	case (res.Decision == nil) == (res.Rejection == nil):
		t.Fatalf("decision %v, rejection %v", res.Decision, res.Rejection)
	case res.Rejection != nil:
		if out := res.Outputs[0]; !bytes.Equal(out.Value, r.Value) || !bytes.Equal(out.Key, r.Key) ||
			!bytes.Equal(out.Headers[0].Value, r.Headers[0].Value) {
			t.Fatal("the dead letter is not the original")
		}
	default:
		want = [processor.NumRoutes]int{processor.RouteDecision: 1, processor.RouteRisk: min(count[processor.RouteRisk], 1)}
		if res.Decision.Final {
			want[processor.RouteBilling] = 1
		}
		if string(r.Key) != res.Decision.VerificationID && !res.Decision.Anomalies.Has(processor.AnomalyKeyMismatch) {
			t.Fatal("the key is another's, and nothing says so")
		}
	}
	if count != want {
		t.Fatalf("outputs by route: %v, want %v", count, want)
	}
}

// hostileSeed is a record that broke a decoder somewhere, or could.
type hostileSeed struct {
	format     uint8
	timestamp  int64
	key, value []byte
}

const wholeRaw = `{"event_id":"e","provider":"fourthline","product":"identity_verification","verification_id":"v","status":"completed","codes":[4170,"5150"],` +
	`"risk_code":500,"attempt":2,"environment":"live","integration":"api","occurred_at":"2026-11-21T10:00:00.123Z","metadata":{"k":"v"}}`

func hostileSeeds() []hostileSeed {
	texts := []string{
		"", " ", "\n", "null", "{}", "[]", `"x"`, "\xef\xbb\xbf{}", wholeRaw, wholeRaw + wholeRaw, wholeRaw[:len(wholeRaw)-1],
		strings.Replace(wholeRaw, `"attempt":2`, `"attempt":1e400`, 1), strings.Replace(wholeRaw, `"attempt":2`, `"attempt":-0`, 1),
		strings.Replace(wholeRaw, `4170`, `99999999999999999999`, 1), strings.Replace(wholeRaw, `4170`, `4170.0`, 1),
		strings.Replace(wholeRaw, `"e"`, `"\ud800"`, 1), strings.Replace(wholeRaw, `"e"`, "\"\x00\"", 1), strings.Replace(wholeRaw, `"e"`, "\"\xff\"", 1),
		strings.Replace(wholeRaw, `"status"`, `"status":"pending","status"`, 1), strings.Replace(wholeRaw, `2026-11-21`, `0000-00-00`, 1),
		strings.Replace(wholeRaw, `2026-11-21T10`, `9999-12-31T23`, 1), strings.Replace(wholeRaw, `"k":"v"`, `"k":"`+strings.Repeat("v", 5000)+`"`, 1),
		strings.Replace(wholeRaw, `4170`, strings.Repeat("1,", 3000)+"1", 1), strings.Repeat("[", 100_000), strings.Repeat(`{"a":`, 1000),
	}
	var seeds []hostileSeed
	for i, text := range texts {
		seeds = append(seeds, hostileSeed{uint8(i), int64(i-5) << 50, []byte("v"), []byte(text)})
		seeds = append(seeds, hostileSeed{0, -1, nil, []byte(text)})
	}
	const body = "\x0ayousign\x0avideo\x02v\x10approved"
	for id := range len(foreignSchemas) + 2 {
		for _, rest := range []string{"", "\x00", "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", "\x01\xff\xff\xff\xff\x0f", strings.Repeat("\x02", 64)} {
			seeds = append(seeds, hostileSeed{0, 0, []byte("v"), fmt.Appendf([]byte{0, 0, 0, 0, byte(id)}, "%s%s", body, rest)})
		}
	}
	return seeds
}
