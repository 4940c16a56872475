package state

// block is memory without pointers, zeroed, which the garbage collector neither looks through nor, where the system
// gives it, counts.
type block struct {
	mem    []byte
	system bool // to be given back to the system
}

// newBlock takes memory from the system, or from Go's heap where the system gives none. Of what the system gives, only
// what has been touched takes up room.
func newBlock(size int) block {
	if mem := fromSystem(size); mem != nil {
		return block{mem: mem, system: true}
	}
	return block{mem: make([]byte, size)}
}

func (b *block) free() {
	if b.system {
		toSystem(b.mem)
	}
	*b = block{}
}
