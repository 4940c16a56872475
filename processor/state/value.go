package state

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"verdict/processor"
	"verdict/rules"
)

// A memory in bytes, little endian. In the changelog one byte with the format comes first.
//
//	bits         2  outcome 3 bits, signature 2, final, ended, closes, timed, report, overdue, has risk, there, and
//	                which of the events seen is the word's 3
//	counts       1  events seen 4 bits, charges 2
//	word        54  decision id 16, content 7, offset 6, since 6, occurred at 8, status 3, risk code 4, attempt 4
//	same         1
//	verification 20 sequence 3, first seen 4, last seen 4, last offset minus the word's 5, record key 4
//	charges  29 each: attempt 4, variant 3, facts 3, flag since 8, occurred at 8, tie 2, and 1 with flag 2 bits,
//	                outcome 3, closes, ended, timed
//	events    7 each
//
// Without a word its fields are 0, but for the offset, which is then the last one. The word's tie is not written: it is
// the first two bytes of its decision id.
const (
	format     = 1
	headSize   = 78
	chargeSize = 29
	eventSize  = 7
	valueSize  = headSize + processor.KeptCharges*chargeSize + processor.SeenEvents*eventSize

	countsAt     = 2
	decisionIDAt = 3
	sequenceAt   = 58
	lastSeenAt   = 65

	mostSeconds = math.MaxUint32
	mostMillis  = 1<<48 - 1
)

// ErrNewer says that a value or position is in a format that this version does not know: a newer one has written it.
var ErrNewer = errors.New("a newer version of Verdict has written it, in a format that this one does not know")

// packed is a memory in bytes, and room for a number to be read or written eight bytes at once at its end.
type packed [valueSize + 8]byte

// cursor goes over a packed memory, number by number.
type cursor struct {
	b  *packed
	at int
}

// put writes eight bytes, of which the next number overwrites those above the size of this one.
func (c *cursor) put(size int, v uint64) {
	binary.LittleEndian.PutUint64(c.b[c.at:], v)
	c.at += size
}

func (c *cursor) take(size int) uint64 {
	v := binary.LittleEndian.Uint64(c.b[c.at:])
	c.at += size
	return v & (1<<(8*size) - 1)
}

// takeSigned is take for numbers that may be below zero.
func (c *cursor) takeSigned(size int) int64 {
	unused := 64 - 8*size
	return int64(c.take(size)<<unused) >> unused
}

// pack writes a memory, and returns how many bytes it takes. What the core makes is written whole, but for times from
// 2106 (seconds) and the year 10889 (milliseconds) on, offsets from 2^47 on, and a last offset more than 2^39 behind
// the word's: those become the greatest that can be written.
func pack(b *packed, m *processor.Memory) int {
	var none processor.Word
	w, wordSeen, offset := &m.Word, uint64(m.WordSeen), m.Word.Offset
	if !w.There {
		w, wordSeen, offset = &none, 0, m.LastOffset
	}
	offset = within(offset, 48)
	c := cursor{b: b}
	c.put(2, uint64(w.Outcome)|uint64(w.Signature)<<3|bit(w.Final)<<5|bit(w.Ended)<<6|bit(w.Closes)<<7|
		bit(w.Timed)<<8|bit(w.Report)<<9|bit(w.Overdue)<<10|bit(w.HasRisk)<<11|bit(w.There)<<12|wordSeen<<13)
	c.put(1, uint64(m.NumSeen)|uint64(m.NumCharges)<<4)
	c.at += copy(b[c.at:], w.DecisionID[:])
	c.put(7, w.Content)
	c.put(6, uint64(offset))
	c.put(6, uint64(min(max(w.Since, 0), mostMillis)))
	c.put(8, uint64(w.OccurredAt))
	c.put(3, uint64(w.Status))
	c.put(4, uint64(uint32(w.RiskCode)))
	c.put(4, uint64(uint32(w.Attempt)))
	c.put(1, uint64(w.Same))
	c.put(3, uint64(m.Sequence))
	c.put(4, uint64(min(max(m.FirstSeen, 0), mostSeconds)))
	c.put(4, uint64(min(max(m.LastSeen, 0), mostSeconds)))
	c.put(5, uint64(within(m.LastOffset-offset, 40)))
	c.put(4, uint64(m.RecordKey))
	for i := range m.Charges[:m.NumCharges] {
		c.putCharge(&m.Charges[i])
	}
	for _, event := range m.Seen[:m.NumSeen] {
		c.put(eventSize, uint64(event))
	}
	return c.at
}

func (c *cursor) putCharge(charge *processor.Charge) {
	c.put(4, uint64(uint32(charge.Attempt)))
	c.put(3, uint64(charge.Variant))
	c.put(3, uint64(charge.Facts))
	c.put(8, uint64(charge.FlagSince))
	c.put(8, uint64(charge.OccurredAt))
	c.put(2, uint64(charge.Tie))
	c.put(1, uint64(charge.Flag)|uint64(charge.Outcome)<<2|bit(charge.Closes)<<5|bit(charge.Ended)<<6|
		bit(charge.Timed)<<7)
}

