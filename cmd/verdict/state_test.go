package main

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"verdict/processor"
)

// What a runner has decided is shown, in words and as JSON; of what is not known it says where it looked.
func TestStateShow(t *testing.T) {
	s := newStoryStage(t)
	p := s.start()
	s.say("v-1 pending", "v-1 pending", "v-1 approved", "v-2 pending")
	s.expect("v-1 pending FIRST 1", "v-1 approved ADVANCED 2", "v-2 pending FIRST 1")
	s.stop(p)
	shown, _ := s.command(exitOK, "state", "show", "v-1")
	contains(t, shown, "v-1  yousign video", "APPROVED (approved)", "final, ended, attempt 1", "raw record's timestamp",
		"said once", "2 decisions", "attempt 1: BILLABLE since", "2 events", "until ")
	for line := range strings.SplitSeq(shown, "\n") {
		if n := utf8.RuneCountInString(line); n > 80 {
			t.Errorf("a line has %d columns: %s", n, line)
		}
	}
	pending, _ := s.command(exitOK, "state", "show", "--provider", "yousign", "v-2")
	contains(t, pending, "PENDING (pending)", "not final, not ended", "expected until")
	asJSON, _ := s.command(exitOK, "state", "show", "--format", "json", "v-1")
	contains(t, asJSON, `"outcome": "APPROVED"`, `"sequence": 2`, `"provider_status": "approved"`, `"billing_flag":`)
	nothing, _ := s.command(exitOK, "state", "show", "--product", "video", "v-3")
	contains(t, nothing, "nothing is known of v-3", "looked in  "+storyChangelog+"/", "--everywhere")
	all, _ := s.command(exitOK, "state", "show", "--everywhere", "v-3")
	if n := strings.Count(all, "looked in"); n != storyPartitions {
		t.Errorf("it looked in %d partitions:\n%s", n, all)
	}
	_, errs := s.command(exitFailure, "state", "show", "--product", "vidoe", "v-1")
	contains(t, errs, "the catalog has none such", "yousign video")
}

// What is remembered is counted, and held against the offsets.
func TestStateStats(t *testing.T) {
	s := newStoryStage(t)
	p := s.start()
	var events []string
	for i := range 20 {
		events = append(events, fmt.Sprintf("v-%d pending", i))
	}
	s.say(append(events, "v-1 approved")...)
	s.decided(21)
	working, _ := s.command(exitOK, "state", "stats")
	contains(t, working, "20 verifications in ", "19 PENDING, 1 APPROVED")
	if strings.Contains(working, "Cure") {
		t.Errorf("something is wrong while the group works:\n%s", working)
	}
	s.stop(p)
	s.setOffset(1, 0)
	stopped, _ := s.command(exitOK, "state", "stats")
	contains(t, stopped, "the group is at offset 0, and decided up to", "decides nothing again")
	asJSON, _ := s.command(exitOK, "state", "stats", "--format", "json")
	contains(t, asJSON, `"verifications": 20`, `"PENDING": 19`, `"group_offset": 0`, `"transaction":`)
}

// A group that has run without state is held until it is begun, and then goes on.
func TestStateBegin(t *testing.T) {
	s := newStoryStage(t)
	s.emptyGroupTakesOffsets()
	without := s.start("state.enabled=false")
	s.say("v-1 pending", "v-2 pending")
	s.decided(2)
	s.stop(without)
	s.say("v-1 pending", "v-1 approved")
	held := s.start()
	reason, _ := held.awaitLog("a partition is held back; trying again")["error"].(string)
	contains(t, reason, "verdict state begin")
	_, errs := s.command(exitFailure, "state", "begin")
	contains(t, errs, "the group is at work", "verdict has verdict-")
	s.stop(held)
	s.decided(2)
	stats, _ := s.command(exitOK, "state", "stats")
	contains(t, stats, "there is no position record: a runner holds it", "verdict state begin")
	plan, _ := s.command(exitOK, "state", "begin", "--dry-run")
	contains(t, plan, "would be begun at offset ", "nothing was changed", "under its old decision_id")
	begun, _ := s.command(exitOK, "state", "begin")
	contains(t, begun, "  begun at offset ")
	again, _ := s.command(exitOK, "state", "begin")
	contains(t, again, "stands at offset", "Nothing was to be done")
	p := s.start()
	s.say("v-2 approved", "v-1 approved")
	s.expect("v-1 pending  0", "v-2 pending  0", // without state there is no story
		"v-1 pending FIRST 1", "v-1 approved ADVANCED 2", "v-2 approved FIRST 1")
	s.stop(p)
}

