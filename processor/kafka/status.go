package kafka

import (
	"errors"
	"fmt"
	"sync"
	"time"
)

// status is what Ready answers from.
type status struct {
	mu       sync.Mutex
	member   bool      // of a generation
	starting int       // units that have not found their offsets yet
	patience time.Time // until when they are no reason not to be ready: the partitions have only been shared anew
	begun    map[*unit]bool
	held     map[*partition]error
	stalled  map[*unit]error // why transactions have not come to their end for a while
	problem  error           // why the group could not be joined
	missing  error           // a raw topic that is not there
}

func newStatus() *status {
	return &status{begun: map[*unit]bool{}, held: map[*partition]error{}, stalled: map[*unit]error{}}
}

// joined begins a generation with so many units.
func (s *status) joined(units int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.member, s.starting, s.problem, s.patience = true, units, nil, time.Time{}
	clear(s.begun)
}

// shared begins work with so many units, within a generation. Once they have been ready, that is no reason not to be.
func (s *status) shared(units int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.starting == 0 {
		s.patience = time.Now().Add(stalledAfter)
	}
	s.starting = units
	clear(s.begun)
}

func (s *status) started(u *unit) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.begun[u] {
		s.begun[u] = true
		s.starting--
	}
}

func (s *status) stopped(u *unit) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.begun, u)
}

// stall notes why a unit's transactions do not come to their end; nil: one has, or the unit is no more.
func (s *status) stall(u *unit, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil {
		s.stalled[u] = err
	} else {
		delete(s.stalled, u)
	}
	u.metrics.stalled.Set(float64(len(s.stalled)))
}

func (s *status) left(problem error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.member, s.problem = false, problem
}

// lack notes a raw topic that is not there; nil if all are.
func (s *status) lack(missing error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.missing = missing
}

func (s *status) hold(p *partition, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.held[p] = err
}

func (s *status) release(p *partition) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.held, p)
}

// inGeneration says whether partitions are, or may be, assigned.
func (s *status) inGeneration() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.member
}

func (s *status) ready() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.problem != nil:
		return fmt.Errorf("not in the consumer group: %w", s.problem)
	case !s.member:
		return errors.New("joining the consumer group")
	}
	for _, err := range s.stalled {
		return fmt.Errorf("transactions do not come to their end: %w", err)
	}
	if s.starting > 0 && time.Now().After(s.patience) {
		return errors.New("waiting for the offsets of the partitions")
	}
	if s.missing != nil {
		return s.missing
	}
	for p, err := range s.held {
		return fmt.Errorf("%d partitions are held back, one of them %s: %w", len(s.held), p, err)
	}
	return nil
}
