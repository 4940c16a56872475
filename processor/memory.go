package processor

import (
	"crypto/sha256"
	"slices"

	"verdict/rules"
)

// Key identifies a verification in what is remembered: the first 16 bytes of a SHA-256 of provider, product and
// verification id. 64 bits would be too few, and a hash that is quick to forge could be attacked.
type Key [16]byte

// KeyOf is the key of a verification.
func KeyOf(provider, product, verificationID string) Key {
	var stack [256]byte
	sum := sha256.Sum256(appendTexts(stack[:0], provider, product, verificationID))
	return Key(sum[:16])
}

// Known is what is remembered of the verifications of one raw partition. Process looks a verification up in it and
// leaves what is to be remembered next in its Result: whoever called it puts that into the state, once it is certain
// what is published.
type Known interface {
	// Recall fills m with what is remembered of a verification; false: nothing is.
	Recall(key Key, m *Memory) bool
}

// What a memory holds.
const (
	SeenEvents  = 8 // events that are recognized when they come again
	KeptCharges = 2 // of these attempts, or variants of one

	mostSequence = 1<<24 - 1
)

// Memory is what is remembered of one verification: hashes and enums only, nothing personal, no pointers. Its hashes
// are shorter than they could be, so that it stays small; each says how often it may mislead.
type Memory struct {
	Word       Word
	Sequence   uint32 // decisions published about it, up to 2^24-1
	FirstSeen  int64  // when its first event was written to the raw topic, in seconds since 1970 UTC
	LastSeen   int64  // the latest time that one was
	LastOffset int64  // of its last event in the raw partition, or moved
	RecordKey  uint32 // murmur2 of the raw record's key, for whoever moves it to another partition

	Seen     [SeenEvents]Fingerprint // the oldest first
	NumSeen  uint8
	WordSeen uint8 // which of them is the current word's; only where Word.There

	Charges    [KeptCharges]Charge // the highest attempt first, of one attempt the latest variant
	NumCharges uint8
}

// Word is the current word about a verification: what the event says that counts over all others known.
type Word struct {
	There bool // false: all that came was too old to conclude anything from

	DecisionID ID
	Content    uint64 // of its event: 56 bits, see contentOf
	Offset     int64  // of its event in the raw partition, or moved
	// Since is when the event came that first said this, in milliseconds since 1970 UTC by its raw record: what says
	// the same again does not move it.
	Since    int64
	Same     uint8  // how often the same has come, up to 255
	Overdue  bool   // a notice went out that the next word is overdue
	Status   uint32 // rules.StatusHash
	HasRisk  bool
	RiskCode int32
	Report   bool

	Signature rules.Signature
	Final     bool
	Standing
}

// Charge is what is remembered of a charge: its facts, and of the end that decides it what says whether another one
// counts over it.
type Charge struct {
	Variant   uint32 // 24 bits of a hash: two variants of one attempt are taken for one in 6 of 10^8 cases
	Facts     uint32 // 24 bits of a hash of those that are not written out here
	Flag      rules.BillingFlag
	FlagSince int64 // microseconds since 1970 UTC
	Standing
}

// Standing is what decides which of two events of a verification counts over the other.
type Standing struct {
	Attempt    int32
	Closes     bool // an end that no other status follows
	Ended      bool
	Timed      bool  // OccurredAt is the provider's, or else the raw record's
	OccurredAt int64 // microseconds since 1970 UTC
	Outcome    rules.Outcome
	Tie        uint16 // first two bytes of the decision id, where all else is equal
}

// Move notes that the verification's records come to another partition of the raw topic from now on: the offsets that
// are known are those of the partition before, which is not known itself.
func (m *Memory) Move() {
	m.Word.Offset, m.LastOffset = moved(m.Word.Offset), moved(m.LastOffset)
}

// moved writes an offset of the partition before: below 0, so that it is none of the present one. It stays as it is if
// it is moved again.
func moved(offset int64) int64 { return min(offset, -1-offset) }

// PlaceOf reads an offset of a memory, and says whether it is that of the partition before.
func PlaceOf(offset int64) (at int64, isMoved bool) { return max(offset, -1-offset), offset < 0 }

// see remembers an event as the last one, and whether it is the current word's. One that came before, of what is known
// by its content alone, is remembered once. If there is no room, the oldest goes, but never the current word's.
func (m *Memory) see(f Fingerprint, word bool) {
	kept := int(m.NumSeen)
	gone := slices.Index(m.Seen[:kept], f)
	if gone < 0 && kept == SeenEvents {
		gone = 0
		if m.Word.There && m.WordSeen == 0 && !word {
			gone = 1
		}
	}
	if gone >= 0 {
		kept--
		copy(m.Seen[gone:], m.Seen[gone+1:])
	}
	m.Seen[kept] = f
	m.NumSeen = uint8(kept) + 1
	switch {
	case word:
		m.WordSeen = uint8(kept)
	case m.Word.There && gone >= 0 && int(m.WordSeen) > gone:
		m.WordSeen--
	}
}

// touch notes when and where the last event came.
func (m *Memory) touch(r *Record) {
	m.LastSeen = max(m.LastSeen, r.Timestamp/1000) // a producer's clock may go back
	if m.FirstSeen == 0 {
		m.FirstSeen = m.LastSeen
	}
	m.LastOffset = r.Offset
}
