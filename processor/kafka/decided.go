package kafka

import "sync"

// Decided says whether anything was decided by a vocabulary, and committed, since the runner was made.
func (r *Runner) Decided(vocabulary string) bool { return r.metrics.decided.has(vocabulary) }

// vocabularies are those by which something was decided. They are for any goroutine.
type vocabularies struct {
	mu   sync.Mutex
	list map[string]struct{}
}

func (v *vocabularies) add(name string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.list == nil {
		v.list = map[string]struct{}{}
	}
	v.list[name] = struct{}{}
}

func (v *vocabularies) has(name string) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	_, ok := v.list[name]
	return ok
}
