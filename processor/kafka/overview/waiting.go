package overview

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/segmentio/kafka-go"

	"verdict/processor"
	"verdict/processor/kafka/cluster"
	"verdict/processor/kafka/scan"
)

const (
	// readWithin is how long the first records of all partitions are read for.
	readWithin = 10 * time.Second
	// patience is how long a partition may have no leader, or one that does not answer.
	patience = 2 * time.Second
)

var errTooLong = fmt.Errorf("it was not read within %s: see whether its leader is slow, and look again", readWithin)

// waiting fills in what waits in each partition, and since when.
func (ob *Observer) waiting(ctx context.Context, v *View) error {
	from := func(p *Partition) scan.Place {
		if p.Offset < 0 {
			return scan.Earliest() // where the group will begin
		}
		return scan.Offset(p.Offset)
	}
	all := make([]*Partition, len(v.Partitions))
	for i := range v.Partitions {
		all[i] = &v.Partitions[i]
	}
	if err := ob.read(ctx, all, from); err != nil {
		return err
	}
	var removed []*Partition
	for _, p := range all {
		if errors.Is(p.Err, scan.ErrTruncated) && p.Offset >= 0 && p.End >= 0 {
			removed = append(removed, p)
		}
	}
	return ob.read(ctx, removed, func(*Partition) scan.Place { return scan.Earliest() })
}

// read reads the first record of each partition. An error says that nothing could be read of any.
func (ob *Observer) read(ctx context.Context, list []*Partition, from func(*Partition) scan.Place) error {
	if len(list) == 0 {
		return nil
	}
	ranges := make([]scan.Range, len(list))
	at := map[cluster.Place]*Partition{}
	for i, p := range list {
		ranges[i] = scan.Range{Topic: p.Topic, Partition: p.Partition, From: from(p), To: scan.LastStable()}
		at[p.Place] = p
	}
	bounded, cancel := context.WithTimeoutCause(ctx, readWithin, errTooLong)
	defer cancel()
	result, err := scan.Read(bounded, ob.client, ranges,
		scan.Options{First: 1, OpenWait: -1, Patience: patience, KeepGoing: true},
		func(r *processor.Record) error {
			if r.Timestamp >= 0 { // or else it has no time
				at[cluster.Place{Topic: r.Topic, Partition: r.Partition}].Oldest = time.UnixMilli(r.Timestamp)
			}
			return nil
		})
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	for i := range result.Partitions {
		list[i].take(&result.Partitions[i], err)
	}
	return nil
}

// describing says what a look needs where it may not be taken: less than what an instance needs.
func describing(err error) error {
	switch {
	case errors.Is(err, kafka.GroupAuthorizationFailed):
		return fmt.Errorf("%w; to look at it, DESCRIBE on the group is enough", err)
	case errors.Is(err, kafka.TopicAuthorizationFailed):
		return fmt.Errorf("%w; to look at them, DESCRIBE on all topics and READ on the raw ones are enough", err)
	}
	return err
}
