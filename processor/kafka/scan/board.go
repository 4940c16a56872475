package scan

import (
	"slices"
	"sync"
	"time"
)

// board is where loops write how far they are, and from where progress is told.
type board struct {
	mu         sync.Mutex
	partitions []Partition
	progress   func(Result)
	every      time.Duration
	told       time.Time
}

func newBoard(ranges []Range, opts *Options) *board {
	b := &board{progress: opts.Progress, every: opts.ProgressEvery, told: time.Now()}
	for i := range ranges {
		b.partitions = append(b.partitions, unread(&ranges[i]))
	}
	return b
}

func unread(r *Range) Partition {
	return Partition{Topic: r.Topic, Partition: r.Partition, Start: unknown, End: unknown, Position: unknown}
}

// write takes over how far some partitions are, and tells of progress if it is time to.
func (b *board) write(list []*partition) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, p := range list {
		b.partitions[p.index] = p.at
	}
	if now := time.Now(); b.progress != nil && now.Sub(b.told) >= b.every {
		b.told = now
		b.progress(sum(b.partitions))
	}
}

func (b *board) result() Result {
	b.mu.Lock()
	defer b.mu.Unlock()
	return sum(slices.Clone(b.partitions))
}

func sum(list []Partition) Result {
	r := Result{Partitions: list}
	for i := range list {
		r.Records += list[i].Records
		r.Bytes += list[i].Bytes
	}
	return r
}
