package kafka

import (
	"strings"
	"time"

	"verdict/processor"
)

// counts is what became of the records of one transaction, until it is committed.
type counts struct {
	events     map[string]int // by topic
	unread     map[string]int // by topic: records with a field that looks misspelt
	rejections map[processor.RejectionReason]int
	outputs    [processor.NumRoutes]int
	followed   [processor.NumTransitions]int
	unfollowed map[string]int
	timestamps []int64

	vocabularies vocabularyCounts
}

func newCounts() counts {
	return counts{
		events: map[string]int{}, unread: map[string]int{}, rejections: map[processor.RejectionReason]int{},
		unfollowed: map[string]int{}, vocabularies: newVocabularyCounts(),
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
	t.follow(res)
	if len(res.Outputs) > 0 { // or else it is a repeat
		t.vocabularies.add(res.Decision, res.Outputs)
	}
}

// follow counts what state makes of a decided event.
func (t *counts) follow(res *processor.Result) {
	switch {
	case res.Followed:
		t.followed[res.Decision.Lifecycle.Transition]++
	case res.Keyless:
		t.unfollowed[unfollowedNoKey]++
	}
	if res.Effects.Forgotten {
		t.unfollowed[unfollowedForgotten]++
	}
	if res.Effects.ChargeLost {
		t.unfollowed[unfollowedCharge]++
	}
}

// report adds the counts to the metrics.
func (t *counts) report(m *Metrics, now time.Time) {
	for topic, n := range t.events {
		m.events.WithLabelValues(topic).Add(float64(n))
		m.unread.WithLabelValues(topic).Add(float64(t.unread[topic]))
	}
	t.vocabularies.report(m)
	for reason, n := range t.rejections {
		m.deadLetters.WithLabelValues(reason.String()).Add(float64(n))
	}
	for _, route := range processor.Routes() {
		if n := t.outputs[route]; n > 0 {
			m.published.WithLabelValues(route.String()).Add(float64(n))
		}
	}
	for _, transition := range processor.Transitions() {
		if n := t.followed[transition]; n > 0 {
			m.transitions.WithLabelValues(strings.ToLower(transition.String())).Add(float64(n))
		}
	}
	for why, n := range t.unfollowed {
		m.unfollowed.WithLabelValues(why).Add(float64(n))
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
	clear(t.rejections)
	clear(t.unfollowed)
	t.followed = [processor.NumTransitions]int{}
	t.outputs = [processor.NumRoutes]int{}
	t.timestamps = t.timestamps[:0]
	t.vocabularies.reset()
}
