package kafka

import (
	"errors"
	"fmt"
	"testing"

	"github.com/segmentio/kafka-go"
	"pgregory.net/rapid"

	"verdict/processor/kafka/cluster"
)

func TestSpreadIsCompleteAndEven(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := &spread{layout: func() (cluster.Layout, error) { return cluster.Layout{}, errors.New("none") }}
		topics := []string{"a", "b", "c"}[:rapid.IntRange(1, 3).Draw(t, "topics")]
		var partitions []kafka.Partition
		for _, topic := range topics {
			for id := range rapid.IntRange(0, 10).Draw(t, "partitions") {
				partitions = append(partitions, kafka.Partition{Topic: topic, ID: id})
			}
		}
		var members []kafka.GroupMember
		for i := range rapid.IntRange(1, 6).Draw(t, "members") {
			members = append(members, kafka.GroupMember{ID: fmt.Sprint(i), Topics: topics,
				UserData: []byte(rapid.String().Draw(t,
					"instance"))})
		}
		assigned := s.AssignGroups(members, partitions)
		owners := map[string]int{}
		byNumber := map[int]string{}
		least, most := len(partitions), 0
		for _, m := range members {
			n := 0
			for topic, ids := range assigned[m.ID] {
				for _, id := range ids {
					owners[fmt.Sprint(topic, id)]++
					n++
					if owner, ok := byNumber[id]; ok && owner != m.ID {
						t.Fatalf("partitions %d are at members %s and %s: what is written about them would have two "+
							"writers", id, owner, m.ID)
					}
					byNumber[id] = m.ID
				}
			}
			least, most = min(least, n), max(most, n)
		}
		if len(owners) != len(partitions) || most-least > len(topics) {
			t.Fatalf("%d of %d partitions have an owner; %d to %d each", len(owners), len(partitions), least, most)
		}
		for p, n := range owners {
			if n != 1 {
				t.Fatalf("%s has %d owners", p, n)
			}
		}
		if seen := s.take(); len(partitions) > 0 && seen == nil || s.take() != nil {
			t.Fatal("the leader is not told once")
		}
	})
}

func TestSpreadGoesByInstanceNotByMember(t *testing.T) {
	s := &spread{layout: func() (cluster.Layout, error) {
		return cluster.Layout{Leaders: map[string][]int32{"t": {1, 1, 1, 1}}}, nil
	}}
	group := func(ids ...string) kafka.GroupMemberAssignments {
		var members []kafka.GroupMember
		for i, id := range ids {
			members = append(members, kafka.GroupMember{ID: id, Topics: []string{"t"}, UserData: []byte{byte('a' + i)}})
		}
		return s.AssignGroups(members, nil)
	}
	before, after := group("x", "y"), group("q", "p")
	if fmt.Sprint(before["x"], before["y"]) != fmt.Sprint(after["q"], after["p"]) {
		t.Error(before, after)
	}
}
