package kafka

import (
	"fmt"
	"time"

	"github.com/segmentio/kafka-go/protocol/listoffsets"

	"verdict/processor/kafka/cluster"
)

// A partition that the group has no offset of begins at its earliest record. Its leader is asked for that beside the unit's work:
// one that cannot be asked now keeps none of the others waiting. Until then its position is unknown, and it is neither fetched nor
// committed. A restart looks for the group's offset again, as of all partitions.

// unknown is the position of a partition whose beginning is not known yet.
const unknown = -1

// soughtResult is one leader's answer to where partitions begin.
type soughtResult struct {
	partitions []*partition
	answer     *listoffsets.Response
	err        error
}

// seek asks a leader for the beginning of partitions; the result comes through u.sought.
func (u *unit) seek(list []*partition) {
	for _, p := range list {
		p.seeking = true
	}
	req := listOffsets(list, timestampEarliest)
	ctx := u.ctx
	u.fetching.Go(func() {
		answer, err := cluster.Ask[*listoffsets.Response](ctx, u.client, req)
		select {
		case u.sought <- soughtResult{list, answer, err}:
		case <-ctx.Done():
		}
	})
}

// found puts partitions at their beginning and claims them, before a record of theirs is read. A partition whose beginning is not
// to be had is asked for again after a pause.
func (u *unit) found(s soughtResult) error {
	for _, p := range s.partitions {
		p.seeking = false
		if p.position != unknown {
			continue // a restart has found the group's offset
		}
		earliest, err := s.beginning(p)
		switch {
		case err == nil:
			p.position = earliest
			if p.held == nil || p.unreachable {
				u.release(p)
			}
		case u.ended():
			return nil
		case cluster.Classify(err) == cluster.ClassFatal:
			return err
		default:
			u.stumble(p, err)
		}
	}
	return u.claim()
}

func (s *soughtResult) beginning(p *partition) (int64, error) {
	if s.err != nil {
		return 0, fmt.Errorf("where %s begins: %w", p, s.err)
	}
	return offsetOf(p, s.answer)
}

// stumble pauses a partition that its leader says nothing of. One that has moved is no reason to hold it back.
func (u *unit) stumble(p *partition, err error) {
	u.metrics.failed(cluster.Classify(err))
	u.layout.ReadAt = time.Time{}
	if p.stumbles < 2 {
		p.stumbles++
		p.pausedUntil = time.Now().Add(cluster.Pause(p.stumbles))
		return
	}
	p.unreachable = true
	u.hold(p, err)
}
