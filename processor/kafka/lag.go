package kafka

import "strconv"

// setLag reports how far the committed offset is behind the end of the partition, once that is known.
func (m *Metrics) setLag(p *partition) {
	if p.end == unknown {
		return
	}
	m.lag.WithLabelValues(p.topic, strconv.Itoa(int(p.id))).Set(float64(max(0, p.end-p.from())))
}
