package kafka

import (
	"cmp"
	"slices"
	"sync"
	"time"
)

// ledger has what units tell of their partitions, for whoever asks: it never waits for a unit. They tell it at each
// answer of a broker and at each commit, not for each record.
type ledger struct {
	mu         sync.Mutex
	instance   string
	generation int32 // of the consumer group; 0: none
	units      int
	lastCommit time.Time // that moved any partition on, also one that is another's now; zero: none yet
	partitions map[*partition]*PartitionStatus

	ready  bool // when last looked at
	turned time.Time
}

func newLedger(now time.Time) *ledger {
	return &ledger{partitions: map[*partition]*PartitionStatus{}, turned: now}
}

// begin names the instance.
func (l *ledger) begin(instance string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.instance = instance
}

// joined begins a generation with the partitions that it gives the instance.
func (l *ledger) joined(a *assignment, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.generation = a.generation
	clear(l.partitions)
	for _, group := range a.groups {
		for _, p := range group {
			l.partitions[p] = &PartitionStatus{Topic: p.topic, Partition: int(p.id), State: StateStarting,
				Reason: reasonStarting, Since: now, Committed: -1, End: -1}
		}
	}
}

// left ends it.
func (l *ledger) left() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.generation, l.units = 0, 0
	clear(l.partitions)
}

// shared notes that so many units begin with the partitions: each looks up where they go on.
func (l *ledger) shared(units int, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.units = units
	for _, s := range l.partitions {
		s.enter(StateStarting, reasonStarting, now)
	}
}

// tell takes in how a partition is.
func (l *ledger) tell(p *partition, now time.Time) {
	end := p.ends()
	waits := p.oldest.at(p.from(), end, now)
	state, reason := p.state()
	if since := p.fetching.open.look(p, now); state == StateDeciding && since >= longOpen {
		reason = p.fetching.open.String()
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	s := l.partitions[p]
	if s == nil {
		return // of a generation that is over
	}
	s.enter(state, reason, now)
	s.Committed, s.End, s.OldestUndecided = p.committed, end, nil
	if !waits.IsZero() {
		s.OldestUndecided = &waits
	}
}

// committed notes that a commit has moved a partition on. One that takes it over alone does not: it is no sign of
// progress.
func (l *ledger) committed(p *partition, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lastCommit = now
	if s := l.partitions[p]; s != nil {
		s.LastCommit = &now
	}
}

// turn notes whether the instance is ready; it is called often, by one goroutine.
func (l *ledger) turn(ready bool, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if ready != l.ready {
		l.ready, l.turned = ready, now
	}
}

// fill writes what is known into a status.
func (l *ledger) fill(to *Status) {
	l.mu.Lock()
	defer l.mu.Unlock()
	to.Since = l.turned
	to.InstanceID, to.Generation, to.Units = l.instance, l.generation, l.units
	if !l.lastCommit.IsZero() {
		at := l.lastCommit
		to.LastCommit = &at
	}
	to.Partitions = make([]PartitionStatus, 0, len(l.partitions))
	for _, s := range l.partitions {
		to.Partitions = append(to.Partitions, *s)
	}
	slices.SortFunc(to.Partitions, func(a, b PartitionStatus) int {
		return cmp.Or(cmp.Compare(a.Topic, b.Topic), cmp.Compare(a.Partition, b.Partition))
	})
}

// enter moves on to a state; the time stays while it is the same one.
func (s *PartitionStatus) enter(state, reason string, now time.Time) {
	if s.State != state {
		s.State, s.Since = state, now
	}
	s.Reason = reason
}

const (
	reasonStarting  = "its offset is being looked up"
	reasonRestoring = "its state is being restored"
)

// state says how a partition is whose unit has begun.
func (p *partition) state() (state, reason string) {
	switch {
	case p.held.err != nil:
		return StateHeld, p.held.err.Error()
	case p.waits():
		return StateRestoring, reasonRestoring
	case p.position == unknown:
		return StateStarting, reasonStarting
	}
	return StateDeciding, ""
}

// from is where the group goes on, or will: without an offset of its own, where the partition is read from, even if
// some of it was read since.
func (p *partition) from() int64 {
	if p.committed >= 0 {
		return p.committed
	}
	return p.begins
}
