package state

import (
	"encoding/binary"

	"verdict/processor"
)

// index leads from a key to its slot: open addressing with linear probing, at most three quarters full. It grows while
// it works: the old ring answers until the new one has all slots, some of which each insertion moves. Growing at once
// would stop a partition with a million keys for a tenth of a second or more.
type index struct {
	now   ring
	next  ring   // with twice the places, while it grows
	moved uint32 // slots below this number are in next
	used  int
}

const (
	firstPlaces = 1024
	movesAtOnce = 64
	hugePage    = 2 << 20
)

// ring has places of four bytes: a slot's number and 1, or 0. There are always more places than slots, so that the bits
// above the mask are free: they have a part of the hash, by which nearly all keys but the one that is sought are passed
// over without a look at their slots, each of which would be fetched from far.
type ring struct {
	block
	mask uint64
}

func newRing(places int) ring {
	r := ring{newBlock(places * 4), uint64(places) - 1}
	if len(r.mem) >= hugePage {
		r.inHugePages()
	}
	return r
}

func (r *ring) get(at uint64) uint32    { return binary.LittleEndian.Uint32(r.mem[at*4:]) }
func (r *ring) set(at uint64, v uint32) { binary.LittleEndian.PutUint32(r.mem[at*4:], v) }

func (r *ring) number(v uint32) uint32  { return v&uint32(r.mask) - 1 }
func (r *ring) part(hash uint64) uint32 { return uint32(hash>>32) &^ uint32(r.mask) }

// find returns the number of a key's slot.
func (x *index) find(s *slab, key *processor.Key) (n uint32, ok bool) {
	if x.used == 0 {
		return 0, false
	}
	r, hash := &x.now, hashOf(key)
	part := r.part(hash)
	for at := hash & r.mask; ; at = (at + 1) & r.mask {
		v := r.get(at)
		if v == 0 {
			return 0, false
		}
		if v&^uint32(r.mask) != part {
			continue
		}
		if n := r.number(v); *s.at(n).key() == *key {
			return n, true
		}
	}
}

// insert adds a slot whose key is not there yet.
func (x *index) insert(s *slab, n uint32) {
	places := len(x.now.mem) / 4
	switch {
	case places == 0:
		x.now = newRing(firstPlaces)
	case x.next.mem == nil && (x.used+1)*4 > places*3:
		x.next, x.moved = newRing(places*2), 0
	}
	x.now.insert(s, n)
	x.used++
	if x.next.mem == nil {
		return
	}
	if n < x.moved {
		x.next.insert(s, n)
	}
	x.move(s)
}

// move takes some slots into the next ring, which answers once it has all.
func (x *index) move(s *slab) {
	for end := min(x.moved+movesAtOnce, s.high); x.moved < end; x.moved++ {
		if s.at(x.moved).used() {
			x.next.insert(s, x.moved)
		}
	}
	if x.moved == s.high {
		x.now.free()
		x.now, x.next = x.next, ring{}
	}
}

func (x *index) remove(s *slab, n uint32) {
	x.now.remove(s, n)
	if x.next.mem != nil && n < x.moved {
		x.next.remove(s, n)
	}
	x.used--
}

func (x *index) bytes() int64 { return int64(len(x.now.mem) + len(x.next.mem)) }

func (x *index) drop() {
	x.now.free()
	x.next.free()
	*x = index{}
}

func (r *ring) insert(s *slab, n uint32) {
	hash := s.at(n).hash()
	at := hash & r.mask
	for r.get(at) != 0 {
		at = (at + 1) & r.mask
	}
	r.set(at, r.part(hash)|(n+1))
}

// remove closes the gap: what comes behind it moves up, as far as its own hash lets it, so that no mark of what was
// there is needed.
func (r *ring) remove(s *slab, n uint32) {
	gap := s.at(n).hash() & r.mask
	for r.number(r.get(gap)) != n {
		gap = (gap + 1) & r.mask
	}
	for at := (gap + 1) & r.mask; r.get(at) != 0; at = (at + 1) & r.mask {
		home := s.at(r.number(r.get(at))).hash() & r.mask
		if (at-home)&r.mask >= (at-gap)&r.mask {
			r.set(gap, r.get(at))
			gap = at
		}
	}
	r.set(gap, 0)
}
