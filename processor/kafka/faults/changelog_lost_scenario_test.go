//go:build unix

package faults

import (
	"context"
	"fmt"
	"testing"
	"time"
)

// TestChangelogIsTruncated removes all records of a partition of the changelog while nothing runs, the position record
// too: the partition is held, with what is wrong and what to do, and the others go on.
func TestChangelogIsTruncated(t *testing.T) {
	notInShort(t)
	s := newStage(t, stageOptions{brokers: 1})
	i, ends := s.stopped()
	s.must(s.cluster.deleteRecords(t.Context(), s.names.changelog, brokenPartition, ends[brokenPartition]))
	s.heldForLoss(i, []string{"position record", "verdict state begin"}, func(r *report) bool {
		return r.count[stateMissing] > 0 && r.count[stateDiffers] == 0 && r.count[positionDiffers] == 1
	})
}

// TestChangelogIsTruncatedInPart removes the older half of the records. The position record is there and agrees with
// the offset: only its sum tells that verifications are missing.
func TestChangelogIsTruncatedInPart(t *testing.T) {
	notInShort(t)
	s := newStage(t, stageOptions{brokers: 1})
	i, ends := s.stopped()
	s.must(s.cluster.deleteRecords(t.Context(), s.names.changelog, brokenPartition, ends[brokenPartition]/2))
	s.heldForLoss(i, []string{"has lost records in the midst", "verdict state begin --again"},
		func(r *report) bool {
			return r.count[stateMissing] > 0 && r.count[stateDiffers] == 0 && r.count[positionDiffers] == 0
		})
}

// stopped has an instance decide for a while and stops it. It returns where the changelog's partitions end.
func (s *stage) stopped() (i *instance, ends map[int32]int64) {
	s.t.Helper()
	ctx := s.t.Context()
	i = s.add(slotStable, "stable")
	s.generate(*rateFlag)
	s.must(s.calm(ctx))
	s.must(i.terminate(stopLimit, 0))
	ends, err := s.cluster.ends(ctx, s.names.changelog, rawIsolation)
	s.must(err)
	return i, ends
}

// heldForLoss starts an instance that was stopped, or killed, after records of brokenPartition's changelog were lost:
// that partition is held where it was, for the reasons given, the others go on, and nothing else is wrong than what
// seen looks for in the report.
func (s *stage) heldForLoss(i *instance, why []string, seen func(*report) bool) {
	s.t.Helper()
	ctx := s.t.Context()
	before, err := s.cluster.committed(ctx, s.group, s.names.raw)
	s.must(err)
	i.start()
	_, last, err := s.watch.flow(ctx, time.Now(), s.otherPartitions(), calmLimit)
	s.must(err)
	s.say("records of %s/%d are lost: the other partitions go on after %.1f s", s.names.changelog, brokenPartition,
		last.Seconds())
	place := fmt.Sprintf("%s/%d", s.names.raw, brokenPartition)
	s.must(i.awaitUnready(ctx, time.Minute, append([]string{place}, why...)...))
	s.say("it says: %v", i.readiness(ctx))
	s.must(s.gen.finish(ctx))
	s.must(s.remove(i))
	after, err := s.cluster.committed(ctx, s.group, s.names.raw)
	s.must(err)
	if after[brokenPartition] != before[brokenPartition] {
		s.t.Errorf("the partition's offset went from %d to %d", before[brokenPartition], after[brokenPartition])
	}
	s.onlyStateWrong(ctx, seen)
}

// onlyStateWrong reads all back while nothing runs: what was done to the changelog on purpose is wrong, and nothing
// else.
func (s *stage) onlyStateWrong(ctx context.Context, seen func(*report) bool) {
	s.t.Helper()
	s.must(s.cluster.settle(ctx, s.group, s.names, true, time.Minute))
	o, err := s.cluster.observe(ctx, s.seed, s.group, s.names, s.parser())
	s.must(err)
	r := check(s.seed, s.ledger.all(), o, promise{whileDown: true})
	s.say("read back and checked:\n%s", r.table())
	if !seen(r) {
		s.t.Errorf("the checker does not see what was done to the changelog")
	}
	r.count[stateMissing], r.count[stateDiffers], r.count[positionDiffers] = 0, 0, 0
	if !r.ok() {
		s.t.Error("more is wrong than what was done to the changelog, see the table above")
	}
}