// Records of the changelog that the offsets stand for are gone: it says so, and goes on without when it is told to.
func TestStateBeginAgain(t *testing.T) {
	s := newStoryStage(t)
	s.emptyGroupTakesOffsets()
	p := s.start()
	s.say("v-1 pending")
	s.decided(1)
	s.stop(p)
	s.say("v-1 approved", "v-1 pending")
	partition := s.partitionOf("v-1")
	s.setOffset(partition, 2)
	stats, _ := s.command(exitOK, "state", "stats")
	contains(t, stats, "records of it were lost", "begin --again")
	out, errs := s.command(exitFailure, "state", "begin")
	contains(t, out, "the group is at offset 2 ", " ends at 1 ", "records of it were lost", "--again")
	contains(t, errs, "1 partition cannot go on")
	_, errs = s.command(exitFailure, "state", "rekey")
	contains(t, errs, "records of it were lost", "begin --again")
	begun, _ := s.command(exitOK, "state", "begin", "--again")
	contains(t, begun, fmt.Sprintf("%s/%d  begun at offset 2", storyRaw, partition))
	p = s.start()
	s.say("v-1 declined")
	s.expect("v-1 pending FIRST 1", "v-1 declined ADVANCED 2")
	s.stop(p)
}

// All is decided anew, with sequences from 1.
func TestStateReset(t *testing.T) {
	s := newStoryStage(t)
	s.emptyGroupTakesOffsets()
	p := s.start()
	s.say("v-1 pending", "v-2 pending", "v-1 pending", "v-1 approved")
	first := []string{"v-1 pending FIRST 1", "v-2 pending FIRST 1", "v-1 approved ADVANCED 2"}
	s.expect(first...)
	_, errs := s.command(exitFailure, "state", "reset", "--yes")
	contains(t, errs, "the group is at work")
	s.stop(p)
	plan, errs := s.command(exitFailure, "state", "reset")
	contains(t, plan, "would be decided anew from offset 0 on", "sequences begin at 1")
	contains(t, errs, "nothing was changed: --yes")
	shown, _ := s.command(exitOK, "state", "show", "v-1")
	contains(t, shown, "APPROVED")
	s.command(exitOK, "state", "reset", "--yes")
	nothing, _ := s.command(exitOK, "state", "show", "v-1")
	contains(t, nothing, "nothing is known of v-1")
	p = s.start()
	s.expect(append(first, first...)...)
	s.stop(p)
	s.command(exitOK, "state", "reset", "--to", "2100-01-01T00:00:00Z", "--yes")
	p = s.start()
	s.say("v-2 approved")
	s.expect(append(append(first, first...), "v-2 approved FIRST 1")...)
	s.stop(p)
	_, errs = s.command(exitUsage, "state", "reset", "--to", "yesterday")
	contains(t, errs, "write earliest, or a time")
}

// ids are verifications of a test, over all partitions.
func ids(n int, status string) (events []string) {
	for i := range n {
		events = append(events, fmt.Sprintf("v-%d %s", i, status))
	}
	return events
}

// decisionsOf are those about ids, each with the same end.
func decisionsOf(n int, rest string) []string { return ids(n, rest) }

// tellPending has a process decide that n verifications are pending, and end. It returns the decisions.
func (s *storyStage) tellPending(n int) []string {
	s.t.Helper()
	p := s.start()
	s.say(ids(n, "pending")...)
	first := decisionsOf(n, "pending FIRST 1")
	s.expect(first...)
	s.stop(p)
	return first
}

