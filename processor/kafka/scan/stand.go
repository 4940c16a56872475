package scan

import (
	"errors"
	"time"

	"verdict/processor/kafka/cluster"
	"verdict/processor/kafka/wire"
)

// standing is what is remembered of a partition that does not move.
type standing struct {
	stopped     time.Time // when it last moved, or soon after
	reason      error     // of a Problem
	since       time.Time // since when it has been this one
	tries       int
	pausedUntil time.Time

	queued time.Time // since when it could be asked for: its pause is over, or its last answer was processed

	alone  bool  // it is asked for alone, to see whether there is anything
	stable int64 // not 0: then for all records, committed or not, to see what comes before this last stable offset
}

// moved forgets why it stood.
func (p *partition) moved() {
	p.standing, p.at.Waits = standing{}, nil
}

// waited leaves out of what counts against a leader the time since then: the partition stood because others were asked
// for or processed. An open transaction grows older meanwhile.
func (p *partition) waited(since time.Time) {
	now := time.Now()
	if since.Before(p.queued) {
		since = p.queued // what is before has been counted, or left out
	}
	if p.stopped.IsZero() || errors.Is(p.reason, ErrOpenTransaction) || since.After(now) {
		return
	}
	d := now.Sub(since)
	p.since, p.stopped, p.queued = p.since.Add(d), p.stopped.Add(d), now
}

// stand pauses a partition that cannot go on because of why. If that has lasted as long as limit, or one reason has
// followed another for as long as any may last, it is given up; the problem comes back if it ends the scan.
func (l *loop) stand(p *partition, why *Problem, limit time.Duration, pause func(int) time.Duration) error {
	now := time.Now()
	if p.stopped.IsZero() {
		p.stopped = now
	}
	if !errors.Is(why.Reason, p.reason) {
		p.standing = standing{stopped: p.stopped, reason: why.Reason, since: now}
	}
	p.at.Waits = why
	left := min(limit-now.Sub(p.since), l.opts.Patience+max(l.opts.OpenWait, 0)-now.Sub(p.stopped))
	if left <= 0 {
		return l.fail(p, why)
	}
	p.tries++
	p.pausedUntil = now.Add(min(pause(p.tries), left))
	p.queued = p.pausedUntil
	return nil
}

// lacksLeader is for a partition that no broker leads, or that is not there.
func (l *loop) lacksLeader(p *partition) error {
	l.layout.ReadAt = time.Time{}
	partitions := l.layout.Partitions(p.of.Topic)
	switch {
	case l.layoutErr != nil && partitions == 0:
		return l.stand(p, nobodyKnows(&p.of, p.at.Position, l.layoutErr), l.opts.Patience, cluster.Pause)
	case p.of.Partition >= partitions:
		return l.stand(p, missing(&p.of, partitions), min(missingAfter, l.opts.Patience), cluster.Pause)
	}
	return l.stand(p, leaderless(&p.of, p.at.Position), l.opts.Patience, cluster.Pause)
}

// silent is for a partition whose leader gave no answer, or one that another try may better. The first tries come at
// once: most such failures are a connection that was closed meanwhile, or a leader that has moved.
func (l *loop) silent(p *partition, leader int32, err error) error {
	l.layout.ReadAt = time.Time{}
	p.next = p.at.Position
	if cluster.Classify(err) == cluster.ClassFatal {
		return l.fail(p, refused(&p.of, p.at.Position, err))
	}
	return l.stand(p, unreachable(&p.of, p.at.Position, leader, err), l.opts.Patience, cluster.QuickPause)
}

// shrunkAfter is how long a log may seem to end before a place that it had: a new leader may not know its own end yet.
const shrunkAfter = 5 * time.Second

// lacks is for a place that is not in the log, which ends at end.
func (l *loop) lacks(p *partition, place, end int64) error {
	return l.stand(p, shrunk(&p.of, p.at.Position, place, end), min(shrunkAfter, l.opts.Patience), cluster.Pause)
}

// nothingCame finds out why an answer brought no batch of a partition.
func (l *loop) nothingCame(p *partition, a *answer, part *wire.FetchedPartition) error {
	stable := min(part.LastStableOffset, p.at.End)
	switch {
	case part.HighWatermark < p.at.End:
		return l.lacks(p, p.at.End-1, part.HighWatermark)
	case p.at.Position >= stable:
		return l.stand(p, openTransaction(&p.of, stable, p.at.End), l.opts.OpenWait, cluster.SoonPause)
	case a.brought && a.asked[0].partition != p:
		return nil // the broker has spent its bytes on others; it comes first in time
	case part.LastStableOffset >= part.HighWatermark || len(part.RecordSet) > 0:
		stable = 0 // there is no open transaction to show a hole by, or a batch has come in part
	}
	return l.askAlone(p, a.leader, part.HighWatermark, stable)
}

// weigh is for an answer to a question for all records, those that are not committed included. If the first batch is
// behind all that a reader of committed records can have come, compaction has removed what was there. If it is not, or
// none comes, the leader withholds something.
func (l *loop) weigh(p *partition, a *answer, part *wire.FetchedPartition) error {
	for set := []byte(part.RecordSet); len(set) > 0; {
		b, rest, err := wire.ReadBatch(set)
		if err != nil || b.NextOffset > p.at.Position && b.BaseOffset < a.stable {
			break
		}
		if b.NextOffset > p.at.Position {
			p.skip(a.stable)
			l.advance(p, a.stable)
			p.next = p.at.Position
			return nil
		}
		set = rest
	}
	return l.askAlone(p, a.leader, part.HighWatermark, 0)
}

// askAlone has the partition, whose log goes on to high, asked for alone, after a pause; for stable see standing.
func (l *loop) askAlone(p *partition, leader int32, high, stable int64) error {
	err := l.stand(p, withheld(&p.of, p.at.Position, leader, high), l.opts.Patience, cluster.Pause)
	p.alone, p.stable = true, stable
	return err
}
