package codec

import (
	"testing"

	"verdict/processor"
	"verdict/rules"
)

// A text or a time may have several names: where more than one is there, they have to say the same, in any order.
func TestMembersThatAgree(t *testing.T) {
	text := func(path, field string) rules.Member { return rules.Member{Path: path, Field: field, As: rules.AsText} }
	d := NewDecoder(DecoderOptions{
		Topics: map[string]TopicOptions{"": {Format: "own"}},
		Formats: newFormats([]*rules.Envelope{{
			Name: "own", Provider: "p", Product: "q", Products: []string{"q"}, Shapes: [][]string{{"id"}},
			Members: []rules.Member{
				text("id", "verification_id"), text("ref", "verification_id"), text("status", "status"),
				text("person.a", "subject_ref"), text("person.b", "subject_ref"), text("c", "subject_ref"),
				{Path: "time", Field: "occurred_at", As: rules.AsTime}, {Path: "sent", Field: "occurred_at", As: rules.AsSeconds},
				{Path: "at", Field: "occurred_at", As: rules.AsTime},
				{Path: "code", Field: "codes", As: rules.AsCode}, {Path: "more", Field: "codes", As: rules.AsCodes},
			},
		}}),
	})
	for body, want := range map[string]string{
		`"id":"v"`:            "v",
		`"ref":"v","id":"v"`:  "v",
		`"ref":"v","id":null`: "v",
		`"ref":"v","id":""`:   "v",
		`"id":"v","ref":"w"`:  "invalid_field: id differs from the verification_id under its other name",
		`"ref":"w","id":"v"`:  "invalid_field: id differs from the verification_id under its other name",
		`"ref":" "`:           "missing_field: id or ref is absent, null or blank",
		`"id":"v","c":"s","person":{"a":"s","b":"s"}`:        "v s",
		`"id":"v","c":"s","person":{"a":"","b":null}`:        "v s",
		`"id":"v","person":{"b":"r"},"c":"s"`:                "invalid_field: person.a differs from the subject_ref under its other name",
		`"id":"v","time":"2026-11-20T00:00:00Z","sent":1`:    "invalid_field: time is another moment than sent or at",
		`"id":"v","sent":1,"at":"1970-01-01T01:00:01+01:00"`: "v",
		`"id":"v","more":[1,2],"code":"3"`:                   "v 123",
	} {
		var e processor.Event
		err := d.Decode(&processor.Record{Value: []byte(`{"status":"s",` + body + `}`)}, &e)
		got := e.VerificationID
		if e.SubjectRef != "" {
			got += " " + e.SubjectRef
		}
		for i, code := range e.Codes {
			if i == 0 {
				got += " "
			}
			got += code
		}
		if err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%s: %s\nwant %s", body, got, want)
		}
	}
}
