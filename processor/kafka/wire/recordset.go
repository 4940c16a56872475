package wire

import (
	"encoding/binary"
	"fmt"
	"io"
	"sync"
)

// recordSet is what a fetch brings of one partition: batches, the last one perhaps cut short. The memory is used again,
// because fetched bytes would otherwise be most of what the process allocates.
type recordSet []byte

// recordSets is the memory of record sets that have been processed. It belongs to no runner, because kafka-go makes the
// answers.
var recordSets sync.Pool // of *recordSet

// roundRecordSet is what sizes are rounded up to, so that one buffer fits the next answer as well.
const roundRecordSet = 64 << 10

// ReadFrom reads the length and the bytes; kafka-go's decoder calls it.
func (s *recordSet) ReadFrom(r io.Reader) (int64, error) {
	*s = nil
	var prefix [4]byte
	n, err := io.ReadFull(r, prefix[:])
	if err != nil {
		return int64(n), err
	}
	size := int(int32(binary.BigEndian.Uint32(prefix[:])))
	if size <= 0 {
		return 4, nil
	}
	if size > maxInflated {
		return 4, fmt.Errorf("a fetched record set of %d bytes is longer than any that was asked for", size)
	}
	*s = newRecordSet(size)
	n, err = io.ReadFull(r, *s)
	return int64(4 + n), err
}

func newRecordSet(size int) recordSet {
	if old, _ := recordSets.Get().(*recordSet); old != nil && cap(*old) >= size {
		return (*old)[:size]
	}
	return make(recordSet, size, (size+roundRecordSet-1)/roundRecordSet*roundRecordSet)
}

// Release gives the memory back; nothing may refer to it any more.
func (s *recordSet) Release() {
	if cap(*s) == 0 {
		return
	}
	old := *s
	*s = nil
	recordSets.Put(&old)
}
