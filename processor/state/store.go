package state

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"verdict/processor"
)

// Options of a store.
type Options struct {
	Retention time.Duration // how long a verification is remembered after its last event; 0: for ever
	// Deadline says until when the next word about a verification should have come, in milliseconds since 1970 UTC; 0:
	// there is no limit. It is asked whenever a memory changes, must depend on the memory alone, and must not keep it.
	// Retime gives another one.
	Deadline func(*processor.Memory) int64
}

// Store is the state of one raw partition. It is not safe for concurrent use.
type Store struct {
	o     Options
	slots slab
	index index
	wait  deadlines

	sums sums

	open   *Changes
	sealed []*Changes // the oldest first
	spare  []*Changes

	clock int64     // milliseconds since 1970 UTC
	next  uint32    // the slot that Expire looks at next
	later slotRange // those that Reschedule has not come to

	// What would be on the stack, and does not stay there where it is handed to a function.
	scratch packed // a memory on its way in, or read
	memory  processor.Memory
	shown   processor.Memory // to who asks what is due
	value   [1 + valueSize]byte
	due     []uint64
}

// New makes an empty store.
func New(o Options) *Store {
	if o.Deadline == nil {
		o.Deadline = func(*processor.Memory) int64 { return 0 }
	}
	return &Store{o: o, open: &Changes{}, sums: sums{}}
}

// Recall fills m with what is remembered of a verification; false: nothing is, or it has expired, and m is as it was.
func (s *Store) Recall(key processor.Key, m *processor.Memory) bool {
	n, ok := s.index.find(&s.slots, &key)
	if !ok {
		return false
	}
	e := s.slots.at(n)
	if s.expired(e) {
		return false
	}
	unpack(e.value(), m)
	return true
}

// Put remembers m, as one of the open changes. It keeps no reference to m.
func (s *Store) Put(key processor.Key, m *processor.Memory) {
	n, known := s.index.find(&s.slots, &key)
	if !known {
		n = s.add(&key)
	}
	e := s.slots.at(n)
	s.open.note(n, e, known)
	s.replace(e, known, s.scratch[:pack(&s.scratch, m)])
	s.schedule(n, m)
}

// Apply takes a record of the changelog in, for a restore: the store must have no changes that are not committed. A nil
// value forgets the key. The error says what is wrong with the record; it is ErrNewer for a format that this version
// does not know. A store that has refused a record is as it was before.
func (s *Store) Apply(key, value []byte) error {
	if err := s.apply(key, value); err != nil {
		return fmt.Errorf("the state record cannot be read: %w", err)
	}
	return nil
}

func (s *Store) apply(key, value []byte) error {
	switch {
	case len(key) == keySize:
	case value == nil:
		return nil // no verification has such a key
	default:
		return fmt.Errorf("its key has %d bytes instead of %d", len(key), keySize)
	}
	if s.open.Len() > 0 || slices.ContainsFunc(s.sealed, func(c *Changes) bool { return c.Len() > 0 }) {
		return errors.New("the store has changes that are not committed")
	}
	n, known := s.index.find(&s.slots, (*processor.Key)(key))
	if value == nil {
		if known {
			s.remove(n)
		}
		return nil
	}
	if err := s.read(value); err != nil {
		return err
	}
	if !known {
		n = s.add((*processor.Key)(key))
	}
	s.replace(s.slots.at(n), known, value[1:])
	s.schedule(n, &s.memory)
	return nil
}

// read checks a value of the changelog, and makes a memory of it.
func (s *Store) read(value []byte) error {
	if err := check(&s.scratch, value); err != nil {
		return err
	}
	unpack(&s.scratch, &s.memory)
	if err := checkNumbers(&s.memory); err != nil {
		return err
	}
	if n := pack(&s.scratch, &s.memory); string(s.scratch[:n]) != string(value[1:]) {
		return errors.New("it says what nothing stands for: bits that this format does not use, or of a word that is " +
			"not there")
	}
	return nil
}

// Len counts the verifications, with those that have expired and that Expire has not come to.
func (s *Store) Len() int { return s.slots.used }

// Bytes is how much memory the store holds: slots that are or were in use, index, deadlines and changes.
func (s *Store) Bytes() int64 {
	sum := int64(s.slots.high)*int64(slotSize) + s.index.bytes() + s.wait.bytes() + s.open.bytes()
	for _, c := range s.sealed {
		sum += c.bytes()
	}
	for _, c := range s.spare {
		sum += c.bytes()
	}
	return sum
}

// Free gives the memory back. The store is empty then, but for its clock; changes that were sealed are void.
func (s *Store) Free() {
	s.slots.drop()
	s.index.drop()
	s.wait.drop()
	clear(s.sums)
	for _, c := range append(s.sealed, s.open) {
		*c = Changes{}
	}
	s.sealed, s.spare, s.due, s.next, s.later, s.open = nil, nil, nil, 0, slotRange{}, &Changes{}
}

// add makes a slot for a key that is not there.
func (s *Store) add(key *processor.Key) uint32 {
	n := s.slots.take(key)
	s.index.insert(&s.slots, n)
	return n
}

// replace gives a slot a value, instead of the one that it has.
func (s *Store) replace(e *slot, had bool, value []byte) {
	if had {
		s.sums.remove(e)
	}
	e.set(value)
	s.sums.add(e)
}

func (s *Store) remove(n uint32) {
	s.sums.remove(s.slots.at(n))
	s.index.remove(&s.slots, n)
	s.slots.give(n)
}
