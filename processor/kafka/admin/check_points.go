package admin

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/protocol"
	"github.com/segmentio/kafka-go/protocol/describeconfigs"
	"github.com/segmentio/kafka-go/protocol/describegroups"
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
		&sentMetadata{TopicNames: k.needs.topics(), IncludeTopicAuthorizedOperations: true})
	if err == nil {
		k.metadata = (*metadata.Response)(res)
	}
	return err
}

// topic reports whether it is there and may be used.
func (k *inspection) topic(name, purpose string, operation int32) {
	point := "topic " + name + " (" + purpose + ")"
	i := slices.IndexFunc(k.metadata.Topics, func(t metadata.ResponseTopic) bool { return t.Name == name })
	if i < 0 || k.metadata.Topics[i].ErrorCode == int16(kafka.UnknownTopicOrPartition) {
		k.wrong(point, "it is not there, or DESCRIBE on it is not allowed",
			"create it (`verdict topics --create`), or grant DESCRIBE on it")
		return
	}
	topic := k.metadata.Topics[i]
	if err := cluster.Refused("Metadata", "topic "+name, topic.ErrorCode); err != nil {
		k.refusal(point, err, "look into the brokers' logs")
		return
	}
	if allowed := topic.TopicAuthorizedOperations; allowed != operationUnknown && allowed&operation == 0 {
		k.wrong(point, operationNames[operation]+" is not allowed", "grant "+operationNames[operation]+" on it")
		return
	}
	for _, p := range topic.Partitions {
		if p.LeaderID < 0 {
			k.wrong(point, fmt.Sprintf("partition %d has no leader", p.PartitionIndex), "bring its brokers back")
			return
		}
	}
	k.ok(point, count(len(topic.Partitions), "partition"))
}

// settings reports settings of the output topics that lose or refuse records.
func (k *inspection) settings(ctx context.Context) {
	req := &describeconfigs.Request{}
	for _, out := range k.needs.Outputs {
		req.Resources = append(req.Resources,
			describeconfigs.RequestResource{ResourceType: int8(kafka.ResourceTypeTopic),
				ResourceName: out.Name,
				ConfigNames:  []string{"min.insync.replicas", "max.message.bytes", "cleanup.policy"}})
	}
	res, err := cluster.Ask[*describeconfigs.Response](ctx, k.client, req)
	if err != nil {
		k.refusal("topic settings", err, "look into the brokers' logs")
		return
	}
	for _, r := range res.Resources {
		point := "settings of " + r.ResourceName
		if kafka.Error(r.ErrorCode) == kafka.TopicAuthorizationFailed {
			k.ok(point, "not readable (DESCRIBE_CONFIGS is not granted); Kafka's default of max.message.bytes is taken")
			continue
		}
		if r.ErrorCode == 0 {
			values := map[string]string{}
			for _, e := range r.ConfigEntries {
				values[e.ConfigName] = e.ConfigValue
			}
			k.setting(point, r.ResourceName, values)
		}
	}
}

func (k *inspection) setting(point, topic string, values map[string]string) {
	replicas := k.replicas(topic)
	insync, _ := strconv.Atoi(values["min.insync.replicas"])
	size, _ := strconv.Atoi(values["max.message.bytes"])
	compacted := strings.Contains(values["cleanup.policy"], "compact")
	const smallest = 64 << 10
	switch {
	case insync > replicas:
		k.wrong(point, fmt.Sprintf("min.insync.replicas is %d, but there are %d replicas: nothing can be written",
			insync, replicas),
			"lower min.insync.replicas or add replicas")
	case size > 0 && size < smallest:
		k.wrong(point, fmt.Sprintf("max.message.bytes is %d: dead letters may not fit", size),
			fmt.Sprintf("raise it to %d or more", smallest))
	case compacted && k.needs.lossIfCompacted(topic) != "":
		k.wrong(point, "it is compacted: "+k.needs.lossIfCompacted(topic), "set cleanup.policy=delete")
	case replicas > 1 && insync < 2:
		k.ok(point, "min.insync.replicas is 1: a record acknowledged by one broker is lost with it; 2 is safer")
	default:
		k.ok(point, "")
	}
}

func (k *inspection) replicas(topic string) int {
	for _, t := range k.metadata.Topics {
		if t.Name == topic && len(t.Partitions) > 0 {
			return len(t.Partitions[0].ReplicaNodes)
		}
	}
	return 0
}

func (k *inspection) group(ctx context.Context) {
	point := "consumer group " + k.needs.Group
	res, err := cluster.Ask[*describegroups.Response](ctx, k.client,
		&describegroups.Request{Groups: []string{k.needs.Group},
			IncludeAuthorizedOperations: true})
	if err != nil {
		k.refusal(point, err, "look into the brokers' logs")
		return
	}
	members := "new"
	for _, g := range res.Groups {
		if kafka.Error(g.ErrorCode) == kafka.GroupIdNotFound {
			continue
		}
		if err := cluster.Refused("DescribeGroups", "group "+k.needs.Group, g.ErrorCode); err != nil {
			k.refusal(point, err, "look into the brokers' logs")
			return
		}
		if allowed := g.AuthorizedOperations; allowed != 0 && allowed != operationUnknown &&
			allowed&operationRead == 0 {
			k.wrong(point, "READ is not allowed", "grant READ on the group")
			return
		}
		if len(g.Members) > 0 && g.ProtocolData != k.needs.Protocol {
			k.wrong(point, "members of another program are in it", "give each program a group of its own")
			return
		}
		members = count(len(g.Members), "member") + " now"
	}
	k.ok(point, members)
}

// transactions begins a producer epoch of a transactional id that no runner has.
func (k *inspection) transactions(ctx context.Context) {
	if k.needs.TransactionTimeout == 0 {
		return
	}
	point := "transactional ids " + k.needs.Group + "-*"
	begin := func() error {
		_, err := cluster.InitProducer(ctx, k.client, k.needs.Group+"-check", k.needs.TransactionTimeout)
		return err
	}
	err := begin()
	for n := 1; err != nil && n < 5 && cluster.Classify(err) == cluster.ClassRetry &&
		cluster.Sleep(ctx, cluster.Pause(n)); n++ {
		err = begin()
	}
	if err != nil {
		k.refusal(point, err, "look into the brokers' logs")
		return
	}
	k.ok(point, fmt.Sprintf("transaction timeout %s is accepted", k.needs.TransactionTimeout))
}
