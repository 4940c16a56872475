package kafka

import (
	"time"

	"verdict/processor"
)

// counts is what became of the records of one transaction, until it is committed.
type counts struct {
	events     map[string]int // by topic
	unread     map[string]int // by topic: records with a field that looks misspelt
	decisions  map[countedKind]*decisionCount
	rejections map[processor.RejectionReason]int
	anomalies  [16]int
	outputs    [processor.NumRoutes]int
	timestamps []int64
}

type countedKind struct {
	vocabulary              string
	outcome, category, flag uint8
}

type decisionCount struct {
	n                       int
	outcome, category, flag string
}

func newCounts() counts {
	return counts{
		events: map[string]int{}, unread: map[string]int{}, decisions: map[countedKind]*decisionCount{},
		rejections: map[processor.RejectionReason]int{},
	}
}

func (t *counts) add(r *processor.Record, res *processor.Result) {
	t.events[r.Topic]++
	if res.Unread {
		t.unread[r.Topic]++
	}
	t.timestamps = append(t.timestamps, r.Timestamp)
	for i := range res.Outputs {
		t.outputs[res.Outputs[i].Route]++
	}
	if res.Rejection != nil {
		t.rejections[res.Rejection.Reason]++
		return
	}
	d := res.Decision
	kind := countedKind{d.Vocabulary, uint8(d.Outcome), uint8(d.Category), uint8(d.Billing.Flag)}
	count := t.decisions[kind]
	if count == nil {
		count = &decisionCount{outcome: d.Outcome.String(), category: d.Category.String(),
			flag: d.Billing.Flag.String()}
		t.decisions[kind] = count
	}
	count.n++
	for set := d.Anomalies; set.Len() > 0; {
		var a processor.Anomaly
		a, set = set.Next()
		t.anomalies[a]++
	}
}

// report adds the counts to the metrics.
func (t *counts) report(m *Metrics, now time.Time) {
	for topic, n := range t.events {
		m.events.WithLabelValues(topic).Add(float64(n))
		m.unread.WithLabelValues(topic).Add(float64(t.unread[topic]))
	}
	for kind, c := range t.decisions {
		m.decisions.WithLabelValues(kind.vocabulary, c.outcome, c.category, c.flag).Add(float64(c.n))
	}
	for reason, n := range t.rejections {
		m.deadLetters.WithLabelValues(reason.String()).Add(float64(n))
	}
	for _, a := range processor.Anomalies() {
		if n := t.anomalies[a]; n > 0 {
			m.anomalies.WithLabelValues(anomalyLabel(a)).Add(float64(n))
		}
	}
	for _, route := range processor.Routes() {
		if n := t.outputs[route]; n > 0 {
			m.published.WithLabelValues(route.String()).Add(float64(n))
		}
	}
	millis := now.UnixMilli()
	for _, ts := range t.timestamps {
		if ts > 0 {
			m.endToEnd.Observe(float64(max(0, millis-ts)) / 1000)
		}
	}
}

func (t *counts) reset() {
	clear(t.events)
	clear(t.unread)
	clear(t.decisions)
	clear(t.rejections)
	t.anomalies, t.outputs = [16]int{}, [processor.NumRoutes]int{}
	t.timestamps = t.timestamps[:0]
}
