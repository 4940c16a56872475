package kafka

import (
	"context"
	"errors"
	"time"

	"verdict/processor"
	"verdict/processor/kafka/cluster"
	"verdict/processor/kafka/scan"
	"verdict/processor/kafka/wire"
)

const (
	// firstWithin is how long the first records of a leader's partitions are read for.
	firstWithin = 10 * time.Second
	// firstPatience is how long one of them may give nothing: the others of its leader wait.
	firstPatience = 2 * time.Second
)

// survey runs beside the unit. It is given all that it may touch.
func survey(ctx context.Context, c *cluster.Client, of surveyed, found chan<- surveyed) {
	surveyEnds(ctx, c, of)
	surveyFirst(ctx, c, of)
	select {
	case found <- of:
	case <-ctx.Done():
	}
}

// surveyEnds asks where the logs end.
func surveyEnds(ctx context.Context, c *cluster.Client, of surveyed) {
	lookups := make([]cluster.Lookup, len(of.places))
	for i := range of.places {
		at := &of.places[i]
		lookups[i] = cluster.Lookup{Topic: at.topic, Partition: at.id, Timestamp: cluster.TimestampLatest}
	}
	ends, err := cluster.ListOffsets(ctx, c, of.leader, wire.ReadUncommitted, lookups)
	for i := range of.places {
		at := &of.places[i]
		if at.err = err; err == nil {
			at.err = ends[i].Err
		}
		if at.err == nil {
			at.end = ends[i].Offset
		}
	}
}

// surveyFirst reads the first record of those that lack its time. Where retention was faster than the group, that is
// the first one that is left.
func surveyFirst(ctx context.Context, c *cluster.Client, of surveyed) {
	ctx, cancel := context.WithTimeout(ctx, firstWithin)
	defer cancel()
	var list, removed []*surveyedPlace
	for i := range of.places {
		if at := &of.places[i]; at.lacks && at.end > max(at.start, 0) {
			list = append(list, at)
		}
	}
	readFirsts(ctx, c, list)
	for _, at := range list {
		if errors.Is(at.err, scan.ErrTruncated) {
			at.start = unknown
			removed = append(removed, at)
		}
	}
	readFirsts(ctx, c, removed)
}

func readFirsts(ctx context.Context, c *cluster.Client, list []*surveyedPlace) {
	if len(list) == 0 {
		return
	}
	ranges := make([]scan.Range, len(list))
	of := map[source]*surveyedPlace{}
	for i, at := range list {
		from := scan.Earliest()
		if at.start != unknown {
			from = scan.Offset(at.start)
		}
		ranges[i] = scan.Range{Topic: at.topic, Partition: at.id, From: from, To: scan.LastStable()}
		of[source{at.topic, at.id}] = at
	}
	result, _ := scan.Read(ctx, c, ranges, scan.Options{First: 1, FetchBytes: wordBytes, OpenWait: -1,
		Patience: firstPatience, KeepGoing: true}, func(r *processor.Record) error {
		of[source{r.Topic, r.Partition}].first = readFirst{r.Offset + 1, r.Timestamp}
		return nil
	})
	for i, read := range result.Partitions { // each error is that of a partition, or the whole had no more time
		at := list[i]
		at.position, at.err = read.Position, read.Err
		if at.start == unknown {
			at.begins = read.Start
		}
	}
}
