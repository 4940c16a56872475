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
// offset must not be committed before this: it would look like one of this topic from then on. (Where the group is
// where the state stands, nothing is asked: it would be a request for each partition at every start, and a hold
// wherever a young topic begins with a record from a clock that was ahead.)
func (u *unit) sameTopic(p *partition, at *state.Position) error {
	end, err := u.fetch.lookUp(p, cluster.TimestampLatest)
	if err == nil && end < at.Offset {
		return u.otherTopic(p, at, fmt.Sprintf("but the topic ends at %d", end))
	}
	newer := int64(-1)
	if err == nil {
		newer, err = u.newer(p, at)
	}
	switch {
	case err != nil:
		return fmt.Errorf("%s: whether its state is that of another topic: %w", p, err)
	case newer < 0:
		return nil
	}
	why := fmt.Sprintf("but the record at offset %d is newer than all that was decided", newer)
	return fmt.Errorf("%w. Only if you know that it is the same topic, and that a producer's clock was ahead: with "+
		"the group stopped, set its offset in each such partition: kafka-consumer-groups --bootstrap-server %s "+
		"--group %s --topic %s:%d --reset-offsets --to-offset %d --execute", u.otherTopic(p, at, why),
		strings.Join(u.cfg.Brokers, ","), u.cfg.Group, p.topic, p.id, at.Offset)
}

// newer is the offset of a record before the state's that is newer than all that was decided, which is no newer than
// the state's clock: the first record of all that the topic has, by anything, or another one by more than a minute, as
// clocks differ; -1 if there is none.
func (u *unit) newer(p *partition, at *state.Position) (int64, error) {
	offset, err := u.newerBy(p, at, 0)
	if err != nil || offset < 0 {
		return offset, err
	}
	first, err := u.fetch.lookUp(p, cluster.TimestampEarliest)
	if err != nil || offset <= first {
		return offset, err
	}
	return u.newerBy(p, at, clocksApart)
}

func (u *unit) newerBy(p *partition, at *state.Position, by time.Duration) (int64, error) {
	if at.Clock == 0 { // just begun: no record was seen
		return -1, nil
	}
	offset, err := u.fetch.lookUp(p, at.Clock+by.Milliseconds()+1)
	if err == nil && offset >= at.Offset {
		offset = -1
	}
	return offset, err
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