// After partitions were added, stories go on in the partitions that their keys belong to now.
func TestStateRekey(t *testing.T) {
	const n, more = 40, storyPartitions + 2 // keys move among the old partitions, too
	s := newStoryStage(t)
	s.emptyGroupTakesOffsets()
	p := s.start()
	s.say(ids(n, "pending")...)
	first := decisionsOf(n, "pending FIRST 1")
	s.expect(first...)
	s.addPartitions(storyRaw, more)
	_, errs := s.command(exitFailure, "state", "rekey")
	contains(t, errs, "the group is at work")
	s.stop(p)
	s.say(ids(n, "pending")...)
	plan, _ := s.command(exitOK, "state", "rekey", "--dry-run")
	contains(t, plan, "would be rekeyed: ", storyRaw+"/5  would be begun at offset 0")
	moved, _ := s.command(exitOK, "state", "rekey")
	contains(t, moved, storyRaw+"/0  rekeyed: ", storyRaw+"/4  begun at offset 0")
	again, _ := s.command(exitOK, "state", "rekey")
	contains(t, again, "Nothing was to be done")
	stats, _ := s.command(exitOK, "state", "stats")
	contains(t, stats, fmt.Sprintf("%d verifications in ", n))
	if strings.Contains(stats, "Cure") {
		t.Errorf("something is wrong:\n%s", stats)
	}
	p = s.start()
	s.say(ids(n, "approved")...)
	s.say(ids(n, "pending")...)
	s.expect(append(first, decisionsOf(n, "approved ADVANCED 2")...)...)
	s.stop(p)
	for _, id := range []string{"v-1", "v-7", "v-12"} {
		shown, _ := s.command(exitOK, "state", "show", id)
		contains(t, shown, "APPROVED", fmt.Sprintf("of %s/%d", storyRaw, s.partitionOf(id)))
	}
}

// A rekey that ends in the midst goes on where it was.
func TestStateRekeyResumes(t *testing.T) {
	const n, more = 40, 2 * storyPartitions
	s := newStoryStage(t)
	s.emptyGroupTakesOffsets()
	first := s.tellPending(n)
	s.addPartitions(storyRaw, more)
	ends := 0
	s.cluster.Kafka.ControlKey(int16(kmsg.EndTxn), func(kreq kmsg.Request) (kmsg.Response, error, bool) {
		s.cluster.Kafka.KeepControl()
		req := kreq.(*kmsg.EndTxnRequest)
		if ends++; ends != 3 || req.TransactionalID != "verdict-state-tool" {
			return nil, nil, false
		}
		res := req.ResponseKind().(*kmsg.EndTxnResponse)
		res.ErrorCode = kerr.TransactionalIDAuthorizationFailed.Code
		return res, nil, true
	})
	out, errs := s.command(exitFailure, "state", "rekey")
	contains(t, out, storyRaw+"/1  rekeyed")
	contains(t, errs, storyRaw+"/2: ", "grant WRITE", "running this again goes on from there")
	rest, _ := s.command(exitOK, "state", "rekey")
	contains(t, rest, storyRaw+"/1  stands at", storyRaw+"/2  rekeyed", storyRaw+"/7  begun at offset 0")
	p := s.start()
	s.say(ids(n, "pending")...)
	s.say(ids(n, "approved")...)
	s.expect(append(first, decisionsOf(n, "approved ADVANCED 2")...)...)
	s.stop(p)
}

// Who went on without the old stories keeps the new ones.
func TestStateRekeyAfterGoingOn(t *testing.T) {
	const n, more = 40, storyPartitions + 2
	s := newStoryStage(t)
	s.emptyGroupTakesOffsets()
	s.tellPending(n)
	s.addPartitions(storyRaw, more)
	s.addPartitions(storyChangelog, more)
	p := s.start("state.on_growth=continue")
	s.say(ids(n, "approved")...)
	s.decided(2 * n)
	s.stop(p)
	moved, _ := s.command(exitOK, "state", "rekey")
	contains(t, moved, "rekeyed: 0 verifications moved", "dropped, which have begun anew there")
	p = s.start()
	s.say(ids(n, "approved")...)
	s.say(ids(n, "declined")...)
	for _, d := range s.decided(3 * n) {
		if strings.Contains(d, "declined") && !strings.Contains(d, "declined REVERSED") {
			t.Errorf("got %s", d)
		}
	}
	s.stop(p)
}

