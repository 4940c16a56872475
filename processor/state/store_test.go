package state

import (
	"crypto/sha256"
	"encoding/binary"
	"math/rand/v2"
	"testing"
	"time"

	"pgregory.net/rapid"

	"verdict/processor"
)

// keyOf is the key of the nth verification.
func keyOf(n int) processor.Key {
	sum := sha256.Sum256(binary.BigEndian.AppendUint64(nil, uint64(n)))
	return processor.Key(sum[:16])
}

// numbered is full with a number in it.
func numbered(n int) processor.Memory {
	m := full()
	m.Word.Overdue, m.RecordKey, m.Sequence = false, uint32(n), uint32(n>>8)
	return m
}

// record is one of the changelog.
type record struct {
	key   processor.Key
	value string
}

func recordsOf(c *Changes) (records []record) {
	c.Each(func(key, value []byte) { records = append(records, record{processor.Key(key), string(value)}) })
	return records
}

// TestUndoIsARestore: whichever transactions fail, flying, filling or both, what the store knows is what a new one
// restores from the changelog, which has only what was committed.
func TestUndoIsARestore(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := New(Options{Deadline: deadlineOf})
		defer s.Free()
		var committed []record
		var flying []*Changes
		var flown [][]record
		fill := func() {
			for range rapid.IntRange(0, 20).Draw(t, "puts") {
				m := anyMemory().Draw(t, "memory")
				s.Put(keyOf(rapid.IntRange(0, 15).Draw(t, "key")), &m)
			}
		}
		for range rapid.IntRange(1, 10).Draw(t, "transactions") {
			fill()
			flying = append(flying, s.Seal())
			flown = append(flown, recordsOf(flying[len(flying)-1]))
			switch rapid.IntRange(0, 3).Draw(t, "fate") {
			case 0: // still flying
			case 1, 2:
				s.Commit(flying[0])
				committed = append(committed, flown[0]...)
				flying, flown = flying[1:], flown[1:]
			case 3:
				fill()
				s.UndoOpen()
				for i := len(flying) - 1; i >= 0; i-- {
					s.Undo(flying[i])
				}
				flying, flown = nil, nil
			}
		}
		fill()
		if len(flying) > 0 {
			s.Undo(flying[0]) // those that rest on it, and the open ones, go with it
		} else {
			s.UndoOpen()
		}
		equalsRestored(t, s, committed)
	})
}

func equalsRestored(t *rapid.T, s *Store, committed []record) {
	restored := New(Options{Deadline: deadlineOf})
	defer restored.Free()
	for _, r := range committed {
		if err := restored.Apply(r.key[:], []byte(r.value)); err != nil {
			t.Fatal(err)
		}
	}
	if s.Len() != restored.Len() {
		t.Fatalf("%d verifications, and %d restored", s.Len(), restored.Len())
	}
	for n := range 16 {
		var got, want processor.Memory
		if ok := s.Recall(keyOf(n), &got); ok != restored.Recall(keyOf(n), &want) || got != want {
			t.Fatalf("%d: %v %+v, restored %+v", n, ok, got, want)
		}
	}
	due := func(s *Store) (keys []processor.Key) {
		s.Advance(1 << 50)
		s.Due(100, func(key processor.Key, m *processor.Memory, deadline int64) {
			if deadline != deadlineOf(m) {
				t.Fatalf("deadline %d, want %d", deadline, deadlineOf(m))
			}
			keys = append(keys, key)
		})
		return keys
	}
	if got, want := due(s), due(restored); len(got) != len(want) {
		t.Fatalf("due: %x, restored %x", got, want)
	}
}

// TestManyVerifications grows and shrinks a store, so that its index moves while keys come and go.
func TestManyVerifications(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	s, want := New(Options{}), map[int]uint32{}
	defer s.Free()
	for round, most := range []int{500, 3_000, 40_000, 100} {
		for range 2 * most {
			n := random.IntN(most)
			if key := keyOf(n); random.IntN(3) == 0 {
				if err := s.Apply(key[:], nil); err != nil {
					t.Fatal(err)
				}
				delete(want, n)
			} else {
				m := numbered(random.IntN(1 << 30))
				if err := s.Apply(key[:], packedOf(&m)); err != nil {
					t.Fatal(err)
				}
				want[n] = m.RecordKey
			}
		}
		if s.Len() != len(want) {
			t.Fatalf("round %d: %d, want %d", round, s.Len(), len(want))
		}
		for n := range most {
			var m processor.Memory
			number, known := want[n]
			if ok := s.Recall(keyOf(n), &m); ok != known || ok && m.RecordKey != number {
				t.Fatalf("round %d: %d has %v %d, want %v %d", round, n, ok, m.RecordKey, known, number)
			}
		}
	}
}

