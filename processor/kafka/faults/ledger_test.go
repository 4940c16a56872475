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

	mu         sync.Mutex
	rng        *rand.Rand
	events     []event
	keys       []keyState
	partitions int32 // that keys are spread over
}

type keyState struct{ partition, next int32 }

// keysPerPartition is the number of keys that are alive in each partition.
const keysPerPartition = 250

func newLedger(seed uint64, partitions int) *ledger {
	l := &ledger{seed: seed, rng: rand.New(rand.NewPCG(seed, 1))}
	l.widen(partitions)
	return l
}

// widen adds keys for new partitions. Keys that are there keep their partition: a producer that spread them anew would
// itself break the order per key, which no consumer can mend.
func (l *ledger) widen(partitions int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for ; l.partitions < int32(partitions); l.partitions++ {
		for range keysPerPartition {
			l.keys = append(l.keys, keyState{partition: l.partitions})
		}
	}
}

// next makes the next event: a random key, its next number.
func (l *ledger) next() event {
	l.mu.Lock()
	defer l.mu.Unlock()
	key := l.rng.IntN(len(l.keys))
	state := &l.keys[key]
	e := event{
		n: int32(len(l.events)), key: int32(key), seq: state.next, partition: state.partition,
		variety: pickVariety(l.rng),
		created: time.Now().UnixNano(),
	}
	state.next++
	l.events = append(l.events, e)
	return e
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
