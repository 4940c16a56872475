package kafka

import (
	"time"

	"verdict/processor/kafka/transact"
)

// lateOffsets are those that follow the outputs, at least once. They ride with the next batch that is sent off
// offsetsEvery after the first one that they belong to, so that no batch waits for them, and go alone when none comes.
type lateOffsets struct {
	since time.Time // since when published records wait for their offsets to be committed; zero: none do
}

// move gives a batch the offsets of those before it to commit, if it is time, and notes where it ends itself.
func (l *lateOffsets) move(b *batch, list partitions) {
	due := !l.since.IsZero() && time.Since(l.since) >= offsetsEvery
	left := false
	for _, p := range list {
		if due && (p.closed != p.claimed || p.closed != unknown && p.marksOthers(b)) {
			b.move(p, p.closed, transact.Note{})
		}
		p.closed = p.position
		left = left || p.closed != p.claimed || p.marksOthers(b)
	}
	switch {
	case !left:
		l.since = time.Time{}
	case due || l.since.IsZero():
		l.since = time.Now()
	}
}

// makeDue has the next batch take them along.
func (l *lateOffsets) makeDue() { l.since = time.Now().Add(-offsetsEvery) }
