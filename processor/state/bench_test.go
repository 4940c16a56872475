package state

import (
	"fmt"
	"os"
	"runtime/debug"
	"testing"
	"time"

	"verdict/processor"
)

const million = 1_000_000

// fill makes a store with a million verifications, in transactions of 5,000.
func fill(keys []processor.Key) *Store {
	s := New(Options{Retention: time.Hour, Deadline: func(m *processor.Memory) int64 { return m.Word.Since + 86_400_000 }})
	for n, key := range keys {
		m := numbered(n)
		s.Put(key, &m)
		if n%5000 == 4999 {
			s.Commit(s.Seal())
		}
	}
	s.Commit(s.Seal())
	return s
}

func manyKeys() []processor.Key {
	keys := make([]processor.Key, million)
	for n := range keys {
		keys[n] = keyOf(n)
	}
	return keys
}

// resident is what the process takes up, in bytes; 0 where that cannot be read.
func resident() int64 {
	debug.FreeOSMemory()
	var all, pages int64
	text, _ := os.ReadFile("/proc/self/statm")
	_, _ = fmt.Sscan(string(text), &all, &pages)
	return pages * int64(os.Getpagesize())
}

func BenchmarkStore(b *testing.B) {
	keys := manyKeys()
	before := resident()
	s := fill(keys)
	defer s.Free()
	perKey := float64(resident()-before) / million
	m := numbered(1)
	at := 0
	next := func() processor.Key {
		at = (at + 7919) % million // not in the order in which they came
		return keys[at]
	}
	b.Run("Recall", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			s.Recall(next(), &m)
		}
		b.ReportMetric(perKey, "resident-B/key")
		b.ReportMetric(float64(s.Bytes())/million, "B/key")
	})
	b.Run("RecallUnknown", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			key := next()
			key[15]++
			s.Recall(key, &m)
		}
	})
	b.Run("RecallPut", func(b *testing.B) {
		b.ReportAllocs()
		n := 0
		for b.Loop() {
			key := next()
			s.Recall(key, &m)
			s.Put(key, &m)
			if n++; n%5000 == 0 {
				s.Commit(s.Seal())
			}
		}
		s.Commit(s.Seal())
	})
	b.Run("Undo", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			b.StopTimer()
			for range 5000 {
				s.Put(next(), &m)
			}
			b.StartTimer()
			s.UndoOpen()
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/5000, "ns/change")
	})
	b.Run("Expire", func(b *testing.B) {
		for b.Loop() {
			s.Expire(s.Clock(), 1000)
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/1000, "ns/slot")
	})
}

// BenchmarkRestore applies a million records of a changelog to a new store.
func BenchmarkRestore(b *testing.B) {
	keys := manyKeys()
	for name, shape := range map[string][2]uint8{"full": {8, 2}, "usual": {4, 1}} {
		m := numbered(1)
		m.NumSeen, m.NumCharges = shape[0], shape[1]
		m.WordSeen = m.NumSeen - 1
		clear(m.Seen[m.NumSeen:])
		clear(m.Charges[m.NumCharges:])
		value := packedOf(&m)
		b.Run(name, func(b *testing.B) {
			var slowest time.Duration
			for b.Loop() {
				s := New(Options{Deadline: func(m *processor.Memory) int64 { return m.Word.Since + 86_400_000 }})
				last := time.Now()
				for n := range keys {
					if err := s.Apply(keys[n][:], value); err != nil {
						b.Fatal(err)
					}
					if n%16 == 0 {
						now := time.Now()
						slowest, last = max(slowest, now.Sub(last)), now
					}
				}
				s.Free()
			}
			b.ReportMetric(float64(b.N)*million/b.Elapsed().Seconds(), "records/s")
			b.ReportMetric(float64(slowest.Microseconds()), "slowest-16-us")
		})
	}
}
