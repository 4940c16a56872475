package wire

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"

	"github.com/segmentio/kafka-go/compress"

	"verdict/processor"
)

// A record batch of message format 2 (since Kafka 0.11), big endian:
// https://kafka.apache.org/documentation/#recordbatch
const (
	batchLengthAt     = 8 // of all that follows it
	batchMagicAt      = 16
	batchChecksumAt   = 17 // CRC-32C of all that follows it
	batchAttributesAt = 21
	batchLastDeltaAt  = 23
	batchFirstTimeAt  = 27
	batchMaxTimeAt    = 35
	batchProducerAt   = 43
	batchEpochAt      = 51
	batchSequenceAt   = 53
	batchCountAt      = 57
	HeaderBytes       = 61

	attributeCodec         = 7
	attributeAppendTime    = 1 << 3
	attributeTransactional = 1 << 4
	attributeControl       = 1 << 5
)

// maxInflated bounds what one compressed batch may grow to.
const maxInflated = 64 << 20

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// ErrCutShort is normal at the end of a fetched record set.
var ErrCutShort = errors.New("the batch is cut short")

// Batch is a view of one batch as it was fetched.
type Batch struct {
	BaseOffset, NextOffset int64
	attributes             int16
	firstTime, maxTime     int64
	producerID             int64
	count                  int32
	body                   []byte // the records, perhaps compressed
}

// ReadBatch reads the first batch of a record set and returns what follows it.
func ReadBatch(set []byte) (b Batch, rest []byte, err error) {
	if len(set) < batchMagicAt+1 {
		return b, nil, ErrCutShort
	}
	b.BaseOffset = int64(binary.BigEndian.Uint64(set))
	if magic := set[batchMagicAt]; magic != 2 {
		return b, nil, fmt.Errorf("the batch at offset %d has message format %d, written by a producer older than "+
			"Kafka 0.11; only format 2 is read",
			b.BaseOffset, magic)
	}
	length := int(int32(binary.BigEndian.Uint32(set[batchLengthAt:])))
	if length < HeaderBytes-12 {
		return b, nil, fmt.Errorf("the batch at offset %d is damaged: its length is %d", b.BaseOffset, length)
	}
	if len(set) < 12+length {
		return b, nil, ErrCutShort
	}
	set, rest = set[:12+length], set[12+length:]
	if sum := crc32.Checksum(set[batchAttributesAt:],
		castagnoli); sum != binary.BigEndian.Uint32(set[batchChecksumAt:]) {
		return b, nil, fmt.Errorf("the batch at offset %d is damaged: its checksum does not match", b.BaseOffset)
	}
	b.attributes = int16(binary.BigEndian.Uint16(set[batchAttributesAt:]))
	last := int64(int32(binary.BigEndian.Uint32(set[batchLastDeltaAt:])))
	if last < 0 {
		return b, nil, fmt.Errorf("the batch at offset %d is damaged: it ends before it begins", b.BaseOffset)
	}
	b.NextOffset = b.BaseOffset + last + 1
	b.firstTime = int64(binary.BigEndian.Uint64(set[batchFirstTimeAt:]))
	b.maxTime = int64(binary.BigEndian.Uint64(set[batchMaxTimeAt:]))
	b.producerID = int64(binary.BigEndian.Uint64(set[batchProducerAt:]))
	b.count = int32(binary.BigEndian.Uint32(set[batchCountAt:]))
	b.body = set[HeaderBytes:]
	return b, rest, nil
}

// EndOf is the offset behind the last whole batch of a record set; 0 if there is none. It trusts the lengths: ReadBatch
// checks them.
func EndOf(set []byte) int64 {
	end := int64(0)
	for len(set) >= HeaderBytes {
		length := 12 + int(int32(binary.BigEndian.Uint32(set[batchLengthAt:])))
		if length < HeaderBytes || length > len(set) {
			break
		}
		end = int64(binary.BigEndian.Uint64(set)) + int64(int32(binary.BigEndian.Uint32(set[batchLastDeltaAt:]))) + 1
		set = set[length:]
	}
	return end
}

// Control says whether it holds no record but a marker, with which a transaction ends.
func (b *Batch) Control() bool { return b.attributes&attributeControl != 0 }

func (b *Batch) transactional() bool { return b.attributes&attributeTransactional != 0 }

// Records iterates over the records of a batch.
type Records struct {
	batch  *Batch
	bytes  []byte
	left   int32
	offset int64 // the least that the next record may have
}

// Open decompresses the batch if need be. The records share the batch's memory or that of the decompressed copy.
func (b *Batch) Open() (Records, error) { return b.OpenInto(new([]byte)) }

