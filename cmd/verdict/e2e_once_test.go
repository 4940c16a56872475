package main

import (
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// realEvents is how many generated events a test takes: VERDICT_TEST_EVENTS, or what the test wants.
func realEvents(t *testing.T, usual int) int {
	t.Helper()
	text := os.Getenv("VERDICT_TEST_EVENTS")
	if text == "" {
		return usual
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		t.Fatalf("VERDICT_TEST_EVENTS is %q: give a number from 1", text)
	}
	return n
}

// sampleRecords are records as producers outside of ours may send them: the samples under the keys that they should
// have, and lines that are no events under none, with headers that a dead letter must keep.
func (r *realParts) sampleRecords(lines []rawLine) []*kgo.Record {
	var records []*kgo.Record
	for n, line := range lines {
		record := &kgo.Record{Partition: int32(n) % outputPartitions["raw"], Key: line.key, Value: line.value}
		record.Headers = []kgo.RecordHeader{
			{Key: "traceparent", Value: []byte(trace)},
			{Key: "traceparent", Value: []byte(trace[:len(trace)-1] + "0")}, // the last one counts
			{Key: "binary", Value: []byte{0, 0xff, '\n'}},
			{Key: "empty", Value: []byte{}},
			{Key: "null"},
			{Key: "", Value: []byte("no name")},
		}
		records = append(records, record)
	}
	return records
}

// Generated events by the hundred thousand and all samples come out once each, as the contract says, and as `decide`
// says.
func realDecidesEachEventOnce(r *realParts) {
	t := r.t
	generated := r.generate(realEvents(t, 80_000), 1)
	samples := append(canonicalSamples(t), malformedSamples(t)...)
	r.kcat(generated)
	r.produce(r.sampleRecords(samples)...)

	i := r.start("one")
	begun := time.Now()
	r.awaitAll(3*time.Minute, i)
	t.Logf("%d events decided within %.1f s, start included", len(generated)+len(samples), time.Since(begun).Seconds())
	i.stop()
	i.quiet("error")

	found := r.checkAgainstDecide(append(generated, samples...))
	total := len(generated) + len(samples)
	if sum := found.answered(); found["raw"] != total || sum != total {
		t.Errorf("%d records in, %d decisions, dead letters and repeats, of %d", found["raw"], sum, total)
	}
	if compared := found["same_as_decide"] + found["transition REPEATED"]; compared < total {
		t.Errorf("%d of %d were compared with decide", compared, total)
	}
	if found["traceparent"] != found["decisions"] {
		t.Errorf("%d of %d decisions carry a traceparent", found["traceparent"], found["decisions"])
	}
	found.require(t, noneLostNoneTwice)
}

var noneLostNoneTwice = counts{
	"decisions_lost": 0, "decisions_twice": 0, "decisions_out_of_order": 0,
	"verifications_lost": 0, "verifications_twice": 0, "verifications_out_of_order": 0,
	"billing_lost": 0, "billing_twice": 0, "risk_lost": 0, "risk_twice": 0, "overdue": 0,
	"deadletter_lost": 0, "deadletter_twice": 0, "deadletter_out_of_order": 0,
}

// The same without a registry, as JSON.
func realWritesJSON(r *realParts) {
	t := r.t
	lines := append(r.generate(5_000, 2), canonicalSamples(t)...)
	r.kcat(lines)
	i := r.start("json", "VERDICT_OUTPUT_FORMAT=json", "VERDICT_REGISTRY_URL=", "VERDICT_KAFKA_COMPRESSION=zstd")
	r.awaitAll(time.Minute, i)
	i.stop()
	found := r.checkAgainstDecide(lines, "--json")
	found.require(t, noneLostNoneTwice)
	found.require(t, counts{"raw": len(lines)})
}

// At least once, and so without state, loses nothing either, and doubles nothing as long as nobody crashes.
func realAtLeastOnce(r *realParts) {
	t := r.t
	lines := r.generate(20_000, 3)
	r.kcat(lines)
	first := r.start("first", "VERDICT_DELIVERY=at_least_once", "VERDICT_KAFKA_COMPRESSION=gzip")
	r.awaitAll(time.Minute, first)
	r.kcat(lines[:5_000])
	first.kill()
	second := r.start("second", "VERDICT_DELIVERY=at_least_once", "VERDICT_KAFKA_COMPRESSION=snappy")
	r.awaitAll(time.Minute, second)
	second.stop()
	found := r.checkAs("--at-least-once")
	found.require(t, counts{"raw": 25_000, "decisions_lost": 0, "billing_lost": 0, "risk_lost": 0,
		"deadletter_lost": 0})
}
