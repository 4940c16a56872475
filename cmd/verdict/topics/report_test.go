package topics

import (
	"bytes"
	"strings"
	"testing"

	"verdict/processor/kafka/admin"
)

// Of a request that had no answer nothing is known, and nothing said.
func TestNothingIsSaidOfWhatHadNoAnswer(t *testing.T) {
	r := applied(Apply, &admin.Plan{Topics: []admin.Planned{{Name: "a"}}}, nil)
	if text := r.sum(); text != "" || r.Outcome != "failed" {
		t.Errorf("%q, %s", text, r.Outcome)
	}
	var out bytes.Buffer
	o := Options{JSON: true, Out: &out, Do: Apply}
	if err := o.write(r); err != nil || !strings.Contains(out.String(), `"topics": []`) {
		t.Errorf("%v: %s", err, &out)
	}
}
