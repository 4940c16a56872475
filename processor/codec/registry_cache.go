package codec

import (
	"errors"
	"fmt"
	"math"
	"time"

	"verdict/processor"
)

const (
	// maxEntries bounds the cache. Past it, an id that is unknown or unanswered gives way to a new one, or else any id
	// does; it is asked again when it comes again.
	maxEntries = 10_000
	// maxInFlight bounds the requests at one time, because records may carry any number of ids.
	maxInFlight = 16
	// unknownFor is how long "there is no such id" holds: somebody may register it.
	unknownFor = 10 * time.Second
	// patience is how long a record waits for a schema at most. Other partitions wait with it.
	patience = 250 * time.Millisecond
	// Back-off after a failure.
	firstPause = 250 * time.Millisecond
	lastPause  = 5 * time.Second
)

// entry is what is known of one schema id. Until it is finished only done, started and again may be read; then it does
// not change any more: a new request makes a new entry.
type entry struct {
	done    chan struct{} // closed when finished
	started time.Time
	again   bool // the request before it failed

	plan      *avroPlan            // found and usable
	rejection *processor.Rejection // found and not usable, or unknown
	failure   error                // not answered
	failures  int                  // in a row
	until     time.Time            // holds so long; zero: for ever
}

func (e *entry) finished() bool {
	select {
	case <-e.done:
		return true
	default:
		return false
	}
}

// plan finds the plan for a schema id, from the cache if possible. A *processor.Rejection says that the registry does
// not know the id or that its schema cannot be used, ErrRegistryUnavailable that there is no answer yet: the question
// is asked in the background and a later call may have it.
func (r *Registry) plan(id uint32) (*avroPlan, error) {
	r.mu.RLock()
	e := r.entries[id]
	r.mu.RUnlock()
	if e != nil && e.finished() && e.plan != nil {
		return e.plan, nil
	}
	if id > math.MaxInt32 {
		return nil, processor.Reject(processor.ReasonUnknownSchema,
			"schema id %d is not possible: ids have 31 bits", id)
	}
	e, err := r.current(id)
	if err != nil {
		return nil, err
	}
	return r.await(id, e)
}

// current gives the entry that answers for an id now, and starts a request if there is none.
func (r *Registry) current(id uint32) (*entry, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.now()
	e := r.entries[id]
	if e != nil && (!e.finished() || e.until.IsZero() || now.Before(e.until)) {
		return e, nil
	}
	switch {
	case r.closed:
		return nil, unavailable(id, errors.New("the client is closed"))
	case r.inFlight >= maxInFlight:
		return nil, unavailable(id, fmt.Errorf("%d other schemas are being asked for", r.inFlight))
	}
	next := &entry{done: make(chan struct{}), started: now}
	if e != nil {
		next.failures, next.again = e.failures, e.failures > 0
	} else {
		r.makeRoom()
	}
	r.entries[id] = next
	r.inFlight++
	r.fetches.Go(func() { r.fetch(id, next) })
	return next, nil
}

// makeRoom drops an entry if the cache is full. Requests in flight stay.
func (r *Registry) makeRoom() {
	if len(r.entries) < maxEntries {
		return
	}
	victim, found := uint32(0), false
	for id, e := range r.entries {
		if !e.finished() {
			continue
		}
		victim, found = id, true
		if !e.until.IsZero() {
			break
		}
	}
	if found {
		delete(r.entries, victim)
	}
}

// await waits for an entry, but no longer than patience after it was started, and not at all for one that failed
// before, so that an id that nobody answers costs that time once and not with each record.
func (r *Registry) await(id uint32, e *entry) (*avroPlan, error) {
	if !e.finished() {
		wait := patience - r.now().Sub(e.started)
		if e.again {
			wait = 0
		}
		timer := time.NewTimer(wait)
		defer timer.Stop()
		select {
		case <-e.done:
		case <-timer.C:
			return nil, unavailable(id, errors.New("no answer yet"))
		}
	}
	switch {
	case e.plan != nil:
		return e.plan, nil
	case e.rejection != nil:
		return nil, e.rejection
	default:
		return nil, unavailable(id, e.failure)
	}
}

func unavailable(id uint32, cause error) error {
	if !errors.Is(cause, ErrRegistryUnavailable) {
		cause = fmt.Errorf("%w: %w", ErrRegistryUnavailable, cause)
	}
	return fmt.Errorf("schema id %d is needed: %w; the record waits and the registry is asked again", id, cause)
}

// fetch asks for an id and finishes its entry.
func (r *Registry) fetch(id uint32, e *entry) {
	plan, err := r.find(r.ctx, int(id))
	r.mu.Lock()
	defer r.mu.Unlock()
	r.inFlight--
	var rejection *processor.Rejection
	switch {
	case err == nil:
		e.plan = plan
	case errors.As(err, &rejection):
		e.rejection = rejection
		if rejection.Reason == processor.ReasonUnknownSchema {
			e.until = r.now().Add(unknownFor)
		}
	default:
		e.failure = err
		e.until = r.now().Add(pause(e.failures))
		e.failures++
	}
	if e.failure == nil {
		e.failures = 0
	}
	close(e.done)
}

// pause doubles with each failure in a row.
func pause(failures int) time.Duration {
	return min(firstPause<<min(failures, 10), lastPause)
}
