package kafka

import (
	"time"

	"go.uber.org/zap"

	"verdict/processor/kafka/cluster"
)

// How a unit begins, goes back and ends.

// begin begins a new producer epoch, which also aborts what is open, and reads on from the committed offsets.
func (u *unit) begin() error {
	if u.failures > 0 && !cluster.Sleep(u.terms.work, cluster.Pause(u.failures)) {
		return u.terms.work.Err()
	}
	u.failures++
	u.load.busy.stop()
	u.load.troubled.Store(u.failures > 1)
	u.fetch.refreshLayout(time.Now())
	u.fill.look(u.fetch.layout)
	if err := u.session.Begin(u.terms.work); err != nil {
		return err
	}
	if err := u.locate.locate(u.terms.work, u.partitions); err != nil {
		return err
	}
	u.resume()
	for _, p := range u.partitions {
		u.ledger.tell(p, time.Now())
	}
	unclaimed := u.partitions.unclaimed(u.session.TransactionalID())
	if u.failures == 1 || !u.partitions.behind() && !unclaimed { // or else a commit has to show that it goes on
		u.status.stall(u.number, nil)
	}
	return u.claim()
}

// claim commits the offsets of partitions that were another's, as they are, so that they are known to be this unit's.
// It runs beside the work, as every commit does.
func (u *unit) claim() error {
	if !u.partitions.unclaimed(u.session.TransactionalID()) {
		return nil
	}
	if err := u.follow(); err != nil {
		return err
	}
	return u.sendOff()
}

// rollback is the one way back after an error: nothing counts of the batch that was flying, nor of the one that is
// being filled, and the unit begins again at the committed offsets. It returns nil if the unit can go on.
func (u *unit) rollback(err error) error {
	err = cluster.WorseOf(err, u.join()) // whatever went wrong beside it, the delivery has come to its end
	u.undo()
	if err := u.whetherToLeave(err); err != nil {
		return err
	}
	return u.begin()
}

// undo takes back what has not been committed, also where the unit is to leave then. Nothing flies any more.
func (u *unit) undo() {
	u.withdraw()
	u.batches.filling.reset()
	u.takeBackOpen()
	u.owed = lateOffsets{} // what has been published since the last commit of offsets is repeated
	for _, p := range u.partitions {
		p.reached = max(p.reached, p.position)
	}
}

// whetherToLeave is nil where beginning again helps.
func (u *unit) whetherToLeave(err error) error {
	c := cluster.Classify(err)
	u.metrics.failed(c)
	switch c {
	case cluster.ClassFatal:
		return err
	case cluster.ClassRejoin:
		u.log.Info("the partitions are no longer this instance's; joining again", zap.Error(err))
		return errLeave
	case cluster.ClassFenced:
		return u.fenced(err)
	default:
		u.seldom.say(u.log.Warn, "the transaction failed; processing again", zap.Error(err), zap.Stringer("class", c))
	}
	return nil
}

// fenced finds out who has ended the producer's epoch, and says so.
func (u *unit) fenced(err error) error {
	id := zap.String("transactional_id", u.session.TransactionalID())
	old := u.session.MayHaveTimedOut() // before it is asked, which may take a second
	switch fenced, asked := u.session.Fenced(u.terms.drain); {
	case asked != nil:
		u.seldom.say(u.log.Warn, "the transaction was ended from outside, by its timeout or by another process with "+
			"this instance id, and the brokers do not say which; processing again", id, zap.Error(err),
			zap.NamedError("asked", asked))
	case fenced:
		u.seldom.say(u.log.Error, "another process has taken over this transactional id; joining again. If this "+
			"repeats, two processes have the same instance id: give each its own kafka.instance_id", id, zap.Error(err))
		return errLeave
	case !old:
		u.seldom.say(u.log.Error, "another process has taken over this transactional id; processing again. If this "+
			"repeats, two processes have the same instance id: give each its own kafka.instance_id", id, zap.Error(err))
	default:
		u.seldom.say(u.log.Warn, "the transaction timed out; processing again", id, zap.Error(err))
	}
	return nil
}

// withdraw ends the transaction of the batch that is being filled, if it has been announced.
func (u *unit) withdraw() {
	d := &u.batches.filling.delivery
	if _, announced := d.Announced(); !announced {
		return
	}
	err := u.session.Withdraw(u.terms.drain, d)
	u.log.Debug("a transaction was announced and is withdrawn", zap.Error(err))
	u.metrics.transactions.WithLabelValues(resultAborted).Inc()
}

// finish delivers what the batch holds, if the partitions are only shared anew, and settles what has been published.
func (u *unit) finish() error {
	if u.terms.generation.Err() == nil && u.batches.filling.dirty {
		if err := u.sendOff(); err != nil {
			return err
		}
		if err := u.join(); err != nil {
			return err
		}
	}
	return u.leaveNothing()
}

// leaveNothing commits the offsets of all that has been published, when the unit ends: or else the next owner would
// repeat it. What the batch holds is the next owner's.
func (u *unit) leaveNothing() error {
	if u.owed.since.IsZero() {
		return nil
	}
	u.batches.filling.reset()
	u.owed.makeDue()
	if err := u.sendOff(); err != nil {
		return err
	}
	return u.join()
}

// unlessEnded hides errors that came of the unit's end. If that is not the generation's, what ends the generation is
// told.
func (u *unit) unlessEnded(err error) error {
	switch c := cluster.Classify(err); {
	case c == cluster.ClassFatal, u.terms.work.Err() == nil:
		return err
	case u.terms.generation.Err() == nil && (c == cluster.ClassRejoin || c == cluster.ClassFenced):
		return err
	}
	return nil
}

// forget takes the unit and its partitions out of metrics and readiness.
func (u *unit) forget() {
	u.status.stopped(u.number)
	u.status.stall(u.number, nil)
	u.status.restoring(u.number, 0)
	for _, p := range u.partitions {
		u.held.forget(p)
	}
}
