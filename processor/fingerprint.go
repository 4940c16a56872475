package processor

// Fingerprint is an event as it is recognized when it comes again: 32 bits of its identity, then 24 bits of its
// content. Another event is taken for one of those seen in 2 of 10^9 cases if it says the same, and then no word is
// lost with it, and in 1 of 10^16 if it does not.
type Fingerprint uint64

const (
	contentBits = 24 // of a fingerprint
	contentMask = 1<<contentBits - 1
	shortHash   = 1<<24 - 1 // mask of a hash in 24 bits
)

func fingerprintOf(identity, content uint64) Fingerprint {
	return Fingerprint(identity&^contentMask | content&contentMask)
}

// sameEvent says whether both have one identity, whatever they say.
func (f Fingerprint) sameEvent(other Fingerprint) bool { return f>>contentBits == other>>contentBits }

// contentOf is what an event says, in 56 bits: status, codes, risk code, attempt, variant and environment. Nothing that
// may differ between two notifications of one fact is in it: no time, reference, metadata or integration. Another
// spelling of a status or code is the same.
func contentOf(status string, d *Decision) uint64 {
	h := startHash.text(status).number(uint64(len(d.Reasons)))
	for i := range d.Reasons {
		h = h.text(d.Reasons[i].Code)
	}
	return h.risk(d).number(uint64(d.Attempt)).text(d.ProductVariant).number(uint64(d.Environment)).bits56()
}

// identityOf is what an event is known by, in 56 bits.
func identityOf(e *Event, by Identity, content uint64) uint64 {
	switch by {
	case IdentityID:
		return startHash.text("id").text(e.EventID).bits56()
	case IdentityTime:
		return startHash.text("time").number(content).number(uint64(e.OccurredAt)).bits56()
	default:
		return content
	}
}

// variantOf and factsOf are hashes in 24 bits.
func variantOf(d *Decision) uint32 {
	if d.ProductVariant == "" {
		return 0
	}
	return uint32(startHash.text(d.ProductVariant).bits56()) & shortHash
}

func factsOf(status string, d *Decision) uint32 {
	h := startHash.text(status).risk(d).number(uint64(d.Environment)).text(d.Account)
	return uint32(h.bits56()) & shortHash
}

// hash is FNV-1a of 64 bits. A cryptographic one would take most of the time that is needed to follow an event, and
// guards against nobody here: whoever can choose what an event says can as well say what another one said.
type hash uint64

const (
	startHash hash = 14695981039346656037
	hashPrime hash = 1099511628211
)

// number adds a number, seven bits at a time, so that no two rows of numbers look alike.
func (h hash) number(n uint64) hash {
	for n >= 0x80 {
		h = (h ^ hash(n&0x7f|0x80)) * hashPrime
		n >>= 7
	}
	return (h ^ hash(n)) * hashPrime
}

// text adds a text, with its length in front.
func (h hash) text(s string) hash {
	h = h.number(uint64(len(s)))
	for i := range len(s) {
		h = (h ^ hash(s[i])) * hashPrime
	}
	return h
}

func (h hash) risk(d *Decision) hash {
	if !d.HasRisk {
		return h.number(0)
	}
	return h.number(1).number(uint64(d.Risk.Code))
}

// bits56 mixes the bits, as parts of the hash are compared (this is how murmur3 ends), and gives 56 of them.
func (h hash) bits56() uint64 {
	h ^= h >> 33
	h *= 0xff51afd7ed558ccd
	h ^= h >> 33
	h *= 0xc4ceb9fe1a85ec53
	h ^= h >> 33
	return uint64(h) >> 8
}
