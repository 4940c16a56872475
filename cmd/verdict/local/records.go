package local

import (
	"context"

	"github.com/twmb/franz-go/pkg/kgo"

	"verdict/processor"
)

// Producer writes to one topic of a cluster, as any other program would.
type Producer struct{ client *kgo.Client }

// NewProducer makes a producer to a topic; Close ends it.
func NewProducer(c *Cluster, topic string) (*Producer, error) {
	client, err := c.Client(kgo.ProducerLinger(0), kgo.DefaultProduceTopic(topic))
	return &Producer{client}, err
}

// Close ends the connections.
func (p *Producer) Close() { p.client.Close() }

// Send writes records, of which key and value count, and waits until they are there.
func (p *Producer) Send(ctx context.Context, records ...processor.Record) error {
	batch := make([]*kgo.Record, len(records))
	for i := range records {
		batch[i] = &kgo.Record{Key: records[i].Key, Value: records[i].Value}
	}
	return p.client.ProduceSync(ctx, batch...).FirstErr()
}

// Reader reads topics of a cluster from their begin, read committed, as any other program would.
type Reader struct {
	cluster *Cluster
	topics  []string
	client  *kgo.Client
	read    map[place]int64 // the offset after the last one that was read
}

// place is a partition of a topic.
type place struct {
	topic     string
	partition int32
}

// NewReader makes a reader of these topics; Close ends it.
func NewReader(c *Cluster, topics ...string) (*Reader, error) {
	client, err := c.Client(
		kgo.ConsumeTopics(topics...),
		kgo.KeepControlRecords(), // so that the end of a transaction counts as read
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
		kgo.FetchIsolationLevel(kgo.ReadCommitted()),
	)
	return &Reader{cluster: c, topics: topics, client: client, read: map[place]int64{}}, err
}

// Close ends the connections.
func (r *Reader) Close() { r.client.Close() }

// Poll waits for records and returns them; there may be none. The error is that of ctx when it is done.
func (r *Reader) Poll(ctx context.Context) ([]processor.Record, error) {
	fetches := r.client.PollFetches(ctx)
	err := fetches.Err()
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case err != nil:
		return nil, err
	}
	var records []processor.Record
	for _, f := range fetches.Records() {
		r.read[place{f.Topic, f.Partition}] = f.Offset + 1
		if f.Attrs.IsControl() {
			continue
		}
		record := processor.Record{
			Topic: f.Topic, Partition: f.Partition, Offset: f.Offset, Timestamp: f.Timestamp.UnixMilli(), Key: f.Key,
			Value: f.Value,
		}
		for _, h := range f.Headers {
			record.Headers = append(record.Headers, processor.Header{Key: h.Key, Value: h.Value})
		}
		records = append(records, record)
	}
	return records, nil
}

// CaughtUp says whether all that the topics hold has been read.
func (r *Reader) CaughtUp() bool {
	for _, topic := range r.topics {
		for _, p := range r.cluster.Kafka.PartitionInfos(topic) {
			if r.read[place{topic, p.Partition}] < p.HighWatermark {
				return false
			}
		}
	}
	return true
}
