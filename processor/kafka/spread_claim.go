package kafka

import (
	"encoding/binary"
	"maps"
	"math"
	"slices"
)

// heldPartition is a partition of a raw topic of which this instance has state.
type heldPartition struct {
	id   int32
	upto int64 // the next offset of its changelog to restore
}

// claim is what an instance says of itself when it joins: what it holds, so that it may get it again.
type claim struct {
	instance   string
	generation int32 // the last that it was in; 0: none
	held       map[string]map[int32]holding
}

type holding struct {
	upto int64 // as in heldPartition; 0 without state
	had  bool  // assigned to it in that generation; else it has only kept the state
}

// A claim's form is a byte for the version, and then, numbers as unsigned varints and texts with their length before
// them: generation, instance, number of topics; for each topic its name and number of partitions; for each partition,
// in order of their numbers, how many numbers were left out before it (doubled, and 1 more if it had it) and upto.
const (
	claimVersion = 1
	// claimMost is room for some 3,000 partitions. Brokers keep what all members say in one record, of 1 MiB at most.
	claimMost = 16 << 10
)

func (c *claim) add(topic string, id int32, h holding) {
	if c.held == nil {
		c.held = map[string]map[int32]holding{}
	}
	if c.held[topic] == nil {
		c.held[topic] = map[int32]holding{}
	}
	c.held[topic][id] = h
}

// bytes gives the form of a claim. What would be too large leaves out what is only kept, and if need be all.
func (c *claim) bytes() []byte {
	said := c.form(func(holding) bool { return true })
	if len(said) > claimMost {
		said = c.form(func(h holding) bool { return h.had })
	}
	if len(said) > claimMost {
		said = (&claim{instance: c.instance, generation: c.generation}).form(nil)
	}
	return said
}

// form has those of the partitions that are to be named.
func (c *claim) form(named func(holding) bool) []byte {
	dst := []byte{claimVersion}
	dst = binary.AppendUvarint(dst, uint64(max(c.generation, 0)))
	dst = appendText(dst, c.instance)
	dst = binary.AppendUvarint(dst, uint64(len(c.held)))
	for _, topic := range slices.Sorted(maps.Keys(c.held)) {
		dst = appendText(dst, topic)
		dst = appendPartitions(dst, c.held[topic], named)
	}
	return dst
}

func appendPartitions(dst []byte, held map[int32]holding, named func(holding) bool) []byte {
	var ids []int32
	for _, id := range slices.Sorted(maps.Keys(held)) {
		if named(held[id]) {
			ids = append(ids, id)
		}
	}
	dst = binary.AppendUvarint(dst, uint64(len(ids)))
	next := int32(0)
	for _, id := range ids {
		skipped := uint64(id-next) << 1
		if held[id].had {
			skipped++
		}
		dst = binary.AppendUvarint(dst, skipped)
		dst = binary.AppendUvarint(dst, uint64(max(held[id].upto, 0)))
		next = id + 1
	}
	return dst
}

func appendText(dst []byte, s string) []byte {
	return append(binary.AppendUvarint(dst, uint64(len(s))), s...)
}

// parseClaim reads what a member says. What is not of this form is a claim to nothing: sharing goes on without it.
func parseClaim(said []byte) claim {
	if len(said) == 0 || len(said) > claimMost || said[0] != claimVersion {
		return claim{}
	}
	r := claimReader{rest: said[1:]}
	c := claim{generation: int32(r.number(math.MaxInt32)), instance: r.text()}
	for topics := r.number(claimMost); topics > 0 && !r.broken; topics-- {
		topic := r.text()
		if c.held[topic] != nil {
			return claim{}
		}
		r.partitions(func(id int32, h holding) { c.add(topic, id, h) })
	}
	if r.broken || len(r.rest) > 0 {
		return claim{}
	}
	return c
}

// claimReader takes a claim apart. After the first mistake it gives zeroes.
type claimReader struct {
	rest   []byte
	broken bool
}

func (r *claimReader) number(most uint64) uint64 {
	n, size := binary.Uvarint(r.rest)
	if size <= 0 || n > most {
		r.broken = true
	}
	if r.broken {
		return 0
	}
	r.rest = r.rest[size:]
	return n
}

func (r *claimReader) text() string {
	n := r.number(uint64(len(r.rest)))
	if n > uint64(len(r.rest)) {
		r.broken = true
	}
	if r.broken {
		return ""
	}
	s := string(r.rest[:n])
	r.rest = r.rest[n:]
	return s
}

func (r *claimReader) partitions(each func(id int32, h holding)) {
	next := uint64(0)
	for left := r.number(claimMost); left > 0; left-- {
		skipped := r.number(math.MaxUint32)
		id, upto := next+skipped/2, r.number(math.MaxInt64)
		if id >= math.MaxInt32 {
			r.broken = true
		}
		if r.broken {
			return
		}
		each(int32(id), holding{upto: int64(upto), had: skipped%2 == 1})
		next = id + 1
	}
}
