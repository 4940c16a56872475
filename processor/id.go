package processor

import (
	"crypto/sha256"
	"encoding/binary"
	"slices"
	"strings"
)

// ID is a deterministic identifier: the first 16 bytes of a SHA-256, marked as a UUID of version 8 (RFC 9562, section 5.8).
type ID [16]byte

// IsZero says whether there is no identifier.
func (id ID) IsZero() bool { return id == ID{} }

// String is the UUID's text form.
func (id ID) String() string { return string(id.AppendText(nil)) }

// AppendText appends the UUID's text form, 36 bytes. Several are written for each record.
func (id ID) AppendText(dst []byte) []byte {
	text := [36]byte{8: '-', 13: '-', 18: '-', 23: '-'}
	for i, at := range [...]uint8{0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34} {
		pair := hexPairs[id[i]]
		text[at], text[at+1] = pair[0], pair[1]
	}
	return append(dst, text[:]...)
}

// hexPairs is each byte as two hexadecimal digits.
var hexPairs = func() (pairs [256][2]byte) {
	const digits = "0123456789abcdef"
	for i := range pairs {
		pairs[i] = [2]byte{digits[i>>4], digits[i&15]}
	}
	return pairs
}()

// The parts of an identifier are appended one by one, into memory on the stack if they are short. A text is preceded by its
// length, so that no two lists of parts look alike.

func appendText(parts []byte, s string) []byte {
	return append(binary.AppendUvarint(parts, uint64(len(s))), s...)
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

// DecisionID identifies the decision about an event: the same for the same event redelivered or decided again, by any instance.
func DecisionID(provider, product, verificationID, eventID string) ID {
	var stack [256]byte
	parts := appendText(stack[:0], "decision")
	parts = appendText(parts, provider)
	parts = appendText(parts, product)
	parts = appendText(parts, verificationID)
	parts = appendText(parts, eventID)
	return idOf(parts)
}

// ChargeID identifies a billable fact: the same for each notification about one attempt.
func ChargeID(provider, product, variant, verificationID string, attempt int32) ID {
	var stack [256]byte
	parts := appendText(stack[:0], "charge")
	parts = appendText(parts, provider)
	parts = appendText(parts, product)
	parts = appendText(parts, variant)
	parts = appendText(parts, verificationID)
	parts = binary.AppendVarint(parts, int64(attempt))
	return idOf(parts)
}

// ContentID stands in for the event id of an event that has none. It depends on what the event says alone, not on
// where or when it was read, so that a redelivery has the same one. The codes are those of the decision's reasons, sorted and
// without duplicates, as the vocabulary reads them: neither their order nor their spelling counts.
func (e *Event) ContentID(reasons []Reason) ID {
	var stack [512]byte
	parts := appendText(stack[:0], "event")
	for _, s := range [...]string{e.Provider, e.Product, e.ProductVariant, e.VerificationID, e.SubjectRef, e.JourneyRef, e.Status} {
		parts = appendText(parts, s)
	}
	parts = binary.AppendVarint(parts, int64(len(reasons)))
	for i := range reasons {
		parts = appendText(parts, reasons[i].Code)
	}
	parts = appendOptional(parts, int64(e.RiskCode), e.HasRiskCode)
	parts = binary.AppendVarint(parts, int64(e.attempt()))
	parts = binary.AppendVarint(parts, int64(e.environment()))
	parts = binary.AppendVarint(parts, int64(e.Integration))
	parts = appendOptional(parts, e.OccurredAt, e.HasOccurredAt)
	pairs := slices.Clone(e.Metadata)
	slices.SortFunc(pairs, func(a, b Pair) int { return strings.Compare(a.Key, b.Key) })
	for _, p := range pairs {
		parts = appendText(parts, p.Key)
		parts = appendText(parts, p.Value)
	}
	return idOf(parts)
}
