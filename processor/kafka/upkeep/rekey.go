package upkeep

import (
	"context"
	"fmt"
	"time"

	"verdict/processor/kafka/admin"
	"verdict/processor/kafka/cluster"
)

// Rekey brings what is known to the partitions that keys belong to since partitions were added to a raw topic, one old
// partition in one transaction after the other, and then begins the new ones. One that has been interrupted goes on
// where it was: a partition whose position record has the present number of partitions is done. It tells each of all
// partitions, and with dryRun does nothing else. Where an old partition has records that are not decided yet, and of
// keys that are to be moved, it refuses, unless undecided says that those are to be decided without what was known.
func (g *Group) Rekey(ctx context.Context, undecided, dryRun bool, each func(Step)) error {
	if err := g.open(ctx, dryRun); err != nil {
		return err
	}
	for _, t := range g.o.Topics {
		if !dryRun {
			if err := g.grow(ctx, t); err != nil {
				return err
			}
		}
		if err := g.rekeyTopic(ctx, t, undecided, dryRun, each); err != nil {
			return err
		}
	}
	return nil
}

// grow gives the changelog the partitions that it lacks.
func (g *Group) grow(ctx context.Context, t Topics) error {
	parts, err := g.parts(ctx, t, false)
	if err != nil || parts[len(parts)-1].HasLog {
		return err
	}
	count := int32(len(parts))
	if err := admin.AddPartitions(ctx, g.client, t.Changelog, count); err != nil {
		return fmt.Errorf("%s needs %d partitions, as many as %s has: %w; have them added (kafka-topics --alter "+
			"--topic %s --partitions %d), and run this again", t.Changelog, count, t.Raw, err, t.Changelog, count)
	}
	for began := time.Now(); ; {
		layout, err := g.client.Layout(ctx)
		if err == nil && layout.Partitions(t.Changelog) >= count {
			return nil
		}
		if time.Since(began) > answerWithin || !cluster.Sleep(ctx, 100*time.Millisecond) {
			return fmt.Errorf("%s has %d partitions now, but not all brokers know that yet; run this again",
				t.Changelog, count)
		}
	}
}
