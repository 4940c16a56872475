package state

import (
	"context"
	"time"

	"verdict/cmd/verdict/screen"
	"verdict/processor"
	"verdict/processor/kafka/upkeep"
	"verdict/processor/state"
	"verdict/rules"
)

// summary is what stats keeps of one verification.
type summary struct {
	outcome  rules.Outcome // unspecified: no word
	bytes    uint16
	lastSeen uint32 // seconds
	deadline int64  // milliseconds; 0: none
}

// live is what is remembered in one partition, and where the group was before its changelog was read.
type live struct {
	keys       map[processor.Key]summary
	group      upkeep.Standing
	unreadable map[processor.Key]error
}

// Stats counts what is remembered, and holds it against the group's offsets.
func Stats(ctx context.Context, o Options) error {
	group, topics, err := o.open()
	if err != nil {
		return err
	}
	defer group.Close()
	view := statsView{Group: o.Config.Kafka.Group, Topics: []topicStats{}}
	for _, t := range topics {
		parts, err := group.Parts(ctx, t)
		if err != nil {
			return err
		}
		topic, err := o.topic(ctx, group, parts)
		if err != nil {
			return err
		}
		view.Topics = append(view.Topics, topic)
	}
	view.total()
	if o.JSON {
		return screen.WriteJSON(o.Out, view)
	}
	return view.write(o.Out)
}

func (o *Options) topic(ctx context.Context, group *upkeep.Group, parts []*upkeep.Part) (topicStats, error) {
	found := map[*upkeep.Part]*live{}
	for _, p := range parts {
		found[p] = &live{keys: map[processor.Key]summary{}, group: p.Standing()}
	}
	after := overdueAfter(o.Catalog)
	err := group.Read(ctx, parts, func(p *upkeep.Part, key, value []byte) error {
		p.Take(key, value)
		found[p].take(key, value, after)
		return nil
	})
	if err == nil {
		err = group.Locate(ctx, parts) // of a group at work it has moved on while it was read
	}
	if err != nil {
		return topicStats{}, err
	}
	topic := topicStats{RawTopic: parts[0].Raw, Changelog: parts[0].Changelog}
	for _, p := range parts {
		for _, err := range found[p].unreadable {
			p.Unreadable = err
		}
		topic.Partitions = append(topic.Partitions, o.part(p, found[p]))
	}
	return topic, nil
}

// overdueAfter is how long the next word may take, by the hash of the present one's status.
func overdueAfter(c *rules.Catalog) map[uint32]time.Duration {
	after := map[uint32]time.Duration{}
	for _, v := range c.Vocabularies() {
		for _, s := range v.Statuses {
			if s.OverdueAfter > 0 {
				after[s.Hash] = s.OverdueAfter
			}
		}
	}
	return after
}

// take counts a change of one verification.
func (l *live) take(key, value []byte, after map[uint32]time.Duration) {
	if len(key) != len(processor.Key{}) {
		return
	}
	k := processor.Key(key)
	delete(l.keys, k)
	delete(l.unreadable, k) // only its last record counts
	if value == nil {
		return
	}
	var m processor.Memory
	if err := state.ParseMemory(value, &m); err != nil {
		if l.unreadable == nil {
			l.unreadable = map[processor.Key]error{}
		}
		l.unreadable[k] = err
		return
	}
	s := summary{bytes: uint16(len(key) + len(value)), lastSeen: uint32(m.LastSeen)}
	if m.Word.There {
		s.outcome = m.Word.Outcome
		if d := after[m.Word.Status]; d > 0 {
			s.deadline = m.Word.Since + d.Milliseconds()
		}
	}
	l.keys[k] = s
}

// part sums one partition up.
func (o *Options) part(p *upkeep.Part, l *live) partStats {
	s := partStats{Partition: p.ID, Log: p.End - p.Start, Words: map[string]int{}}
	if p.Offset >= 0 {
		s.Offset = &p.Offset
	}
	if p.Known() {
		at := &p.Position
		s.Position = &positionView{Offset: at.Offset, Number: at.Number, Partitions: at.Partitions, Writer: at.Writer,
			Clock: clockOf(at), Since: stamp(time.UnixMilli(at.Started))}
	}
	kept := o.Config.State.Retention.Milliseconds()
	for _, m := range l.keys {
		if int64(m.lastSeen)*1000+kept < p.Position.Clock {
			s.Expired++
			continue
		}
		s.Keys++
		s.Bytes += int64(m.bytes)
		if m.outcome != rules.OutcomeUnspecified {
			s.Words[m.outcome.String()]++
		}
		if m.deadline > 0 && m.deadline < o.Now.UnixMilli() {
			s.Overdue++
		}
	}
	s.Problem = problem(p, l)
	return s
}
