package kafka

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/segmentio/kafka-go"
	"go.uber.org/zap"

	"verdict/processor/kafka/cluster"
	"verdict/processor/kafka/transact"
)

// work does the work of one generation of the consumer group: it shares the assigned partitions among units and ends
// when the group says so (ended), or when a unit cannot go on.
func (r *Runner) work(ended context.Context, gen *kafka.Generation) {
	ctx, stop := context.WithCancel(r.life)
	defer stop()
	defer context.AfterFunc(ended, stop)()

	r.spread.assigned(gen)
	a := newAssignment(gen, r.memoryOf)
	r.leaveOthers(a)
	assigned := a.names()
	r.status.joined(r.unitsFor(a), len(assigned))
	r.ledger.joined(a, time.Now())
	r.metrics.rebalances.Inc()
	r.metrics.assigned.Set(float64(len(assigned)))
	r.log.Info("partitions assigned", zap.Int32("generation", gen.ID), zap.Strings("partitions", assigned))
	r.readLimits(ctx)

	var watching sync.WaitGroup
	watching.Go(func() { r.watchTopics(ctx, stop) })
	for ctx.Err() == nil {
		r.share(ctx, stop, a)
	}
	watching.Wait()
	r.status.left(nil)
	r.ledger.left()
	r.metrics.lag.Reset() // others report it now
	r.metrics.remembered.Reset()
	r.metrics.stateBytes.Reset()
	r.metrics.assigned.Set(0)
	r.metrics.units.Set(0)
	if ended.Err() == nil && r.life.Err() == nil {
		cluster.Sleep(ended, cluster.Pause(1)) // left of our own accord: don't come back at once
	}
}

// share has the partitions worked on by as many units as there is work for, until that changes, the generation ends or
// a unit cannot go on, which ends the generation.
func (r *Runner) share(generation context.Context, leave context.CancelFunc, a *assignment) {
	ctx, stop := context.WithCancel(generation)
	defer stop()
	drain, cut := context.WithCancel(r.life)
	defer cut()
	defer context.AfterFunc(ctx, func() { time.AfterFunc(r.drainTimeout(), cut) })()

	units := r.newUnits(a, terms{generation: generation, work: ctx, drain: drain})
	r.status.shared(len(units))
	r.ledger.shared(len(units), time.Now())
	r.aborts.shared(len(units))
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
	r.watchLoad(ctx, units, a)
	stop()
	running.Wait()
}

func (r *Runner) readLimits(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	if err := r.limits.read(ctx, r.client, r.writtenTopics()); err != nil {
		r.log.Info("the topics' max.message.bytes cannot be read; taking what was known before, or Kafka's default",
			zap.Error(err))
	}
}

// drainTimeout is how long an open transaction may take to end when its unit has to. The other members wait meanwhile,
// or the other units.
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
	r.seldom.say(r.log.Warn, "joining the group again", zap.Error(err))
}

// newUnits lends the assignment to as many units as there is work for.
func (r *Runner) newUnits(a *assignment, t terms) []*unit {
	lent := a.lend(r.unitsFor(a))
	units := make([]*unit, len(lent))
	for i, list := range lent {
		units[i] = r.newUnit(i, len(lent), list, a, t)
	}
	return units
}

func (r *Runner) newUnit(number, siblings int, list partitions, a *assignment, t terms) *unit {
	e := r.env
	e.log = r.log.With(zap.Int("unit", number))
	retry := &cluster.Retry{Log: e.log, Failed: e.metrics.failed,
		Stalled: func(err error) { e.status.stall(number, err) }}
	who := transact.Identity{Group: e.cfg.Group, Generation: a.generation, Member: a.member,
		Timeout: e.cfg.TransactionTimeout}
	atLeastOnce := e.cfg.Delivery == DeliveryAtLeastOnce
	if !atLeastOnce {
		who.TransactionalID = r.names().transactionalID(number)
	}
	held := &heldBack{log: e.log, metrics: e.metrics, status: e.status, ledger: e.ledger}
	return &unit{
		env: e, number: number, terms: t, partitions: list, held: held,
		fetch:   newFetcher(e, list, held),
		locate:  &locator{env: e, names: r.names(), siblings: siblings, retry: retry},
		session: transact.NewSession(e.client, retry, who),
		restore: newRestorer(e.client), remindBy: newReminder(e.client), surveyBy: newSurveyor(e.client),
		fill:    filler{cfg: e.cfg, limits: e.limits},
		batches: batches{filling: newBatch(e.current.Load(), e.cfg.Compression), delivered: make(chan error, 1)},
		pace:    pace{interval: e.cfg.CommitInterval, atLeastOnce: atLeastOnce},
	}
}
