package kafka

import (
	"sync"
	"sync/atomic"
	"time"

	"verdict/processor"
	"verdict/processor/kafka/transact"
	"verdict/processor/state"
)

// memory is what is remembered of the verifications of one raw partition, and how far that has been restored from its
// changelog. It belongs to the instance: units and generations pass it on, one of them uses it at a time.
type memory struct {
	store     *state.Store
	changelog transact.Key

	// timedBy has made the deadlines of what is in the store; retiming: not yet all of them.
	timedBy  *processor.Processor
	retiming bool

	// last is the position record that the store stands at, of the last transaction known to be committed; its Number
	// is 0 where there was none.
	last state.Position
	// upto is the changelog's next offset to restore: all before it is in the store. unknown: the log's beginning. The
	// group asks for it while units may be at work.
	upto atomic.Int64
	// unread are the records before upto that cannot be read, by key. As long as there are some, the memory is not all
	// there.
	unread map[string]unread
	// whole says that the changelog was read to its end, and no reading was begun since: in between, the last position
	// record may be there, and what follows it not.
	whole bool
	// ready says that the store is what the group's offset stands for, so that the partition may be read. Each unit
	// finds that out anew.
	ready bool
	// used says that it was worked with: only then can it have forgotten something that the changelog still has.
	used bool
}

// forgetIt begins anew with an empty store.
func (m *memory) forgetIt(retention time.Duration, by *processor.Processor) {
	m.store.Free()
	m.last, m.unread = state.Position{}, nil
	m.whole, m.ready, m.used = false, false, false
	m.begin(retention, by)
}

// begin gives the memory an empty store, whose deadlines a processor makes.
func (m *memory) begin(retention time.Duration, by *processor.Processor) {
	m.store, m.timedBy, m.retiming = state.New(state.Options{Retention: retention, Deadline: by.Deadline}), by, false
	m.upto.Store(unknown)
}

// keptFor is how long the memory of a partition that went to another instance is kept: mostly it is the group that
// deals anew, twice or more in a short time, and gives it back.
const keptFor = time.Minute

// stores are the memories of this instance's raw partitions.
type stores struct {
	retention time.Duration
	current   *current

	mu   sync.Mutex
	kept map[source]*keptMemory
}

// source is a raw partition.
type source struct {
	topic string
	id    int32
}

type keptMemory struct {
	memory *memory
	drop   *time.Timer // while the partition is another's; nil: it is this instance's
}

func newStores(retention time.Duration, c *current) *stores {
	return &stores{retention: retention, current: c, kept: map[source]*keptMemory{}}
}

// take hands out the memory of a partition that is assigned to this instance, or a new one.
func (s *stores) take(of source, changelog string) *memory {
	s.mu.Lock()
	defer s.mu.Unlock()
	if k := s.kept[of]; k != nil {
		if k.drop != nil {
			k.drop.Stop()
			k.drop = nil
		}
		return k.memory
	}
	m := &memory{changelog: transact.Key{Topic: changelog, Partition: of.id}}
	m.begin(s.retention, s.current.Load())
	s.kept[of] = &keptMemory{memory: m}
	return m
}

// leave notes which partitions are this instance's now: the others' memories are dropped after a while.
func (s *stores) leave(assigned map[source]bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for of, k := range s.kept {
		if !assigned[of] && k.drop == nil {
			k.drop = time.AfterFunc(keptFor, func() { s.drop(of, k) })
		}
	}
}

// drop gives the memory back, unless the partition has come back meanwhile.
func (s *stores) drop(of source, k *keptMemory) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if k.drop != nil && s.kept[of] == k {
		delete(s.kept, of)
		k.memory.store.Free()
	}
}

// held lists what is restored, wholly or in part: the instance asks for it when it joins its group.
func (s *stores) held() map[string][]heldPartition {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := map[string][]heldPartition{}
	for of, k := range s.kept {
		if upto := k.memory.upto.Load(); upto != unknown {
			list[of.topic] = append(list[of.topic], heldPartition{of.id, upto})
		}
	}
	return list
}

// free gives all memory back, at the end.
func (s *stores) free() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for of, k := range s.kept {
		if k.drop != nil {
			k.drop.Stop()
		}
		k.memory.store.Free()
		delete(s.kept, of)
	}
}
