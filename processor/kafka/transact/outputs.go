package transact

import (
	"slices"

	"verdict/processor"
	"verdict/processor/kafka/wire"
)

// UsualBatchBytes is where a batch is closed, uncompressed, unless the topic takes less.
const UsualBatchBytes = 900_000

// Outputs collects what one transaction is going to publish: for each partition a list of batches, in order.
type Outputs struct {
	compression wire.Compression
	batches     map[Key][]*outputBatch
	keys        []Key                     // of batches that hold something, in the order they came up
	free        map[string][]*outputBatch // memory, by topic: its batches are of a size
	kept        int                       // bytes in it
}

// Origin is a raw record.
type Origin struct {
	Topic     string
	Partition int32
	Offset    int64
}

// outputBatch is one batch and the raw record that its first output came from.
type outputBatch struct {
	wire.Builder
	uncompressed int
	origin       Origin
}

// NewOutputs makes an empty one.
func NewOutputs(c wire.Compression) Outputs {
	return Outputs{compression: c, batches: map[Key][]*outputBatch{}, free: map[string][]*outputBatch{}}
}

// Add appends a record, which came from a raw one, to the last batch of its partition, or to a new one when that has
// grown to limit bytes. now is in milliseconds since 1970 UTC.
func (o *Outputs) Add(key Key, out *processor.Output, limit int, now int64, from Origin) {
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
		last = o.take(key.Topic)
		o.batches[key] = append(list, last)
		size = wire.RecordSize(0, out)
	}
	if last.Count == 0 {
		last.origin = from
	}
	last.AddSized(out, now, size)
	last.uncompressed = last.Size()
}

// Reserve names a partition that a record is going to be added for, so that its transaction can be announced with it.
func (o *Outputs) Reserve(key Key) {
	if len(o.batches[key]) == 0 {
		o.keys = append(o.keys, key)
		o.batches[key] = append(o.batches[key], o.take(key.Topic))
	}
}

// take is a batch with the memory of one that is done, or a new one.
func (o *Outputs) take(topic string) *outputBatch {
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
func (o *Outputs) deflate() error {
	if o.compression <= wire.CompressionNone {
		return nil
	}
	for _, key := range o.keys {
		for _, b := range o.batches[key] {
			if b.Count == 0 {
				continue // it was only reserved
			}
			if err := b.Deflate(o.compression); err != nil {
				return err
			}
		}
	}
	return nil
}

// keptBytes bounds the memory that is kept for later batches, unless the last transaction took more: now few partitions
// may have much, then many a little.
const keptBytes = 16 << 20

// reset drops everything and keeps the memory.
func (o *Outputs) reset() {
	used := 0
	for _, key := range o.keys {
		for _, b := range o.batches[key] {
			used += b.Memory()
		}
	}
	o.drop(max(keptBytes-used, 0))
	for _, key := range o.keys {
		for _, b := range o.batches[key] {
			o.kept += b.Memory()
			b.Reset()
			o.free[key.Topic] = append(o.free[key.Topic], b)
		}
		clear(o.batches[key])
		o.batches[key] = o.batches[key][:0]
	}
	o.keys = o.keys[:0]
}

// drop gives memory back that the last transaction had no use for, until at most so many bytes are kept.
func (o *Outputs) drop(most int) {
	for topic, list := range o.free {
		n := 0
		for ; n < len(list) && o.kept > most; n++ {
			o.kept -= list[n].Memory()
		}
		o.free[topic] = slices.Delete(list, 0, n)
	}
}

// Alone is the size of a batch that holds this record only.
func Alone(out *processor.Output, c wire.Compression) (int, error) {
	var b wire.Builder
	b.Add(out, 0)
	if err := b.Deflate(c); err != nil {
		return 0, err
	}
	return b.Size(), nil
}
