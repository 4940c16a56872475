package state

import (
	"flag"
	"testing"
	"time"
)

var soakKeys = flag.Int("state.keys", 20_000, "verifications that are remembered at a time in TestMemoryStaysFlat")

// New verifications come for as long as old ones are forgotten, over eight times what is remembered: what is there is
// the last of them, and memory stays what the first times took. With -state.keys 10000000 it takes minutes, and 4 GB.
func TestMemoryStaysFlat(t *testing.T) {
	const retention, batch = time.Hour, 5000
	keys := *soakKeys
	s := New(Options{Retention: retention, Deadline: deadlineOf})
	defer s.Free()
	at := func(n int) int64 { return 1_700_000_000_000 + int64(n)*retention.Milliseconds()/int64(keys) }
	commit := func() {
		c := s.Seal()
		changed := c.Len()
		s.Commit(c)
		s.Expire(s.Clock(), max(1000, 2*changed)) // as a runner does
	}
	var first int64
	m := numbered(1)
	for n := range 8 * keys {
		m.LastSeen = at(n) / 1000
		s.Advance(at(n))
		s.Put(keyOf(n), &m)
		if n%batch == batch-1 {
			commit()
		}
		switch size := s.Bytes(); {
		case n < 3*keys:
			first = max(first, size)
		case size > first+first/20:
			t.Fatalf("%d bytes after %d verifications of which %d are remembered; %d at first", size, n, s.Len(), first)
		}
	}
	commit()
	for range s.slots.high {
		s.Expire(s.Clock(), 1)
	}
	const second = int(retention / time.Second) // that a time is kept to
	if extra := s.Len() - keys; extra < 0 || extra > keys/second+batch {
		t.Errorf("%d are remembered, want %d", s.Len(), keys)
	}
	t.Logf("%d remembered, %d bytes each", s.Len(), s.Bytes()/int64(s.Len()))
}
