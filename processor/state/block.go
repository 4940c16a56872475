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

// inHugePages asks for pages of 2 MiB, where the system has them: a third of the time that it takes to find one of a
// million verifications goes into small ones. It is for blocks that will be full: a huge page takes up all its room at
// the first touch.
func (b *block) inHugePages() {
	if b.system {
		adviseHuge(b.mem)
	}
}

func (b *block) free() {
	if b.system {
		toSystem(b.mem)
	}
	*b = block{}
}
