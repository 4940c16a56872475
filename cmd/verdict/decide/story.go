package decide

import "verdict/processor"

// story is what is known of the verifications of a file, from the lines before. It is processor.Known.
type story struct {
	memories map[processor.Key]processor.Memory
	lines    map[processor.ID]int // of each decision
	before   processor.Memory     // of the verification that was looked up last
}

func newStory() story {
	return story{memories: map[processor.Key]processor.Memory{}, lines: map[processor.ID]int{}}
}

// Recall fills m, and keeps a copy for whoever explains what the next event changed.
func (s *story) Recall(key processor.Key, m *processor.Memory) bool {
	known, there := s.memories[key]
	*m = known
	s.before = *m
	return there
}

// keep remembers what a line has told, and gives the line whose decision it repeats; 0: none.
func (s *story) keep(line int, res *processor.Result) (repeats int) {
	if !res.Followed {
		return 0
	}
	s.memories[res.Key] = res.Memory
	if res.Effects.Repeat {
		return s.lines[res.Decision.ID]
	}
	if _, told := s.lines[res.Decision.ID]; !told {
		s.lines[res.Decision.ID] = line
	}
	return 0
}
