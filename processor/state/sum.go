package state

import (
	"encoding/binary"
	"time"
)

// Sum stands for what a store holds of the verifications that were heard of on a day or later: a position record has
// it, so that a restore shows whether its changelog has lost anything on the way, be it in the midst. What is older may
// have expired in one store and not yet in another, and is left out. The zero value stands for nothing known.
type Sum struct {
	From  uint32 // the first of the days, counted from 1970 UTC
	Count uint32
	Mix   uint64 // of all of them, in whatever order
}

// sums are what a store holds by the day of the last event.
type sums map[uint32]daySum

type daySum struct {
	count uint32
	mix   uint64
}

const secondsOfDay = 24 * 60 * 60

// add counts a slot in, and remove out again.
func (s sums) add(e *slot)    { s.addDigest(e.day(), e.digest()) }
func (s sums) remove(e *slot) { s.removeDigest(e.day(), e.digest()) }

func (s sums) addDigest(day uint32, digest uint64) {
	d := s[day]
	s[day] = daySum{d.count + 1, d.mix ^ digest}
}

func (s sums) removeDigest(day uint32, digest uint64) {
	d := s[day]
	if d.count == 1 {
		delete(s, day)
		return
	}
	s[day] = daySum{d.count - 1, d.mix ^ digest}
}

func (s sums) from(day uint32) Sum {
	sum := Sum{From: day}
	for at, d := range s {
		if at >= day {
			sum.Count += d.count
			sum.Mix ^= d.mix
		}
	}
	return sum
}

// holds says whether there is what a sum stands for, and how many of it.
func (s sums) holds(sum Sum) (ok bool, have uint32) {
	if sum.From == 0 {
		return true, 0
	}
	here := s.from(sum.From)
	return here == sum, here.Count
}

// unexpired is the first day of which nothing can have expired by a clock, in milliseconds since 1970 UTC.
func unexpired(clock int64, retention time.Duration) uint32 {
	if retention <= 0 {
		return 1
	}
	oldest := time.UnixMilli(clock).Add(-retention).Unix() / secondsOfDay
	return uint32(max(oldest+1, 1))
}

// day is that of the slot's last event.
func (e *slot) day() uint32 { return uint32(e.lastSeen() / secondsOfDay) }

// digest is a slot's key and its newest event, in 64 bits. It is made of what a memory says and not of its bytes, so
// that another form of them has the same.
func (e *slot) digest() uint64 {
	le := binary.LittleEndian
	h := le.Uint64(e[:]) ^ mix(le.Uint64(e[keySize+decisionIDAt:]))
	return mix(h ^ uint64(e.sequence())<<32 ^ uint64(e.lastSeen()))
}

// mix is the last step of murmur3: each bit of its result depends on all of h.
func mix(h uint64) uint64 {
	h = (h ^ h>>33) * 0xff51afd7ed558ccd
	h = (h ^ h>>33) * 0xc4ceb9fe1a85ec53
	return h ^ h>>33
}

// Sum is what the store holds of the verifications that cannot have expired by its clock.
func (s *Store) Sum() Sum { return s.sums.from(unexpired(s.clock, s.o.Retention)) }

// Holds says whether the store holds what a sum stands for; how many of it are here. Where nothing is known, it does.
func (s *Store) Holds(sum Sum) (ok bool, have uint32) { return s.sums.holds(sum) }
