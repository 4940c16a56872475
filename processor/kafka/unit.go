package kafka

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"go.uber.org/zap"

	"verdict/processor/kafka/cluster"
	"verdict/processor/kafka/transact"
)

// unit is the unit of work: some partitions with one transactional id. Its loop reads and processes in one goroutine.
// Fetches run beside it, and so does the delivery of the batch that was filled last: one at a time, while the next one
// is filled. It lives as long as a generation of the consumer group, or until its partitions are shared anew. doc.go
// has its states.
type unit struct {
	env
	number     int
	terms      terms
	partitions partitions

	fetch    *fetcher
	locate   *locator
	restore  *restorer
	remindBy *reminder
	surveyBy *surveyor
	session  *transact.Session
	held     *heldBack
	fill     filler
	batches  batches
	pace     pace
	load     load

	size     sizing
	failures int // times in a row that it had to begin without a commit
	owed     lateOffsets
	retimeAt time.Time // when the next slice of deadlines is due, while some are
}

// env is what all units of a runner share.
type env struct {
	cfg     *Config
	log     *zap.Logger
	client  *cluster.Client
	metrics *Metrics
	status  *status
	ledger  *ledger
	seldom  *seldom
	current *current
	limits  *sizeLimits
	aborts  *inARow
}

// terms are until when a unit works.
type terms struct {
	generation context.Context // of the consumer group
	work       context.Context // ends with it, or when the partitions are shared anew: begin nothing new
	drain      context.Context // outlives both, so that an open transaction comes to its end
}

// stalledAfter is how long a step may be tried again before readiness says so.
const stalledAfter = cluster.StalledAfter

// errLeave makes a unit, and with it the generation, end, so that the instance joins its group anew.
var errLeave = errors.New("the generation has to be left")

// run works until the unit is to end (nil), its generation must be left (errLeave) or nothing helps (any other error).
func (u *unit) run() error {
	ctx, cancel := context.WithCancel(u.terms.work)
	u.terms.work, u.fetch.ctx = ctx, ctx
	defer u.fetch.running.Wait()
	defer u.restore.running.Wait()
	defer u.remindBy.running.Wait()
	defer u.surveyBy.running.Wait()
	defer cancel()
	defer u.takeBackOpen()
	defer u.forget()
	defer func() { u.remindBy.saying.say(u.log, time.Now()) }()
	err := u.begin()
	if err == nil {
		err = u.work()
	}
	err = cluster.WorseOf(err, u.join())
	if err == nil {
		err = u.finish()
	}
	u.withdraw()
	if open := u.session.Abandon(u.terms.drain); open != nil {
		u.log.Info("the open transaction is left to its timeout", zap.Error(open))
	}
	return u.unlessEnded(err)
}

