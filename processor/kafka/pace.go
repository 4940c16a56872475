package kafka

import "time"

// step is what a unit does next about the batch that it is filling.
type step uint8

const (
	stepNone     step = iota
	stepAnnounce      // begin its transaction
	stepSendOff       // have it delivered, or at least once the offsets of those before it
)

// pace decides when a batch is announced and sent off, and how long brokers gather records for it. It has no clock and
// changes nothing.
type pace struct {
	interval    time.Duration // how old a batch becomes
	atLeastOnce bool
}

// view is what the pace goes by.
type view struct {
	flying    bool      // a batch is under way: the next one has to wait anyway
	dirty     bool      // the batch that is being filled has something to commit
	opened    time.Time // since when
	due       time.Time // of its transaction, if that is announced
	behind    bool      // there are records to process that are known of
	owedSince time.Time // at least once: since when published records wait for their offsets; zero: none do

	// gathering is until when each leader that was asked to gather records for the batch may do so, answerDelay how
	// much later than that answers come, lately.
	gathering   map[int32]time.Time
	answerDelay time.Duration
}

const (
	// announceAhead is how long before a batch is due its transaction is announced: longer than that takes, and late
	// enough that most of the batch's output partitions are known, and that the brokers are done with the transaction
	// before.
	announceAhead = 10 * time.Millisecond
	// catchUpFactor: behind the end of a partition, larger transactions are worth more than an early commit.
	catchUpFactor = 4
	// offsetsEvery is how long offsets may be behind what has been published, at least once and while brokers answer. A
	// crash repeats so much.
	offsetsEvery = 50 * time.Millisecond
	// While a batch is being filled, a broker gathers so many bytes or waits until the batch's next step, so that a
	// trickle of records isn't fetched one by one.
	gatherBytes = 64 << 10
	leastGather = 2 * time.Millisecond
	// answerTime is how much later than usual an answer may be and still be waited for.
	answerTime = 2 * time.Millisecond
)

// next is the next step and when to take it; stepNone if there is none to take.
func (p pace) next(now time.Time, v view) (step, time.Time) {
	switch {
	case v.flying, !v.dirty && v.owedSince.IsZero():
		return stepNone, time.Time{}
	case !v.dirty:
		return stepSendOff, v.owedSince.Add(offsetsEvery)
	}
	what, at := stepSendOff, p.due(v)
	if p.announces(v) {
		at = at.Add(-p.ahead())
		if now.Before(p.due(v)) {
			what = stepAnnounce
		}
	}
	at = v.afterGathering(at)
	if owed := v.owedSince.Add(offsetsEvery); !v.owedSince.IsZero() && (owed.Before(at) || !now.Before(owed)) {
		return stepSendOff, owed
	}
	return what, at
}

// due is when to send the batch off. Once it has been announced that stands, whatever comes up.
func (p pace) due(v view) time.Time {
	switch {
	case !v.due.IsZero():
		return v.due
	case v.behind:
		return v.opened.Add(catchUpFactor * p.interval)
	}
	return v.opened.Add(p.interval)
}

// announces says whether the batch's transaction is still to be announced.
func (p pace) announces(v view) bool { return !p.atLeastOnce && v.due.IsZero() }

// ahead is how long before the batch is due it is announced; 0 where there are no transactions.
func (p pace) ahead() time.Duration {
	if p.atLeastOnce {
		return 0
	}
	return min(p.interval/2, announceAhead)
}

// afterGathering is at, or a little later if brokers were asked to answer by then: what they have gathered belongs to
// the batch.
func (v view) afterGathering(at time.Time) time.Time {
	last := at
	for _, until := range v.gathering {
		if late := until.Add(v.answerDelay + answerTime); !until.After(at) && late.After(last) {
			last = late
		}
	}
	return last
}

// gather is how long a broker may gather records for the batch: until its next step, less what answers take. What was
// just fetched begins a batch that has nothing yet.
func (p pace) gather(now time.Time, v view) time.Duration {
	opened := v.opened
	if !v.dirty {
		opened = now
	}
	until := opened.Add(p.interval)
	if ahead := until.Add(-p.ahead()); v.due.IsZero() && now.Add(leastGather).Before(ahead) {
		until = ahead
	}
	// which is what the protocol can say
	return max(until.Sub(now)-v.answerDelay, leastGather).Truncate(time.Millisecond)
}
