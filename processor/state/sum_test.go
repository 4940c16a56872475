package state

import (
	"encoding/binary"
	"testing"
	"time"

	"pgregory.net/rapid"

	"verdict/processor"
)

// A store that was restored from the changelog holds the writer's sum, whatever was put, taken back and forgotten; one
// that lacks a record, or has an older one, does not.
func TestSumsShowWhatIsLost(t *testing.T) {
	const retention = 5 * 24 * time.Hour
	rapid.Check(t, func(t *rapid.T) {
		writer := New(Options{Retention: retention})
		type record struct{ key, value []byte }
		var log []record
		clock := int64(1_000 * secondsOfDay * 1000)
		for range rapid.IntRange(1, 40).Draw(t, "batches") {
			clock += rapid.Int64Range(0, 2*secondsOfDay*1000).Draw(t, "time")
			writer.Advance(clock)
			for range rapid.IntRange(0, 5).Draw(t, "events") {
				var key processor.Key
				binary.LittleEndian.PutUint64(key[:], uint64(rapid.IntRange(1, 12).Draw(t, "key")))
				var m processor.Memory
				if !writer.Recall(key, &m) {
					m = processor.Memory{FirstSeen: clock / 1000}
				}
				m.Sequence++
				m.LastSeen = clock / 1000
				writer.Put(key, &m)
			}
			if rapid.IntRange(0, 3).Draw(t, "fails") == 0 {
				writer.UndoOpen()
				continue
			}
			changes := writer.Seal()
			changes.Each(func(key, value []byte) {
				log = append(log, record{append([]byte(nil), key...), append([]byte(nil), value...)})
			})
			writer.Commit(changes)
			writer.Expire(writer.Clock(), 3)
		}
		sum := writer.Sum()
		restore := func(without int) *Store {
			s := New(Options{Retention: retention})
			for i, r := range log {
				if i == without {
					continue
				}
				if err := s.Apply(r.key, r.value); err != nil {
					t.Fatal(err)
				}
			}
			return s
		}
		if ok, have := restore(-1).Holds(sum); !ok {
			t.Fatalf("a restored store holds %d of %+v", have, sum)
		}
		latest := map[string]int{}
		for i, r := range log {
			latest[string(r.key)] = i
		}
		for key, i := range latest {
			var m processor.Memory
			if err := ParseMemory(log[i].value, &m); err != nil {
				t.Fatal(err)
			}
			lost := m.LastSeen/secondsOfDay >= int64(sum.From)
			if ok, _ := restore(i).Holds(sum); ok == lost {
				t.Fatalf("without the last record of %x, heard of on day %d, it holds %+v: %v", key,
					m.LastSeen/secondsOfDay, sum, ok)
			}
		}
	})
}
