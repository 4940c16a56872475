package kafka

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// status is what Ready answers from.
type status struct {
	gauge prometheus.Gauge // units whose transactions do not come to their end

	mu         sync.Mutex
	member     bool         // of a generation
	starting   int          // units that have not found their offsets yet
	graceUntil time.Time    // until then they do not make the instance unready
	begun      map[int]bool // by unit
	held       map[*partition]error
	waiting    map[int]int   // by unit: partitions whose state is being restored
	assigned   int           // partitions
	stalled    map[int]error // why transactions have not come to their end for a while
	problem    error         // why the group could not be joined
	unlooked   error         // why the topics have not been looked up yet
	missing    error         // a raw topic that is not there
	unwritten  error         // an output topic or changelog that is not there
}

func newStatus(stalled prometheus.Gauge) *status {
	return &status{gauge: stalled, begun: map[int]bool{}, held: map[*partition]error{}, stalled: map[int]error{},
		waiting: map[int]int{}, unlooked: errors.New("looking up the topics")}
}

// joined begins a generation with so many units.
func (s *status) joined(units, partitions int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.assigned = partitions
	s.member, s.starting, s.problem, s.graceUntil = true, units, nil, time.Time{}
	clear(s.begun)
}

// shared begins work with so many units, within a generation. Where the units before had all found their offsets, the
// instance stays ready for stalledAfter while the new ones look them up: they only take the same partitions over from
// each other.
func (s *status) shared(units int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.starting == 0 {
		s.graceUntil = time.Now().Add(stalledAfter)
	}
	s.starting = units
	clear(s.begun)
}

func (s *status) started(unit int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.begun[unit] {
		s.begun[unit] = true
		s.starting--
	}
}

func (s *status) stopped(unit int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.begun, unit)
}

// stall notes why a unit's transactions do not come to their end; nil: one has, or the unit is no more.
func (s *status) stall(unit int, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil {
		s.stalled[unit] = err
	} else {
		delete(s.stalled, unit)
	}
	s.gauge.Set(float64(len(s.stalled)))
}

// restoring notes of how many of a unit's partitions the state is not there yet.
func (s *status) restoring(unit, partitions int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.waiting[unit] = partitions
}

func (s *status) left(problem error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.member, s.problem = false, problem
}

// lack notes a raw topic, and one that is written, that is not there; nil if all are.
func (s *status) lack(raw, written error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.unlooked, s.missing, s.unwritten = nil, raw, written
}

// unseen notes why the topics cannot be looked up. What was seen of them before counts on.
func (s *status) unseen(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.unlooked != nil {
		s.unlooked = fmt.Errorf("the topics cannot be looked up: %w", err)
	}
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

// unready is why the instance cannot make progress; nil: it can.
func (s *status) unready() *unready {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.problem != nil:
		return &unready{whyNoGroup, fmt.Errorf("not in the consumer group: %w", s.problem)}
	case !s.member && s.unwritten != nil:
		return &unready{whyNoOutput, s.unwritten}
	case !s.member:
		return &unready{whyJoining, errors.New("joining the consumer group")}
	}
	if s.unlooked != nil {
		return &unready{whyUnlooked, s.unlooked}
	}
	for _, err := range s.stalled {
		return &unready{whyStalled, fmt.Errorf("transactions do not come to their end: %w", err)}
	}
	switch grace := time.Now().Before(s.graceUntil); {
	case s.starting > 0 && !grace:
		return &unready{whyStarting, errors.New("waiting for the offsets of the partitions")}
	case s.missing != nil:
		return &unready{whyNoRaw, s.missing}
	case s.restoringNow() > 0 && len(s.held) == 0 && !grace:
		return &unready{whyRestoring,
			fmt.Errorf("restoring the state of %d of %d partitions", s.restoringNow(), s.assigned)}
	}
	for p, err := range s.held {
		return &unready{whyHeld, fmt.Errorf("%d partitions are held back, one of them %s: %w", len(s.held), p, err)}
	}
	if s.unwritten != nil {
		return &unready{whyNoOutput, s.unwritten}
	}
	return nil
}

// restoringNow is of how many partitions the state is not there yet.
func (s *status) restoringNow() int {
	n := 0
	for _, waiting := range s.waiting {
		n += waiting
	}
	return n
}
