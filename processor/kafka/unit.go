package kafka

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/segmentio/kafka-go"
	"go.uber.org/zap"

	"verdict/processor"
	"verdict/processor/kafka/cluster"
)

// unit is a set of partitions with one transactional id: the unit of work. It reads and processes in one goroutine. Fetches run
// beside it, and so does the delivery of the batch that was filled last: one at a time, while the next one is filled. It lives as
// long as a generation of the consumer group, or until its partitions are shared anew.
type unit struct {
	*Runner
	member     membership
	siblings   int // units that share the generation's partitions, with this one
	partitions []*partition
	producer   producer
	log        *zap.Logger

	generation context.Context // of the consumer group
	ctx        context.Context // ends with it, or when the partitions are shared anew: begin nothing new
	drain      context.Context // outlives both, so that an open transaction comes to its end

	layout    cluster.Layout
	targets   [processor.NumRoutes]target
	fetched   chan fetchResult
	sought    chan soughtResult
	fetching  sync.WaitGroup
	busy      map[int32]bool      // leaders that a fetch is under way to
	gathering map[int32]time.Time // until when each of them may gather records for the batch
	late      time.Duration       // how much later than that answers come, lately
	stumbles  map[int32]int       // fetches in a row that failed, by leader
	answers   int                 // fetches that were answered

	record processor.Record
	result processor.Result

	batch     *batch     // is being filled
	flying    *batch     // is being delivered; nil: none
	spare     *batch     // the memory of one that is done
	delivered chan error // how the delivery went
	open      bool       // the coordinator may know of a transaction whose delivery has failed
	owing     time.Time  // at least once: since when there are offsets to commit of what has been published; zero: there are none

	load load

	failures int // transactions in a row that were not committed
	caution  int // how often the size of a transaction has been cut down, because one did not come to its end
}

// membership is what fences commits: offsets of another generation are refused.
type membership struct {
	generation int32
	member     string
}

// partition of a raw topic, owned by one unit.
type partition struct {
	topic string
	id    int32

	position  int64  // the next offset to process; unknown: its beginning is not known yet
	closed    int64  // at least once: where the batch that was closed last ends
	claimed   int64  // the offset that a batch moves, or has moved, the group to
	committed int64  // the group's offset; -1: none yet
	owner     string // the transactional id that it was committed with, or is about to be
	end       int64  // the high watermark, as last seen
	stable    int64  // up to where it can be read, as last seen: what follows is in transactions that are open
	served    int    // the unit's answer that last brought something of it

	pausedUntil time.Time // nothing is fetched before
	stumbles    int       // failures in a row
	held        error     // why it is held back; nil if it is not
	unreachable bool      // held back because it cannot be fetched
	leaderless  time.Time // since when
	seeking     bool      // its beginning is being asked for
	looks       int       // at a position that is out of range
	tooLarge    map[int64]int
}

// errLeave makes a unit, and with it the generation, end, so that the instance joins its group anew.
var errLeave = errors.New("the generation has to be left")

// run works until the unit is to end (nil), its generation must be left (errLeave) or nothing helps (any other error).
func (u *unit) run() error {
	defer u.fetching.Wait()
	ctx, cancel := context.WithCancel(u.ctx)
	u.ctx = ctx
	defer cancel()
	defer u.forget()
	err := u.work()
	err = cluster.WorseOf(err, u.join())
	if err == nil {
		err = u.finish()
	}
	u.withdraw()
	u.abandon()
	return u.unlessEnded(err)
}

