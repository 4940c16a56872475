package codec

import (
	"encoding/binary"

	"verdict/processor"
)

// avroBytes is a value that grows. Each method appends one part and returns what has grown, as append does: the slice
// stays in registers, where one behind a pointer would be stored and loaded again for each byte.
type avroBytes []byte

// long writes an int or a long: zig-zag, seven bits a byte, the lowest first.
func (b avroBytes) long(n int64) avroBytes { return binary.AppendVarint(b, n) }

// text is not inlined: there are so many that what is done to one event would be more code than the processor's first
// cache holds.
//
//go:noinline
func (b avroBytes) text(s string) avroBytes {
	if len(s) < 64 { // nearly all are
		b = append(b, byte(len(s)<<1))
	} else {
		b = b.long(int64(len(s)))
	}
	return append(b, s...)
}

func (b avroBytes) optional(s string) avroBytes {
	if s == "" {
		return append(b, branch(false))
	}
	return append(b, branch(true)).text(s)
}

func (b avroBytes) id(id processor.ID) avroBytes {
	return id.AppendText(append(b, 2*36)) // the length of its text, as zig-zag
}

// block starts the only block of an array or map of n items; endOfBlocks follows it. An empty one has the end alone.
func (b avroBytes) block(n int) avroBytes {
	if n == 0 {
		return b
	}
	return b.long(int64(n))
}

const endOfBlocks = 0

// symbol is the index of an enum's symbol. It takes one byte, as no enum has more than 64 symbols: a test holds that.
func symbol[E ~uint8](e E) byte { return byte(e) << 1 }

func boolean(b bool) byte {
	if b {
		return 1
	}
	return 0
}

// branch chooses null or the value of a ["null", T] union.
func branch(there bool) byte { return boolean(there) << 1 }
