package admin

import (
	"fmt"
	"strconv"
)

// comparePartitions plans more partitions for an output topic. They are compared only where somebody has asked for a
// number, as the plan's own is one to start with; those of a changelog are its raw topic's. Kafka takes none away. A
// topic of which the latest record of a key counts is left, too: the earlier one stays in the partition that the key
// moves away from, and no later one replaces it. Replicas are not moved from here.
func (p *Planned) comparePartitions(have *Found, policy cleanup) {
	n, want := have.Partitions, p.spec.Partitions
	left := Left{Name: "partitions", Old: strconv.Itoa(n), Planned: strconv.Itoa(want)}
	byHand := fmt.Sprintf("kafka-topics --alter --topic %s --partitions %d", p.Name, want)
	c := p.spec.Changelog
	switch {
	case n == want || c == nil && !p.spec.Asked:
	case c != nil && n < want:
		left.Why = fmt.Sprintf("%s has %d; a partition more is no memory of the keys that move to it", c.Raw, want)
		left.Command, left.Harms = "verdict state rekey", true
	case c != nil:
		left.Why = fmt.Sprintf("%s has %d: it was created anew, or this one by hand; if nothing in it is needed, stop "+
			"the group, delete it and run this again", c.Raw, want)
		left.Harms = true
	case n > want:
		left.Why = "Kafka takes no partitions away"
	case p.spec.Output == nil:
		left.Why = "keys would move away from what is known of them: add partitions to a raw topic, then move the " +
			"state (verdict state rekey; docs/state.md has the order)"
		left.Command = byHand
	case p.spec.Output.Table || policy.compact:
		left.Why = "keys would move, and what was said of them before would stay in the old partition until it is " +
			"deleted for its age, also of who was erased"
		left.Command = byHand
	default:
		p.Grow = &Growth{n, want}
	}
	if left.Why != "" {
		p.Left = append(p.Left, left)
	}
	if want := p.spec.ReplicationFactor; want > 0 && want != have.Replicas {
		p.Left = append(p.Left, Left{Name: "replicas", Old: strconv.Itoa(have.Replicas), Planned: strconv.Itoa(want),
			Why: "replicas are moved between brokers by hand", Command: "kafka-reassign-partitions"})
	}
}
