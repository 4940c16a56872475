package codec

import (
	"fmt"
	"math"
	"unicode/utf8"

	"github.com/hamba/avro/v2"
)

// avroCursor reads the primitive parts of an Avro value, never beyond its end and never more than its limits allow. The
// first problem sticks: everything after it reads as zero, and loops must ask for it.
//
// The work that a value can cause is bounded by its length: whatever is walked consumes at least one byte for each
// level of nesting, of which there are at most maxDepth, and nothing is allocated ahead of bytes that are there.
type avroCursor struct {
	text    string // the whole value, header included
	at      int
	limits  Limits
	depth   int
	problem string // "": none
}

func (c *avroCursor) failed() bool { return c.problem != "" }

func (c *avroCursor) fail(format string, args ...any) {
	if c.problem == "" {
		c.problem = fmt.Sprintf(format, args...) + fmt.Sprintf(", at byte %d", c.at)
		c.at = len(c.text)
	}
}

const endsEarly = "the value ends inside of a field"

func (c *avroCursor) left() int { return len(c.text) - c.at }

// enter and leave count the nesting.
func (c *avroCursor) enter() bool {
	if c.depth++; c.depth > maxDepth {
		c.fail("nested deeper than %d levels", maxDepth)
	}
	return !c.failed()
}

func (c *avroCursor) leave() { c.depth-- }

// varint reads a zigzag number of at most so many bytes.
func (c *avroCursor) varint(maxBytes int) int64 {
	var n uint64
	for i := 0; i < maxBytes; i++ {
		if c.at >= len(c.text) {
			c.fail(endsEarly)
			return 0
		}
		b := c.text[c.at]
		c.at++
		if i == 9 && b > 1 {
			break
		}
		n |= uint64(b&0x7f) << (7 * i)
		if b < 0x80 {
			return int64(n>>1) ^ -int64(n&1)
		}
	}
	c.fail("a number is too long")
	return 0
}

func (c *avroCursor) long() int64 { return c.varint(10) }

func (c *avroCursor) int() int64 {
	n := c.varint(5)
	if n < math.MinInt32 || n > math.MaxInt32 {
		c.fail("an int has more than 32 bits")
		return 0
	}
	return n
}

func (c *avroCursor) bool() bool {
	b := c.take(1)
	if b != "" && b[0] > 1 {
		c.fail("a boolean is neither 0 nor 1")
	}
	return b == "\x01"
}

// take reads n bytes.
func (c *avroCursor) take(n int) string {
	if n > c.left() {
		c.fail(endsEarly)
		return ""
	}
	s := c.text[c.at : c.at+n]
	c.at += n
	return s
}

// bytes reads a length and as many bytes.
func (c *avroCursor) bytes() string {
	switch n := c.long(); {
	case n < 0:
		c.fail("a length is negative")
		return ""
	case n > int64(c.limits.StringBytes):
		c.fail("a string or bytes value is longer than the limit of %d bytes", c.limits.StringBytes)
		return ""
	default:
		return c.take(int(n))
	}
}

func (c *avroCursor) string() string {
	s := c.bytes()
	if !utf8.ValidString(s) {
		c.fail("a string is not valid UTF-8")
		return ""
	}
	return s
}

// index reads the index of an enum's symbol or of a union's branch; -1 if there is none.
func (c *avroCursor) index(bits32 bool, n int, of string) int {
	var i int64
	if bits32 {
		i = c.int()
	} else {
		i = c.long()
	}
	if i < 0 || i >= int64(n) {
		c.fail("%s has no member of this number", of)
	}
	if c.failed() {
		return -1
	}
	return int(i)
}

func (c *avroCursor) branch(n *avroNode) *avroNode {
	if i := c.index(false, len(n.types), "a union"); i >= 0 {
		return n.types[i]
	}
	return nil
}

func (c *avroCursor) symbol(n *avroNode) string {
	if i := c.index(true, len(n.names), "an enum"); i >= 0 {
		return n.names[i]
	}
	return ""
}

// readText reads a text; false if bytes that stand for one are not valid UTF-8.
func (c *avroCursor) readText(n *avroNode) (string, bool) {
	switch n.kind {
	case avro.Enum:
		return c.symbol(n), true
	case avro.Bytes:
		s := c.bytes()
		return s, utf8.ValidString(s)
	default:
		return c.string(), true
	}
}

func (c *avroCursor) integer(n *avroNode) int64 {
	if n.kind == avro.Int {
		return c.int()
	}
	return c.long()
}

// micros reads a timestamp, in microseconds since 1970 UTC; one that is too far away for that is the last there is.
func (c *avroCursor) micros(n *avroNode) int64 {
	t := c.long()
	if t > math.MaxInt64/n.unit || t < math.MinInt64/n.unit {
		return math.MaxInt64
	}
	return t * n.unit
}

// avroBlock is a block of an array or map. The zero value is before the first one.
type avroBlock struct {
	items int // of this block, to be walked
	total int // of all blocks so far
	end   int // where the block said that it ends; 0: it did not
}

// next reads the head of the next block; false: there is none, or the value is malformed.
func (c *avroCursor) next(b *avroBlock, item *avroNode, isMap bool) bool {
	if b.end > 0 && b.end != c.at {
		c.fail("the items of a block do not fill its size")
	}
	count := c.long()
	b.end = 0
	if count < 0 {
		count = -count // the least number stays negative, and is refused below
		size := c.long()
		if size < 0 || size > int64(c.left()) {
			c.fail("a block's size does not fit into the value")
		}
		b.end = c.at + int(size)
	}
	if c.failed() || count == 0 {
		return false
	}
	if count < 0 || count > int64(c.limits.CollectionItems-b.total) {
		c.fail("an array or map has more items than the limit of %d", c.limits.CollectionItems)
		return false
	}
	b.total += int(count)
	b.items = int(count)
	if item.empty && !isMap {
		b.items = 0
	} else if b.items > c.left() {
		c.fail(endsEarly)
	}
	return !c.failed()
}

// skip reads over a value, as strictly as if it were needed.
func (c *avroCursor) skip(n *avroNode) {
	if n == nil || n.empty || c.failed() {
		return
	}
	switch n.kind {
	case avro.Boolean:
		c.bool()
	case avro.Int:
		c.int()
	case avro.Long:
		c.long()
	case avro.Float:
		c.take(4)
	case avro.Double:
		c.take(8)
	case avro.Bytes:
		c.bytes()
	case avro.String:
		c.string()
	case avro.Enum:
		c.symbol(n)
	case avro.Fixed:
		c.take(n.size)
	default:
		if c.enter() {
			c.skipNested(n)
		}
		c.leave()
	}
}

func (c *avroCursor) skipNested(n *avroNode) {
	switch n.kind {
	case avro.Union:
		c.skip(c.branch(n))
	case avro.Record:
		for _, f := range n.fields {
			c.skip(f.node)
		}
	case avro.Array, avro.Map:
		isMap := n.kind == avro.Map
		for b := (avroBlock{}); c.next(&b, n.item, isMap); {
			for i := 0; i < b.items && !c.failed(); i++ {
				if isMap {
					c.string()
				}
				c.skip(n.item)
			}
		}
	default:
		c.fail("a type of the schema is unknown: %s", n.kind)
	}
}
