package scan

import (
	"context"
	"errors"

	"golang.org/x/sync/errgroup"

	"verdict/processor"
	"verdict/processor/kafka/cluster"
)

// Read calls each with every committed record of the ranges, those of one partition in order. The record and its bytes
// are only valid during the call: what is to be kept must be copied (names of headers need not be).
//
// Where a range cannot be read to its end, the error is a *Problem; with Options.KeepGoing it may be several, joined.
// An error of each ends the scan and is returned as it is. If ctx is done first, its cause is returned. Whatever the
// error, the result says how far each partition was read.
//
// The client must know the topics of the ranges. It is not closed.
func Read(
	ctx context.Context, client *cluster.Client, ranges []Range, opts Options, each func(*processor.Record) error,
) (Result, error) {
	if err := validate(ranges); err != nil {
		return Result{}, err
	}
	opts = opts.withDefaults(len(ranges))
	board := newBoard(ranges, &opts)
	group, groupCtx := errgroup.WithContext(ctx)
	for i := range opts.Parallel {
		l := newLoop(client, &opts, board, each)
		for j := i; j < len(ranges); j += opts.Parallel {
			l.add(ranges[j], j)
		}
		group.Go(func() error { return l.run(groupCtx) })
	}
	err := group.Wait()
	result := board.result()
	switch {
	case ctx.Err() != nil && errors.Is(err, ctx.Err()):
		return result, context.Cause(ctx)
	case errors.Is(err, ErrStop):
		return result, nil
	case err != nil:
		return result, err
	}
	var problems []error
	for i := range result.Partitions {
		problems = append(problems, result.Partitions[i].Err)
	}
	return result, errors.Join(problems...)
}
