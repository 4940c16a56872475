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
	keys        []outputKey // of batches that hold something, in the order they came up
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
	var last *outputBatch
	size := 0
	if n := len(list); n > 0 {
		last = list[n-1]
		size = recordSize(last.count, out)
	} else {
		o.keys = append(o.keys, key)
	}
	if last == nil || last.count > 0 && last.size()+size+5 > limit {
		last = nextBatch(list)
		last.source, last.offset = source, offset
		o.batches[key] = append(list, last)
		size = recordSize(0, out)
	}
	last.addSized(out, now, size)
	last.uncompressed = last.size()
}

// nextBatch is the batch that stood in the next place of the list before a reset, so that each partition's batches keep the memory
// that suits them, or a new one.
func nextBatch(list []*outputBatch) *outputBatch {
	if n := len(list); n < cap(list) {
		if b := list[:n+1][n]; b != nil {
			return b
		}
	}
	return new(outputBatch)
}

// deflate compresses all batches; nothing may be added any more.
func (o *outputs) deflate() error {
	if o.compression <= CompressionNone {
		return nil
	}
	for _, key := range o.keys {
		for _, b := range o.batches[key] {
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
