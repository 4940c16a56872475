package kafka

import (
	"strconv"
	"strings"

	"github.com/prometheus/client_golang/prometheus"

	"verdict/processor"
)

// stateMetrics are those of what is remembered. Without state they stay at zero.
type stateMetrics struct {
	transitions    *prometheus.CounterVec
	unfollowed     *prometheus.CounterVec
	restores       *prometheus.CounterVec
	restoreSeconds prometheus.Histogram
	rewinds        *prometheus.CounterVec
	remembered     *prometheus.GaugeVec
	stateBytes     *prometheus.GaugeVec
}

func newStateMetrics(reg prometheus.Registerer) stateMetrics {
	counter := func(name, help, label string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: "verdict", Name: name, Help: help},
			[]string{label})
	}
	byPartition := func(name, help string) *prometheus.GaugeVec {
		return prometheus.NewGaugeVec(prometheus.GaugeOpts{Namespace: "verdict", Name: name, Help: help},
			[]string{"topic", "partition"})
	}
	var m stateMetrics
	m.transitions = counter("transitions_total", "Decided events by how they follow what is known of their "+
		"verification; a repeat has no decision. Only with state.", "transition")
	m.unfollowed = counter("unfollowed_total", "Decided events that say less than they could with all that was ever "+
		"known, by why: no_key (decided without state), forgotten (older than what is remembered), charge_lost (of an "+
		"attempt that is no longer remembered), notice_lost (overdue, and its raw record is gone, or the "+
		"notice too large for its topic), notice_moved (overdue, and its raw record is in another partition, from "+
		"before some were added). Only with state.", "why")
	m.restores = counter("restores_total", "Times that the state of a partition was taken up: warm (it was there), "+
		"caught_up (some was read), full (all was read).", "kind")
	m.restoreSeconds = prometheus.NewHistogram(prometheus.HistogramOpts{Namespace: "verdict",
		Name: "restore_duration_seconds", Help: "From the offset of a partition being known to its state being " +
			"restored.",
		Buckets: []float64{.1, 1, 5, 30, 300, 1800}})
	m.rewinds = counter("rewinds_total", "Times that the group's offset of a partition was behind its state, or gone: "+
		"nothing was decided again.", "topic")
	m.remembered = byPartition("state_verifications", "Verifications of a partition that are remembered, for the "+
		"partitions that this instance has.")
	m.stateBytes = byPartition("state_bytes", "Memory that what is remembered of a partition takes.")
	reg.MustRegister(m.transitions, m.unfollowed, m.restores, m.restoreSeconds, m.rewinds, m.remembered, m.stateBytes)
	m.zero()
	return m
}

func (m *stateMetrics) zero() {
	for _, t := range processor.Transitions() {
		m.transitions.WithLabelValues(strings.ToLower(t.String()))
	}
	for _, why := range []string{unfollowedNoKey, unfollowedForgotten, unfollowedCharge, unfollowedNotice,
		unfollowedMoved} {
		m.unfollowed.WithLabelValues(why)
	}
	for _, kind := range []string{restoreWarm, restoreCatchUp, restoreFull} {
		m.restores.WithLabelValues(kind)
	}
}

// Why state does not do for an event what it could.
const (
	unfollowedNoKey     = "no_key"
	unfollowedForgotten = "forgotten"
	unfollowedCharge    = "charge_lost"
	unfollowedNotice    = "notice_lost"
	unfollowedMoved     = "notice_moved"
)

// setState reports how much is remembered of a partition's verifications.
func (m *stateMetrics) setState(p *partition) {
	id := strconv.Itoa(int(p.id))
	m.remembered.WithLabelValues(p.topic, id).Set(float64(p.memory.store.Len()))
	m.stateBytes.WithLabelValues(p.topic, id).Set(float64(p.memory.store.Bytes()))
}
