package kafka

import (
	"verdict/processor"
	"verdict/processor/kafka/wire"
)

// usualBatchBytes is where a batch is closed, uncompressed, unless the topic takes less.
const usualBatchBytes = 900_000

// outputs collects what one transaction is going to publish: for each partition a list of batches, in order.
type outputs struct {
	compression wire.Compression
	batches     map[outputKey][]*outputBatch
	keys        []outputKey               // of batches that hold something, in the order they came up
	free        map[string][]*outputBatch // memory, by topic: its batches are of a size
	kept        int                       // bytes in it
}

// outputBatch is one batch and the raw record that its first output came from.
type outputBatch struct {
	wire.Builder
	uncompressed int
	source       *partition
	offset       int64
}

func newOutputs(c wire.Compression) outputs {
	return outputs{compression: c, batches: map[outputKey][]*outputBatch{}, free: map[string][]*outputBatch{}}
}

// add appends a record to the last batch of its partition, or to a new one when that has grown to limit bytes.
func (o *outputs) add(key outputKey, out *processor.Output, limit int, now int64, source *partition, offset int64) {
	list := o.batches[key]
	var last *outputBatch
	size := 0
	if n := len(list); n > 0 {
		last = list[n-1]
		size = wire.RecordSize(last.Count, out)
	} else {
		o.keys = append(o.keys, key)
	}
	if last == nil || last.Count > 0 && last.Size()+size+5 > limit {
		last = o.take(key.topic)
		last.source, last.offset = source, offset
		o.batches[key] = append(list, last)
		size = wire.RecordSize(0, out)
	}
	last.AddSized(out, now, size)
	last.uncompressed = last.Size()
}

// take is a batch with the memory of one that is done, or a new one.
func (o *outputs) take(topic string) *outputBatch {
	free := o.free[topic]
	n := len(free)
	if n == 0 {
		return new(outputBatch)
	}
	b := free[n-1] // the one used last: it has grown
	o.free[topic] = free[:n-1]
	o.kept -= b.Memory()
	return b
}

// deflate compresses all batches; nothing may be added any more.
func (o *outputs) deflate() error {
	if o.compression <= wire.CompressionNone {
		return nil
	}
	for _, key := range o.keys {
		for _, b := range o.batches[key] {
			if err := b.Deflate(o.compression); err != nil {
				return err
			}
		}
	}
	return nil
}

// keptBytes bounds the memory that is kept for later batches: now few partitions may have much, then many a little.
const keptBytes = 16 << 20

// reset drops everything and keeps the memory.
func (o *outputs) reset() {
	for _, key := range o.keys {
		for _, b := range o.batches[key] {
			if size := b.Memory(); o.kept+size <= keptBytes {
				b.Reset()
				o.free[key.topic] = append(o.free[key.topic], b)
				o.kept += size
			}
		}
		clear(o.batches[key])
		o.batches[key] = o.batches[key][:0]
	}
	o.keys = o.keys[:0]
}

// alone is the size of a batch that holds this record only.
func alone(out *processor.Output, c wire.Compression) (int, error) {
	var b wire.Builder
	b.Add(out, 0)
	if err := b.Deflate(c); err != nil {
		return 0, err
	}
	return b.Size(), nil
}
