package main

import (
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"verdict/cmd/verdict/events"
	"verdict/cmd/verdict/show"
	"verdict/rules"
)

// TestExplainAvro: what is published in Avro is explained as what is in JSON.
func TestExplainAvro(t *testing.T) {
	t.Parallel()
	s := newStoryStage(t)
	s.settings = append(s.settings, "output.format=avro", "registry.url="+s.cluster.RegistryURL())
	p := s.start()
	raw := s.sayRaw("v-2", declinedTwo, time.Time{})
	places := []string{raw, s.placesOf("idv.decisions.v1", "v-2", 1)[0], s.placesOf("idv.verifications.v1", "v-2", 1)[0],
		s.placesOf("idv.billing.v1", "v-2", 1)[0], s.placesOf("idv.risk.v1", "v-2", 1)[0]}
	s.stop(p)
	for _, place := range places {
		e := s.explained(exitOK, place)
		if placeText(e.Raw) != raw || e.Result != show.ExplainedSame ||
			!strings.Contains(string(e.Published.Decision), `"verification_id": "v-2"`) {
			t.Errorf("%s is explained as %+v", place, e)
		}
	}
	s.settings = append(s.settings, "output.format=json", "registry.url=")
	_, errs := s.command(exitFailure, "explain", places[1])
	contains(t, errs, places[1]+": ", "name it (registry.url)")
}

// TestExplainAGrownTopic: what was published before partitions were added is not where it would be now.
func TestExplainAGrownTopic(t *testing.T) {
	t.Parallel()
	s := newStoryStage(t)
	p := s.start()
	var raw []string
	for _, id := range []string{"v-1", "v-2", "v-3", "v-4"} {
		raw = append(raw, s.sayRaw(id, strings.ReplaceAll(pendingOne, "v-1", id), time.Time{}))
	}
	s.placesOf("idv.decisions.v1", "v-", 4)
	s.stop(p)
	s.addPartitions("idv.decisions.v1", 8)
	everywhere := 0
	for _, place := range raw {
		e := s.explained(exitOK, place)
		if e.Published == nil || e.Published.Record.Partition != 0 {
			t.Errorf("%s is explained as %+v", place, e)
		}
		if len(e.Sought.Partitions) == 8+1 { // each once
			everywhere++
		}
	}
	// Of what is not decided yet, the other partitions have nothing.
	waiting := s.sayRaw("v-1", pendingOne, time.Time{})
	if e := s.explained(exitFailure, waiting); len(e.Sought.Partitions) != 2 {
		t.Errorf("what is not decided was looked for in %+v", e.Sought)
	}
	if everywhere == 0 {
		t.Error("each was where it would be now")
	}
}

// TestExplainTwice: of several decisions about one record the latest counts, and it is said that there are others.
func TestExplainTwice(t *testing.T) {
	t.Parallel()
	s := newStoryStage(t)
	s.settings = append(s.settings, "state.enabled=false")
	p := s.start()
	raw := s.sayRaw("v-1", pendingOne, time.Time{})
	s.placesOf("idv.decisions.v1", "v-1", 1)
	s.stop(p)
	s.setOffset(s.partitionOf("v-1"), 0)
	p = s.start()
	decided := s.placesOf("idv.decisions.v1", "v-1", 2)
	s.stop(p)
	e := s.explained(exitOK, raw)
	if placeText(e.Published.Record) != decided[1] || e.Published.Copies != 2 {
		t.Errorf("it is explained as %+v", e.Published)
	}
	text, _ := s.command(exitOK, "explain", raw)
	contains(t, text, "It was published 2 times in that time; this is the latest.")
	lacks(t, text, "lifecycle  ")
}

