package main

import (
	"context"

	"github.com/twmb/franz-go/pkg/kgo"

	"verdict/processor"
)

// producer writes to one topic of a cluster, as any other program would.
type producer struct{ client *kgo.Client }

func newProducer(c *cluster, topic string) (*producer, error) {
	client, err := c.client(kgo.ProducerLinger(0), kgo.DefaultProduceTopic(topic))
	return &producer{client}, err
}

func (p *producer) close() { p.client.Close() }

// send writes records, of which key and value count, and waits until they are there.
func (p *producer) send(ctx context.Context, records ...processor.Record) error {
	batch := make([]*kgo.Record, len(records))
	for i := range records {
		batch[i] = &kgo.Record{Key: records[i].Key, Value: records[i].Value}
	}
	return p.client.ProduceSync(ctx, batch...).FirstErr()
}

// reader reads topics of a cluster from their begin, read committed, as any other program would.
type reader struct {
	cluster *cluster
	topics  []string
	client  *kgo.Client
	read    map[place]int64 // the offset after the last one that was read
}

// place is a partition of a topic.
type place struct {
	topic     string
	partition int32
}

func newReader(c *cluster, topics ...string) (*reader, error) {
	client, err := c.client(
		kgo.ConsumeTopics(topics...),
		kgo.KeepControlRecords(), // so that the end of a transaction counts as read
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
		kgo.FetchIsolationLevel(kgo.ReadCommitted()),
	)
	return &reader{cluster: c, topics: topics, client: client, read: map[place]int64{}}, err
}

func (r *reader) close() { r.client.Close() }

// poll waits for records and returns them; there may be none, and none when ctx is done.
func (r *reader) poll(ctx context.Context) ([]processor.Record, error) {
	fetches := r.client.PollFetches(ctx)
	err := fetches.Err()
	switch {
	case ctx.Err() != nil:
		return nil, nil
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
			Topic: f.Topic, Partition: f.Partition, Offset: f.Offset, Timestamp: f.Timestamp.UnixMilli(), Key: f.Key, Value: f.Value,
		}
		for _, h := range f.Headers {
			record.Headers = append(record.Headers, processor.Header{Key: h.Key, Value: h.Value})
		}
		records = append(records, record)
	}
	return records, nil
}

// caughtUp says whether all that the topics hold has been read.
func (r *reader) caughtUp() bool {
	for _, topic := range r.topics {
		for _, p := range r.cluster.kafka.PartitionInfos(topic) {
			if r.read[place{topic, p.Partition}] < p.HighWatermark {
				return false
			}
		}
	}
	return true
}
