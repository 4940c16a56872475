package main

import (
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"

	"verdict/cmd/verdict/show"
	"verdict/processor"
)

// TestExplainWithASilentRegistry: what is published is explained, though the raw record cannot be decided now.
func TestExplainWithASilentRegistry(t *testing.T) {
	t.Parallel()
	s := newStoryStage(t)
	_, approved := s.decidedOnce()
	d := s.decisionOf(approved)
	raw := s.sayRaw("v-1", "\x00\x00\x00\x00\x07Trillian", time.Time{})
	d.Source.Offset++
	place := s.publish(processor.RouteDecision, d, time.Time{})
	for _, from := range []string{place, raw} {
		e := s.explained(exitFailure, "--set", "registry.url=http://127.0.0.1:1", from)
		if e.Result != show.ExplainedUnknown || placeText(e.Raw) != raw || e.Present != nil || e.Published == nil ||
			placeText(e.Published.Record) != place ||
			!strings.HasPrefix(e.PresentMissing, "the schema registry does not answer") {
			t.Errorf("%s is explained as %+v", from, e)
		}
		lacks(t, e.PresentMissing, "waits")
	}
}

// TestExplainWithARefusedRawTopic: what is published is explained, and why the raw record is not there.
func TestExplainWithARefusedRawTopic(t *testing.T) {
	t.Parallel()
	s := newStoryStage(t)
	_, approved := s.decidedOnce()
	decision := placeText(s.explained(exitOK, approved).Published.Record)
	s.cluster.Kafka.ControlKey(int16(kmsg.ListOffsets), func(kreq kmsg.Request) (kmsg.Response, error, bool) {
		s.cluster.Kafka.KeepControl()
		req := kreq.(*kmsg.ListOffsetsRequest)
		if req.Topics[0].Topic != storyRaw {
			return nil, nil, false
		}
		res := req.ResponseKind().(*kmsg.ListOffsetsResponse)
		of := kmsg.NewListOffsetsResponseTopicPartition()
		of.Partition, of.ErrorCode = req.Topics[0].Partitions[0].Partition, kerr.TopicAuthorizationFailed.Code
		in := kmsg.NewListOffsetsResponseTopic()
		in.Topic, in.Partitions = storyRaw, append(in.Partitions, of)
		res.Topics = append(res.Topics, in)
		return res, nil, true
	})
	e := s.explained(exitFailure, decision)
	if e.Result != show.ExplainedUnknown || e.Raw != nil || e.Published == nil ||
		!strings.HasPrefix(e.RawMissing, storyRaw) {
		t.Errorf("it is explained as %+v", e)
	}
}
