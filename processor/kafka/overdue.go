package kafka

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"go.uber.org/zap"

	"verdict/processor"
	"verdict/processor/kafka/cluster"
	"verdict/processor/kafka/scan"
	"verdict/processor/kafka/transact"
	"verdict/processor/kafka/wire"
)

// A word that nothing has followed in time is told once. Only a partition that has caught up looks for such: while it
// is behind, what it has not read yet may be the answer. The notice is made from the word's raw record, which is
// fetched again beside the unit's work, and goes out in a transaction that also marks the word and moves the
// partition's offset to where it stands.

const (
	overdueEvery = time.Second // how often a unit looks
	overdueMost  = 1000        // words that one look takes up, so that a flood of them does not keep records waiting
	// touchEvery is how often the position record of a quiet partition is written anew: its changelog forgets what is
	// old, and the group's offset must not outlive it.
	touchEvery = 24 * time.Hour
	// wordBytes is what a broker is asked for to have one record: a batch that is larger comes whole.
	wordBytes = 64 << 10
)

// reminder looks for words that are overdue, and has their raw records fetched beside the unit.
type reminder struct {
	client  *cluster.Client
	fetched chan []overdueWord
	running sync.WaitGroup
	next    time.Time // when to look; nothing is looked for while records are being fetched
	busy    bool
	warned  time.Time
	saying  saying
	result  processor.Result // memory
}

// overdueWord is a word past its deadline, and its raw record.
type overdueWord struct {
	partition *partition
	key       processor.Key
	offset    int64 // of the raw record
	deadline  int64
	record    *processor.Record // nil: it is gone
	err       error             // it could not be fetched now
}

func newReminder(c *cluster.Client) *reminder {
	return &reminder{client: c, fetched: make(chan []overdueWord, 1)}
}

// remind looks for what is overdue, if it is time, and returns how long until the next look.
func (u *unit) remind(now time.Time) time.Duration {
	r := u.remindBy
	if wait := r.next.Sub(now); wait > 0 {
		return wait
	}
	r.next = now.Add(overdueEvery)
	r.saying.say(u.log, now)
	var words []overdueWord
	for _, p := range u.partitions {
		if p.memory == nil || !p.caughtUp() {
			continue
		}
		store := p.memory.store
		u.expire(p, expireSlice)
		store.Advance(p.fetching.seen.UnixMilli())
		if now.Sub(time.UnixMilli(p.memory.last.Clock)) > touchEvery && p.memory.last.Number > 0 {
			u.gate(p)
		}
		if r.busy || !u.overdueGoes(now) {
			continue
		}
		from := len(words)
		store.Due(overdueMost/len(u.partitions)+1, func(key processor.Key, m *processor.Memory, deadline int64) {
			words = append(words, overdueWord{partition: p, key: key, offset: m.Word.Offset, deadline: deadline})
		})
		slices.SortFunc(words[from:], func(a, b overdueWord) int { return cmp.Compare(a.offset, b.offset) })
	}
	if len(words) > 0 {
		r.busy = true
		ctx, client, fetched := u.terms.work, r.client, r.fetched
		r.running.Go(func() { fetchWords(ctx, client, words, fetched) })
	}
	return overdueEvery
}

// overdueGoes says whether there is a topic for notices.
func (u *unit) overdueGoes(now time.Time) bool {
	to := &u.fill.targets[processor.RouteOverdue]
	switch {
	case to.topic == "":
		return false
	case to.partitions > 0:
		return true
	case now.Sub(u.remindBy.warned) > time.Minute:
		u.remindBy.warned = now
		u.log.Warn("what is overdue cannot be told", zap.Error(cluster.MissingTopic(to.topic)))
	}
	return false
}

// gate has the partition's offset, and its position record, written with the next batch, though it does not move.
func (u *unit) gate(p *partition) {
	p.gated = true
	u.batches.filling.touch()
	u.batches.filling.delivery.Outputs.Reserve(p.memory.changelog)
}

// fetchWords runs beside the unit. It is given all that it may touch.
func fetchWords(ctx context.Context, c *cluster.Client, words []overdueWord, fetched chan<- []overdueWord) {
	for rest := words; len(rest) > 0 && ctx.Err() == nil; {
		n := closeTogether(rest)
		fetchRange(ctx, c, rest[:n])
		rest = rest[n:]
	}
	select {
	case fetched <- words:
	case <-ctx.Done():
	}
}

