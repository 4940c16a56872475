package diff

import (
	"slices"

	"verdict/processor"
	"verdict/processor/kafka/scan"
	"verdict/processor/kafka/wire"
)

// reach is how far back, and how far on, one output topic has what was published for raw records. Of what a raw
// partition gives into one output partition the order is that of the raw partition; of two output partitions, either
// may be ahead.
type reach struct {
	cut         []bool // by output partition: it was not read from offset 0
	emptied     []bool // compaction has taken records
	first, last map[pair]int64
}

// pair is a raw partition and one of the output topic.
type pair struct{ raw, output int32 }

func newReach() reach { return reach{first: map[pair]int64{}, last: map[pair]int64{}} }

// begins notes, when the topic has been read, where its partitions begin.
func (w *reach) begins(partitions []scan.Partition) {
	for i := range partitions {
		w.cut = append(w.cut, partitions[i].Start > 0)
		w.emptied = append(w.emptied, partitions[i].Holes > 0)
	}
}

// has notes that an output partition has something of a record.
func (w *reach) has(at pair, offset int64) {
	if first, known := w.first[at]; !known || offset < first {
		w.first[at] = offset
	}
	if last, known := w.last[at]; !known || offset > last {
		w.last[at] = offset
	}
}

// of is where an output about a verification is, if it has one.
func (w *reach) of(verification string, raw int32) pair {
	return pair{raw, wire.PartitionFor([]byte(verification), raw, int32(len(w.cut)))}
}

// before says that what there was about a record may have been taken by retention, or lies before what was read. d is
// what a side decides; nil: nobody knows in which partition that would be.
func (w *reach) before(r *processor.Record, d *processor.Decision) bool {
	if d == nil {
		return slices.Contains(w.cut, true)
	}
	at := w.of(d.VerificationID, r.Partition)
	first, known := w.first[at]
	return w.cut[at.output] && (!known || r.Offset < first)
}

// behind says that what there will be about a record may not be there yet. d is as for before.
func (w *reach) behind(r *processor.Record, d *processor.Decision) bool {
	if d == nil {
		least, _, known := w.ends(r.Partition)
		return !known || r.Offset > least
	}
	at := w.of(d.VerificationID, r.Partition)
	last, known := w.last[at]
	if !known && w.cut[at.output] { // then all of the pair may have been taken
		_, last, known = w.ends(r.Partition)
	}
	return !known || r.Offset > last
}

// ends are the least and the greatest of the last offsets of a raw partition, over the output partitions that have any.
func (w *reach) ends(raw int32) (least, greatest int64, known bool) {
	for output := range int32(len(w.cut)) {
		last, has := w.last[pair{raw, output}]
		switch {
		case !has:
		case !known:
			least, greatest, known = last, last, true
		default:
			least, greatest = min(least, last), max(greatest, last)
		}
	}
	return least, greatest, known
}

// lacks says that a billing event about a record may have been there, that was not found: it was taken by retention or
// compaction, lies before what was read, or there is no such topic. d is as for before.
func (w *reach) lacks(r *processor.Record, d *processor.Decision) bool {
	switch {
	case len(w.cut) == 0:
		return true
	case w.before(r, d):
		return true
	case d == nil:
		return slices.Contains(w.emptied, true)
	}
	return w.emptied[w.of(d.VerificationID, r.Partition).output]
}
