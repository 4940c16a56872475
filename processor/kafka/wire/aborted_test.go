package wire

import (
	"testing"

	"verdict/processor"
)

// marker is a control batch that ends a transaction.
func marker(producerID, offset int64, commit byte) *Batch {
	var b Builder
	b.Add(&processor.Output{Key: []byte{0, 0, 0, commit}, Value: make([]byte, 6)}, 0)
	set := b.Finish(Stamp{ProducerID: producerID, Transactional: true})[SizePrefix:]
	batch, _, err := ReadBatch(set)
	if err != nil {
		panic(err)
	}
	batch.BaseOffset, batch.NextOffset = offset, offset+1
	batch.attributes |= attributeControl
	return &batch
}

func batchOf(producerID, offset, next int64, attributes int16) *Batch {
	return &Batch{producerID: producerID, BaseOffset: offset, NextOffset: next, attributes: attributes}
}

func TestAbortedFilter(t *testing.T) {
	const tx = attributeTransactional
	f := NewAbortedFilter([]abortedTransaction{{ProducerID: 2, FirstOffset: 40}, {ProducerID: 1, FirstOffset: 10},
		{ProducerID: 1, FirstOffset: 60}})
	for i, step := range []struct {
		batch *Batch
		skips bool
	}{
		{batchOf(1, 0, 5, tx), false}, // a transaction of producer 1 that was committed
		{marker(1, 5, 1), true},
		{batchOf(1, 10, 20, tx), true},
		{batchOf(2, 20, 30, tx), false},
		{batchOf(1, 30, 31, 0), false}, // not transactional
		{marker(1, 31, 0), true},
		{batchOf(1, 32, 40, tx), false}, // committed later
		{batchOf(2, 40, 50, tx), true},
		{marker(1, 50, 1), true},
		{batchOf(2, 51, 52, tx), true}, // a commit marker of another producer ends nothing
		{batchOf(1, 60, 65, tx), true},
		{marker(2, 65, 0), true},
		{batchOf(2, 66, 67, tx), false},
		{batchOf(1, 67, 68, tx), true},
	} {
		if got := f.Skips(step.batch); got != step.skips {
			t.Errorf("step %d at offset %d: skips %v", i, step.batch.BaseOffset, got)
		}
	}
}

func TestMarkerOfAnAbort(t *testing.T) {
	if !marker(1, 0, 0).endsInAbort() || marker(1, 0, 1).endsInAbort() {
		t.Error("the marker's type is misread")
	}
	empty := &Batch{attributes: attributeControl}
	if empty.endsInAbort() {
		t.Error("an empty control batch ends nothing")
	}
}
