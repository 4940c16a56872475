package kafka

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/segmentio/kafka-go"
	"go.uber.org/zap"

	"verdict/processor/kafka/cluster"
	"verdict/processor/kafka/scan"
	"verdict/processor/state"
)

// resume finds out, once the group's stable offsets are known, of which partitions the memory is all there, and has
// that of the others restored beside the unit's work.
func (u *unit) resume() {
	var missing []*partition
	for _, p := range u.partitions {
		m := p.memory
		if m == nil {
			continue
		}
		// The number of the transaction that moved the offset last says what the memory has to be like.
		was := m.ready
		m.ready = m.whole && m.standsFor(p) && !u.lacksChangelog(p) && u.outgrown(p) == nil
		switch {
		case m.ready && !was:
			u.metrics.restores.WithLabelValues(restoreWarm).Inc()
		case !m.ready && !u.restore.underWay(p):
			missing = append(missing, p)
		}
	}
	if len(missing) > 0 {
		u.log.Info("restoring the state of partitions", zap.Int("partitions", len(missing)),
			zap.Int("of", len(u.partitions)))
		u.restore.begin(u.terms.work, missing)
	}
	u.status.restoring(u.number, len(u.restore.pending))
}

// lacksChangelog says whether there is no changelog to write to: all of a unit would fail with it, again and again.
func (u *unit) lacksChangelog(p *partition) bool {
	log, l := p.memory.changelog, u.fetch.layout
	return l.Partitions(p.topic) > 0 && l.Partitions(log.Topic) <= log.Partition
}

// standsFor says whether a memory that is whole is what the group's offset stands for.
func (m *memory) standsFor(p *partition) bool {
	if m.last.Number == 0 { // just begun, and nothing committed yet
		return p.note.Number == 0 && p.committed < 0
	}
	return m.last.Number == p.note.Number && m.last.Offset == p.committed
}

// restored takes up a partition whose changelog has been read to its end, or not.
func (u *unit) restored(r restoredPart) error {
	p, m := r.partition, r.partition.memory
	if r.err != nil {
		return u.notRestored(&r)
	}
	if whole, _ := m.store.Holds(m.last.Sum); !whole && m.used {
		u.readAnew(p, errNotAllHere)
		return nil
	}
	if err := u.agree(p); err != nil {
		if u.ended() {
			return nil
		}
		u.restore.again(p, u.held.holdState(p, err))
		return nil
	}
	m.whole, m.ready, m.used = true, true, true
	u.metrics.setState(p)
	u.restore.done(p)
	u.held.release(p)
	u.ledger.tell(p, time.Now())
	u.status.restoring(u.number, len(u.restore.pending))
	u.log.Info("the state of a partition is there", p.field(), zap.Int("verifications", m.store.Len()),
		zap.Int64("records", r.records), zap.String("kind", r.kind), zap.Duration("took", time.Since(r.began)))
	u.metrics.restores.WithLabelValues(r.kind).Inc()
	u.metrics.restoreSeconds.Observe(time.Since(r.began).Seconds())
	if p.position != unknown && p.position != p.claimed {
		u.batches.filling.touch() // the group, and the position record, go along at the next commit
	}
	return nil
}

// notRestored keeps the partition waiting, and has its changelog read on after a while.
func (u *unit) notRestored(r *restoredPart) error {
	p, err := r.partition, r.err
	if u.ended() {
		return nil
	}
	if errors.Is(err, scan.ErrTruncated) && r.kind == restoreCatchUp {
		u.readAnew(p, err)
		return nil
	}
	if cluster.Classify(err) == cluster.ClassFatal && !u.mayNotRead(err) {
		return err
	}
	err = fmt.Errorf("the state of %s cannot be restored: %w%s", p, err, u.cure(p, err))
	u.restore.again(p, u.held.holdState(p, err))
	return nil
}

// errNotAllHere is why a memory that was caught up with is not whole: this instance had forgotten, by a shorter
// state.retention, what another has remembered since. The changelog has it.
var errNotAllHere = errors.New("what the instance had kept is not all of it")

// readAnew has the changelog read from its beginning: what came since the memory was kept is not enough.
func (u *unit) readAnew(p *partition, why error) {
	u.log.Info("what a partition's state lacks has to be read from the changelog's beginning", p.field(),
		zap.Error(why))
	p.memory.forgetIt(u.cfg.State.Retention, u.current.Load())
	u.restore.again(p, time.Now())
}

