package kafka

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"sync"

	"github.com/segmentio/kafka-go"
	"go.uber.org/zap"

	"verdict/processor/kafka/cluster"
)

// spread assigns partitions: those of one number, of all raw topics, together, and as far as balance allows to the
// member that holds them, as each says in its claim when it joins. It works in the instance that leads the group.
type spread struct {
	instance string
	layout   func() (cluster.Layout, error)
	// held lists what there is state of now, by topic; nil: of nothing. kafka-go's goroutine calls it at each join,
	// when no unit is at work.
	held func() map[string][]heldPartition

	mu   sync.Mutex
	last claim          // of what this instance was assigned last
	seen map[string]int // partitions by topic, as last assigned; nil if another instance led
}

// ProtocolName is what all members have to have in common. A program that deals in another way has another one: it
// could not lead a group whose members have state.
func (s *spread) ProtocolName() string { return "verdict-sticky" }

// UserData is asked for at each join.
func (s *spread) UserData() ([]byte, error) {
	s.mu.Lock()
	had := s.last
	s.mu.Unlock()
	c := claim{instance: s.instance, generation: had.generation}
	for topic, list := range had.held {
		for id, h := range list {
			c.add(topic, id, h)
		}
	}
	if s.held != nil {
		for topic, list := range s.held() {
			for _, p := range list {
				c.add(topic, p.id, holding{upto: p.upto, had: had.held[topic][p.id].had})
			}
		}
	}
	return c.bytes(), nil
}

// assigned takes in what this instance has now: it claims that at the next join.
func (s *spread) assigned(gen *kafka.Generation) {
	c := claim{generation: gen.ID}
	for topic, list := range gen.Assignments {
		for _, p := range list {
			c.add(topic, int32(p.ID), holding{had: true})
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last = c
}

// joined is a member with what it says of itself.
type joined struct {
	kafka.GroupMember
	claim claim
}

// AssignGroups looks the partitions up itself: kafka-go hands in none at all when a single topic is not there.
func (s *spread) AssignGroups(list []kafka.GroupMember, partitions []kafka.Partition) kafka.GroupMemberAssignments {
	if l, err := s.layout(); err == nil {
		partitions = l.All()
	}
	assignments := kafka.GroupMemberAssignments{}
	members := make([]joined, len(list))
	for i, m := range list {
		members[i] = joined{m, parseClaim(m.UserData)}
		assignments[m.ID] = map[string][]int{}
	}
	slices.SortFunc(members, func(a, b joined) int {
		return cmp.Or(cmp.Compare(a.claim.instance, b.claim.instance), cmp.Compare(a.ID, b.ID))
	})
	seen := map[string]int{}
	for _, p := range partitions {
		seen[p.Topic]++
	}
	groups := together(partitions, members)
	shared := newSharing(groups, members)
	shared.share()
	for i, group := range groups {
		topics := assignments[members[shared.parcels[i].owner].ID]
		for _, p := range group {
			topics[p.Topic] = append(topics[p.Topic], p.ID)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seen = seen
	return assignments
}

// together groups partitions by their number, in order of it. Those that no member reads are left out: the layout has
// output topics as well. While a configuration changes, not all members read the same: where nobody reads all of a
// group, its partitions go their own ways.
func together(partitions []kafka.Partition, members []joined) [][]kafka.Partition {
	anybody := func(group ...kafka.Partition) bool {
		return slices.ContainsFunc(members, func(m joined) bool { return readsAll(&m, group) })
	}
	byNumber := map[int][]kafka.Partition{}
	for _, p := range partitions {
		if anybody(p) {
			byNumber[p.ID] = append(byNumber[p.ID], p)
		}
	}
	var groups [][]kafka.Partition
	for _, id := range slices.Sorted(maps.Keys(byNumber)) {
		group := byNumber[id]
		slices.SortFunc(group, func(a, b kafka.Partition) int { return cmp.Compare(a.Topic, b.Topic) })
		if anybody(group...) {
			groups = append(groups, group)
			continue
		}
		for _, p := range group {
			groups = append(groups, []kafka.Partition{p})
		}
	}
	return groups
}

func readsAll(m *joined, group []kafka.Partition) bool {
	return !slices.ContainsFunc(group, func(p kafka.Partition) bool { return !slices.Contains(m.Topics, p.Topic) })
}

// take returns what this instance has assigned as the group's leader since the last call; nil if it is not the leader.
func (s *spread) take() map[string]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	seen := s.seen
	s.seen = nil
	return seen
}

// watchTopics ends the generation when a raw topic has another number of partitions than were assigned, or is gone:
// looked at twice, because it may be the broker that has not heard of it yet. Only the leader's coming back makes a new
// assignment, so only the leader looks.
//
// kafka-go's own watch is not used: with a missing topic it would join again and again without a pause.
func (r *Runner) watchTopics(ctx context.Context, stop context.CancelFunc) {
	assigned := r.spread.take()
	gone := map[string]int{} // looks in a row, by topic
	for cluster.Sleep(ctx, cluster.MetadataTTL) {
		l, err := r.client.Layout(ctx)
		if err != nil {
			continue
		}
		for _, topic := range r.cfg.RawTopics {
			n := int(l.Partitions(topic))
			gone[topic]++
			if n > 0 {
				gone[topic] = 0
			}
			if assigned != nil && n != assigned[topic] && gone[topic] != 1 {
				r.log.Info("a topic has another number of partitions; assigning anew", zap.String("topic", topic),
					zap.Int("partitions", n))
				stop()
				return
			}
		}
	}
}
