package state

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
)

// PositionKey is the key of a changelog's position record. No memory has it: their keys have 16 bytes.
var PositionKey = []byte{0}

// Position says where in a raw partition the state stands. Each transaction that moves or gates the partition writes
// it, so that a restore can show that state and offset are one cut.
type Position struct {
	Offset     int64  // of the raw partition: the next to process
	Partitions int32  // of the raw topic
	Number     int64  // of the transaction, counted for this partition
	Clock      int64  // of the partition, in milliseconds since 1970 UTC
	Writer     string // transactional id; at most 65,535 bytes
	RawTopic   string // at most 65,535 bytes
	Started    int64  // when state was begun for this partition, in milliseconds since 1970 UTC: the state's epoch
	Sum        Sum    // of what the state then holds
}

// positionSize is that of a position without its two texts: format 1, offset 8, partitions 4, number 8, clock 8,
// started 8, the sum's first day 4, count 4 and mix 8, and twice the length of a text 2. Little endian; each text
// stands behind its length.
const positionSize = 57

// Append appends the position as it is written in the changelog.
func (p *Position) Append(dst []byte) []byte {
	le := binary.LittleEndian
	dst = append(dst, format)
	dst = le.AppendUint64(dst, uint64(p.Offset))
	dst = le.AppendUint32(dst, uint32(p.Partitions))
	dst = le.AppendUint64(dst, uint64(p.Number))
	dst = le.AppendUint64(dst, uint64(p.Clock))
	dst = le.AppendUint64(dst, uint64(p.Started))
	dst = le.AppendUint32(le.AppendUint32(dst, p.Sum.From), p.Sum.Count)
	dst = le.AppendUint64(dst, p.Sum.Mix)
	for _, text := range [...]string{p.Writer, p.RawTopic} {
		text = text[:min(len(text), math.MaxUint16)] // Kafka's own texts end at half of that
		dst = append(le.AppendUint16(dst, uint16(len(text))), text...)
	}
	return dst
}

// ParsePosition reads the value of a position record. The error says what is wrong with it; it is ErrNewer for a format
// that this version does not know.
func ParsePosition(value []byte) (Position, error) {
	p, err := parsePosition(value)
	if err != nil {
		return Position{}, fmt.Errorf("the position record cannot be read: %w", err)
	}
	return p, nil
}

func parsePosition(value []byte) (p Position, err error) {
	switch {
	case len(value) == 0:
		return p, errors.New("it is empty")
	case value[0] > format:
		return p, fmt.Errorf("format %d: %w", value[0], ErrNewer)
	case value[0] != format:
		return p, fmt.Errorf("format %d, which there has never been", value[0])
	case len(value) < positionSize:
		return p, fmt.Errorf("it ends after %d bytes, where it has %d at least", len(value), positionSize)
	}
	le := binary.LittleEndian
	p.Offset = int64(le.Uint64(value[1:]))
	p.Partitions = int32(le.Uint32(value[9:]))
	p.Number = int64(le.Uint64(value[13:]))
	p.Clock = int64(le.Uint64(value[21:]))
	p.Started = int64(le.Uint64(value[29:]))
	p.Sum = Sum{le.Uint32(value[37:]), le.Uint32(value[41:]), le.Uint64(value[45:])}
	rest := value[53:]
	if p.Writer, rest, err = takeText(rest, "the writer"); err != nil {
		return p, err
	}
	if p.RawTopic, rest, err = takeText(rest, "the raw topic"); err != nil {
		return p, err
	}
	switch {
	case len(rest) > 0:
		return p, fmt.Errorf("%d bytes come after its end", len(rest))
	case p.Offset < 0, p.Partitions < 0, p.Number < 0:
		return p, fmt.Errorf("offset %d, %d partitions and transaction %d: none may be below 0", p.Offset, p.Partitions,
			p.Number)
	}
	return p, nil
}

// takeText takes a text that stands behind its length.
func takeText(value []byte, name string) (text string, rest []byte, err error) {
	if len(value) < 2 {
		return "", nil, fmt.Errorf("it ends before %s", name)
	}
	size := int(binary.LittleEndian.Uint16(value))
	if value = value[2:]; len(value) < size {
		return "", nil, fmt.Errorf("it ends within %s: %d of %d bytes", name, len(value), size)
	}
	return string(value[:size]), value[size:], nil
}
