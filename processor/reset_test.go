package processor_test

import (
	"testing"

	"verdict/processor"
)

// What an event's texts were cut from may be large: none may be kept alive by memory that is used again.
func TestNoTextIsKept(t *testing.T) {
	e := processor.Event{Codes: []string{"1001", "1002"}, Metadata: []processor.Pair{{"k", "v"}}}
	e.Reset()
	onlyZeros(t, "code", e.Codes)
	onlyZeros(t, "pair of the event", e.Metadata)

	p, r := newProcessor(processor.Options{MetadataKeys: []string{"tenant"}}), record("")
	var res processor.Result
	for _, value := range []string{
		`{"Provider":"yousign","Product":"video","VerificationID":"v-1","Status":"approved","Codes":["4711","4712"],
			"Metadata":[{"Key":"tenant","Value":"t"}]}`,
		`{"Provider":"yousign","Product":"video","VerificationID":"v-1","Status":"approved"}`,
	} {
		r.Value = []byte(value)
		if err := p.Process(r, nil, &res); err != nil || res.Decision == nil {
			t.Fatal(err, res.Rejection)
		}
	}
	if cap(res.Decision.Reasons) < 2 || cap(res.Decision.Metadata) < 1 {
		t.Fatal("memory is not used again")
	}
	onlyZeros(t, "reason", res.Decision.Reasons)
	onlyZeros(t, "pair of the decision", res.Decision.Metadata)
}

func onlyZeros[T comparable](t *testing.T, what string, list []T) {
	t.Helper()
	var zero T
	for _, item := range list[:cap(list)] {
		if item != zero {
			t.Errorf("a %s is kept: %+v", what, item)
		}
	}
}
