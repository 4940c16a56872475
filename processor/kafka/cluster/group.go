package cluster

import (
	"context"
	"fmt"
	"strings"

	"github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/protocol"
	"github.com/segmentio/kafka-go/protocol/consumer"
	"github.com/segmentio/kafka-go/protocol/describegroups"

	"verdict/processor/kafka/wire"
)

// Group is a consumer group as its coordinator knows it. The zero value but for its name: there is no such group yet.
type Group struct {
	Name     string
	State    string // Stable, Empty, PreparingRebalance, CompletingRebalance, Dead; "": there is no such group
	Protocol string // by which the members share partitions out
	Members  []Member
	// Allowed has bits of what the user may do: 1 << the operation's number. 0, or the smallest number: not known.
	Allowed int32
}

// Member is one of a group.
type Member struct {
	ID       string // from the coordinator
	ClientID string
	Host     string // where it connects from

	assignment []byte
}

func (m *Member) String() string { return fmt.Sprintf("%s (%s)", m.ClientID, m.Host) }

// DescribeGroup asks the coordinator.
func DescribeGroup(ctx context.Context, c *Client, name string) (Group, error) {
	group := Group{Name: name}
	res, err := Ask[*describegroups.Response](ctx, c,
		&describegroups.Request{Groups: []string{name}, IncludeAuthorizedOperations: true})
	if err != nil {
		return group, err
	}
	if len(res.Groups) != 1 {
		return group, fmt.Errorf("DescribeGroups: the answer lacks the group %s", name)
	}
	found := &res.Groups[0]
	if kafka.Error(found.ErrorCode) == kafka.GroupIdNotFound {
		return group, nil
	}
	if err := Refused("DescribeGroups", "group "+name, found.ErrorCode); err != nil {
		return group, err
	}
	group.State, group.Protocol, group.Allowed = found.GroupState, found.ProtocolData, found.AuthorizedOperations
	for _, m := range found.Members {
		group.Members = append(group.Members, Member{ID: m.MemberID, ClientID: m.ClientID,
			Host: strings.TrimPrefix(m.ClientHost, "/"), assignment: m.MemberAssignment})
	}
	return group, nil
}

// Assigned lists what the member has, by topic; nothing while the group shares its partitions out.
func (m *Member) Assigned() (map[string][]int32, error) {
	if len(m.assignment) == 0 {
		return nil, nil
	}
	var a consumer.Assignment
	if err := protocol.Unmarshal(m.assignment, consumer.MaxVersionSupported, &a); err != nil {
		return nil, fmt.Errorf("what the member %s is assigned: %w", m, err)
	}
	topics := map[string][]int32{}
	for _, t := range a.AssignedPartitions {
		topics[t.Topic] = append(topics[t.Topic], t.Partitions...)
	}
	return topics, nil
}

// Place is a partition of a topic.
type Place struct {
	Topic     string
	Partition int32
}

func (p Place) String() string { return fmt.Sprintf("%s/%d", p.Topic, p.Partition) }

// GroupOffset is where a group is in a partition.
type GroupOffset struct {
	Offset   int64  // the next to read; -1: the group has none
	Metadata string // as who committed it has left it
}

// FetchOffsets asks for a group's offsets; the answers stand in the order of the partitions. With stable, one that an
// open transaction would move is an error (ClassUnstable).
func FetchOffsets(ctx context.Context, c *Client, group string, partitions []Place,
	stable bool) ([]GroupOffset, error) {
	topics := ByTopic(partitions, func(p Place) string { return p.Topic },
		func(topic string) wire.OffsetFetchTopic { return wire.OffsetFetchTopic{Name: topic} },
		func(t *wire.OffsetFetchTopic, p Place) { t.Partitions = append(t.Partitions, p.Partition) })
	res, err := Ask[*wire.OffsetFetchResponse](ctx, c,
		&wire.OffsetFetchRequest{GroupID: group, RequireStable: stable, Topics: topics})
	if err != nil {
		return nil, err
	}
	if err := Refused("OffsetFetch", "group "+group, res.ErrorCode); err != nil {
		return nil, err
	}
	found := map[Place]wire.OffsetFetchedPartition{}
	for _, topic := range res.Topics {
		for _, p := range topic.Partitions {
			found[Place{topic.Name, p.Partition}] = p
		}
	}
	offsets := make([]GroupOffset, len(partitions))
	for i, p := range partitions {
		at, ok := found[p]
		if !ok {
			return nil, fmt.Errorf("OffsetFetch, %s: the answer lacks it", p)
		}
		if err := Refused("OffsetFetch", p.String(), at.ErrorCode); err != nil {
			return nil, err
		}
		offsets[i] = GroupOffset{max(at.Offset, -1), at.Metadata}
	}
	return offsets, nil
}
