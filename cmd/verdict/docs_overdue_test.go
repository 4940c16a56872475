package main

import (
	"strings"
	"testing"
	"time"

	"verdict/cmd/verdict/config"
	"verdict/cmd/verdict/pipeline"
	"verdict/processor"
	"verdict/processor/codec"
	"verdict/rules"
)

const examplePending = `{"event_id":"01J2FSY1G6Z4R0T2M8D5K3B7QX","provider":"yousign","product":"video",` +
	`"verification_id":"5d3c8a40-1a7e-4d8e-9a55-0c9a9f0f6b11","subject_ref":"cust-700412","status":"pending",` +
	`"occurred_at":"2026-11-21T09:59:58.5Z"}`

// nothingKnown is the state before the first event.
type nothingKnown struct{}

func (nothingKnown) Recall(processor.Key, *processor.Memory) bool { return false }

// exampleNotice is what is published once nothing has followed a pending verification in time.
func exampleNotice(t *testing.T) string {
	t.Helper()
	cfg, err := config.Load(config.Sources{Set: []string{"state.enabled=true"}})
	if err != nil {
		t.Fatal(err)
	}
	p := pipeline.NewOffline(cfg, "1.0.0", rules.Embedded(), pipeline.Input{Format: codec.FormatCanonical})
	written := time.Date(2026, 11, 21, 10, 0, 1, 0, time.UTC)
	word := &processor.Record{Topic: "idv.raw.v1", Partition: 3, Offset: 12345, Timestamp: written.UnixMilli(),
		Key: []byte("5d3c8a40-1a7e-4d8e-9a55-0c9a9f0f6b11"), Value: []byte(examplePending)}
	var res processor.Result
	if err := p.Process(word, nothingKnown{}, &res); err != nil {
		t.Fatal(err)
	}
	m := res.Memory
	if err := p.Overdue(word, &m, p.Deadline(&m), &res); err != nil {
		t.Fatal(err)
	}
	text := "key: " + string(res.Outputs[0].Key) + "\n"
	for _, h := range res.Outputs[0].Headers {
		text += h.Key + ": " + string(h.Value) + "\n"
	}
	text += "\n" + laidOut(t, res.Outputs[0].Value, "")
	return fenced("", strings.ReplaceAll(text, rules.Embedded().Version, exampleRules))
}
