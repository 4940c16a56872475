package state

// Advance moves the partition's clock, in milliseconds since 1970 UTC; never back.
func (s *Store) Advance(clock int64) { s.clock = max(s.clock, clock) }

// SetBack sets the clock back to where it was when what is in the store was committed: what took it further on has been
// taken back, and will come again.
func (s *Store) SetBack(clock int64) { s.clock = min(s.clock, clock) }

// Clock is the partition's clock, in milliseconds since 1970 UTC.
func (s *Store) Clock() int64 { return s.clock }

// Expire looks at so many slots, beginning where it ended, forgets what has expired by a clock, which is the store's or
// an earlier one, and says how many that were. What is in changes that are not committed stays until they are.
func (s *Store) Expire(clock int64, most int) int {
	if s.o.Retention <= 0 {
		return 0
	}
	forgotten := 0
	for range min(most, int(s.slots.high)) {
		if s.next >= s.slots.high {
			s.next = 0
		}
		if e := s.slots.at(s.next); e.used() && !e.changed() && s.expiredBy(e, clock) {
			s.remove(s.next)
			forgotten++
		}
		s.next++
	}
	return forgotten
}

// expired says whether the last event is longer ago than is remembered.
func (s *Store) expired(e *slot) bool { return s.expiredBy(e, s.clock) }

func (s *Store) expiredBy(e *slot, clock int64) bool {
	return s.o.Retention > 0 && e.lastSeen()*1000+s.o.Retention.Milliseconds() < clock
}
