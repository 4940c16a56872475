package admin

import (
	"context"

	"github.com/segmentio/kafka-go"

	"verdict/processor/kafka/cluster"
)

// CleanupPolicy is a topic's cleanup.policy. A topic that the broker does not know, perhaps not yet, is an error that
// may be tried again; one whose settings may not be read is an error that says what to grant.
func CleanupPolicy(ctx context.Context, c *cluster.Client, topic string) (string, error) {
	k := &inspection{client: c}
	configs, err := k.topicConfigs(ctx, topic)
	if err != nil {
		return "", err
	}
	switch values, there := configs[topic]; {
	case !there:
		return "", cluster.Refused("DescribeConfigs", "topic "+topic, int16(kafka.UnknownTopicOrPartition))
	case values == nil:
		return "", cluster.Fatal("it cannot be seen whether it is compacted: grant DESCRIBE_CONFIGS on the topic %s",
			topic)
	default:
		return values["cleanup.policy"], nil
	}
}
