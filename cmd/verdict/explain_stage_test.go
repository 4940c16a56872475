package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"verdict/cmd/verdict/local"
	"verdict/cmd/verdict/show"
)

// Raw values of different ends, each with a name that no output has.
const (
	pendingOne  = `{"provider":"yousign","product":"video","verification_id":"v-1","status":"pending","name":"Trillian"}`
	approvedOne = `{"provider":"yousign","product":"video","verification_id":"v-1","status":"approved","name":"Trillian"}`
	declinedTwo = `{"provider":"fourthline","product":"identity_verification","verification_id":"v-2",` +
		`"status":"completed","risk_code":500,"codes":[5150],"name":"Trillian"}`
	unknownThree = `{"provider":"kestrel","product":"person","verification_id":"v-3","status":"passed","name":"Trillian"}`
)

// ownRules charges what the built-in rules leave open.
const ownRules = `vocabulary: fourthline-idv
billing:
  rules:
    - {name: refused, when: {status: [completed], risk_code: [500]}, flag: BILLABLE, origin: operator}
`

// sayRaw writes a value under a key, at a time if that is not zero, and gives its place.
func (s *storyStage) sayRaw(key, value string, at time.Time) string {
	s.t.Helper()
	record := &kgo.Record{Topic: storyRaw, Key: []byte(key), Value: []byte(value), Timestamp: at}
	if err := s.client.ProduceSync(s.t.Context(), record).FirstErr(); err != nil {
		s.t.Fatal(err)
	}
	return fmt.Sprintf("%s/%d/%d", storyRaw, record.Partition, record.Offset)
}

// all has placesOf read what there is.
const all = -1

// placesOf waits for so many records of a topic whose value or headers have a mark, and gives their places.
func (s *storyStage) placesOf(topic, mark string, want int) []string {
	s.t.Helper()
	reader, err := local.NewReader(s.cluster, topic)
	if err != nil {
		s.t.Fatal(err)
	}
	defer reader.Close()
	ctx, cancel := context.WithTimeout(s.t.Context(), patience)
	defer cancel()
	var places []string
	for len(places) < want || want == all && !reader.CaughtUp() {
		records, err := reader.Poll(ctx)
		if err != nil {
			s.t.Fatalf("%s has %q in %d records, want %d", topic, mark, len(places), want)
		}
		for i := range records {
			r := &records[i]
			has := bytes.Contains(r.Value, []byte(mark))
			for _, h := range r.Headers {
				has = has || string(h.Value) == mark
			}
			if has {
				places = append(places, fmt.Sprintf("%s/%d/%d", r.Topic, r.Partition, r.Offset))
			}
		}
	}
	slices.Sort(places)
	return places
}

// explained calls verdict explain, and gives what it prints for a program. Nothing of a raw record is in it, in words
// neither, unless somebody asks for that.
func (s *storyStage) explained(code int, args ...string) *show.Explained {
	s.t.Helper()
	out, _ := s.command(code, slices.Concat([]string{"explain", "--format", "json"}, args)...)
	text, errs := s.command(code, slices.Concat([]string{"explain"}, args)...)
	for _, said := range []string{out, text} {
		if asked := slices.Contains(args, "--payload"); strings.Contains(said, "Trillian") != asked {
			s.t.Errorf("explain %v: the raw record was asked for: %v, and this is said:\n%s", args, asked, said)
		}
	}
	lacks(s.t, errs, "Trillian")
	report := &show.Explained{}
	if err := json.Unmarshal([]byte(out), report); err != nil {
		s.t.Fatalf("%v in\n%s", err, out)
	}
	return report
}

// because is what an explanation says about something.
func because(t *testing.T, s *show.Said, about string) show.Because {
	t.Helper()
	if s == nil {
		t.Fatalf("nothing is said of %s", about)
	}
	at := slices.IndexFunc(s.Explanation, func(b show.Because) bool { return b.About == about })
	if at < 0 {
		t.Fatalf("nothing is said of %s: %+v", about, s.Explanation)
	}
	return s.Explanation[at]
}

// lacks is the reverse of contains.
func lacks(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if strings.Contains(text, part) {
			t.Errorf("%q is in\n%s", part, text)
		}
	}
}

func placeText(r *show.PlacedRecord) string {
	if r == nil {
		return ""
	}
	return fmt.Sprintf("%s/%d/%d", r.Topic, r.Partition, r.Offset)
}
