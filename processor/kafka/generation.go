package kafka

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/segmentio/kafka-go"
	"go.uber.org/zap"

	"verdict/processor/kafka/cluster"
)

// generation does the work of one generation of the consumer group: it shares the assigned partitions among units and ends when
// the group says so (ended), or when a unit cannot go on.
func (r *Runner) generation(ended context.Context, gen *kafka.Generation) {
	ctx, stop := context.WithCancel(r.life)
	defer stop()
	defer context.AfterFunc(ended, stop)()

	assigned := names(gen)
	r.status.joined(r.unitsFor(len(assigned)))
	r.metrics.rebalances.Inc()
	r.metrics.assigned.Set(float64(len(assigned)))
	r.log.Info("partitions assigned", zap.Int32("generation", gen.ID), zap.Strings("partitions", assigned))
	r.readLimits(ctx)

	var watching sync.WaitGroup
	watching.Go(func() { r.watchTopics(ctx, stop) })
	for ctx.Err() == nil {
		r.share(ctx, stop, gen, len(assigned))
	}
	watching.Wait()
	r.status.left(nil)
	r.metrics.lag.Reset() // others report it now
	r.metrics.assigned.Set(0)
	r.metrics.units.Set(0)
	if ended.Err() == nil && r.life.Err() == nil {
		cluster.Sleep(ended, cluster.Pause(1)) // left of our own accord: don't come back at once
	}
}

// share has the partitions worked on by as many units as there is work for, until that changes, the generation ends or a unit cannot
// go on, which ends the generation.
func (r *Runner) share(generation context.Context, leave context.CancelFunc, gen *kafka.Generation, partitions int) {
	ctx, stop := context.WithCancel(generation)
	defer stop()
	drain, cut := context.WithCancel(r.life)
	defer cut()
	defer context.AfterFunc(ctx, func() { time.AfterFunc(r.drainTimeout(), cut) })()

	units := r.newUnits(generation, ctx, drain, gen)
	r.status.shared(len(units))
	r.metrics.units.Set(float64(len(units)))
	r.usedUnits = max(r.usedUnits, len(units))

	var running sync.WaitGroup
	running.Go(func() { r.fenceUnused(ctx, len(units)) })
	for _, u := range units {
		running.Go(func() {
			if err := u.run(); err != nil {
				r.unitEnded(err)
				leave()
			}
		})
	}
	r.watchLoad(ctx, units, partitions)
	stop()
	running.Wait()
}

func (r *Runner) readLimits(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	if err := r.limits.read(ctx, r.client, r.outputTopics()); err != nil {
		r.log.Info("the topics' max.message.bytes cannot be read; taking what was known before, or Kafka's default", zap.Error(err))
	}
}

// drainTimeout is how long an open transaction may take to end when its unit has to. The other members wait meanwhile, or the other units.
func (r *Runner) drainTimeout() time.Duration {
	return min(r.cfg.RebalanceTimeout, r.cfg.ShutdownTimeout) / 2
}

func (r *Runner) unitEnded(err error) {
	if errors.Is(err, errLeave) {
		return
	}
	if cluster.Classify(err) == cluster.ClassFatal {
		r.fail(cluster.Explain(err))
		return
	}
	r.log.Warn("joining the group again", zap.Error(err))
}

// newUnits shares the partitions out, one by one in order of topic and number.
func (r *Runner) newUnits(generation, ctx, drain context.Context, gen *kafka.Generation) []*unit {
	var all []*partition
	for topic, assignments := range gen.Assignments {
		for _, a := range assignments {
			// a.Offset was read before anybody was fenced: it is never used.
			all = append(all, &partition{topic: topic, id: int32(a.ID), committed: -1, position: unknown})
		}
	}
	slices.SortFunc(all, func(a, b *partition) int { return cmp.Or(cmp.Compare(a.topic, b.topic), cmp.Compare(a.id, b.id)) })
	units := make([]*unit, r.unitsFor(len(all)))
	for i := range units {
		units[i] = &unit{
			Runner: r, member: membership{gen.ID, gen.MemberID}, generation: generation, ctx: ctx, drain: drain,
			producer: producer{transactionalID: r.transactionalID(i)}, siblings: len(units),
			log:     r.log.With(zap.Int("unit", i)),
			fetched: make(chan fetchResult, 8), sought: make(chan soughtResult),
			busy: map[int32]bool{}, gathering: map[int32]time.Time{}, stumbles: map[int32]int{},
			batch: newBatch(r.cfg.Compression), delivered: make(chan error, 1),
		}
	}
	for i, p := range all {
		u := units[i%len(units)]
		u.partitions = append(u.partitions, p)
	}
	return units
}

// transactionalID names a unit for ever: a unit with the same name fences this one.
func (r *Runner) transactionalID(unit int) string {
	if r.cfg.Delivery == DeliveryAtLeastOnce {
		return ""
	}
	return fmt.Sprintf("%s-%s-%d", r.cfg.Group, r.cfg.InstanceID, unit)
}

func names(gen *kafka.Generation) []string {
	var list []string
	for topic, assignments := range gen.Assignments {
		for _, a := range assignments {
			list = append(list, topic+"/"+strconv.Itoa(a.ID))
		}
	}
	slices.Sort(list)
	return list
}
