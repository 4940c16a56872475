package kafka

import (
	"errors"
	"fmt"

	"verdict/processor"
	"verdict/processor/state"
)

// unread is a record of the changelog that cannot be read.
type unread struct {
	offset int64
	err    error
}

// apply takes a record of the changelog into the memory. Only the last record of a key counts: one that cannot be read
// is no obstacle any more as soon as a newer one can.
func (m *memory) apply(r *processor.Record) {
	err := m.take(r.Key, r.Value)
	switch {
	case err == nil && len(m.unread) > 0:
		delete(m.unread, string(r.Key))
	case err != nil:
		if errors.Is(err, state.ErrNewer) {
			err = state.ErrNewer // there may be as many as verifications: each its own text would be too much
		}
		if m.unread == nil {
			m.unread = map[string]unread{}
		}
		m.unread[string(r.Key)] = unread{r.Offset, err}
	}
}

func (m *memory) take(key, value []byte) error {
	if string(key) != string(state.PositionKey) {
		return m.store.Apply(key, value)
	}
	position, err := state.ParsePosition(value)
	if err != nil {
		return err
	}
	if position.Started != m.last.Started {
		m.store.SetBack(position.Clock) // what was known before is forgotten, and so is its time
	}
	m.last = position
	m.store.Advance(position.Clock)
	return nil
}

// lacks names the first record that the memory would have to hold and that cannot be read; nil: there is none.
func (m *memory) lacks() error {
	if len(m.unread) == 0 {
		return nil
	}
	first := unread{offset: -1}
	for _, u := range m.unread {
		if first.offset < 0 || u.offset < first.offset {
			first = u
		}
	}
	return &unreadError{first, changelogName(m), len(m.unread) - 1}
}

// unreadError names one such record, and how many more there are.
type unreadError struct {
	unread
	changelog string
	more      int
}

func (e *unreadError) Error() string {
	text := fmt.Sprintf("%s offset %d: %s", e.changelog, e.offset, e.err)
	if e.more > 0 {
		text += fmt.Sprintf(" (and %d more)", e.more)
	}
	return text
}

func (e *unreadError) Unwrap() error { return e.err }
