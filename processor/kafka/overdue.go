package kafka

import (
	"cmp"
	"errors"
	"slices"
	"sync"
	"time"

	"go.uber.org/zap"

	"verdict/processor"
	"verdict/processor/kafka/cluster"
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
	// touchEvery is how often the position record of a quiet partition is written anew, at least: its changelog forgets
	// what is old, and the group's offset must not outlive it. It keeps each record for state.retention or longer, and
	// half of that leaves time for an outage.
	touchEvery = 24 * time.Hour
)

// reminder looks for words that are overdue, and has their raw records fetched beside the unit: those of each partition
// by themselves, so that one whose leader does not answer keeps no other's waiting.
type reminder struct {
	client  *cluster.Client
	fetched chan fetchedWords
	running sync.WaitGroup
	next    time.Time           // when to look
	busy    map[*partition]bool // its records are being fetched: nothing is looked for in it
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

// fetchedWords are some of what a look has found in one partition.
type fetchedWords struct {
	words []overdueWord
	last  bool // no more follow
}

func newReminder(c *cluster.Client) *reminder {
	return &reminder{client: c, fetched: make(chan fetchedWords), busy: map[*partition]bool{}}
}

// remind looks for what is overdue, if it is time, and returns how long until the next look.
func (u *unit) remind(now time.Time) time.Duration {
	r := u.remindBy
	if wait := r.next.Sub(now); wait > 0 {
		return wait
	}
	r.next = now.Add(overdueEvery)
	r.saying.say(u.log, now)
	for _, p := range u.partitions {
		if p.memory == nil || !p.caughtUp() {
			continue
		}
		u.expire(p, expireSlice)
		p.memory.store.Advance(p.fetching.seen.UnixMilli())
		if now.Sub(time.UnixMilli(p.memory.last.Clock)) > min(touchEvery, u.cfg.State.Retention/2) &&
			p.memory.last.Number > 0 {
			u.gate(p)
		}
		if !r.busy[p] && u.overdueGoes(now) {
			u.lookInto(p)
		}
	}
	return overdueEvery
}

// lookInto takes up what is overdue in a partition. Where a word is said to be from a record that the partition has not
// come to, or of another partition, there is none to be fetched.
func (u *unit) lookInto(p *partition) {
	var words, gone []overdueWord
	p.memory.store.Due(overdueMost/len(u.partitions)+1,
		func(key processor.Key, m *processor.Memory, deadline int64) {
			w := overdueWord{partition: p, key: key, offset: m.Word.Offset, deadline: deadline}
			if w.offset >= 0 && w.offset < p.position {
				words = append(words, w)
			} else {
				gone = append(gone, w)
			}
		})
	u.tellOverdue(gone)
	if len(words) == 0 {
		return
	}
	slices.SortFunc(words, func(a, b overdueWord) int { return cmp.Compare(a.offset, b.offset) })
	r := u.remindBy
	r.busy[p] = true
	ctx, client, fetched := u.terms.work, r.client, r.fetched
	r.running.Go(func() { fetchWords(ctx, client, words, fetched) })
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

// toTell takes up words whose records were fetched.
func (u *unit) toTell(found fetchedWords) {
	if found.last {
		delete(u.remindBy.busy, found.words[0].partition)
	}
	u.tellOverdue(found.words)
}

// tellOverdue publishes a notice for each word that still is overdue.
func (u *unit) tellOverdue(words []overdueWord) {
	for i := range words {
		if u.ended() {
			return
		}
		u.tellOne(&words[i])
	}
}

func (u *unit) tellOne(w *overdueWord) {
	p, b := w.partition, u.batches.filling
	var m processor.Memory
	switch {
	case w.err != nil:
		u.remindBy.saying.add(untoldUnfetched, w, w.err)
		return
	case !u.overdueGoes(time.Now()) || !p.caughtUp() || !p.memory.store.Recall(w.key, &m):
		return
	case m.Word.Overdue || m.Word.Offset != w.offset || b.processor.Deadline(&m) != w.deadline:
		return // something has come meanwhile, or other rules
	}
	res := &u.remindBy.result
	err := processor.ErrNotTheWord
	if w.record != nil {
		err = b.processor.Overdue(w.record, &m, w.deadline, res)
	}
	if err == nil {
		err = u.fill.fitNotice(res.Outputs)
	}
	switch {
	case errors.Is(err, processor.ErrNotTheWord), errors.Is(err, errNoticeTooLarge):
		m.Word.Overdue = true // or else it would be looked for again and again
		u.countUntold(w, err)
	case err != nil:
		u.remindBy.saying.add(untoldUnmade, w, err)
		return
	default:
		u.fill.publish(b, res.Outputs, p, time.Now().UnixMilli(),
			transact.Origin{Topic: p.topic, Partition: p.id, Offset: w.offset})
		b.counts.outputs[processor.RouteOverdue]++
		b.counts.vocabularies.overdue[res.NoticeOf]++
		m = res.Memory
	}
	p.memory.store.Put(w.key, &m)
	u.gate(p)
}

// countUntold counts a word that is never told.
func (u *unit) countUntold(w *overdueWord, err error) {
	why, label := untoldGone, unfollowedNotice
	if errors.Is(err, errNoticeTooLarge) {
		why = untoldTooLarge
	} else if _, moved := processor.PlaceOf(w.offset); moved {
		why, label, err = untoldMoved, unfollowedMoved, nil
	}
	u.batches.filling.counts.unfollowed[label]++
	u.remindBy.saying.add(why, w, err)
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
