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
