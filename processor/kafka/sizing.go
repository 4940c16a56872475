package kafka

import "time"

// sizing is how large transactions may be. Behind a quota or a slow line, a large one may time out however often it is
// tried. Each failure makes the next ones a quarter of the size; each that is done in so little time that four times
// the size would do as well, takes one step back.
type sizing struct {
	shrunk int // steps
}

const (
	shrinkBits = 2
	mostShrunk = 6
)

// adapt takes how long a transaction took and what came of it.
func (s *sizing) adapt(took, timeout time.Duration, err error) {
	switch {
	case err != nil:
		s.shrunk = min(s.shrunk+1, mostShrunk)
	case s.shrunk > 0 && took < timeout>>(shrinkBits+1):
		s.shrunk--
	}
}

// full says whether a batch may not be filled any further.
func (s *sizing) full(b *batch, cfg *Config) bool {
	n := s.shrunk * shrinkBits
	return b.records >= max(cfg.MaxBatchRecords>>n, 1) || b.bytes >= max(cfg.MaxBatchBytes>>n, 1)
}
