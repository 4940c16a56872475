package kafka

import (
	"context"
	"time"

	"go.uber.org/zap"

	"verdict/processor/kafka/cluster"
)

// unready is why an instance cannot make progress.
type unready struct {
	why
	error
}

func (u *unready) Unwrap() error { return u.error }

// why is a kind of reason. What a reason counts may change from second to second; its kind is what a person is told of.
type why int

const (
	whyJoining   why = iota + 1 // it and the next two are steps on the way
	whyStarting                 // offsets are looked up
	whyRestoring                // state is restored
	whyUnlooked
	whyNoGroup
	whyStalled
	whyNoRaw
	whyNoOutput
	whyHeld
)

// onTheWay says whether an instance that begins passes through it.
func (w why) onTheWay() bool { return w <= whyRestoring }

const (
	readinessLook     = 250 * time.Millisecond
	readinessSettled  = 500 * time.Millisecond // what is over before is not told of
	readinessQuiet    = 10 * time.Second       // one kind of reason is not told of more often
	readinessReminder = time.Minute            // while it lasts
)

// readinessLog tells in the log of each change of readiness: a warning with the reason, and when it is over. A step on
// the way is no warning until it has lasted for a minute.
type readinessLog struct {
	log   *zap.Logger
	since time.Time         // of not being ready
	kind  why               // of the reason; 0: it is ready
	began time.Time         // of the kind of reason
	told  bool              // of that kind, since it began
	owes  bool              // to tell that it is ready
	last  map[why]time.Time // when each was told
}

func newReadinessLog(log *zap.Logger, now time.Time) *readinessLog {
	return &readinessLog{log: log, since: now, kind: whyJoining, began: now, owes: true, last: map[why]time.Time{}}
}

// look takes in what readiness is now; nil: it is ready.
func (l *readinessLog) look(is *unready, now time.Time) {
	switch {
	case is == nil && l.kind == 0:
	case is == nil:
		if l.owes {
			l.log.Info("ready", zap.Duration("after", l.lasted(now)))
		}
		l.kind, l.owes = 0, false
	default:
		l.unready(is, now)
	}
}

func (l *readinessLog) unready(is *unready, now time.Time) {
	if l.kind == 0 {
		l.since = now
	}
	kind := is.why
	if kind.onTheWay() {
		kind = whyJoining // they follow each other, be it in a circle
	}
	if kind != l.kind {
		l.kind, l.began, l.told = kind, now, false
	}
	pause := readinessQuiet
	if l.told {
		pause = readinessReminder
	}
	if now.Sub(l.began) < readinessSettled || now.Sub(l.last[kind]) < pause {
		return
	}
	level := zap.WarnLevel
	if is.onTheWay() && !l.told {
		level = zap.InfoLevel
	}
	l.log.Log(level, "not ready", zap.Duration("for", l.lasted(now)), zap.Error(is.error))
	l.told, l.owes, l.last[kind] = true, true, now
}

func (l *readinessLog) lasted(now time.Time) time.Duration {
	return now.Sub(l.since).Round(100 * time.Millisecond)
}

// tellReadiness follows readiness until the runner ends.
func (r *Runner) tellReadiness(ctx context.Context) {
	told := newReadinessLog(r.log, time.Now())
	for {
		now := time.Now()
		is := r.status.unready()
		told.look(is, now)
		r.ledger.turn(is == nil, now)
		if !cluster.Sleep(ctx, readinessLook) {
			return
		}
	}
}