func (u *unit) work() error {
	if err := u.restart(); err != nil {
		return err
	}
	wake := time.NewTimer(0)
	defer wake.Stop()
	for u.ctx.Err() == nil {
		u.reportStart()
		wake.Reset(u.fetch())
		var err error
		select {
		case <-u.ctx.Done():
			return nil
		case result := <-u.fetched:
			u.load.busy.start()
			err = u.take(result)
			if !u.behind() {
				u.load.busy.stop()
			}
		case result := <-u.sought:
			err = u.found(result)
		case delivered := <-u.delivered:
			err = u.landed(delivered)
		case <-wake.C:
		}
		if err == nil {
			err = u.takeStep()
		}
		if err != nil && u.ctx.Err() == nil {
			err = u.settle(err)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// reportStart tells readiness when each partition has its offset, or is held back and named for that.
func (u *unit) reportStart() {
	if !slices.ContainsFunc(u.partitions, func(p *partition) bool { return p.position == unknown && p.held == nil }) {
		u.status.started(u)
	}
}

// unlessEnded hides errors that came of the unit's end. If that is not the generation's, what ends the generation is told.
func (u *unit) unlessEnded(err error) error {
	switch c := cluster.Classify(err); {
	case c == cluster.ClassFatal, u.ctx.Err() == nil:
		return err
	case u.generation.Err() == nil && (c == cluster.ClassRejoin || c == cluster.ClassFenced):
		return err
	}
	return nil
}

// finish delivers what the batch holds, if the partitions are only shared anew, and settles what has been published.
func (u *unit) finish() error {
	if u.generation.Err() == nil && u.batch.dirty {
		if err := u.commit(); err != nil {
			return err
		}
		if err := u.join(); err != nil {
			return err
		}
	}
	return u.leaveNothing()
}

// ended says whether the unit is to end.
func (u *unit) ended() bool { return u.ctx.Err() != nil }

// behind says whether there is, as last seen, a record to process.
func (u *unit) behind() bool {
	return slices.ContainsFunc(u.partitions, func(p *partition) bool {
		return p.position != unknown && p.position < p.stable && p.held == nil
	})
}

func (u *unit) full() bool {
	n := u.caution * cautionBits
	return u.batch.records >= max(u.cfg.MaxBatchRecords>>n, 1) || u.batch.bytes >= max(u.cfg.MaxBatchBytes>>n, 1)
}

// Behind a quota or a slow line, a large transaction may time out however often it is tried. Each failure makes the next ones a
// quarter of the size; each that is done in so little time that four times the size would do as well, takes one step back.
const (
	cautionBits = 2
	mostCaution = 6
)

func (u *unit) learn(took time.Duration, err error) {
	switch {
	case err != nil:
		u.caution = min(u.caution+1, mostCaution)
	case u.caution > 0 && took < u.cfg.TransactionTimeout>>(cautionBits+1):
		u.caution--
	}
}

// advance moves a partition on; the next commit takes it along.
func (u *unit) advance(p *partition, position int64) {
	if position <= p.position {
		return
	}
	p.position = position
	u.dirty()
}

// dirty notes that there is something to commit.
func (u *unit) dirty() {
	if !u.batch.dirty {
		u.batch.dirty, u.batch.opened = true, time.Now()
	}
}

// settle deals with an error of a transaction: nil if the unit can go on.
func (u *unit) settle(err error) error {
	err = cluster.WorseOf(err, u.join()) // whatever went wrong beside it, the delivery has come to its end
	u.withdraw()
	c := cluster.Classify(err)
	u.metrics.failed(c)
	switch c {
	case cluster.ClassFatal:
		return err
	case cluster.ClassRejoin:
		u.log.Info("the partitions are no longer this instance's; joining again", zap.Error(err))
		return errLeave
	case cluster.ClassFenced:
		fenced, asked := cluster.Fenced(u.drain, u.client, u.producer.transactionalID, u.cfg.TransactionTimeout, u.producer.Producer)
		if asked == nil && fenced {
			u.open = false // it is another one's now
			u.log.Error("another process has taken over this transactional id; joining again. If this repeats, two processes have the same instance id",
				zap.String("transactional_id", u.producer.transactionalID))
			return errLeave
		}
		u.log.Warn("the transaction timed out; processing again", zap.Error(err))
	default:
		u.log.Warn("the transaction failed; processing again", zap.Error(err), zap.Stringer("class", c))
	}
	return u.restart()
}

// restart begins a new producer epoch, which also aborts what is open, and goes back to the committed offsets.
func (u *unit) restart() error {
	u.batch.reset()
	if u.failures > 0 && !cluster.Sleep(u.ctx, cluster.Pause(u.failures)) {
		return u.ctx.Err()
	}
	u.failures++
	u.load.busy.stop()
	u.load.troubled.Store(u.failures > 1)
	u.owing = time.Time{} // what has been published since the last commit is repeated
	u.refreshTargets()
	err := u.persist(u.ctx, func() error { return u.producer.begin(u.ctx, u.client, u.cfg.TransactionTimeout) })
	if err != nil {
		return err
	}
	u.open = false
	if err := u.locate(); err != nil {
		return err
	}
	if u.failures == 1 || !u.behind() && !u.unclaimed() { // or else a commit has to show that it goes on
		u.status.stall(u, nil)
	}
	return u.claim()
}

// stalledAfter is how long a step may be tried again before readiness says so.
const stalledAfter = 2 * time.Second

// persist repeats a step for as long as that can help and ctx lives.
func (u *unit) persist(ctx context.Context, step func() error) error {
	began := time.Now()
	for n := 0; ; n++ {
		err := step()
		if c := cluster.Classify(err); c != cluster.ClassRetry {
			return err
		}
		if time.Since(began) > stalledAfter {
			u.status.stall(u, err)
		}
		d, soon := cluster.QuickPause(n), n == 5 // the first may be a connection that a broker has closed
		if errors.Is(err, kafka.ConcurrentTransactions) {
			d, soon = cluster.SoonPause(n), false // the coordinator is not done with the transaction before
		}
		if soon || n%10 == 9 && time.Since(began) > stalledAfter {
			u.log.Warn("retrying", zap.Error(err), zap.Int("attempts", n+1))
		}
		u.metrics.failed(cluster.ClassRetry)
		if !cluster.Sleep(ctx, d) {
			return fmt.Errorf("%w; before: %w", ctx.Err(), err)
		}
	}
}

// abandon tells the coordinator that an open transaction will not be finished, so that the partitions' next owner need not
// wait for its timeout. It is a courtesy; the timeout would do.
func (u *unit) abandon() {
	if !u.open {
		return
	}
	// A new epoch, not EndTxn: a Produce that is still on its way must not find the old one valid.
	if err := cluster.Fence(u.drain, u.client, u.producer.transactionalID, u.cfg.TransactionTimeout); err != nil {
		u.log.Info("the open transaction is left to its timeout", zap.Error(err))
	}
}

// forget takes the partitions out of metrics and readiness.
func (u *unit) forget() {
	u.status.stopped(u)
	u.status.stall(u, nil)
	for _, p := range u.partitions {
		u.forgetHeld(p)
	}
}
