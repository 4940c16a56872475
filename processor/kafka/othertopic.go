package kafka

import (
	"fmt"
	"time"

	"verdict/processor/state"
)

// clocksApart is by how much a producer's clock may be ahead of ours before its record counts as one that was not there
// when the state was written.
const clocksApart = time.Minute

// sameTopic holds the raw topic against the state of a partition that the group has no offset of. Kafka forgets a
// group's offsets together with the topic, so one that was created anew looks as if they alone were lost; so does a
// changelog that was copied from another cluster. To go on at the state's offset would pass over what is before it. All
// that was decided is no newer than the state's clock.
func (u *unit) sameTopic(p *partition, at *state.Position) error {
	if at.Clock == 0 { // just begun: no record was seen
		return nil
	}
	newer, err := u.fetch.lookUp(p, at.Clock+clocksApart.Milliseconds())
	if err != nil {
		return fmt.Errorf("%s: whether its state is that of another topic: %w", p, err)
	}
	if newer < 0 || newer >= at.Offset {
		return nil
	}
	return fmt.Errorf("%s: the group has no offset of it, and its state stands at offset %d; but the record at offset "+
		"%d is newer than all that was decided, so the topic was created anew, or %s is that of another cluster: stop "+
		"the group and run `verdict state reset` to decide all that %s has. If it is the same topic, and a producer's "+
		"clock was ahead, set the group's offset: kafka-consumer-groups --group %s --topic %s:%d --reset-offsets "+
		"--to-offset %d --execute",
		p, at.Offset, newer, changelogName(p.memory), p.topic, u.cfg.Group, p.topic, p.id, at.Offset)
}
