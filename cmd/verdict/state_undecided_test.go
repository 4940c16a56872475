package main

import (
	"slices"
	"strings"
	"testing"
)

// What is known of a verification stays in its old partition as long as that has events of it which are not decided: a
// repeat among them would be decided and charged again. Once they are, it moves.
func TestStateRekeyWaitsForWhatIsNotDecided(t *testing.T) {
	const n, more = 40, 2 * storyPartitions
	s := newStoryStage(t)
	s.emptyGroupTakesOffsets()
	first := s.tellPending(n)
	s.say(ids(n, "pending")...)
	s.say(ids(n, "approved")...)
	s.addPartitions(storyRaw, more)
	_, errs := s.command(exitFailure, "state", "rekey")
	contains(t, errs, storyRaw+"/0: ", "records are not decided", "state.on_growth: hold", "--undecided")
	if strings.Contains(errs, storyRaw+"/4: ") {
		t.Errorf("a new partition is said to have old records:\n%s", errs)
	}
	s.command(exitFailure, "state", "rekey", "--dry-run")
	p := s.start()
	second := slices.Concat(first, decisionsOf(n, "approved ADVANCED 2"))
	s.expect(second...)
	s.stop(p)
	moved, _ := s.command(exitOK, "state", "rekey")
	contains(t, moved, storyRaw+"/0  rekeyed: ", storyRaw+"/4  begun at offset 0")
	p = s.start()
	s.say(ids(n, "approved")...)
	s.say(ids(n, "declined")...)
	s.expect(append(second, decisionsOf(n, "declined REVERSED 3")...)...)
	s.stop(p)
}

// Who says so moves all the same, and has those events decided as if nothing had been known.
func TestStateRekeyOfWhatIsNotDecided(t *testing.T) {
	const n, more = 40, storyPartitions + 1
	s := newStoryStage(t)
	s.emptyGroupTakesOffsets()
	s.tellPending(n)
	s.say(ids(n, "approved")...)
	s.addPartitions(storyRaw, more)
	_, errs := s.command(exitFailure, "state", "rekey")
	contains(t, errs, "no instance may decide them", "--undecided")
	moved, _ := s.command(exitOK, "state", "rekey", "--undecided")
	contains(t, moved, storyRaw+"/0  rekeyed: ")
	p := s.start()
	anew := 0
	for _, d := range s.decided(2 * n)[n:] {
		if strings.HasSuffix(d, "approved FIRST 1") {
			anew++
		}
	}
	if anew == 0 || anew == n {
		t.Errorf("%d of %d events were decided as if nothing had been known", anew, n)
	}
	s.stop(p)
}
