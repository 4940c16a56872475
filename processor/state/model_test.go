package state

import (
	"maps"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"verdict/processor"
	"verdict/rules"
)

// bits draws a number of so many bits, its bounds often.
func bits(n int) *rapid.Generator[uint64] {
	most := uint64(1)<<n - 1
	return rapid.OneOf(rapid.Just(uint64(0)), rapid.Just(most), rapid.Uint64Range(0, most))
}

// signed draws a number of so many bits with its sign.
func signed(n int) *rapid.Generator[int64] {
	return rapid.Map(bits(n), func(v uint64) int64 { return int64(v<<(64-n)) >> (64 - n) })
}

// anyMemory draws a memory as the core makes it.
func anyMemory() *rapid.Generator[processor.Memory] {
	return rapid.Custom(func(t *rapid.T) processor.Memory {
		m := processor.Memory{
			Sequence: uint32(bits(24).Draw(t, "sequence")), FirstSeen: int64(bits(32).Draw(t, "first")),
			LastSeen: int64(bits(32).Draw(t, "last")), LastOffset: int64(bits(47).Draw(t, "last offset")),
			RecordKey: uint32(bits(32).Draw(t, "record key")), NumSeen: uint8(rapid.IntRange(1, 8).Draw(t, "seen")),
			NumCharges: uint8(rapid.IntRange(0, 2).Draw(t, "charges")),
		}
		for i := range m.Seen[:m.NumSeen] {
			m.Seen[i] = processor.Fingerprint(bits(56).Draw(t, "event"))
		}
		for i := range m.Charges[:m.NumCharges] {
			m.Charges[i] = processor.Charge{Variant: uint32(bits(24).Draw(t, "variant")),
				Facts: uint32(bits(24).Draw(t, "facts")), FlagSince: signed(64).Draw(t, "flag since"),
				Flag: rapid.SampledFrom(rules.BillingFlags()).Draw(t, "flag"), Standing: anyStanding(t)}
		}
		if !rapid.Bool().Draw(t, "there") {
			return m
		}
		m.WordSeen = uint8(rapid.IntRange(0, int(m.NumSeen)-1).Draw(t, "word seen"))
		w := &m.Word
		*w = processor.Word{
			There: true, Content: bits(56).Draw(t, "content"), Since: int64(bits(48).Draw(t, "since")),
			Offset: max(0, m.LastOffset-signed(40).Draw(t, "offset")), Same: uint8(bits(8).Draw(t, "same")),
			Overdue: rapid.Bool().Draw(t, "overdue"), Status: uint32(bits(24).Draw(t, "status")),
			HasRisk: rapid.Bool().Draw(t, "has risk"), RiskCode: int32(signed(32).Draw(t, "risk")),
			Report: rapid.Bool().Draw(t, "report"), Final: rapid.Bool().Draw(t, "final"),
			Signature: rapid.SampledFrom(rules.Signatures()).Draw(t, "signature"), Standing: anyStanding(t),
		}
		w.Offset = min(w.Offset, 1<<47-1)
		copy(w.DecisionID[:], rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "id"))
		w.Tie = uint16(w.DecisionID[0])<<8 | uint16(w.DecisionID[1])
		return m
	})
}

func anyStanding(t *rapid.T) processor.Standing {
	return processor.Standing{
		Attempt: int32(signed(32).Draw(t, "attempt")), Closes: rapid.Bool().Draw(t, "closes"),
		Ended: rapid.Bool().Draw(t, "ended"), Timed: rapid.Bool().Draw(t, "timed"),
		OccurredAt: signed(64).Draw(t, "occurred at"), Tie: uint16(bits(16).Draw(t, "tie")),
		Outcome: rapid.SampledFrom(rules.Outcomes()).Draw(t, "outcome"),
	}
}

// model is a store as it is said to be: copies of everything.
type model struct {
	kept      map[processor.Key]processor.Memory
	open      []processor.Key
	sealed    [][]processor.Key
	before    []map[processor.Key]processor.Memory // each sealed change, and the open one
	clock     int64
	retention time.Duration
	deadline  func(*processor.Memory) int64
	retiming  bool // not all deadlines are those of deadline yet
}

func (m *model) recall(key processor.Key) (processor.Memory, bool) {
	memory, ok := m.kept[key]
	return memory, ok && !m.expired(&memory)
}