// unpack reads what pack has written, or what check has found right.
func unpack(b *packed, m *processor.Memory) {
	c := cursor{b: b}
	*m = processor.Memory{}
	w := &m.Word
	bits := c.take(2)
	w.Outcome, w.Signature = rules.Outcome(bits&7), rules.Signature(bits>>3&3)
	w.Final, w.Ended, w.Closes, w.Timed = isSet(bits, 5), isSet(bits, 6), isSet(bits, 7), isSet(bits, 8)
	w.Report, w.Overdue, w.HasRisk, w.There = isSet(bits, 9), isSet(bits, 10), isSet(bits, 11), isSet(bits, 12)
	m.WordSeen = uint8(bits >> 13)
	counts := c.take(1)
	m.NumSeen, m.NumCharges = uint8(counts&15), uint8(counts>>4)
	c.at += copy(w.DecisionID[:], b[c.at:])
	w.Tie = uint16(w.DecisionID[0])<<8 | uint16(w.DecisionID[1])
	w.Content = c.take(7)
	w.Offset = c.takeSigned(6)
	w.Since = int64(c.take(6))
	w.OccurredAt = int64(c.take(8))
	w.Status = uint32(c.take(3))
	w.RiskCode = int32(c.take(4))
	w.Attempt = int32(c.take(4))
	w.Same = uint8(c.take(1))
	m.Sequence = uint32(c.take(3))
	m.FirstSeen = int64(c.take(4))
	m.LastSeen = int64(c.take(4))
	m.LastOffset = w.Offset + c.takeSigned(5)
	m.RecordKey = uint32(c.take(4))
	if !w.There {
		w.Offset = 0
	}
	for i := range m.Charges[:m.NumCharges] {
		c.takeCharge(&m.Charges[i])
	}
	for i := range m.Seen[:m.NumSeen] {
		m.Seen[i] = processor.Fingerprint(c.take(eventSize))
	}
}

func (c *cursor) takeCharge(charge *processor.Charge) {
	charge.Attempt = int32(c.take(4))
	charge.Variant = uint32(c.take(3))
	charge.Facts = uint32(c.take(3))
	charge.FlagSince = int64(c.take(8))
	charge.OccurredAt = int64(c.take(8))
	charge.Tie = uint16(c.take(2))
	bits := c.take(1)
	charge.Flag, charge.Outcome = rules.BillingFlag(bits&3), rules.Outcome(bits>>2&7)
	charge.Closes, charge.Ended, charge.Timed = isSet(bits, 5), isSet(bits, 6), isSet(bits, 7)
}

// ParseMemory reads a memory as it is written in the changelog, for whoever looks at one without a store. The error is
// ErrNewer for a format that this version does not know.
func ParseMemory(value []byte, m *processor.Memory) error {
	var b packed
	err := check(&b, value)
	if err == nil {
		unpack(&b, m)
		err = checkNumbers(m)
	}
	if err != nil {
		return fmt.Errorf("the state record cannot be read: %w", err)
	}
	return nil
}

// Moved is what is remembered of a verification, as it is written in the changelog of the partition that its records
// come to from now on. The error is that of ParseMemory.
func Moved(value []byte) ([]byte, error) {
	var m processor.Memory
	if err := ParseMemory(value, &m); err != nil {
		return nil, err
	}
	m.Move()
	var b packed
	n := pack(&b, &m)
	return append([]byte{format}, b[:n]...), nil
}

// check says whether a value of the changelog is one that this version writes, with its format before it, and copies
// the rest of it.
func check(b *packed, value []byte) error {
	switch {
	case len(value) == 0:
		return errors.New("it is empty")
	case value[0] > format:
		return fmt.Errorf("format %d: %w", value[0], ErrNewer)
	case value[0] != format:
		return fmt.Errorf("format %d, which there has never been", value[0])
	case len(value) < 1+headSize:
		return fmt.Errorf("it ends after %d bytes, where its head alone has %d", len(value), 1+headSize)
	}
	value = value[1:]
	counts := value[countsAt]
	switch want := sizeOf(counts); {
	case counts&15 > processor.SeenEvents:
		return fmt.Errorf("it counts %d events seen, where at most %d are kept", counts&15, processor.SeenEvents)
	case counts>>4 > processor.KeptCharges:
		return fmt.Errorf("it counts %d charges, where at most %d are kept", counts>>4, processor.KeptCharges)
	case len(value) != want:
		return fmt.Errorf("it has %d bytes, where its counts make it %d", 1+len(value), 1+want)
	}
	copy(b[:], value)
	return nil
}

// checkNumbers looks into a memory that was read from the changelog. Numbers of all sizes are right in most fields.
func checkNumbers(m *processor.Memory) error {
	w := &m.Word
	switch {
	case w.There && (w.Outcome == rules.OutcomeUnspecified || w.Signature == rules.SignatureUnspecified):
		return fmt.Errorf("its word has outcome %d and signature %d, of which none may be 0", w.Outcome, w.Signature)
	case w.There && m.WordSeen >= m.NumSeen:
		return fmt.Errorf("its word is of event %d, where %d were seen, counted from 0", m.WordSeen, m.NumSeen)
	}
	for i := range m.Charges[:m.NumCharges] {
		if c := &m.Charges[i]; c.Flag == rules.BillingFlagUnspecified || c.Outcome == rules.OutcomeUnspecified {
			return fmt.Errorf("charge %d has flag %d and outcome %d, of which none may be 0", i, c.Flag, c.Outcome)
		}
	}
	return nil
}

// sizeOf is how many bytes a packed memory with these counts takes.
func sizeOf(counts byte) int {
	return headSize + int(counts>>4)*chargeSize + int(counts&15)*eventSize
}

// within is the nearest number that is written in so many bits, with its sign.
func within(v int64, bits int) int64 {
	most := int64(1)<<(bits-1) - 1
	return min(max(v, -most-1), most)
}

func bit(is bool) uint64 {
	if is {
		return 1
	}
	return 0
}

func isSet(bits uint64, at int) bool { return bits>>at&1 != 0 }
