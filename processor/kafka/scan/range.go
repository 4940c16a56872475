package scan

import (
	"context"
	"errors"
	"fmt"
	"time"

	"verdict/processor/kafka/cluster"
)

// Range is what to read of one partition: all records from From on and before To.
type Range struct {
	Topic     string
	Partition int32
	From      Place // Earliest, Offset or Time
	To        Place // LastStable, HighWatermark, Offset or Time
}

// Place is where a range begins or ends.
type Place struct {
	kind   kind
	value  int64 // an offset, or milliseconds since 1970 UTC
	stable bool  // not beyond the last stable offset
}

type kind uint8

const (
	kindUnspecified kind = iota
	kindEarliest
	kindLastStable
	kindHighWatermark
	kindOffset
	kindTime
)

// Earliest is the first record that the log still has when the partition is read. If retention has passed an Offset or
// Time where the range ends, it is Complete with nothing read.
func Earliest() Place { return Place{kind: kindEarliest} }

// LastStable is the end in front of the first open transaction: all that is decided.
func LastStable() Place { return Place{kind: kindLastStable, stable: true} }

// HighWatermark is the end of what the replicas have. An open transaction below it is waited for, and reported if it
// stays.
func HighWatermark() Place { return Place{kind: kindHighWatermark} }

// Offset is the record of that offset or, where compaction has left none, the next one. As a beginning, an offset that
// retention has removed is an error (ErrTruncated). As an end it is exclusive, must not be beyond the high watermark,
// and an open transaction below it is reported as with HighWatermark.
func Offset(offset int64) Place { return Place{kind: kindOffset, value: offset} }

// Time is the first record with that timestamp or a later one; where there is none, the high watermark. A broker looks
// for it among all records, those of aborted transactions included. Where producers write the timestamps (CreateTime),
// they need not be in order: behind the beginning there may be earlier records, and behind the end later ones. Who must
// have exactly those of a time takes a margin on both sides and looks at each record's Timestamp. No record is of
// before 1970: such a time is that of the first record.
func Time(t time.Time) Place {
	// To a broker, times below 0 are the earliest offset, the latest, and others.
	return Place{kind: kindTime, value: max(t.UnixMilli(), 0)}
}

// Stable is the place, but not beyond the last stable offset: an open transaction in front of it ends the range instead
// of being reported.
func (p Place) Stable() Place {
	p.stable = true
	return p
}

func (r *Range) String() string { return fmt.Sprintf("%s/%d", r.Topic, r.Partition) }

// validate names every range that cannot be read.
func validate(ranges []Range) error {
	type key struct {
		topic     string
		partition int32
	}
	seen := map[key]bool{}
	var mistakes []error
	for i := range ranges {
		r := &ranges[i]
		mistake := func(what string) { mistakes = append(mistakes, fmt.Errorf("scan: %s: %s", r, what)) }
		if seen[key{r.Topic, r.Partition}] {
			mistake("it has two ranges; read them one after the other")
		}
		seen[key{r.Topic, r.Partition}] = true
		from, to := r.From, r.To
		if from.kind != kindEarliest && from.kind != kindOffset && from.kind != kindTime {
			mistake("From must be Earliest, Offset or Time")
		}
		if to.kind == kindUnspecified || to.kind == kindEarliest {
			mistake("To must be LastStable, HighWatermark, Offset or Time")
		}
		if from.kind == kindOffset && from.value < 0 || to.kind == kindOffset && to.value < 0 {
			mistake("an offset must not be negative")
		}
		if from.kind == to.kind && from.value > to.value {
			mistake("it ends before it begins")
		}
	}
	return errors.Join(mistakes...)
}

// missingAfter is how long a topic or partition may be unknown to the brokers before it counts as not there: one that
// has just been made comes to be known everywhere within that time.
const missingAfter = 5 * time.Second

// Topic is all partitions of a topic, with the same beginning and end. The client must know the topic.
func Topic(ctx context.Context, client *cluster.Client, topic string, from, to Place) ([]Range, error) {
	began := time.Now()
	for n := 1; ; n++ {
		layout, err := client.Layout(ctx)
		switch {
		case ctx.Err() != nil:
			return nil, context.Cause(ctx)
		case err == nil && layout.Partitions(topic) > 0:
			ranges := make([]Range, layout.Partitions(topic))
			for id := range ranges {
				ranges[id] = Range{Topic: topic, Partition: int32(id), From: from, To: to}
			}
			return ranges, nil
		case cluster.Classify(err) == cluster.ClassFatal:
			return nil, explain(err)
		case time.Since(began) > missingAfter && err == nil:
			return nil, missing(&Range{Topic: topic, Partition: unknown}, 0)
		case time.Since(began) > missingAfter && n > 1:
			return nil, fmt.Errorf("the partitions of the topic %s are not known, as no broker answers: "+
				"check the brokers' addresses, and whether they run: %w", topic, err)
		}
		cluster.Sleep(ctx, cluster.Pause(min(n, 3)))
	}
}