func (m *model) expired(memory *processor.Memory) bool {
	return m.retention > 0 && memory.LastSeen*1000+m.retention.Milliseconds() < m.clock
}

func (m *model) put(key processor.Key, memory processor.Memory) {
	m.kept[key] = memory
	if !slices.Contains(m.open, key) {
		m.open = append(m.open, key)
	}
}

func (m *model) seal() {
	m.sealed, m.open = append(m.sealed, m.open), nil
	m.before = append(m.before, maps.Clone(m.kept))
}

func (m *model) undoOpen() {
	m.kept, m.open = maps.Clone(m.before[len(m.before)-1]), nil
}

func (m *model) undoNewest() {
	last := len(m.sealed) - 1
	m.kept = maps.Clone(m.before[last])
	m.sealed, m.before = m.sealed[:last], m.before[:last+1]
}

func (m *model) expire() {
	for key, memory := range m.kept {
		changed := slices.Contains(m.open, key)
		for _, keys := range m.sealed {
			changed = changed || slices.Contains(keys, key)
		}
		if !changed && m.expired(&memory) {
			delete(m.kept, key)
			for _, before := range m.before {
				delete(before, key)
			}
		}
	}
}

// deadlineOf is a deadline that depends on the word in all ways.
func deadlineOf(m *processor.Memory) int64 {
	if m.Word.Status%3 == 0 {
		return 0
	}
	return m.Word.Since + int64(m.Word.Status%7)*1000
}

// otherDeadlineOf is one that other rules have: some words have no limit any more, some have one only now, some a
// shorter one, some a longer one.
func otherDeadlineOf(m *processor.Memory) int64 {
	if m.Word.Status%5 == 0 {
		return 0
	}
	return m.Word.Since + int64(m.Word.Status%11)*500
}

// due lists what is past its deadline, by the second.
func (m *model) due() map[processor.Key]int64 {
	due := map[processor.Key]int64{}
	for key, memory := range m.kept {
		w := &memory.Word
		if at := m.deadline(&memory); w.There && !w.Overdue && at > 0 && (at+999)/1000*1000 <= m.clock && !m.expired(&memory) {
			due[key] = at
		}
	}
	return due
}

