package admin

import (
	"context"
	"fmt"

	"github.com/segmentio/kafka-go/protocol/createpartitions"

	"verdict/processor/kafka/cluster"
)

// AddPartitions gives a topic that has fewer so many partitions. Kafka takes none away.
func AddPartitions(ctx context.Context, c *cluster.Client, topic string, count int32) error {
	res, err := cluster.Ask[*createpartitions.Response](ctx, c, &createpartitions.Request{
		TimeoutMs: cluster.Millis(c.Timeout), Topics: []createpartitions.RequestTopic{{Name: topic, Count: count}},
	})
	if err != nil {
		return err
	}
	for _, r := range res.Results {
		if err := cluster.Refused("CreatePartitions", "topic "+r.Name, r.ErrorCode); err != nil {
			return fmt.Errorf("%w (%s)", err, r.ErrorMessage)
		}
	}
	return nil
}