// OpenInto is Open with the decompressed copy in *memory, which is made larger if need be: what it held before is gone.
func (b *Batch) OpenInto(memory *[]byte) (Records, error) {
	rs := Records{batch: b, bytes: b.body, left: b.count, offset: b.BaseOffset}
	code := compress.Compression(b.attributes & attributeCodec)
	if code == compress.None || len(b.body) == 0 {
		return rs, nil
	}
	codec := code.Codec()
	if codec == nil {
		return rs, fmt.Errorf("the batch at offset %d is compressed with the unknown codec %d", b.BaseOffset, code)
	}
	if err := inflate(codec, b.body, memory); err != nil {
		return rs, fmt.Errorf("the batch at offset %d does not decompress (%s): %w", b.BaseOffset, codec.Name(), err)
	}
	rs.bytes = *memory
	return rs, nil
}

func inflate(codec compress.Codec, body []byte, memory *[]byte) error {
	r := codec.NewReader(bytes.NewReader(body))
	defer r.Close()
	inflated := bytes.NewBuffer((*memory)[:0])
	_, err := inflated.ReadFrom(io.LimitReader(r, maxInflated+1))
	*memory = inflated.Bytes()
	if err == nil && len(*memory) > maxInflated {
		err = fmt.Errorf("it grows beyond %d bytes", maxInflated)
	}
	return err
}

var (
	errDamaged = errors.New("a record is damaged: its lengths do not fit")
	errOffset  = errors.New("a record is damaged: its offset does not fit its batch")
	errCount   = errors.New("the batch is damaged: it holds more than its number of records")
)

// Next fills in offset, timestamp, key, value and headers of the next record; false at the end.
func (rs *Records) Next(r *processor.Record) (bool, error) {
	if rs.left <= 0 {
		if len(rs.bytes) > 0 {
			return false, errCount
		}
		return false, nil
	}
	rs.left--
	length, ok := takeVarint(&rs.bytes)
	if !ok || length < 1 || length > int64(len(rs.bytes)) {
		return false, errDamaged
	}
	body := rs.bytes[1:length] // without the attributes, which have no meaning yet
	rs.bytes = rs.bytes[length:]
	timeDelta, ok1 := takeVarint(&body)
	offsetDelta, ok2 := takeVarint(&body)
	key, ok3 := takeBytes(&body)
	value, ok4 := takeBytes(&body)
	headers, ok5 := takeVarint(&body)
	if !(ok1 && ok2 && ok3 && ok4 && ok5) || headers < 0 || headers > int64(len(body)) {
		return false, errDamaged
	}
	if r.Offset, ok = rs.place(offsetDelta); !ok {
		return false, errOffset
	}
	r.Timestamp = rs.batch.firstTime + timeDelta
	if rs.batch.attributes&attributeAppendTime != 0 {
		r.Timestamp = rs.batch.maxTime
	}
	r.Key, r.Value = key, value
	before := r.Headers[:cap(r.Headers)]
	r.Headers = r.Headers[:0]
	for i := range int(headers) {
		name, ok1 := takeBytes(&body)
		value, ok2 := takeBytes(&body)
		if !(ok1 && ok2) {
			return false, errDamaged
		}
		r.Headers = append(r.Headers, processor.Header{Key: sameName(before, i, name), Value: value})
	}
	return true, nil
}

// sameName makes a string of a header's name. Most records of a topic have the same headers: then it is that of the
// record before.
func sameName(before []processor.Header, i int, name []byte) string {
	if i < len(before) && before[i].Key == string(name) {
		return before[i].Key
	}
	return string(name)
}

// place gives a record's offset. Brokers do not check what a producer writes there: in a batch that is whole, only the
// record's place counts, or else a record would be passed over or the partition with it. A compacted batch has gaps.
func (rs *Records) place(delta int64) (int64, bool) {
	offset := rs.batch.BaseOffset + delta
	if int64(rs.batch.count) == rs.batch.NextOffset-rs.batch.BaseOffset {
		offset = rs.offset
	}
	if offset < rs.offset || offset >= rs.batch.NextOffset {
		return 0, false
	}
	rs.offset = offset + 1
	return offset, true
}

func takeVarint(b *[]byte) (int64, bool) {
	v, n := binary.Varint(*b)
	if n <= 0 {
		return 0, false
	}
	*b = (*b)[n:]
	return v, true
}

// takeBytes reads a length and as many bytes; nil for the length -1.
func takeBytes(b *[]byte) ([]byte, bool) {
	n, ok := takeVarint(b)
	if !ok || n > int64(len(*b)) {
		return nil, false
	}
	if n < 0 {
		return nil, n == -1
	}
	v := (*b)[:n:n]
	*b = (*b)[n:]
	return v, true
}
