package wire

import (
	"encoding/binary"
	"errors"
	"testing"

	"verdict/processor"
)

// deltaAt finds the offset delta of the n-th record that rebuild writes: each is 8 bytes, the delta the fourth.
func deltaAt(n int) int { return HeaderBytes + n*8 + 3 }

func offsets(t *testing.T, set []byte) ([]int64, error) {
	t.Helper()
	b, _, err := ReadBatch(set)
	if err != nil {
		return nil, err
	}
	rs, err := b.Open()
	if err != nil {
		return nil, err
	}
	var got []int64
	var r processor.Record
	for {
		ok, err := rs.Next(&r)
		if err != nil || !ok {
			return got, err
		}
		got = append(got, r.Offset)
	}
}

// Brokers take any offset delta that a producer writes. In a batch that is whole, it must neither hide a record nor
// move the partition on.
func TestOffsetDeltasAreNotTrusted(t *testing.T) {
	for _, deltas := range [][3]byte{{0, 2, 4}, {0, 0, 0}, {4, 2, 0}, {0, 126, 2}, {1, 1, 1}} {
		set := rebuild(100, 3, func(set []byte) {
			for i, d := range deltas {
				set[deltaAt(i)] = d
			}
		})
		got, err := offsets(t, set)
		if err != nil || len(got) != 3 || got[0] != 100 || got[1] != 101 || got[2] != 102 {
			t.Errorf("deltas %v give %v, %v", deltas, got, err)
		}
	}
}

func TestCompactedBatchKeepsItsGaps(t *testing.T) {
	shortened := func(deltas ...byte) []byte {
		return rebuild(100, len(deltas), func(set []byte) {
			binary.BigEndian.PutUint32(set[batchLastDeltaAt:], 9)
			for i, d := range deltas {
				set[deltaAt(i)] = 2 * d // zigzag
			}
		})
	}
	if got, err := offsets(t, shortened(2, 5, 9)); err != nil || len(got) != 3 || got[0] != 102 || got[1] != 105 ||
		got[2] != 109 {
		t.Errorf("got %v, %v", got, err)
	}
	for _, set := range [][]byte{shortened(5, 2), shortened(2, 2), shortened(2, 10)} {
		if _, err := offsets(t, set); !errors.Is(err, errOffset) {
			t.Errorf("got %v", err)
		}
	}
	set := rebuild(100, 3, func(set []byte) { binary.BigEndian.PutUint32(set[batchCountAt:], 2) })
	if _, err := offsets(t, set); !errors.Is(err, errCount) {
		t.Errorf("a record too many: %v", err)
	}
	set = rebuild(100, 1, func(set []byte) { binary.BigEndian.PutUint32(set[batchLastDeltaAt:], 1<<31) })
	if _, err := offsets(t, set); err == nil {
		t.Error("a batch that ends before it begins was read")
	}
}