// What was not placed as Java's producers do stays where it is: only its producer knows where it belongs.
func TestStateRekeyLeavesStrays(t *testing.T) {
	const n, more = 20, 2 * storyPartitions
	s := newStoryStage(t)
	s.emptyGroupTakesOffsets()
	s.connect(kgo.RecordPartitioner(kgo.ManualPartitioner())) // all in partition 0
	p := s.start()
	s.say(ids(n, "pending")...)
	s.decided(n)
	s.stop(p)
	there := 0
	for i := range n {
		if s.partitionOf(fmt.Sprintf("v-%d", i)) == 0 {
			there++
		}
	}
	s.addPartitions(storyRaw, more)
	moved, _ := s.command(exitOK, "state", "rekey")
	contains(t, moved, fmt.Sprintf("%d left, whose producer does not place keys as Java's do", n-there))
	shown, _ := s.command(exitOK, "state", "show", "--everywhere", "v-3")
	contains(t, shown, "PENDING")
}

// What a newer version has written is neither moved nor taken for nothing, and goes with its topic only.
func TestStateOfANewerVersion(t *testing.T) {
	s := newStoryStage(t)
	s.emptyGroupTakesOffsets()
	p := s.start()
	s.say("v-1 pending")
	s.decided(1)
	s.stop(p)
	key := processor.KeyOf("yousign", "video", "v-1")
	newer := kgo.Record{Topic: storyChangelog, Key: key[:], Value: []byte{99, 1, 2, 3}, Partition: s.partitionOf("v-1")}
	s.connect(kgo.RecordPartitioner(kgo.ManualPartitioner()))
	if err := s.client.ProduceSync(t.Context(), &newer).FirstErr(); err != nil {
		t.Fatal(err)
	}
	const says = "a newer version of Verdict has written it"
	_, errs := s.command(exitFailure, "state", "show", "v-1")
	contains(t, errs, says, "show it with that version")
	stats, _ := s.command(exitOK, "state", "stats")
	contains(t, stats, says, "run the version that wrote it")
	for _, name := range []string{"begin", "rekey"} {
		_, errs = s.command(exitFailure, "state", name)
		contains(t, errs, says, "delete the topic "+storyChangelog, "verdict state reset")
	}
	s.command(exitOK, "state", "reset", "--yes")
	stats, _ = s.command(exitOK, "state", "stats")
	contains(t, stats, "0 verifications in ")
	if strings.Contains(stats, says) {
		t.Errorf("it is still there:\n%s", stats)
	}
	p = s.start()
	s.expect("v-1 pending FIRST 1", "v-1 pending FIRST 1")
	s.stop(p)
}

// An instance that starts while the state is moved is not overwritten: the group refuses the offsets.
func TestStateIsFenced(t *testing.T) {
	s := newStoryStage(t) // whose groups take no offsets from a member that they do not have
	without := s.start("state.enabled=false")
	s.say("v-1 pending")
	s.decided(1)
	s.stop(without)
	_, errs := s.command(exitFailure, "state", "begin")
	contains(t, errs, "the group is at work", "an instance of verdict has started meanwhile",
		"nothing of "+storyRaw+"/0")
	stats, _ := s.command(exitOK, "state", "stats")
	contains(t, stats, "there is no position record")
}

func TestStateWithoutItsTopics(t *testing.T) {
	s := newStoryStage(t)
	s.settings = append(s.settings, "kafka.group=other")
	_, errs := s.command(exitFailure, "state", "stats")
	contains(t, errs, "the topic other-state."+storyRaw+" is not there", "verdict topics --create")
	s.settings = append(s.settings, "state.enabled=false")
	_, errs = s.command(exitFailure, "state", "show", "v-1")
	contains(t, errs, "these settings keep no state")
	_, errs = s.command(exitUsage, "state", "shwo", "v-1")
	contains(t, errs, "state shwo: no such command; did you mean show?")
}
