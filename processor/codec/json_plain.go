package codec

import (
	"encoding/binary"
	"math/bits"
	"unicode/utf8"
)

// plainJSON is a document that is read without knowing whether it is valid. Its methods take a position and give that
// behind what they read, or gaveUp where that is not plainly right. A position is passed on, not kept, to stay in a
// register.
type plainJSON struct {
	bytes []byte
	text  string // the same
}

const gaveUp = -1

// byteAt is the byte at a position; 0 at the end.
func (j *plainJSON) byteAt(at int) byte {
	if at < len(j.bytes) {
		return j.bytes[at]
	}
	return 0
}

// space goes over white space.
func (j *plainJSON) space(at int) int {
	if j.byteAt(at) > ' ' { // there hardly ever is any
		return at
	}
	return j.longSpace(at)
}

func (j *plainJSON) longSpace(at int) int {
	for ; at < len(j.bytes); at++ {
		switch j.bytes[at] {
		case ' ', '\t', '\n', '\r':
		default:
			return at
		}
	}
	return at
}

// next goes over the comma behind an item and to what follows it, or over the closing bracket, and says which it was.
// It also takes the item's own gaveUp.
func (j *plainJSON) next(at int, closing byte) (behind int, more bool) {
	if at == gaveUp {
		return gaveUp, false
	}
	at = j.space(at)
	switch j.byteAt(at) {
	case ',':
		return j.space(at + 1), true
	case closing:
		return at + 1, false
	default:
		return gaveUp, false
	}
}

// name reads a member's name and the colon.
func (j *plainJSON) name(at int) (string, int) {
	end := j.quoted(at)
	if end == gaveUp {
		return "", gaveUp
	}
	colon := j.space(end)
	if j.byteAt(colon) != ':' {
		return "", gaveUp
	}
	return j.text[at+1 : end-1], colon + 1
}

const (
	everyByte = 0x0101010101010101
	highBits  = 0x8080808080808080
)

// quoted reads a string without escapes, eight bytes at a time. Its text is what is between the first and the last
// byte.
func (j *plainJSON) quoted(at int) int {
	if j.byteAt(at) != '"' {
		return gaveUp
	}
	start := at + 1
	for at = start; at+8 <= len(j.bytes); at += 8 {
		found := strange(binary.LittleEndian.Uint64(j.bytes[at:]))
		if found == 0 {
			continue
		}
		at += bits.TrailingZeros64(found) / 8 // the lowest is one to look at; those above may be wrong
		if j.bytes[at] == '"' {
			return at + 1
		}
		break
	}
	return j.quotedRest(start, at)
}

// strange marks, in the highest bit of each of eight bytes, what a string without escapes and beyond ASCII has not:
// quotes, backslashes, control characters and other bytes. It is 0 if there are none; of its marks only the lowest is
// sure to be right.
func strange(word uint64) uint64 {
	// This turns '"' into the one byte above the control characters, and leaves those below it.
	turned, slash := word^2*everyByte, word^'\\'*everyByte
	return ((turned-('"'-1)*everyByte)&^turned | (slash-everyByte)&^slash | word) & highBits
}

// quotedRest reads what is not all ASCII, or at the end of the document.
func (j *plainJSON) quotedRest(start, at int) int {
	for ; at < len(j.bytes); at++ {
		switch c := j.bytes[at]; {
		case c == '"':
			if !utf8.Valid(j.bytes[start:at]) {
				return gaveUp
			}
			return at + 1
		case c == '\\', c < ' ':
			return gaveUp
		}
	}
	return gaveUp
}

// digits reads an integer that is not negative.
func (j *plainJSON) digits(at int) int {
	start := at
	for isDigit(j.byteAt(at)) {
		at++
	}
	if at == start || j.bytes[start] == '0' && at > start+1 {
		return gaveUp
	}
	return j.literalEnd(at)
}

// literalEnd checks that a literal ends here.
func (j *plainJSON) literalEnd(at int) int {
	switch j.byteAt(at) {
	case ',', '}', ']', ' ', '\t', '\n', '\r':
		return at
	default:
		return gaveUp
	}
}

// word reads a literal name.
func (j *plainJSON) word(at int, literal string) int {
	end := at + len(literal)
	if end > len(j.text) || j.text[at:end] != literal {
		return gaveUp
	}
	return j.literalEnd(end)
}

// scalar reads over a value that does not count.
func (j *plainJSON) scalar(at int) int {
	switch c := j.byteAt(at); {
	case c == '"':
		return j.quoted(at)
	case isDigit(c):
		return j.digits(at)
	case c == 't':
		return j.word(at, "true")
	case c == 'f':
		return j.word(at, "false")
	default:
		return j.word(at, "null")
	}
}
