package upkeep

import (
	"fmt"

	"verdict/processor/kafka/transact"
	"verdict/processor/state"
)

// Take counts a change of a memory that was read, so that Loss tells also what is missing in the changelog's midst. A
// record that cannot be read counts nothing: it is Unreadable.
func (p *Part) Take(key, value []byte) {
	_ = p.counted().Take(key, value)
}

func (p *Part) counted() *state.Tally {
	if p.tally == nil {
		p.tally = state.NewTally()
	}
	return p.tally
}

// Lost says that the changelog lacks records that the group's offset stands for, by Loss.
func (p *Part) Lost() bool { return p.Loss() != "" }

// Loss says what the changelog lacks, as a runner finds it; "" for nothing. Take must have all of its memories.
func (p *Part) Loss() string { return p.LossAt(p.Standing()) }

// Standing is where a group stands in a partition, and by which transaction.
type Standing struct {
	Offset int64
	note   transact.Note
}

// Standing is where the group stood when it was asked last.
func (p *Part) Standing() Standing { return Standing{p.Offset, p.Note} }

// LossAt is Loss where the group was when its changelog was read: one at work moves both meanwhile.
func (p *Part) LossAt(s Standing) string {
	at := &p.Position
	if !p.Known() {
		return ""
	}
	if s.Offset > at.Offset || s.note.Number > at.Number {
		return fmt.Sprintf("the group is at offset %d (transaction %d), and %s ends at %d (transaction %d): records "+
			"of it were lost", s.Offset, s.note.Number, p.Log(), at.Offset, at.Number)
	}
	if whole, here := p.counted().Holds(at.Sum); !whole {
		return fmt.Sprintf("%s has lost records in the midst: it held %d verifications that cannot be forgotten yet, "+
			"and %d are there or not all as they were", p.Log(), at.Sum.Count, here)
	}
	return ""
}
