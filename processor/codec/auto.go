package codec

import (
	"slices"
	"strings"

	"verdict/processor"
)

// canonicalShape tells the canonical envelope from the formats of providers, none of which names the provider.
var canonicalShape = [][]string{{"provider"}}

// shapeFinder recognises formats by the names that a body has.
type shapeFinder struct {
	paths   []string // each one's place is its bit
	root    mark
	formats []formatShape
}

type formatShape struct {
	format Format
	text   string   // for a person
	masks  []uint64 // each a list of paths, of which one must be there
}

// mark is a name that is looked for, or an object on the way to one.
type mark struct {
	bit      uint64
	children map[string]*mark
}

var shapes = newShapeFinder(providerFormats)

func newShapeFinder(providers []compiledFormat) *shapeFinder {
	s := &shapeFinder{}
	s.add(FormatCanonical, "canonical", canonicalShape)
	for i := range providers {
		s.add(firstProviderFormat+Format(i), providers[i].name, providers[i].shapes)
	}
	return s
}

func (s *shapeFinder) add(f Format, name string, lists [][]string) {
	shape := formatShape{format: f}
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

// recognise says which format a body has, by its names alone. A body that has the shape of none or of several is
// rejected: to guess might read it by the wrong vocabulary.
func (s *shapeFinder) recognise(found uint64) (Format, *processor.Rejection) {
	var format Format
	for i := range s.formats {
		switch shape := &s.formats[i]; {
		case !shape.fits(found):
		case format != FormatUnspecified:
			return 0, processor.Reject(processor.ReasonUnknownVocabulary,
				"format auto: the value has the shape of more than one format, give it a topic of one: %s",
				s.text(found))
		default:
			format = shape.format
		}
	}
	if format == FormatUnspecified {
		return 0, processor.Reject(processor.ReasonUnknownVocabulary,
			"format auto: the value has the shape of none of the formats: %s", s.text(^uint64(0)))
	}
	return format, nil
}

func (s *formatShape) fits(found uint64) bool {
	return slices.ContainsFunc(s.masks, func(mask uint64) bool { return found&mask == mask })
}

// text names the formats that fit.
func (s *shapeFinder) text(found uint64) string {
	var texts []string
	for i := range s.formats {
		if s.formats[i].fits(found) {
			texts = append(texts, s.formats[i].text)
		}
	}
	return strings.Join(texts, "; ")
}

// recognise finds the format of the body, and goes back to its begin.
func (j *jsonReader) recognise() (Format, *processor.Rejection) {
	j.walker.peek()
	format, rejection := shapes.recognise(j.findMarks(&shapes.root))
	if at := j.walker.tooDeep; at > 0 {
		return 0, malformed(errTooDeep, int64(at))
	}
	j.walker = jsonWalker{text: j.walker.text}
	return format, rejection
}

// Recognise says which format a JSON value has the shape of; FormatUnspecified if it is that of none or of several, or
// no JSON object.
func Recognise(value []byte) Format {
	var j jsonReader
	if len(value) == 0 || j.load(value) != nil {
		return FormatUnspecified
	}
	format, rejection := j.recognise()
	if rejection != nil {
		return FormatUnspecified
	}
	return format
}

// addHint says of an event without a provider which provider's own format it has the shape of, if it has one.
func (j *jsonReader) addHint(rejection *processor.Rejection) {
	j.walker = jsonWalker{text: j.walker.text}
	if format, none := j.recognise(); none == nil && format != FormatCanonical {
		rejection.Detail += "; it looks like " + format.String() + ": set that format, or auto, for the topic " +
			"(decide: --input " + format.String() + ")"
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
