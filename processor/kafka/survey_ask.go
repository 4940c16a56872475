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
	if of.err = surveyEnds(ctx, c, &of); of.err == nil {
		surveyFirst(ctx, c, &of)
	}
	select {
	case found <- of:
	case <-ctx.Done():
	}
}

// surveyEnds asks where the logs end.
func surveyEnds(ctx context.Context, c *cluster.Client, of *surveyed) error {
	lookups := make([]cluster.Lookup, len(of.places))
	for i := range of.places {
		at := &of.places[i]
		lookups[i] = cluster.Lookup{Topic: at.topic, Partition: at.id, Timestamp: cluster.TimestampLatest}
	}
	ends, err := cluster.ListOffsets(ctx, c, of.leader, wire.ReadUncommitted, lookups)
	if err != nil {
		return err
	}
	for i := range of.places {
		if of.places[i].err = ends[i].Err; ends[i].Err == nil {
			of.places[i].end = ends[i].Offset
		}
	}
	return nil
}

// surveyFirst reads the first record of those that lack its time. Where retention was faster than the group, that is
// the first one that is left.
func surveyFirst(ctx context.Context, c *cluster.Client, of *surveyed) {
	ctx, cancel := context.WithTimeout(ctx, firstWithin)
	defer cancel()
	var list []*surveyedPlace
	for i := range of.places {
		if at := &of.places[i]; at.lacks && at.end > max(at.committed, 0) {
			list = append(list, at)
		}
	}
	readFirsts(ctx, c, list, func(at *surveyedPlace) scan.Place {
		if at.committed < 0 {
			return scan.Earliest()
		}
		return scan.Offset(at.committed)
	})
	var removed []*surveyedPlace
	for _, at := range list {
		if errors.Is(at.err, scan.ErrTruncated) {
			removed = append(removed, at)
		}
	}
	readFirsts(ctx, c, removed, func(*surveyedPlace) scan.Place { return scan.Earliest() })
}

func readFirsts(ctx context.Context, c *cluster.Client, list []*surveyedPlace, from func(*surveyedPlace) scan.Place) {
	if len(list) == 0 {
		return
	}
	ranges := make([]scan.Range, len(list))
	of := map[source]*surveyedPlace{}
	for i, at := range list {
		ranges[i] = scan.Range{Topic: at.topic, Partition: at.id, From: from(at), To: scan.LastStable()}
		of[source{at.topic, at.id}] = at
	}
	result, _ := scan.Read(ctx, c, ranges, scan.Options{First: 1, FetchBytes: wordBytes, OpenWait: -1,
		Patience: firstPatience, KeepGoing: true}, func(r *processor.Record) error {
		of[source{r.Topic, r.Partition}].first = readFirst{r.Offset + 1, r.Timestamp}
		return nil
	})
	for i := range result.Partitions { // each error is that of a partition, or the whole had no more time
		list[i].begins, list[i].err = result.Partitions[i].Start, result.Partitions[i].Err
	}
}