// TestExplainWithoutRaw: where retention has taken the raw record, what is published is explained alone; a dead letter
// has its original.
func TestExplainWithoutRaw(t *testing.T) {
	t.Parallel()
	s := newStoryStage(t)
	p := s.start()
	raw := s.sayRaw("v-2", declinedTwo, time.Time{})
	s.sayRaw("v-3", unknownThree, time.Time{})
	decision := s.placesOf("idv.decisions.v1", "v-2", 1)[0]
	letter := s.placesOf("idv.deadletter.v1", "v-3", 1)[0]
	s.stop(p)
	p = s.start("deadletter.value=digest")
	s.sayRaw("v-3", strings.ReplaceAll(unknownThree, "passed", "failed"), time.Time{})
	digest := s.placesOf("idv.deadletter.v1", "sha256", 1)[0]
	s.stop(p)
	for partition := range int32(storyPartitions) {
		s.truncate(storyRaw, partition, s.cluster.Kafka.PartitionInfo(storyRaw, partition).HighWatermark)
	}

	for _, place := range []string{decision, s.placesOf("idv.billing.v1", "v-2", 1)[0]} {
		e := s.explained(exitFailure, place)
		if e.Result != show.ExplainedUnknown || e.Raw != nil || e.Present != nil || e.Published == nil ||
			!strings.HasPrefix(e.RawMissing, raw+": the record was removed, by retention") {
			t.Errorf("%s is explained as %+v", place, e)
		}
	}
	text, errs := s.command(exitFailure, "explain", decision)
	contains(t, text, "cannot be read: "+raw, "DECLINED [reading:", "ID document is a counterfeit", "lifecycle  FIRST")
	contains(t, errs, "could not be held against the present rules")

	if e := s.explained(exitOK, "--payload", letter); e.Raw != nil || e.Present == nil ||
		!strings.Contains(e.RawMissing, "the copy that the dead letter has kept") ||
		e.Payload.Value.Text != unknownThree {
		t.Errorf("the dead letter is explained as %+v", e)
	}
	if e := s.explained(exitFailure, digest); e.Present != nil || e.Published.Rejected == nil {
		t.Errorf("the digest is explained as %+v", e)
	}
	_, errs = s.command(exitFailure, "explain", "--payload", digest)
	lacks(t, errs, "v-3")
}

// TestExplainPublishedRepeats: where repeats are published, each has a decision of its own, and a risk event is that of
// the first.
func TestExplainPublishedRepeats(t *testing.T) {
	t.Parallel()
	s := newStoryStage(t)
	s.settings = append(s.settings, "state.repeats=publish")
	p := s.start()
	first := s.sayRaw("v-2", declinedTwo, time.Time{})
	repeat := s.sayRaw("v-2", declinedTwo, time.Time{})
	decided := s.placesOf("idv.decisions.v1", "v-2", 2)
	s.stop(p)
	if e := s.explained(exitOK, s.placesOf("idv.risk.v1", "v-2", 1)[0]); placeText(e.Raw) != first ||
		placeText(e.Through) != decided[0] {
		t.Errorf("the risk event is explained as %+v", e)
	}
	e := s.explained(exitOK, repeat)
	if placeText(e.Published.Record) != decided[1] {
		t.Errorf("the repeat is explained as %+v", e.Published)
	}
	if b := because(t, e.Published, "lifecycle"); b.Value != "REPEATED" || strings.Contains(b.Words, "decision 0") {
		t.Errorf("its place is told as %+v", b)
	}
}

// TestExplainGenerated: whatever is said of verifications, also late, again and taken back, each record that is
// published for it is what the same rules say of its raw record alone.
func TestExplainGenerated(t *testing.T) {
	t.Parallel()
	oneGoroutine(t)
	s := newStoryStage(t)
	p := s.start()
	g := events.NewGenerator(rules.Embedded(), 7, time.Now())
	g.Mix = events.Mix{Repeats: 0.2, Late: 0.2, Reversed: 0.2}
	for range 200 {
		line := g.Next()
		s.sayRaw(line.Key, string(line.Value), time.Time{})
	}
	s.connect(partitionZero)
	for partition := range int32(storyPartitions) { // what is decided behind all others
		record := &kgo.Record{Topic: storyRaw, Partition: partition, Key: []byte("k"), Value: []byte(pendingOne)}
		if err := s.client.ProduceSync(t.Context(), record).FirstErr(); err != nil {
			t.Fatal(err)
		}
	}
	s.placesOf("idv.decisions.v1", "KEY_MISMATCH", storyPartitions)
	s.stop(p)
	transitions := map[string]bool{}
	for _, topic := range []string{"idv.decisions.v1", "idv.billing.v1", "idv.risk.v1"} {
		places := s.placesOf(topic, "verification_id", all)
		for _, place := range places {
			e := s.explained(exitOK, place)
			for _, b := range e.Published.Explanation {
				if b.About == "lifecycle" {
					transitions[b.Value] = true
				}
			}
		}
		if len(places) < 10 {
			t.Errorf("%s has %d records", topic, len(places))
		}
	}
	if !transitions["LATE"] || !transitions["REVERSED"] {
		t.Errorf("decisions were %v", transitions)
	}
}
