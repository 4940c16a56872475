package state

import "slices"

// Changes are what a store has taken in since they were opened: each key once, with what there was before. They are
// open, then sealed, then committed or taken back; after that they are the store's, to be used again, and must not be
// touched.
type Changes struct {
	store *Store // nil while open
	list  []change
	old   []byte // packed memories, one behind the other
}

// change is a slot, and where its memory of before begins among the old ones; -1: there was none.
type change struct {
	slot uint32
	old  int
}

// note keeps what a slot holds, before its first change.
func (c *Changes) note(n uint32, e *slot, known bool) {
	marks := e.marks()
	if marks&markOpen != 0 {
		return
	}
	e.setMarks(marks | markOpen)
	at := -1
	if known {
		at = len(c.old)
		c.old = append(c.old, e.bytes()...)
	}
	c.list = append(c.list, change{n, at})
}

// Len counts the keys that have changed.
func (c *Changes) Len() int { return len(c.list) }

// Each calls f with each changed key and its present value, format included, in the order of their first change. It is
// to be called before the store takes in more: what has changed again since has its newer value. f must not keep the
// slices.
func (c *Changes) Each(f func(key, value []byte)) {
	for _, change := range c.list {
		e := c.store.slots.at(change.slot)
		f(e[:keySize], append(append(c.store.value[:0], format), e.bytes()...))
	}
}

func (c *Changes) bytes() int64 { return int64(cap(c.list))*16 + int64(cap(c.old)) }

// Seal ends the open changes, which may be none, and opens others.
func (s *Store) Seal() *Changes {
	c := s.open
	c.store = s
	for _, change := range c.list {
		e := s.slots.at(change.slot)
		e.setMarks(e.marks() - markOpen + markSealed)
	}
	s.sealed = append(s.sealed, c)
	if last := len(s.spare) - 1; last >= 0 {
		s.open, s.spare = s.spare[last], s.spare[:last]
	} else {
		s.open = &Changes{}
	}
	return c
}

// Commit lets the oldest sealed changes stand.
func (s *Store) Commit(c *Changes) {
	at := slices.Index(s.sealed, c)
	if at < 0 {
		return
	}
	for _, change := range c.list {
		e := s.slots.at(change.slot)
		e.setMarks(e.marks() - markSealed)
	}
	s.sealed = slices.Delete(s.sealed, at, at+1)
	c.clear()
	s.spare = append(s.spare, c)
}

// UndoOpen takes the open changes back.
func (s *Store) UndoOpen() {
	s.takeBack(s.open, markOpen)
	s.open.clear()
}

// Undo takes sealed changes back. The newest are to be taken back first, and the open ones before them: those that came
// after c and are still there go with it, as they rest on it.
func (s *Store) Undo(c *Changes) {
	at := slices.Index(s.sealed, c)
	if at < 0 {
		return
	}
	s.UndoOpen()
	for _, newer := range slices.Backward(s.sealed[at:]) {
		s.takeBack(newer, markSealed)
		newer.clear()
	}
	s.sealed = slices.Delete(s.sealed, at, len(s.sealed))
	s.spare = append(s.spare, c)
}

// takeBack puts what there was before in its place again, and takes a mark off.
func (s *Store) takeBack(c *Changes, mark uint32) {
	for _, change := range slices.Backward(c.list) {
		e := s.slots.at(change.slot)
		e.setMarks(e.marks() - mark)
		if change.old < 0 {
			s.remove(change.slot)
			continue
		}
		old := c.old[change.old:]
		s.replace(e, true, old[:sizeOf(old[countsAt])])
		unpack(e.value(), &s.memory)
		s.schedule(change.slot, &s.memory)
	}
}

func (c *Changes) clear() { c.store, c.list, c.old = nil, c.list[:0], c.old[:0] }
