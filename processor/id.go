package processor

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"slices"
	"strings"
)

// ID is a deterministic identifier: the first 16 bytes of a SHA-256, marked as a UUID of version 8 (RFC 9562, section
// 5.8).
type ID [16]byte

// IsZero says whether there is no identifier.
func (id ID) IsZero() bool { return id == ID{} }

// String is the UUID's text form.
func (id ID) String() string { return string(id.AppendText(nil)) }

// AppendText appends the UUID's text form, 36 bytes. Several are written for each record, so that eight digits are made
// at once.
func (id ID) AppendText(dst []byte) []byte {
	var text [36]byte
	le := binary.LittleEndian
	le.PutUint64(text[0:], hexDigits(le.Uint32(id[0:])))
	digits := hexDigits(le.Uint32(id[4:]))
	text[8] = '-'
	le.PutUint32(text[9:], uint32(digits))
	text[13] = '-'
	le.PutUint32(text[14:], uint32(digits>>32))
	digits = hexDigits(le.Uint32(id[8:]))
	text[18] = '-'
	le.PutUint32(text[19:], uint32(digits))
	text[23] = '-'
	le.PutUint32(text[24:], uint32(digits>>32))
	le.PutUint64(text[28:], hexDigits(le.Uint32(id[12:])))
	return append(dst, text[:]...)
}

// ParseID reads the text form; false if s is none.
func ParseID(s string) (id ID, ok bool) {
	if len(s) != 36 || s[8] != '-' || s[13] != '-' || s[18] != '-' || s[23] != '-' {
		return ID{}, false
	}
	digits := s[:8] + s[9:13] + s[14:18] + s[19:23] + s[24:]
	n, err := hex.Decode(id[:], []byte(digits))
	return id, err == nil && n == len(id)
}

// hexDigits gives the eight hexadecimal digits of four bytes, both with the first in the lowest bits.
func hexDigits(four uint32) uint64 {
	const each = 0x01010101_01010101
	n := uint64(four)
	n = (n | n<<16) & 0x0000ffff_0000ffff
	n = (n | n<<8) & 0x00ff00ff_00ff00ff // a byte in every second one
	n = (n>>4 | n<<8) & (0x0f * each)    // and now its two halves
	letters := (n + 6*each) >> 4 & each  // 1 where the digit is above 9
	return n + '0'*each + letters*('a'-10-'0')
}

// The parts of an identifier are appended one by one, into memory on the stack if they are short. A text is preceded by
// its length, so that no two lists of parts look alike.

func appendTexts(parts []byte, texts ...string) []byte {
	for _, s := range texts {
		parts = append(binary.AppendUvarint(parts, uint64(len(s))), s...)
	}
	return parts
}

func appendOptional(parts []byte, n int64, there bool) []byte {
	if !there {
		return append(parts, 0)
	}
	return binary.AppendVarint(append(parts, 1), n)
}

func idOf(parts []byte) ID {
	sum := sha256.Sum256(parts)
	var id ID
	copy(id[:], sum[:])
	id[6] = id[6]&0x0f | 0x80
	id[8] = id[8]&0x3f | 0x80
	return id
}

// DecisionID identifies the decision about an event: the same for the same event redelivered or decided again, by any
// instance.
func DecisionID(provider, product, verificationID, eventID string) ID {
	var stack [256]byte
	parts := appendTexts(stack[:0], "decision", provider, product, verificationID, eventID)
	return idOf(parts)
}

// changedID identifies the decision about an event whose id came before, with another content.
func changedID(d *Decision, content uint64) ID {
	var stack [256]byte
	parts := appendTexts(stack[:0], "decision", d.Provider, d.Product, d.VerificationID, d.EventID)
	return idOf(binary.BigEndian.AppendUint64(parts, content))
}

// occurrenceID stands in for the id of an event that is known by its content alone, where that has come before: what
// tells it from the one before is where it was read.
func occurrenceID(contentID string, r *Record) ID {
	var stack [128]byte
	parts := appendTexts(stack[:0], "occurrence", contentID)
	parts = binary.AppendVarint(parts, int64(r.Partition))
	return idOf(binary.AppendVarint(parts, r.Offset))
}

// ChargeID identifies a billable fact: the same for each notification about one attempt.
func ChargeID(provider, product, variant, verificationID string, attempt int32) ID {
	var stack [256]byte
	parts := appendTexts(stack[:0], "charge", provider, product, variant, verificationID)
	parts = binary.AppendVarint(parts, int64(attempt))
	return idOf(parts)
}

// OverdueID identifies the notice that nothing has followed the word about an attempt until the deadline, in
// milliseconds since 1970 UTC: the same for the same deadline, whoever makes the notice and how often.
func OverdueID(provider, product, variant, verificationID string, attempt int32, deadline int64) ID {
	var stack [256]byte
	parts := appendTexts(stack[:0], "overdue", provider, product, variant, verificationID)
	parts = binary.AppendVarint(parts, int64(attempt))
	return idOf(binary.AppendVarint(parts, deadline))
}

// ContentID stands in for the event id of an event that has none. It depends on what the event says alone, not on where
// or when it was read, so that a redelivery has the same one. The codes are those of the decision's reasons, sorted and
// without duplicates, as the vocabulary reads them: neither their order nor their spelling counts. The integration is
// no part of it: it may be the operator's setting, and an id must not change with that.
func (e *Event) ContentID(reasons []Reason) ID {
	var stack [512]byte
	parts := appendTexts(stack[:0], "event", e.Provider, e.Product, e.ProductVariant, e.Account, e.VerificationID,
		e.SubjectRef, e.JourneyRef, e.Status)
	parts = binary.AppendVarint(parts, int64(len(reasons)))
	for i := range reasons {
		parts = appendTexts(parts, reasons[i].Code)
	}
	parts = appendOptional(parts, int64(e.RiskCode), e.HasRiskCode)
	parts = binary.AppendVarint(parts, int64(e.attempt()))
	parts = binary.AppendVarint(parts, int64(e.environment()))
	parts = appendOptional(parts, e.OccurredAt, e.HasOccurredAt)
	pairs := slices.Clone(e.Metadata)
	slices.SortFunc(pairs, func(a, b Pair) int { return strings.Compare(a.Key, b.Key) })
	for _, p := range pairs {
		parts = appendTexts(parts, p.Key, p.Value)
	}
	return idOf(parts)
}
