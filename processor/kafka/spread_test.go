package kafka

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/segmentio/kafka-go"
	"pgregory.net/rapid"

	"verdict/processor/kafka/cluster"
)

// Whoever reads what: each partition that is read has one owner who reads it, those of one number have the same where
// somebody reads them all, and where all read the same the shares are even. Topics that nobody reads weigh nothing.
func TestSpreadIsCompleteAndEven(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		topics := []string{"a", "b", "c"}[:rapid.IntRange(1, 3).Draw(t, "topics")]
		layout := cluster.Layout{Leaders: map[string][]int32{}}
		for _, topic := range append([]string{"out", "decisions"}, topics...) {
			layout.Leaders[topic] = make([]int32, rapid.IntRange(0, 10).Draw(t, "partitions of "+topic))
		}
		s := &spread{layout: func() (cluster.Layout, error) { return layout, nil }}
		alike := rapid.Bool().Draw(t, "all read the same")
		var members []kafka.GroupMember
		reads := map[string][]string{}
		for i := range rapid.IntRange(1, 6).Draw(t, "members") {
			m := kafka.GroupMember{ID: fmt.Sprint(i), Topics: topics,
				UserData: anyClaim(topics).Draw(t, "claim")}
			if !alike {
				m.Topics = topics[rapid.IntRange(0, len(topics)-1).Draw(t, "from topic"):]
			}
			members, reads[m.ID] = append(members, m), m.Topics
		}
		assigned := s.AssignGroups(slices.Clone(members), nil)
		owners, most, least := map[string]string{}, 0, 1000
		for id, topics := range assigned {
			n := 0
			for topic, ids := range topics {
				if !slices.Contains(reads[id], topic) {
					t.Fatalf("member %s reads %v and is given %s", id, reads[id], topic)
				}
				for _, p := range ids {
					if other, ok := owners[fmt.Sprint(topic, p)]; ok {
						t.Fatalf("%s/%d is given to %s and %s", topic, p, other, id)
					}
					owners[fmt.Sprint(topic, p)] = id
					n++
				}
			}
			most, least = max(most, n), min(least, n)
		}
		for _, topic := range topics {
			for p := range layout.Leaders[topic] {
				owner, ok := owners[fmt.Sprint(topic, p)]
				read := slices.ContainsFunc(members,
					func(m kafka.GroupMember) bool { return slices.Contains(m.Topics, topic) })
				if ok != read {
					t.Fatalf("%s/%d has the owner %q; somebody reads it: %v", topic, p, owner, read)
				}
				if together := owners[fmt.Sprint(topics[0], p)]; alike && p < len(layout.Leaders[topics[0]]) &&
					together != owner {
					t.Fatalf("partitions %d are at members %s and %s: their verifications would have two writers",
						p, together, owner)
				}
			}
		}
		if alike && most-least > largestGroup(layout, topics) {
			t.Fatalf("%d to %d partitions each", least, most)
		}
		turned := s.AssignGroups(rapid.Permutation(members).Draw(t, "turned"), nil)
		if fmt.Sprint(turned) != fmt.Sprint(assigned) {
			t.Fatalf("in another order of the members it is %v, not %v", turned, assigned)
		}
		if seen := s.take(); seen == nil || s.take() != nil {
			t.Fatal("the leader is not told once")
		}
	})
}

// largestGroup is the most topics that have a partition of one number.
func largestGroup(layout cluster.Layout, topics []string) int {
	n := 0
	for _, topic := range topics {
		n += min(len(layout.Leaders[topic]), 1)
	}
	return n
}

// anyClaim is what a member may say: nothing, anything, or what it holds or pretends to hold.
func anyClaim(topics []string) *rapid.Generator[[]byte] {
	honest := rapid.Custom(func(t *rapid.T) []byte {
		c := claim{instance: rapid.StringN(0, 3, -1).Draw(t, "instance"),
			generation: rapid.Int32Range(0, 3).Draw(t, "generation")}
		for _, topic := range append([]string{"foreign"}, topics...) {
			for _, id := range rapid.SliceOfN(rapid.Int32Range(0, 12), 0, 10).Draw(t, topic) {
				upto := rapid.OneOf(rapid.Int64Range(0, 3), rapid.Int64Range(math.MaxInt64-1, math.MaxInt64))
				c.add(topic, id, holding{upto: upto.Draw(t, "upto"), had: rapid.Bool().Draw(t, "had")})
			}
		}
		return c.bytes()
	})
	return rapid.OneOf(honest, honest, rapid.SliceOfN(rapid.Byte(), 0, 40), rapid.Just[[]byte](nil))
}

func TestSpreadGoesByInstanceNotByMember(t *testing.T) {
	s := &spread{layout: func() (cluster.Layout, error) {
		return cluster.Layout{Leaders: map[string][]int32{"t": {1, 1, 1, 1}}}, nil
	}}
	group := func(ids ...string) kafka.GroupMemberAssignments {
		var members []kafka.GroupMember
		for i, id := range ids {
			members = append(members, kafka.GroupMember{ID: id, Topics: []string{"t"},
				UserData: (&claim{instance: string(rune('a' + i))}).bytes()})
		}
		return s.AssignGroups(members, nil)
	}
	before, after := group("x", "y"), group("q", "p")
	if fmt.Sprint(before["x"], before["y"]) != fmt.Sprint(after["q"], after["p"]) {
		t.Error(before, after)
	}
}
