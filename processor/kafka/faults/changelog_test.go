//go:build unix

package faults

import (
	"context"
	"fmt"

	"github.com/twmb/franz-go/pkg/kgo"

	"verdict/processor"
	"verdict/processor/state"
)

// stateView is what the changelog of the raw topic says, to a reader of committed records: the last record of each key.
// How a record is written is the program's own (processor/state): what it says is what is checked.
type stateView struct {
	stored    map[stateKey]stored
	positions map[int32]cut // of the position records
	unread    []string      // what is wrong with records
}

// cut is where a partition stands, and after how many transactions.
type cut struct{ offset, number int64 }

type stateKey struct {
	partition int32
	key       processor.Key
}

// stored is what is remembered of a verification.
type stored struct {
	decisionID, outcome string
	attempt             int32
	timed               bool
	occurred            int64 // microseconds since 1970
	offset              int64 // of the word's raw record
	since               int64 // ms since 1970
	same                int
	overdue             bool
	sequence            int64
	seen                int
	lastOffset          int64
	charges             [keptCharges]storedCharge
}

type storedCharge struct {
	attempt         int32
	outcome, flag   string
	since, occurred int64 // microseconds since 1970
}

// readState restores all partitions of a changelog, as an instance would with an empty memory.
func (c *cluster) readState(ctx context.Context, changelog string) (*stateView, error) {
	v := &stateView{stored: map[stateKey]stored{}, positions: map[int32]cut{}}
	stores := map[int32]*state.Store{}
	defer func() {
		for _, store := range stores {
			store.Free()
		}
	}()
	keys := map[stateKey]bool{}
	err := c.read(ctx, changelog, false, func(r *kgo.Record) {
		if err := v.see(r, stores, keys); err != nil {
			v.unread = append(v.unread, fmt.Sprintf("%s %d/%d: %v", changelog, r.Partition, r.Offset, err))
		}
	})
	for at := range keys {
		var m processor.Memory
		if stores[at.partition].Recall(at.key, &m) {
			v.stored[at] = storedOf(&m)
		}
	}
	return v, err
}

func (v *stateView) see(r *kgo.Record, stores map[int32]*state.Store, keys map[stateKey]bool) error {
	if string(r.Key) == string(state.PositionKey) {
		p, err := state.ParsePosition(r.Value)
		v.positions[r.Partition] = cut{p.Offset, p.Number}
		return err
	}
	store := stores[r.Partition]
	if store == nil {
		store = state.New(state.Options{})
		stores[r.Partition] = store
	}
	if err := store.Apply(r.Key, r.Value); err != nil {
		return err
	}
	keys[stateKey{r.Partition, processor.Key(r.Key)}] = true
	return nil
}

func storedOf(m *processor.Memory) stored {
	w := &m.Word
	s := stored{decisionID: w.DecisionID.String(), outcome: w.Outcome.String(), attempt: w.Attempt, timed: w.Timed,
		occurred: w.OccurredAt, offset: w.Offset, since: w.Since, same: int(w.Same), overdue: w.Overdue,
		sequence: int64(m.Sequence), seen: int(m.NumSeen), lastOffset: m.LastOffset}
	for i, c := range m.Charges[:m.NumCharges] {
		s.charges[i] = storedCharge{attempt: c.Attempt, outcome: c.Outcome.String(), flag: c.Flag.String(),
			since: c.FlagSince, occurred: c.OccurredAt}
	}
	return s
}
