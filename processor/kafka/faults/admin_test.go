//go:build unix

package faults

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// layout is what a cluster says about itself.
type layout struct {
	brokers []int32
	topics  map[string][]partitionPlace
}

type partitionPlace struct {
	leader           int32
	replicas, inSync []int32
}

func askLayout(ctx context.Context, client *kgo.Client) (layout, error) {
	res, err := kmsg.NewPtrMetadataRequest().RequestWith(ctx, client)
	if err != nil {
		return layout{}, err
	}
	l := layout{topics: map[string][]partitionPlace{}}
	for _, b := range res.Brokers {
		l.brokers = append(l.brokers, b.NodeID)
	}
	slices.Sort(l.brokers)
	for _, topic := range res.Topics {
		places := make([]partitionPlace, len(topic.Partitions))
		for _, p := range topic.Partitions {
			if int(p.Partition) < len(places) {
				places[p.Partition] = partitionPlace{leader: p.Leader, replicas: p.Replicas, inSync: p.ISR}
			}
		}
		l.topics[*topic.Topic] = places
	}
	return l, nil
}

// healthy says whether each partition has a leader and all its replicas are in sync.
func (l layout) healthy() error {
	for name, places := range l.topics {
		for i, p := range places {
			if p.leader < 0 || len(p.inSync) < len(p.replicas) {
				return fmt.Errorf("%s/%d has leader %d and %d of %d replicas in sync", name, i, p.leader, len(p.inSync),
					len(p.replicas))
			}
		}
	}
	return nil
}

// topicSpec is a topic to create. Either partitions and replication, or the brokers of each partition.
type topicSpec struct {
	name                    string
	partitions, replication int
	placed                  [][]int32
	configs                 map[string]string
}

func (c *cluster) createTopics(ctx context.Context, specs ...topicSpec) error {
	req := kmsg.NewPtrCreateTopicsRequest()
	req.TimeoutMillis = 30_000
	for _, s := range specs {
		topic := kmsg.NewCreateTopicsRequestTopic()
		topic.Topic, topic.NumPartitions, topic.ReplicationFactor = s.name, int32(s.partitions), int16(s.replication)
		if s.placed != nil {
			topic.NumPartitions, topic.ReplicationFactor = -1, -1
		}
		for name, value := range s.configs {
			topic.Configs = append(topic.Configs,
				kmsg.CreateTopicsRequestTopicConfig{Name: name, Value: kmsg.StringPtr(value)})
		}
		for i, brokers := range s.placed {
			topic.ReplicaAssignment = append(topic.ReplicaAssignment,
				kmsg.CreateTopicsRequestTopicReplicaAssignment{Partition: int32(i), Replicas: brokers})
		}
		req.Topics = append(req.Topics, topic)
	}
	res, err := req.RequestWith(ctx, c.admin)
	if err != nil {
		return err
	}
	for _, topic := range res.Topics {
		if err := kerr.ErrorForCode(topic.ErrorCode); err != nil {
			return fmt.Errorf("creating %s: %w", topic.Topic, err)
		}
	}
	return poll(ctx, 30*time.Second, "topics", func() error {
		l, err := askLayout(ctx, c.admin)
		if err == nil {
			err = l.healthy()
		}
		for _, s := range specs {
			if err == nil && l.topics[s.name] == nil {
				err = fmt.Errorf("%s is not there yet", s.name)
			}
		}
		return err
	})
}

// addPartitions makes a topic have count partitions, and waits until each has a leader.
func (c *cluster) addPartitions(ctx context.Context, topic string, count int) error {
	req := kmsg.NewPtrCreatePartitionsRequest()
	req.TimeoutMillis = 30_000
	req.Topics = []kmsg.CreatePartitionsRequestTopic{{Topic: topic, Count: int32(count)}}
	res, err := req.RequestWith(ctx, c.admin)
	if err != nil {
		return err
	}
	if err := kerr.ErrorForCode(res.Topics[0].ErrorCode); err != nil {
		return fmt.Errorf("adding partitions to %s: %w", topic, err)
	}
	return poll(ctx, 30*time.Second, "new partitions", func() error {
		l, err := askLayout(ctx, c.admin)
		if err != nil {
			return err
		}
		if got := len(l.topics[topic]); got < count {
			return fmt.Errorf("%d of %d are there", got, count)
		}
		return l.healthy()
	})
}

// Kinds of coordinator, as FindCoordinator numbers them.
const (
	coordinatorOfGroup       int8 = 0
	coordinatorOfTransaction int8 = 1
)

func (c *cluster) coordinator(ctx context.Context, kind int8, key string) (int32, error) {
	var node int32 = -1
	err := poll(ctx, 30*time.Second, "coordinator of "+key, func() error {
		req := kmsg.NewPtrFindCoordinatorRequest()
		req.CoordinatorType, req.CoordinatorKey, req.CoordinatorKeys = kind, key, []string{key}
		res, err := req.RequestWith(ctx, c.admin)
		if err != nil {
			return err
		}
		code := res.ErrorCode
		node = res.NodeID
		if len(res.Coordinators) > 0 {
			code, node = res.Coordinators[0].ErrorCode, res.Coordinators[0].NodeID
		}
		return kerr.ErrorForCode(code)
	})
	return node, err
}

