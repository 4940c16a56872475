package kafka

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/segmentio/kafka-go"
	"go.uber.org/zap"
)

// generation does the work of one generation of the consumer group: it shares the assigned partitions among units and ends when
// the group says so (ended), or when a unit cannot go on.
func (r *Runner) generation(ended context.Context, gen *kafka.Generation) {
	ctx, stop := context.WithCancel(r.life)
	defer stop()
	defer context.AfterFunc(ended, stop)()
	drain, cut := context.WithCancel(r.life)
	defer cut()
	defer context.AfterFunc(ctx, func() { time.AfterFunc(r.drainTimeout(), cut) })()

	units := r.newUnits(ctx, drain, gen)
	r.status.joined(len(units))
	r.metrics.rebalances.Inc()
	r.metrics.assigned.Set(float64(countPartitions(units)))
	r.log.Info("partitions assigned", zap.Int32("generation", gen.ID), zap.Strings("partitions", names(units)),
		zap.Int("units", len(units)))
	r.readLimits(ctx)
	r.fenceUnused(ctx, len(units))

	var running sync.WaitGroup
	running.Add(1)
	go func() {
		defer running.Done()
		r.watchTopics(ctx, stop)
	}()
	for _, u := range units {
		running.Add(1)
		go func() {
			defer running.Done()
			if err := u.run(); err != nil {
				r.unitEnded(err)
				stop()
			}
		}()
	}
	<-ctx.Done()
	running.Wait()
	r.status.left(nil)
	r.metrics.assigned.Set(0)
	if ended.Err() == nil && r.life.Err() == nil {
		sleep(ended, pause(1)) // left of our own accord: don't come back at once
	}
}

func (r *Runner) readLimits(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	if err := r.limits.read(ctx, r.client, r.outputTopics()); err != nil {
		r.log.Info("the topics' max.message.bytes cannot be read; taking what was known before, or Kafka's default", zap.Error(err))
	}
}

// drainTimeout is how long an open transaction may take to end after its generation has. The other members wait meanwhile.
func (r *Runner) drainTimeout() time.Duration {
	return min(r.cfg.RebalanceTimeout, r.cfg.ShutdownTimeout) / 2
}

func (r *Runner) unitEnded(err error) {
	if errors.Is(err, errLeave) {
		return
	}
	if classify(err) == classFatal {
		r.fail(explain(err))
		return
	}
	r.log.Warn("joining the group again", zap.Error(err))
}

// newUnits shares the partitions out, one by one in order of topic and number.
func (r *Runner) newUnits(ctx, drain context.Context, gen *kafka.Generation) []*unit {
	var all []*partition
	for topic, assignments := range gen.Assignments {
		for _, a := range assignments {
			// a.Offset was read before anybody was fenced: it is never used.
			all = append(all, &partition{topic: topic, id: int32(a.ID), committed: -1, position: unknown})
		}
	}
	slices.SortFunc(all, func(a, b *partition) int { return cmp.Or(cmp.Compare(a.topic, b.topic), cmp.Compare(a.id, b.id)) })
	units := make([]*unit, min(r.cfg.Units, len(all)))
	for i := range units {
		units[i] = &unit{
			Runner: r, member: membership{gen.ID, gen.MemberID}, ctx: ctx, drain: drain,
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

func countPartitions(units []*unit) int {
	n := 0
	for _, u := range units {
		n += len(u.partitions)
	}
	return n
}

func names(units []*unit) []string {
	var list []string
	for _, u := range units {
		for _, p := range u.partitions {
			list = append(list, p.String())
		}
	}
	slices.Sort(list)
	return list
}
