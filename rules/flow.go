package rules

// Step is what may follow a status, by the provider's flow of statuses. The loader makes one for each status that it
// leads to.
type Step struct {
	To    uint64 // mask of the statuses that may follow directly
	Reach uint64 // To, and what may follow those in turn: notifications between may have been missed

	// A step may start from an answer that is not final only, or from one whose signature is OPEN only.
	NotFinal bool
	OnOpen   bool

	Reopens    bool   // the attempt had ended, and goes on
	Unexpected bool   // it is taken, though the provider's page says elsewhere that nothing follows
	Reason     string // why, in our words; "" if the file gives none
	Basis      string

	origin Origin
	turn   int // of two with others between, the one with the smaller turn is taken; see Vocabulary.turns
}

// starts says whether the step may be taken from an answer of its status.
func (s *Step) starts(final bool, signature Signature) bool {
	return !(s.NotFinal && final) && !(s.OnOpen && signature != SignatureOpen)
}

// exactness orders the steps between the same two statuses: of those that start, the one with the most is taken.
func (s *Step) exactness() int {
	switch {
	case s.NotFinal && s.OnOpen:
		return 3
	case s.OnOpen:
		return 2
	case s.NotFinal:
		return 1
	default:
		return 0
	}
}

// Step finds the step that leads from an answer of status s to another status, or to s itself: a direct one before one
// with others between, and of these rather one that is not unexpected, or that does not reopen. nil: the flow has none.
// Of several direct ones it is the most exact: Steps have those first.
func (s *Status) Step(to *Status, final bool, signature Signature) *Step {
	var far *Step
	for i := range s.Steps {
		step := &s.Steps[i]
		switch {
		case !step.starts(final, signature):
		case step.To&to.Mask != 0:
			return step
		case step.Reach&to.Mask != 0 && (far == nil || step.turn < far.turn):
			far = step
		}
	}
	return far
}

// completes says that the step, where it leads from a status to itself, brings what the answer lacked, as a risk code
// that comes later: it starts only from what is not final, and does not reopen it.
func (s *Step) completes() bool { return s.NotFinal && !s.Reopens }

// Repeats says whether the flow has a step from an answer of status s to s itself, so that the same again is news. A
// step that completes the answer is none of these: the same again completes nothing.
func (s *Status) Repeats(final bool, signature Signature) bool {
	for i := range s.Steps {
		if step := &s.Steps[i]; step.To&s.Mask != 0 && !step.completes() && step.starts(final, signature) {
			return true
		}
	}
	return false
}

// Closes says whether an answer of status s is an end that no other status follows.
func (s *Status) Closes(final bool, signature Signature) bool {
	if !final {
		return false
	}
	for i := range s.Steps {
		if step := &s.Steps[i]; step.starts(final, signature) && step.To&^s.Mask != 0 {
			return false
		}
	}
	return true
}

// StatusHash is a status of a vocabulary in 24 bits, as it is remembered: the FNV-1a hash of both names, 32 bits,
// folded. The loader sees to it that those of a catalog differ.
func StatusHash(vocabulary, status string) uint32 {
	const offset, prime = 2166136261, 16777619
	sum := uint32(offset)
	for _, text := range [...]string{vocabulary, "/", status} {
		for i := range len(text) {
			sum = (sum ^ uint32(text[i])) * prime
		}
	}
	return sum>>24 ^ sum&0xffffff
}

// StatusByHash finds the status with this hash; nil if the vocabulary has none.
func (v *Vocabulary) StatusByHash(hash uint32) *Status {
	for _, s := range v.Statuses {
		if s.Hash == hash {
			return s
		}
	}
	return nil
}
