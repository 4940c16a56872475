//go:build unix

package faults

import (
	"math/rand/v2"
	"sync"
	"time"
)

// ledger is what was sent, by event number. It is safe for use by several goroutines.
type ledger struct {
	seed uint64
	once bool // nothing is sent again: without state each record has a decision, and the checker need not tell which

	mu         sync.Mutex
	rng        *rand.Rand
	events     []event
	slots      []told
	keys       int32 // verifications so far
	partitions int32 // that slots are spread over
}

// told is what was told of a verification so far. A slot has one verification after the other.
type told struct {
	key, partition int32
	began          bool
	timed          bool // its provider says when something occurred
	cases          bool // of the provider with cases, or of the one with videos
	attempt        int32
	last           uint8   // variety
	latest         int64   // provider's time of the newest event
	events         []int32 // without repetitions
}

const (
	slotsPerPartition = 250 // verifications that are alive in each partition
	longestStory      = 7   // events of one, without repetitions and rejects: fewer than Verdict remembers
)

func newLedger(seed uint64, partitions int) *ledger {
	l := &ledger{seed: seed, rng: rand.New(rand.NewPCG(seed, 1))}
	l.widen(partitions)
	return l
}

// widen adds verifications for new partitions. Those that are there keep theirs: a producer that spread them anew would
// itself break the order per key, which no consumer can mend.
func (l *ledger) widen(partitions int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for ; l.partitions < int32(partitions); l.partitions++ {
		for range slotsPerPartition {
			l.slots = append(l.slots, told{partition: l.partitions})
		}
	}
}

// next makes the next event, of any verification that is alive: about three in ten are
// repetitions and one in twenty is late (the first events of verifications are neither), and one in 32 is a reject.
func (l *ledger) next() event {
	l.mu.Lock()
	defer l.mu.Unlock()
	s := &l.slots[l.rng.IntN(len(l.slots))]
	if !s.began || len(s.events) == longestStory && l.rng.IntN(3) > 0 {
		l.beginStory(s)
	}
	now := time.Now().UnixNano()
	e := event{n: int32(len(l.events)), key: s.key, partition: s.partition, timed: s.timed, attempt: s.attempt,
		created: now, seq: int32(len(s.events))}
	e.of = e.n
	dice := l.rng.IntN(100)
	switch told := len(s.events); {
	case l.rng.IntN(32) == 0:
		e.variety = brokenOff
	case !l.once && told > 0 && (dice < 33 || told == longestStory):
		again := l.events[s.events[l.rng.IntN(told)]]
		again.n = e.n
		e = again
	case told > 0 && dice < 39:
		l.late(s, &e)
	default:
		l.goOn(s, &e)
	}
	l.events = append(l.events, e)
	return e
}

// nextNew makes the only event of a verification that is none of those that are alive.
func (l *ledger) nextNew(partition int32) event {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := int32(len(l.events))
	e := event{n: n, of: n, key: l.keys, partition: partition, timed: true, attempt: 1, variety: casePending,
		created: time.Now().UnixNano()}
	l.keys++
	l.events = append(l.events, e)
	return e
}

// arrived notes that an event's record is in the raw topic.
func (l *ledger) arrived(n int32) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.events[n].arrived = time.Now().UnixMilli()
}

func (l *ledger) beginStory(s *told) {
	*s = told{key: l.keys, partition: s.partition, began: true, attempt: 1, cases: l.rng.IntN(2) == 0,
		timed: l.rng.IntN(4) > 0, events: s.events[:0]}
	l.keys++
}

// late tells something that occurred before what was told, and maybe in an attempt before.
func (l *ledger) late(s *told, e *event) {
	e.variety = l.anyOf(s)
	e.attempt = max(1, s.attempt-int32(l.rng.IntN(2)))
	e.age = int64(60_000_000*(1+l.rng.IntN(50)) + int(e.n)%1000)
	s.events = append(s.events, e.n)
}

func (l *ledger) anyOf(s *told) uint8 {
	if s.cases {
		return uint8(casePending + l.rng.IntN(4))
	}
	return uint8(videoPending + l.rng.IntN(3))
}

// goOn tells what may come next: mostly the end of what is pending, and a new attempt, or another end, after an end.
func (l *ledger) goOn(s *told, e *event) {
	v := l.anyOf(s)
	dice := l.rng.IntN(10)
	pending := uint8(videoPending)
	if s.cases {
		pending = casePending
	}
	switch {
	case len(s.events) == 0:
		if dice < 8 {
			v = pending
		}
	case dice < 2, varieties[s.last].ended && dice < 5:
		s.attempt++
		v = pending
	}
	e.variety, e.attempt, s.last = v, s.attempt, v
	if e.occurred() <= s.latest { // no two at one time
		e.age = e.created/1000 - s.latest - 1
	}
	s.latest = e.occurred()
	s.events = append(s.events, e.n)
}

func (l *ledger) event(n int32) (event, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if n < 0 || int(n) >= len(l.events) {
		return event{}, false
	}
	return l.events[n], true
}

func (l *ledger) len() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.events)
}

// all are the events so far.
func (l *ledger) all() []event {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.events[:len(l.events):len(l.events)]
}

// spread is the number of partitions that keys are spread over.
func (l *ledger) spread() int32 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.partitions
}
