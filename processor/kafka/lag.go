package kafka

import "strconv"

// setLag reports how far the committed offset is behind the end of the partition, once that is known.
func (m *Metrics) setLag(p *partition) {
	end := p.ends()
	if end == unknown {
		return
	}
	m.lag.WithLabelValues(p.topic, strconv.Itoa(int(p.id))).Set(float64(max(0, end-p.from())))
}
