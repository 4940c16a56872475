package admin

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"

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
		k.refusal(point, err, "look into the brokers' logs")
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

func (k *inspection) partitions(topic string) int {
	for _, t := range k.metadata.Topics {
		if t.Name == topic {
			return len(t.Partitions)
		}
	}
	return 0
}

// topicConfigs asks for settings of topics; those that may not be read are nil, those that are not there are absent.
func (k *inspection) topicConfigs(ctx context.Context, topics ...string) (map[string]map[string]string, error) {
	req := &describeconfigs.Request{}
	for _, topic := range topics {
		req.Resources = append(req.Resources, describeconfigs.RequestResource{
			ResourceType: int8(kafka.ResourceTypeTopic), ResourceName: topic,
			ConfigNames: []string{"min.insync.replicas", "max.message.bytes", "cleanup.policy", "retention.ms",
				"message.timestamp.type"},
		})
	}
	res, err := cluster.Ask[*describeconfigs.Response](ctx, k.client, req)
	if err != nil {
		return nil, err
	}
	configs := map[string]map[string]string{}
	for _, r := range res.Resources {
		if kafka.Error(r.ErrorCode) == kafka.TopicAuthorizationFailed {
			configs[r.ResourceName] = nil
		}
		if r.ErrorCode != 0 {
			continue
		}
		values := map[string]string{}
		for _, e := range r.ConfigEntries {
			values[e.ConfigName] = e.ConfigValue
		}
		configs[r.ResourceName] = values
	}
	return configs, nil
}

// settings reports settings of the topics that are written, by which they lose or refuse records.
func (k *inspection) settings(ctx context.Context) {
	topics := k.needs.topics()
	if len(k.needs.Changelogs) == 0 {
		topics = topics[len(k.needs.Raw):] // only a changelog's depend on the raw topic's
	}
	configs, err := k.topicConfigs(ctx, topics...)
	if err != nil {
		k.refusal("topic settings", err, "look into the brokers' logs")
		return
	}
	for i := range k.needs.Outputs {
		out := &k.needs.Outputs[i]
		if values, there := configs[out.Name]; there {
			k.outputSettings("settings of "+out.Name, out, values)
		}
	}
	for i := range k.needs.Changelogs {
		c := &k.needs.Changelogs[i]
		point := "settings of " + c.Name
		k.overdueSettings(c, configs[c.Raw])
		switch values, there := configs[c.Name]; {
		case !there:
		case values == nil:
			k.warn(point, "not readable (DESCRIBE_CONFIGS is not granted): it cannot be seen whether what is known "+
				"stays", "grant DESCRIBE_CONFIGS on it")
		case !k.unwritable(point, c.Name, values):
			k.changelogSettings(point, c, values, configs[c.Raw])
		}
	}
}

func (k *inspection) outputSettings(point string, out *OutputTopic, values map[string]string) {
	size, _ := strconv.Atoi(values["max.message.bytes"])
	const smallest = 64 << 10
	switch {
	case values == nil:
		k.ok(point, "not readable (DESCRIBE_CONFIGS is not granted); Kafka's default of max.message.bytes is taken")
	case k.unwritable(point, out.Name, values):
	case size > 0 && size < smallest:
		k.wrong(point, fmt.Sprintf("max.message.bytes is %d: dead letters may not fit", size),
			fmt.Sprintf("raise it to %d or more", smallest))
	case compacts(values) && out.LossIfCompacted != "":
		k.wrong(point, "it is compacted: "+out.LossIfCompacted, "set cleanup.policy=delete")
	case !compacts(values) && out.Table:
		k.warn(point, "it is not compacted (cleanup.policy="+values["cleanup.policy"]+"): it holds every word, and "+
			"what is older than retention.ms goes, the current word included",
			"set cleanup.policy="+out.Configs["cleanup.policy"])
	case k.replicas(out.Name) > 1 && values["min.insync.replicas"] == "1":
		k.ok(point, "min.insync.replicas is 1: a record acknowledged by one broker is lost with it; 2 is safer")
	default:
		k.ok(point, "")
	}
}

// unwritable reports a topic that has fewer replicas than it wants to be in sync.
func (k *inspection) unwritable(point, topic string, values map[string]string) bool {
	replicas := k.replicas(topic)
	insync, _ := strconv.Atoi(values["min.insync.replicas"])
	if insync <= replicas {
		return false
	}
	k.wrong(point, fmt.Sprintf("min.insync.replicas is %d, but there are %d replicas: nothing can be written", insync,
		replicas), "lower min.insync.replicas or add replicas")
	return true
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
			k.wrong(point, "members of another program, or of an older version of this one, are in it",
				"stop the older instances first, or give each program a group of its own")
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
