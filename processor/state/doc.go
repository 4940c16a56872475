// Package state keeps what is remembered of the verifications of one raw partition: it finds a verification's memory,
// puts a newer one in its place, takes changes back whose transaction did not commit, forgets what has expired, and
// says which words are past their deadline. It also knows how a memory, and a partition's position, are written in the
// changelog. It opens nothing and asks nobody: the runner moves the bytes and tells the time.
//
// A memory is kept in one packed form, the same here, in the undo log and in the changelog. It lies in slots of one
// size, outside of what Go's garbage collector looks through and, where the system allows, outside of its heap: there,
// each byte would cost up to half of it more. A slot never moves and has one number, by which index, free list,
// changes and deadlines know it.
//
//	store.go      finding, putting, restoring       changes.go    what is not committed: seal, commit, undo
//	expire.go     clock, and what has expired       deadlines.go  whose next word is overdue
//	value.go      a memory in bytes                 position.go   a partition's position in bytes
//	slab.go       slots in pages                    index.go      from a key to its slot
//	block.go      memory from the system            block_unix.go, block_other.go, huge_linux.go, huge_other.go
package state
