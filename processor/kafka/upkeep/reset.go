package upkeep

import (
	"context"
	"time"

	"verdict/processor/kafka/cluster"
	"verdict/processor/state"
)

// Reset forgets what is known and moves the group back to the first record of a time; the zero time: to the earliest
// record there is. All of that is decided anew. It tells each of all partitions, and with dryRun does nothing else.
func (g *Group) Reset(ctx context.Context, to time.Time, dryRun bool, each func(Step)) error {
	if err := g.open(ctx, dryRun); err != nil {
		return err
	}
	for _, t := range g.o.Topics {
		if !dryRun {
			if err := g.grow(ctx, t); err != nil {
				return err
			}
		}
		if err := g.resetTopic(ctx, t, to, dryRun, each); err != nil {
			return err
		}
	}
	return nil
}

func (g *Group) resetTopic(ctx context.Context, t Topics, to time.Time, dryRun bool, each func(Step)) error {
	live := map[*Part]map[string]struct{}{}
	parts, err := g.survey(ctx, t, func(p *Part, key, value []byte) error {
		switch { // what cannot be read is forgotten as well
		case value == nil:
			delete(live[p], string(key))
		case live[p] == nil:
			live[p] = map[string]struct{}{string(key): {}}
		default:
			live[p][string(key)] = struct{}{}
		}
		return nil
	})
	if err != nil {
		return err
	}
	timestamp := int64(cluster.TimestampEarliest)
	if !to.IsZero() {
		timestamp = to.UnixMilli()
	}
	for _, p := range parts {
		if err := p.readable(); err != nil {
			return err
		}
		offset, err := g.find(ctx, p, timestamp)
		if err != nil {
			return err
		}
		if !dryRun {
			c := g.newChange()
			for key := range live[p] {
				c.put(p, []byte(key), nil)
			}
			c.stand(g, p, state.Position{Offset: offset, Partitions: p.Count, Started: c.now})
			if err := g.commit(ctx, c); err != nil {
				return err
			}
		}
		each(Step{Part: p, Did: DidReset, Offset: offset, Keys: len(live[p])})
		delete(live, p)
	}
	return nil
}
