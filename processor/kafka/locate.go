package kafka

import (
	"context"
	"fmt"
	"time"

	"verdict/processor/kafka/cluster"
	"verdict/processor/kafka/transact"
)

// locator finds out where a unit's partitions go on, and ends what dead owners of theirs have left open.
type locator struct {
	env
	names    names
	siblings int // units that share the generation's partitions, with this one
	retry    *cluster.Retry
	doubt    doubt
}

const unstablePause = 50 * time.Millisecond

// committed is the group's offsets.
type committed map[cluster.Place]cluster.GroupOffset

// locate sets the positions of all partitions to the group's offsets; where there are none, it leaves them to seek.
//
// The offsets are fetched stable: as long as a transaction that would move one of them is open, the broker answers
// UNSTABLE_OFFSET_COMMIT instead of the old one. Nothing may be read before.
func (l *locator) locate(ctx context.Context, list partitions) error {
	exactlyOnce := l.cfg.Delivery == DeliveryExactlyOnce
	if exactlyOnce {
		l.endAbandoned(ctx, list)
	}
	for {
		var at committed
		err := l.retry.Do(ctx, func() (err error) {
			at, err = l.stableOffsets(ctx, list, exactlyOnce, takeOverAfter)
			return err
		})
		switch {
		case err == nil:
			return at.place(list)
		case cluster.Classify(err) != cluster.ClassUnstable:
			return err
		}
		l.endAbandoned(ctx, list)
	}
}

// stableOffsets waits for open transactions for a while; then the error is theirs.
func (l *locator) stableOffsets(ctx context.Context, list partitions, stable bool, wait time.Duration) (committed,
	error) {
	for began := time.Now(); ; {
		at, err := l.fetchOffsets(ctx, list, stable)
		if cluster.Classify(err) != cluster.ClassUnstable {
			return at, err
		}
		l.metrics.failed(cluster.ClassUnstable)
		if time.Since(began) > wait {
			return nil, err
		}
		if !cluster.Sleep(ctx, unstablePause) {
			return nil, ctx.Err()
		}
	}
}

func (l *locator) fetchOffsets(ctx context.Context, list partitions, stable bool) (committed, error) {
	places := make([]cluster.Place, len(list))
	for i, p := range list {
		places[i] = cluster.Place{Topic: p.topic, Partition: p.id}
	}
	offsets, err := cluster.FetchOffsets(ctx, l.client, l.cfg.Group, places, stable)
	if err != nil {
		return nil, err
	}
	at := committed{}
	for i, p := range places {
		at[p] = offsets[i]
	}
	return at, nil
}

func (c committed) place(list partitions) error {
	for _, p := range list {
		at, ok := c[cluster.Place{Topic: p.topic, Partition: p.id}]
		if !ok {
			return fmt.Errorf("OffsetFetch, %s: the answer lacks it", p)
		}
		offset := at.Offset
		p.committed, p.claimed, p.closed, p.position = offset, offset, offset, offset
		mark := transact.ParseMark(at.Metadata)
		p.owner, p.rules, p.note = mark.TransactionalID, mark.Rules, mark.Note
	}
	return nil
}