func TestExpiredAreForgottenInSlices(t *testing.T) {
	s := New(Options{Retention: time.Hour})
	defer s.Free()
	m := numbered(1)
	for n := range 100 {
		s.Put(keyOf(n), &m)
	}
	s.Advance(m.LastSeen*1000 + time.Hour.Milliseconds())
	if !s.Recall(keyOf(0), &m) {
		t.Fatal("a verification is forgotten before its time")
	}
	s.Advance(0)
	s.Advance(s.Clock() + 1)
	if s.Recall(keyOf(0), &m) {
		t.Fatal("a verification is remembered after its time")
	}
	if n := s.Expire(s.Clock(), 1000); n != 0 {
		t.Fatalf("%d forgotten that may be taken back", n)
	}
	s.Commit(s.Seal())
	for range 10 {
		if n := s.Expire(s.Clock(), 10); n != 10 {
			t.Fatalf("%d forgotten of 10", n)
		}
	}
	if n := s.Expire(s.Clock(), 1000); n != 0 || s.Len() != 0 {
		t.Fatalf("%d more forgotten, %d left", n, s.Len())
	}
}

// A word that was marked is due again if the mark is taken back, and not if it stays.
func TestDueUntilMarked(t *testing.T) {
	s := New(Options{Deadline: func(m *processor.Memory) int64 { return m.Word.Since + 1 }})
	defer s.Free()
	for n := range 10 {
		m := numbered(n)
		m.Word.Since = int64(10-n) * 1000
		s.Put(keyOf(n), &m)
	}
	s.Commit(s.Seal())
	numbers := func(most int, mark bool) (numbers []uint32) {
		s.Due(most, func(key processor.Key, m *processor.Memory, _ int64) {
			numbers = append(numbers, m.RecordKey)
			if mark {
				m.Word.Overdue = true
				s.Put(key, m)
			}
		})
		return numbers
	}
	s.Advance(4001)
	if got := numbers(10, false); len(got) != 3 || got[0] != 9 || got[1] != 8 || got[2] != 7 {
		t.Fatalf("due: %v, want 9, 8 and 7", got)
	}
	if got := numbers(2, true); len(got) != 2 || got[0] != 9 {
		t.Fatalf("due: %v, want 9 and 8", got)
	}
	if got := numbers(10, false); len(got) != 1 || got[0] != 7 {
		t.Fatalf("due: %v, want 7", got)
	}
	s.UndoOpen()
	if got := numbers(10, true); len(got) != 3 || got[0] != 9 {
		t.Fatalf("due: %v, want 9, 8 and 7", got)
	}
	c := s.Seal()
	s.Commit(c)
	s.Advance(1 << 40)
	if got := numbers(10, false); len(got) != 7 {
		t.Fatalf("due: %v, want the other seven", got)
	}
}

func TestFreedStoreIsEmpty(t *testing.T) {
	s := New(Options{})
	m := numbered(1)
	for n := range 10_000 {
		s.Put(keyOf(n), &m)
	}
	c := s.Seal()
	s.Put(keyOf(1), &m)
	s.Free()
	s.Undo(c)
	s.Commit(c)
	c.Each(func([]byte, []byte) { t.Error("a change is left") })
	if s.Len() != 0 || s.Bytes() != 0 || s.Recall(keyOf(1), &m) {
		t.Errorf("%d verifications and %d bytes are left", s.Len(), s.Bytes())
	}
	s.Put(keyOf(1), &m)
	if !s.Recall(keyOf(1), &m) || s.Len() != 1 {
		t.Error("a freed store cannot be used")
	}
	s.Free()
}

func TestNothingIsAllocated(t *testing.T) {
	s := New(Options{Retention: time.Hour, Deadline: func(m *processor.Memory) int64 { return m.Word.Since }})
	defer s.Free()
	keys, m := make([]processor.Key, 1000), numbered(1)
	for n := range keys {
		keys[n] = keyOf(n)
		s.Put(keys[n], &m)
	}
	s.Commit(s.Seal())
	s.Advance(m.Word.Since + 2000)
	value, sum := packedOf(&m), 0
	each := func(key, value []byte) { sum += len(key) + len(value) }
	due := func(_ processor.Key, _ *processor.Memory, _ int64) { sum++ }
	turn := func() {
		for n := range keys {
			if s.Recall(keys[n], &m) {
				s.Put(keys[n], &m)
			}
		}
		flying := s.Seal()
		flying.Each(each)
		for n := range keys {
			s.Put(keys[n], &m)
		}
		filling := s.Seal()
		s.Due(100, due)
		s.Expire(s.Clock(), 100)
		s.Undo(filling)
		s.Commit(flying)
		for n := range keys {
			if s.Apply(keys[n][:], nil) != nil || s.Apply(keys[n][:], value) != nil {
				t.Fatal("not applied")
			}
		}
	}
	turn()
	turn()
	if n := testing.AllocsPerRun(20, turn); n > 0 {
		t.Errorf("%v allocations", n)
	}
}