// TestStoreIsAMap compares the store with plain maps under whatever may be done to it, in any order.
func TestStoreIsAMap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		retention := time.Duration(rapid.SampledFrom([]int{0, 20, 60}).Draw(t, "retention")) * time.Second
		s := New(Options{Retention: retention, Deadline: deadlineOf})
		defer s.Free()
		m := &model{kept: map[processor.Key]processor.Memory{}, before: []map[processor.Key]processor.Memory{{}},
			retention: retention, deadline: deadlineOf}
		var sealed []*Changes
		// Keys that begin with the same bytes, and such that lie behind them, also over the end of the index.
		key := rapid.Custom(func(t *rapid.T) (key processor.Key) {
			key[0] = rapid.SampledFrom([]byte{0, 1, 2, 254, 255}).Draw(t, "home")
			if key[0] > 2 {
				key[1] = 3
			}
			key[15] = byte(rapid.IntRange(0, 7).Draw(t, "rest"))
			return key
		})
		// Times near each other, for deadlines and expiry to come.
		memory := rapid.Custom(func(t *rapid.T) processor.Memory {
			memory := anyMemory().Draw(t, "memory")
			memory.LastSeen = int64(rapid.IntRange(0, 200).Draw(t, "last seen"))
			if memory.Word.There {
				memory.Word.Since = int64(rapid.IntRange(0, 200_000).Draw(t, "word since"))
			}
			return memory
		})
		t.Repeat(map[string]func(*rapid.T){
			"put": func(t *rapid.T) {
				for range rapid.IntRange(1, 10).Draw(t, "times") {
					key, memory := key.Draw(t, "key"), memory.Draw(t, "memory")
					s.Put(key, &memory)
					m.put(key, memory)
				}
			},
			"seal": func(*rapid.T) {
				c := s.Seal()
				compareChanges(t, c, m)
				m.seal()
				sealed = append(sealed, c)
			},
			"commit": func(t *rapid.T) {
				if len(sealed) == 0 {
					t.Skip()
				}
				s.Commit(sealed[0])
				sealed, m.sealed, m.before = sealed[1:], m.sealed[1:], m.before[1:]
			},
			"undo open": func(*rapid.T) {
				s.UndoOpen()
				m.undoOpen()
			},
			"undo": func(t *rapid.T) {
				if len(sealed) == 0 {
					t.Skip()
				}
				s.UndoOpen()
				m.undoOpen()
				s.Undo(sealed[len(sealed)-1])
				sealed = sealed[:len(sealed)-1]
				m.undoNewest()
			},
			"advance": func(t *rapid.T) {
				clock := int64(rapid.IntRange(0, 300_000).Draw(t, "clock"))
				s.Advance(clock)
				m.clock = max(m.clock, clock)
			},
			"expire": func(*rapid.T) {
				before := len(m.kept)
				m.expire()
				if got := s.Expire(s.Clock(), 1000); got != before-len(m.kept) {
					t.Fatalf("%d forgotten, want %d", got, before-len(m.kept))
				}
			},
			"retime": func(t *rapid.T) {
				m.deadline, m.retiming = deadlineOf, true
				if rapid.Bool().Draw(t, "other rules") {
					m.deadline = otherDeadlineOf
				}
				s.Retime(m.deadline)
			},
			"reschedule": func(*rapid.T) {
				if !s.Reschedule(7) {
					m.retiming = false
				}
			},
			"apply": func(t *rapid.T) {
				key := key.Draw(t, "key")
				var value []byte
				memory := memory.Draw(t, "memory")
				if remove := rapid.Bool().Draw(t, "remove"); !remove {
					var b packed
					value = append([]byte{format}, b[:pack(&b, &memory)]...)
				}
				err := s.Apply(key[:], value)
				if len(slices.Concat(append(m.sealed, m.open)...)) > 0 {
					if err == nil {
						t.Fatal("a record was applied under changes that are not committed")
					}
					return
				}
				if err != nil {
					t.Fatal(err)
				}
				m.kept[key] = memory
				if value == nil {
					delete(m.kept, key)
				}
				for i := range m.before {
					m.before[i] = maps.Clone(m.kept)
				}
			},
			"": func(t *rapid.T) { compare(t, s, m) },
		})
	})
}

func compareChanges(t *rapid.T, c *Changes, m *model) {
	if c.Len() != len(m.open) {
		t.Fatalf("%d changes, want %d", c.Len(), len(m.open))
	}
	i := 0
	c.Each(func(key, value []byte) {
		memory := m.kept[m.open[i]]
		var b packed
		if n := pack(&b, &memory); processor.Key(key) != m.open[i] || string(value) != "\x01"+string(b[:n]) {
			t.Fatalf("change %d is %x %x, want %x %x", i, key, value, m.open[i], b[:n])
		}
		i++
	})
}

func compare(t *rapid.T, s *Store, m *model) {
	if s.Len() != len(m.kept) || s.Clock() != m.clock {
		t.Fatalf("%d at %d, want %d at %d", s.Len(), s.Clock(), len(m.kept), m.clock)
	}
	for _, first := range [][2]byte{{0, 0}, {1, 0}, {2, 0}, {254, 3}, {255, 3}} {
		for last := range 8 {
			key := processor.Key{0: first[0], 1: first[1], 15: byte(last)}
			want, known := m.recall(key)
			var got processor.Memory
			if ok := s.Recall(key, &got); ok != known || ok && got != want {
				t.Fatalf("%x: %v %+v, want %v %+v", key, ok, got, known, want)
			}
		}
	}
	got, last := map[processor.Key]int64{}, int64(0)
	s.Due(1000, func(key processor.Key, memory *processor.Memory, deadline int64) {
		if want, _ := m.recall(key); *memory != want || !m.retiming && deadline/1000+1 < last/1000 {
			t.Fatalf("%x at %d: %+v, want %+v after %d", key, deadline, *memory, want, last)
		}
		got[key], last = deadline, deadline
	})
	want := m.due()
	if m.retiming { // it knows of some only, but of none that is not
		for key, deadline := range got {
			if want[key] != deadline {
				t.Fatalf("due: %v, want none but %v", got, want)
			}
		}
		return
	}
	if !maps.Equal(got, want) {
		t.Fatalf("due: %v, want %v", got, want)
	}
}
