package state

import (
	"encoding/binary"
	"testing"
	"time"

	"pgregory.net/rapid"

	"verdict/processor"
)

// A tally of a changelog has the sum of a store that has read the same, whatever was written, forgotten or refused.
func TestTallyIsAStoresSum(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		retention := time.Duration(rapid.IntRange(0, 5).Draw(t, "retention")) * 24 * time.Hour
		store, tally := New(Options{Retention: retention}), NewTally()
		for range rapid.IntRange(0, 40).Draw(t, "records") {
			var key processor.Key
			binary.LittleEndian.PutUint64(key[:], uint64(rapid.IntRange(1, 8).Draw(t, "key")))
			m := processor.Memory{Sequence: uint32(rapid.IntRange(1, 9).Draw(t, "sequence"))}
			m.LastSeen = int64(rapid.IntRange(1_000*secondsOfDay, 1_010*secondsOfDay).Draw(t, "last seen"))
			var b packed
			value := append([]byte{format}, b[:pack(&b, &m)]...)
			switch rapid.IntRange(0, 5).Draw(t, "what") {
			case 0:
				value = nil
			case 1:
				value[0]++ // a newer format
			}
			refused, alike := store.Apply(key[:], value), tally.Take(key[:], value)
			if (refused == nil) != (alike == nil) {
				t.Fatalf("the store says %v, the tally %v", refused, alike)
			}
		}
		store.Advance(rapid.Int64Range(0, 1_012*secondsOfDay*1000).Draw(t, "clock"))
		sum := store.Sum()
		if got := tally.Sum(store.Clock(), retention); got != sum {
			t.Fatalf("%+v, want the store's %+v", got, sum)
		}
		if ok, have := tally.Holds(sum); !ok || have != sum.Count {
			t.Fatalf("it holds %d of %+v: %v", have, sum, ok)
		}
		sum.Mix++
		if ok, _ := tally.Holds(sum); ok {
			t.Fatalf("it holds another sum")
		}
	})
}
