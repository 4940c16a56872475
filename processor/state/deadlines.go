package state

import (
	"encoding/binary"
	"math"

	"verdict/processor"
)

// deadlines is a heap of entries, the earliest first: the second of a deadline, rounded up, above a slot's number. A
// slot has one entry that counts, the second of which it knows, and that is not later than its deadline: so entries
// need not be sought when a word changes, and are found out when they come up.
type deadlines struct {
	pages []block
	size  int
}

// A page of entries of eight bytes. The heap has one as soon as its first entry comes.
const (
	entryShift  = 13
	pageEntries = 1 << entryShift
)

func (d *deadlines) get(i int) uint64 {
	return binary.LittleEndian.Uint64(d.pages[i>>entryShift].mem[i%pageEntries*8:])
}

func (d *deadlines) set(i int, entry uint64) {
	binary.LittleEndian.PutUint64(d.pages[i>>entryShift].mem[i%pageEntries*8:], entry)
}

func (d *deadlines) push(entry uint64) {
	if d.size == len(d.pages)*pageEntries {
		d.pages = append(d.pages, newBlock(pageEntries*8))
	}
	i := d.size
	d.size++
	for i > 0 {
		parent := (i - 1) / 2
		above := d.get(parent)
		if above <= entry {
			break
		}
		d.set(i, above)
		i = parent
	}
	d.set(i, entry)
}

// pop takes the earliest entry out; there must be one.
func (d *deadlines) pop() uint64 {
	first := d.get(0)
	d.size--
	last := d.get(d.size)
	i := 0
	for child := 1; child < d.size; child = 2*i + 1 {
		least := d.get(child)
		if child+1 < d.size {
			if right := d.get(child + 1); right < least {
				child, least = child+1, right
			}
		}
		if last <= least {
			break
		}
		d.set(i, least)
		i = child
	}
	if d.size > 0 {
		d.set(i, last)
	}
	return first
}

func (d *deadlines) bytes() int64 { return int64(len(d.pages)) * pageEntries * 8 }

func (d *deadlines) drop() {
	for i := range d.pages {
		d.pages[i].free()
	}
	*d = deadlines{}
}

// deadline is that of a memory's word, if there is one that can be missed: in milliseconds, and the second after it.
// From 2106 on there is none.
func (s *Store) deadline(m *processor.Memory) (millis int64, second uint32) {
	if !m.Word.There || m.Word.Overdue {
		return 0, 0
	}
	millis = s.o.Deadline(m)
	if millis <= 0 || millis > math.MaxUint32*1000 {
		return 0, 0
	}
	return millis, uint32((millis + 999) / 1000)
}

// schedule sees to it that a slot comes up at its deadline.
func (s *Store) schedule(n uint32, m *processor.Memory) {
	_, second := s.deadline(m)
	if queued := s.slots.at(n).queued(); second != 0 && (queued == 0 || second < queued) {
		s.enter(n, second)
	}
}

func (s *Store) enter(n, second uint32) {
	s.slots.at(n).setQueued(second)
	s.wait.push(uint64(second)<<32 | uint64(n))
}

// Retime takes another Options.Deadline. Deadlines that it has made earlier, or given to words that had none, come up
// once Reschedule has come to them.
func (s *Store) Retime(deadline func(*processor.Memory) int64) {
	s.o.Deadline = deadline
	s.later = slotRange{0, s.slots.high}
}

// slotRange are the slots from one number to before another.
type slotRange struct{ next, end uint32 }

// Reschedule looks at so many slots since the last Retime, beginning where it ended, and says whether there are more. A
// slot that is taken or changed meanwhile has its new deadline already.
func (s *Store) Reschedule(most int) (more bool) {
	l := &s.later
	for end := min(l.next+uint32(most), l.end); l.next < end; l.next++ {
		if e := s.slots.at(l.next); e.used() {
			unpack(e.value(), &s.memory)
			s.schedule(l.next, &s.memory)
		}
	}
	return l.next < l.end
}

// Due calls f with up to so many verifications whose word is past its deadline and has no Overdue mark, the earliest
// first (by the second: a deadline is past once its second is over). They stay due until their word changes, or is put
// with the mark. f may recall and put; it must not keep m.
func (s *Store) Due(most int, f func(key processor.Key, m *processor.Memory, deadline int64)) {
	s.due = s.due[:0]
	for len(s.due) < most && s.wait.size > 0 && int64(s.wait.get(0)>>32)*1000 <= s.clock {
		entry := s.wait.pop()
		if s.isDue(entry) {
			s.due = append(s.due, entry)
		}
	}
	for _, entry := range s.due {
		s.enter(uint32(entry), uint32(entry>>32))
	}
	for _, entry := range s.due {
		e := s.slots.at(uint32(entry))
		unpack(e.value(), &s.shown)
		deadline, _ := s.deadline(&s.shown)
		f(*e.key(), &s.shown, deadline)
	}
}

// isDue says whether an entry that has come up tells of a word past its deadline. If the deadline has moved on, so does
// the entry.
func (s *Store) isDue(entry uint64) bool {
	n, second := uint32(entry), uint32(entry>>32)
	e := s.slots.at(n)
	if e.queued() != second {
		return false // one that came up earlier has taken its place
	}
	e.setQueued(0)
	if !e.used() || s.expired(e) {
		return false
	}
	unpack(e.value(), &s.memory)
	_, now := s.deadline(&s.memory)
	if now > second {
		s.enter(n, now)
		return false
	}
	return now != 0
}
