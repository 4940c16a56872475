package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"verdict/processor"
	"verdict/rules"
)

const (
	exampleEvent = `{"event_id":"01J2FTXCPX3BJ0GFZ2F09BTF7R","provider":"fourthline","product":"identity_verification",` +
		`"verification_id":"e220a839-2a1f-4f57-8d0c-0a8b1b4c6a55","subject_ref":"cust-929196","status":"invalid_data",` +
		`"codes":[1036,1010],"integration":"api","occurred_at":"2026-11-21T10:00:00.123Z"}`
	exampleReject = `{"event_id":"01J2FTYQ3N8W6Z0V5K1C9D2E4A","provider":"fourthline","product":"identity_verification",` +
		`"verification_id":"0b0f7a52-0c7e-4d55-9a7b-5f3c1f0d9e21","codes":[1036]}`
	// exampleOpen is approved and not signed yet, exampleContradicted approved with a code that speaks against it.
	exampleOpen = `{"provider":"fourthline","product":"identity_verification","verification_id":"v-1",` +
		`"status":"completed","risk_code":200,"codes":[6002],"integration":"api"}`
	exampleContradicted = `{"provider":"fourthline","product":"identity_verification","verification_id":"v-2",` +
		`"status":"completed","risk_code":200,"codes":[3505]}`
	// exampleRules stands for the catalog's version, so that a new code does not change the page.
	exampleRules = "2026.11.0+3f9a2c"
)

// examples are records of each topic: what the program makes of two events, of one that nothing followed, and of one
// that takes another back.
func examples(t *testing.T) map[string]string {
	t.Helper()
	parts := map[string]string{"example event": fenced("json", laidOut(t, []byte(exampleEvent), ""))}
	for _, event := range []string{exampleEvent, exampleReject} {
		for _, o := range decideExample(t, event) {
			parts["example "+o.Route.String()] = exampleRecord(t, &o)
		}
	}
	for name, event := range map[string]string{"open signature": exampleOpen,
		"contradicted approval": exampleContradicted} {
		parts["example "+name] = fenced("json", laidOut(t, []byte(event), "")) + "\n\n" +
			fenced("json", laidOut(t, shortened(t, decideExample(t, event)[0].Value, caseFields...), ""))
	}
	parts["example overdue"] = exampleNotice(t)
	parts["example reversal"] = exampleReversal(t)
	if want := 4 + len(processor.Routes()); len(parts) != want {
		t.Errorf("the examples give %d records, want four events and one for each of the %d topics", len(parts), want-4)
	}
	return parts
}

// TestExamplesAreCases: what the pages show is among the catalog's own cases, so that rules which say otherwise are
// told.
func TestExamplesAreCases(t *testing.T) {
	all, err := rules.LoadCases(rules.EmbeddedFS())
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{}
	for _, c := range all {
		for i := range c.Events {
			known[sortedEvent(c.Events[i].Value)] = true
		}
	}
	shown := []string{exampleEvent, exampleReject, exampleOpen, exampleContradicted, exampleDeclined, exampleApproved}
	for i := range theStory {
		shown = append(shown, theStory[i].json())
	}
	for _, event := range shown {
		if !known[sortedEvent([]byte(event))] {
			t.Errorf("no case of rules/catalog/cases has the event %s", event)
		}
	}
}

// sortedEvent is an event with its fields in the order of their names, and without those that are empty.
func sortedEvent(event []byte) string {
	var fields map[string]any
	if json.Unmarshal(event, &fields) != nil {
		return "" // the value of a record that is no event
	}
	if codes, ok := fields["codes"].([]any); ok && len(codes) == 0 {
		delete(fields, "codes")
	}
	sorted, err := json.Marshal(fields)
	if err != nil {
		return ""
	}
	return string(sorted)
}

// exampleRecord is a record with its key and headers. The table of verifications has the decision's own value, which
// the page has already.
func exampleRecord(t *testing.T, o *processor.Output) string {
	t.Helper()
	text := "key: " + string(o.Key) + "\n"
	for _, h := range o.Headers {
		text += h.Key + ": " + string(h.Value) + "\n"
	}
	if o.Route != processor.RouteVerification {
		text += "\n" + laidOut(t, o.Value, "")
	}
	return fenced("", strings.ReplaceAll(strings.TrimSpace(text), rules.Embedded().Version, exampleRules))
}

// decideExample decides an event of a verification of which nothing is known.
func decideExample(t *testing.T, event string) []processor.Output {
	t.Helper()
	return newTeller(t).tell(event).Outputs
}

// caseFields are those of a decision that tell one case from another.
var caseFields = []string{"outcome", "outcome_basis", "final", "ended", "signature", "primary_code", "category",
	"billing",
	"retry", "anomalies"}

// shortened is a record's JSON with some of its fields alone.
func shortened(t *testing.T, record []byte, fields ...string) []byte {
	t.Helper()
	var all map[string]json.RawMessage
	if err := json.Unmarshal(record, &all); err != nil {
		t.Fatal(err)
	}
	var some []string
	for _, name := range fields {
		some = append(some, fmt.Sprintf("%q:%s", name, all[name]))
	}
	return []byte("{" + strings.Join(some, ",") + "}")
}

func fenced(language, text string) string { return "```" + language + "\n" + text + "\n```" }

// laidOut breaks JSON only where it is an object or an array that is too wide for one line, and the outermost object.
func laidOut(t *testing.T, text []byte, indent string) string {
	t.Helper()
	if len(indent)+len(text) < widestLine-len(`"a long name": ,`) && indent != "" ||
		!strings.ContainsAny(string(text[:1]), "{[") {
		return string(text)
	}
	d := json.NewDecoder(strings.NewReader(string(text)))
	open, err := d.Token()
	if err != nil {
		t.Fatal(err)
	}
	inside := indent + "  "
	var items []string
	for d.More() {
		name := ""
		if open == json.Delim('{') {
			token, err := d.Token()
			if err != nil {
				t.Fatal(err)
			}
			name = fmt.Sprintf("%q: ", token)
		}
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			t.Fatal(err)
		}
		items = append(items, inside+name+laidOut(t, value, inside))
	}
	return string(text[:1]) + "\n" + strings.Join(items, ",\n") + "\n" + indent + string(text[len(text)-1:])
}
