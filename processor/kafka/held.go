package kafka

import (
	"time"

	"go.uber.org/zap"

	"verdict/processor/kafka/cluster"
)

// held says why a partition is held back, if it is.
type held struct {
	err         error
	unreachable bool // it cannot be fetched; as soon as it can, it goes on
	attempts    int  // failures in a row
}

// heldBack holds partitions back and lets them go on, and tells log, metrics and readiness.
type heldBack struct {
	log     *zap.Logger
	metrics *Metrics
	status  *status
	ledger  *ledger
}

// hold keeps a partition back from the record at its position on; the others go on. It is tried again after a pause,
// for as long as it takes: the world is broken, not the record.
func (h *heldBack) hold(p *partition, err error) {
	p.held.attempts++
	p.fetching.pausedUntil = time.Now().Add(cluster.Pause(p.held.attempts))
	first := p.held.err == nil
	if first {
		h.metrics.held.Inc()
	}
	p.held.err = err
	h.status.hold(p, err)
	h.ledger.tell(p, time.Now())
	h.metrics.errors.WithLabelValues(errorProcess).Inc()
	if first || p.held.attempts%10 == 0 {
		h.log.Warn("a partition is held back; trying again", p.field(), zap.Int64("offset", p.position),
			zap.Int("attempts", p.held.attempts), zap.Error(err))
	}
}

// holdUnreachable is for a partition that cannot be fetched.
func (h *heldBack) holdUnreachable(p *partition, err error) {
	p.held.unreachable = true
	h.hold(p, err)
}

// holdState keeps a partition back because its state is not to be had, and says when to try again.
func (h *heldBack) holdState(p *partition, err error) time.Time {
	h.hold(p, err)
	return p.fetching.pausedUntil
}

// release lets a held partition go on.
func (h *heldBack) release(p *partition) {
	p.held.attempts, p.fetching.looks = 0, 0
	if p.held.err != nil {
		h.forget(p)
		h.log.Info("a partition goes on", p.field(), zap.Int64("offset", p.position))
	}
}

// reached releases a partition that was held back because it could not be fetched.
func (h *heldBack) reached(p *partition) {
	if p.held.err == nil || p.held.unreachable {
		h.release(p)
	}
}

// forget takes a partition out of metrics and readiness.
func (h *heldBack) forget(p *partition) {
	if p.held.err == nil {
		return
	}
	p.held.err, p.held.unreachable = nil, false
	h.metrics.held.Dec()
	h.status.release(p)
	h.ledger.tell(p, time.Now())
}
