package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"verdict/cmd/verdict/show"
	"verdict/processor"
)

// TestExplainATopicMadeAnew: another record at the place of the raw one is not taken for it.
func TestExplainATopicMadeAnew(t *testing.T) {
	t.Parallel()
	s := newStoryStage(t)
	_, approved := s.decidedOnce()
	other := s.decisionOf(approved)
	other.VerificationID = "v-9"
	for _, route := range []processor.Route{processor.RouteDecision, processor.RouteBilling} {
		place := s.publish(route, other, time.Time{})
		e := s.explained(exitFailure, place)
		if e.Result != show.ExplainedUnknown || e.Raw != nil || e.Present != nil || e.Published == nil ||
			!strings.Contains(e.RawMissing, "another record stands there now (was the topic made anew?)") {
			t.Errorf("%s is explained as %+v", place, e)
		}
		lacks(t, text(s, exitFailure, place), "another value")
	}
}

// TestExplainADeadLetterOfATopicMadeAnew: what a dead letter has kept counts, not the record that stands there now.
func TestExplainADeadLetterOfATopicMadeAnew(t *testing.T) {
	t.Parallel()
	s := newStoryStage(t)
	raw := strings.Split(s.sayRaw("v-1", approvedOne, time.Time{}), "/")
	letter := &kgo.Record{Topic: "idv.deadletter.v1", Value: []byte(unknownThree)}
	for _, h := range [][2]string{{processor.HeaderReason, "unknown_vocabulary"}, {processor.HeaderSourceTopic, raw[0]},
		{processor.HeaderSourcePartition, raw[1]}, {processor.HeaderSourceOffset, raw[2]},
		{processor.HeaderSourceTimestamp, "1"}} {
		letter.Headers = append(letter.Headers, kgo.RecordHeader{Key: h[0], Value: []byte(h[1])})
	}
	if err := s.client.ProduceSync(t.Context(), letter).FirstErr(); err != nil {
		t.Fatal(err)
	}
	e := s.explained(exitOK, fmt.Sprintf("idv.deadletter.v1/%d/%d", letter.Partition, letter.Offset))
	if e.Raw != nil || !strings.Contains(e.RawMissing, "another record stands there now") || e.Present.Rejected == nil {
		t.Errorf("it is explained as %+v", e)
	}
}

func text(s *storyStage, code int, place string) string {
	out, _ := s.command(code, "explain", place)
	return out
}

// TestExplainRiskEventsOfOneID: without state a redelivery has the same id, and each risk event is that of the decision
// which was written with it.
func TestExplainRiskEventsOfOneID(t *testing.T) {
	t.Parallel()
	s := newStoryStage(t)
	p := s.start("state.enabled=false")
	raw := []string{s.sayRaw("v-2", declinedTwo, time.Time{})}
	s.placesOf("idv.risk.v1", "v-2", 1)
	raw = append(raw, s.sayRaw("v-2", declinedTwo, time.Time{}))
	risks, decided := s.placesOf("idv.risk.v1", "v-2", 2), s.placesOf("idv.decisions.v1", "v-2", 2)
	s.stop(p)
	for i, place := range risks {
		e := s.explained(exitOK, place)
		if placeText(e.Through) != decided[i] || placeText(e.Raw) != raw[i] || e.Alike != 0 {
			t.Errorf("%s is explained as %+v, through %+v", place, e, e.Through)
		}
	}
	d, at := s.decisionOf(raw[0]), time.Now().Add(2*time.Hour)
	d.Reasons[0].RiskBearing = true // which decisions do not say
	s.publish(processor.RouteDecision, d, at)
	s.publish(processor.RouteDecision, d, at)
	place := s.publish(processor.RouteRisk, d, at)
	if e := s.explained(exitOK, place); e.Alike != 1 {
		t.Errorf("two decisions are as near to %s, which is explained as %+v", place, e)
	}
	contains(t, text(s, exitOK, place), "It may also be of 1 other decision with the same id")
}
