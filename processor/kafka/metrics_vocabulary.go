package kafka

import (
	"strings"

	"github.com/prometheus/client_golang/prometheus"

	"verdict/processor"
)

// vocabularyMetrics are those of what is decided by each vocabulary.
type vocabularyMetrics struct {
	decisions *prometheus.CounterVec
	anomalies *prometheus.CounterVec
	charges   *prometheus.CounterVec
	overdue   *prometheus.CounterVec
}

func newVocabularyMetrics(reg prometheus.Registerer) vocabularyMetrics {
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: "verdict", Name: name, Help: help},
			append([]string{"vocabulary"}, labels...))
	}
	m := vocabularyMetrics{
		decisions: counter("decisions_total", "Decisions published, by vocabulary, outcome, category of the primary "+
			"code and billing flag. A series is there from its first decision on.",
			"outcome", "category", "billing_flag"),
		anomalies: counter("anomalies_total", "Contradictions and gaps found in decided events, by vocabulary and "+
			"kind.", "anomaly"),
		charges: counter("charges_total", "Billing events published, by vocabulary and billing flag.", "billing_flag"),
		overdue: counter("overdue_total", "Notices published that no next word about a verification came in time, by "+
			"vocabulary."),
	}
	reg.MustRegister(m.decisions, m.anomalies, m.charges, m.overdue)
	return m
}

// begin sets what is counted of vocabularies to zero, where it is not counted already. Of decisions there would be more
// than a thousand series, most of which never come: those are made when they are first counted.
func (m *vocabularyMetrics) begin(vocabularies []string) {
	for _, v := range vocabularies {
		for _, a := range processor.Anomalies() {
			m.anomalies.WithLabelValues(v, anomalyLabel(a))
		}
		for _, flag := range processor.BillingFlagNames() {
			m.charges.WithLabelValues(v, flag)
		}
		m.overdue.WithLabelValues(v)
	}
}

func anomalyLabel(a processor.Anomaly) string { return strings.ToLower(a.String()) }

// vocabularyCounts are what was decided by vocabularies in one transaction, until it is committed.
type vocabularyCounts struct {
	decisions map[countedKind]int
	anomalies map[countedAnomaly]int
	charges   map[countedCharge]int
	overdue   map[string]int // by vocabulary
}

type countedKind struct {
	vocabulary string
	product    product
	outcome    processor.Outcome
	category   processor.Category
	flag       processor.BillingFlag
}

type countedAnomaly struct {
	vocabulary string
	anomaly    processor.Anomaly
}

type countedCharge struct {
	vocabulary string
	flag       processor.BillingFlag
}

func newVocabularyCounts() vocabularyCounts {
	return vocabularyCounts{decisions: map[countedKind]int{}, anomalies: map[countedAnomaly]int{},
		charges: map[countedCharge]int{}, overdue: map[string]int{}}
}

// add counts a decision that has outputs.
func (t *vocabularyCounts) add(d *processor.Decision, outputs []processor.Output) {
	t.decisions[countedKind{d.Vocabulary, product{d.Provider, d.Product}, d.Outcome, d.Category, d.Billing.Flag}]++
	for set := d.Anomalies; set.Len() > 0; {
		var a processor.Anomaly
		a, set = set.Next()
		t.anomalies[countedAnomaly{d.Vocabulary, a}]++
	}
	for i := range outputs {
		if outputs[i].Route == processor.RouteBilling {
			t.charges[countedCharge{d.Vocabulary, d.Billing.Flag}]++
		}
	}
}

func (t *vocabularyCounts) report(m *Metrics) {
	for kind, n := range t.decisions {
		m.decided.add(kind.product)
		m.decisions.WithLabelValues(kind.vocabulary, kind.outcome.String(), kind.category.String(), kind.flag.String()).
			Add(float64(n))
	}
	for of, n := range t.anomalies {
		m.anomalies.WithLabelValues(of.vocabulary, anomalyLabel(of.anomaly)).Add(float64(n))
	}
	for of, n := range t.charges {
		m.charges.WithLabelValues(of.vocabulary, of.flag.String()).Add(float64(n))
	}
	for vocabulary, n := range t.overdue {
		m.overdue.WithLabelValues(vocabulary).Add(float64(n))
	}
}

func (t *vocabularyCounts) reset() {
	clear(t.decisions)
	clear(t.anomalies)
	clear(t.charges)
	clear(t.overdue)
}
