package scan

import (
	"context"
	"slices"

	"verdict/processor/kafka/cluster"
)

// Ends fixes where ranges end, without reading them: each To becomes the Offset that it is now. Of ranges that are read
// one after the other, one that was read last would otherwise know what was written while the others were. Errors are
// those of Read.
func Ends(ctx context.Context, client *cluster.Client, ranges []Range) ([]Range, error) {
	fixed := slices.Clone(ranges)
	for i := range fixed {
		fixed[i].From = Earliest()
	}
	result, err := Read(ctx, client, fixed, Options{onlyEnds: true}, nil)
	if err != nil {
		return nil, err
	}
	for i := range fixed {
		fixed[i].From, fixed[i].To = ranges[i].From, Offset(result.Partitions[i].End)
	}
	return fixed, nil
}

// Bounds are where a log begins and ends.
type Bounds struct {
	First  int64 // the earliest offset that it still has, or its end
	Stable int64 // the end in front of the first open transaction
	High   int64 // the high watermark: the offset that the next record will have
}

// BoundsOf asks for the bounds of one partition, without reading it. Errors are those of Read.
func BoundsOf(ctx context.Context, client *cluster.Client, topic string, partition int32, opts Options) (Bounds,
	error) {
	opts.onlyEnds = true
	var b Bounds
	for _, end := range []struct {
		place Place
		at    *int64
	}{{LastStable(), &b.Stable}, {HighWatermark(), &b.High}} {
		whole := Range{Topic: topic, Partition: partition, From: Earliest(), To: end.place}
		result, err := Read(ctx, client, []Range{whole}, opts, nil)
		if err != nil {
			return Bounds{}, err
		}
		b.First, *end.at = result.Partitions[0].Start, result.Partitions[0].End
	}
	return b, nil
}
