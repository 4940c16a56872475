package state

import (
	"encoding/binary"

	"verdict/processor"
)

// A slot has a key, a packed memory, the second of its entry among the deadlines, and marks.
const (
	keySize  = len(processor.Key{})
	queuedAt = keySize + valueSize
	marksAt  = queuedAt + 4
	slotSize = marksAt + 4

	pageShift = 15 // 7 MiB
	pageSlots = 1 << pageShift
)

// Marks of a slot.
const (
	markUsed   = 1 << iota
	markOpen   // it is in the open changes
	markSealed // from here on: how many sealed changes it is in
)

type slot [slotSize]byte

func (e *slot) key() *processor.Key { return (*processor.Key)(e[:keySize]) }

// value is the packed memory with its room at the end, which is what comes behind it: only to be read.
func (e *slot) value() *packed { return (*packed)(e[keySize:]) }

// bytes is the packed memory in its length.
func (e *slot) bytes() []byte { return e[keySize : keySize+sizeOf(e[keySize+countsAt])] }

func (e *slot) set(value []byte) { copy(e[keySize:queuedAt], value) }

// sequence counts the decisions about the verification.
func (e *slot) sequence() uint32 {
	at := e[keySize+sequenceAt:]
	return uint32(at[0]) | uint32(at[1])<<8 | uint32(at[2])<<16
}

// lastSeen is when the verification's last event came, in seconds since 1970 UTC.
func (e *slot) lastSeen() int64 { return int64(binary.LittleEndian.Uint32(e[keySize+lastSeenAt:])) }

// queued is the second of the slot's entry among the deadlines; 0: it has none.
func (e *slot) queued() uint32       { return binary.LittleEndian.Uint32(e[queuedAt:]) }
func (e *slot) setQueued(sec uint32) { binary.LittleEndian.PutUint32(e[queuedAt:], sec) }

func (e *slot) marks() uint32         { return binary.LittleEndian.Uint32(e[marksAt:]) }
func (e *slot) setMarks(marks uint32) { binary.LittleEndian.PutUint32(e[marksAt:], marks) }
func (e *slot) used() bool            { return e.marks()&markUsed != 0 }
func (e *slot) changed() bool         { return e.marks() >= markOpen }

// hash is the key's first bytes: it is a SHA-256 already.
func (e *slot) hash() uint64 { return hashOf(e.key()) }

func hashOf(key *processor.Key) uint64 { return binary.LittleEndian.Uint64(key[:]) }

// slab holds the slots, in pages that never move. What was freed is used again, last first.
type slab struct {
	pages []block
	high  uint32 // slots that have ever been used
	free  uint32 // the first free one and 1; the next one is in its key; 0: none
	used  int
}

func (s *slab) at(n uint32) *slot {
	page := s.pages[n>>pageShift].mem
	return (*slot)(page[int(n%pageSlots)*slotSize:])
}

// take gives a slot to a key. Its entry among the deadlines, from before it was freed, is left: it is found out there.
func (s *slab) take(key *processor.Key) uint32 {
	n := s.high
	if s.free > 0 {
		n = s.free - 1
		s.free = binary.LittleEndian.Uint32(s.at(n)[:])
	} else {
		s.high++
	}
	if int(n>>pageShift) == len(s.pages) {
		s.grow()
	}
	e := s.at(n)
	copy(e[:keySize], key[:])
	e.setMarks(markUsed)
	s.used++
	return n
}

// grow adds a page. A store that has but one is small, and stays so.
func (s *slab) grow() {
	page := newBlock(pageSlots * slotSize)
	if len(s.pages) > 0 {
		page.inHugePages()
	}
	s.pages = append(s.pages, page)
}

func (s *slab) give(n uint32) {
	e := s.at(n)
	e.setMarks(0)
	binary.LittleEndian.PutUint32(e[:], s.free)
	s.free = n + 1
	s.used--
}

func (s *slab) drop() {
	for i := range s.pages {
		s.pages[i].free()
	}
	*s = slab{}
}
