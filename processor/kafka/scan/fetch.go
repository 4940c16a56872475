package scan

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/segmentio/kafka-go"

	"verdict/processor/kafka/cluster"
	"verdict/processor/kafka/wire"
)

const (
	// shares is how many partitions share a fetch's bytes, if they have so much; a larger batch comes whole, alone.
	shares = 4
	// maxWait is how long a broker may wait for what it does not have yet: the end of an open transaction.
	maxWait = 250 * time.Millisecond
)

// answer is what a leader said to one fetch.
type answer struct {
	leader  int32
	asked   []asked
	alone   bool  // it was asked for one partition only, to see whether there is anything
	stable  int64 // not 0: it was asked for what is not committed, too, to see what comes before this offset
	brought bool  // there is a batch in it
	fetched *wire.FetchResponse
	err     error
	arrived time.Time
}

// asked remembers where a fetch began.
type asked struct {
	partition *partition
	offset    int64
}

// choose takes those of the partitions that the next fetch asks a leader for: one that is asked for alone, the one that
// has waited longest for it, or all the others. Where there are both, they take turns.
func (l *loop) choose(id int32, list []*partition) (chosen []*partition, alone bool) {
	var first *partition
	for _, p := range list {
		switch {
		case !p.alone:
			chosen = append(chosen, p)
		case first == nil || p.queued.Before(first.queued):
			first = p
		}
	}
	if first == nil || l.leaders[id].alone && len(chosen) > 0 {
		return chosen, false
	}
	return []*partition{first}, true
}

// shares is into how many parts the bytes of a fetch of so many partitions are cut.
func (l *loop) shares(partitions int) int {
	if l.opts.First > 0 {
		return partitions // each is to bring a little, and one answer all of it
	}
	return min(partitions, shares)
}

// fetch asks a leader for what comes next of some of the partitions; the answer comes through l.answers.
func (l *loop) fetch(ctx context.Context, id int32, list []*partition) {
	a, isolation := answer{leader: id}, int8(wire.ReadCommitted)
	wait := min(maxWait, max(l.opts.OpenWait, 0))
	if list, a.alone = l.choose(id, list); a.alone {
		wait = maxWait
		if a.stable = list[0].stable; a.stable > 0 {
			isolation = wire.ReadUncommitted
		}
	}
	// A broker fills its answer in this order. Who has waited longest comes first, and so gets a batch larger than a
	// fetch, too.
	slices.SortStableFunc(list, func(a, b *partition) int { return cmp.Compare(a.served, b.served) })
	req := &wire.FetchRequest{
		ReplicaID: -1, IsolationLevel: isolation, SessionEpoch: -1,
		MinBytes: 1, MaxBytes: int32(l.opts.FetchBytes), MaxWaitTime: cluster.Millis(wait),
	}
	req.SendTo(id)
	for _, p := range list {
		if n := len(req.Topics); n == 0 || req.Topics[n-1].Topic != p.of.Topic {
			req.Topics = append(req.Topics, wire.FetchTopic{Topic: p.of.Topic})
		}
		topic := &req.Topics[len(req.Topics)-1]
		topic.Partitions = append(topic.Partitions, wire.FetchPartition{
			Partition: p.of.Partition, CurrentLeaderEpoch: -1, FetchOffset: p.next, LogStartOffset: -1,
			PartitionMaxBytes: req.MaxBytes / int32(l.shares(len(list))),
		})
		a.asked = append(a.asked, asked{p, p.next})
		p.waited(p.queued)
	}
	l.leaders[id] = leader{busy: true}
	l.asking.Go(func() {
		a.fetched, a.err = cluster.AskWithin[*wire.FetchResponse](ctx, l.client, l.client.Timeout+wait, req)
		if a.err == nil {
			a.err = cluster.Refused("Fetch", "a broker", a.fetched.ErrorCode)
		}
		a.arrived = time.Now()
		select {
		case l.answers <- a:
		case <-ctx.Done():
		}
	})
}

// take processes a leader's answer, having asked for what follows it if it brings anything: otherwise how to ask next
// is found out by processing it.
func (l *loop) take(ctx context.Context, a answer) error {
	l.leaders[a.leader] = leader{alone: a.alone}
	if a.err != nil {
		return l.unanswered(&a)
	}
	l.served++
	parts := a.parts()
	for i, p := range a.current() {
		if p == nil || parts[i] == nil || a.stable > 0 {
			continue
		}
		if end := wire.EndOf(parts[i].RecordSet); end > p.next {
			p.next, p.served, a.brought = end, l.served, true
			p.moved()
		}
	}
	if a.brought && l.opts.First == 0 {
		if _, err := l.ask(ctx); err != nil {
			return err
		}
	}
	for i, p := range a.current() {
		if p == nil {
			continue
		}
		if err := l.takePart(ctx, p, &a, parts[i]); err != nil {
			return err
		}
	}
	return nil
}

// takePart processes what the answer says of one partition; part is nil if that is nothing.
func (l *loop) takePart(ctx context.Context, p *partition, a *answer, part *wire.FetchedPartition) error {
	p.waited(a.arrived)
	if part == nil {
		return l.silent(p, a.leader, errors.New("its answer lacks the partition"))
	}
	defer part.RecordSet.Release()
	if part.ErrorCode == int16(kafka.OffsetOutOfRange) {
		p.lost = true
		return nil
	}
	if err := cluster.Refused("Fetch", p.of.String(), part.ErrorCode); err != nil {
		return l.silent(p, a.leader, err)
	}
	if a.stable > 0 {
		return l.weigh(p, a, part)
	}
	before := p.at.Position
	if err := l.read(ctx, p, part); err != nil {
		return err
	}
	if !p.over && p.at.Position == before {
		return l.nothingCame(p, a, part)
	}
	return nil
}

// unanswered is for the partitions that a broker was asked for in vain.
func (l *loop) unanswered(a *answer) error {
	for _, p := range a.current() {
		if p == nil {
			continue
		}
		p.waited(a.arrived)
		if err := l.silent(p, a.leader, a.err); err != nil {
			return err
		}
	}
	return nil
}

// parts are what the answer says of the partitions that were asked for; nil: nothing. Brokers keep the order.
func (a *answer) parts() []*wire.FetchedPartition {
	var all []*wire.FetchedPartition
	var topics []string
	for i := range a.fetched.Topics {
		topic := &a.fetched.Topics[i]
		for j := range topic.Partitions {
			all, topics = append(all, &topic.Partitions[j]), append(topics, topic.Topic)
		}
	}
	parts := make([]*wire.FetchedPartition, len(a.asked))
	for i, asked := range a.asked {
		of := &asked.partition.of
		fits := func(j int) bool { return all[j].Partition == of.Partition && topics[j] == of.Topic }
		for k := range all {
			if j := (i + k) % len(all); fits(j) {
				parts[i] = all[j]
				break
			}
		}
	}
	return parts
}

// current are the partitions that were asked for; nil where one does not stand any more where the fetch began.
func (a *answer) current() []*partition {
	list := make([]*partition, len(a.asked))
	for i, asked := range a.asked {
		if p := asked.partition; !p.over && p.at.Position == asked.offset {
			list[i] = p
		}
	}
	return list
}
