package kafka

import "strconv"

// setLag reports how far the committed offset is behind the end of the partition.
func (m *Metrics) setLag(p *partition) {
	m.lag.WithLabelValues(p.topic, strconv.Itoa(int(p.id))).Set(float64(max(0, p.end-p.from())))
}
