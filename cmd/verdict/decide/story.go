package decide

import (
	"verdict/processor"
	"verdict/processor/state"
)

// story is what is known of the verifications of a file, from the lines before. It is processor.Known.
type story struct {
	store  *state.Store
	lines  map[processor.ID]int // of each decision
	before processor.Memory     // of the verification that was looked up last
}

// newStory makes one that forgets nothing: a file may be of any time.
func newStory() *story {
	return &story{store: state.New(state.Options{}), lines: map[processor.ID]int{}}
}

// Recall fills m, and keeps a copy for whoever explains what the next event changed.
func (s *story) Recall(key processor.Key, m *processor.Memory) bool {
	s.before = processor.Memory{}
	known := s.store.Recall(key, &s.before)
	*m = s.before
	return known
}

// keep remembers what a line has told, and gives the line whose decision it repeats; 0: none.
func (s *story) keep(line int, res *processor.Result) (repeats int) {
	s.store.Put(res.Key, &res.Memory)
	s.store.Commit(s.store.Seal())
	if res.Effects.Repeat {
		return s.lines[res.Decision.ID]
	}
	if _, told := s.lines[res.Decision.ID]; !told {
		s.lines[res.Decision.ID] = line
	}
	return 0
}
