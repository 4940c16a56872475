package bench

// figures are what the pipeline says of itself, in its metrics; all partitions together.
type figures struct {
	transactions   float64 // committed
	verifications  float64 // remembered
	stateBytes     float64 // their memory
	restores       float64 // partitions whose state has been read
	restoreSeconds float64 // of all of them, though they are read side by side
}

func (l *line) figures() (f figures, err error) {
	families, err := l.pipeline.Metrics.Gather()
	if err != nil {
		return f, err
	}
	for _, family := range families {
		for _, m := range family.GetMetric() {
			switch family.GetName() {
			case "verdict_transactions_total":
				if m.GetLabel()[0].GetValue() == "committed" {
					f.transactions += m.GetCounter().GetValue()
				}
			case "verdict_state_verifications":
				f.verifications += m.GetGauge().GetValue()
			case "verdict_state_bytes":
				f.stateBytes += m.GetGauge().GetValue()
			case "verdict_restore_duration_seconds":
				f.restores += float64(m.GetHistogram().GetSampleCount())
				f.restoreSeconds += m.GetHistogram().GetSampleSum()
			}
		}
	}
	return f, nil
}
