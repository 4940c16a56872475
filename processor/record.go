// Package processor is the core: it turns one raw record into a decision and the records to publish, or into a dead
// letter. It is pure: no clock, no network, no log, no metric.
package processor

// Header is one record header. Kafka allows a key to occur more than once; order is kept.
type Header struct {
	Key   string
	Value []byte // nil is a null value
}

// Record is a raw record as it was read. The processor keeps no reference to its bytes after Process returns, except in
// the Result, whose outputs and whose decision may share them: as long as those are in use, the bytes must stay as they
// are.
type Record struct {
	Topic     string
	Partition int32
	Offset    int64
	Timestamp int64 // milliseconds since 1970 UTC, as the broker has it; -1 if it has none
	Key       []byte
	Value     []byte // nil is a null value (a tombstone)
	Headers   []Header
}

// Header returns the last header with this key.
func (r *Record) Header(key string) ([]byte, bool) {
	for i := len(r.Headers) - 1; i >= 0; i-- {
		if r.Headers[i].Key == key {
			return r.Headers[i].Value, true
		}
	}
	return nil, false
}
