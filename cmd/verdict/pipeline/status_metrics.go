package pipeline

import (
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"verdict/processor/kafka"
)

// statusMetrics show what an instance says of itself, as it is when somebody looks: ages grow while nothing happens, so
// they cannot be set when something does.
type statusMetrics struct {
	status     func() kafka.Status
	ready      *prometheus.Desc
	lastCommit *prometheus.Desc
	restoring  *prometheus.Desc
	oldest     *prometheus.Desc
}

func newStatusMetrics(status func() kafka.Status) *statusMetrics {
	desc := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc("verdict_"+name, help, labels, nil)
	}
	return &statusMetrics{status: status,
		ready: desc("ready", "1 while /readyz answers that it is ready, 0 while it says why not."),
		lastCommit: desc("last_commit_timestamp_seconds", "When this instance last committed a transaction that moved "+
			"a partition on; 0: it has not yet. One that takes partitions over alone does not count."),
		restoring: desc("partitions_restoring", "Partitions whose state is being restored: they decide nothing yet."),
		oldest: desc("oldest_undecided_seconds", "For how long the oldest record of a partition has waited that is "+
			"not committed, for the partitions that this instance has; 0: none waits.", "topic", "partition"),
	}
}

// Describe is a Collector's.
func (m *statusMetrics) Describe(to chan<- *prometheus.Desc) {
	to <- m.ready
	to <- m.lastCommit
	to <- m.restoring
	to <- m.oldest
}

// Collect is a Collector's. It waits for nothing.
func (m *statusMetrics) Collect(to chan<- prometheus.Metric) {
	gauge := func(desc *prometheus.Desc, value float64, labels ...string) {
		to <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, value, labels...)
	}
	s, now := m.status(), time.Now()
	ready, lastCommit, restoring := 0.0, 0.0, 0
	if s.Ready {
		ready = 1
	}
	if s.LastCommit != nil {
		lastCommit = float64(s.LastCommit.UnixMilli()) / 1000
	}
	for i := range s.Partitions {
		p, age := &s.Partitions[i], 0.0
		if p.State == kafka.StateRestoring {
			restoring++
		}
		if p.OldestUndecided != nil {
			age = max(0, now.Sub(*p.OldestUndecided).Seconds())
		}
		gauge(m.oldest, age, p.Topic, strconv.Itoa(p.Partition))
	}
	gauge(m.ready, ready)
	gauge(m.lastCommit, lastCommit)
	gauge(m.restoring, float64(restoring))
}

// countRegistryErrors makes the counter of requests to the schema registry that failed, and returns what counts one.
func countRegistryErrors(reg prometheus.Registerer) func() {
	failed := prometheus.NewCounter(prometheus.CounterOpts{Namespace: "verdict", Name: "registry_errors_total",
		Help: "Requests to the schema registry that failed; an answer that it does not know something is none."})
	reg.MustRegister(failed)
	return failed.Inc
}
