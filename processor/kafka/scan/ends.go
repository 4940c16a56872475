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

// BoundsOf asks for the bounds of partitions, without reading them, in one answer of each leader to each question.
// Where the ranges begin and end does not matter. Errors are those of Read.
func BoundsOf(ctx context.Context, client *cluster.Client, partitions []Range, opts Options) ([]Bounds, error) {
	whole := slices.Clone(partitions)
	for i := range whole {
		whole[i].From, whole[i].To = Earliest(), LastStable()
	}
	opts.onlyEnds = true
	result, err := Read(ctx, client, whole, opts, nil)
	if err != nil {
		return nil, err
	}
	bounds := make([]Bounds, len(result.Partitions))
	for i := range result.Partitions {
		bounds[i] = result.Partitions[i].bounds
	}
	return bounds, nil
}
