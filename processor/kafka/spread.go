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

// spread assigns partitions: those of one number, of all raw topics, together, dealt out to the instances in order of
// their ids, so that instances with stable ids mostly get the same ones again. It works in the instance that leads the
// group. An older program leads under the same name and deals one by one: numbers may be apart then.
type spread struct {
	instance string
	layout   func() (cluster.Layout, error)

	mu   sync.Mutex
	seen map[string]int // partitions by topic, as last assigned; nil if another instance led
}

func (s *spread) ProtocolName() string { return "verdict-spread" }

func (s *spread) UserData() ([]byte, error) { return []byte(s.instance), nil }

// AssignGroups looks the partitions up itself: kafka-go hands in none at all when a single topic is not there.
func (s *spread) AssignGroups(members []kafka.GroupMember, partitions []kafka.Partition) kafka.GroupMemberAssignments {
	if l, err := s.layout(); err == nil {
		partitions = l.All()
	}
	slices.SortFunc(members, func(a, b kafka.GroupMember) int {
		return cmp.Or(cmp.Compare(string(a.UserData), string(b.UserData)), cmp.Compare(a.ID, b.ID))
	})
	assignments := kafka.GroupMemberAssignments{}
	for _, m := range members {
		assignments[m.ID] = map[string][]int{}
	}
	seen := map[string]int{}
	for _, p := range partitions {
		seen[p.Topic]++
	}
	groups := together(partitions, members)
	sizes := make([]int, len(groups))
	for i, group := range groups {
		sizes[i] = len(group)
	}
	reads := func(i, member int) bool { return readsAll(&members[member], groups[i]) }
	for i, member := range deal(sizes, len(members), reads) {
		for _, p := range groups[i] {
			topics := assignments[members[member].ID]
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
func together(partitions []kafka.Partition, members []kafka.GroupMember) [][]kafka.Partition {
	anybody := func(group ...kafka.Partition) bool {
		return slices.ContainsFunc(members, func(m kafka.GroupMember) bool { return readsAll(&m, group) })
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

func readsAll(m *kafka.GroupMember, group []kafka.Partition) bool {
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
// assignment, so only the leader looks. Each instance tells readiness about a topic that is not there.
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
		var lacking error
		for _, topic := range r.cfg.RawTopics {
			n := int(l.Partitions(topic))
			gone[topic]++
			if n > 0 {
				gone[topic] = 0
			} else {
				lacking = cluster.MissingTopic(topic)
			}
			if assigned != nil && n != assigned[topic] && gone[topic] != 1 {
				r.log.Info("a topic has another number of partitions; assigning anew", zap.String("topic", topic),
					zap.Int("partitions", n))
				stop()
				return
			}
		}
		r.status.lack(lacking)
	}
}
