package wire

import (
	"cmp"
	"encoding/binary"
	"slices"

	"verdict/processor"
)

// AbortedFilter tells the batches of aborted transactions, which a broker delivers to read_committed readers together
// with a list of them, from all others. It serves one partition of one fetch response, batch by batch in order.
type AbortedFilter struct {
	coming []abortedTransaction // by first offset
	active map[int64]struct{}   // producers inside an aborted transaction
}

// NewAbortedFilter takes what a broker lists with a partition's records.
func NewAbortedFilter(list []abortedTransaction) AbortedFilter {
	slices.SortFunc(list, func(a, b abortedTransaction) int { return cmp.Compare(a.FirstOffset, b.FirstOffset) })
	return AbortedFilter{coming: list}
}

// Skips says whether the batch holds nothing to process: a control batch, or part of an aborted transaction.
func (f *AbortedFilter) Skips(b *Batch) bool {
	for len(f.coming) > 0 && f.coming[0].FirstOffset < b.NextOffset {
		if f.active == nil {
			f.active = map[int64]struct{}{}
		}
		f.active[f.coming[0].ProducerID] = struct{}{}
		f.coming = f.coming[1:]
	}
	if b.Control() {
		if len(f.active) > 0 && b.endsInAbort() {
			delete(f.active, b.producerID)
		}
		return true
	}
	if len(f.active) == 0 || !b.transactional() {
		return false
	}
	_, aborted := f.active[b.producerID]
	return aborted
}

// endsInAbort reads the marker of a control batch: its record's key is version and type, both int16; type 0 is an
// abort.
func (b *Batch) endsInAbort() bool {
	rs, err := b.Open()
	if err != nil {
		return false
	}
	var marker processor.Record
	ok, err := rs.Next(&marker)
	return err == nil && ok && len(marker.Key) >= 4 && binary.BigEndian.Uint16(marker.Key[2:]) == 0
}