// mayNotRead says whether nothing is wrong but that a changelog may not be read. It is as good as not there then, and
// the others go on without it; where there is no right to a topic at all, nothing is told of any.
func (u *unit) mayNotRead(err error) bool {
	_, layoutErr := u.client.Layout(u.terms.work)
	return errors.Is(err, kafka.TopicAuthorizationFailed) && cluster.Classify(layoutErr) != cluster.ClassFatal
}

// cure says what to do about a changelog that cannot be read to its end, where the error does not say it.
func (u *unit) cure(p *partition, err error) string {
	topic := p.memory.changelog.Topic
	reset := fmt.Sprintf("stop the group and run `verdict state reset` to decide all that %s still has anew", p.topic)
	switch {
	case errors.Is(err, state.ErrNewer):
		return "; run that version, or a newer one; to stay with this one, " + reset
	case errors.As(err, new(*unreadError)):
		return "; it was damaged, or something else than Verdict has written it: " + reset
	case errors.Is(err, scan.ErrDamaged):
		return "; of a changelog nothing can be left out: delete its records up to there (kafka-delete-records), " +
			reset
	case !errors.Is(err, scan.ErrMissing):
		return ""
	case u.fetch.layout.Partitions(topic) == 0:
		return "; `verdict topics --create` makes it as it has to be"
	}
	return fmt.Sprintf("; stop the group and run `verdict state rekey`, which gives it as many as %s has, and moves "+
		"what is known", p.topic)
}

// agree holds the group's offset against the changelog's position record: what both stand for must be one cut. The
// error says which of the two is missing something, and what to do.
func (u *unit) agree(p *partition) error {
	m := p.memory
	at, known := m.last, m.last.Number > 0
	begin := fmt.Sprintf("stop the group and run `verdict state begin` to go on without what is not known then, or "+
		"`verdict state reset` to decide all that %s still has anew", p.topic)
	again := strings.Replace(begin, "state begin`", "state begin --again`", 1)
	whole, here := m.store.Holds(at.Sum)
	outgrown := u.outgrown(p)
	switch {
	case !known && p.committed < 0:
		return u.beginState(p)
	case !known:
		return fmt.Errorf("%s: the group is at offset %d, and %s has no position record of it: state was never begun "+
			"for this partition, or its changelog was deleted; %s", p, p.committed, changelogName(m), begin)
	case at.RawTopic != p.topic:
		return fmt.Errorf("%s: %s holds the state of %s: give each raw topic and group a changelog of its own", p,
			changelogName(m), at.RawTopic)
	case p.committed > at.Offset, p.note.Number > at.Number:
		return fmt.Errorf("%s: the group is at offset %d (transaction %d), and %s ends at %d (transaction %d): "+
			"records of it were lost; %s", p, p.committed, p.note.Number, changelogName(m), at.Offset, at.Number,
			again)
	case !whole:
		return fmt.Errorf("%s: %s has lost records in the midst, by a retention that is too short, without "+
			"compaction, or "+
			"by hand: it held %d verifications that cannot be forgotten yet, and %d are there or not all as they "+
			"were; %s",
			p, changelogName(m), at.Sum.Count, here, again)
	case outgrown != nil:
		return outgrown
	case p.committed < at.Offset:
		if err := u.sameTopic(p, &at); err != nil {
			return err
		}
		u.tellRewind(p, at.Offset)
	}
	p.position = at.Offset
	return nil
}

// tellRewind tells that a partition goes on where its state stands, and not where the group does.
func (u *unit) tellRewind(p *partition, offset int64) {
	u.metrics.rewinds.WithLabelValues(p.topic).Inc()
	if p.committed < 0 {
		p.begins = offset
		u.log.Warn("the group has no offset of a partition; going on where its state stands", p.field(),
			zap.Int64("offset", offset))
		return
	}
	u.log.Error("the group's offset is behind what has been decided: nothing is decided again. To decide all of "+
		"it anew, stop the group and run `verdict state reset`", p.field(), zap.Int64("offset", p.committed),
		zap.Int64("decided_up_to", offset))
}

func changelogName(m *memory) string {
	return fmt.Sprintf("%s/%d", m.changelog.Topic, m.changelog.Partition)
}
