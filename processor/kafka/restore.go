package kafka

import (
	"cmp"
	"context"
	"errors"
	"sync"
	"time"

	"verdict/processor"
	"verdict/processor/kafka/cluster"
	"verdict/processor/kafka/scan"
)

// restorer reads changelogs beside a unit. What it restores is its own until it has told the unit: nobody else looks at
// it meanwhile.
//
// It reads to the high watermark that there is after the stable offsets are known, and committed records only. The last
// stable offset would not do: it may lie behind a transaction that is committed already, and of which the markers are
// not all written. What is open below the high watermark is waited for.
type restorer struct {
	client *cluster.Client

	restored chan restoredPart
	running  sync.WaitGroup
	pending  map[*partition]time.Time // when to try again; zero: it is under way
}

// restoredPart says how the restoring of one partition went.
type restoredPart struct {
	partition *partition
	records   int64
	kind      string
	began     time.Time
	err       error
}

// How a partition came to its state.
const (
	restoreWarm    = "warm"      // it was all there
	restoreCatchUp = "caught_up" // some of it was there
	restoreFull    = "full"
)

func newRestorer(c *cluster.Client) *restorer {
	return &restorer{client: c, restored: make(chan restoredPart, 16), pending: map[*partition]time.Time{}}
}

// begin has the changelogs of partitions read.
func (r *restorer) begin(ctx context.Context, list []*partition) {
	parts := make([]restoredPart, len(list))
	ranges := make([]scan.Range, len(list))
	byChangelog := map[source]*restoredPart{}
	for i, p := range list {
		m := p.memory
		m.whole = false
		r.pending[p] = time.Time{}
		parts[i] = restoredPart{partition: p, kind: restoreCatchUp, began: time.Now()}
		from := scan.Offset(m.upto.Load())
		if m.upto.Load() == unknown {
			parts[i].kind, from = restoreFull, scan.Earliest()
		}
		ranges[i] = scan.Range{Topic: m.changelog.Topic, Partition: m.changelog.Partition, From: from,
			To: scan.HighWatermark()}
		byChangelog[source{m.changelog.Topic, m.changelog.Partition}] = &parts[i]
	}
	client, restored := r.client, r.restored
	r.running.Go(func() { restore(ctx, client, ranges, byChangelog, restored) })
}

// restore runs beside the unit. It is given all that it may touch.
func restore(ctx context.Context, c *cluster.Client, ranges []scan.Range, parts map[source]*restoredPart,
	restored chan<- restoredPart) {
	tell := func(part *restoredPart, at *scan.Partition, err error) {
		m := part.partition.memory
		if at.Position >= 0 {
			m.upto.Store(at.Position) // also where it ends early: it is read on from there
		}
		if err == nil {
			err = m.lacks()
		}
		part.records, part.err = at.Records, err
		select {
		case restored <- *part:
		case <-ctx.Done():
		}
	}
	options := scan.Options{KeepGoing: true, Parallel: min(len(ranges), restoreLoops), OpenWait: openWait,
		Done: func(at scan.Partition) {
			of := source{at.Topic, at.Partition}
			tell(parts[of], &at, at.Err)
			delete(parts, of)
		}}
	apply := func(record *processor.Record) error {
		parts[source{record.Topic, record.Partition}].partition.memory.apply(record)
		return nil
	}
	result, err := scan.Read(ctx, c, ranges, options, apply)
	for i := range result.Partitions { // what it ended before
		at := &result.Partitions[i]
		if part := parts[source{at.Topic, at.Partition}]; part != nil {
			tell(part, at, cmp.Or(err, errNotRestored))
		}
	}
}

// restoreLoops is how many changelogs of a unit are read side by side. One: a unit has a core's share of the
// partitions.
const restoreLoops = 1

// openWait is how long a transaction may stay open in a changelog before the partition is named for it: longer than a
// dead instance's takes to time out, and the brokers' sweep.
const openWait = 30 * time.Second

var errNotRestored = errors.New("its changelog was not read to the end")

// again notes when a partition that could not be restored is tried again.
func (r *restorer) again(p *partition, at time.Time) { r.pending[p] = at }

// underWay says whether the partition's changelog is being read, or will be.
func (r *restorer) underWay(p *partition) bool {
	_, ok := r.pending[p]
	return ok
}

// done notes that a partition is restored.
func (r *restorer) done(p *partition) { delete(r.pending, p) }

// due has those tried again whose time has come, and returns how long until the next one's.
func (r *restorer) due(ctx context.Context, now time.Time) time.Duration {
	wait := time.Second
	var list []*partition
	for p, at := range r.pending {
		switch {
		case at.IsZero():
		case !now.Before(at):
			list = append(list, p)
		default:
			wait = min(wait, at.Sub(now))
		}
	}
	if len(list) > 0 {
		r.begin(ctx, list)
	}
	return wait
}
