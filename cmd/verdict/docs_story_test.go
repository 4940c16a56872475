package main

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"verdict/cmd/verdict/config"
	"verdict/cmd/verdict/pipeline"
	"verdict/processor"
)

// teller tells the program one event after the other, as if each came to the raw topic a second after the one before,
// and remembers what it says of them.
type teller struct {
	t         *testing.T
	processor *processor.Processor
	record    processor.Record // the last one
	result    processor.Result
	known     memories
}

type memories map[processor.Key]processor.Memory

// Recall is that of processor.Known.
func (k memories) Recall(key processor.Key, m *processor.Memory) (known bool) {
	*m, known = k[key]
	return known
}

func newTeller(t *testing.T) *teller {
	t.Helper()
	cfg, err := config.Load(config.Sources{})
	if err != nil {
		t.Fatal(err)
	}
	written := time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC)
	return &teller{t: t, known: memories{},
		processor: pipeline.NewOffline(cfg, "1.0.0", pipeline.BuiltIn(), pipeline.Input{}),
		record:    processor.Record{Topic: "idv.raw.v1", Partition: 3, Offset: 12344, Timestamp: written.UnixMilli()}}
}

func (s *teller) tell(event string) *processor.Result {
	s.t.Helper()
	var key struct {
		ID string `json:"verification_id"`
	}
	if err := json.Unmarshal([]byte(event), &key); err != nil {
		s.t.Fatal(err)
	}
	s.record.Offset++
	s.record.Timestamp += time.Second.Milliseconds()
	s.record.Key, s.record.Value = []byte(key.ID), []byte(event)
	if err := s.processor.Process(&s.record, s.known, &s.result); err != nil {
		s.t.Fatal(err)
	}
	if s.result.Followed {
		s.known[s.result.Key] = s.result.Memory
	}
	return &s.result
}

const (
	exampleDeclined = `{"event_id":"01J2FT0A6Y1V9C4W7N3E8R5K2D","provider":"yousign","product":"video",` +
		`"verification_id":"v-3","status":"declined","codes":[2301],"occurred_at":"2026-11-21T09:30:00Z"}`
	exampleApproved = `{"event_id":"01J2FT7H3M8Q2X6B0Z9T4G1S5P","provider":"yousign","product":"video",` +
		`"verification_id":"v-3","status":"approved","occurred_at":"2026-11-21T09:55:00Z"}`
)

// exampleReversal is an end that takes another back: the event, and parts of its decision and its billing event.
func exampleReversal(t *testing.T) string {
	t.Helper()
	story := newTeller(t)
	story.tell(exampleDeclined)
	text := fenced("json", laidOut(t, []byte(exampleApproved), ""))
	for _, o := range story.tell(exampleApproved).Outputs {
		if o.Route == processor.RouteDecision {
			text += "\n\n" + fenced("json", laidOut(t, shortened(t, o.Value, "decision_id", "outcome", "final", "lifecycle",
				"anomalies", "occurred_at"), ""))
		}
		if o.Route == processor.RouteBilling {
			text += "\n\n" + fenced("json", laidOut(t, shortened(t, o.Value, "charge_id", "flag", "outcome", "anomalies",
				"occurred_at", "flag_since", "decision_id"), ""))
		}
	}
	return text
}

// told is an event of the story that docs/state.md tells. Its time is one of 21 November 2026; "": it has none, and no
// id either.
type told struct{ provider, product, verification, id, status, codes, at string }

// theStory has each transition, in the order in which a reader meets them.
var theStory = []told{
	{"yousign", "video", "y-1", "a", "pending", "", "09:00"},
	{"yousign", "video", "y-1", "b", "declined", "2301", "09:20"},
	{"yousign", "video", "y-1", "b", "declined", "2301", "09:20"},
	{"yousign", "video", "y-1", "c", "pending", "", "09:01"},
	{"yousign", "video", "y-1", "d", "approved", "", "09:40"},
	{"yousign", "video", "y-1", "e", "approved", "", "09:50"},
	{"ubble", "identity_verification", "u-1", "f", "pending", "", "09:02"},
	{"ubble", "identity_verification", "u-1", "g", "created", "", "09:03"},
	{"fourthline", "document_authentication", "f-1", "", "inconsistent_data", "3602", ""},
	{"fourthline", "document_authentication", "f-1", "", "inconsistent_data", "3602", ""},
	{"fourthline", "document_authentication", "f-1", "", "pending", "", ""},
	{"fourthline", "document_authentication", "f-1", "", "inconsistent_data", "3602", ""},
}

func (e *told) json() string {
	fields := []string{fmt.Sprintf(`{"provider":%q,"product":%q,"verification_id":%q,"status":%q,"codes":[%s]`, e.provider,
		e.product, e.verification, e.status, e.codes)}
	if e.at != "" {
		fields = append(fields, fmt.Sprintf(`"event_id":%q,"occurred_at":"2026-11-21T%s:00Z"`, e.id, e.at))
	}
	return strings.Join(fields, ",") + "}"
}

// storyTable is what the program makes of the story.
func storyTable(t *testing.T) string {
	t.Helper()
	said, met := newTeller(t), map[processor.Transition]bool{}
	var rows [][]string
	for i := range theStory {
		e := &theStory[i]
		res := said.tell(e.json())
		l := &res.Decision.Lifecycle
		met[l.Transition] = true
		var topics []string
		for _, o := range res.Outputs {
			if o.Route != processor.RouteRisk {
				topics = append(topics, o.Route.String())
			}
		}
		came := "`" + strings.TrimSpace(e.status+" "+e.codes) + "`"
		if e.id != "" {
			came += ", event " + e.id
		}
		rows = append(rows, []string{strconv.Itoa(i + 1), e.verification, came, e.at, "`" + l.Transition.String() + "`",
			strings.Join(topics, ", ")})
	}
	for _, transition := range processor.Transitions() {
		if !met[transition] {
			t.Errorf("the story has no %s", transition)
		}
	}
	return table([]string{"", "verification", "what came", "its time", "transition", "published"}, rows)
}

// TestStatePage holds what docs/state.md shows equal to what the program makes of it.
func TestStatePage(t *testing.T) {
	holdPage(t, "docs/state.md", map[string]string{"story": storyTable(t)})
}
