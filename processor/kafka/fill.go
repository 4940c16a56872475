package kafka

import (
	"verdict/processor"
	"verdict/processor/kafka/cluster"
	"verdict/processor/kafka/transact"
	"verdict/processor/kafka/wire"
)

// filler has records processed and puts what comes out of them into a batch.
type filler struct {
	cfg     *Config
	limits  *sizeLimits
	targets [processor.NumRoutes]target

	record processor.Record // memory, used again for each record
	result processor.Result
}

// target is what the outputs of a route need to know of their topic.
type target struct {
	topic      string
	partitions int32
	maxMessage int // bytes of a batch, compressed
	maxBatch   int // bytes at which a batch is closed, uncompressed
}

// look takes up what has become known about the output topics.
func (f *filler) look(l cluster.Layout) {
	for _, route := range processor.Routes() {
		topic := f.cfg.Topics[route] // "" where the route is off: nothing comes out on it
		f.targets[route] = target{topic, l.Partitions(topic), f.limits.maxMessage(topic), f.limits.batch(topic)}
	}
}

// process has the record processed and collects what comes out of it. The first error, if any, is why the partition is
// held back at the record; the second one ends the unit.
func (f *filler) process(p *partition, b *batch, now int64) (heldBy, fatal error) {
	r := &f.record
	r.Topic, r.Partition = p.topic, p.id
	if p.memory != nil {
		p.memory.store.Advance(min(r.Timestamp, now))
	}
	if err := b.processor.Process(r, p.known(), &f.result); err != nil {
		return err, nil
	}
	if err := f.fitOutputs(p, b.processor); err != nil {
		return nil, err
	}
	if topic := f.missingTopic(); topic != "" {
		return cluster.MissingTopic(topic), nil
	}
	f.publish(b, f.result.Outputs, p, now, transact.Origin{Topic: p.topic, Partition: p.id, Offset: r.Offset})
	if f.result.Followed {
		f.remembered(&f.result.Memory, p, r)
		p.memory.store.Put(f.result.Key, &f.result.Memory)
	}
	b.counts.add(r, &f.result)
	b.records++
	b.bytes += len(r.Key) + len(r.Value)
	for i := range r.Headers {
		b.bytes += len(r.Headers[i].Key) + len(r.Headers[i].Value)
	}
	return nil, nil
}

// missingTopic names a topic that the result needs and that has no partitions.
func (f *filler) missingTopic() string {
	for i := range f.result.Outputs {
		if to := &f.targets[f.result.Outputs[i].Route]; to.partitions == 0 {
			return to.topic
		}
	}
	return ""
}

// remembered adds to a memory what only the partition knows: where its records' keys belong, and when its last event
// came by the partition's clock, which a producer's clock may be far from.
func (f *filler) remembered(m *processor.Memory, p *partition, r *processor.Record) {
	m.RecordKey = wire.KeyHash(r.Key)
	m.LastSeen = p.memory.store.Clock() / 1000
	m.FirstSeen = min(m.FirstSeen, m.LastSeen)
}
