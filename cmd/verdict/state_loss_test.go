package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"

	"verdict/processor"
)

// lose has a changelog forget a verification, as a retention that is too short does.
func (s *storyStage) lose(id string) {
	s.t.Helper()
	s.connect(kgo.RecordPartitioner(kgo.ManualPartitioner()))
	key := processor.KeyOf("yousign", "video", id)
	lost := kgo.Record{Topic: storyChangelog, Key: key[:], Partition: s.partitionOf(id)}
	if err := s.client.ProduceSync(s.t.Context(), &lost).FirstErr(); err != nil {
		s.t.Fatal(err)
	}
	s.connect()
}

// together are so many ids that one partition has, and that partition.
func (s *storyStage) together(n int) (list []string, partition int32) {
	partition = s.partitionOf("v-0")
	for i := 0; len(list) < n; i++ {
		if id := fmt.Sprintf("v-%d", i); s.partitionOf(id) == partition {
			list = append(list, id)
		}
	}
	return list, partition
}

// What the changelog has lost in its midst is told by stats, begin and rekey as a runner tells it. Nothing but begin
// --again goes on without it, and that from where the state stands, wherever the group was set back to.
func TestStateOfWhatIsLostInTheMidst(t *testing.T) {
	const loss = storyChangelog + "/%d has lost records in the midst: it held 3 verifications that cannot be " +
		"forgotten yet, and 2 are there"
	s := newStoryStage(t)
	s.emptyGroupTakesOffsets()
	v, partition := s.together(3)
	p := s.start()
	s.say(v[0]+" pending", v[1]+" pending", v[2]+" pending")
	first := []string{v[0] + " pending FIRST 1", v[1] + " pending FIRST 1", v[2] + " pending FIRST 1"}
	s.expect(first...)
	s.stop(p)
	s.lose(v[1])
	says := fmt.Sprintf(loss, partition)
	stats, _ := s.command(exitOK, "state", "stats")
	contains(t, stats, says, "a runner holds it", "verdict state begin --again")
	out, errs := s.command(exitFailure, "state", "begin")
	contains(t, out, says, "--again")
	contains(t, errs, "1 partition cannot go on")
	s.addPartitions(storyRaw, storyPartitions+1)
	_, errs = s.command(exitFailure, "state", "rekey")
	contains(t, errs, says, "verdict state begin --again")
	s.setOffset(partition, 1)
	begun, _ := s.command(exitOK, "state", "begin", "--again")
	contains(t, begun, fmt.Sprintf("%s/%d  begun at offset 3", storyRaw, partition), "the changelog still has")
	if strings.Contains(begun, "all that was decided before") {
		t.Errorf("it says that nothing is known:\n%s", begun)
	}
	s.command(exitOK, "state", "rekey")
	if stats, _ = s.command(exitOK, "state", "stats"); strings.Contains(stats, "Cure") {
		t.Errorf("something is wrong:\n%s", stats)
	}
	p = s.start()
	s.say(v[0]+" approved", v[1]+" approved")
	s.expect(append(first, v[0]+" approved ADVANCED 2", v[1]+" approved FIRST 1")...)
	s.stop(p)
}

// A partition that has lost nothing stays as it is, wherever its group was set back to: nothing is decided again.
func TestStateBeginAgainLeavesWhatIsWhole(t *testing.T) {
	s := newStoryStage(t)
	s.emptyGroupTakesOffsets()
	partition := s.partitionOf("v-1")
	p := s.start()
	s.say("v-1 pending", "v-1 approved")
	first := []string{"v-1 pending FIRST 1", "v-1 approved ADVANCED 2"}
	s.expect(first...)
	s.stop(p)
	s.setOffset(partition, 0)
	out, _ := s.command(exitOK, "state", "begin", "--again")
	contains(t, out, fmt.Sprintf("%s/%d  stands at offset 2: nothing to do", storyRaw, partition),
		"Nothing was to be done")
	p = s.start()
	s.say("v-1 declined")
	s.expect(append(first, "v-1 declined REVERSED 3")...)
	s.stop(p)
}

// The sums that rekey writes show what is lost of the keys that it has moved, and of those that stayed.
func TestStateRekeyKeepsSums(t *testing.T) {
	const n, more = 20, storyPartitions + 2
	s := newStoryStage(t)
	s.emptyGroupTakesOffsets()
	p := s.start()
	s.say(ids(n, "pending")...)
	s.decided(n)
	s.stop(p)
	was := map[string]int32{}
	for i := range n {
		id := fmt.Sprintf("v-%d", i)
		was[id] = s.partitionOf(id)
	}
	s.addPartitions(storyRaw, more)
	s.command(exitOK, "state", "rekey")
	var moved, old, stayed string // to a new partition, to another old one, and nowhere
	for id, before := range was {
		switch now := s.partitionOf(id); {
		case now >= storyPartitions:
			moved = id
		case now != before:
			old = id
		default:
			stayed = id
		}
	}
	for _, id := range []string{moved, old, stayed} {
		if id == "" {
			t.Fatal("not all cases are there")
		}
		s.lose(id)
		stats, _ := s.command(exitOK, "state", "stats")
		contains(t, stats, fmt.Sprintf("%s/%d has lost records in the midst", storyChangelog, s.partitionOf(id)))
	}
}