// moveLeaders turns the replicas of each partition of the topics by one place and elects the new first ones. It says
// how many partitions have another leader now.
func (c *cluster) moveLeaders(ctx context.Context, topics ...string) (int, error) {
	before, err := askLayout(ctx, c.admin)
	if err != nil {
		return 0, err
	}
	alter, elect := kmsg.NewPtrAlterPartitionAssignmentsRequest(), kmsg.NewPtrElectLeadersRequest()
	alter.TimeoutMillis, elect.TimeoutMillis = 30_000, 30_000
	for _, name := range topics {
		a, e := kmsg.AlterPartitionAssignmentsRequestTopic{Topic: name}, kmsg.ElectLeadersRequestTopic{Topic: name}
		for i, p := range before.topics[name] {
			turned := append(slices.Clone(p.replicas[1:]), p.replicas[0])
			a.Partitions = append(a.Partitions,
				kmsg.AlterPartitionAssignmentsRequestTopicPartition{Partition: int32(i), Replicas: turned})
			e.Partitions = append(e.Partitions, int32(i))
		}
		alter.Topics, elect.Topics = append(alter.Topics, a), append(elect.Topics, e)
	}
	res, err := alter.RequestWith(ctx, c.admin)
	if err != nil {
		return 0, err
	}
	if err := kerr.ErrorForCode(res.ErrorCode); err != nil {
		return 0, fmt.Errorf("turning replicas: %w", err)
	}
	moved := 0
	err = poll(ctx, 30*time.Second, "another leader", func() error { // brokers hear of it one after the other
		if _, err := elect.RequestWith(ctx, c.admin); err != nil {
			return fmt.Errorf("electing leaders: %w", err)
		}
		after, err := askLayout(ctx, c.admin)
		if err != nil {
			return err
		}
		if moved = movedLeaders(before, after, topics); moved == 0 {
			return errors.New("no partition has one")
		}
		return nil
	})
	return moved, err
}

func movedLeaders(before, after layout, topics []string) int {
	moved := 0
	for _, name := range topics {
		for i, p := range after.topics[name] {
			if p.leader != before.topics[name][i].leader {
				moved++
			}
		}
	}
	return moved
}

// committed are the group's offsets for a topic, by partition.
func (c *cluster) committed(ctx context.Context, group, topic string) (map[int32]int64, error) {
	offsets, _, err := c.committedCuts(ctx, group, topic)
	return offsets, err
}

// committedCuts also returns the transactions' numbers that are committed with the offsets: "ID NUMBER PARTITIONS".
func (c *cluster) committedCuts(ctx context.Context, group, topic string) (offsets, numbers map[int32]int64,
	err error) {
	req := kmsg.NewPtrOffsetFetchRequest()
	req.Group = group
	req.Groups = []kmsg.OffsetFetchRequestGroup{{Group: group, MemberEpoch: -1}}
	offsets, numbers = map[int32]int64{}, map[int32]int64{}
	err = poll(ctx, time.Minute, "offsets of "+group, func() error {
		res, err := req.RequestWith(ctx, c.admin)
		if err != nil {
			return err
		}
		if len(res.Groups) != 1 {
			return fmt.Errorf("%d groups in the answer", len(res.Groups))
		}
		for _, t := range res.Groups[0].Topics {
			for _, p := range t.Partitions {
				if t.Topic == topic && p.ErrorCode == 0 && p.Offset >= 0 {
					offsets[p.Partition] = p.Offset
					if p.Metadata != nil {
						numbers[p.Partition] = noted(*p.Metadata)
					}
				}
			}
		}
		return kerr.ErrorForCode(res.Groups[0].ErrorCode)
	})
	return offsets, numbers, err
}

// noted is the number in an offset's metadata; 0 if it has none.
func noted(metadata string) int64 {
	words := strings.Fields(metadata)
	if len(words) != 3 {
		return 0
	}
	n, _ := strconv.ParseInt(words[1], 10, 64) // what is no number is seen to be another one
	return n
}

// openTransaction is a transaction that has neither been committed nor aborted.
type openTransaction struct {
	id      string
	epoch   int16
	started int64
}

// openTransactions are those whose id begins with prefix.
func (c *cluster) openTransactions(ctx context.Context, prefix string) ([]openTransaction, error) {
	list := kmsg.NewPtrListTransactionsRequest()
	list.StateFilters = []string{"Ongoing"}
	res, err := list.RequestWith(ctx, c.admin)
	if err != nil {
		return nil, err
	}
	describe := kmsg.NewPtrDescribeTransactionsRequest()
	for _, t := range res.TransactionStates {
		if strings.HasPrefix(t.TransactionalID, prefix) {
			describe.TransactionalIDs = append(describe.TransactionalIDs, t.TransactionalID)
		}
	}
	if len(describe.TransactionalIDs) == 0 {
		return nil, nil
	}
	states, err := describe.RequestWith(ctx, c.admin)
	if err != nil {
		return nil, err
	}
	var open []openTransaction
	for _, t := range states.TransactionStates {
		if t.State == "Ongoing" {
			open = append(open, openTransaction{t.TransactionalID, t.ProducerEpoch, t.StartTimestamp})
		}
	}
	return open, nil
}
