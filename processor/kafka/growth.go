package kafka

import (
	"context"
	"errors"
	"fmt"
	"time"

	"verdict/processor/kafka/cluster"
	"verdict/processor/kafka/transact"
	"verdict/processor/kafka/wire"
	"verdict/processor/state"
)

// Where partitions are added to a raw topic, keys move, and what is known of them stays where it was: the partitions
// that they moved to wait until `verdict state rekey` has moved that, too, unless the operator gives it up. Where the
// new number of partitions is a multiple of the old one, keys move only to the added ones.

// beginState begins the state of a partition that nothing was ever decided of, unless it was added to its topic: keys
// that moved to it are known in another partition then.
func (u *unit) beginState(p *partition) error {
	count := u.fetch.layout.Partitions(p.topic)
	if count <= p.id { // it has to be written down
		return cluster.MissingTopic(p.topic)
	}
	at, err := u.locate.allOffsets(u.terms.work, p.topic, count, false)
	if err != nil {
		return err
	}
	if at[p.topic][p.id].Offset >= 0 { // once it was said that there is none: a coordinator that loads may do so
		if err := at.place(partitions{p}); err != nil {
			return err
		}
		return u.agree(p)
	}
	if u.cfg.State.Growth == GrowthHold {
		before, err := u.locate.partitionsBefore(u.terms.work, p, at, count)
		if err != nil {
			return err
		}
		switch {
		case before <= 0:
		case before <= p.id:
			return fmt.Errorf("%s was added to a topic of %d partitions, where what is known of its keys still is: "+
				"stop the group and run `verdict state rekey`, or go on without it with state.on_growth: continue", p,
				before)
		case unlike(before, count):
			return outgrown(p, before, count)
		}
	}
	p.memory.last = state.Position{RawTopic: p.topic, Partitions: count, Started: time.Now().UnixMilli()}
	return nil
}

// outgrown says why a partition cannot go on with what is known here, if so.
func (u *unit) outgrown(p *partition) error {
	before, now := p.memory.last.Partitions, u.fetch.layout.Partitions(p.topic)
	if u.cfg.State.Growth != GrowthHold || before <= 0 || !unlike(before, now) {
		return nil
	}
	return outgrown(p, before, now)
}

// unlike says whether keys have moved to the old partitions, too: their topic has grown by no multiple.
func unlike(before, now int32) bool { return now > before && now%before != 0 }

func outgrown(p *partition, before, now int32) error {
	return fmt.Errorf("%s: its topic has grown from %d partitions to %d, which is no multiple, so keys have moved "+
		"between all of them: stop the group and run `verdict state rekey`, or go on without what is known of "+
		"those with state.on_growth: continue", p, before, now)
}

// errNoPlaces is why a partition without anything of its own waits for the others.
var errNoPlaces = errors.New("the group has no offsets, and other partitions of its changelog hold state: how many " +
	"partitions the topic had is known as soon as one of them goes on; if none does, see why, or run `verdict state " +
	"begin`")

// partitionsBefore is how many partitions a raw topic had when its keys were given their places, as noted beside the
// group's offsets; 0: there is no state yet. Where the offsets are lost, those partitions that have state go on and
// note it again.
func (l *locator) partitionsBefore(ctx context.Context, p *partition, at committed, count int32) (int32, error) {
	if before := at.partitionsNoted(p.topic); before > 0 {
		return before, nil
	}
	holds, err := l.changelogHolds(ctx, p.memory.changelog.Topic, count)
	if !holds || err != nil {
		return 0, err
	}
	// What is committed there is noted, or about to be: units that begin side by side see each other's first
	// transactions here.
	if at, err = l.allOffsets(ctx, p.topic, count, true); err != nil {
		return 0, err
	}
	before := at.partitionsNoted(p.topic)
	if before == 0 {
		err = fmt.Errorf("%s: %w", p, errNoPlaces)
	}
	return before, err
}

// allOffsets are the group's, of all partitions of a raw topic.
func (l *locator) allOffsets(ctx context.Context, topic string, count int32, stable bool) (committed, error) {
	all := make(partitions, count)
	for id := range count {
		all[id] = &partition{topic: topic, id: id}
	}
	return l.stableOffsets(ctx, all, stable)
}

// partitionsNoted is the least number of partitions that is noted beside the offsets of a raw topic; 0: none is.
func (c committed) partitionsNoted(topic string) int32 {
	least := int32(0)
	for _, p := range c[topic] {
		if _, note := transact.ParseMetadata(p.Metadata); note.Partitions > 0 &&
			(least == 0 || note.Partitions < least) {
			least = note.Partitions
		}
	}
	return least
}

// changelogHolds says whether a changelog has anything that is committed.
func (l *locator) changelogHolds(ctx context.Context, changelog string, count int32) (bool, error) {
	layout, err := l.client.Layout(ctx)
	if err != nil {
		return false, err
	}
	byLeader := map[int32][]cluster.Lookup{}
	for id := range min(count, layout.Partitions(changelog)) {
		leader := layout.Leader(changelog, id)
		byLeader[leader] = append(byLeader[leader], cluster.Lookup{Topic: changelog, Partition: id})
	}
	for leader, lookups := range byLeader {
		if holds, err := l.anyHolds(ctx, leader, lookups); holds || err != nil {
			return holds, err
		}
	}
	return false, nil
}

// anyHolds says whether one of a leader's partitions has a beginning before its stable end.
func (l *locator) anyHolds(ctx context.Context, leader int32, lookups []cluster.Lookup) (bool, error) {
	var edges [2][]cluster.Offset
	for i, timestamp := range []int64{cluster.TimestampEarliest, cluster.TimestampLatest} {
		for j := range lookups {
			lookups[j].Timestamp = timestamp
		}
		var err error
		if edges[i], err = cluster.ListOffsets(ctx, l.client, leader, wire.ReadCommitted, lookups); err != nil {
			return false, err
		}
	}
	for i, end := range edges[1] {
		if err := errors.Join(edges[0][i].Err, end.Err); err != nil {
			return false, err
		}
		if edges[0][i].Offset < end.Offset {
			return true, nil
		}
	}
	return false, nil
}
