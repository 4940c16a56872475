package main

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// After partitions were added, the words that have moved are not told to be overdue, as their raw records are
// elsewhere; that is said, and keeps nothing else waiting.
func TestStateRekeyAndOverdueWords(t *testing.T) {
	const n, topic = 40, "idv.overdue.v1"
	s := newStoryStage(t)
	s.emptyGroupTakesOffsets()
	p := s.start("topics.overdue=")
	s.sayDaysAgo(2, n)
	s.expect(decisionsOf(n, "pending FIRST 1")...)
	s.stop(p)
	var stay, moved []string
	places := make([]int32, n)
	for i := range n {
		places[i] = s.partitionOf(fmt.Sprintf("v-%d", i))
	}
	s.addPartitions(storyRaw, 2*storyPartitions)
	for i := range n {
		id := fmt.Sprintf("v-%d", i)
		if s.partitionOf(id) == places[i] {
			stay = append(stay, id)
		} else {
			moved = append(moved, id)
		}
	}
	if len(stay) == 0 || len(moved) == 0 {
		t.Fatalf("%d stay, %d move", len(stay), len(moved))
	}
	s.command(exitOK, "state", "rekey")
	p = s.start()
	slices.Sort(stay)
	if got := s.keysOf(topic, len(stay)); !slices.Equal(got, stay) {
		t.Errorf("told of %v, want %v", got, stay)
	}
	for said := 0; said < len(moved); {
		line := p.awaitLog("verifications are overdue, and no notice can be made: their current words are from " +
			"before partitions were added, and so in another one")
		said += int(line["words"].(float64))
	}
	s.stop(p)
	shown, _ := s.command(exitOK, "state", "show", moved[0])
	contains(t, shown, "of another partition, from before partitions were added", "overdue since ",
		", or none can be made")
	shown, _ = s.command(exitOK, "state", "show", stay[0])
	contains(t, shown, "a notice went out")
	shown, _ = s.command(exitOK, "state", "show", moved[0], "--format", "json")
	contains(t, shown, `"moved": true`, `"last_moved": true`)
}

// sayDaysAgo writes a pending of each of n verifications, as of so many days ago.
func (s *storyStage) sayDaysAgo(days, n int) {
	s.t.Helper()
	var records []*kgo.Record
	for i := range n {
		id := fmt.Sprintf("v-%d", i)
		records = append(records, &kgo.Record{Topic: storyRaw, Key: []byte(id),
			Timestamp: time.Now().Add(-time.Duration(days) * 24 * time.Hour), Value: fmt.Appendf(nil,
				`{"provider":"yousign","product":"video","verification_id":%q,"status":"pending"}`, id)})
	}
	if err := s.client.ProduceSync(s.t.Context(), records...).FirstErr(); err != nil {
		s.t.Fatal(err)
	}
}

// keysOf reads the committed records of a topic until there are n, and a little longer, and returns their keys, sorted.
func (s *storyStage) keysOf(topic string, n int) []string {
	s.t.Helper()
	client, err := s.cluster.Client(kgo.ConsumeTopics(topic), kgo.FetchIsolationLevel(kgo.ReadCommitted()),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()), kgo.FetchMaxWait(50*time.Millisecond))
	if err != nil {
		s.t.Fatal(err)
	}
	defer client.Close()
	var keys []string
	for _, limit := range []time.Duration{patience, 200 * time.Millisecond} {
		ctx, cancel := context.WithTimeout(s.t.Context(), limit)
		for (len(keys) < n || limit < patience) && ctx.Err() == nil {
			for _, r := range client.PollFetches(ctx).Records() {
				keys = append(keys, string(r.Key))
			}
		}
		cancel()
	}
	slices.Sort(keys)
	return keys
}
