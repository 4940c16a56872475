package kafka

import (
	"cmp"
	"context"
	"slices"
	"sync"

	"github.com/segmentio/kafka-go"
	"go.uber.org/zap"

	"verdict/processor/kafka/cluster"
)

// spread assigns partitions: those of one number, of all topics, together, dealt out to the instances in order of their
// ids, so that instances with stable ids mostly get the same ones again. It works in the instance that leads the group.
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
	groups := byNumber(partitions)
	sizes := make([]int, len(groups))
	for i, group := range groups {
		sizes[i] = len(group)
	}
	for i, place := range deal(sizes, len(members)) {
		for _, p := range groups[i] {
			if m := subscriber(members, place, p.Topic); m != nil {
				assignments[m.ID][p.Topic] = append(assignments[m.ID][p.Topic], p.ID)
			}
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seen = seen
	return assignments
}

// byNumber groups partitions by their number, in order of it.
func byNumber(partitions []kafka.Partition) [][]kafka.Partition {
	slices.SortFunc(partitions, func(a, b kafka.Partition) int {
		return cmp.Or(cmp.Compare(a.ID, b.ID), cmp.Compare(a.Topic, b.Topic))
	})
	var groups [][]kafka.Partition
	for i, p := range partitions {
		if i == 0 || p.ID != partitions[i-1].ID {
			groups = append(groups, nil)
		}
		last := &groups[len(groups)-1]
		*last = append(*last, p)
	}
	return groups
}

// subscriber is the member at place, or the first behind it that reads the topic: while a configuration changes, not
// all do.
func subscriber(members []kafka.GroupMember, place int, topic string) *kafka.GroupMember {
	for i := range members {
		m := &members[(place+i)%len(members)]
		if slices.Contains(m.Topics, topic) {
			return m
		}
	}
	return nil
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
