package kafka

import (
	"fmt"
	"strings"
	"time"

	"verdict/processor/kafka/cluster"
	"verdict/processor/state"
)

// clocksApart is by how much a producer's clock may be ahead of ours before its record counts as one that was not there
// when the state was written.
const clocksApart = time.Minute

// sameTopic holds the raw topic against the state of a partition that is to go on where its state stands, and not where
// the group does. Kafka forgets a group's offsets together with the topic, so one that was created anew looks as if
// they alone were lost; so does a changelog that was copied from another cluster. To go on at the state's offset would
// pass over what is before it, now or, where the new topic is still shorter, as soon as it has grown. The partition's
// offset must not be committed before this: it would look like one of this topic from then on.
func (u *unit) sameTopic(p *partition, at *state.Position) error {
	end, err := u.fetch.lookUp(p, cluster.TimestampLatest)
	if err != nil {
		return fmt.Errorf("%s: whether its state is that of another topic: %w", p, err)
	}
	if end < at.Offset {
		return u.otherTopic(p, at, fmt.Sprintf("but the topic ends at %d", end))
	}
	newer, err := u.newer(p, at, clocksApart)
	if err == nil && newer.Offset < 0 {
		newer, err = u.newerFirst(p, at, 0) // of a topic that has grown within that minute
	}
	if err != nil || newer.Offset < 0 {
		return err
	}
	return fmt.Errorf("%w. Only if you know that it is the same topic, and that a producer's clock was ahead: with "+
		"the group stopped, set its offset in each such partition: kafka-consumer-groups --bootstrap-server %s "+
		"--group %s --topic %s:%d --reset-offsets --to-offset %d --execute", u.otherTopic(p, at, newerWords(newer)),
		strings.Join(u.cfg.Brokers, ","), u.cfg.Group, p.topic, p.id, at.Offset)
}

// stillSameTopic is sameTopic for a partition whose group is where its state stands. The group may have committed that
// offset to a topic that was created anew under it. There, the very first record is newer than the state. In the same
// topic it is not, even where some producer's clock is ahead; but for one that has just begun with such a record. One
// from a time that is still to come says nothing. (An end before the offset is told by the first fetch.)
func (u *unit) stillSameTopic(p *partition, at *state.Position) error {
	newer, err := u.newerFirst(p, at, clocksApart)
	if err != nil || newer.Offset < 0 || newer.Timestamp > time.Now().Add(clocksApart).UnixMilli() {
		return err
	}
	return u.otherTopic(p, at, newerWords(newer))
}

// newer is the first record before the state's offset that is newer than all that was decided, by so much. All that was
// decided is no newer than the state's clock. The offset is -1 if there is none.
func (u *unit) newer(p *partition, at *state.Position, by time.Duration) (cluster.Offset, error) {
	none := cluster.Offset{Offset: -1}
	if at.Clock == 0 { // just begun: no record was seen
		return none, nil
	}
	found, err := u.fetch.lookUpRecord(p, at.Clock+by.Milliseconds()+1)
	if err != nil {
		return none, fmt.Errorf("%s: whether its state is that of another topic: %w", p, err)
	}
	if found.Offset >= at.Offset {
		return none, nil
	}
	return found, nil
}

// newerFirst is newer, if that is the first record of all that the topic has.
func (u *unit) newerFirst(p *partition, at *state.Position, by time.Duration) (cluster.Offset, error) {
	found, err := u.newer(p, at, by)
	if err != nil || found.Offset < 0 {
		return found, err
	}
	first, err := u.fetch.lookUp(p, cluster.TimestampEarliest)
	if err != nil {
		return found, fmt.Errorf("%s: whether its state is that of another topic: %w", p, err)
	}
	if found.Offset > first {
		found.Offset = -1
	}
	return found, nil
}

func newerWords(r cluster.Offset) string {
	return fmt.Sprintf("but the record at offset %d is newer than all that was decided", r.Offset)
}

// otherTopic says why a partition is not that of its state, and what to do.
func (u *unit) otherTopic(p *partition, at *state.Position, why string) error {
	group := "the group has no offset of it"
	if p.committed >= 0 {
		group = fmt.Sprintf("the group is at offset %d", p.committed)
	}
	return fmt.Errorf("%s: %s, and its state stands at offset %d, %s: the topic was created anew, or has lost "+
		"records, or %s is that of another cluster: stop the group, keep it stopped, and run `verdict state reset "+
		"--yes`, which decides all that %s has", p, group, at.Offset, why, changelogName(p.memory), p.topic)
}
