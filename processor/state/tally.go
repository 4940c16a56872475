package state

import (
	"fmt"
	"time"

	"verdict/processor"
)

// Tally sums up the records of a changelog as a store does, and keeps no more of them than that takes: for whoever
// looks at a changelog or moves what is in it. It is not safe for concurrent use.
type Tally struct {
	last    map[processor.Key]tallied
	sums    sums
	scratch slot
}

// tallied is what a key's last record counts.
type tallied struct {
	day    uint32
	digest uint64
}

// NewTally makes one of an empty changelog.
func NewTally() *Tally { return &Tally{last: map[processor.Key]tallied{}, sums: sums{}} }

// Take takes a record of the changelog in; a nil value forgets the key. A tally that has refused a record is as it was.
func (t *Tally) Take(key, value []byte) error {
	if len(key) != keySize {
		return fmt.Errorf("the state record cannot be read: its key has %d bytes instead of %d", len(key), keySize)
	}
	var b packed
	if value != nil {
		if err := check(&b, value); err != nil {
			return fmt.Errorf("the state record cannot be read: %w", err)
		}
	}
	k := processor.Key(key)
	if was, known := t.last[k]; known {
		t.sums.removeDigest(was.day, was.digest)
	}
	if value == nil {
		delete(t.last, k)
		return nil
	}
	e := &t.scratch
	copy(e[:keySize], key)
	e.set(b[:valueSize])
	now := tallied{e.day(), e.digest()}
	t.last[k] = now
	t.sums.addDigest(now.day, now.digest)
	return nil
}

// Sum is what is there of the verifications that cannot have expired by a clock, in milliseconds since 1970 UTC, of a
// state that remembers for so long; 0: for ever.
func (t *Tally) Sum(clock int64, retention time.Duration) Sum {
	return t.sums.from(unexpired(clock, retention))
}

// Holds says whether what a sum stands for is there; how many of it are. Where nothing is known, it is.
func (t *Tally) Holds(sum Sum) (ok bool, have uint32) { return t.sums.holds(sum) }
