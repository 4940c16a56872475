package processor_test

import (
	"bytes"
	"strconv"
	"testing"

	"verdict/processor"
)

// Nothing of the original is left: no key, no header, no value. Its partition is still that of its key.
func TestDeadLetterDigest(t *testing.T) {
	p := newProcessor(processor.Options{Version: "1.2.3", DeadLetterDigest: true})
	r := record("wrapped")
	res := process(t, p, r)
	want := "deadletter  @v-1" + added("invalid_field", "status is no text") +
		"\n\tverdict-value-sha256=" + sha("wrapped") + "\n\tverdict-value-bytes=7\n"
	if got := show(res); got != want {
		t.Errorf("published\n%s\nwanted\n%s", got, want)
	}
	if got, want := string(res.Outputs[0].Value), `{"sha256":"`+sha("wrapped")+`","bytes":7}`; got != want {
		t.Errorf("value %s, wanted %s", got, want)
	}
	before := show(res)
	p.Shrink(r, res)
	if show(res) != before {
		t.Errorf("shrunk once more it is\n%s", show(res))
	}
}

func TestDeadLetterDigestOfOthers(t *testing.T) {
	p := newProcessor(processor.Options{DeadLetterDigest: true})
	r := record(completed500)
	res := &processor.Result{}
	p.TooLarge(r, "too much", res)
	length := "verdict-value-bytes=" + strconv.Itoa(len(completed500))
	if got := show(res); !bytes.Contains([]byte(got), []byte(length)) || bytes.Contains(res.Outputs[0].Value, []byte("v-1")) {
		t.Errorf("a record that is too large became\n%s", got)
	}
	r.Value, r.Key = nil, nil
	out := process(t, p, r).Outputs[0]
	if want := `{"sha256":"` + sha("") + `","bytes":0}`; string(out.Value) != want || out.Key != nil || out.PartitionKey != nil {
		t.Errorf("a tombstone became %q with key %v", out.Value, out.Key)
	}
}
