package processor

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"slices"
	"strings"
)

// ID is a deterministic identifier: the first 16 bytes of a SHA-256, marked as a UUID of version 8 (RFC 9562, section 5.8).
type ID [16]byte

// IsZero says whether there is no identifier.
func (id ID) IsZero() bool { return id == ID{} }

// String is the UUID's text form.
func (id ID) String() string { return string(id.AppendText(nil)) }

// AppendText appends the UUID's text form, 36 bytes.
func (id ID) AppendText(dst []byte) []byte {
	for i, b := range id {
		if i == 4 || i == 6 || i == 8 || i == 10 {
			dst = append(dst, '-')
		}
		dst = hex.AppendEncode(dst, []byte{b})
	}
	return dst
}

// hashed collects the parts of an identifier. Each part is preceded by its length, so that no two lists of parts look alike.
type hashed struct {
	bytes []byte
}

func (h *hashed) text(s string) {
	h.bytes = binary.AppendUvarint(h.bytes, uint64(len(s)))
	h.bytes = append(h.bytes, s...)
}

func (h *hashed) number(n int64) { h.bytes = binary.AppendVarint(h.bytes, n) }

func (h *hashed) id() ID {
	sum := sha256.Sum256(h.bytes)
	var id ID
	copy(id[:], sum[:])
	id[6] = id[6]&0x0f | 0x80
	id[8] = id[8]&0x3f | 0x80
	return id
}

// DecisionID identifies the decision about an event: the same for the same event redelivered or decided again, by any instance.
func DecisionID(provider, product, verificationID, eventID string) ID {
	var stack [256]byte
	h := hashed{stack[:0]}
	h.text("decision")
	h.text(provider)
	h.text(product)
	h.text(verificationID)
	h.text(eventID)
	return h.id()
}

// ChargeID identifies a billable fact: the same for each notification about one attempt.
func ChargeID(provider, product, variant, verificationID string, attempt int32) ID {
	var stack [256]byte
	h := hashed{stack[:0]}
	h.text("charge")
	h.text(provider)
	h.text(product)
	h.text(variant)
	h.text(verificationID)
	h.number(int64(attempt))
	return h.id()
}

// ContentID stands in for the event id of an event that has none. It depends on what the event says alone, not on
// where or when it was read nor on the order of its codes, so that a redelivery has the same one.
func (e *Event) ContentID() ID {
	var stack [512]byte
	h := hashed{stack[:0]}
	for _, s := range []string{"event", e.Provider, e.Product, e.ProductVariant, e.VerificationID, e.SubjectRef, e.JourneyRef, e.Status} {
		h.text(s)
	}
	codes := slices.Clone(e.Codes)
	slices.Sort(codes)
	codes = slices.Compact(codes)
	h.number(int64(len(codes)))
	for _, c := range codes {
		h.text(c)
	}
	h.optional(int64(e.RiskCode), e.HasRiskCode)
	h.number(int64(e.attempt()))
	h.number(int64(e.environment()))
	h.number(int64(e.Integration))
	h.optional(e.OccurredAt, e.HasOccurredAt)
	pairs := slices.Clone(e.Metadata)
	slices.SortFunc(pairs, func(a, b Pair) int { return strings.Compare(a.Key, b.Key) })
	for _, p := range pairs {
		h.text(p.Key)
		h.text(p.Value)
	}
	return h.id()
}

func (h *hashed) optional(n int64, there bool) {
	if !there {
		h.bytes = append(h.bytes, 0)
		return
	}
	h.bytes = append(h.bytes, 1)
	h.number(n)
}
