package kafka

import "strconv"

// setLag reports how far the committed offset is behind the end of the partition.
func (m *Metrics) setLag(p *partition) {
	from := p.committed
	if from < 0 {
		from = p.position
	}
	m.lag.WithLabelValues(p.topic, strconv.Itoa(int(p.id))).Set(float64(max(0, p.end-from)))
}
