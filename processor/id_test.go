package processor_test

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"verdict/processor"
	"verdict/rules"
)

func fullEvent() *processor.Event {
	return &processor.Event{
		Provider: "fourthline", Product: "identity_verification", ProductVariant: "face", VerificationID: "v-1", SubjectRef: "s",
		JourneyRef: "j", Account: "acc", Status: "completed", Codes: []string{"5150", "4170", "5150"}, RiskCode: 500, HasRiskCode: true, Attempt: 2,
		Environment: processor.EnvironmentSandbox, Integration: rules.IntegrationAPI, OccurredAt: -1, HasOccurredAt: true,
		Metadata: []processor.Pair{{"b", "2"}, {"a", "1"}},
	}
}

// contentID is that of an event whose codes yousign-video reads.
func contentID(e *processor.Event) processor.ID {
	var d processor.Decision
	processor.Decide(rules.Embedded().Vocabulary("yousign", "video"), e, &d)
	return e.ContentID(d.Reasons)
}

// spelt is an event whose codes sort otherwise as texts than as numbers, and are not spelt as the vocabulary has them.
func spelt() *processor.Event {
	return &processor.Event{
		Provider: "yousign", Product: "video", VerificationID: "v-1", Status: "inconclusive",
		Codes: []string{"13O1", "IDVV_1301", "0902", "1301", "10001"},
	}
}

// The values were computed by another program from the layout of the parts: an identifier that changes breaks what
// consumers remember.
func TestIdentifiersStayTheSame(t *testing.T) {
	minimal := &processor.Event{Provider: "yousign", Product: "video", VerificationID: "v-1", Status: "approved"}
	for _, test := range []struct {
		what string
		id   processor.ID
		want string
	}{
		{"decision", processor.DecisionID("yousign", "video", "v-1", "e-1"), "9a22ae5b-844a-8d23-b3d3-c5c217b4ec32"},
		{"charge", processor.ChargeID("yousign", "video", "", "v-1", 1), "3ac4d476-1f09-88b3-adda-8dc5eb881c89"},
		{"content of a minimal event", contentID(minimal), "9dfdb239-e4e5-804b-a879-b3d6238beba3"},
		{"content of a full event", contentID(fullEvent()), "37620efe-5de0-87da-8af0-e607d5ad4910"},
		{"content of codes spelt in their own way", contentID(spelt()), "bb146eb1-d67b-85ca-8f3e-61caf518b95d"},
	} {
		if got := test.id.String(); got != test.want {
			t.Errorf("id of %s: %s, wanted %s", test.what, got, test.want)
		}
	}
	if !(processor.ID{}).IsZero() || contentID(minimal).IsZero() {
		t.Error("IsZero is wrong")
	}
}

// The text form is the one that the library's formatting gives.
func TestIdentifierText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var id processor.ID
		copy(id[:], rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "id"))
		want := fmt.Sprintf("before %x-%x-%x-%x-%x", id[:4], id[4:6], id[6:8], id[8:10], id[10:])
		if got := string(id.AppendText([]byte("before "))); got != want {
			t.Errorf("%s, wanted %s", got, want)
		}
	})
}

