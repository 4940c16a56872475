package processor_test

import (
	"bytes"
	"strconv"
	"strings"
	"testing"

	"verdict/processor"
	"verdict/rules"
)

// added is what a dead letter has beside its original headers.
func added(reason, detail string) string {
	return `
	verdict-reason=` + reason + `
	verdict-detail=` + detail + `
	verdict-source-topic=idv.raw.v1
	verdict-source-partition=3
	verdict-source-offset=12345
	verdict-source-timestamp=1795255200000
	verdict-version=1.2.3
	verdict-rules-version=` + rules.Embedded().Version
}

const originals = "\n\ttraceparent=00-old\n\tsource=\n\ttraceparent=00-new"

func TestDeadLetters(t *testing.T) {
	p := newProcessor(processor.Options{MaxValueBytes: 400, Version: "1.2.3"})
	none := "the catalog has no such provider, only these products: fourthline/document_authentication, " +
		"fourthline/identity_verification, ubble/identity_verification, veriff/identity_verification, yousign/video"
	for _, test := range []struct{ value, reason, detail string }{
		{"", "empty_value", "the record has no value"},
		{"{", "malformed_json", "not JSON"},
		{"wrapped", "invalid_field", "status is no text"},
		{strings.Repeat("x", 401), "too_large", "the value has 401 bytes, the limit is 400"},
		{`{"Provider":"jane.doe"}`, "unknown_vocabulary", none},
		{`{"Provider":"yousign","Product":"jane.doe"}`, "unknown_vocabulary",
			"provider yousign has no such product in the catalog, only: video"},
		{`{"Provider":"Yousign","Product":"Video"}`, "unknown_vocabulary", "the catalog has it as yousign/video: names are in lower case"},
		{strings.Replace(completed500, `{`, `{"SubjectRef":"large",`, 1), "too_large", "the risk event has 9 bytes, the limit is 8"},
	} {
		r := record(test.value)
		res := process(t, p, r)
		if got, want := show(res), "deadletter v-1 @v-1"+originals+added(test.reason, test.detail)+"\n"; got != want {
			t.Errorf("published\n%s\nwanted\n%s", got, want)
		}
		if !bytes.Equal(res.Outputs[0].Value, r.Value) || res.Rejection.Reason.String() != test.reason {
			t.Errorf("%s: another value, or another reason: %s", test.reason, res.Rejection)
		}
	}
}

// Null is not empty: a tombstone stays one, and a null key stays null.
func TestDeadLetterKeepsNulls(t *testing.T) {
	r := record("")
	r.Key, r.Value, r.Headers = nil, nil, nil
	out := process(t, newProcessor(processor.Options{}), r).Outputs[0]
	if out.Key != nil || out.Value != nil || out.PartitionKey != nil {
		t.Errorf("key %v, value %v, partition key %v", out.Key, out.Value, out.PartitionKey)
	}
	r.Key, r.Value = []byte{}, []byte{}
	out = process(t, newProcessor(processor.Options{}), r).Outputs[0]
	if out.Key == nil || out.Value == nil {
		t.Error("an empty key or value became null")
	}
}

func TestTooLargeOutput(t *testing.T) {
	p := newProcessor(processor.Options{Version: "1.2.3"})
	r := record(completed500)
	res := process(t, p, r)
	p.TooLarge(r, "the decision has 2 bytes, the limit of idv.decisions.v1 is 1", res)
	want := "deadletter v-1 @v-1" + originals + added("too_large", "the decision has 2 bytes, the limit of idv.decisions.v1 is 1") + "\n"
	if got := show(res); got != want || res.Decision != nil || res.Rejection == nil {
		t.Errorf("published\n%s\nwanted\n%s", got, want)
	}

	p.Shrink(r, res)
	digest, length := sha(completed500), strconv.Itoa(len(completed500))
	want = strings.TrimSuffix(want, "\n") + "\n\tverdict-value-sha256=" + digest + "\n\tverdict-value-bytes=" + length + "\n"
	if got := show(res); got != want {
		t.Errorf("shrunk\n%s\nwanted\n%s", got, want)
	}
	if got, want := string(res.Outputs[0].Value), `{"sha256":"`+digest+`","bytes":`+length+`}`; got != want {
		t.Errorf("value %s, wanted %s", got, want)
	}
}

// The headers or the key may be what is large.
func TestShrinkDropsLargeHeaders(t *testing.T) {
	p := newProcessor(processor.Options{Version: "1.2.3"})
	r := record("x")
	r.Headers = append(r.Headers, processor.Header{Key: "large", Value: make([]byte, 20_000)})
	res := &processor.Result{}
	p.TooLarge(r, "too much", res)
	p.Shrink(r, res)
	want := "deadletter  @v-1" + added("too_large", "too much") + "\n\tverdict-value-sha256=" + sha("x") + "\n\tverdict-value-bytes=1\n"
	if got := show(res); got != want {
		t.Errorf("shrunk\n%s\nwanted\n%s", got, want)
	}
}
