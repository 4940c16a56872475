package kafka

import (
	"cmp"
	"math"

	"github.com/segmentio/kafka-go"
)

// sharing shares partitions out among members, in parcels. A partition that comes to a member that does not hold it
// has its state restored there, so as few as possible move: each parcel stays with its keeper, the rest goes where
// there is least, and then only what balance forces moves, if possible to a member that holds it, too.
//
// For parcels of one size this is the least movement. For others it is near it: the least would be a search.
type sharing struct {
	parcels []parcel
	largest int
	loads   []int // partitions of each member
}

// parcel is a group of partitions that go together.
type parcel struct {
	size    int
	reads   []bool   // whether each member reads all of it; some member does
	warm    []warmth // what each member holds of it, if it reads it
	holders int      // so many hold some of it
	owner   int      // a member
	// since is the generation in which the owner had it; 0: it is only about to get it.
	since int32
}

// warmth is how much of a parcel a member holds.
type warmth struct {
	held       int   // partitions
	upto       int64 // the sum of theirs
	generation int32 // in which it had any, the latest; 0: it only kept their state
}

// warmth is how much of a parcel the member that makes the claim holds.
func (c *claim) warmth(list []kafka.Partition) warmth {
	var w warmth
	for _, p := range list {
		h, ok := c.held[p.Topic][int32(p.ID)]
		if !ok {
			continue
		}
		w.held++
		w.upto += min(h.upto, math.MaxInt64-w.upto) // anybody may say anything
		if h.had {
			w.generation = c.generation
		}
	}
	return w
}

// compare says which of two is better: more state counts, then, without state or after a quiet time, who had it last.
func (w warmth) compare(other warmth) int {
	return cmp.Or(cmp.Compare(w.upto, other.upto), cmp.Compare(w.generation, other.generation),
		cmp.Compare(w.held, other.held))
}

func newSharing(parts [][]kafka.Partition, members []joined) *sharing {
	s := &sharing{parcels: make([]parcel, len(parts)), loads: make([]int, len(members))}
	for i, list := range parts {
		p := parcel{size: len(list), reads: make([]bool, len(members)), warm: make([]warmth, len(members))}
		for member := range members {
			if p.reads[member] = readsAll(&members[member], list); !p.reads[member] {
				continue
			}
			p.warm[member] = members[member].claim.warmth(list)
			p.holders += min(p.warm[member].held, 1)
		}
		s.parcels[i] = p
		s.largest = max(s.largest, p.size)
	}
	return s
}

// keeper is the first of the members that hold a parcel the best; -1 if none does.
func (p *parcel) keeper() int {
	best := -1
	for member, w := range p.warm {
		if w.held > 0 && (best < 0 || w.compare(p.warm[best]) > 0) {
			best = member
		}
	}
	return best
}

// share gives each parcel an owner.
func (s *sharing) share() {
	var homeless []*parcel
	var sizes []int
	for i := range s.parcels {
		p := &s.parcels[i]
		keeper := p.keeper()
		if keeper < 0 {
			homeless, sizes = append(homeless, p), append(sizes, p.size)
			continue
		}
		p.owner, p.since = keeper, p.warm[keeper].generation
		s.loads[keeper] += p.size
	}
	for i, member := range deal(sizes, s.loads, func(i, member int) bool { return homeless[i].reads[member] }) {
		homeless[i].owner = member
	}
	for m, ok := s.next(); ok; m, ok = s.next() {
		s.loads[m.owner] -= m.size
		s.loads[m.to] += m.size
		m.owner, m.since = m.to, 0
	}
}

// move of a parcel to another member.
type move struct {
	*parcel
	to    int
	apart int // by how much the loads of the two members differ
}

// next is the best of the moves that balance forces, if there is one. Each makes the sum of the loads' squares less, so
// that they come to an end.
func (s *sharing) next() (best move, ok bool) {
	consider := func(p *parcel, to int) {
		m := move{p, to, s.loads[p.owner] - s.loads[to]}
		if m.apart >= best.apart && s.forced(m) && (!ok || m.compare(best) > 0) {
			best, ok = m, true
		}
	}
	for i := range s.parcels {
		p := &s.parcels[i]
		least := -1 // of those that hold nothing of it: they differ in nothing else
		for to, load := range s.loads {
			switch {
			case !p.reads[to]:
			case p.warm[to].held > 0:
				consider(p, to)
			case least < 0 || load < s.loads[least]:
				least = to
			}
		}
		if least >= 0 {
			consider(p, least)
		}
	}
	return best, ok
}

// forced says whether balance asks for a move: it does not merely change who has more, or the two members are further
// apart than the largest parcel explains.
func (s *sharing) forced(m move) bool {
	return m.size < m.apart && (2*m.size <= m.apart || m.apart > s.largest)
}

// compare says which of two moves is better. The furthest apart comes first: the others may be unneeded then. What is
// not at work goes before what is, and what nobody else holds before what a member that is served later may hold.
func (m move) compare(other move) int {
	if by := cmp.Or(cmp.Compare(m.apart, other.apart), cmp.Compare(other.since, m.since)); by != 0 {
		return by
	}
	mine, others := m.warm[m.to], other.warm[other.to]
	return cmp.Or(cmp.Compare(min(mine.held, 1), min(others.held, 1)), mine.compare(others),
		cmp.Compare(other.left(), m.left()), cmp.Compare(other.holders, m.holders))
}

// left is by how much the loads differ after it.
func (m move) left() int { return max(m.apart-2*m.size, 2*m.size-m.apart) }
