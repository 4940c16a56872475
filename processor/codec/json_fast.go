package codec

import (
	"strings"
	"unsafe"

	"verdict/processor"
)

// jsonScanner reads what nearly all records are, an object of the envelope's fields in plain JSON, in one pass without
// the library. It gives up at whatever it does not know for sure to be right: an escape, a nested unknown value, a name
// twice, a fault of any kind. The document is then read anew by jsonReader, which alone rejects. So all that must hold
// is: what the scanner accepts, jsonReader accepts as the same event. FuzzJSONScanner holds that.
//
// Its methods take a position and give that behind what they read, or gaveUp.
type jsonScanner struct {
	plainJSON
	draft draft

	unknown [maxUnknown]string // names that the envelope does not have
	strange int                // how many

	habits *habits
}

// habits are what a producer did in a record before. They make it faster to read the next one, and change nothing.
// Goroutines don't share them: where producers have different ones, they would take them from each other all the time.
type habits struct {
	order fieldOrder
	alike alikeMemory
}

// fieldOrder has the field that came next after each one in a record before; the first after fieldNone. Producers keep
// to an order, and to compare with one name is faster than to find its end and then whose it is. It is no more than a
// guess.
type fieldOrder [numFields]field

// maxUnknown bounds the names that are compared with each other one by one.
const maxUnknown = 8

// memberBegins are the names as they begin a member.
var memberBegins = func() (begins [numFields]string) {
	for f := fieldNone + 1; f < numFields; f++ {
		begins[f] = `"` + f.String() + `":`
	}
	return begins
}()

// decodePlain tries the scanner; if it gives up, e is as it was.
func (d *Decoder) decodePlain(value []byte, e *processor.Event) bool {
	h := d.habits.Get().(*habits)
	defer d.habits.Put(h)
	s := jsonScanner{plainJSON: plainJSON{value, sharedText(value)}, habits: h}
	s.draft.reset(e, d.limits.CollectionItems)
	if !s.scan() {
		e.Reset()
		return false
	}
	return true
}

// sharedText is a value as a string without a copy, which would cost a sixth of the time that a record takes in all. It
// is right because texts of an event may share the value (processor.Decoder), and nobody writes into that while they
// are in use.
func sharedText(value []byte) string {
	return unsafe.String(unsafe.SliceData(value), len(value)) //nolint:gosec // see above; the only place that does so
}

// scan fills the event and says whether it could; if not, the event is to be reset.
func (s *jsonScanner) scan() bool {
	at := s.space(0)
	if s.byteAt(at) != '{' {
		return false
	}
	at = s.members(at + 1)
	return at != gaveUp && s.space(at) == len(s.text) && s.draft.first == fieldNone && s.draft.finish() == nil
}

// members reads an object behind its opening brace.
func (s *jsonScanner) members(at int) int {
	at = s.space(at)
	if s.byteAt(at) == '}' {
		return at + 1
	}
	for last := fieldNone; ; {
		f, behind := s.member(at, last)
		if behind == gaveUp {
			return gaveUp
		}
		if f != fieldNone {
			last = f
		}
		behind, more := s.next(s.value(f, s.space(behind)), '}')
		if !more {
			return behind
		}
		at = behind
	}
}

// member finds out which field begins, and reads its name and the colon. Last is the one before.
func (s *jsonScanner) member(at int, last field) (field, int) {
	guess := s.habits.order[last]
	if begin := memberBegins[guess]; guess != fieldNone && strings.HasPrefix(s.text[at:], begin) {
		return guess, at + len(begin)
	}
	name, at := s.name(at)
	if at == gaveUp {
		return fieldNone, gaveUp
	}
	f := fieldOf(name)
	if f == fieldNone && !s.newName(name) {
		return fieldNone, gaveUp
	}
	if f != fieldNone && f != guess {
		s.habits.order[last] = f
	}
	return f, at
}

// newName notes a name that the envelope does not have; false if it is there already, or there are too many.
func (s *jsonScanner) newName(name string) bool {
	if s.strange == maxUnknown {
		return false
	}
	for _, other := range s.unknown[:s.strange] {
		if other == name {
			return false
		}
	}
	s.draft.alike |= 1 << s.habits.alike.of(s.strange, name)
	s.unknown[s.strange] = name
	s.strange++
	return true
}

// value reads the value of a field.
func (s *jsonScanner) value(f field, at int) int {
	if f == fieldNone {
		return s.scalar(at)
	}
	if s.draft.seen&(1<<f) != 0 {
		return gaveUp
	}
	s.draft.seen |= 1 << f
	switch c := s.byteAt(at); {
	case c == '"' && f.isText():
		end := s.quoted(at)
		if end != gaveUp {
			s.draft.setText(f, s.text[at+1:end-1])
		}
		return end
	case c == '[' && f == fieldCodes:
		return s.codes(at + 1)
	case c == '{' && f == fieldMetadata:
		return s.metadata(at + 1)
	case isDigit(c) && (f == fieldRiskCode || f == fieldAttempt):
		end := s.digits(at)
		if end != gaveUp {
			n, _ := parseInt(s.text[at:end])
			s.draft.setInt(f, n)
		}
		return end
	default:
		return s.word(at, "null")
	}
}

func (s *jsonScanner) codes(at int) int {
	if at = s.space(at); s.byteAt(at) == ']' {
		return at + 1
	}
	for more := true; more; {
		at, more = s.next(s.code(at), ']')
	}
	return at
}

func (s *jsonScanner) code(at int) int {
	if s.byteAt(at) != '"' {
		end := s.digits(at)
		if end != gaveUp {
			s.draft.addCode(s.text[at:end])
		}
		return end
	}
	end := s.quoted(at)
	if end != gaveUp {
		s.draft.addCodeText(0, s.text[at+1:end-1]) // wherever it is: a fault is told by jsonReader
	}
	return end
}

// metadata needs no check of its own for a key that occurs twice: that is a fault.
func (s *jsonScanner) metadata(at int) int {
	if at = s.space(at); s.byteAt(at) == '}' {
		return at + 1
	}
	more := true
	for n := 0; more; n++ {
		key, begin := s.name(at)
		if begin == gaveUp {
			return gaveUp
		}
		begin = s.space(begin)
		end := s.quoted(begin)
		if end == gaveUp {
			return gaveUp
		}
		s.draft.addPair(n, key, s.text[begin+1:end-1])
		at, more = s.next(end, '}')
	}
	return at
}
