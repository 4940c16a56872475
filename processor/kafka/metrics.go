package kafka

import (
	"github.com/prometheus/client_golang/prometheus"

	"verdict/processor"
	"verdict/processor/kafka/cluster"
)

// Metrics of a runner. What became of records is counted after the commit of the transaction that they were part of, so
// that an abort counts nothing twice; a commit whose answer was lost is not counted. At least once, it is counted when
// it has been published, and what is published again is counted again.
type Metrics struct {
	events      *prometheus.CounterVec
	unread      *prometheus.CounterVec
	deadLetters *prometheus.CounterVec
	published   *prometheus.CounterVec
	truncations *prometheus.CounterVec
	truncated   *prometheus.CounterVec

	transactions *prometheus.CounterVec
	batchRecords prometheus.Histogram
	batchSeconds prometheus.Histogram
	commitTime   prometheus.Histogram
	endToEnd     prometheus.Histogram

	lag        *prometheus.GaugeVec
	assigned   prometheus.Gauge
	units      prometheus.Gauge
	held       prometheus.Gauge
	stalled    prometheus.Gauge
	rebalances prometheus.Counter
	errors     *prometheus.CounterVec
	aborts     prometheus.Gauge

	vocabularyMetrics
	stateMetrics
	decided products
}

// NewMetrics registers the metrics with reg and sets all that can be known beforehand to zero; vocabularies are the
// names of the catalog's vocabularies.
func NewMetrics(reg prometheus.Registerer, vocabularies []string) *Metrics {
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: "verdict", Name: name, Help: help}, labels)
	}
	gauge := func(name, help string) prometheus.Gauge {
		return prometheus.NewGauge(prometheus.GaugeOpts{Namespace: "verdict", Name: name, Help: help})
	}
	histogram := func(name, help string, buckets []float64) prometheus.Histogram {
		return prometheus.NewHistogram(prometheus.HistogramOpts{Namespace: "verdict", Name: name, Help: help,
			Buckets: buckets})
	}
	m := &Metrics{
		events: counter("events_total", "Raw records read and committed, by raw topic.", "topic"),
		unread: counter("unread_fields_total", "Raw records that lack a field and have one that is not read, whose "+
			"name looks like it: riskCode, for risk_code. By raw topic.", "topic"),
		deadLetters: counter("dead_letters_total", "Records that could not be decided, by reason.", "reason"),
		published:   counter("published_total", "Records published, by route.", "route"),
		truncations: counter("truncations_total",
			"Times that a partition went on at its earliest record, because the next one to read was gone.", "topic"),
		truncated: counter("truncated_offsets_total",
			"Offsets passed over, because they were removed before they were decided.", "topic"),

		transactions: counter("transactions_total",
			"Transactions by how they ended; with at_least_once, batches published, and commits of offsets by "+
				"themselves.", "result"),
		batchRecords: histogram("batch_records", "Raw records in one transaction.",
			prometheus.ExponentialBuckets(1, 8, 6)),
		batchSeconds: histogram("batch_duration_seconds", "From a transaction's first record being read to its commit.",
			[]float64{.01, .05, .25, 1, 5}),
		commitTime: histogram("commit_duration_seconds", "What publishing and committing one transaction takes.",
			[]float64{.0025, .01, .025, .05, .1, .25, .5, 1, 2.5, 10}),
		endToEnd: histogram("end_to_end_latency_seconds",
			"From a raw record's timestamp to the commit, or at least once the publishing, of what came out of it.",
			[]float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 60, 300, 3600}),

		lag: prometheus.NewGaugeVec(prometheus.GaugeOpts{Namespace: "verdict", Name: "lag_records",
			Help: "Records of a partition that are not committed yet, for the partitions that this instance has."},
			[]string{"topic", "partition"}),
		assigned: gauge("partitions_assigned", "Partitions that this instance has."),
		units: gauge("units", "Units at work side by side, each with its share of the partitions and a "+
			"transaction of its own."),
		held: gauge("partitions_held", "Partitions held back because a record of theirs cannot be processed at "+
			"the moment."),
		stalled: gauge("units_stalled", "Shares of the partitions whose transaction has not come to its end, or "+
			"could not begin, for two seconds or more."),
		rebalances: prometheus.NewCounter(prometheus.CounterOpts{Namespace: "verdict", Name: "rebalances_total",
			Help: "Times that partitions were assigned anew."}),
		errors: counter("errors_total", errorsHelp, "class"),
		aborts: gauge("consecutive_aborts", "Transactions that did not commit since one did, of the unit that has "+
			"most of them."),
	}
	m.stateMetrics = newStateMetrics(reg)
	m.vocabularyMetrics = newVocabularyMetrics(reg)
	reg.MustRegister(m.events, m.unread, m.deadLetters, m.published, m.truncations, m.truncated, m.transactions,
		m.batchRecords, m.batchSeconds, m.commitTime, m.endToEnd, m.lag, m.assigned, m.units, m.held, m.stalled,
		m.rebalances, m.errors, m.aborts)
	m.zero()
	m.begin(vocabularies)
	return m
}

func (m *Metrics) zero() {
	for _, r := range processor.RejectionReasons() {
		m.deadLetters.WithLabelValues(r.String())
	}
	for _, r := range processor.Routes() {
		m.published.WithLabelValues(r.String())
	}
	for _, result := range []string{resultCommitted, resultAborted} {
		m.transactions.WithLabelValues(result)
	}
	for _, c := range cluster.Classes() {
		m.errors.WithLabelValues(c.String())
	}
	m.errors.WithLabelValues(errorProcess)
}

const (
	resultCommitted = "committed"
	resultAborted   = "aborted"
	errorProcess    = "process" // processing failed, the partition is held back
)

const errorsHelp = "Errors of Kafka and of processing, by what is done about them: retry (the same again), restart " +
	"(processing from the last commit), fenced (the same, or another process has the transactional id), rejoin (of " +
	"the group), unstable (waiting for another's transaction), too_large (split, or a dead letter), process (the " +
	"partition is held back), fatal (the process ends)."

// topic sets what is counted of a raw topic to zero.
func (m *Metrics) topic(name string) {
	for _, of := range []*prometheus.CounterVec{m.events, m.unread, m.truncations, m.truncated, m.rewinds} {
		of.WithLabelValues(name)
	}
}

func (m *Metrics) failed(c cluster.Class) { m.errors.WithLabelValues(c.String()).Inc() }
