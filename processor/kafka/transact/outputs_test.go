package transact

import (
	"testing"

	"verdict/processor"
	"verdict/processor/kafka/wire"
)

// What a transaction took is kept for the next, however much, and what none takes any more goes, but for a little: now
// few partitions may have much, then many a little.
func TestOutputsKeepWhatIsUsed(t *testing.T) {
	o := NewOutputs(wire.CompressionNone)
	fill := func(topic string, partitions int32, bytes int) {
		out := processor.Output{Key: []byte("k"), Value: make([]byte, bytes)}
		for id := range partitions {
			o.Add(Key{topic, id}, &out, UsualBatchBytes, 0, Origin{})
		}
	}
	kept := func() (sum int) {
		for _, list := range o.free {
			for _, b := range list {
				sum += b.Memory()
			}
		}
		if sum != o.kept {
			t.Errorf("%d bytes are kept, %d counted", sum, o.kept)
		}
		return sum
	}
	const much = 40
	fill("decisions", much, 1<<20)
	o.reset()
	before := kept()
	if before < much<<20 {
		t.Errorf("%d bytes are kept, though as many as %d were used", before, much<<20)
	}
	fill("decisions", much, 1<<20)
	if kept() != 0 {
		t.Errorf("%d bytes are left, though as many were needed", o.kept)
	}
	o.reset()
	if kept() != before {
		t.Errorf("%d bytes are kept, %d before, though as many were used", o.kept, before)
	}
	fill("billing", 1000, 1<<10)
	o.reset()
	if bytes := kept(); bytes > keptBytes || bytes < keptBytes/2 || len(o.free["billing"]) != 1000 {
		t.Errorf("%d bytes are kept, at most %d wanted; %d of 1000 small batches", bytes, keptBytes,
			len(o.free["billing"]))
	}
}
