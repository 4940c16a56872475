package admin

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/protocol"
	"github.com/segmentio/kafka-go/protocol/metadata"

	"verdict/processor/kafka/cluster"
)

// Bits of what a user is allowed to do: 1 << the operation's number in the protocol.
const (
	operationRead    = 1 << 3
	operationWrite   = 1 << 4
	operationUnknown = math.MinInt32 // the broker did not say
)

var operationNames = map[int32]string{operationRead: "READ", operationWrite: "WRITE"}

// sentMetadata is a metadata request that really goes to a broker; the transport answers the usual type from its
// memory, which lacks what the user is allowed to do.
type sentMetadata metadata.Request

func (r *sentMetadata) ApiKey() protocol.ApiKey { return protocol.Metadata }

// Split gives Merge a say, which hides the answer's usual type from the transport: it would expect the usual request
// with it.
func (r *sentMetadata) Split(protocol.Cluster) ([]protocol.Message, protocol.Merger, error) {
	return []protocol.Message{r}, r, nil
}

func (r *sentMetadata) Merge(_ []protocol.Message, results []any) (protocol.Message, error) {
	res, err := protocol.Result(results[0])
	if err != nil {
		return nil, err
	}
	return (*receivedMetadata)(res.(*metadata.Response)), nil
}

type receivedMetadata metadata.Response

func (r *receivedMetadata) ApiKey() protocol.ApiKey { return protocol.Metadata }

func (k *inspection) describe(ctx context.Context) error {
	res, err := cluster.Ask[*receivedMetadata](ctx, k.client,
		&sentMetadata{TopicNames: k.topics, IncludeTopicAuthorizedOperations: true})
	if err == nil {
		k.metadata = (*metadata.Response)(res)
	}
	return err
}

// settledWithin is how long after its creation a topic may be unknown to a broker, or a partition be without a leader.
// A topic that is not there at all takes so long to tell.
const settledWithin = 2 * time.Second

// settle asks again while topics are as those that were just created. What they are like in the end is told of each.
func (k *inspection) settle(ctx context.Context) {
	_ = cluster.Again(ctx, settledWithin, func(ctx context.Context) error {
		if k.unsettled() == nil {
			return nil
		}
		if err := k.describe(ctx); err != nil {
			return err
		}
		return k.unsettled()
	})
}

// unsettled is an error about a topic that may be another a moment later.
func (k *inspection) unsettled() error {
	for _, topic := range k.metadata.Topics {
		if err := cluster.Refused("Metadata", "topic "+topic.Name, topic.ErrorCode); cluster.Classify(err) ==
			cluster.ClassRetry {
			return err
		}
		for _, p := range topic.Partitions {
			if p.LeaderID < 0 {
				return cluster.Refused("Metadata", "topic "+topic.Name, int16(kafka.LeaderNotAvailable))
			}
		}
	}
	return nil
}

// topic reports whether it is there and may be used.
func (k *inspection) topic(name, purpose string, operation int32) {
	point := "topic " + name + " (" + purpose + ")"
	if k.usable(point, name, operation) {
		k.ok(point, count(k.partitions(name), "partition"))
	}
}

// usable reports what is in the way of using a topic, if anything is.
func (k *inspection) usable(point, name string, operations ...int32) bool {
	i := slices.IndexFunc(k.metadata.Topics, func(t metadata.ResponseTopic) bool { return t.Name == name })
	if i < 0 || k.metadata.Topics[i].ErrorCode == int16(kafka.UnknownTopicOrPartition) {
		k.wrong(point, "it is not there, or DESCRIBE on it is not allowed",
			"create it (`verdict topics --create`), or grant DESCRIBE on it")
		return false
	}
	topic := k.metadata.Topics[i]
	if err := cluster.Refused("Metadata", "topic "+name, topic.ErrorCode); err != nil {
		k.topicRefusal(point, err, operations)
		return false
	}
	for _, operation := range operations {
		if allowed := topic.TopicAuthorizedOperations; allowed != operationUnknown && allowed&operation == 0 {
			k.wrong(point, operationNames[operation]+" is not allowed", "grant "+operationNames[operation]+" on it")
			return false
		}
	}
	for _, p := range topic.Partitions {
		if p.LeaderID < 0 {
			k.wrong(point, fmt.Sprintf("partition %d has no leader", p.PartitionIndex), "bring its brokers back")
			return false
		}
	}
	return true
}

// topicRefusal names the rights that this topic needs, which Verdict uses it for.
func (k *inspection) topicRefusal(point string, err error, operations []int32) {
	if !errors.Is(err, kafka.TopicAuthorizationFailed) {
		k.refusal(point, err, "look into the brokers' logs")
		return
	}
	var names []string
	for _, operation := range operations {
		names = append(names, operationNames[operation])
	}
	k.wrong(point, err.Error(), "grant "+strings.Join(names, " and ")+" on it")
}

func (k *inspection) partitions(topic string) int {
	for _, t := range k.metadata.Topics {
		if t.Name == topic {
			return len(t.Partitions)
		}
	}
	return 0
}

// replicas is how many each partition of a topic has at least.
func (k *inspection) replicas(topic string) int {
	fewest := 0
	for _, t := range k.metadata.Topics {
		if t.Name != topic {
			continue
		}
		for i, p := range t.Partitions {
			if i == 0 || len(p.ReplicaNodes) < fewest {
				fewest = len(p.ReplicaNodes)
			}
		}
	}
	return fewest
}
