package codec

import (
	"fmt"
	"strconv"

	"verdict/processor"
)

// outputText reads an output in JSON. The first problem sticks.
type outputText struct {
	*jsonReader
	decision *processor.Decision
	problem  string // "": none
}

// readOutput reads an output of this shape. The reader is to be released after it.
func (j *jsonReader) readOutput(s *outputShape, value []byte, d *processor.Decision) error {
	if rejection := j.load(value); rejection != nil {
		return fmt.Errorf("malformed JSON: %s", rejection.Detail)
	}
	t := outputText{jsonReader: j, decision: d}
	t.read(s)
	if j.walker.tooDeep > 0 {
		t.fail(errTooDeep.Error())
	}
	if t.problem != "" {
		return fmt.Errorf("malformed JSON: %s", t.problem)
	}
	return nil
}

func (t *outputText) fail(problem string) {
	if t.problem == "" {
		t.problem = problem
	}
}

// read reads the value that comes next.
func (t *outputText) read(s *outputShape) {
	switch first := t.walker.peek(); {
	case first == 'n':
		t.walker.skip()
		if s.needed {
			t.fail(s.path + " is null")
		}
	case s.members != nil && first == '{':
		t.readMembers(s)
	case s.item != nil && first == '[':
		for t.walker.open(); t.walker.more(); {
			if t.problem != "" {
				t.walker.skip()
			} else {
				t.read(s.item)
			}
		}
	case s.isMap && first == '{':
		t.readPairs(s)
	case s.members != nil, s.isMap:
		t.skipWrong(s, "an object")
	case s.item != nil:
		t.skipWrong(s, "an array")
	default:
		t.readScalar(s, first)
	}
}

func (t *outputText) skipWrong(s *outputShape, wanted string) {
	t.walker.skip()
	t.fail(s.path + " is not " + wanted)
}

func (t *outputText) readMembers(s *outputShape) {
	s.begin(t.decision)
	var found uint64
	for t.walker.open(); t.walker.more(); {
		member := s.members[t.readText()]
		if member == nil {
			t.walker.skip()
			continue
		}
		found |= member.bit
		t.read(member)
	}
	if missing := s.missing(found); missing != "" {
		t.fail(missing + " is missing")
	}
}

func (t *outputText) readPairs(s *outputShape) {
	for t.walker.open(); t.walker.more(); {
		key := t.readText()
		if t.walker.peek() != '"' {
			t.skipWrong(s, "an object of strings")
			continue
		}
		s.field.pair(t.decision, key, t.readText())
	}
}

func (t *outputText) readScalar(s *outputShape, first byte) {
	f, ok := &s.field, false
	switch {
	case first == '"' && f.text != nil:
		ok = f.text(t.decision, t.readText())
	case (first == 't' || first == 'f') && f.flag != nil:
		*f.flag(t.decision), ok = first == 't', true
		t.walker.skip()
	case f.number != nil && f.text == nil && (first == '-' || isDigit(first)):
		n, err := strconv.ParseInt(t.walker.literal(), 10, 64)
		ok = err == nil && f.number(t.decision, n)
	default:
		t.walker.skip()
	}
	if !ok {
		t.fail(s.path + " is not " + f.wanted)
	}
}
