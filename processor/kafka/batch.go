package kafka

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"math/bits"
	"slices"

	"github.com/segmentio/kafka-go/compress"

	"verdict/processor"
)

// sizePrefix is the length of a record set in a Produce request; a batch is built right behind it.
const sizePrefix = 4

// batchBuilder encodes records into one batch of message format 2. The zero value is empty and ready.
type batchBuilder struct {
	bytes []byte // size prefix, header (filled in by finish) and records
	count int32
	time  int64 // of all its records, milliseconds since 1970 UTC

	other    []byte // memory for the compressed form, and of the uncompressed one after that
	deflated bool
}

// size is what the batch takes so far, uncompressed.
func (b *batchBuilder) size() int {
	return max(len(b.bytes)-sizePrefix, batchHeaderBytes)
}

// add appends a record. The first one gives all their timestamp.
func (b *batchBuilder) add(out *processor.Output, now int64) {
	b.addSized(out, now, recordSize(b.count, out))
}

// addSized is add for who knows the record's size already.
func (b *batchBuilder) addSized(out *processor.Output, now int64, size int) {
	if b.count == 0 {
		b.bytes = append(b.bytes[:0], make([]byte, sizePrefix+batchHeaderBytes)...)
		b.time = now
	}
	b.bytes = appendRecord(b.bytes, b.count, size, out)
	b.count++
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

// recordSize is the length of a record behind its own length.
func recordSize(index int32, out *processor.Output) int {
	size := 2 + varintSize(int64(index)) + bytesSize(out.Key) + bytesSize(out.Value) + varintSize(int64(len(out.Headers)))
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

// deflate compresses the records; a batch may only be finished after it, and not be added to.
func (b *batchBuilder) deflate(c Compression) error {
	codec := codecOf(c)
	if codec == nil {
		return nil
	}
	deflated := bytes.NewBuffer(b.other[:0])
	deflated.Write(b.bytes[:sizePrefix+batchHeaderBytes])
	w := codec.NewWriter(deflated)
	if _, err := w.Write(b.bytes[sizePrefix+batchHeaderBytes:]); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	b.bytes, b.other, b.deflated = deflated.Bytes(), b.bytes, true
	return nil
}

func codecOf(c Compression) compress.Codec {
	if c <= CompressionNone {
		return nil
	}
	return compress.Compression(c - CompressionNone).Codec()
}

// stamp is what a producer adds to a batch.
type stamp struct {
	producerID    int64
	epoch         int16
	sequence      int32
	transactional bool
}

// finish writes the size prefix and the header and returns both with the records. It may be called again with another stamp.
func (b *batchBuilder) finish(c Compression, s stamp) []byte {
	binary.BigEndian.PutUint32(b.bytes, uint32(len(b.bytes)-sizePrefix))
	set := b.bytes[sizePrefix:]
	attributes := uint16(0)
	if c > CompressionNone {
		attributes = uint16(c - CompressionNone)
	}
	if s.transactional {
		attributes |= attributeTransactional
	}
	be := binary.BigEndian
	be.PutUint64(set, 0)
	be.PutUint32(set[batchLengthAt:], uint32(len(set)-12))
	be.PutUint32(set[12:], 0xffffffff) // leader epoch: unknown
	set[batchMagicAt] = 2
	be.PutUint16(set[batchAttributesAt:], attributes)
	be.PutUint32(set[batchLastDeltaAt:], uint32(b.count-1))
	be.PutUint64(set[batchFirstTimeAt:], uint64(b.time))
	be.PutUint64(set[batchMaxTimeAt:], uint64(b.time))
	be.PutUint64(set[batchProducerAt:], uint64(s.producerID))
	be.PutUint16(set[batchEpochAt:], uint16(s.epoch))
	be.PutUint32(set[batchSequenceAt:], uint32(s.sequence))
	be.PutUint32(set[batchCountAt:], uint32(b.count))
	be.PutUint32(set[batchChecksumAt:], crc32.Checksum(set[batchAttributesAt:], castagnoli))
	return b.bytes
}

// memory is what the batch keeps when it is reset, in bytes.
func (b *batchBuilder) memory() int { return cap(b.bytes) + cap(b.other) }

// reset empties the batch and keeps its memory.
func (b *batchBuilder) reset() {
	if b.deflated {
		b.bytes, b.other = b.other, b.bytes
	}
	*b = batchBuilder{bytes: b.bytes[:0], other: b.other[:0]}
}