// closeBy is how far apart the records of two words may lie to be read in one go: what lies between is read as well.
const closeBy = 100

// closeTogether is how many of the first words, those of a partition in the order of their offsets, are read in one go.
func closeTogether(words []overdueWord) int {
	n := 1
	for n < len(words) && words[n].partition == words[0].partition && words[n].offset-words[n-1].offset <= closeBy {
		n++
	}
	return n
}

// fetchRange fetches the records of words of one partition. Where some of them are gone, those that are left are asked
// for one by one.
func fetchRange(ctx context.Context, c *cluster.Client, words []overdueWord) {
	first, last := &words[0], &words[len(words)-1]
	rest := words
	_, err := scan.Read(ctx, c, []scan.Range{{Topic: first.partition.topic, Partition: first.partition.id,
		From: scan.Offset(first.offset), To: scan.Offset(last.offset + 1)}}, scan.Options{FetchBytes: wordBytes},
		func(r *processor.Record) error {
			for len(rest) > 0 && rest[0].offset < r.Offset {
				rest = rest[1:]
			}
			if len(rest) > 0 && rest[0].offset == r.Offset {
				rest[0].record = copyOf(r)
			}
			return nil
		})
	switch {
	case errors.Is(err, scan.ErrTruncated) && len(words) > 1:
		for i := range words {
			fetchRange(ctx, c, words[i:i+1])
		}
	case err != nil && !errors.Is(err, scan.ErrTruncated): // or else it is gone
		for i := range words {
			words[i].err = err
		}
	}
}

// copyOf is a record with bytes of its own.
func copyOf(r *processor.Record) *processor.Record {
	c := *r
	c.Key, c.Value, c.Headers = slices.Clone(r.Key), slices.Clone(r.Value), slices.Clone(r.Headers)
	for i := range c.Headers {
		c.Headers[i].Value = slices.Clone(c.Headers[i].Value)
	}
	return &c
}

// tellOverdue publishes a notice for each word that still is overdue.
func (u *unit) tellOverdue(words []overdueWord) {
	u.remindBy.busy = false
	for i := range words {
		if u.ended() {
			return
		}
		u.tellOne(&words[i])
	}
}

func (u *unit) tellOne(w *overdueWord) {
	p := w.partition
	var m processor.Memory
	switch {
	case w.err != nil:
		u.remindBy.saying.add(untoldUnfetched, w, w.err)
		return
	case !u.overdueGoes(time.Now()) || !p.caughtUp() || !p.memory.store.Recall(w.key, &m):
		return
	case m.Word.Overdue || m.Word.Offset != w.offset || u.processor.Deadline(&m) != w.deadline:
		return // something has come meanwhile
	}
	b, res := u.batches.filling, &u.remindBy.result
	err := processor.ErrNotTheWord
	if w.record != nil {
		err = b.processor.Overdue(w.record, &m, w.deadline, res)
	}
	switch {
	case errors.Is(err, processor.ErrNotTheWord):
		m.Word.Overdue = true // or else it would be looked for again and again
		b.counts.unfollowed[unfollowedNotice]++
		u.remindBy.saying.add(untoldGone, w, err)
	case err != nil:
		u.remindBy.saying.add(untoldUnmade, w, err)
		return
	default:
		u.fill.publish(b, res.Outputs, p, time.Now().UnixMilli(),
			transact.Origin{Topic: p.topic, Partition: p.id, Offset: w.offset})
		b.counts.outputs[processor.RouteOverdue]++
		m = res.Memory
	}
	p.memory.store.Put(w.key, &m)
	u.gate(p)
}

// publish adds outputs to a batch.
func (f *filler) publish(b *batch, outputs []processor.Output, p *partition, now int64, from transact.Origin) {
	for i := range outputs {
		out := &outputs[i]
		to := &f.targets[out.Route]
		key := transact.Key{Topic: to.topic, Partition: wire.PartitionFor(out.PartitionKey, p.id, to.partitions)}
		b.delivery.Outputs.Add(key, out, to.maxBatch, now, from)
	}
}
