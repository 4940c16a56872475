package kafka

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/segmentio/kafka-go"

	"verdict/processor"
	"verdict/processor/kafka/cluster"
	"verdict/processor/kafka/wire"
)

// KeyedPublisher writes records to one topic, each into the partition that the Java client would choose for its key,
// and those without one into the first. It is for events that a person makes for a trial. Outputs have nothing to do
// with it: there is no transaction here, a record that is sent again after a lost answer may be there twice, and one of
// more than a mebibyte is refused.
type KeyedPublisher struct {
	writer    *kafka.Writer
	transport *kafka.Transport
	topic     string
}

// NewKeyedPublisher makes a publisher to a topic that is there; Close ends it.
func NewKeyedPublisher(ctx context.Context, to cluster.Connection, topic string,
	c wire.Compression) (*KeyedPublisher, error) {
	to = to.WithDefaults()
	if err := topicIsThere(ctx, to, topic); err != nil {
		return nil, err
	}
	transport, err := to.Transport()
	if err != nil {
		return nil, err
	}
	return &KeyedPublisher{topic: topic, transport: transport, writer: &kafka.Writer{
		Addr: kafka.TCP(to.Brokers...), Topic: topic, Transport: transport, Compression: c.Client(),
		Balancer: kafka.BalancerFunc(partitionOfKey), RequiredAcks: kafka.RequireAll,
		BatchTimeout: time.Millisecond, // whoever calls Publish has collected what belongs together
		BatchSize:    10_000, WriteTimeout: to.RequestTimeout, ReadTimeout: to.RequestTimeout,
	}}, nil
}

func topicIsThere(ctx context.Context, to cluster.Connection, topic string) error {
	c, err := cluster.NewClient(to, []string{topic})
	if err != nil {
		return err
	}
	defer c.Close()
	layout, err := c.Layout(ctx)
	switch {
	case err != nil:
		return fmt.Errorf("%w: check kafka.brokers, and that kafka.tls and kafka.sasl are as their listener has them",
			cluster.Explain(err))
	case layout.Partitions(topic) == 0:
		return cluster.MissingTopic(topic)
	}
	return nil
}

// partitionOfKey gives a record without a key the first partition.
func partitionOfKey(m kafka.Message, partitions ...int) int {
	return partitions[wire.PartitionFor(m.Key, 0, int32(len(partitions)))]
}

// Publish writes records, of which key, value and headers count, and returns when all are there. The order of those
// with one key is kept. When ctx ends first, some may still be on their way.
func (p *KeyedPublisher) Publish(ctx context.Context, records ...processor.Record) error {
	messages := make([]kafka.Message, len(records))
	for i := range records {
		messages[i] = kafka.Message{Key: records[i].Key, Value: records[i].Value}
		for _, h := range records[i].Headers {
			messages[i].Headers = append(messages[i].Headers, kafka.Header{Key: h.Key, Value: h.Value})
		}
	}
	err := p.writer.WriteMessages(ctx, messages...)
	if several, ok := errors.AsType[kafka.WriteErrors](err); ok {
		for _, one := range several {
			if one != nil {
				err = fmt.Errorf("%d of %d records: %w", several.Count(), len(several), one)
				break
			}
		}
	}
	if err != nil {
		return fmt.Errorf("write to the topic %s: %w", p.topic, cluster.Explain(err))
	}
	return nil
}

// Close ends the connections.
func (p *KeyedPublisher) Close() {
	_ = p.writer.Close() // Publish has waited for each record
	p.transport.CloseIdleConnections()
}
