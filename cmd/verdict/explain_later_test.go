package main

import (
	"strings"
	"testing"
	"time"

	"verdict/processor"
)

// TestExplainALaterOne: what is found within the time that was looked at need not be the last.
func TestExplainALaterOne(t *testing.T) {
	t.Parallel()
	other := newStoryStage(t)
	_, approved := other.decidedOnce()
	d := other.decisionOf(approved)

	s := newStoryStage(t)
	at := time.Now().Add(-3 * time.Hour).Truncate(time.Millisecond)
	raw := s.sayRaw("v-1", approvedOne, at)
	partition := s.partitionOf("v-1")
	d.Source.Partition, d.Source.Offset, d.OccurredAt = partition, 0, at.UnixMicro()
	s.publish(processor.RouteDecision, d, at)
	e := s.explained(exitOK, raw)
	contains(t, e.Later, "That is of what was published until ", "look further with --within 4h")
	contains(t, strings.Join(strings.Fields(text(s, exitOK, raw)), " "), "a later one may exist")
	if e := s.explained(exitOK, raw, "--within", "4h"); e.Later != "" {
		t.Errorf("looked for until now, it says %s", e.Later)
	}
}

// TestExplainWhereTheGroupStands: a group that has committed nothing, and one that was set forward, have their words.
func TestExplainWhereTheGroupStands(t *testing.T) {
	t.Parallel()
	s := newStoryStage(t)
	raw := s.sayRaw("v-1", approvedOne, time.Time{})
	s.setOffset((s.partitionOf("v-1")+1)%storyPartitions, 0)
	contains(t, strings.Join(s.explained(exitFailure, raw).NotFound, "\n"), "The group verdict has committed nothing yet")
	s.setOffset(s.partitionOf("v-1"), 1)
	contains(t, strings.Join(s.explained(exitFailure, raw).NotFound, "\n"), "may have been set forward past it")
}
