package diff

import (
	"testing"

	"verdict/processor"
	"verdict/processor/kafka/scan"
)

// TestReach: of two output partitions one may be ahead of the other, at both ends.
func TestReach(t *testing.T) {
	w := newReach()
	w.begins([]scan.Partition{{}, {Start: 7}, {}})
	ids := map[int32]*processor.Decision{} // a verification of each output partition
	for _, id := range []string{"a", "b", "c", "d", "e", "f", "g", "h"} {
		ids[w.of(id, 0).output] = &processor.Decision{VerificationID: id}
	}
	for offset, output := range map[int64]int32{10: 0, 20: 0, 13: 1, 30: 1} {
		w.has(pair{0, output}, offset)
	}
	for _, f := range []struct {
		raw            int32
		offset         int64
		of             *processor.Decision
		before, behind bool
	}{
		{0, 5, ids[0], false, false}, // nothing of it is cut: it has been a repeat
		{0, 15, ids[0], false, false},
		{0, 25, ids[0], false, true}, // though the other partition goes on to 30
		{0, 12, ids[1], true, false},
		{0, 25, ids[1], false, false},
		{0, 31, ids[1], false, true},
		{0, 5, ids[2], false, true}, // nothing is there yet
		{0, 20, nil, true, false},   // a dead letter: wherever its decision would be
		{0, 21, nil, true, true},
		{1, 5, ids[1], true, true},
	} {
		r := &processor.Record{Partition: f.raw, Offset: f.offset}
		if before, behind := w.before(r, f.of), w.behind(r, f.of); before != f.before || behind != f.behind {
			t.Errorf("%d/%d of %+v: before %v, behind %v", f.raw, f.offset, f.of, before, behind)
		}
	}
}
