package codec

import (
	"encoding/binary"
	"math/bits"
	"unicode/utf8"

	"verdict/processor"
)

// jsonScanner reads what nearly all records are, an object of the envelope's fields in plain JSON, in one pass without the
// library. It gives up at whatever it does not know for sure to be right: an escape, a nested unknown value, a name twice, a
// fault of any kind. The document is then read anew by jsonReader, which alone rejects. So all that must hold is: what the
// scanner accepts, jsonReader accepts as the same event. FuzzJSONScanner holds that.
type jsonScanner struct {
	text  string
	bytes []byte // the same
	at    int
	draft draft

	seen    uint32             // bit n: field n has occurred
	unknown [maxUnknown]string // names that the envelope does not have
	strange int                // how many
}

// maxUnknown bounds the names that are compared with each other one by one.
const maxUnknown = 8

// decodePlain tries the scanner; if it gives up, e is as it was.
func (d *Decoder) decodePlain(value []byte, e *processor.Event) bool {
	s := d.plain.Get().(*jsonScanner)
	ok := s.scan(value, string(value), e, d.limits.CollectionItems)
	clear(s.unknown[:s.strange])
	s.text, s.bytes, s.draft = "", nil, draft{} // nothing refers to the record any more
	d.plain.Put(s)
	if !ok {
		e.Reset()
	}
	return ok
}

// scan fills e and says whether it could; if not, e is to be reset.
func (s *jsonScanner) scan(value []byte, text string, e *processor.Event, maxCodes int) bool {
	s.text, s.bytes, s.at = text, value, 0
	s.seen, s.strange = 0, 0
	s.draft.reset(e, maxCodes)
	if s.next() != '{' {
		return false
	}
	s.at++
	for first := true; ; first = false {
		more, ok := s.more('}', first)
		if !ok {
			return false
		}
		if !more {
			break
		}
		if !s.member() {
			return false
		}
	}
	s.next()
	return s.at == len(s.text) && s.draft.first == fieldNone && s.draft.finish() == nil
}

// next skips white space and gives the byte that follows; 0 at the end.
func (s *jsonScanner) next() byte {
	for ; s.at < len(s.text); s.at++ {
		switch c := s.text[s.at]; c {
		case ' ', '\t', '\n', '\r':
		default:
			return c
		}
	}
	return 0
}

// more goes over the comma before an item, or over the closing bracket, and says which it was.
func (s *jsonScanner) more(closing byte, first bool) (more, ok bool) {
	switch c := s.next(); {
	case c == closing:
		s.at++
		return false, true
	case first:
		return true, true
	case c == ',':
		s.at++
		return true, true
	default:
		return false, false
	}
}

// name reads a member's name and the colon.
func (s *jsonScanner) name() (string, bool) {
	if s.next() != '"' {
		return "", false
	}
	name, ok := s.quoted()
	if !ok || s.next() != ':' {
		return "", false
	}
	s.at++
	return name, true
}

const (
	everyByte = 0x0101010101010101
	highBits  = 0x8080808080808080
)

// quoted reads a string without escapes, which comes next, eight bytes at a time.
func (s *jsonScanner) quoted() (string, bool) {
	s.at++
	start, ascii := s.at, true
	for ; ; s.at++ {
		for s.at+8 <= len(s.bytes) {
			word := binary.LittleEndian.Uint64(s.bytes[s.at:])
			quote, slash := word^'"'*everyByte, word^'\\'*everyByte
			found := ((quote-everyByte)&^quote | (slash-everyByte)&^slash | (word-' '*everyByte)&^word | word) & highBits
			if found != 0 { // the lowest bit is that of a byte to look at; those above may be wrong
				s.at += bits.TrailingZeros64(found) / 8
				break
			}
			s.at += 8
		}
		if s.at >= len(s.bytes) {
			return "", false
		}
		switch c := s.bytes[s.at]; {
		case c == '"':
			text := s.text[start:s.at]
			s.at++
			return text, ascii || utf8.ValidString(text)
		case c == '\\', c < ' ':
			return "", false
		case c >= utf8.RuneSelf:
			ascii = false
		}
	}
}

// digits reads an integer that is not negative, which comes next.
func (s *jsonScanner) digits() (string, bool) {
	start := s.at
	for s.at < len(s.text) && isDigit(s.text[s.at]) {
		s.at++
	}
	text := s.text[start:s.at]
	if text == "" || text[0] == '0' && len(text) > 1 || s.at == len(s.text) {
		return "", false
	}
	switch s.text[s.at] {
	case ',', '}', ']', ' ', '\t', '\n', '\r':
		return text, true
	default:
		return "", false
	}
}

// word reads a literal name.
func (s *jsonScanner) word(literal string) bool {
	end := s.at + len(literal)
	if end >= len(s.text) || s.text[s.at:end] != literal {
		return false
	}
	s.at = end
	return true
}

func (s *jsonScanner) member() bool {
	name, ok := s.name()
	if !ok {
		return false
	}
	f := fieldOf(name)
	if f == fieldNone {
		return s.newName(name) && s.scalar()
	}
	if s.seen&(1<<f) != 0 {
		return false
	}
	s.seen |= 1 << f
	switch c := s.next(); {
	case c == 'n':
		return s.word("null")
	case f == fieldCodes:
		return c == '[' && s.codes()
	case f == fieldMetadata:
		return c == '{' && s.metadata()
	case f == fieldRiskCode || f == fieldAttempt:
		text, ok := s.digits()
		if !ok {
			return false
		}
		n, ok := parseInt(text)
		s.draft.setInt(f, n)
		return ok
	default:
		if c != '"' {
			return false
		}
		text, ok := s.quoted()
		if ok {
			s.draft.setText(f, text)
		}
		return ok
	}
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
	s.unknown[s.strange] = name
	s.strange++
	return true
}

// scalar reads over a value that does not count.
func (s *jsonScanner) scalar() bool {
	switch c := s.next(); {
	case c == '"':
		_, ok := s.quoted()
		return ok
	case isDigit(c):
		_, ok := s.digits()
		return ok
	case c == 't':
		return s.word("true")
	case c == 'f':
		return s.word("false")
	default:
		return c == 'n' && s.word("null")
	}
}

func (s *jsonScanner) codes() bool {
	s.at++
	for first := true; ; first = false {
		more, ok := s.more(']', first)
		if !ok || !more {
			return ok
		}
		var code string
		if c := s.next(); c == '"' {
			if code, ok = s.quoted(); ok {
				s.draft.addCodeText(0, code) // wherever it is: a fault is told by jsonReader
			}
		} else if code, ok = s.digits(); ok {
			s.draft.addCode(code)
		}
		if !ok {
			return false
		}
	}
}

// metadata needs no check of its own for a key that occurs twice: that is a fault.
func (s *jsonScanner) metadata() bool {
	s.at++
	for at := 0; ; at++ {
		more, ok := s.more('}', at == 0)
		if !ok || !more {
			return ok
		}
		key, ok := s.name()
		if !ok || s.next() != '"' {
			return false
		}
		value, ok := s.quoted()
		if !ok {
			return false
		}
		s.draft.addPair(at, key, value)
	}
}
