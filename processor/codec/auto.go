package codec

import (
	"slices"
	"strings"

	"verdict/processor"
	"verdict/rules"
)

// shapeFinder recognises formats by the names that a body has.
type shapeFinder struct {
	paths   []string // each one's place is its bit
	root    mark
	formats []formatShape
}

type formatShape struct {
	body  *compiledFormat // nil: the canonical envelope
	text  string          // for a person
	masks []uint64        // each a list of paths, of which one must be there
}

// mark is a name that is looked for, or an object on the way to one.
type mark struct {
	bit      uint64
	children map[string]*mark
}

func newShapeFinder(bodies []*compiledFormat) *shapeFinder {
	s := &shapeFinder{}
	s.add(nil, Canonical, [][]string{{rules.CanonicalMark}})
	for _, body := range bodies {
		s.add(body, body.Name, body.Shapes)
	}
	return s
}

func (s *shapeFinder) add(body *compiledFormat, name string, lists [][]string) {
	shape := formatShape{body: body}
	var texts []string
	for _, list := range lists {
		var mask uint64
		for _, path := range list {
			mask |= s.mark(path)
		}
		shape.masks = append(shape.masks, mask)
		texts = append(texts, strings.Join(list, " and "))
	}
	shape.text = name + " (" + strings.Join(texts, ", or ") + ")"
	s.formats = append(s.formats, shape)
}

// mark gives a path its bit.
func (s *shapeFinder) mark(path string) uint64 {
	at := slices.Index(s.paths, path)
	if at < 0 {
		at = len(s.paths)
		s.paths = append(s.paths, path)
	}
	m := &s.root
	for name := range strings.SplitSeq(path, ".") {
		child := m.children[name]
		if child == nil {
			child = &mark{}
			if m.children == nil {
				m.children = map[string]*mark{}
			}
			m.children[name] = child
		}
		m = child
	}
	m.bit = 1 << at
	return m.bit
}

// recognise says which format a body has, by its names alone; nil is the canonical one. A body that has the shape of
// none or of several is rejected: to guess might read it by the wrong vocabulary.
func (s *shapeFinder) recognise(found uint64) (*compiledFormat, *processor.Rejection) {
	var only *formatShape
	for i := range s.formats {
		switch shape := &s.formats[i]; {
		case !shape.fits(found):
		case only != nil:
			return nil, processor.Reject(processor.ReasonUnknownVocabulary,
				"format auto: the value has the shape of more than one format, give it a topic of one: %s",
				s.text(found))
		default:
			only = shape
		}
	}
	if only == nil {
		return nil, processor.Reject(processor.ReasonUnknownVocabulary,
			"format auto: the value has the shape of none of the formats: %s", s.text(^uint64(0)))
	}
	return only.body, nil
}

func (s *formatShape) fits(found uint64) bool {
	return slices.ContainsFunc(s.masks, func(mask uint64) bool { return found&mask == mask })
}

// maxShapesText bounds the bytes in which a dead letter names shapes: an operator may write many, and long ones.
const maxShapesText = 1_000

// text names the formats that fit.
func (s *shapeFinder) text(found uint64) string {
	var texts []string
	for i := range s.formats {
		if s.formats[i].fits(found) {
			texts = append(texts, s.formats[i].text)
		}
	}
	text := strings.Join(texts, "; ")
	if len(text) <= maxShapesText {
		return text
	}
	return strings.ToValidUTF8(text[:maxShapesText], "") + "..."
}

// recognise finds the format of the body, and goes back to its begin; nil is the canonical one.
func (j *jsonReader) recognise(shapes *shapeFinder) (*compiledFormat, *processor.Rejection) {
	j.walker.peek()
	body, rejection := shapes.recognise(j.findMarks(&shapes.root))
	if at := j.walker.tooDeep; at > 0 {
		return nil, malformed(errTooDeep, int64(at))
	}
	j.walker = jsonWalker{text: j.walker.text}
	return body, rejection
}

// addHint says of an event without a provider which provider's own format it has the shape of, if it has one.
func (j *jsonReader) addHint(shapes *shapeFinder, rejection *processor.Rejection) {
	j.walker = jsonWalker{text: j.walker.text}
	if body, none := j.recognise(shapes); none == nil && body != nil {
		rejection.Detail += "; it looks like " + body.Name + ": set that format, or auto, for the topic " +
			"(decide: --input " + body.Name + ")"
	}
}

// findMarks reads an object, which comes next.
func (j *jsonReader) findMarks(m *mark) (found uint64) {
	for j.walker.open(); j.walker.more(); {
		child := m.children[j.readText()]
		if child == nil {
			j.walker.skip()
			continue
		}
		found |= child.bit
		if child.children != nil && j.walker.peek() == '{' {
			found |= j.findMarks(child)
		} else {
			j.walker.skip()
		}
	}
	return found
}
