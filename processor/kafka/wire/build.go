package wire

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"math/bits"
	"slices"

	"verdict/processor"
)

// SizePrefix is the length of a record set in a Produce request; a batch is built right behind it.
const SizePrefix = 4

// Builder encodes records into one batch of message format 2. The zero value is empty and ready.
type Builder struct {
	bytes []byte // size prefix, header (filled in by finish) and records
	Count int32
	time  int64 // of all its records, milliseconds since 1970 UTC

	other    []byte // memory for the compressed form, and of the uncompressed one after that
	deflated Compression
}

// Size is what the batch takes so far, uncompressed.
func (b *Builder) Size() int {
	return max(len(b.bytes)-SizePrefix, HeaderBytes)
}

// Add appends a record. The first one gives all their timestamp.
func (b *Builder) Add(out *processor.Output, now int64) {
	b.AddSized(out, now, RecordSize(b.Count, out))
}

// AddSized is add for who knows the record's size already.
func (b *Builder) AddSized(out *processor.Output, now int64, size int) {
	if b.Count == 0 {
		b.bytes = append(b.bytes[:0], make([]byte, SizePrefix+HeaderBytes)...)
		b.time = now
	}
	b.bytes = appendRecord(b.bytes, b.Count, size, out)
	b.Count++
}

func appendRecord(dst []byte, index int32, size int, out *processor.Output) []byte {
	dst = slices.Grow(dst, size+binary.MaxVarintLen32)
	dst = binary.AppendVarint(dst, int64(size))
	dst = append(dst, 0, 0) // attributes, timestamp delta
	dst = binary.AppendVarint(dst, int64(index))
	dst = appendBytes(dst, out.Key)
	dst = appendBytes(dst, out.Value)
	dst = binary.AppendVarint(dst, int64(len(out.Headers)))
	for i := range out.Headers {
		h := &out.Headers[i]
		dst = binary.AppendVarint(dst, int64(len(h.Key)))
		dst = append(dst, h.Key...)
		dst = appendBytes(dst, h.Value)
	}
	return dst
}

func appendBytes(dst, b []byte) []byte {
	if b == nil {
		return append(dst, 1) // -1
	}
	return append(binary.AppendVarint(dst, int64(len(b))), b...)
}

// RecordSize is the length of a record behind its own length.
func RecordSize(index int32, out *processor.Output) int {
	size := 2 + varintSize(int64(index)) + bytesSize(out.Key) + bytesSize(out.Value) +
		varintSize(int64(len(out.Headers)))
	for i := range out.Headers {
		h := &out.Headers[i]
		size += varintSize(int64(len(h.Key))) + len(h.Key) + bytesSize(h.Value)
	}
	return size
}

func bytesSize(b []byte) int {
	if b == nil {
		return 1
	}
	return varintSize(int64(len(b))) + len(b)
}

func varintSize(v int64) int {
	u := uint64(v)<<1 ^ uint64(v>>63)
	return max(1, (bits.Len64(u)+6)/7)
}

// Deflate compresses the records; a batch may only be finished after it, and not be added to.
func (b *Builder) Deflate(c Compression) error {
	codec := c.codec()
	if codec == nil {
		return nil
	}
	deflated := bytes.NewBuffer(b.other[:0])
	deflated.Write(b.bytes[:SizePrefix+HeaderBytes])
	w := codec.NewWriter(deflated)
	if _, err := w.Write(b.bytes[SizePrefix+HeaderBytes:]); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	b.bytes, b.other, b.deflated = deflated.Bytes(), b.bytes, c
	return nil
}

// Stamp is what a producer adds to a batch.
type Stamp struct {
	ProducerID    int64
	Epoch         int16
	Sequence      int32
	Transactional bool
}

// Finish writes the size prefix and the header and returns both with the records. It may be called again with another
// stamp.
func (b *Builder) Finish(s Stamp) []byte {
	binary.BigEndian.PutUint32(b.bytes, uint32(len(b.bytes)-SizePrefix))
	set := b.bytes[SizePrefix:]
	attributes := uint16(0)
	if b.deflated > CompressionNone {
		attributes = uint16(b.deflated - CompressionNone)
	}
	if s.Transactional {
		attributes |= attributeTransactional
	}
	be := binary.BigEndian
	be.PutUint64(set, 0)
	be.PutUint32(set[batchLengthAt:], uint32(len(set)-12))
	be.PutUint32(set[12:], 0xffffffff) // leader epoch: unknown
	set[batchMagicAt] = 2
	be.PutUint16(set[batchAttributesAt:], attributes)
	be.PutUint32(set[batchLastDeltaAt:], uint32(b.Count-1))
	be.PutUint64(set[batchFirstTimeAt:], uint64(b.time))
	be.PutUint64(set[batchMaxTimeAt:], uint64(b.time))
	be.PutUint64(set[batchProducerAt:], uint64(s.ProducerID))
	be.PutUint16(set[batchEpochAt:], uint16(s.Epoch))
	be.PutUint32(set[batchSequenceAt:], uint32(s.Sequence))
	be.PutUint32(set[batchCountAt:], uint32(b.Count))
	be.PutUint32(set[batchChecksumAt:], crc32.Checksum(set[batchAttributesAt:], castagnoli))
	return b.bytes
}

// Memory is what the batch keeps when it is reset, in bytes.
func (b *Builder) Memory() int { return cap(b.bytes) + cap(b.other) }

// Reset empties the batch and keeps its memory.
func (b *Builder) Reset() {
	if b.deflated > CompressionNone {
		b.bytes, b.other = b.other, b.bytes
	}
	*b = Builder{bytes: b.bytes[:0], other: b.other[:0]}
}
