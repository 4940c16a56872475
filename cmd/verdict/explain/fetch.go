package explain

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"time"

	"verdict/processor"
	"verdict/processor/kafka/scan"
	"verdict/rules/wording"
)

// absent is the error of a place where no record is to be read: why, and what to do.
type absent struct{ text string }

func (a *absent) Error() string { return a.text }

func noRecord(p Place, format string, args ...any) error {
	return &absent{p.String() + ": " + fmt.Sprintf(format, args...)}
}

// patience is how long a partition may have no leader: a person waits.
const patience = 15 * time.Second

// fetch reads one record. The error is an absent where there is none.
func (x *explaining) fetch(ctx context.Context, p Place) (*processor.Record, error) {
	count, err := x.partitions(ctx, p.Topic)
	switch {
	case err != nil:
		return nil, err
	case count == 0:
		return nil, noRecord(p, "the topic is not there: check its name, and kafka.brokers")
	case p.Partition >= count:
		return nil, noRecord(p, "the topic has only %s, counted from 0: write one of them",
			wording.Count(int(count), "partition"))
	}
	bounds, err := scan.BoundsOf(ctx, x.client, []scan.Range{{Topic: p.Topic, Partition: p.Partition}},
		scan.Options{Patience: patience})
	if err != nil {
		return nil, err
	}
	switch b := bounds[0]; {
	case p.Offset < b.First:
		return nil, noRecord(p, "the record was removed, by retention or by hand: the partition begins at offset %d "+
			"now", b.First)
	case p.Offset >= b.High:
		return nil, noRecord(p, "the record is not there yet: the next one will have offset %d; check the offset, or "+
			"whether the topic was made anew", b.High)
	case p.Offset >= b.Stable:
		return nil, noRecord(p, "no reader sees the record yet, as a transaction is open from offset %d on: try again "+
			"when it has ended, at the latest after its producer's transaction.timeout.ms", b.Stable)
	}
	return x.fetchCommitted(ctx, p)
}

func (x *explaining) fetchCommitted(ctx context.Context, p Place) (*processor.Record, error) {
	var found *processor.Record
	one := scan.Range{Topic: p.Topic, Partition: p.Partition,
		From: scan.Offset(p.Offset), To: scan.Offset(p.Offset + 1)}
	result, err := scan.Read(ctx, x.client, []scan.Range{one}, scan.Options{Patience: patience},
		func(r *processor.Record) error {
			found = clone(r)
			return nil
		})
	if err != nil || found != nil {
		return found, err
	}
	switch at := &result.Partitions[0]; {
	case at.Markers > 0:
		return nil, noRecord(p, "it is no record but the mark with which a transaction ends, which no reader is "+
			"given: write the offset of a record, which is before or behind it")
	case at.Aborted > 0 && isRaw(x.Config, p.Topic):
		return nil, noRecord(p, "its producer has taken the record back (the transaction was aborted), so that it "+
			"was never decided: write the offset of the record that was sent instead, which is behind it")
	case at.Aborted > 0:
		return nil, noRecord(p, "the record was taken back (its transaction was aborted), and no reader with "+
			"read_committed has seen it: what counts was written again behind it, from the same raw record")
	}
	return nil, noRecord(p, "compaction has removed the record: one with the same key stands behind it and says what "+
		"counts now")
}

// clone is the record in memory of its own.
func clone(r *processor.Record) *processor.Record {
	own := *r
	own.Key, own.Value = bytes.Clone(r.Key), bytes.Clone(r.Value)
	own.Headers = slices.Clone(r.Headers)
	for i := range own.Headers {
		own.Headers[i].Value = bytes.Clone(own.Headers[i].Value)
	}
	return &own
}

// partitions is the number of a topic's partitions; 0: it is not there.
func (x *explaining) partitions(ctx context.Context, topic string) (int32, error) {
	layout, err := x.client.Layout(ctx)
	if err == nil {
		return layout.Partitions(topic), nil
	}
	// It tries again, and says what to do where that does not help.
	ranges, err := scan.Topic(ctx, x.client, topic, scan.Earliest(), scan.LastStable())
	return int32(len(ranges)), err
}