// work is the loop.
func (u *unit) work() error {
	wake := time.NewTimer(0)
	defer wake.Stop()
	for !u.ended() {
		u.reportStart()
		err := u.follow()
		if err == nil {
			err = u.await(wake)
		}
		if err == nil && !u.ended() {
			err = u.takeStep()
		}
		if err != nil && !u.ended() {
			err = u.rollback(err)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// await takes up whatever happens next.
func (u *unit) await(wake *time.Timer) error {
	wake.Reset(u.ask())
	select {
	case <-u.terms.work.Done():
	case answer := <-u.fetch.answers:
		err := u.follow() // it may have waited here since before the rules changed
		return cluster.WorseOf(err, u.take(answer))
	case found := <-u.fetch.found:
		return u.found(found)
	case part := <-u.restore.restored:
		return u.restored(part)
	case found := <-u.remindBy.fetched:
		u.toTell(found)
	case found := <-u.surveyBy.found:
		u.surveyed(found)
	case delivered := <-u.batches.delivered:
		return u.landed(delivered)
	case <-wake.C:
	}
	return nil
}

// ended says whether the unit is to end.
func (u *unit) ended() bool { return u.terms.work.Err() != nil }

// reportStart tells readiness when each partition has its offset, or is held back and named for that.
func (u *unit) reportStart() {
	if !slices.ContainsFunc(u.partitions,
		func(p *partition) bool { return p.position == unknown && p.held.err == nil && !p.waits() }) {
		u.status.started(u.number)
	}
}

// ask has brokers asked for what is next, and returns how long the unit may wait for anything to happen.
func (u *unit) ask() time.Duration {
	if u.fetch.refreshLayout(time.Now()) {
		u.fill.look(u.fetch.layout)
	}
	now := time.Now()
	gather := time.Duration(0)
	if u.batches.filling.dirty {
		gather = u.gather(now)
	}
	wait := min(u.fetch.next(now, gather), u.restore.due(u.terms.work, now), u.retime(now), u.remind(now),
		u.survey(now))
	if step, at := u.pace.next(now, u.view()); step != stepNone {
		wait = min(wait, max(0, at.Sub(now)))
	}
	return wait
}

// gather is how long brokers may gather records for the batch; 0: not at all.
func (u *unit) gather(now time.Time) time.Duration {
	if u.batches.stuck(now) {
		return 0
	}
	return min(u.pace.gather(now, u.view()), u.cfg.FetchMaxWait)
}

func (u *unit) view() view {
	b := u.batches.filling
	v := view{flying: u.batches.flying != nil, dirty: b.dirty, opened: b.opened, behind: u.partitions.behind(),
		owedSince: u.owed.since,
		gathering: u.fetch.gathering, answerDelay: u.fetch.answerDelay}
	v.due, _ = b.delivery.Announced()
	return v
}

// takeStep announces the batch or sends it off when it is time.
func (u *unit) takeStep() error {
	now, v := time.Now(), u.view()
	step, at := u.pace.next(now, v)
	switch {
	case step == stepNone, now.Before(at):
		return nil
	case step == stepAnnounce:
		u.session.Announce(u.terms.drain, &u.batches.filling.delivery, u.pace.due(v))
		return nil
	}
	return u.sendOff()
}

// sendOff has the batch delivered, be it for its offsets alone, and waits for the one before. After an error nothing of
// either counts.
func (u *unit) sendOff() error {
	if err := u.join(); err != nil {
		return err
	}
	b := u.batches.filling
	if !b.dirty {
		b.opened = time.Now()
	}
	for _, p := range u.partitions {
		p.oldest.sentOff(p.position)
	}
	u.moveOffsets(b)
	u.load.delivery.start()
	u.batches.sendOff(u.terms.drain, u.session, u.next(), u.cfg.Compression)
	return nil
}

// moveOffsets notes what the batch moves the group to.
func (u *unit) moveOffsets(b *batch) {
	if u.cfg.Delivery == DeliveryAtLeastOnce {
		u.owed.move(b, u.partitions)
		return
	}
	own := u.session.TransactionalID()
	for _, p := range u.partitions {
		changes := p.position != p.claimed || p.owner != own || p.gated
		if p.position == unknown || !changes && !p.marksOthers(b) {
			continue
		}
		note := p.note // what is marked anew alone needs no changelog, which may be one that cannot be written now
		if changes {
			note = u.keep(b, p, p.position)
		}
		p.gated = false
		b.move(p, p.position, note)
		p.owner = own
	}
}

// join waits for the batch under way, if there is one.
func (u *unit) join() error {
	if u.batches.flying == nil {
		return nil
	}
	return u.landed(<-u.batches.delivered)
}

// landed takes note of how the delivery went.
func (u *unit) landed(err error) error {
	b := u.batches.flying
	u.batches.flying = nil
	u.load.delivery.stop()
	u.size.adapt(time.Since(b.sentOff), u.cfg.TransactionTimeout, err)
	if err == nil {
		u.committed(b)
	}
	if u.session.Open() {
		u.metrics.transactions.WithLabelValues(resultAborted).Inc() // it will be, or has been
	}
	if err != nil {
		u.aborts.failed(u.number)
	}
	if err == nil {
		u.stands(b)
	} else {
		u.takeBack(b)
	}
	for _, refused := range b.delivery.Refused {
		err = cluster.WorseOf(err, u.fill.refused(refused, u.partitions, err))
	}
	if err == nil { // a request that was given up may still be on its way, from this memory
		b.reset()
		u.batches.spare = b
	}
	return err
}

// tell lets others know how far a partition is.
func (u *unit) tell(p *partition) {
	u.metrics.setLag(p)
	u.ledger.tell(p, time.Now())
}

// committed counts a batch that is safely on the brokers.
func (u *unit) committed(b *batch) {
	now := time.Now()
	for i, p := range b.moved {
		next := b.delivery.Offsets[i].Next
		if next > p.from() {
			u.ledger.committed(p, now)
		}
		p.committed, p.note = next, b.delivery.Offsets[i].Note
		maps.DeleteFunc(p.tooLarge, func(offset int64, _ int) bool { return offset < next })
		u.tell(p)
	}
	u.metrics.transactions.WithLabelValues(resultCommitted).Inc()
	if b.records > 0 { // not a mere claim, nor control batches alone
		u.metrics.batchRecords.Observe(float64(b.records))
	}
	u.metrics.commitTime.Observe(now.Sub(b.sentOff).Seconds())
	u.metrics.batchSeconds.Observe(now.Sub(b.opened).Seconds())
	b.counts.report(u.metrics, now)
	if u.cfg.Delivery == DeliveryExactlyOnce || len(b.moved) > 0 { // or else no offset has moved
		u.failures = 0
		u.aborts.committed(u.number)
		u.load.troubled.Store(false)
		u.status.stall(u.number, nil)
	}
}
