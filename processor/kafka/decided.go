package kafka

import "sync"

// Decided says whether anything was decided of a provider's product, and committed, since the runner was made. What
// other instances of the group decide it does not know.
func (r *Runner) Decided(provider, name string) bool {
	return r.metrics.decided.has(product{provider, name})
}

// product is one of a provider's, by whatever vocabulary it was decided.
type product struct{ provider, name string }

// products are those of which something was decided. They are for any goroutine.
type products struct {
	mu   sync.Mutex
	list map[product]struct{}
}

func (l *products) add(p product) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.list == nil {
		l.list = map[product]struct{}{}
	}
	l.list[p] = struct{}{}
}

func (l *products) has(p product) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	_, ok := l.list[p]
	return ok
}
