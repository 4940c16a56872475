package kafka

import (
	"github.com/segmentio/kafka-go"
	"go.uber.org/zap"

	"verdict/processor/kafka/cluster"
)

// rangeLooks is how often a position that is out of range is looked at again, with pauses that add up to some seconds:
// a new leader may not know its own end yet.
const rangeLooks = 5

// outOfRange deals with a position that the log does not have. To go on elsewhere loses records or decides some twice:
// unless the operator has allowed just that, the runner ends, and in any case it says so.
func (f *fetcher) outOfRange(p *partition) (moved bool, err error) {
	first, err := f.lookUp(p, cluster.TimestampEarliest)
	if err != nil {
		return false, f.lookAgain(p, err)
	}
	next, err := f.lookUp(p, cluster.TimestampLatest)
	if err != nil {
		return false, f.lookAgain(p, err)
	}
	// retention was faster than the start of a new group: nobody ever stood here
	fresh := p.committed < 0 && p.position < first && (p.memory == nil || p.memory.last.Number == 0)
	switch {
	case fresh:
		f.goOnAt(p, first)
		return true, nil
	case p.position >= first && p.position <= next, p.fetching.looks < rangeLooks:
		return false, f.lookAgain(p, cluster.Refused("Fetch", p.String(), int16(kafka.OffsetOutOfRange)))
	case f.cfg.OnTruncation == TruncationEarliest:
		f.goOnAt(p, first)
		return true, nil
	case p.position < first:
		return false, cluster.Fatal("%s: the next record to read is at offset %d, but the topic now begins at %d: %d "+
			"offsets were removed before they were decided. If they are given up, %s", p, p.position, first,
			first-p.position, f.giveUp(p, "start with kafka.on_truncation=earliest"))
	default:
		return false, cluster.Fatal("%s: the next record to read is at offset %d, but the topic ends at %d: it was "+
			"created anew, or has lost records. To decide all that is there (again), %s", p, p.position, next,
			f.giveUp(p, "stop the group and run `verdict state reset`"))
	}
}

// giveUp says what to do so that a partition goes on elsewhere. With state the offset alone is not set: what is known
// of the verifications stands where it was.
func (f *fetcher) giveUp(p *partition, withState string) string {
	if p.memory != nil {
		return withState
	}
	return "set the offset of group " + f.cfg.Group +
		" deliberately (kafka-consumer-groups --reset-offsets), or start " +
		"with kafka.on_truncation=earliest"
}

// lookAgain holds the partition back for a while.
func (f *fetcher) lookAgain(p *partition, err error) error {
	if cluster.Classify(err) == cluster.ClassFatal {
		return err
	}
	p.fetching.looks++
	f.held.holdUnreachable(p, err)
	return nil
}

// goOnAt moves a partition to the earliest record there is, and the group with it at the next commit.
func (f *fetcher) goOnAt(p *partition, first int64) {
	removed := max(0, first-p.position)
	f.metrics.truncations.WithLabelValues(p.topic).Inc()
	f.metrics.truncated.WithLabelValues(p.topic).Add(float64(removed))
	f.log.Error("the topic no longer has the next record to read; going on at the earliest that it has", p.field(),
		zap.Int64("offset", p.position), zap.Int64("earliest", first),
		zap.Int64("removed_before_they_were_decided", removed))
	p.position, p.begins = first, first
	f.held.release(p)
}
