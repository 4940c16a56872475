package kafka

import (
	"context"
	"errors"
	"fmt"
	"time"

	"verdict/processor"
	"verdict/processor/kafka/cluster"
	"verdict/processor/kafka/scan"
	"verdict/processor/kafka/transact"
	"verdict/processor/state"
)

// Where partitions are added to a raw topic, keys move, and what is known of them stays where it was: the partitions
// that they moved to wait until `verdict state rekey` has moved that, too, unless the operator gives it up. Where the
// new number of partitions is a multiple of the old one, keys move only to the added ones.

const (
	// besideWait is how long the first transaction of a unit that begins beside this one is waited for.
	besideWait = 500 * time.Millisecond
	// holdsWait is how long it may take to find out whether there is any state: the unit does nothing else meanwhile.
	holdsWait = 2 * time.Second
	doubtFor  = 5 * time.Second
)

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
	// Once it was said that there is none: a coordinator that loads may do so.
	if at[cluster.Place{Topic: p.topic, Partition: p.id}].Offset >= 0 {
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
		default:
			count = before // it has records from before, of keys that are to be moved
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
	"partitions the topic had is known as soon as one of them goes on; if none does, see why, or stop the group and " +
	"run `verdict state begin`, or `verdict state reset` to decide all anew")

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
	return l.stableOffsets(ctx, all, stable, besideWait)
}

// partitionsNoted is the least number of partitions that is noted beside the offsets of a raw topic; 0: none is.
func (c committed) partitionsNoted(topic string) int32 {
	least := int32(0)
	for p, at := range c {
		note := transact.ParseMark(at.Metadata).Note
		if p.Topic == topic && note.Partitions > 0 && (least == 0 || note.Partitions < least) {
			least = note.Partitions
		}
	}
	return least
}

// changelogHolds says whether a changelog has anything that is committed. Its offsets do not say so: the first
// transaction of a new group may have been aborted.
func (l *locator) changelogHolds(ctx context.Context, changelog string, count int32) (holds bool, err error) {
	if d := &l.doubt; d.changelog == changelog && time.Now().Before(d.until) {
		return false, d.err
	}
	layout, err := l.client.Layout(ctx)
	if err != nil {
		return false, err
	}
	var ranges []scan.Range
	for id := range min(count, layout.Partitions(changelog)) {
		ranges = append(ranges, scan.Range{Topic: changelog, Partition: id, From: scan.Earliest(),
			To: scan.LastStable()})
	}
	ctx, cancel := context.WithTimeoutCause(ctx, holdsWait, errors.New("it is not known whether it holds any state: "+
		"not all of its partitions can be read"))
	defer cancel()
	_, err = scan.Read(ctx, l.client, ranges, scan.Options{FetchBytes: wordBytes, Parallel: 1},
		func(*processor.Record) error {
			holds = true
			return scan.ErrStop
		})
	if err != nil {
		err = fmt.Errorf("%s: %w", changelog, err)
		l.doubt = doubt{changelog, time.Now().Add(doubtFor), err}
	}
	return holds, err
}

// doubt is that it could not be found out whether a changelog holds any state. It holds for a while, so that a unit's
// partitions do not wait for the same answer one after the other.
type doubt struct {
	changelog string
	until     time.Time
	err       error
}
