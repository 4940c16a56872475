package transact

import (
	"testing"

	"verdict/processor"
	"verdict/processor/kafka/wire"
)

// After a transaction for few partitions with much each comes one for many: what is kept stays bounded, and is used.
func TestOutputsKeepLittleMemory(t *testing.T) {
	o := NewOutputs(wire.CompressionNone)
	out := processor.Output{Route: processor.RouteDecision, Key: []byte("k"), Value: make([]byte, 1<<20)}
	for id := range int32(40) {
		o.Add(Key{"decisions", id}, &out, UsualBatchBytes, 0, Origin{})
	}
	o.reset()
	kept := 0
	for _, b := range o.free["decisions"] {
		kept += b.Memory()
	}
	if kept != o.kept || kept > keptBytes || kept < keptBytes/2 {
		t.Errorf("%d bytes are kept, %d counted, at most %d wanted", kept, o.kept, keptBytes)
	}
	for id := range int32(len(o.free["decisions"])) {
		o.Add(Key{"decisions", 100 + id}, &out, UsualBatchBytes, 0, Origin{})
	}
	if o.kept != 0 || len(o.free["decisions"]) != 0 {
		t.Errorf("%d batches are left, %d bytes counted, though as many were needed", len(o.free["decisions"]), o.kept)
	}
}
