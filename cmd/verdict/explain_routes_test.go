package main

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"verdict/cmd/verdict/show"
	"verdict/processor"
	"verdict/processor/codec"
)

// decisionOf reads the decision that is published for a raw record.
func (s *storyStage) decisionOf(raw string) *processor.Decision {
	s.t.Helper()
	reader, err := codec.NewOutputReader(nil)
	if err != nil {
		s.t.Fatal(err)
	}
	d := &processor.Decision{}
	published := s.explained(exitOK, raw).Published
	if err := reader.Read(s.t.Context(), processor.RouteDecision, published.Decision, d); err != nil {
		s.t.Fatal(err)
	}
	return d
}

// publish writes an output as it stands, at a time if that is not zero, and gives its place.
func (s *storyStage) publish(route processor.Route, d *processor.Decision, at time.Time) string {
	s.t.Helper()
	value, err := codec.NewJSONEncoder().Append(route, nil, d)
	if err != nil {
		s.t.Fatal(err)
	}
	record := &kgo.Record{Topic: route.Spec().Topic, Key: []byte(d.VerificationID), Value: value, Timestamp: at}
	if err := s.client.ProduceSync(s.t.Context(), record).FirstErr(); err != nil {
		s.t.Fatal(err)
	}
	return fmt.Sprintf("%s/%d/%d", record.Topic, record.Partition, record.Offset)
}

// decidedOnce has raw values decided, and gives their places. The first is pending, the second approved.
func (s *storyStage) decidedOnce() (pending, approved string) {
	s.t.Helper()
	p := s.start()
	pending = s.sayRaw("v-1", pendingOne, time.Time{})
	approved = s.sayRaw("v-1", approvedOne, time.Time{})
	s.placesOf("idv.decisions.v1", "v-1", 2)
	s.stop(p)
	return pending, approved
}

// TestExplainWhatWouldNotBePublished: a charge, risk event or notice that the present rules would not make differs,
// though each of its fields is as they say.
func TestExplainWhatWouldNotBePublished(t *testing.T) {
	t.Parallel()
	s := newStoryStage(t)
	pending, approved := s.decidedOnce()
	waits, ended := s.decisionOf(pending), s.decisionOf(approved)
	waits.ChargeID = processor.ChargeID(waits.Provider, waits.Product, "", waits.VerificationID, waits.Attempt)
	ended.Overdue = processor.Overdue{ID: ended.ID, Basis: "policy:none", Since: 1, Deadline: 2}
	for _, c := range []struct {
		route processor.Route
		d     *processor.Decision
	}{{processor.RouteBilling, waits}, {processor.RouteRisk, waits}, {processor.RouteOverdue, ended}} {
		place := s.publish(c.route, c.d, time.Time{})
		e := s.explained(exitRejected, place)
		want := show.Difference{Fields: []string{"record"}, Published: c.route.Spec().Noun, Present: "none"}
		if e.Result != show.ExplainedDiffers || len(e.Differences) != 1 ||
			fmt.Sprint(e.Differences[0]) != fmt.Sprint(want) {
			t.Errorf("%s: it is %s and differs in %+v", place, e.Result, e.Differences)
		}
	}
}

// TestExplainWhatIsCarried: what comes from the events before stays in the explanation of a decision, and that of
// another output has no part that the output does not carry.
func TestExplainWhatIsCarried(t *testing.T) {
	t.Parallel()
	s := newStoryStage(t)
	_, approved := s.decidedOnce()
	d := s.decisionOf(approved)
	d.Anomalies.Add(processor.AnomalyReversed)
	e := s.explained(exitOK, s.publish(processor.RouteDecision, d, time.Time{}))
	if b := because(t, e.Published, "anomaly"); b.Value != "REVERSED" {
		t.Errorf("its anomaly is told as %+v", b)
	}
	e = s.explained(exitOK, s.placesOf("idv.billing.v1", "v-1", 1)[0])
	var about []string
	for _, b := range e.Published.Explanation {
		about = append(about, b.About)
	}
	if want := []string{"outcome", "category", "billing"}; !slices.Equal(about, want) {
		t.Errorf("of a billing event %v is explained, want %v", about, want)
	}
}