func TestIdentifiersDifferInEveryPart(t *testing.T) {
	seen := map[processor.ID]string{}
	add := func(what string, id processor.ID) {
		t.Helper()
		if other, there := seen[id]; there {
			t.Errorf("%s has the id of %s", what, other)
		}
		seen[id] = what
	}
	add("a decision", processor.DecisionID("a", "b", "c", "d"))
	add("parts moved", processor.DecisionID("ab", "", "c", "d"))
	add("parts moved right", processor.DecisionID("a", "bc", "", "d"))
	add("parts swapped", processor.DecisionID("b", "a", "c", "d"))
	add("another verification", processor.DecisionID("a", "b", "c2", "d"))
	add("another event", processor.DecisionID("a", "b", "c", "d2"))
	add("a charge", processor.ChargeID("a", "b", "", "c", 1))
	add("another variant", processor.ChargeID("a", "b", "c", "", 1))
	add("another attempt", processor.ChargeID("a", "b", "", "c", 2))
	add("content", contentID(fullEvent()))
	for what, change := range map[string]func(*processor.Event){
		"provider":        func(e *processor.Event) { e.Provider = "x" },
		"product":         func(e *processor.Event) { e.Product = "x" },
		"variant":         func(e *processor.Event) { e.ProductVariant = "" },
		"verification":    func(e *processor.Event) { e.VerificationID = "v-2" },
		"account":         func(e *processor.Event) { e.Account = "" },
		"account moved":   func(e *processor.Event) { e.ProductVariant, e.Account = "acc", "face" },
		"subject":         func(e *processor.Event) { e.SubjectRef, e.JourneyRef = "sj", "" },
		"journey":         func(e *processor.Event) { e.JourneyRef = "" },
		"status":          func(e *processor.Event) { e.Status = "pending" },
		"codes":           func(e *processor.Event) { e.Codes = e.Codes[:1] },
		"codes joined":    func(e *processor.Event) { e.Codes = []string{"41705150"} },
		"no codes":        func(e *processor.Event) { e.Codes = nil },
		"risk code":       func(e *processor.Event) { e.RiskCode = 400 },
		"no risk code":    func(e *processor.Event) { e.RiskCode, e.HasRiskCode = 0, false },
		"risk code zero":  func(e *processor.Event) { e.RiskCode = 0 },
		"attempt":         func(e *processor.Event) { e.Attempt = 3 },
		"environment":     func(e *processor.Event) { e.Environment = processor.EnvironmentLive },
		"time":            func(e *processor.Event) { e.OccurredAt = 0 },
		"no time":         func(e *processor.Event) { e.OccurredAt, e.HasOccurredAt = 0, false },
		"metadata value":  func(e *processor.Event) { e.Metadata[0].Value = "3" },
		"metadata key":    func(e *processor.Event) { e.Metadata[0].Key = "c" },
		"metadata gone":   func(e *processor.Event) { e.Metadata = e.Metadata[:1] },
		"metadata joined": func(e *processor.Event) { e.Metadata = []processor.Pair{{"a", "1b2"}} },
	} {
		e := fullEvent()
		change(e)
		add("content with other "+what, contentID(e))
	}
}

func TestContentIDOfWhatIsTheSame(t *testing.T) {
	want := contentID(fullEvent())
	for what, change := range map[string]func(*processor.Event){
		"order of codes":    func(e *processor.Event) { e.Codes = []string{"4170", "5150"} },
		"spelling of codes": func(e *processor.Event) { e.Codes = []string{"IDVV_4170", "05150", "5150", "IDVV_005150"} },
		"integration":       func(e *processor.Event) { e.Integration = rules.IntegrationSDK },
		"no integration":    func(e *processor.Event) { e.Integration = rules.IntegrationUnspecified },
		"topic's account":   func(e *processor.Event) { e.OutsideAccount = "acme-de" },
		"record time":       func(e *processor.Event) { e.RecordTime = 7 },
		"order of metadata": func(e *processor.Event) { e.Metadata = []processor.Pair{{"a", "1"}, {"b", "2"}} },
	} {
		e := fullEvent()
		change(e)
		if contentID(e) != want {
			t.Errorf("another %s has another content id", what)
		}
	}
	first := &processor.Event{Attempt: 1, Environment: processor.EnvironmentLive}
	if contentID(first) != contentID(new(processor.Event)) {
		t.Error("attempt 1 and live differ from none")
	}
}

func TestSymbolsOutsideOfTheEnums(t *testing.T) {
	for _, got := range []string{
		processor.Environment(0).String(), processor.Environment(3).String(), processor.Environment(255).String(),
		processor.OccurredAtSource(0).String(), processor.OccurredAtSource(3).String(), processor.OccurredAtSource(255).String(),
	} {
		if got != "UNSPECIFIED" {
			t.Errorf("a value outside of the enum is %s", got)
		}
	}
	if processor.EnvironmentSandbox.String() != "SANDBOX" || processor.OccurredAtSourceRecord.String() != "RECORD" {
		t.Error("the last symbols are wrong")
	}
}

func TestParseID(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var id processor.ID
		copy(id[:], rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "id"))
		if got, ok := processor.ParseID(id.String()); !ok || got != id {
			t.Fatalf("%s is read as %s, %v", id, got, ok)
		}
	})
	for _, text := range []string{
		"", "b7000000-0000-0000-0000-00000000000", "b7000000-0000-0000-0000-0000000000000", "b7000000-0000-0000-0000-00000000000g",
		"b7000000-0000-0000-000000000-0000000", "b70000000000000000000000000000000000", "{7000000-0000-0000-0000-00000000000}",
	} {
		if id, ok := processor.ParseID(text); ok {
			t.Errorf("%q is read as %s", text, id)
		}
	}
}
