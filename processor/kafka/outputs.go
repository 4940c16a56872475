package kafka

import (
	"verdict/processor"
)

// usualBatchBytes is where a batch is closed, uncompressed, unless the topic takes less.
const usualBatchBytes = 900_000

// outputs collects what one transaction is going to publish: for each partition a list of batches, in order.
type outputs struct {
	compression Compression
	batches     map[outputKey][]*outputBatch
	keys        []outputKey // of batches, in the order they came up
	spare       []*outputBatch
}

// outputBatch is one batch and the raw record that its first output came from.
type outputBatch struct {
	batchBuilder
	uncompressed int
	source       *partition
	offset       int64
}

func newOutputs(c Compression) outputs {
	return outputs{compression: c, batches: map[outputKey][]*outputBatch{}}
}

func (o *outputs) empty() bool { return len(o.keys) == 0 }

// add appends a record to the last batch of its partition, or to a new one when that has grown to limit bytes.
func (o *outputs) add(key outputKey, out *processor.Output, limit int, now int64, source *partition, offset int64) {
	list := o.batches[key]
	if len(list) == 0 {
		o.keys = append(o.keys, key)
	}
	if n := len(list); n == 0 || list[n-1].count > 0 && list[n-1].size()+recordSize(list[n-1].count, out)+5 > limit {
		b := o.fresh()
		b.source, b.offset = source, offset
		list = append(list, b)
		o.batches[key] = list
	}
	last := list[len(list)-1]
	last.add(out, now)
	last.uncompressed = last.size()
}

func (o *outputs) fresh() *outputBatch {
	if n := len(o.spare); n > 0 {
		b := o.spare[n-1]
		o.spare = o.spare[:n-1]
		return b
	}
	return new(outputBatch)
}

// deflate compresses all batches; nothing may be added any more.
func (o *outputs) deflate() error {
	if o.compression <= CompressionNone {
		return nil
	}
	for _, list := range o.batches {
		for _, b := range list {
			if err := b.deflate(o.compression); err != nil {
				return err
			}
		}
	}
	return nil
}

// reset drops everything and keeps the memory.
func (o *outputs) reset() {
	for _, key := range o.keys {
		for _, b := range o.batches[key] {
			b.reset()
			o.spare = append(o.spare, b)
		}
		o.batches[key] = o.batches[key][:0]
	}
	o.keys = o.keys[:0]
}

// alone is the size of a batch that holds this record only.
func alone(out *processor.Output, c Compression) (int, error) {
	var b batchBuilder
	b.add(out, 0)
	if err := b.deflate(c); err != nil {
		return 0, err
	}
	return b.size(), nil
}
