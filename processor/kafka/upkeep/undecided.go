package upkeep

import (
	"context"
	"errors"
	"fmt"

	"verdict/processor"
	"verdict/processor/kafka/scan"
	"verdict/processor/kafka/wire"
)

// allDecided says why what is known of keys must not be moved yet: a partition that they belonged to still has records
// of theirs that nobody has decided. Without what is known, a repeat among them would be decided, and charged, again.
func (g *Group) allDecided(ctx context.Context, parts []*Part) error {
	least := leastPartitions(parts)
	var refused []error
	for _, p := range parts {
		before := p.Position.Partitions
		if !p.Known() {
			before = least
		}
		if before <= p.ID || before >= p.Count { // it is new, or done
			continue
		}
		n, err := g.undecided(ctx, p, before)
		if err != nil {
			return fmt.Errorf("looking for records that are not decided: %w", err)
		}
		if n > 0 {
			refused = append(refused, fmt.Errorf("%s: %d records are not decided, and their keys belong to other "+
				"partitions now: %s", p, n, cureOfUndecided(before, p.Count)))
		}
	}
	return errors.Join(refused...)
}

func cureOfUndecided(before, now int32) string {
	const allTheSame = "move what is known all the same with --undecided: they are decided as if nothing had been known"
	if now%before == 0 {
		return "start the group with state.on_growth: hold, so that it decides them (the old partitions go on), stop " +
			"it, and run this again; or " + allTheSame
	}
	return fmt.Sprintf("%d partitions are no multiple of %d, so that no instance may decide them: ", now, before) +
		allTheSame
}

// leastPartitions is the least number of partitions that the topic had when keys were given their places; 0: nothing is
// known.
func leastPartitions(parts []*Part) int32 {
	least := int32(0)
	for _, p := range parts {
		if n := p.Position.Partitions; p.Known() && (least == 0 || n < least) {
			least = n
		}
	}
	return least
}

// undecided counts the records from where a runner goes on whose keys belonged to the partition before, and belong to
// another one now.
func (g *Group) undecided(ctx context.Context, p *Part, before int32) (n int64, err error) {
	at := p.Offset
	if p.Known() {
		at = max(at, p.Position.Offset)
	}
	from := scan.Earliest()
	if at >= 0 {
		from = scan.Offset(at)
	}
	read := func(from scan.Place) error {
		n = 0
		all := []scan.Range{{Topic: p.Raw, Partition: p.ID, From: from, To: scan.LastStable()}}
		_, err := scan.Read(ctx, g.client, all, scan.Options{}, func(r *processor.Record) error {
			if p.movesAway(r.Key, before) {
				n++
			}
			return nil
		})
		return err
	}
	if err = read(from); errors.Is(err, scan.ErrTruncated) {
		err = read(scan.Earliest())
	}
	return n, err
}

// movesAway says whether a key belonged to the partition among so many, and does not any more.
func (p *Part) movesAway(key []byte, before int32) bool {
	return key != nil && wire.PartitionFor(key, p.ID, before) == p.ID && wire.PartitionFor(key, p.ID, p.Count) != p.ID
}
