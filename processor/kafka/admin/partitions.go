package admin

import (
	"context"

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
		if err := refused("CreatePartitions", r.Name, r.ErrorCode, r.ErrorMessage); err != nil {
			return err
		}
	}
	return nil
}
